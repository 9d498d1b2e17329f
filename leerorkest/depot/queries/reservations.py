"""How many there are of each kind and size, and to whom they are promised."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from leerorkest.shared.prepared import prepared

from ..models import (
    Custody,
    Instrument,
    Instruments,
    Loan,
    Pick,
    Reservation,
    ReservationLine,
    ReservationLines,
    ShipmentItem,
)
from ..models.custody import STOCK_PLACES
from ..rules import Stock, Taking
from .kits import least_worn_first

Pool = tuple[str, int | None]  # kind and size: what is interchangeable in one organisation


def in_pools(pools: Iterable[Pool], at: str = "") -> Q:
    """A condition on the row from which `at` leads to a kind and a size ("instrument__")."""
    conditions = (Q(**{f"{at}kind": kind, f"{at}size": size}) for kind, size in pools)
    return reduce(or_, conditions, Q(pk__in=[]))


def open_lines(organisation_id: int, pools: Iterable[Pool]) -> ReservationLines:
    """Lines for which something still has to leave the stock of this organisation."""
    return ReservationLine.objects.open().filter(in_pools(pools), reservation__organisation=organisation_id)


def stock_of(organisation_id: int, pools: Iterable[Pool], today: date) -> dict[Pool, Stock]:
    """The stock of each of these pools; six queries for any number of them."""
    wanted = list(dict.fromkeys(pools))
    in_use = Instrument.objects.filter(in_pools(wanted), organisation=organisation_id)
    fit = in_use.ready().in_depots().order_by()
    here = {(kind, size): number for kind, size, number in fit.values_list("kind", "size").annotate(number=Count("pk"))}
    back, taken = defaultdict(list), defaultdict(list)
    for kind, size, on, number in _due_back(organisation_id, wanted, today):
        back[kind, size].append((on, number))
    for line in open_lines(organisation_id, wanted).counted().select_related("reservation"):
        remaining = line.number - line.left  # type: ignore[attr-defined]  # counted
        if remaining > 0:
            period = line.reservation
            taken[line.kind_id, line.size_id].append(Taking(remaining, period.from_on, period.until_on))
    borrowed = Loan.objects.open().filter(borrower=organisation_id, instrument__in=fit)
    for kind, size, on in borrowed.values_list("instrument__kind", "instrument__size", "due_on"):
        taken[kind, size].append(Taking(1, on))  # here on loan: it leaves again
    return {pool: Stock(here.get(pool, 0), tuple(back[pool]), tuple(taken[pool])) for pool in wanted}


def _due_back(organisation_id: int, pools: list[Pool], today: date) -> Iterator[tuple[str, int | None, date, int]]:
    """What is to come back on a day that was agreed: from where a reservation brought it, from another organisation,
    or from a loan that is still on its way there. Who is late has promised nothing."""
    of_pools = in_pools(pools, at="instrument__")
    still_there = Custody.objects.open().keepers().exclude(site__sort__in=STOCK_PLACES).filter(of_pools)
    until = "began_with__picks__line__reservation__until_on"
    out = still_there.filter(
        instrument__organisation=organisation_id,
        began_with__picks__instrument=F("instrument"),
        began_with__picks__released_at=None,
        **{f"{until}__gt": today},
    )
    lent = Loan.objects.open().filter(of_pools, lender=organisation_id, due_on__gt=today)
    boxed = ShipmentItem.objects.under_way().filter(of_pools, shipment__organisation=organisation_id)
    for rows, on in (
        (out, until),
        (lent, "due_on"),
        (boxed.filter(shipment__due_on__gt=today), "shipment__due_on"),
    ):
        names = ("instrument__kind", "instrument__size", on)
        yield from rows.order_by().values_list(*names).annotate(number=Count("pk"))


def reserved_for(instrument: Instrument) -> Reservation | None:
    """Whose it is, when it was picked for somebody."""
    found = _pick.first(instrument.pk)
    return found.line.reservation if found else None


@prepared
def _pick(instrument: int) -> QuerySet[Pick]:
    waiting = Pick.objects.waiting().filter(instrument=instrument).select_related("line__reservation__site")
    return waiting.order_by("pk")[:1]


@dataclass(frozen=True)
class Progress:
    """One line of a reservation, with what is proposed for it."""

    line: ReservationLine
    picks: list[Pick]
    proposed: list[Instrument]  # the least worn, in the order in which they stand on the shelves
    missing: int  # still to pick, and there are none


MOST_TO_WEIGH = 300  # instruments of one kind and size of which the least worn are proposed


def _proposed(free: Instruments, number: int, at: datetime) -> list[Instrument]:
    rows = list(free.with_parties().with_place().order_by("pk")[:MOST_TO_WEIGH])
    chosen = least_worn_first(rows, at)[:number]
    for row in chosen:
        row.shelf = next((place.shelf for place in row.open_placements), "")  # type: ignore[attr-defined]
    return sorted(chosen, key=lambda row: (row.keeper.name, row.shelf, len(row.number), row.number, row.pk))  # type: ignore[attr-defined]


def progress_of(reservation: Reservation, at: datetime) -> list[Progress]:
    """What was picked for each line, and what is next; two queries for any number of lines, and a few for each
    line that is not full."""
    lines = list(reservation.lines.counted().select_related("kind", "size"))
    picks: dict[int, list[Pick]] = defaultdict(list)
    rows = Pick.objects.filter(line__in=lines, released_at=None).select_related("instrument__kind", "instrument__size")
    for row in rows.order_by("made_at", "pk"):
        picks[row.line_id].append(row)
    found = []
    for line in lines:
        proposed: list[Instrument] = []
        if line.to_pick and line.closed_at is None:
            fitting = Instrument.objects.filter(organisation=reservation.organisation_id).of_kind(line.kind, line.size)
            proposed = _proposed(fitting.available().in_depots(), line.to_pick, at)
        missing = line.to_pick - len(proposed) if line.closed_at is None else 0
        found.append(Progress(line, picks[line.pk], proposed, missing))
    return found


def with_progress(reservations: Iterable[Reservation]) -> list[dict[str, Any]]:
    """For a list: each reservation with how many of how many were picked or left."""
    return [
        {
            "reservation": row,
            "lines": list(row.lines.all()),
            "wanted": sum(line.number for line in row.lines.all()),
            "ready": sum(line.picked + line.left for line in row.lines.all()),  # type: ignore[attr-defined]
        }
        for row in reservations
    ]
