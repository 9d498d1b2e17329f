"""The calendar of an organisation and the names of its grades.

Nearly everybody works for one organisation. Who works for more says which with ?organisation=KEY.
"""

from datetime import date

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from leerorkest.shared import clock
from leerorkest.shared.actions import Refused

from . import access, actions, published, queries, rules
from .forms import GradesForm, HolidayForm, PointForm, SiteForm
from .models import Organisation, Site


def _chosen(request: HttpRequest, organisations: QuerySet[Organisation]) -> Organisation:
    key = request.GET.get("organisation", "")
    found = (organisations.filter(key=key) if key else organisations).first()
    if found is None:
        raise Http404
    return found


def _year(text: str) -> int | None:
    year = int(text) if text.isdecimal() and len(text) == 4 else 0  # Python refuses to read thousands of digits
    return year if 2000 <= year <= 2100 else None


def _calendar_of(organisation: Organisation, day: date) -> str:
    return f"{reverse('network:calendar')}?organisation={organisation.key}&from={rules.school_year_of(day)[0].year}"


@require_GET
def calendar(request: HttpRequest) -> HttpResponse:
    organisations = access.organisations(request.actor)
    if not organisations:
        return render(request, "network/calendar.html", {"organisation": None})
    organisation = _chosen(request, organisations)
    first_year = _year(request.GET.get("from", "")) or rules.school_year_of(clock.today())[0].year
    first_on, last_on = date(first_year, 8, 1), date(first_year + 1, 7, 31)
    return render(
        request,
        "network/calendar.html",
        {
            "organisation": organisation,
            "organisations": organisations,
            "months": queries.calendar(organisation, first_on, last_on),
            "first_on": first_on,
            "last_on": last_on,
            "previous": first_year - 1,
            "next": first_year + 1,
            "may_change": access.organisations_in_charge(request.actor).filter(pk=organisation.pk).exists(),
            "publishes_school_holidays": organisation.country == "NL"
            and organisation.holiday_region in published.NL_REGIONS,
        },
    )


@require_POST
def load_holidays(request: HttpRequest) -> HttpResponse:
    organisation = _chosen(request, access.organisations_in_charge(request.actor))
    year = _year(request.POST.get("from", "")) or clock.today().year
    loaded = actions.load_holidays(organisation=organisation, years=[year, year + 1], by=request.actor, at=clock.now())
    messages.success(
        request,
        _("Added: %(added)s. Moved: %(moved)s. Left as they were: %(kept)s.")
        % {"added": loaded.added, "moved": loaded.moved, "kept": loaded.kept},
    )
    return redirect(_calendar_of(organisation, date(year, 8, 1)))


@require_http_methods(["GET", "POST"])
def add_holiday(request: HttpRequest) -> HttpResponse:
    organisation = _chosen(request, access.organisations_in_charge(request.actor))
    form = HolidayForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            holiday = actions.add_holiday(
                organisation=organisation, **form.cleaned_data, by=request.actor, at=clock.now()
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("%(name)s stands in the calendar.") % {"name": holiday.name})
            return redirect(_calendar_of(organisation, holiday.first_on))
    return render(request, "network/holiday.html", {"form": form, "organisation": organisation})


@require_http_methods(["GET", "POST"])
def change_holiday(request: HttpRequest, holiday: int) -> HttpResponse:
    row = access.holiday_in_charge(request.actor, holiday)
    form = HolidayForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_holiday(holiday=row, **form.cleaned_data, by=request.actor, at=clock.now())
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("%(name)s is changed.") % {"name": row.name})
            return redirect(_calendar_of(row.organisation, row.first_on))
    return render(request, "network/holiday.html", {"form": form, "holiday": row, "organisation": row.organisation})


@require_POST
def confirm_holiday(request: HttpRequest, holiday: int) -> HttpResponse:
    row = access.holiday_in_charge(request.actor, holiday)
    actions.confirm_holiday(holiday=row, by=request.actor, at=clock.now())
    return redirect(_calendar_of(row.organisation, row.first_on))


@require_POST
def remove_holiday(request: HttpRequest, holiday: int) -> HttpResponse:
    row = access.holiday_in_charge(request.actor, holiday)
    there = _calendar_of(row.organisation, row.first_on)
    actions.remove_holiday(holiday=row, by=request.actor, at=clock.now())
    messages.success(request, _("%(name)s is taken out of the calendar.") % {"name": row.name})
    return redirect(there)


@require_http_methods(["GET", "POST"])
def grades(request: HttpRequest) -> HttpResponse:
    organisation = _chosen(request, access.organisations_in_charge(request.actor))
    form = GradesForm(request.POST or None, organisation=organisation)
    if request.method == "POST" and form.is_valid():
        try:
            actions.name_grades(organisation=organisation, names=form.names, by=request.actor, at=clock.now())
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The grades have their names."))
            return redirect(f"{reverse('network:grades')}?organisation={organisation.key}")
    return render(request, "network/grades.html", {"form": form, "organisation": organisation})


@require_http_methods(["GET", "POST"])
def sites(request: HttpRequest) -> HttpResponse:
    """Depots, workshops, halls and vans of an organisation, and the form that opens one more."""
    organisation = _chosen(request, access.organisations_in_charge(request.actor))
    form = SiteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            site = actions.open_site(organisation=organisation, **form.cleaned_data, by=request.actor, at=clock.now())
        except Refused as refusal:
            form.add_error("name", str(refusal))
        else:
            messages.success(request, _("%(name)s is open: it can keep instruments from now on.") % {"name": site.name})
            return redirect(f"{reverse('network:sites')}?organisation={organisation.key}")
    own = organisation.sites.exclude(sort=Site.SCHOOL).order_by("closed_on", "name")[:500]
    return render(request, "network/sites.html", {"organisation": organisation, "sites": own, "form": form})


@require_http_methods(["GET", "POST"])
def site(request: HttpRequest, site: int) -> HttpResponse:
    """Where one place lies: a depot, a school."""
    row = access.site_in_charge(request.actor, site)
    here = f"{row.north}, {row.east}" if row.point else ""
    form = PointForm(request.POST or None, initial={"point": here})
    if request.method == "POST" and form.is_valid():
        actions.put_on_map(site=row, point=form.cleaned_data["point"], by=request.actor, at=clock.now())
        messages.success(request, _("The place of %(name)s is saved.") % {"name": row.name})
        return redirect("network:site", row.pk)
    return render(request, "network/site.html", {"site": row, "form": form})
