"""What will be needed, what there is, and what can be spared: from the database to `forecast` and back."""

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count

from leerorkest.music.models import InstrumentKind, Size
from leerorkest.network.models import Organisation, Site
from leerorkest.schools.models import Membership, Playing

from ..forecast import BackTest, Expected, Spell, back_test, forecast, played, school_year
from ..models import Instrument, ReservationLine, Surplus

RUNS = 200


@dataclass(frozen=True)
class Short:
    """More will be played than there are."""

    on: date
    number: int


@dataclass(frozen=True)
class Outlook:
    """One kind and size of one organisation."""

    kind: InstrumentKind
    size: Size | None
    now: int  # played today
    expected: list[Expected]
    stock: int  # in use: with children, at schools, in depots
    free: int  # on the shelves of depots and not promised
    short: Short | None
    spare: int  # free, and not needed in the next quarters either

    @property
    def name(self) -> str:
        return f"{self.kind} {self.size}" if self.size else str(self.kind)

    @property
    def value(self) -> str:
        """As the lines of a form write it: "violin:1/2"."""
        return f"{self.kind.pk}:{self.size.code if self.size else ''}"


def spells_of(organisation: Organisation) -> list[Spell]:
    """Who played what in which size, ever. No name comes with it."""
    cohorts: dict[int, int] = {}
    years = Membership.objects.filter(child__organisation=organisation, grade__isnull=False)
    for child, first_on, grade in years.order_by("school_year__first_on").values_list(
        "child", "school_year__first_on", "grade__position"
    ):
        cohorts[child] = school_year(first_on) - grade + 1
    rows = Playing.objects.filter(child__organisation=organisation).order_by("from_on", "pk")
    return [
        Spell(child, kind, size, cohorts.get(child), from_on, until_on)
        for child, kind, size, from_on, until_on in rows.values_list("child", "kind", "size", "from_on", "until_on")
    ]


def ladder() -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for kind, size in Size.objects.order_by("kind", "position").values_list("kind", "pk"):
        found[kind].append(size)
    return found


def _free(organisations: Iterable[int]) -> dict[tuple[int, str, int | None], int]:
    """On the shelf and not promised to anybody, ever: by organisation, kind and size, in two queries."""
    shelf = Instrument.objects.filter(organisation__in=organisations).ready().in_depots()
    free: dict[tuple[int, str, int | None], int] = defaultdict(int)
    for *pool, number in shelf.order_by().values_list("organisation", "kind", "size").annotate(number=Count("pk")):
        free[tuple(pool)] += number
    lines = ReservationLine.objects.open().filter(reservation__organisation__in=organisations).counted().order_by()
    for organisation, kind, size, wanted, left in lines.values_list(  # type: ignore[misc]  # counted
        "reservation__organisation", "kind", "size", "number", "left"
    ):
        free[organisation, kind, size] -= wanted - left
    return free


def outlook(organisation: Organisation, today: date, *, seed: int = 1) -> tuple[list[Outlook], BackTest | None]:
    """Every kind and size that is played or kept, in the order of a score, and how good last year's forecast would
    have been. Seven queries, whatever the size of the organisation."""
    spells, sizes = spells_of(organisation), ladder()
    expected = forecast(spells, sizes, today, seed=seed, runs=RUNS)
    now = played(spells, today)
    in_use = Instrument.objects.filter(organisation=organisation).not_retired().order_by()
    stock = {
        (kind, size): number for kind, size, number in in_use.values_list("kind", "size").annotate(number=Count("pk"))
    }
    free = _free([organisation.pk])
    kinds = InstrumentKind.objects.in_bulk()
    labels = Size.objects.in_bulk()
    found = []
    for kind, size in {*expected, *now, *stock}:
        coming = expected.get((kind, size), [])
        have = stock.get((kind, size), 0)
        here = max(0, free.get((organisation.pk, kind, size), 0))
        most = max((one.high for one in coming), default=0)
        found.append(
            Outlook(
                kind=kinds[kind],
                size=labels.get(size),
                now=now[kind, size],
                expected=coming,
                stock=have,
                free=here,
                short=_short(coming, have),
                spare=max(0, min(here, have - most)),
            )
        )
    found.sort(key=lambda one: (one.kind.position, one.size.position if one.size else 0))
    return found, back_test(spells, sizes, today, seed=seed, runs=RUNS // 2)


def _short(expected: Iterable[Expected], have: int) -> Short | None:
    """The quarter in which most are missing."""
    worst = max(expected, key=lambda one: one.mean, default=None)
    missing = math.ceil(worst.mean - have) if worst else 0
    return Short(worst.on, missing) if worst and missing > 0 else None


@dataclass(frozen=True)
class Offer:
    """What another city can spare: kind, size, number, place."""

    surplus: Surplus
    number: int  # as far as it is still there
    town: str

    @property
    def value(self) -> str:
        return f"{self.surplus.kind_id}:{self.surplus.size.code if self.surplus.size else ''}"


def offers(surpluses: Iterable[Surplus]) -> list[Offer]:
    """How many of what was offered can still be had, and where; three queries for any number of offers."""
    rows = list(surpluses)
    organisations = {row.organisation_id for row in rows}
    free = _free(organisations)
    towns: dict[int, str] = {}
    depots = Site.objects.filter(organisation__in=organisations, sort=Site.DEPOT, closed_on=None)
    for organisation, town, name in depots.order_by("-pk").values_list("organisation", "town", "name"):
        towns[organisation] = town or name
    found = [
        Offer(
            surplus=row,
            number=max(0, min(row.number, free.get((row.organisation_id, row.kind_id, row.size_id), 0))),
            town=towns.get(row.organisation_id, ""),
        )
        for row in rows
    ]
    return [offer for offer in found if offer.number]
