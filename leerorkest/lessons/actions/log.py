"""The log of a lesson: what was played and seen, and which instruments are not here or broken."""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from leerorkest.depot.actions.defects import report_defect, withdraw_defect
from leerorkest.depot.defect_kinds import shape_of
from leerorkest.depot.models import Custody, Defect, DefectKind, Instrument
from leerorkest.network.models import Organisation
from leerorkest.people.access import Actor
from leerorkest.people.models import Account
from leerorkest.shared.actions import Actor as AnyActor
from leerorkest.shared.actions import Refused, action, record, unless_taken

from .. import access
from ..log import SentNote, What
from ..models import NoteEvent, Piece, Section
from ..queries.log import taken_back
from ..rules import QuarantineReason
from .items import Item


class PieceIsThere(Refused):
    sentence = _("“%(title)s” is on the list already. Choose it there.")


@action
def add_piece(*, organisation: Organisation, title: str, composer: str = "", by: AnyActor, at: datetime) -> Piece:
    with unless_taken(PieceIsThere(title=title)):
        piece = Piece.objects.create(organisation=organisation, title=title, composer=composer, added_at=at)
    record("lessons.add_piece", subject=piece, organisation=organisation.key)
    return piece


def with_things(items: list[Item]) -> list[Item]:
    """Each note with the rows it names; aside when one of them does not fit the lesson or the child."""
    notes = [item.note for item in items if item.note]
    if not notes:
        return items
    things = _Things(notes)

    def found(item: Item) -> Item:
        if item.note is None or item.reason or item.lesson is None:
            return item
        named = things.of(item.note, item)
        if named is None:
            return replace(item, reason=QuarantineReason.UNKNOWN_THING)
        return replace(item, things=named)

    return [found(item) for item in items]


class _Things:
    """The rows that some notes name: a query for each table."""

    def __init__(self, notes: list[SentNote]) -> None:
        broken = [note for note in notes if note.what is What.BROKEN]
        pieces = {note.word for note in notes if note.what is What.PIECE}
        self.pieces = {str(row.uid): row for row in _rows(Piece, uid__in=pieces)}
        self.sections = {row.pk: row for row in _rows(Section, pk__in={note.section for note in notes if note.section})}
        self.kinds = {row.pk: row for row in _rows(DefectKind, pk__in={note.word for note in broken})}
        held = Custody.objects.holders().filter(instrument__uid__in={note.instrument for note in broken})
        self.held: dict[tuple[uuid.UUID | None, int | None], Instrument] = {
            (row.instrument.uid, row.child_id): row.instrument
            for row in held.filter(child__isnull=False).select_related("instrument__kind").order_by("started_at")
        }

    def of(self, note: SentNote, item: Item) -> dict[str, Any] | None:
        assert item.lesson is not None  # placed before
        match note.what:
            case What.PIECE:
                piece = self.pieces.get(note.word)
                section = self.sections.get(note.section) if note.section else None
                organisation = item.lesson.series.group.school.site.organisation_id
                if piece is None or piece.organisation_id != organisation:
                    return None
                if note.section and (section is None or section.series_id != item.lesson.series_id):
                    return None
                return {"piece": piece, "section": section}
            case What.BROKEN:
                instrument = self.held.get((note.instrument, item.child))
                kind = self.kinds.get(note.word)
                if instrument is None or kind is None or kind.shape != shape_of(instrument.kind):
                    return None
                return {"instrument": instrument, "defect_kind": kind}
            case What.CLOSED:
                section = self.sections.get(note.section) if note.section else None
                return {"section": section} if section and section.series_id == item.lesson.series_id else None
            case What.SEEN:
                return {"seen": note.word}
            case What.NOT_HERE:
                return {}


def _rows[Row: models.Model](table: type[Row], **named: Any) -> list[Row]:
    return list(table._default_manager.filter(**named)) if all(named.values()) else []


def event_of(item: Item, account: Account, at: datetime) -> NoteEvent:
    assert item.note is not None
    assert item.lesson is not None
    return NoteEvent(
        id=item.note.id,
        device=item.note.device,
        device_sequence=item.note.device_sequence,
        lesson=item.lesson,
        what=item.note.what.value,
        child_id=item.child,
        takes_back=[str(other) for other in item.note.takes_back],
        by=account,
        made_at=item.note.made_at,
        received_at=at,
        content_hash=item.hash,
        **item.things,
    )


def follow_up(new: Sequence[object], *, by: Actor, at: datetime) -> None:
    """The depot hears of a broken instrument under the id of the tap, and when its own sender takes that back; a
    register that was closed on a phone closes, after the marks that came with it."""
    broken = [note for note in new if isinstance(note, NoteEvent) and note.what == What.BROKEN.value]
    gone = taken_back({note.lesson_id for note in broken}) if broken else set()
    for note in sorted(broken, key=lambda one: (one.instrument_id or 0, one.sequence)):
        if note.takes_back:
            _withdraw(note, by, at)
        elif note.id not in gone:
            _report(note, by, at)
    for closed in new:
        if isinstance(closed, NoteEvent) and closed.what == What.CLOSED.value:
            _close(closed, by, at)


def _close(note: NoteEvent, by: Actor, at: datetime) -> None:
    """Closed by somebody else meanwhile, or cancelled: the tap stays, the register is as it is."""
    from .closing import close_register  # that module writes marks, and these come through this one

    assert note.section is not None
    is_own = access.lessons_to_mark(by).filter(pk=note.lesson_id).exists()  # else a stand-in of one section
    try:
        close_register(lesson=note.lesson, section=note.section, whole=is_own, by=by, at=at)
    except Refused as refusal:
        record("lessons.register_stays", subject=note.lesson, detail={"because": type(refusal).__name__})


def _report(note: NoteEvent, by: Actor, at: datetime) -> None:
    """Retired meanwhile, or reported by somebody else: the tap stays, the depot knows already."""
    assert note.instrument is not None
    assert note.defect_kind is not None
    try:
        report_defect(instrument=note.instrument, kind=note.defect_kind, by=by, at=at, defect_id=note.id)
    except Refused:
        record("lessons.defect_known", subject=note.instrument, detail={"kind": note.defect_kind_id})


def _withdraw(note: NoteEvent, by: Actor, at: datetime) -> None:
    """Of somebody else, or with a ticket by now: it is for the depot to settle."""
    named = {uuid.UUID(other) for other in note.takes_back}
    for defect in Defect.objects.open().filter(pk__in=named, instrument=note.instrument, by=by.account):
        try:
            withdraw_defect(defect=defect, by=by, at=at)
        except Refused:
            record("lessons.defect_stays", subject=f"defect:{defect.pk}")
