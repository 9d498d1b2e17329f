"""The year of one child."""

import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import F, Q, QuerySet

from leerorkest.depot.models import Custody
from leerorkest.people.models import Child
from leerorkest.shared.prepared import prepared

from ..models import Lesson, MarkEvent
from ..rules import THERE, MarkState, Standing, Tap, fold
from .marks import tap_of


@dataclass(frozen=True)
class MarkedLesson:
    lesson: Lesson
    standing: Standing

    @property
    def duration(self) -> timedelta:
        return self.lesson.ends_at - self.lesson.starts_at


@dataclass(frozen=True)
class Attendance:
    """What a child received: newest lesson first."""

    lessons: list[MarkedLesson]
    cancelled: list[Lesson] = field(default_factory=list)  # which the child should have had

    def _hours(self, *states: MarkState) -> float:
        return sum((one.duration for one in self.lessons if one.standing.state in states), timedelta()) / timedelta(
            hours=1
        )

    @property
    def hours_there(self) -> float:
        return self._hours(*THERE)

    @property
    def hours_missed(self) -> float:
        return self._hours(MarkState.ABSENT, MarkState.ANNOUNCED)

    @property
    def hours_cancelled(self) -> float:
        return sum((one.ends_at - one.starts_at for one in self.cancelled), timedelta()) / timedelta(hours=1)

    @property
    def causes(self) -> dict[str, int]:
        """Why lessons were cancelled, the most frequent cause first."""
        return dict(Counter(one.cancelled_because for one in self.cancelled).most_common())

    @property
    def undecided(self) -> int:
        """Lessons about which people differ."""
        return sum(1 for one in self.lessons if one.standing.conflict)

    @property
    def counts(self) -> dict[str, int]:
        found = Counter(one.standing.state for one in self.lessons)
        return {state.value: found[state] for state in MarkState}


def marks_of(child: Child, *, since: date, at: datetime) -> Attendance:
    """The child's marks from a day on, and what was cancelled until now. It came through a door of `schools.access`.

    A cancelled lesson was the child's when it had a seat in it that day.
    """
    taps: defaultdict[int, list[Tap]] = defaultdict(list)
    lessons: dict[int, Lesson] = {}
    for event in _marks(child.pk, since):
        lessons[event.lesson_id] = event.lesson
        taps[event.lesson_id].append(tap_of(event))
    marked = [MarkedLesson(lessons[pk], fold(own)[child.pk]) for pk, own in taps.items()]
    return Attendance(marked, _cancelled(child.pk, since, at))


@prepared
def _cancelled(child: int, since: date, at: datetime) -> QuerySet[Lesson]:
    seated = Q(series__seats__until_on=None) | Q(series__seats__until_on__gt=F("on"))
    return (
        Lesson.objects.filter(
            seated, series__seats__child=child, series__seats__from_on__lte=F("on"), on__gte=since, starts_at__lte=at
        )
        .exclude(cancelled_because="")
        .order_by("-starts_at", "pk")
    )


@prepared
def _marks(child: int, since: date) -> QuerySet[MarkEvent]:
    return (
        MarkEvent.objects.filter(child=child, lesson__on__gte=since)
        .select_related("lesson__series__group__school__site")
        .order_by("-lesson__starts_at", "sequence")
    )


def lessons_during(loans: Iterable[Custody], at: datetime) -> dict[uuid.UUID, int]:
    """How many lessons a child had while it held an instrument, by the id of that custody; one query.

    A lesson counts for who had a seat in it and when it took place. A loan whose child was forgotten has none.
    """
    rows = [loan for loan in loans if loan.child_id]
    if not rows:
        return {}
    seated = Q(series__seats__until_on=None) | Q(series__seats__until_on__gt=F("on"))
    found = Lesson.objects.filter(
        seated,
        series__seats__child__in={loan.child_id for loan in rows},
        series__seats__from_on__lte=F("on"),
        cancelled_because="",
        ends_at__lte=at,
        ends_at__gte=min(loan.started_at for loan in rows),
    ).values_list("series__seats__child", "starts_at")
    starts: dict[int, list[datetime]] = defaultdict(list)
    for child, starts_at in found:
        starts[child].append(starts_at)
    return {
        loan.pk: sum(loan.started_at <= start < (loan.ended_at or at) for start in starts[loan.child_id or 0])
        for loan in rows
    }
