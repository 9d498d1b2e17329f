from .marks import DECISIONS, REASONS, STATES, Closing, MarkEvent, QuarantinedMark
from .year import CAUSES, Lesson, LessonSeries, Seat, Section, values_of

__all__ = [
    "CAUSES",
    "DECISIONS",
    "REASONS",
    "STATES",
    "Closing",
    "Lesson",
    "LessonSeries",
    "MarkEvent",
    "QuarantinedMark",
    "Seat",
    "Section",
    "values_of",
]
