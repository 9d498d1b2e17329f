"""Where an instrument is and whose it is, now and on any date."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet

from leerorkest.network.models import Site
from leerorkest.people.models import Child
from leerorkest.schools.models import Playing, SchoolYear
from leerorkest.shared.prepared import prepared

from .. import rules
from ..models import Custody, HomeRule, Instrument, Ownership, Placement
from ..rules import Level, Where


@dataclass(frozen=True)
class Standing:
    """Where an instrument stands and who owns it."""

    place: Placement | None
    owner: Ownership | None


def stands(instrument: Instrument) -> Standing:
    """As it is now: two queries."""
    return Standing(_placement.first(instrument.pk), _ownership.first(instrument.pk))


@prepared
def _placement(instrument: int) -> QuerySet[Placement]:
    return Placement.objects.open().filter(instrument=instrument).select_related("site")


@prepared
def _ownership(instrument: int) -> QuerySet[Ownership]:
    return Ownership.objects.open().filter(instrument=instrument).select_related("organisation")


@dataclass(frozen=True)
class Facts:
    """The four facts of one instrument at one moment; each row comes with the handover that began it, and by whom.

    None: it was not known then, or (the holder) nobody had it.
    """

    keeper: Custody | None
    holder: Custody | None
    place: Placement | None
    owner: Ownership | None


def facts_at(instrument: Instrument, at: datetime) -> Facts:
    """Three queries, whatever happened to the instrument. A child's name does not come with it."""
    by_level = {row.level: row for row in _custodies_at(instrument.pk, at)}
    return Facts(
        by_level.get(Level.KEEPER.value),
        by_level.get(Level.HOLDER.value),
        _placement_at.first(instrument.pk, at),
        _ownership_at.first(instrument.pk, at),
    )


@prepared
def _custodies_at(instrument: int, at: datetime) -> QuerySet[Custody]:
    holds = Q(ended_at=None) | Q(ended_at__gt=at)
    custodies = Custody.objects.filter(holds, instrument=instrument, started_at__lte=at)
    return custodies.select_related("site", "account", "began_with__by")


@prepared
def _placement_at(instrument: int, at: datetime) -> QuerySet[Placement]:
    return Placement.objects.at(at).filter(instrument=instrument).select_related("site", "began_with__by")


@prepared
def _ownership_at(instrument: int, at: datetime) -> QuerySet[Ownership]:
    return Ownership.objects.at(at).filter(instrument=instrument).select_related("organisation", "began_with__by")


def shelves(site: Site) -> list[str]:
    """The shelves of a place on which something stands, in their order."""
    rows = Placement.objects.open().filter(site=site, sort=Where.SITE.value).exclude(shelf="")
    return list(rows.order_by("shelf").values_list("shelf", flat=True).distinct()[:500])


# --- home or at school ------------------------------------------------------------------------------------
def year_of(child: Child, on: date) -> int:
    """The how-manieth school year this is for a child in the programme: 1 in the year in which it begins to play."""
    return _years.count(child.organisation_id, child.pk, on)


@prepared
def _years(organisation: int, child: int, on: date) -> QuerySet[SchoolYear]:
    began = Playing.objects.filter(child=child, from_on__lte=on).order_by("from_on").values("from_on")[:1]
    return SchoolYear.objects.filter(organisation=organisation, first_on__lte=on, last_on__gte=began)


def home_from_year(site: Site) -> int:
    """As chosen for this school, else for the whole organisation."""
    by_site: dict[int | None, int] = dict(_home_rules(site.organisation_id, site.pk))
    own = by_site.get(site.pk, by_site.get(None))
    return rules.HOME_FROM_YEAR if own is None else own


@prepared
def _home_rules(organisation: int, site: int) -> QuerySet[HomeRule, tuple[int | None, int]]:
    chosen = HomeRule.objects.filter(Q(site=site) | Q(site=None), organisation=organisation)
    return chosen.values_list("site", "home_from_year")


def goes_home(keeper: Site, child: Child, on: date) -> bool:
    """Would an instrument of this keeper go home with the child, unless somebody chooses otherwise?

    What a depot or hall lends goes home: there is no cupboard of a school to keep it in.
    """
    if keeper.sort != Site.SCHOOL:
        return True
    from_year = home_from_year(keeper)
    return from_year == 1 or (from_year > 0 and rules.goes_home(home_from_year=from_year, year=year_of(child, on)))


def home_rules(sites: Iterable[Site], organisation_ids: Any) -> QuerySet[HomeRule]:
    return HomeRule.objects.filter(Q(site__in=sites) | Q(site=None, organisation__in=organisation_ids))
