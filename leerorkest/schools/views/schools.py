"""Schools, their groups, who teaches them, and the school years."""

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from leerorkest.network.actions import load_holidays
from leerorkest.shared import clock
from leerorkest.shared.actions import Refused, record_seen
from leerorkest.shared.pages import page_of

from .. import access, actions
from ..forms.programme import EndTeachingForm, SchoolYearForm, TeachingForm
from ..models import RegisteredSchool
from ..queries import schools as queries


@require_GET
def schools(request: HttpRequest) -> HttpResponse:
    found = queries.with_group_count(access.schools(request.actor), request.actor.on)
    sought = request.GET.get("q", "").strip()
    for word in sought.split():
        found = found.filter(Q(site__name__icontains=word) | Q(site__town__icontains=word))
    return render(
        request,
        "schools/schools.html",
        {
            "page": page_of(found, request, order=("site__name", "pk")),
            "sought": sought,
            "may_add": access.organisations_to_run(request.actor).exists(),
            "may_search_children": access.schools_to_run(request.actor).exists(),
        },
    )


@require_GET
def school(request: HttpRequest, school: int) -> HttpResponse:
    row = access.school(request.actor, school)
    organisation = row.site.organisation
    chosen = request.GET.get("year", "")
    years = list(organisation.school_years.order_by("-first_on"))
    year = next((y for y in years if y.name == chosen), None) or queries.school_year_on(organisation, request.actor.on)
    groups = access.groups(request.actor).filter(school=row, school_year=year)
    return render(
        request,
        "schools/school.html",
        {
            "school": row,
            "groups": queries.with_child_count(groups, request.actor.on).order_by("grade__position", "name"),
            "year": year,
            "years": years,
            "may_run": access.schools_to_run(request.actor).filter(pk=row.pk).exists(),
            "pupil_counts": queries.pupil_counts(row),
            "registered": RegisteredSchool.objects.filter(
                country=row.country, scheme=row.scheme, code=row.code
            ).first(),
            "has_other_holidays": row.holiday_region and row.holiday_region != organisation.holiday_region,
        },
    )


@require_GET
def group(request: HttpRequest, group: int) -> HttpResponse:
    row = access.group(request.actor, group)
    day = min(max(request.actor.on, row.school_year.first_on), row.school_year.last_on)
    memberships = queries.with_playing(access.memberships(request.actor, group=row, on=day), day)
    record_seen(by=request.actor, at=clock.now(), what="seen.group", subject=row)
    may_run = access.groups_to_run(request.actor).filter(pk=row.pk).exists()
    return render(
        request,
        "schools/group.html",
        {
            "group": row,
            "memberships": memberships,
            "teachings": queries.teachers_of(row, request.actor.on),
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
