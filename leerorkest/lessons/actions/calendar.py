"""A lesson that moves, and the calendar that hears of it."""

from datetime import date, datetime, time

from django.utils.translation import gettext_lazy as _

from leerorkest.network.queries import days_off
from leerorkest.network.rules import is_free
from leerorkest.people.access import Actor
from leerorkest.people.rules import hash_of, new_link_secret
from leerorkest.shared.actions import Actor as AnyActor
from leerorkest.shared.actions import Refused, action, record, unless_taken

from ..models import CalendarLink, Closing, Lesson, LessonChange, MarkEvent
from ..queries.calendar import taught_at_the_time
from ..rules import CancelCause, moment
from .cover import close_requests
from .year import AlreadyCancelled, HourEndsBeforeItStarts, note_change


class HasMarks(Refused):
    sentence = _("Somebody marked this lesson already, so it took place and cannot be moved.")


class MovedToThePast(Refused):
    sentence = _("That moment has passed. Choose a later one.")


class NotMoved(Refused):
    sentence = _("The lesson is at that time already. Choose another day or time.")


class SameDay(Refused):
    sentence = _("This group has a lesson on that day already. Choose another day.")


class NoSchoolThatDay(Refused):
    sentence = _("There is no school on that day. Choose another one.")


class OutsideTheYear(Refused):
    sentence = _("That day lies outside the school year. Choose an earlier one.")


class TeacherGivesAnother(Refused):
    sentence = _("%(name)s gives another lesson at that time: %(group)s. Choose another time.")


class CalendarLinkGone(Refused):
    sentence = _("There is no link any more. Make a new one.")


class CalendarLinkJustMade(Refused):
    sentence = _("Somebody made a link at the same moment. Look again.")


@action
def move_lesson(
    *, lesson: Lesson, on: date, starts: time, ends: time, cause: CancelCause, by: AnyActor, at: datetime
) -> LessonChange:
    """Give a lesson another day or hour, as wall-clock times at the organisation. Where it stood before is kept.

    Nothing moves that somebody marked, onto a day that is free, or to an hour at which one of its teachers gives
    another lesson.
    """
    if ends <= starts:
        raise HourEndsBeforeItStarts
    locked = Lesson.objects.select_for_update().get(pk=lesson.pk)
    year, organisation = lesson.series.group.school_year, lesson.series.group.school.site.organisation
    starts_at, ends_at = (moment(on, clock_time, organisation.time_zone) for clock_time in (starts, ends))
    if locked.cancelled_because:
        raise AlreadyCancelled
    if MarkEvent.objects.filter(lesson=lesson).exists() or Closing.objects.filter(lesson=lesson).exists():
        raise HasMarks
    if (starts_at, ends_at) == (locked.starts_at, locked.ends_at):
        raise NotMoved
    if starts_at <= at:
        raise MovedToThePast
    if not year.first_on <= on <= year.last_on:
        raise OutsideTheYear
    if is_free(on, days_off(organisation, on, on)):
        raise NoSchoolThatDay
    if Lesson.objects.filter(series=lesson.series_id, on=on).exclude(pk=lesson.pk).exists():
        raise SameDay
    if other := taught_at_the_time(lesson, starts_at, ends_at):
        raise TeacherGivesAnother(name=other.posting.account.name, group=other.group.name)
    change = note_change(locked, cause=cause, at=at, starts_at=starts_at, ends_at=ends_at)
    with unless_taken(SameDay()):
        Lesson.objects.filter(pk=lesson.pk).update(on=on, starts_at=starts_at, ends_at=ends_at)
    close_requests(lesson, at)
    record("lessons.move_lesson", subject=lesson, detail={"cause": cause.value, "on": on.isoformat()})
    return change


@action
def make_calendar_link(*, by: Actor, at: datetime) -> str:
    """The secret of a new link to one's own lessons, which is kept nowhere. The one before stops working."""
    CalendarLink.objects.filter(account=by.account, revoked_at=None).update(revoked_at=at)
    secret = new_link_secret()
    with unless_taken(CalendarLinkJustMade()):
        CalendarLink.objects.create(account=by.account, secret_hash=hash_of(secret), made_at=at)
    record("lessons.make_calendar_link", subject=by.account)
    return secret


@action
def revoke_calendar_link(*, by: Actor, at: datetime) -> None:
    if not CalendarLink.objects.filter(account=by.account, revoked_at=None).update(revoked_at=at):
        raise CalendarLinkGone
    record("lessons.revoke_calendar_link", subject=by.account)
