"""The weekly hour of a group, its lessons of the year, and the one that is cancelled."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from django.utils.translation import gettext_lazy as _

from leerorkest.network.queries import days_off
from leerorkest.network.rules import is_free
from leerorkest.schools.models import Group, Teaching
from leerorkest.shared.actions import Actor as AnyActor
from leerorkest.shared.actions import Refused, action, record

from ..models import Closing, Lesson, LessonChange, LessonSeries, Section
from ..rules import CancelCause, lesson_days, moment, with_tutti
from .cover import close_requests
from .seats import seat_children


class NoSection(Refused):
    sentence = _("A weekly hour needs at least one section. Choose a family for the first one.")


class NoSuchBlock(Refused):
    sentence = _("Only %(count)s lessons fit before the school year ends. Choose fewer, or begin earlier.")


class HourEndsBeforeItStarts(Refused):
    sentence = _("The lesson ends before it starts. Change one of the two times.")


@dataclass(frozen=True)
class NewSection:
    family: str
    room: str = ""
    teaching: Teaching | None = None


@dataclass(frozen=True)
class Tutti:
    """Each `every`th lesson all sections are one orchestra, in this room; 0: never."""

    every: int = 0
    room: str = ""


NEVER = Tutti()


@action
def start_series(
    *,
    group: Group,
    weekday: int,
    starts: time,
    ends: time,
    sections: Sequence[NewSection],
    first_on: date | None = None,
    last_on: date | None = None,
    tutti: Tutti = NEVER,
    by: AnyActor,
    at: datetime,
) -> LessonSeries:
    """A weekly hour of a group, for its school year unless told otherwise. Its lessons come with `plan_lessons`."""
    if not sections:
        raise NoSection
    if ends <= starts:
        raise HourEndsBeforeItStarts
    series = LessonSeries.objects.create(
        group=group,
        weekday=weekday,
        starts=starts,
        ends=ends,
        first_on=first_on or group.school_year.first_on,
        last_on=last_on or group.school_year.last_on,
        tutti_every=tutti.every,
        tutti_room=tutti.room,
    )
    Section.objects.bulk_create(
        Section(series=series, family=new.family, room=new.room, teaching=new.teaching) for new in sections
    )
    record("lessons.start_series", subject=series, detail={"group": group.pk, "sections": len(sections)})
    return series


@dataclass(frozen=True)
class Planned:
    new: int
    cancelled: int  # planned before, now on a day off


@action
def plan_lessons(*, series: LessonSeries, by: AnyActor, at: datetime) -> Planned:
    """The lessons of the period, days off left out. Again is safe: only days that miss a lesson get one.

    A lesson to come that now falls on a day off is cancelled, and stays visible as such.
    """
    organisation = series.group.school.site.organisation
    zone = organisation.time_zone
    off = days_off(organisation, series.first_on, series.last_on)
    days = lesson_days(weekday=series.weekday, first_on=series.first_on, last_on=series.last_on, days_off=off)
    known = {lesson.on: lesson for lesson in Lesson.objects.select_for_update().filter(series=series)}
    moved_away = set(LessonChange.objects.filter(lesson__series=series).values_list("was_on", flat=True))
    new = Lesson.objects.bulk_create(
        Lesson(
            series=series,
            on=day,
            starts_at=moment(day, series.starts, zone),
            ends_at=moment(day, series.ends, zone),
            is_tutti=is_tutti,
            tutti_room=series.tutti_room if is_tutti else "",
        )
        for day, is_tutti in with_tutti(days, series.tutti_every)
        if day not in known and day not in moved_away
    )
    to_cancel = [
        lesson
        for day, lesson in known.items()
        if lesson.starts_at > at and not lesson.cancelled_because and is_free(day, off)
    ]
    for lesson in to_cancel:
        _cancel(lesson, CancelCause.HOLIDAY, at)
    record("lessons.plan_lessons", subject=series, detail={"new": len(new), "cancelled": len(to_cancel)})
    return Planned(len(new), len(to_cancel))


def note_change(
    lesson: Lesson,
    *,
    cause: CancelCause,
    at: datetime,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
) -> LessonChange:
    """Keep where a lesson stood before it is moved, or cancelled (no times)."""
    return LessonChange.objects.create(
        lesson=lesson,
        was_on=lesson.on,
        was_starts_at=lesson.starts_at,
        was_ends_at=lesson.ends_at,
        starts_at=starts_at,
        ends_at=ends_at,
        cause=cause.value,
        at=at,
    )


def _cancel(lesson: Lesson, cause: CancelCause, at: datetime) -> None:
    note_change(lesson, cause=cause, at=at)
    Lesson.objects.filter(pk=lesson.pk).update(cancelled_because=cause.value)
    close_requests(lesson, at)


class RegisterIsClosed(Refused):
    sentence = _("A register of this lesson is closed already. How it was given stays as it is.")


@action
def set_tutti(*, lesson: Lesson, is_tutti: bool, room: str = "", by: AnyActor, at: datetime) -> None:
    """All sections of this lesson are one orchestra, or each is by itself again; until its first register is closed."""
    locked = Lesson.objects.select_for_update().get(pk=lesson.pk)
    if locked.cancelled_because:
        raise AlreadyCancelled
    if Closing.objects.filter(lesson=lesson).exists():
        raise RegisterIsClosed
    locked.is_tutti, locked.tutti_room = is_tutti, room if is_tutti else ""
    locked.save(update_fields=["is_tutti", "tutti_room"])
    record("lessons.set_tutti", subject=lesson, detail={"tutti": is_tutti})


class AlreadyCancelled(Refused):
    sentence = _("This lesson is cancelled already.")


class TookPlace(Refused):
    sentence = _("A register of this lesson is closed, so it took place and cannot be cancelled.")


@action
def cancel_lesson(*, lesson: Lesson, cause: CancelCause, by: AnyActor, at: datetime) -> None:
    locked = Lesson.objects.select_for_update().get(pk=lesson.pk)
    if locked.cancelled_because:
        raise AlreadyCancelled
    if Closing.objects.filter(lesson=lesson).exists():
        raise TookPlace
    _cancel(locked, cause, at)
    lesson.cancelled_because = cause.value
    record("lessons.cancel_lesson", subject=lesson, detail={"cause": cause.value})


def _end_of_block(group: Group, weekday: int, first_on: date, count: int) -> date:
    """The day of the last of `count` lessons."""
    last_on = group.school_year.last_on
    off = days_off(group.school.site.organisation, first_on, last_on)
    days = list(lesson_days(weekday=weekday, first_on=first_on, last_on=last_on, days_off=off))
    if len(days) < count:
        raise NoSuchBlock(count=len(days))
    return days[count - 1]


@action
def plan_hour(
    *,
    group: Group,
    weekday: int,
    starts: time,
    ends: time,
    sections: Sequence[NewSection],
    on: date,
    first_on: date | None = None,
    count: int | None = None,
    tutti: Tutti = NEVER,
    by: AnyActor,
    at: datetime,
) -> LessonSeries:
    """Everything a group needs for its weekly hour: the series, its lessons, a seat for who plays.

    For the whole school year, or a block of `count` lessons from `first_on`, days off not counted. In a year that has
    begun the lessons begin today: nobody closes registers of hours that never were.
    """
    begins = max(on, first_on or on, group.school_year.first_on)
    if begins > group.school_year.last_on:
        raise NoSuchBlock(count=0)
    series = start_series(
        group=group,
        weekday=weekday,
        starts=starts,
        ends=ends,
        sections=sections,
        first_on=begins,
        last_on=_end_of_block(group, weekday, begins, count) if count else None,
        tutti=tutti,
        by=by,
        at=at,
    )
    plan_lessons(series=series, by=by, at=at)
    seat_children(series=series, on=series.first_on, by=by, at=at)
    return series
