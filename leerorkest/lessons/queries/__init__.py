"""Reads for the week, the register, the child's page and the coordinator's lists."""

from .calendar import Appointment, appointments, changes_of, link_of, open_link
from .children import Attendance, MarkedLesson, lessons_during, marks_of
from .cover import absences_to_come, asks, asks_to_answer, covers_of, options, wanted
from .log import Log, Noted, defects_to_choose, groups_closed_by, log_of, pieces_to_choose
from .marks import names_of, standings, tap_of
from .next_time import left_for, left_in
from .patterns import Pattern, patterns
from .register import InCare, Line, Register, instruments_of, register, sections_of
from .statement import Statement, statement
from .to_do import (
    GroupPlays,
    groups_without_hour,
    missing_registers,
    open_registers,
    registers_to_close,
    stood_in_to_close,
    what_plays,
)
from .week import Hour, is_taught_by, week

__all__ = [
    "Appointment",
    "Attendance",
    "GroupPlays",
    "Hour",
    "InCare",
    "Line",
    "Log",
    "MarkedLesson",
    "Noted",
    "Pattern",
    "Register",
    "Statement",
    "absences_to_come",
    "appointments",
    "asks",
    "asks_to_answer",
    "changes_of",
    "covers_of",
    "defects_to_choose",
    "groups_closed_by",
    "groups_without_hour",
    "instruments_of",
    "is_taught_by",
    "left_for",
    "left_in",
    "lessons_during",
    "link_of",
    "log_of",
    "marks_of",
    "missing_registers",
    "names_of",
    "open_link",
    "open_registers",
    "options",
    "patterns",
    "pieces_to_choose",
    "register",
    "registers_to_close",
    "sections_of",
    "standings",
    "statement",
    "stood_in_to_close",
    "tap_of",
    "wanted",
    "week",
    "what_plays",
]
