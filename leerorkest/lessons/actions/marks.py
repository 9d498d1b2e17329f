"""What phones send: every item becomes a mark or a note of the log, or waits in quarantine."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from leerorkest.network.models import Organisation
from leerorkest.people.access import Actor
from leerorkest.people.models import Account
from leerorkest.schools.models import Membership
from leerorkest.shared.actions import Refused, action, record

from .. import access
from ..log import What
from ..models import Lesson, MarkEvent, NoteEvent, QuarantinedMark, Seat
from ..rules import (
    ASIDE_PERIOD,
    MOST_ASIDE,
    MOST_MARKS,
    QuarantineReason,
    as_text,
)
from . import log
from .items import Item, read

type Stored = MarkEvent | NoteEvent


class TooManyMarks(Refused):
    sentence = _("Send at most %(most)d marks at once. Nothing was kept: send them in smaller parts.")


class TooManyAside(Refused):
    """Quarantine is for what went wrong by accident; it is not a place that one account can fill."""

    sentence = _(
        "Too many of your marks could not be placed today. Keep them on this phone: it sends them again later."
    )

    def __init__(self, wait: timedelta) -> None:
        super().__init__()
        self.wait = wait


@dataclass(frozen=True)
class Receipt:
    """What became of one sent mark. The phone may forget the mark when it holds this."""

    id: str
    stored: bool  # else it waits in quarantine
    hash: str
    received_at: datetime
    reason: QuarantineReason | None = None


@action
def receive_marks(*, batch: Sequence[object], by: Actor, at: datetime) -> list[Receipt]:
    """Keep every item of the batch: as a mark, or in quarantine. One bad item never touches the rest.

    The receipts come in the order of the batch. A mark that came before with the same content gets its old receipt.
    Of who filled the quarantine today, what does not fit gets no receipt: the phone keeps it and sends it again.
    """
    if len(batch) > MOST_MARKS:
        raise TooManyMarks(most=MOST_MARKS)
    items = _placed([read(raw) for raw in batch], by, at)
    before, stored = _store(items, by, at)
    log.follow_up([event for pk, event in stored.items() if pk not in before], by=by, at=at)
    receipts = _receipts(items, stored, by, at)
    if items and not receipts:
        raise TooManyAside(wait=timedelta(hours=1))
    detail = {
        "sent": len(items),
        "new": len(stored.keys() - before),
        "in_quarantine": sum(not receipt.stored for receipt in receipts),
        "lessons": sorted({str(item.lesson.uid) for item in items if item.lesson}),
    }
    record("lessons.receive_marks", subject=f"account:{by.account.pk}", detail=detail)
    return receipts


def _placed(items: list[Item], by: Actor, at: datetime) -> list[Item]:
    """Each item with its lesson and child, or with the reason why it has none."""
    sent = [item.sent for item in items if item.sent]
    sent_lessons = {one.lesson for one in sent}
    lessons = {
        lesson.uid: lesson
        for lesson in Lesson.objects.filter(uid__in=sent_lessons).select_related(
            "series__group__school__site__organisation"
        )
    }
    mine = set(access.lessons_to_mark(by).filter(uid__in=sent_lessons).values_list("pk", flat=True))
    stood_in = _stood_in(by, at, {lesson.pk for lesson in lessons.values()} - mine)
    groups = {lesson.series.group_id for lesson in lessons.values()}
    members = list(
        Membership.objects.filter(
            group__in=groups, child__uid__in={one.child for one in sent if one.child}
        ).values_list("child__uid", "child", "group", "from_on", "until_on")
    )

    def placed(item: Item) -> Item:
        if item.sent is None:
            return item
        lesson = lessons.get(item.sent.lesson)
        if lesson is None:
            return replace(item, reason=QuarantineReason.UNKNOWN)
        periods = [
            (child, first <= lesson.on and (until is None or lesson.on < until))
            for uid, child, group, first, until in members
            if uid == item.sent.child and group == lesson.series.group_id
        ]
        child = periods[0][0] if periods else None
        reason = None
        if lesson.pk not in mine and _about(item, child) not in stood_in.get(lesson.pk, ()):
            reason = QuarantineReason.NOT_YOUR_LESSON
        elif lesson.cancelled_because:
            reason = QuarantineReason.LESSON_CANCELLED
        elif item.sent.child and not any(holds for _child, holds in periods):
            reason = QuarantineReason.NOT_IN_LESSON
        return replace(item, lesson=lesson, child=child, reason=reason)

    return log.with_things([placed(item) for item in items])


def _about(item: Item, child: int | None) -> object:
    """A child, a register, or None: what was played."""
    if item.note and item.note.what is What.CLOSED:
        return ("register", item.note.section)
    return child if item.sent and item.sent.child else None


def _stood_in(by: Actor, at: datetime, lessons: set[int]) -> dict[int, set[object]]:
    """{lesson that is not the account's own: the children it may mark there as a stand-in, its register, and None}.

    Children without a seat are shown in every section, so everybody may mark them.
    """
    found: dict[int, set[object]] = {}
    for cover in access.covers(by, at).filter(lesson__in=lessons) if lessons else ():
        seats = Seat.objects.on(cover.lesson.on).filter(series=cover.lesson.series_id)
        elsewhere = seats.exclude(section=cover.section_id).values("child")
        members = Membership.objects.on(cover.lesson.on).filter(group=cover.lesson.series.group_id)
        here = members.exclude(child__in=elsewhere).values_list("child", flat=True)
        found[cover.lesson_id] = {None, ("register", cover.section_id), *here}
    return found


def _store(items: list[Item], by: Actor, at: datetime) -> tuple[set[uuid.UUID], dict[uuid.UUID, Stored]]:
    """Insert what can be stored; the unique keys decide, also against another request at the same moment.

    The ids that were known before, and everything stored with an id of this batch.
    """
    ids = {item.key for item in items if item.sent}
    before = _known(ids)
    marks: dict[uuid.UUID, MarkEvent] = {}
    notes: dict[uuid.UUID, NoteEvent] = {}
    for item in items:
        if item.reason is None and item.key not in before.keys() | marks.keys() | notes.keys():
            if item.mark:
                marks[item.key] = event_of(item, by.account, at)
            else:
                notes[item.key] = log.event_of(item, by.account, at)
    # In the order of the ids: two requests with the same marks then wait for each other, and not in a circle.
    MarkEvent.objects.bulk_create([marks[pk] for pk in sorted(marks)], ignore_conflicts=True)
    NoteEvent.objects.bulk_create([notes[pk] for pk in sorted(notes)], ignore_conflicts=True)
    return set(before), _known(ids)


def _known(ids: set[uuid.UUID]) -> dict[uuid.UUID, Stored]:
    """An id is one thing, whichever table holds it."""
    if not ids:
        return {}
    notes: dict[uuid.UUID, Stored] = {note.id: note for note in NoteEvent.objects.filter(id__in=ids)}
    return notes | {mark.id: mark for mark in MarkEvent.objects.filter(id__in=ids)}


def event_of(item: Item, account: Account, at: datetime) -> MarkEvent:
    assert item.mark is not None
    assert item.lesson is not None
    assert item.child is not None
    return MarkEvent(
        id=item.mark.id,
        device=item.mark.device,
        device_sequence=item.mark.device_sequence,
        lesson=item.lesson,
        child_id=item.child,
        state=item.mark.state.value,
        corrects=[str(other) for other in item.mark.corrects],
        by=account,
        made_at=item.mark.made_at,
        received_at=at,
        content_hash=item.hash,
    )


def _receipts(items: list[Item], stored: dict[uuid.UUID, Stored], by: Actor, at: datetime) -> list[Receipt]:
    """What stands under its id with the same content is stored; all else goes to quarantine, once."""
    receipts: list[Receipt | None] = []
    aside: dict[tuple[uuid.UUID, str], QuarantinedMark] = {}
    for item in items:
        event = stored.get(item.key) if item.sent else None
        if event and event.content_hash == item.hash and event.by_id == by.account.pk:
            receipts.append(Receipt(str(event.id), True, event.content_hash, event.received_at))
            continue
        reason = QuarantineReason.OTHER_CONTENT if event else item.reason or QuarantineReason.SAME_SEQUENCE
        receipts.append(None)
        aside[item.key, item.hash] = _quarantined(item, reason, by, at)
    if aside:
        kept = _put_aside(aside, by, at)
        for place, item in enumerate(items):
            row = kept.get((item.key, item.hash))
            if receipts[place] is None and row:
                reason = QuarantineReason(row.reason)
                receipts[place] = Receipt(_sent_id(item), False, row.content_hash, row.received_at, reason)
    return [receipt for receipt in receipts if receipt]


def _put_aside(
    aside: dict[tuple[uuid.UUID, str], QuarantinedMark], by: Actor, at: datetime
) -> dict[tuple[uuid.UUID, str], QuarantinedMark]:
    """What now waits in quarantine of these, as much as one account may send there in a day."""

    def waiting() -> dict[tuple[uuid.UUID, str], QuarantinedMark]:
        rows = QuarantinedMark.objects.filter(by=by.account, mark_id__in={mark_id for mark_id, _hash in aside})
        return {(row.mark_id, row.content_hash): row for row in rows}

    known = waiting()
    today = QuarantinedMark.objects.filter(by=by.account, received_at__gt=at - ASIDE_PERIOD)
    new = [key for key in aside if key not in known][: max(MOST_ASIDE - today.count(), 0)]
    QuarantinedMark.objects.bulk_create([aside[key] for key in sorted(new)], ignore_conflicts=True)
    return waiting() if new else known


def _sent_id(item: Item) -> str:
    """The id as the phone wrote it, so that it recognises the answer to a mark it mangled."""
    if item.sent is None and isinstance(item.raw, dict) and isinstance(item.raw.get("id"), str):
        return item.raw["id"][:80]
    return str(item.key)


def _quarantined(item: Item, reason: QuarantineReason, by: Actor, at: datetime) -> QuarantinedMark:
    return QuarantinedMark(
        mark_id=item.key,
        content_hash=item.hash,
        content=as_text(item.raw),
        reason=reason.value,
        organisation=_organisation_of(item, by),
        lesson=item.lesson,
        child_id=item.child,
        state=item.mark.state.value if item.mark else "",
        by=by.account,
        received_at=at,
    )


def _organisation_of(item: Item, by: Actor) -> Organisation | None:
    if item.lesson:
        return item.lesson.series.group.school.site.organisation
    if by.postings:
        return by.postings[0].organisation
    last = by.account.postings.select_related("organisation").order_by("-from_on", "-pk").first()
    return last.organisation if last else None
