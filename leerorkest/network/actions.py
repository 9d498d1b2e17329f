"""Every write of this room: an organisation starts, its calendar fills, its grades get their names."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from leerorkest.shared.actions import Actor, Refused, action, record, unless_taken

from . import published, rules
from .models import Grade, Holiday, Organisation, Site


class OrganisationExists(Refused):
    sentence = _("There is already an organisation with the key %(key)s. Choose another key.")


class UnknownRegion(Refused):
    sentence = _("%(region)s is not a holiday region of %(country)s. Choose one of: %(known)s.")


class HolidayExists(Refused):
    sentence = _("%(name)s already begins on that day. Change that holiday instead.")


class HolidayRunsBackwards(Refused):
    sentence = _("The last day lies before the first day. Swap them or correct one.")


class HolidayTooLong(Refused):
    sentence = _("A holiday of more than %(weeks)s weeks is likely a typing error. Check both dates.")


class GradeNameMissing(Refused):
    sentence = _("Grade %(code)s needs a name.")


class SiteNameTaken(Refused):
    sentence = _("There is already a place with the name %(name)s. Give this one a name that tells them apart.")


class NotOnEarth(Refused):
    sentence = _("North lies between -90 and 90, east between -180 and 180. Copy both from a map.")


@dataclass(frozen=True)
class Country:
    """What a new organisation in a country starts with; all of it can be changed afterwards."""

    time_zone: str
    currency: str
    languages: tuple[str, ...]
    grade: str  # the name of a grade, with its code
    grades: int


COUNTRIES = {
    "NL": Country("Europe/Amsterdam", "EUR", ("nl", "en"), "groep {}", 8),
    "AW": Country("America/Aruba", "AWG", ("pap-aw", "nl"), "klas {}", 6),
    "CW": Country("America/Curacao", "XCG", ("pap-cw", "nl"), "groep {}", 8),
    "BQ": Country("America/Kralendijk", "USD", ("pap-cw", "nl"), "groep {}", 8),
    "SX": Country("America/Lower_Princes", "XCG", ("en", "nl"), "Grade {}", 6),
}
ENGLISH_ISLANDS = Country("America/Kralendijk", "USD", ("en", "nl"), "Grade {}", 6)  # Saba and Sint Eustatius
REGIONS = {"NL": published.NL_REGIONS, "BQ": published.BQ_ISLANDS}


def _check_region(country: str, region: str) -> None:
    known = REGIONS.get(country, ())
    if region and region not in known:
        raise UnknownRegion(region=region, country=country, known=", ".join(known) or "-")


@action
def start_organisation(
    *,
    key: str,
    name: str,
    country: str,
    holiday_region: str = "",
    languages: Iterable[str] = (),
    grade_names: Mapping[str, str] | None = None,
    by: Actor,
    at: datetime,
) -> Organisation:
    """A new tenant with the time zone, currency, languages and grades of its country."""
    if Organisation.objects.filter(key=key).exists():
        raise OrganisationExists(key=key)
    _check_region(country, holiday_region)
    usual = ENGLISH_ISLANDS if holiday_region in ("SAB", "STA") else COUNTRIES[country]
    ZoneInfo(usual.time_zone)  # a machine without time zones should say so now, not at the first lesson
    organisation = Organisation.objects.create(
        key=key,
        name=name,
        country=country,
        holiday_region=holiday_region,
        languages=list(languages) or list(usual.languages),
        time_zone=usual.time_zone,
        currency=usual.currency,
    )
    names = grade_names or {str(number): usual.grade.format(number) for number in range(1, usual.grades + 1)}
    Grade.objects.bulk_create(
        Grade(organisation=organisation, code=code, name=label, position=position)
        for position, (code, label) in enumerate(names.items(), start=1)
    )
    record("network.start_organisation", subject=organisation, organisation=key, detail={"country": country})
    return organisation


@action
def name_grades(*, organisation: Organisation, names: Mapping[str, str], by: Actor, at: datetime) -> None:
    """Give the grades of an organisation the names its schools use: {"5": "groep 5"}."""
    grades = list(organisation.grades.filter(code__in=names))
    for grade in grades:
        grade.name = names[grade.code].strip()
        if not grade.name:
            raise GradeNameMissing(code=grade.code)
    Grade.objects.bulk_update(grades, ["name"])
    record(
        "network.name_grades",
        subject=organisation,
        organisation=organisation.key,
        detail={grade.code: grade.name for grade in grades},
    )


@action
def open_site(
    *,
    organisation: Organisation,
    name: str,
    sort: str,
    town: str = "",
    street: str = "",
    point: tuple[Decimal, Decimal] | None = None,
    by: Actor,
    at: datetime,
) -> Site:
    """A place that can keep instruments; `point`: north and east in degrees, where it lies."""
    name = name.strip()
    if organisation.sites.filter(name=name).exists():
        raise SiteNameTaken(name=name)
    with unless_taken(SiteNameTaken(name=name)):
        site = Site.objects.create(organisation=organisation, name=name, sort=sort, town=town, street=street)
    record("network.open_site", subject=site, organisation=organisation.key, detail={"sort": sort})
    if point:
        put_on_map(site=site, point=point, by=by, at=at)
    return site


@action
def put_on_map(*, site: Site, point: tuple[Decimal, Decimal] | None, by: Actor, at: datetime) -> Site:
    """Where a place lies: north and east in degrees (WGS 84), so that a round of places gets a short order.

    None takes it off the map."""
    if point and not rules.is_on_earth(*point):
        raise NotOnEarth
    site.north, site.east = point or (None, None)
    site.save(update_fields=["north", "east"])
    record("network.put_on_map", subject=site, organisation=site.organisation.key)
    return site


@dataclass(frozen=True)
class Loaded:
    """What `load_holidays` did."""

    added: int
    moved: int
    kept: int  # as it was, or as somebody here changed it


@action
def load_holidays(*, organisation: Organisation, years: Iterable[int], by: Actor, at: datetime) -> Loaded:
    """Fetch the published holidays of these calendar years. What people entered, moved or confirmed stays theirs."""
    years = sorted(set(years))
    free = published.published_holidays(
        country=organisation.country,
        region=organisation.holiday_region,
        language=organisation.language,
        years=years,
    )
    present = list(organisation.holidays.all())
    new: list[Holiday] = []
    moved: list[Holiday] = []
    for item in free:
        same = next((row for row in present if _is_same(row, item)), None)
        if same is None:
            new.append(
                Holiday(
                    organisation=organisation,
                    name=item.name,
                    sort=item.sort,
                    first_on=item.first_on,
                    last_on=item.last_on,
                    source=published.SOURCE,
                    is_confirmed=item.is_binding,
                )
            )
        elif _is_ours(same) and (same.first_on, same.last_on) != (item.first_on, item.last_on):
            same.first_on, same.last_on, same.source = item.first_on, item.last_on, published.SOURCE
            moved.append(same)
    Holiday.objects.bulk_create(new)
    Holiday.objects.bulk_update(moved, ["first_on", "last_on", "source"])
    record(
        "network.load_holidays",
        subject=organisation,
        organisation=organisation.key,
        detail={"years": years, "added": len(new), "moved": len(moved), "source": published.SOURCE},
    )
    return Loaded(added=len(new), moved=len(moved), kept=len(free) - len(new) - len(moved))


def _is_ours(holiday: Holiday) -> bool:
    """Still as the package gave it."""
    return holiday.source.startswith("holidays ")


def _is_same(holiday: Holiday, item: rules.Free) -> bool:
    near = abs(holiday.first_on - item.first_on)
    if holiday.sort != item.sort:
        return False
    if item.sort == rules.PUBLIC and not near:  # its name may be in another language than last time
        return True
    if item.sort == rules.PUBLIC and _is_ours(holiday):  # the package itself knows best where it lies
        return False
    return holiday.name == item.name and near <= rules.SAME_HOLIDAY


def _check_dates(organisation: Organisation, name: str, first_on: date, last_on: date, but: int | None = None) -> None:
    if last_on < first_on:
        raise HolidayRunsBackwards
    if (last_on - first_on).days > 12 * 7:
        raise HolidayTooLong(weeks=12)
    same = organisation.holidays.filter(name=name, first_on=first_on)
    if (same.exclude(pk=but) if but else same).exists():
        raise HolidayExists(name=name)


def _facts(holiday: Holiday) -> dict[str, str | bool]:
    return {
        "name": holiday.name,
        "sort": holiday.sort,
        "first_on": holiday.first_on.isoformat(),
        "last_on": holiday.last_on.isoformat(),
        "source": holiday.source,
        "is_confirmed": holiday.is_confirmed,
    }


@action
def add_holiday(
    *,
    organisation: Organisation,
    name: str,
    sort: str,
    first_on: date,
    last_on: date,
    source: str,
    is_confirmed: bool = False,
    by: Actor,
    at: datetime,
) -> Holiday:
    """A holiday that nobody publishes: an island's school holiday, a study day of our own."""
    _check_dates(organisation, name, first_on, last_on)
    with unless_taken(HolidayExists(name=name)):
        holiday = Holiday.objects.create(
            organisation=organisation,
            name=name,
            sort=sort,
            first_on=first_on,
            last_on=last_on,
            source=source,
            is_confirmed=is_confirmed,
        )
    record("network.add_holiday", subject=holiday, organisation=organisation.key, detail=_facts(holiday))
    return holiday


@action
def change_holiday(
    *,
    holiday: Holiday,
    name: str,
    sort: str,
    first_on: date,
    last_on: date,
    source: str,
    is_confirmed: bool,
    by: Actor,
    at: datetime,
) -> None:
    _check_dates(holiday.organisation, name, first_on, last_on, but=holiday.pk)
    before = _facts(Holiday.objects.get(pk=holiday.pk))
    holiday.name, holiday.sort, holiday.first_on, holiday.last_on = name, sort, first_on, last_on
    holiday.source, holiday.is_confirmed = source, is_confirmed
    with unless_taken(HolidayExists(name=name)):
        holiday.save()
    record(
        "network.change_holiday",
        subject=holiday,
        organisation=holiday.organisation.key,
        detail={"before": before, "after": _facts(holiday)},
    )


@action
def confirm_holiday(*, holiday: Holiday, by: Actor, at: datetime) -> None:
    """The dates are certain: the schools decided, or the ministry published."""
    holiday.is_confirmed = True
    holiday.save(update_fields=["is_confirmed"])
    record("network.confirm_holiday", subject=holiday, organisation=holiday.organisation.key, detail=_facts(holiday))


@action
def remove_holiday(*, holiday: Holiday, by: Actor, at: datetime) -> None:
    """Take a holiday out of the calendar. Fetching the published ones again brings a published one back."""
    record("network.remove_holiday", subject=holiday, organisation=holiday.organisation.key, detail=_facts(holiday))
    holiday.delete()
