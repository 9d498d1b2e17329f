"""Everything that changes lessons, seats and marks."""

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from django.utils.translation import gettext_lazy as _

from leerorkest.network.models import Organisation
from leerorkest.network.queries import days_off
from leerorkest.network.rules import is_free
from leerorkest.people.access import Actor
from leerorkest.people.models import Account
from leerorkest.schools.models import Group, Membership, Playing, Teaching
from leerorkest.shared.actions import Actor as AnyActor
from leerorkest.shared.actions import Refused, action, record

from . import access
from .models import Closing, Lesson, LessonSeries, MarkEvent, QuarantinedMark, Seat, Section
from .rules import (
    ASIDE_PERIOD,
    MOST_ASIDE,
    MOST_MARKS,
    CancelCause,
    Decision,
    MarkState,
    NotAMark,
    QuarantineReason,
    SentMark,
    as_text,
    content_hash,
    lesson_days,
    moment,
    read_mark,
    seat,
)

# --- the year ------------------------------------------------------------------------------------------------


class NoSection(Refused):
    sentence = _("A weekly hour needs at least one section. Choose a family for the first one.")


class HourEndsBeforeItStarts(Refused):
    sentence = _("The lesson ends before it starts. Change one of the two times.")


@dataclass(frozen=True)
class NewSection:
    family: str
    room: str = ""
    teaching: Teaching | None = None


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
    new = Lesson.objects.bulk_create(
        Lesson(
            series=series, on=day, starts_at=moment(day, series.starts, zone), ends_at=moment(day, series.ends, zone)
        )
        for day in days
        if day not in known
    )
    to_cancel = [
        lesson.pk
        for day, lesson in known.items()
        if lesson.starts_at > at and not lesson.cancelled_because and is_free(day, off)
    ]
    Lesson.objects.filter(pk__in=to_cancel).update(cancelled_because=CancelCause.HOLIDAY.value)
    record("lessons.plan_lessons", subject=series, detail={"new": len(new), "cancelled": len(to_cancel)})
    return Planned(len(new), len(to_cancel))


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
    Lesson.objects.filter(pk=lesson.pk).update(cancelled_because=cause.value)
    lesson.cancelled_because = cause.value
    record("lessons.cancel_lesson", subject=lesson, detail={"cause": cause.value})


# --- seats ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Seated:
    new: int
    without: int  # children of the group that no section fits


@action
def seat_children(*, series: LessonSeries, on: date, by: AnyActor, at: datetime) -> Seated:
    """Give every child of the group without a seat one in a section of the family it plays. Again is safe.

    Who plays something of another family by now moves to it.
    """
    members = set(Membership.objects.on(on).filter(group=series.group_id).values_list("child", flat=True))
    families = dict(Playing.objects.on(on).filter(child__in=members).values_list("child", "kind__family"))
    sections = dict(Section.objects.filter(series=series).values_list("pk", "family"))
    taken: dict[int, int] = {}
    moved = []
    for one in Seat.objects.open().filter(series=series):
        if one.child_id in members and families.get(one.child_id, sections[one.section_id]) == sections[one.section_id]:
            taken[one.section_id] = taken.get(one.section_id, 0) + 1
            families.pop(one.child_id, None)
            members.discard(one.child_id)
        else:
            moved.append(one)
    seats = seat(families, sections, taken)
    leaving = [one for one in moved if one.child_id not in members or one.child_id in seats]
    for one in leaving:
        one.until_on = max(on, one.from_on)
    Seat.objects.bulk_update(leaving, ["until_on"])
    kept = {one.child_id for one in moved} - {one.child_id for one in leaving}
    Seat.objects.bulk_create(
        Seat(section_id=section, series=series, child_id=child, from_on=on) for child, section in seats.items()
    )
    without = len(members - set(seats) - kept)
    record("lessons.seat_children", subject=series, detail={"new": len(seats), "without": without})
    return Seated(len(seats), without)


@action
def plan_hour(
    *,
    group: Group,
    weekday: int,
    starts: time,
    ends: time,
    sections: Sequence[NewSection],
    on: date,
    by: AnyActor,
    at: datetime,
) -> LessonSeries:
    """Everything a group needs for its weekly hour: the series, its lessons of the year, a seat for who plays.

    In a year that has begun the lessons begin today: nobody closes registers of hours that never were.
    """
    series = start_series(
        group=group,
        weekday=weekday,
        starts=starts,
        ends=ends,
        sections=sections,
        first_on=max(on, group.school_year.first_on),
        by=by,
        at=at,
    )
    plan_lessons(series=series, by=by, at=at)
    seat_children(series=series, on=series.first_on, by=by, at=at)
    return series


# --- marks ---------------------------------------------------------------------------------------------------


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


@dataclass(frozen=True)
class _Item:
    """One item of a batch on its way: what it is, and why it cannot be stored (None: it can)."""

    raw: object
    key: uuid.UUID
    hash: str
    mark: SentMark | None
    reason: QuarantineReason | None = None
    lesson: Lesson | None = None
    child: int | None = None


@action
def receive_marks(*, batch: Sequence[object], by: Actor, at: datetime) -> list[Receipt]:
    """Keep every item of the batch: as a mark, or in quarantine. One bad item never touches the rest.

    The receipts come in the order of the batch. A mark that came before with the same content gets its old receipt.
    Of who filled the quarantine today, what does not fit gets no receipt: the phone keeps it and sends it again.
    """
    if len(batch) > MOST_MARKS:
        raise TooManyMarks(most=MOST_MARKS)
    items = _placed([_read(raw) for raw in batch], by)
    before, stored = _store(items, by, at)
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


NO_ID = uuid.UUID("5f0b9f3e-6f0c-4a8e-9a55-0d3f6a3c9a01")  # name space of keys for items without a usable id


def _read(raw: object) -> _Item:
    try:
        mark = read_mark(raw)
    except NotAMark:
        digest = content_hash(raw)
        return _Item(raw, uuid.uuid5(NO_ID, digest), digest, None, QuarantineReason.MALFORMED)
    return _Item(raw, mark.id, mark.hash, mark)


def _placed(items: list[_Item], by: Actor) -> list[_Item]:
    """Each item with its lesson and child, or with the reason why it has none."""
    marks = [item.mark for item in items if item.mark]
    sent_lessons = {mark.lesson for mark in marks}
    lessons = {
        lesson.uid: lesson
        for lesson in Lesson.objects.filter(uid__in=sent_lessons).select_related(
            "series__group__school__site__organisation"
        )
    }
    mine = set(access.lessons_to_mark(by).filter(uid__in=sent_lessons).values_list("pk", flat=True))
    groups = {lesson.series.group_id for lesson in lessons.values()}
    members = list(
        Membership.objects.filter(group__in=groups, child__uid__in={mark.child for mark in marks}).values_list(
            "child__uid", "child", "group", "from_on", "until_on"
        )
    )

    def placed(item: _Item) -> _Item:
        if item.mark is None:
            return item
        lesson = lessons.get(item.mark.lesson)
        if lesson is None:
            return replace(item, reason=QuarantineReason.UNKNOWN)
        periods = [
            (child, first <= lesson.on and (until is None or lesson.on < until))
            for uid, child, group, first, until in members
            if uid == item.mark.child and group == lesson.series.group_id
        ]
        child = periods[0][0] if periods else None
        reason = None
        if lesson.pk not in mine:
            reason = QuarantineReason.NOT_YOUR_LESSON
        elif lesson.cancelled_because:
            reason = QuarantineReason.LESSON_CANCELLED
        elif not any(holds for _child, holds in periods):
            reason = QuarantineReason.NOT_IN_LESSON
        return replace(item, lesson=lesson, child=child, reason=reason)

    return [placed(item) for item in items]


def _store(items: list[_Item], by: Actor, at: datetime) -> tuple[set[uuid.UUID], dict[uuid.UUID, MarkEvent]]:
    """Insert what can be stored; the unique keys decide, also against another request at the same moment.

    The ids that were known before, and every stored mark with an id of this batch.
    """
    ids = {item.mark.id for item in items if item.mark}
    before = set(MarkEvent.objects.filter(id__in=ids).values_list("id", flat=True))
    new: dict[uuid.UUID, MarkEvent] = {}
    for item in items:
        if item.mark and item.reason is None and item.mark.id not in before | new.keys():
            new[item.mark.id] = _event(item, by.account, at)
    # In the order of the ids: two requests with the same marks then wait for each other, and not in a circle.
    MarkEvent.objects.bulk_create([new[pk] for pk in sorted(new)], ignore_conflicts=True)
    return before, {event.id: event for event in MarkEvent.objects.filter(id__in=ids)} if ids else {}


def _event(item: _Item, account: Account, at: datetime) -> MarkEvent:
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


def _receipts(items: list[_Item], stored: dict[uuid.UUID, MarkEvent], by: Actor, at: datetime) -> list[Receipt]:
    """What stands under its id with the same content is stored; all else goes to quarantine, once."""
    receipts: list[Receipt | None] = []
    aside: dict[tuple[uuid.UUID, str], QuarantinedMark] = {}
    for item in items:
        event = stored.get(item.key) if item.mark else None
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


def _sent_id(item: _Item) -> str:
    """The id as the phone wrote it, so that it recognises the answer to a mark it mangled."""
    if item.mark is None and isinstance(item.raw, dict) and isinstance(item.raw.get("id"), str):
        return item.raw["id"][:80]
    return str(item.key)


def _quarantined(item: _Item, reason: QuarantineReason, by: Actor, at: datetime) -> QuarantinedMark:
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


def _organisation_of(item: _Item, by: Actor) -> Organisation | None:
    if item.lesson:
        return item.lesson.series.group.school.site.organisation
    if by.postings:
        return by.postings[0].organisation
    last = by.account.postings.select_related("organisation").order_by("-from_on", "-pk").first()
    return last.organisation if last else None


# --- closing the register ------------------------------------------------------------------------------------


class AlreadyClosed(Refused):
    sentence = _("%(name)s closed this register already. You can still correct a mark.")


class NotYetTime(Refused):
    sentence = _("This lesson is on another day to come. Close its register on the day itself.")


class LessonWasCancelled(Refused):
    sentence = _("This lesson was cancelled, so there is no register to close.")


@action
def close_register(*, lesson: Lesson, section: Section, by: Actor, at: datetime) -> Closing:
    """Note "present" for every child of the section that nobody touched, and close. Once."""
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
    return _event(_Item(mark.as_sent(), mark.id, mark.hash, mark, lesson=lesson, child=child), by.account, at)


# --- quarantine ----------------------------------------------------------------------------------------------


class AlreadyDecided(Refused):
    sentence = _("Somebody decided about this mark already.")


class CannotBePlaced(Refused):
    sentence = _("This mark names no lesson or child that we know. It can only be left out.")


@action
def decide_quarantined(*, quarantined: QuarantinedMark, decision: Decision, by: Actor, at: datetime) -> None:
    """A coordinator lets the mark count, or leaves it out. What came in stays as it was either way."""
    row = QuarantinedMark.objects.select_for_update().get(pk=quarantined.pk)
    if row.decided_at:
        raise AlreadyDecided
    if decision is Decision.ACCEPT:
        if row.lesson_id is None or row.child_id is None or not row.state:
            raise CannotBePlaced
        _accept(row, row.lesson_id, row.child_id, at)
    row.decided_at, row.decided_by, row.decision = at, by.account, decision.value
    row.save(update_fields=["decided_at", "decided_by", "decision"])
    record("lessons.decide_quarantined", subject=row, detail={"decision": decision.value, "reason": row.reason})


def _accept(row: QuarantinedMark, lesson: int, child: int, at: datetime) -> None:
    """The mark of who sent it, under an id and a device of its own: those it came with may be taken.

    Two people may have sent the same id with the same content: then there are two such marks.
    """
    mark = read_mark(json.loads(row.content))
    MarkEvent.objects.create(
        id=uuid.uuid5(row.mark_id, f"{row.by_id} {row.content_hash}"),
        device=uuid.uuid5(row.mark_id, "quarantine"),
        device_sequence=row.pk,
        lesson_id=lesson,
        child_id=child,
        state=row.state,
        corrects=[str(other) for other in mark.corrects],
        by_id=row.by_id,
        made_at=mark.made_at,
        received_at=at,
        content_hash=row.content_hash,
    )
