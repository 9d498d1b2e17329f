"""Pure decisions about lessons and marks."""

from enum import StrEnum


class MarkState(StrEnum):
    PRESENT = "present"
    ABSENT = "absent"
    LATE = "late"
    ANNOUNCED = "announced"  # absent, and a guardian said so before


class QuarantineReason(StrEnum):
    OTHER_CONTENT = "other_content"  # the same id came before with another content
    NOT_YOUR_LESSON = "not_your_lesson"
    NOT_IN_LESSON = "not_in_lesson"  # the child moved or left
    LESSON_CANCELLED = "lesson_cancelled"
    UNKNOWN = "unknown"  # no such lesson or child (any more)
