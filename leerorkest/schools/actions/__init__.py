"""Every write of this room, by subject."""

from .children import record_playing, stop_playing
from .programme import enter_school, open_school_year, start_programme, start_school
from .register import load_register
from .teaching import assign_teacher, end_teaching

__all__ = [
    "assign_teacher",
    "end_teaching",
    "enter_school",
    "load_register",
    "open_school_year",
    "record_playing",
    "start_programme",
    "start_school",
    "stop_playing",
]
