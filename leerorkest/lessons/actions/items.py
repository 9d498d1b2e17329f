"""One item of a batch on its way from a phone to a table."""

import uuid
from dataclasses import dataclass, field
from typing import Any

from ..log import SentNote, is_note, read_note
from ..models import Lesson
from ..rules import NotAMark, QuarantineReason, SentMark, content_hash, read_mark

NO_ID = uuid.UUID("5f0b9f3e-6f0c-4a8e-9a55-0d3f6a3c9a01")  # name space of keys for items without a usable id


@dataclass(frozen=True)
class Item:
    """What it is, and why it cannot be stored (None: it can)."""

    raw: object
    key: uuid.UUID
    hash: str
    mark: SentMark | None = None
    note: SentNote | None = None
    reason: QuarantineReason | None = None
    lesson: Lesson | None = None
    child: int | None = None
    things: dict[str, Any] = field(default_factory=dict)  # the rows that a note names

    @property
    def sent(self) -> SentMark | SentNote | None:
        return self.mark or self.note


def read(raw: object) -> Item:
    try:
        if is_note(raw):
            note = read_note(raw)
            return Item(raw, note.id, note.hash, note=note)
        mark = read_mark(raw)
    except NotAMark:
        digest = content_hash(raw)
        return Item(raw, uuid.uuid5(NO_ID, digest), digest, reason=QuarantineReason.MALFORMED)
    return Item(raw, mark.id, mark.hash, mark=mark)
