"""The round of the mobile workshop: where to stop, in which order, with which parts."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Prefetch

from leerorkest.network.models import Site

from ..models import Instrument, Part, Repair, Repairs, RepairStep
from ..rules import distance, round_trip
from .repairs import ORDER, queue

MOST_STOPS = 8  # of one day
MOST_TICKETS = 400  # looked at, those for which a child waits first


@dataclass
class Stop:
    """A place on the way, and the tickets there."""

    site: Site
    tickets: list[Repair] = field(default_factory=list)
    kilometres: float | None = None  # from the stop before, as the crow flies; None: not on the map

    @property
    def waiting(self) -> int:
        """Tickets for which a child waits."""
        return len([ticket for ticket in self.tickets if not ticket.calm])  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Need:
    """A part to take along: for so many tickets, and how many lie in the drawer."""

    part: Part
    tickets: int
    stock: int


@dataclass(frozen=True)
class Round:
    stops: list[Stop]
    left_out: int  # stops that do not fit in a day
    kilometres: float  # there and back, without those that are not on the map
    parts: list[Need]


def round_of(workshop: Site, repairs: Repairs, *, most: int = MOST_STOPS) -> Round:
    """Open tickets of this workshop that it mends where the instrument is: the places with most waiting children, then
    most tickets, then the nearest; in an order that is short. Places that are not on the map come last, by name. A
    constant number of queries."""
    steps = Prefetch("steps", RepairStep.objects.filter(done_at=None).select_related("kind"), to_attr="to_do")
    to_mend = queue(repairs.to_mend().filter(workshop=workshop, on_site=True)).prefetch_related(steps)
    tickets = list(to_mend.order_by(*ORDER)[:MOST_TICKETS])
    rows = {row.pk: row for row in Instrument.objects.filter(pk__in=[t.instrument_id for t in tickets]).with_parties()}
    by_site: dict[int, Stop] = {}
    for ticket in tickets:
        keeper = rows[ticket.instrument_id].keeper
        by_site.setdefault(keeper.pk, Stop(keeper)).tickets.append(ticket)

    def urgent(stop: Stop) -> tuple[int, int, float, str]:
        far = distance(workshop.point, stop.site.point) if workshop.point and stop.site.point else float("inf")
        return -stop.waiting, -len(stop.tickets), far, stop.site.name

    wanted = sorted(by_site.values(), key=urgent)
    stops, kilometres = _in_order(workshop, wanted[:most])
    return Round(stops, len(wanted) - len(stops), kilometres, _parts(workshop, stops))


def _in_order(workshop: Site, chosen: list[Stop]) -> tuple[list[Stop], float]:
    """The stops in a short order from the workshop and back, and how many kilometres that is."""
    start = workshop.point
    by_name = sorted(chosen, key=lambda stop: stop.site.name)
    if start is None:
        return by_name, 0.0
    placed = [(stop, stop.site.point) for stop in chosen if stop.site.point]
    points = [start, *(point for _, point in placed if point)]
    order = round_trip(points)
    ordered, total, before = [], 0.0, start
    for number in order[1:]:
        stop = placed[number - 1][0]
        stop.kilometres = distance(before, points[number])
        total += stop.kilometres
        ordered.append(stop)
        before = points[number]
    total += distance(before, start)
    return ordered + [stop for stop in by_name if not stop.site.point], total


def _parts(workshop: Site, stops: Iterable[Stop]) -> list[Need]:
    """Parts that mend what is on these tickets and fit the instruments, most needed first."""
    parts = list(Part.objects.filter(site=workshop, is_used=True).counted().prefetch_related("mends"))
    mends = {part.pk: {kind.pk for kind in part.mends.all()} for part in parts}
    needed: Counter[int] = Counter()
    for ticket in (ticket for stop in stops for ticket in stop.tickets):
        kinds, row = {one.defect.kind_id for one in ticket.on_ticket}, ticket.instrument  # type: ignore[attr-defined]
        for part in parts:
            fits = part.kind_id in (None, row.kind_id) and part.size_id in (None, row.size_id)
            needed[part.pk] += bool(fits and mends[part.pk] & kinds)
    by_pk = {part.pk: part for part in parts}
    return [Need(by_pk[pk], n, by_pk[pk].stock) for pk, n in needed.most_common() if n]  # type: ignore[attr-defined]
