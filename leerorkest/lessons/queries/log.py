"""What was noted in a lesson, and what a teacher can choose from."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import F, Max, QuerySet

from leerorkest.depot.defect_kinds import SHAPES
from leerorkest.depot.models import DefectKind
from leerorkest.shared.prepared import prepared

from ..log import Note, What, standing_notes
from ..models import SEEN, Lesson, NoteEvent, Piece, Section
from .register import Line

MOST_PIECES = 12  # on the register: the last ones of the group, then the newest


@dataclass(frozen=True)
class Noted:
    """One thing that stands, and the taps that say so."""

    what: What
    word: str  # as a phone sends it
    words: str  # as people read it
    by: tuple[uuid.UUID, ...]
    section: int | None = None  # of a piece; none: all sections together
    child: str = "-"
    instrument: str = "-"

    @property
    def key(self) -> str:
        """As the page names it: two taps with the same key say one thing."""
        return f"{self.what.value} {self.child} {self.instrument} {self.word or '-'}"

    @property
    def taps(self) -> str:
        return ",".join(str(tap) for tap in self.by)


def _note(event: NoteEvent) -> Note:
    about = (event.what, event.section_id, event.child_id, event.piece_id, event.seen, event.instrument_id)
    others = frozenset(uuid.UUID(other) for other in event.takes_back)
    return Note(event.id, (*about, event.defect_kind_id), others)


def taken_back(lessons: set[int]) -> set[uuid.UUID]:
    """Of the taps about broken instruments in these lessons, those that do not stand."""
    events = list(NoteEvent.objects.filter(lesson__in=lessons, what=What.BROKEN.value))
    notes = [_note(event) for event in events]
    standing = {tap for taps in standing_notes(notes).values() for tap in taps}
    return {event.id for event in events} - standing


@dataclass(frozen=True)
class Log:
    """What stands in one lesson: by child, and the pieces of one section and of all together."""

    by_child: dict[int, list[Noted]]
    pieces: dict[int, Noted]  # id of the piece →

    def without_what_was_seen(self) -> "Log":
        """For who reads the register, and not what teachers saw of a child."""
        kept = {child: [one for one in own if one.what is not What.SEEN] for child, own in self.by_child.items()}
        return replace(self, by_child=kept)


def log_of(lesson: Lesson, section: Section) -> Log:
    """One query, whatever the size."""
    events = {event.id: event for event in _events(lesson.pk)}
    by_child: dict[int, list[Noted]] = {}
    pieces: dict[int, Noted] = {}
    for taps in standing_notes(_note(event) for event in events.values()).values():
        event = events[taps[0]]
        noted = _noted(event, tuple(taps))
        if event.piece_id and event.section_id in (None, section.pk):
            pieces[event.piece_id] = noted
        elif event.child_id:
            by_child.setdefault(event.child_id, []).append(noted)
    return Log(by_child, pieces)


@prepared
def _events(lesson: int) -> QuerySet[NoteEvent]:
    return (
        NoteEvent.objects.filter(lesson=lesson)
        .exclude(what=What.CLOSED.value)
        .select_related("piece", "child", "instrument", "defect_kind")
        .order_by("sequence")
    )


def groups_closed_by(taps: set[str]) -> list[str]:
    """The groups of which these taps closed a register, or found it closed."""
    if not taps:
        return []
    closed = NoteEvent.objects.filter(id__in=taps, what=What.CLOSED.value, lesson__closings__section=F("section"))
    return list(dict.fromkeys(closed.order_by("sequence").values_list("lesson__series__group__name", flat=True)))


def _noted(event: NoteEvent, taps: tuple[uuid.UUID, ...]) -> Noted:
    what = What(event.what)
    if event.piece:
        return Noted(what, str(event.piece.uid), event.piece.title, taps, event.section_id)
    assert event.child is not None  # the table says so
    child = str(event.child.uid)
    if event.instrument and event.defect_kind:
        return Noted(what, event.defect_kind.pk, str(event.defect_kind), taps, None, child, str(event.instrument.uid))
    return Noted(what, event.seen, str(dict(SEEN).get(event.seen) or event.get_what_display()), taps, None, child)


def pieces_to_choose(lesson: Lesson) -> list[Piece]:
    """The last pieces of the group, then the newest of the organisation: two queries."""
    group = lesson.series.group
    own = list(_played(group.pk))
    newest = [piece for piece in _newest(group.school.site.organisation_id) if piece not in own]
    return (own + newest)[:MOST_PIECES]


@prepared
def _played(group: int) -> QuerySet[Piece]:
    played = Piece.objects.filter(notes__lesson__series__group=group)
    return played.annotate(last=Max("notes__sequence")).order_by("-last")[:MOST_PIECES]


@prepared
def _newest(organisation: int) -> QuerySet[Piece]:
    return Piece.objects.filter(organisation=organisation).order_by("-pk")[:MOST_PIECES]


def defects_to_choose(lines: Iterable[Line]) -> list[tuple[str, Any, list[DefectKind]]]:
    """What can be wrong with the instruments in care, by shape; one query."""
    shapes = sorted({line.shape for line in lines} - {""})
    kinds: dict[str, list[DefectKind]] = {shape: [] for shape in shapes}
    for kind in _kinds(tuple(shapes)):
        kinds[kind.shape].append(kind)
    return [(shape, SHAPES[shape], found) for shape, found in kinds.items()]


@prepared
def _kinds(shapes: tuple[str, ...]) -> QuerySet[DefectKind]:
    return DefectKind.objects.filter(shape__in=shapes).order_by("shape", "position")
