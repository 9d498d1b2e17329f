"""Schools that join, and the years in which they take part."""

from datetime import date, datetime

from django.utils.translation import gettext_lazy as _

from leerorkest.network.actions import load_holidays, open_site, start_organisation
from leerorkest.network.models import Organisation, Site
from leerorkest.people.actions import Invited, invite
from leerorkest.people.rules import Role
from leerorkest.shared.actions import Actor, Refused, action, record, unless_taken

from ..models import RegisteredSchool, School, SchoolYear


class AlreadyTakesPart(Refused):
    sentence = _("%(name)s takes part already. A school can only be in the programme once.")


class SchoolClosed(Refused):
    sentence = _("%(name)s is closed according to the register. Check its code or look for the school that follows it.")


class StandsInRegister(Refused):
    sentence = _("A school with the code %(code)s stands in the register. Add it from there.")


class UnknownCountry(Refused):
    sentence = _("%(country)s is not one of the countries where we work. Choose NL, AW, CW, BQ or SX.")


class YearExists(Refused):
    sentence = _("School year %(name)s is there already.")


class YearsOverlap(Refused):
    sentence = _("These dates overlap with school year %(name)s. A day belongs to one school year.")


class YearRunsBackwards(Refused):
    sentence = _("The last day must come after the first day, at most 400 days later.")


@action
def start_school(
    *, organisation: Organisation, registered: RegisteredSchool, name: str = "", by: Actor, at: datetime
) -> School:
    """A school of the register takes part from now on; name, place and holiday region come from the register."""
    if registered.closed_on:
        raise SchoolClosed(name=registered.name)
    return _start(
        organisation,
        name=name or registered.name,
        country=registered.country,
        scheme=registered.scheme,
        code=registered.code,
        town=registered.place,
        street=registered.street,
        holiday_region=registered.holiday_region,
        by=by,
        at=at,
    )


@action
def enter_school(
    *,
    organisation: Organisation,
    name: str,
    code: str,
    country: str = "",
    town: str = "",
    street: str = "",
    by: Actor,
    at: datetime,
) -> School:
    """A school that no register knows, under a code of our own: the islands have no register."""
    country, code = country or organisation.country, code.strip()
    if country not in ("NL", "AW", "CW", "BQ", "SX"):
        raise UnknownCountry(country=country)
    if RegisteredSchool.objects.filter(country=country, code__iexact=code).exists():
        raise StandsInRegister(code=code)
    region = organisation.holiday_region if country == organisation.country else ""
    return _start(
        organisation,
        name=name,
        country=country,
        scheme="own",
        code=code,
        town=town,
        street=street,
        holiday_region=region,
        by=by,
        at=at,
    )


def _start(
    organisation: Organisation,
    *,
    name: str,
    country: str,
    scheme: str,
    code: str,
    town: str,
    street: str,
    holiday_region: str,
    by: Actor,
    at: datetime,
) -> School:
    name = " ".join(name.split())
    if School.objects.filter(country=country, scheme=scheme, code__iexact=code).exists():
        raise AlreadyTakesPart(name=name)
    if organisation.sites.filter(name=name).exists():  # there are forty schools called De Regenboog
        name = f"{name[:70]} ({code})"
    site = open_site(organisation=organisation, name=name, sort=Site.SCHOOL, town=town, street=street, by=by, at=at)
    with unless_taken(AlreadyTakesPart(name=name)):
        school = School.objects.create(
            site=site, country=country, scheme=scheme, code=code, holiday_region=holiday_region
        )
    if not organisation.holiday_region and country == organisation.country and holiday_region:
        organisation.holiday_region = holiday_region  # the first school tells which calendar is ours
        organisation.save(update_fields=["holiday_region"])
    record("schools.start_school", subject=school, organisation=organisation.key, detail={"key": school.key})
    return school


@action
def open_school_year(
    *, organisation: Organisation, first_on: date, last_on: date, name: str = "", by: Actor, at: datetime
) -> SchoolYear:
    """The year in which groups, lessons and seats live. `last_on` is its last day."""
    name = name or f"{first_on.year}-{last_on.year}"
    if not 0 < (last_on - first_on).days <= 400:
        raise YearRunsBackwards
    if organisation.school_years.filter(name=name).exists():
        raise YearExists(name=name)
    other = organisation.school_years.filter(first_on__lte=last_on, last_on__gte=first_on).first()
    if other:
        raise YearsOverlap(name=other.name)
    with unless_taken(YearExists(name=name)):
        year = SchoolYear.objects.create(organisation=organisation, name=name, first_on=first_on, last_on=last_on)
    record("schools.open_school_year", subject=year, organisation=organisation.key, detail={"name": name})
    return year


@action
def start_programme(
    *,
    key: str,
    name: str,
    country: str,
    holiday_region: str = "",
    office_name: str,
    office_email: str,
    by: Actor,
    at: datetime,
) -> Invited:
    """A new leerorkest: the organisation, this school year (from May on the next one too), its holidays, its office.

    The first account comes in by its invitation; there is no account that exists by itself.
    """
    organisation = start_organisation(key=key, name=name, country=country, holiday_region=holiday_region, by=by, at=at)
    today = organisation.day_at(at)
    first = today.year if today.month >= 8 else today.year - 1
    years = [first, first + 1] if 5 <= today.month <= 7 else [first]
    for year in years:
        open_school_year(
            organisation=organisation, first_on=date(year, 8, 1), last_on=date(year + 1, 7, 31), by=by, at=at
        )
    load_holidays(organisation=organisation, years=[*years, years[-1] + 1], by=by, at=at)
    return invite(
        organisation=organisation,
        name=office_name,
        email=office_email,
        role=Role.OFFICE,
        from_on=today,
        by=by,
        at=at,
    )
