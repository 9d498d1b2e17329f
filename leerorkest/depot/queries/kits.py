"""What travels together, and what is worn least."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime

from leerorkest.shared.prepared import prepared, prepared_test

from ..models import Custody, Instrument, Instruments, KitMembership
from ..rules import MONTH, wear


def members_with(instruments: Iterable[Instrument | int]) -> Instruments:
    """The instruments that belong to the kits of these, and these themselves where they are in one."""
    open_now = KitMembership.objects.open()
    kits = open_now.filter(instrument__in=list(instruments)).values("kit")
    return Instrument.objects.filter(pk__in=open_now.filter(kit__in=kits).values("instrument"))


@prepared
def members(instruments: tuple[int, ...]) -> Instruments:
    """The same, only their keys."""
    return members_with(instruments).only("pk")


def companions_of(instrument: Instrument) -> list[Instrument]:
    """The other members of its kit, with who keeps and has them: three queries."""
    if not _has_companions(instrument.pk):
        return []
    return list(_companions(instrument.pk).with_parties().order_by("kind__position", "pk"))


def _companions(instrument: int) -> Instruments:
    return members_with([instrument]).exclude(pk=instrument)


_has_companions = prepared_test(_companions)


def months_lent(instruments: Iterable[Instrument], at: datetime) -> dict[int, float]:
    """For how many months each was lent in its life, by its id; one query for any number."""
    held = Custody.objects.holders().filter(instrument__in=list(instruments), started_at__lte=at)
    months: dict[int, float] = defaultdict(float)
    for pk, started_at, ended_at in held.values_list("instrument", "started_at", "ended_at"):
        months[pk] += (min(ended_at or at, at) - started_at) / MONTH
    return months


def wear_of(instruments: Iterable[Instrument], at: datetime, repairs: Counter[int] | None = None) -> dict[int, float]:
    """How worn each is, by its id (see `rules.wear`). `repairs`: how often each was repaired."""
    rows = list(instruments)
    lent = months_lent(rows, at)
    return {row.pk: wear(months_lent=lent[row.pk], repairs=(repairs or Counter())[row.pk]) for row in rows}


def least_worn_first(instruments: Iterable[Instrument], at: datetime) -> list[Instrument]:
    """In the order in which they are proposed; equal ones stay in the order in which they came."""
    rows = list(instruments)
    worn = wear_of(rows, at)
    for row in rows:
        row.wear = round(worn[row.pk])  # type: ignore[attr-defined]
    return sorted(rows, key=lambda row: row.wear)  # type: ignore[attr-defined]
