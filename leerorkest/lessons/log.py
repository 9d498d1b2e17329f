"""What a teacher notes besides who was there: pure decisions about the taps of the log.

A tap says one thing: a piece was played, something was seen of a child, its instrument is not here or broken, the
register is closed. It stands until a later tap takes it back by naming it. So what stands depends on the set of taps
alone, as with marks.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeGuard

from .rules import MOST_CORRECTED, NotAMark, content_hash

CODE = 40  # the longest word a tap can carry
LARGEST_SECTION = 2**31 - 1


class What(StrEnum):
    PIECE = "piece"  # was played
    SEEN = "seen"  # of a child
    NOT_HERE = "not_here"  # the child came without its instrument
    BROKEN = "broken"  # the instrument the child has in care
    CLOSED = "closed"  # the register of a section


class Seen(StrEnum):
    """A few things worth seeing, each one tap. Nothing about health or behaviour at home."""

    HOLD = "hold"
    TONE = "tone"
    LISTENS = "listens"
    HELPED = "helped"
    DARED = "dared"
    READY = "ready"
    MORE_TIME = "more_time"


@dataclass(frozen=True)
class SentNote:
    """One tap of the log as a phone sent it, checked for shape only."""

    id: uuid.UUID
    device: uuid.UUID
    device_sequence: int
    lesson: uuid.UUID
    what: What
    section: int | None  # whose register is closed; of a piece: none is all sections together
    child: uuid.UUID | None  # of everything else
    instrument: uuid.UUID | None  # that is broken
    word: str  # the piece, what was seen, or what is broken
    takes_back: tuple[uuid.UUID, ...]
    made_at: datetime

    @property
    def hash(self) -> str:
        return content_hash(self.as_sent())

    def as_sent(self) -> dict[str, Any]:
        return {
            "id": str(self.id),
            "device": str(self.device),
            "device_sequence": self.device_sequence,
            "lesson": str(self.lesson),
            "what": self.what.value,
            "section": self.section,
            "child": str(self.child) if self.child else None,
            "instrument": str(self.instrument) if self.instrument else None,
            "word": self.word,
            "takes_back": [str(other) for other in self.takes_back],
            "made_at": self.made_at.astimezone(UTC).isoformat(timespec="milliseconds"),
        }


def is_note(item: object) -> TypeGuard[dict[str, Any]]:
    return isinstance(item, dict) and "what" in item


def read_note(item: dict[str, Any]) -> SentNote:
    """The tap in `item`. Raises NotAMark."""
    try:
        sequence, section, others = item["device_sequence"], item["section"], item["takes_back"]
        what, word = What(item["what"]), item["word"]
        if type(sequence) is not int or not 0 <= sequence < 2**53:  # what a browser can count exactly
            raise NotAMark
        if not (section is None or (type(section) is int and 0 < section <= LARGEST_SECTION)):
            raise NotAMark
        if not isinstance(others, list) or len(others) > MOST_CORRECTED:
            raise NotAMark
        if not isinstance(word, str) or len(word) > CODE or not word.isascii() or not word.isprintable():
            raise NotAMark
        made_at = datetime.fromisoformat(item["made_at"])
        if made_at.tzinfo is None or not 1970 <= made_at.year < 2200:
            raise NotAMark
        note = SentNote(
            id=uuid.UUID(item["id"]),
            device=uuid.UUID(item["device"]),
            device_sequence=sequence,
            lesson=uuid.UUID(item["lesson"]),
            what=what,
            section=section,
            child=uuid.UUID(item["child"]) if item["child"] is not None else None,
            instrument=uuid.UUID(item["instrument"]) if item["instrument"] is not None else None,
            word=word,
            takes_back=tuple(sorted({uuid.UUID(other) for other in others})),
            made_at=made_at.astimezone(UTC),
        )
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as mistake:
        raise NotAMark from mistake
    if not _is_whole(note):
        raise NotAMark
    return note


def _is_whole(note: SentNote) -> bool:
    """It names what its kind needs, and nothing else."""
    match note.what:
        case What.PIECE:
            return note.child is None and note.instrument is None and _is_id(note.word)
        case What.SEEN:
            return bool(note.child) and not note.instrument and not note.section and note.word in set(Seen)
        case What.NOT_HERE:
            return bool(note.child) and not note.instrument and not note.section and not note.word
        case What.BROKEN:
            return bool(note.child and note.instrument and note.word) and not note.section
        case What.CLOSED:
            return bool(note.section) and not (note.child or note.instrument or note.word or note.takes_back)


def _is_id(word: str) -> bool:
    try:
        return str(uuid.UUID(word)) == word
    except ValueError:
        return False


@dataclass(frozen=True)
class Note:
    """One tap, as far as it matters for what stands."""

    id: uuid.UUID
    about: tuple[Any, ...]  # what it says: two taps with the same say one thing
    takes_back: frozenset[uuid.UUID] = frozenset()


def standing_notes(notes: Iterable[Note]) -> dict[tuple[Any, ...], list[uuid.UUID]]:
    """What stands in one lesson → the taps that say so, for who takes them back. In the order of first mention.

    A tap takes back only what says the same: who names another tap by accident or on purpose changes nothing.
    """
    notes = {note.id: note for note in notes}.values()
    gone = {(note.about, other) for note in notes for other in note.takes_back}
    found: dict[tuple[Any, ...], list[uuid.UUID]] = {}
    for note in notes:
        if not note.takes_back and (note.about, note.id) not in gone:
            found.setdefault(note.about, []).append(note.id)
    return found
