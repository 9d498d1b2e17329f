"""What the instruments are worth on a date, for the insurer and the accountant."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db.models import Prefetch, Q

from leerorkest.music.models import InstrumentKind
from leerorkest.network.models import Organisation

from ..models import Custody, Instrument, Instruments, Ownership, Placement, ValueRule
from ..rules import Depreciation, depreciation_of, replacement_value


def rules_of(organisation: Organisation) -> dict[str | None, Depreciation]:
    """By the code of a kind; None: for the others, where somebody chose. One query."""
    rows = ValueRule.objects.filter(organisation=organisation)
    return {row.kind_id: Depreciation(row.yearly_percent, row.floor_percent) for row in rows}


def rule_for(kind: InstrumentKind, chosen: dict[str | None, Depreciation]) -> Depreciation:
    """As chosen for the kind, else for all kinds, else the proposal of its family."""
    return chosen.get(kind.pk) or chosen.get(None) or depreciation_of(kind.family)


ORDER = ("kind__position", "number_length", "number", "pk")


@dataclass(frozen=True)
class Valued:
    """One instrument with what it was worth on the day. `value` None: nobody knows what it cost."""

    instrument: Instrument
    value: Decimal | None
    keeper: str
    place: Placement | None
    owner: str


@dataclass
class Total:
    """Of one currency at one keeper: amounts of different currencies are never added."""

    count: int = 0
    without_value: int = 0
    purchase: Decimal = Decimal(0)
    value: Decimal = Decimal(0)

    def add(self, row: Valued) -> None:
        self.count += 1
        self.purchase += row.instrument.purchase_value or 0
        self.value += row.value or 0
        self.without_value += row.value is None


@dataclass
class Totals:
    """By currency, and by currency and keeper."""

    by_currency: dict[str, Total] = field(default_factory=lambda: defaultdict(Total))
    by_place: dict[tuple[str, str], Total] = field(default_factory=lambda: defaultdict(Total))


def end_of(day: date, organisation: Organisation) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(organisation.time_zone)) - timedelta(
        microseconds=1
    )


def valued_on(instruments: Instruments, organisation: Organisation, day: date) -> list[Valued]:
    """What was in the programme at the end of that day, with who kept it, where it stood and whose it was.

    Five queries for any number of instruments, which come with their kind and size. A number typed 10 stands after 9.
    """
    at = end_of(day, organisation)
    chosen = rules_of(organisation)
    keepings = Custody.objects.keepers().filter(Q(ended_at=None) | Q(ended_at__gt=at), started_at__lte=at)
    rows = (
        instruments.filter(Q(retired_on=None) | Q(retired_on__gt=day), organisation=organisation)
        .numbered()
        .select_related("kind", "size")
        .prefetch_related(
            Prefetch("custodies", queryset=keepings.select_related("site"), to_attr="keepings_then"),
            Prefetch("placements", queryset=Placement.objects.at(at).select_related("site"), to_attr="places_then"),
            Prefetch(
                "ownerships", queryset=Ownership.objects.at(at).select_related("organisation"), to_attr="owners_then"
            ),
        )
        .order_by(*ORDER)
    )
    return [
        Valued(
            row,
            value_of(row, chosen, day),
            str(row.keepings_then[0].site),
            next(iter(row.places_then), None),
            str(next(iter(row.owners_then), "")),
        )
        for row in rows
        if row.keepings_then  # it had come in by then
    ]


def value_of(row: Instrument, chosen: dict[str | None, Depreciation], day: date) -> Decimal | None:
    if row.purchase_value is None:
        return None
    return replacement_value(row.purchase_value, row.purchased_on, day, rule_for(row.kind, chosen))


def totals(rows: Iterable[Valued]) -> Totals:
    found = Totals()
    for row in rows:
        found.by_currency[row.instrument.currency].add(row)
        found.by_place[row.instrument.currency, row.keeper].add(row)
    return found


@dataclass(frozen=True)
class WrittenOff:
    """An instrument that left, with what it was worth on that day."""

    instrument: Instrument
    value: Decimal | None


def written_off(
    instruments: Instruments, organisation: Organisation, first_on: date, last_on: date
) -> list[WrittenOff]:
    """What left for good in these days, the latest first; two queries. What was entered by mistake never was there."""
    chosen = rules_of(organisation)
    rows = instruments.filter(organisation=organisation, retired_on__range=(first_on, last_on))
    rows = rows.exclude(retired_because="mistake").select_related("kind", "size").order_by("-retired_on", "pk")
    return [WrittenOff(row, value_of(row, chosen, row.retired_on)) for row in rows if row.retired_on]
