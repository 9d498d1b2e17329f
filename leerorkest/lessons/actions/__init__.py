"""Every write of this room, by subject."""

from .calendar import (
    CalendarLinkGone,
    CalendarLinkJustMade,
    HasMarks,
    MovedToThePast,
    NoSchoolThatDay,
    NotMoved,
    OutsideTheYear,
    SameDay,
    TeacherGivesAnother,
    make_calendar_link,
    move_lesson,
    revoke_calendar_link,
)
from .closing import AlreadyClosed, LessonWasCancelled, NotYetTime, close_register
from .log import PieceIsThere, add_piece
from .marks import Receipt, TooManyAside, TooManyMarks, receive_marks
from .next_time import NamesAChild, NothingLeft, TooMuchLeft, leave_note
from .quarantine import AlreadyDecided, CannotBePlaced, decide_quarantined
from .seats import Seated, seat_children
from .year import (
    AlreadyCancelled,
    HourEndsBeforeItStarts,
    NewSection,
    NoSection,
    Planned,
    TookPlace,
    cancel_lesson,
    plan_hour,
    plan_lessons,
    start_series,
)

__all__ = [
    "AlreadyCancelled",
    "AlreadyClosed",
    "AlreadyDecided",
    "CalendarLinkGone",
    "CalendarLinkJustMade",
    "CannotBePlaced",
    "HasMarks",
    "HourEndsBeforeItStarts",
    "LessonWasCancelled",
    "MovedToThePast",
    "NamesAChild",
    "NewSection",
    "NoSchoolThatDay",
    "NoSection",
    "NotMoved",
    "NotYetTime",
    "NothingLeft",
    "OutsideTheYear",
    "PieceIsThere",
    "Planned",
    "Receipt",
    "SameDay",
    "Seated",
    "TeacherGivesAnother",
    "TooManyAside",
    "TooManyMarks",
    "TooMuchLeft",
    "TookPlace",
    "add_piece",
    "cancel_lesson",
    "close_register",
    "decide_quarantined",
    "leave_note",
    "make_calendar_link",
    "move_lesson",
    "plan_hour",
    "plan_lessons",
    "receive_marks",
    "revoke_calendar_link",
    "seat_children",
    "start_series",
]
