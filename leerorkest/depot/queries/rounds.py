"""The round of the mobile workshop: where to stop, in which order, with which parts."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from leerorkest.network.models import Site

from ..models import Instrument, Part, Repair, Repairs
from ..rules import distance, round_trip
from .repairs import queue

MOST_STOPS = 8  # of one day


@dataclass
class Stop:
    """A place on the way, and the tickets there."""

    site: Site
    tickets: list[Repair] = field(default_factory=list)
    kilometres: float | None = None  # from the stop before, as the crow flies; None: not on the map

    @property
    def waiting(self) -> int:
        """Tickets for which a child waits."""
        return sum(1 for ticket in self.tickets if not ticket.calm)  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Round:
    stops: list[Stop]
    left_out: int  # stops that do not fit in a day
    kilometres: float  # there and back, without those that are not on the map
    parts: list[tuple[Part, int]]  # what to take along, and for how many tickets


def point(site: Site) -> tuple[float, float] | None:
    return (float(site.north), float(site.east)) if site.north is not None and site.east is not None else None


def round_of(workshop: Site, repairs: Repairs, *, most: int = MOST_STOPS) -> Round:
    """Open tickets on site of this workshop: the places with most waiting children, then most tickets; in an order that
    is short. Places that are not on the map come last, by name."""
    tickets = list(queue(repairs.to_mend().filter(workshop=workshop, on_site=True)).order_by("calm", "due_on", "pk"))
    rows = {row.pk: row for row in Instrument.objects.filter(pk__in=[t.instrument_id for t in tickets]).with_parties()}
    by_site: dict[int, Stop] = {}
    for ticket in tickets:
        keeper = rows[ticket.instrument_id].keeper
        by_site.setdefault(keeper.pk, Stop(keeper)).tickets.append(ticket)
    wanted = sorted(by_site.values(), key=lambda stop: (-stop.waiting, -len(stop.tickets), stop.site.name))
    chosen = wanted[:most]
    start = point(workshop)
    placed = [stop for stop in chosen if start and point(stop.site)]
    points = [place for place in [start, *(point(stop.site) for stop in placed)] if place]
    order = round_trip(points)
    ordered, total, before = [], 0.0, start
    for number in order[1:]:
        stop = placed[number - 1]
        here = points[number]
        stop.kilometres = distance(before, here) if before else None
        total += stop.kilometres or 0.0
        ordered.append(stop)
        before = here
    if start and before:
        total += distance(before, start)
    ordered += sorted((stop for stop in chosen if stop not in ordered), key=lambda stop: stop.site.name)
    return Round(ordered, len(wanted) - len(chosen), total, _parts(workshop, ordered))


def _parts(workshop: Site, stops: Sequence[Stop]) -> list[tuple[Part, int]]:
    """Parts that mend what is on these tickets and fit the instruments, with how many tickets need one."""
    needed: Counter[int] = Counter()
    parts = {part.pk: part for part in Part.objects.filter(site=workshop, is_used=True).prefetch_related("mends")}
    mends = {pk: {kind.pk for kind in part.mends.all()} for pk, part in parts.items()}
    for stop in stops:
        for ticket in stop.tickets:
            kinds = {one.defect.kind_id for one in ticket.on_ticket}  # type: ignore[attr-defined]
            row = ticket.instrument
            for pk, part in parts.items():
                fits = part.kind_id in (None, row.kind_id) and part.size_id in (None, row.size_id)
                if fits and mends[pk] & kinds:
                    needed[pk] += 1
    return [(parts[pk], number) for pk, number in needed.most_common()]
