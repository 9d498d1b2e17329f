"""What is promised holds against everything else that takes from a shelf.

Two locks keep it true when two people act at the same second (docs/decisions/0009-promises.md). Who promises locks all
instruments of the kind and size. Who takes one away has locked that one already, and locks the open lines of its kind
and size where there are any. Instruments always come before lines, each in the order of their id.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from django.db.models import Count, Q
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from leerorkest.music.models import InstrumentKind, Size
from leerorkest.network.models import Site
from leerorkest.shared.prepared import prepared

from ..models import Handover, Instrument, Loan, Pick, Reservation, ReservationLine, ReservationLines
from ..models.custody import STOCK_PLACES
from ..queries.reservations import Pool, open_lines, stock_of
from ..rules import Stock, Taking, breaks_a_promise
from .refusals import HandoverRefused


def written(day: date) -> str:
    return date_format(day, "DATE_FORMAT")


def name_of(kind: InstrumentKind, size: Size | None) -> str:
    """ "Violin ½"."""
    return f"{kind} {size}" if size else str(kind)


class ReservedForAnother(HandoverRefused):
    sentence = _("%(instrument)s is reserved for %(site)s from %(day)s. Take another one.")


class AllReserved(HandoverRefused):
    sentence = _(
        "%(instrument)s is needed: all that are left are reserved, %(number)s for %(site)s from %(day)s. "
        "Take another size, or cancel the reservation first."
    )


def take_from_stock(rows: Sequence[Instrument], *, to: Site | None, handover: Handover, at: datetime) -> None:
    """These locked instruments leave the shelf of a depot with `handover`: for the open reservations of `to`, each for
    the first line that it fits, and the others only as far as nobody else was promised them."""
    from_depot = [row for row in rows if row.keeper.sort in STOCK_PLACES]
    organisation = rows[0].organisation
    if not from_depot or (to and to.sort in STOCK_PLACES and to.organisation_id == organisation.pk):
        return
    pools = {_pool(row) for row in from_depot}
    lines = _locked_lines(organisation.pk, tuple(sorted(pools, key=str)))
    if not lines:
        return
    fit = set(Instrument.objects.filter(pk__in=[row.pk for row in from_depot]).ready().values_list("pk", flat=True))
    from_depot = [row for row in from_depot if row.pk in fit]  # what cannot be played was promised to nobody
    today = organisation.day_at(at)
    left = dict(
        ReservationLine.objects.filter(pk__in=[line.pk for line in lines])
        .values_list("pk")
        .annotate(left=Count("picks", filter=Q(picks__left_at__isnull=False, picks__released_at=None)))
    )
    picked = {
        pick.instrument_id: pick
        for pick in Pick.objects.waiting().filter(instrument__in=from_depot).select_related("line__reservation__site")
    }
    waiting = Counter(Pick.objects.waiting().filter(line__in=lines).values_list("line", flat=True))
    periods = {
        line.pk: line.reservation
        for line in ReservationLine.objects.filter(pk__in=left).select_related("reservation__site")
    }
    going: list[tuple[Instrument, ReservationLine | None, Pick | None]] = []
    room = {line.pk: line.number - left[line.pk] - waiting[line.pk] for line in lines}
    for row in from_depot:
        pick = picked.get(row.pk)
        if pick and (to is None or pick.line.reservation.site_id != to.pk):
            reservation = pick.line.reservation
            raise ReservedForAnother(row, site=reservation.site.name, day=written(reservation.from_on))
        line = pick.line if pick else _line_for(row, lines, periods, room, to)
        going.append((row, line, pick))
    _keep_promises(going, organisation.pk, pools, periods, today)
    _note(going, left, handover, at)


@prepared
def _locked_lines(organisation: int, pools: tuple[Pool, ...]) -> ReservationLines:
    return open_lines(organisation, pools).select_for_update(of=("self",)).order_by("pk")


def _pool(row: Instrument) -> Pool:
    return row.kind_id, row.size_id


def _line_for(
    row: Instrument,
    lines: Sequence[ReservationLine],
    periods: dict[int, Reservation],
    room: dict[int, int],
    to: Site | None,
) -> ReservationLine | None:
    """The first line of this place that still wants such an instrument, the earliest reservation first."""
    if to is None:
        return None
    fitting = [
        line
        for line in lines
        if (line.kind_id, line.size_id) == _pool(row) and periods[line.pk].site_id == to.pk and room[line.pk] > 0
    ]
    if not fitting:
        return None
    line = min(fitting, key=lambda one: (periods[one.pk].from_on, one.pk))
    room[line.pk] -= 1
    return line


def _keep_promises(
    going: Sequence[tuple[Instrument, ReservationLine | None, Pick | None]],
    organisation_id: int,
    pools: set[Pool],
    periods: dict[int, Reservation],
    today: date,
) -> None:
    """Refuse when on some day more would be promised than there is, because of these."""
    before = stock_of(organisation_id, pools, today)
    due = dict(
        Loan.objects.open().filter(instrument__in=[row for row, *_ in going]).values_list("instrument", "due_on")
    )
    for pool, stock in before.items():
        out = [(row, line) for row, line, _pick in going if _pool(row) == pool]
        after = _without(
            stock,
            [periods[line.pk] if line else None for _row, line in out],
            [due[row.pk] for row, _line in out if row.pk in due],
        )
        day = breaks_a_promise(stock, after, today)
        if day is None:
            continue
        row = next((row for row, line in out if line is None), out[0][0])
        lines = open_lines(organisation_id, [pool]).select_related("reservation__site")
        own = {line.pk for _row, line in out if line}
        first = lines.exclude(pk__in=own).order_by("reservation__from_on", "pk").first() or lines.first()
        assert first is not None
        promised = first.reservation
        raise AllReserved(row, number=first.number, site=promised.site.name, day=written(promised.from_on))


def _without(stock: Stock, reservations: Sequence[Reservation | None], due: Sequence[date]) -> Stock:
    """The stock when one instrument has left for each of these reservations (None: for good). Those that were here on
    loan need not leave again on the days they are `due`."""
    taken, back = list(stock.taken), list(stock.back)
    for reservation in filter(None, reservations):
        from_on, until_on = reservation.from_on, reservation.until_on
        place = next(
            n for n, one in enumerate(taken) if (one.from_on, one.until_on) == (from_on, until_on) and one.number > 0
        )
        taken[place] = Taking(taken[place].number - 1, from_on, until_on)
        if until_on:
            back.append((until_on, 1))
    for day in due:
        place = next(n for n, one in enumerate(taken) if (one.from_on, one.until_on) == (day, None) and one.number > 0)
        taken[place] = Taking(taken[place].number - 1, day)
    return replace(stock, here=stock.here - len(reservations), taken=tuple(taken), back=tuple(back))


def _note(
    going: Sequence[tuple[Instrument, ReservationLine | None, Pick | None]],
    left: dict[int, int],
    handover: Handover,
    at: datetime,
) -> None:
    """Write down which of them left for which line, and close the lines that are complete."""
    Pick.objects.filter(pk__in=[pick.pk for _row, _line, pick in going if pick]).update(left_at=at, left_with=handover)
    Pick.objects.bulk_create(
        Pick(line=line, instrument=row, made_at=at, by_key=handover.by_key, left_at=at, left_with=handover)
        for row, line, pick in going
        if line and not pick
    )
    now: dict[int, int] = defaultdict(int, left)
    for _row, line, _pick in going:
        if line:
            now[line.pk] += 1
    full = ReservationLine.objects.open().filter(pk__in=[pk for pk, number in now.items() if number])
    for line in full:
        if now[line.pk] >= line.number:
            ReservationLine.objects.filter(pk=line.pk).update(closed_at=at)


def put_back(handover: Handover, *, at: datetime) -> None:
    """The handover is undone: what had left for a reservation has not, and its line is open again."""
    undone = Pick.objects.filter(left_with=handover, released_at=None)
    lines = list(undone.values_list("line", flat=True))
    undone.update(released_at=at)
    ReservationLine.objects.filter(pk__in=lines, reservation__cancelled_at=None).update(closed_at=None)
