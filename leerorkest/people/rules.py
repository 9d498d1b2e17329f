"""The roles a posting can give."""

from enum import StrEnum


class Role(StrEnum):
    TEACHER = "teacher"
    COORDINATOR = "coordinator"
    DEPOT_KEEPER = "depot_keeper"
    SCHOOL_HEAD = "school_head"
    OFFICE = "office"  # accounts, postings, calendar, register: no child
