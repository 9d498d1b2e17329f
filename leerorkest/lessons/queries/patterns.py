"""Children who were not there several times in a row, for a gentle question."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from itertools import takewhile

from django.db.models import Count

from leerorkest.people.access import Actor
from leerorkest.people.models import Child
from leerorkest.schools import access as schools
from leerorkest.schools.models import Group, Membership

from .. import access
from ..models import MarkEvent
from ..rules import IN_A_ROW, PATTERN_PERIOD, MarkState, Tap, fold
from .marks import tap_of


@dataclass(frozen=True)
class Pattern:
    """So many lessons in a row, until the last one that was marked, without a word from home."""

    child: Child
    group: Group
    lessons: int
    since: date


def patterns(actor: Actor, *, on: date) -> list[Pattern]:
    """Of the children in groups whose schools the actor coordinates, the longest first. Three queries.

    Absent means absent: what was announced is no reason to ask, and what people differ about is decided first.
    """
    marks = MarkEvent.objects.filter(
        lesson__in=access.lessons_to_run(actor).filter(on__range=(on - PATTERN_PERIOD, on), cancelled_because="")
    )
    often = (
        marks.filter(state=MarkState.ABSENT.value)
        .order_by()
        .values("child")
        .annotate(lessons=Count("lesson", distinct=True))
        .filter(lessons__gte=IN_A_ROW)
        .values_list("child", flat=True)
    )
    members = {
        member.child_id: member
        for member in Membership.objects.on(on)
        .filter(schools.in_groups_to_run(actor, at="group__"), child__in=list(often))
        .select_related("child", "group__school__site")
    }
    taps: defaultdict[tuple[int, date, int], list[Tap]] = defaultdict(list)
    for event in marks.filter(child__in=members).select_related("lesson"):
        taps[event.child_id, event.lesson.on, event.lesson_id].append(tap_of(event))
    history: defaultdict[int, list[tuple[date, bool]]] = defaultdict(list)
    for (child, day, _lesson), own in sorted(taps.items(), reverse=True):
        history[child].append((day, fold(own)[child].state is MarkState.ABSENT))
    found = []
    for child, member in members.items():
        row = list(takewhile(lambda one: one[1], history[child]))
        if len(row) >= IN_A_ROW:
            found.append(Pattern(member.child, member.group, len(row), row[-1][0]))
    return sorted(found, key=lambda one: (-one.lessons, one.child.first_name, one.child.pk))
