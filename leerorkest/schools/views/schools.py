"""Schools, their groups, who teaches them, and the school years."""

from functools import partial

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from leerorkest.network.actions import load_holidays
from leerorkest.people.access import Actor
from leerorkest.shared import clock
from leerorkest.shared.actions import Refused, record_seen
from leerorkest.shared.pages import PAGE_SIZE, page_of
from leerorkest.shared.prepared import prepared, prepared_test

from .. import access, actions
from ..forms.programme import EndTeachingForm, SchoolYearForm, TeachingForm
from ..models import School
from ..queries import schools as queries

ORDER = ("site__name", "pk")


_may_add, _runs_a_school = prepared_test(access.organisations_to_run), prepared_test(access.schools_to_run)


def _found(actor: Actor, sought: str) -> QuerySet[School]:
    found = queries.with_group_count(access.schools(actor), actor.on)
    for word in sought.split():
        found = found.filter(Q(site__name__icontains=word) | Q(site__town__icontains=word))
    return found


@prepared
def _first(actor: Actor) -> QuerySet[School]:
    """The first page of all schools."""
    return _found(actor, "").order_by(*ORDER)[: PAGE_SIZE + 1]


@require_GET
def schools(request: HttpRequest) -> HttpResponse:
    sought = request.GET.get("q", "").strip()
    found, first = partial(_found, request.actor, sought), partial(_first, request.actor)
    return render(
        request,
        "schools/schools.html",
        {
            "page": page_of(found, request, order=ORDER, first=None if sought else first),
            "sought": sought,
            "may_add": _may_add(request.actor),
            "may_search_children": _runs_a_school(request.actor),
        },
    )


@require_GET
def school(request: HttpRequest, school: int) -> HttpResponse:
    row = access.school(request.actor, school)
    organisation = row.site.organisation
    chosen = request.GET.get("year", "")
    years = queries.school_years(organisation.pk)
    year = next((y for y in years if y.name == chosen), None) or queries.year_of(years, request.actor.on)
    return render(
        request,
        "schools/school.html",
        {
            "school": row,
            "groups": access.groups_of_year(request.actor, row.pk, year.pk) if year else [],
            "year": year,
            "years": years,
            "may_run": access.may_run(request.actor, row),
            "pupil_counts": queries.pupil_counts(row.country, row.scheme, row.code),
            "registered": queries.registered_as.first(row.country, row.scheme, row.code),
            "has_other_holidays": row.holiday_region and row.holiday_region != organisation.holiday_region,
        },
    )


@require_GET
def group(request: HttpRequest, group: int) -> HttpResponse:
    row = access.group(request.actor, group)
    day = min(max(request.actor.on, row.school_year.first_on), row.school_year.last_on)
    memberships = queries.with_playing(access.memberships(request.actor, group=row, on=day), day)
    record_seen(by=request.actor, at=clock.now(), what="seen.group", subject=row)
    may_run = access.may_run(request.actor, row.school)
    return render(
        request,
        "schools/group.html",
        {
            "group": row,
            "memberships": memberships,
            "teachings": queries.teachers_of(row.pk, request.actor.on),
            "may_run": may_run,
            "day": day,
            "today": request.actor.on,
        },
    )


@require_http_methods(["GET", "POST"])
def assign_teacher(request: HttpRequest, group: int) -> HttpResponse:
    row = access.group_to_run(request.actor, group)
    form = TeachingForm(request.POST or None, school=row.school, initial={"from_on": request.actor.on})
    if request.method == "POST" and form.is_valid():
        try:
            actions.assign_teacher(group=row, **form.cleaned_data, by=request.actor, at=clock.now())
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            name = form.cleaned_data["posting"].account.name
            messages.success(request, _("%(name)s teaches %(group)s.") % {"name": name, "group": row.name})
            return redirect("schools:group", row.pk)
    return render(request, "schools/assign_teacher.html", {"form": form, "group": row})


@require_POST
def end_teaching(request: HttpRequest, teaching: int) -> HttpResponse:
    row = access.teaching_to_run(request.actor, teaching)
    form = EndTeachingForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Give the first day without this teacher."))
    else:
        try:
            actions.end_teaching(teaching=row, **form.cleaned_data, by=request.actor, at=clock.now())
        except Refused as refusal:
            messages.error(request, str(refusal))
    return redirect("schools:group", row.group_id)


@require_http_methods(["GET", "POST"])
def years(request: HttpRequest) -> HttpResponse:
    organisation = access.organisation_to_run(request.actor, request.GET.get("organisation", ""))
    form = SchoolYearForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            year = actions.open_school_year(
                organisation=organisation, **form.cleaned_data, by=request.actor, at=clock.now()
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            load_holidays(
                organisation=organisation,
                years=[year.first_on.year, year.last_on.year],
                by=request.actor,
                at=clock.now(),
            )
            messages.success(request, _("School year %(name)s is open.") % {"name": year.name})
            return redirect(f"{request.path}?organisation={organisation.key}")
    return render(
        request,
        "schools/years.html",
        {"form": form, "organisation": organisation, "years": organisation.school_years.order_by("-first_on")},
    )
