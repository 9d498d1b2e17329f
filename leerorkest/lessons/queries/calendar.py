"""The lessons of a teacher as a calendar program reads them, and what happened to lessons."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet

from leerorkest.people.access import Actor
from leerorkest.people.rules import hash_of
from leerorkest.schools.models import Teaching
from leerorkest.shared.prepared import prepared

from .. import access
from ..models import CalendarLink, Lesson, LessonChange, Section


@dataclass(frozen=True)
class Appointment:
    """One lesson of a teacher, with her own sections of that hour and all that happened to it, the oldest first."""

    lesson: Lesson
    sections: list[Section]
    changes: list[LessonChange]


def link_of(secret: str) -> CalendarLink | None:
    """The open link with this secret."""
    rows = CalendarLink.objects.filter(secret_hash=hash_of(secret), revoked_at=None, account__is_active=True)
    return rows.select_related("account").first()


def open_link(actor: Actor) -> CalendarLink | None:
    return CalendarLink.objects.filter(account=actor.account, revoked_at=None).first()


def appointments(actor: Actor, *, first_on: date, last_on: date) -> list[Appointment]:
    """What the actor teaches in these days, also what was cancelled. Four queries, however many lessons."""
    mine = Section.objects.filter(teaching__posting__account=actor.account)
    by_series: defaultdict[int, list[Section]] = defaultdict(list)
    for section in mine.filter(teaching__posting__in=[posting.pk for posting in actor.postings]).order_by("pk"):
        by_series[section.series_id].append(section)
    lessons = list(
        access.lessons(actor)
        .filter(series__in=list(by_series), on__range=(first_on, last_on))
        .order_by("starts_at", "pk")
    )
    changes = changes_of(lesson.pk for lesson in lessons)
    return [Appointment(lesson, by_series[lesson.series_id], changes.get(lesson.pk, [])) for lesson in lessons]


def changes_of(lessons: Iterable[int]) -> dict[int, list[LessonChange]]:
    """{lesson: what happened to it, the oldest first}."""
    found: defaultdict[int, list[LessonChange]] = defaultdict(list)
    for change in _changes(tuple(lessons)):
        found[change.lesson_id].append(change)
    return found


@prepared
def _changes(lessons: tuple[int, ...]) -> QuerySet[LessonChange]:
    return LessonChange.objects.filter(lesson__in=lessons).order_by("pk")


def taught_at_the_time(lesson: Lesson, starts_at: datetime, ends_at: datetime) -> Teaching | None:
    """Of a section of another lesson at that time whose teacher also teaches in `lesson`."""
    accounts = lesson.series.sections.exclude(teaching=None).values("teaching__posting__account")
    others = Lesson.objects.filter(starts_at__lt=ends_at, ends_at__gt=starts_at, cancelled_because="")
    return (
        Teaching.objects.filter(
            sections__series__in=others.exclude(pk=lesson.pk).values("series"), posting__account__in=accounts
        )
        .select_related("group", "posting__account")
        .first()
    )
