from .calendar import CalendarLink, LessonChange
from .cover import Absence, Cover, CoverAsk, CoverRequest, StandIn
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
    "Absence",
    "CalendarLink",
    "Closing",
    "Cover",
    "CoverAsk",
    "CoverRequest",
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
    "StandIn",
    "values_of",
]
