"""How long children had nothing to play on. The definition stands in `DEFINITION`, beside every figure."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from leerorkest.network.models import Holiday, Organisation
from leerorkest.schools.models import Enrolment, Playing, School

from ..models import Custody, Defect
from ..rules import Span, days_without, pieces_without

DEFINITION = _(
    "A child who plays an instrument should have one of that kind in care that can be played. A day counts when at "
    "no moment it had one. Days in a school holiday do not count. Seven such days are one child-week."
)


@dataclass(frozen=True)
class Without:
    """One school between two days."""

    school: School
    days: int
    children: int  # who were without for at least a day

    @property
    def weeks(self) -> float:
        return self.days / 7


def weeks_without(schools: QuerySet[School], *, first: date, until: date) -> list[Without]:
    """Each of these schools from `first` until, not including, `until`; six queries for any number of schools."""
    rows = list(schools.select_related("site__organisation").order_by("site__name", "pk"))
    zones = {row.pk: row.site.organisation for row in rows}
    enrolled = Enrolment.objects.filter(
        Q(until_on=None) | Q(until_on__gt=first), school__in=[row.pk for row in rows], from_on__lt=until
    )
    spans: dict[int, list[tuple[int, Span]]] = defaultdict(list)
    for school, child, from_on, until_on in enrolled.values_list("school", "child", "from_on", "until_on"):
        spans[school].append((child, (from_on, until_on)))
    children = enrolled.values("child")
    plays: dict[int, list[tuple[str, Span]]] = defaultdict(list)
    for child, kind, from_on, until_on in Playing.objects.filter(
        Q(until_on=None) | Q(until_on__gt=first), child__in=children, from_on__lt=until
    ).values_list("child", "kind", "from_on", "until_on"):
        plays[child].append((kind, (from_on, until_on)))
    held = _held(children, first, until)
    off: dict[int, list[Span]] = defaultdict(list)
    for place, first_on, last_on in Holiday.objects.filter(
        organisation__in={row.site.organisation_id for row in rows}, sort=Holiday.SCHOOL
    ).values_list("organisation", "first_on", "last_on"):
        off[place].append((first_on, last_on + timedelta(days=1)))
    found = []
    for row in rows:
        organisation = zones[row.pk]
        days: list[tuple[int, int]] = []
        for child, at_school in spans[row.pk]:
            for kind, played in plays[child]:
                has = [_days(piece, organisation) for piece in held[child, kind]]
                days.append((child, days_without([_both(at_school, played)], has, off[organisation.pk], first, until)))
        found.append(Without(row, sum(n for _, n in days), len({child for child, n in days if n})))
    return found


Piece = tuple[datetime, datetime | None]


def _held(children: QuerySet[Enrolment, Any], first: date, until: date) -> dict[tuple[int, str], list[Piece]]:
    """When each child had something of each kind in care that could be played."""
    margin = timedelta(days=2)  # the day of the place is cut out later
    custodies = Custody.objects.holders().filter(
        Q(ended_at=None) | Q(ended_at__date__gt=first - margin), child__in=children, started_at__date__lt=until + margin
    )
    stops: dict[int, list[Piece]] = defaultdict(list)
    stopping = Defect.objects.filter(stops_play=True, instrument__in=custodies.values("instrument"))
    for instrument, reported_at, ended_at in stopping.exclude(ended_because=Defect.MISTAKE).values_list(
        "instrument", "reported_at", "ended_at"
    ):
        stops[instrument].append((reported_at, ended_at))
    found: dict[tuple[int, str], list[Piece]] = defaultdict(list)
    for child, kind, instrument, started_at, ended_at in custodies.values_list(
        "child", "instrument__kind", "instrument", "started_at", "ended_at"
    ):
        found[child, kind] += pieces_without((started_at, ended_at), stops[instrument])
    return found


def _days(piece: Piece, organisation: Organisation) -> Span:
    """Every day that the piece touches."""
    start, end = piece
    return organisation.day_at(start), organisation.day_at(end) + timedelta(days=1) if end else None


def _both(a: Span, b: Span) -> Span:
    ends = [end for end in (a[1], b[1]) if end]
    return max(a[0], b[0]), min(ends) if ends else None


def total(rows: Iterable[Without]) -> float:
    return sum(row.days for row in rows) / 7
