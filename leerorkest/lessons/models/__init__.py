from .calendar import CalendarLink, LessonChange
from .log import SEEN, WHATS, NoteEvent, Piece
from .marks import DECISIONS, REASONS, STATES, Closing, MarkEvent, QuarantinedMark
from .next_time import NextTime
from .year import CAUSES, Lesson, LessonSeries, Seat, Section, values_of

__all__ = [
    "CAUSES",
    "DECISIONS",
    "REASONS",
    "SEEN",
    "STATES",
    "WHATS",
    "CalendarLink",
    "Closing",
    "Lesson",
    "LessonChange",
    "LessonSeries",
    "MarkEvent",
    "NextTime",
    "NoteEvent",
    "Piece",
    "QuarantinedMark",
    "Seat",
    "Section",
    "values_of",
]
