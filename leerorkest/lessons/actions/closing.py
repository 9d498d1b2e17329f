"""The register of a section is complete."""

import uuid
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from leerorkest.people.access import Actor
from leerorkest.schools.models import Membership
from leerorkest.shared.actions import Refused, action, record

from ..models import Closing, Lesson, MarkEvent, Seat, Section
from ..rules import MarkState, SentMark
from .items import Item
from .marks import event_of


class AlreadyClosed(Refused):
    sentence = _("%(name)s closed this register already. You can still correct a mark.")


class NotYetTime(Refused):
    sentence = _("This lesson is on another day to come. Close its register on the day itself.")


class LessonWasCancelled(Refused):
    sentence = _("This lesson was cancelled, so there is no register to close.")


@action
def close_register(*, lesson: Lesson, section: Section, whole: bool = False, by: Actor, at: datetime) -> Closing:
    """Note "present" for every child of the section that nobody touched, and close. Once.

    `whole`: where all sections are one orchestra, the registers of the others that are open close with it.
    """
    lesson = (
        Lesson.objects.select_for_update(of=("self",))
        .select_related("series__group__school__site__organisation")
        .get(pk=lesson.pk)
    )
    if lesson.cancelled_because:
        raise LessonWasCancelled
    if lesson.on > lesson.series.group.school.site.organisation.day_at(at):
        raise NotYetTime
    closed = Closing.objects.filter(lesson=lesson, section=section).select_related("by").first()
    if closed:
        raise AlreadyClosed(name=closed.by.name)
    closing = _close(lesson, section, by, at)
    if whole and lesson.is_tutti:
        others = Section.objects.filter(series=lesson.series_id).exclude(closings__lesson=lesson)
        for other in others.order_by("pk"):
            _close(lesson, other, by, at)
    return closing


def _close(lesson: Lesson, section: Section, by: Actor, at: datetime) -> Closing:
    closing = Closing.objects.create(lesson=lesson, section=section, by=by.account, at=at)
    untouched = _untouched(lesson, section)
    MarkEvent.objects.bulk_create(
        _present(closing, lesson, uid, child, number, by, at) for number, (uid, child) in enumerate(untouched)
    )
    record("lessons.close_register", subject=lesson, detail={"section": section.pk, "present": len(untouched)})
    return closing


def _untouched(lesson: Lesson, section: Section) -> list[tuple[uuid.UUID, int]]:
    """Children with a seat in the section and a place in the group that day, without any mark in this lesson."""
    members = Membership.objects.on(lesson.on).filter(group=lesson.series.group_id).values("child")
    return list(
        Seat.objects.on(lesson.on)
        .filter(section=section, child__in=members)
        .exclude(child__in=MarkEvent.objects.filter(lesson=lesson).values("child"))
        .order_by("child")
        .values_list("child__uid", "child")
    )


def _present(
    closing: Closing, lesson: Lesson, uid: uuid.UUID, child: int, number: int, by: Actor, at: datetime
) -> MarkEvent:
    """The closing is its own device: its marks follow from it, and never meet those of a phone."""
    mark = SentMark(
        id=uuid.uuid5(closing.id, str(uid)),
        device=closing.id,
        device_sequence=number,
        lesson=lesson.uid,
        child=uid,
        state=MarkState.PRESENT,
        corrects=(),
        made_at=at,
    )
    return event_of(Item(mark.as_sent(), mark.id, mark.hash, mark=mark, lesson=lesson, child=child), by.account, at)
