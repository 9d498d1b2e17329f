"""The hours of some days."""

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db.models import Exists, OuterRef, QuerySet

from leerorkest.people.access import Actor
from leerorkest.people.rules import Role
from leerorkest.schools.models import Membership
from leerorkest.shared.prepared import prepared

from .. import access
from ..models import Closing, Cover, Lesson, LessonChange, NextTime, Seat, Section
from .calendar import changes_of
from .cover import covers_of
from .next_time import left_for


@dataclass(frozen=True)
class Hour:
    """One section of one lesson, as the week shows it."""

    lesson: Lesson
    section: Section
    children: int
    closing: Closing | None
    is_mine: bool
    left: NextTime | None = None  # by the previous colleague
    moved_from: LessonChange | None = None  # the last change
    cover: Cover | None = None  # who stands in


def week(actor: Actor, *, first_on: date, last_on: date, at: datetime) -> list[Hour]:
    """The actor's hours of these days. A teacher sees her own sections, and those of her groups that have no teacher;
    and for what she stands in, until a day after it. Who coordinates or heads sees every section.
    """
    lessons = _lessons_between(actor, first_on, last_on)
    mine_too = {
        (cover.lesson_id, cover.section_id): cover
        for cover in _covers(actor, at)
        if first_on <= cover.lesson.on <= last_on
    }
    known = {lesson.pk for lesson in lessons}
    only_there = {cover.lesson_id: cover.lesson for cover in mine_too.values() if cover.lesson_id not in known}
    lessons = sorted([*lessons, *only_there.values()], key=lambda lesson: (lesson.starts_at, lesson.pk))
    sections: defaultdict[int, list[Section]] = defaultdict(list)
    for section in _sections(tuple(dict.fromkeys(lesson.series_id for lesson in lessons))):
        sections[section.series_id].append(section)
    seated = Counter(_seated(tuple(sections), last_on))
    closings = {
        (closing.lesson_id, closing.section_id): closing
        for closing in _closings_of(tuple(lesson.pk for lesson in lessons))
    }
    sees_all = bool(actor.roles & {Role.COORDINATOR, Role.SCHOOL_HEAD})
    hours: list[Hour] = []
    for lesson in lessons:
        for section in sections[lesson.series_id]:
            stands_in = (lesson.pk, section.pk) in mine_too
            mine = stands_in or is_taught_by(section, actor)
            if stands_in or (lesson.pk in known and (sees_all or mine or section.teaching is None)):
                closing = closings.get((lesson.pk, section.pk))
                hours.append(Hour(lesson, section, seated[section.pk], closing, mine))
    left = left_for((hour.lesson, hour.section) for hour in hours)
    covers = covers_of(dict.fromkeys(hour.lesson.pk for hour in hours))
    changes = changes_of(dict.fromkeys(hour.lesson.pk for hour in hours))
    return [
        replace(
            hour,
            left=left.get((hour.lesson.pk, hour.section.pk)),
            moved_from=next(reversed(changes.get(hour.lesson.pk, [])), None),
            cover=(cover := covers.get((hour.lesson.pk, hour.section.pk))),
            is_mine=hour.is_mine and (cover is None or cover.account_id == actor.account.pk),
        )
        for hour in hours
    ]


@prepared
def _lessons_between(actor: Actor, first_on: date, last_on: date) -> QuerySet[Lesson]:
    return access.lessons(actor).filter(on__range=(first_on, last_on)).order_by("starts_at", "pk")


@prepared
def _covers(actor: Actor, at: datetime) -> QuerySet[Cover]:
    return access.covers(actor, at)


@prepared
def _sections(series: tuple[int, ...]) -> QuerySet[Section]:
    return Section.objects.filter(series__in=series).select_related("teaching__posting__account").order_by("pk")


@prepared
def _seated(series: tuple[int, ...], on: date) -> QuerySet[Seat, int]:
    """The section of each seat whose child is still in the group."""
    here = Membership.objects.on(on).filter(child=OuterRef("child"), group=OuterRef("series__group"))
    return Seat.objects.on(on).filter(Exists(here), series__in=series).values_list("section", flat=True)


@prepared
def _closings_of(lessons: tuple[int, ...]) -> QuerySet[Closing]:
    return Closing.objects.filter(lesson__in=lessons).select_related("by")


def is_taught_by(section: Section, actor: Actor) -> bool:
    return section.teaching is not None and section.teaching.posting.account_id == actor.account.pk
