"""What a school's pupil export says, in our words and no more of it than we may keep.

Every reader (EDEXML, OneRoster, table) gives a Roster. Names are left out of `repr`, so that a Pupil in a traceback
or a log line never names a child.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from leerorkest.shared.uploads.sentences import FileRefused, Sentence

MAX_PUPILS = 60_000  # a whole city; above it somebody sends something else


class NeedsMapping(FileRefused):
    """A table whose columns must first be named by a person. `guess` maps our fields to columns, as far as seen."""

    def __init__(self, text: str, columns: tuple[str, ...], guess: Mapping[str, str]) -> None:
        super().__init__(text)
        self.columns = columns
        self.guess = dict(guess)


@dataclass(frozen=True, slots=True)
class SchoolHints:
    """What the file says about the school it is of: enough to notice that it is another school's file."""

    brin: str = ""
    dependance: str = ""  # "00" and empty are the same: the main site
    schoolkey: str = ""
    sending_system: str = ""

    @property
    def brin6(self) -> str:
        if len(self.brin) == 6:
            return self.brin
        return self.brin + (self.dependance or "00").zfill(2) if self.brin else ""


@dataclass(frozen=True, slots=True)
class RosterGroup:
    key: str  # new each school year
    name: str
    grade: str  # "" for a combination group: then each pupil has their own


@dataclass(frozen=True, slots=True)
class Pupil:
    line: int
    key: str = field(repr=False)  # the school's key: "" when the file gives none
    first_name: str = field(repr=False)
    prefix: str = field(repr=False)
    last_name: str = field(repr=False)
    group_key: str  # "" only in a delta: the group stays as it is
    grade: str
    key_is_stable: bool  # False for "#" keys and no key: such a child is matched by name and group


@dataclass(frozen=True, slots=True)
class Refusal:
    """One row that is left out. It still stands for a child: who is refused is not gone."""

    line: int
    reason: str
    sentence: Sentence
    key: str = field(default="", repr=False)
    name: tuple[str, str, str] = field(default=("", "", ""), repr=False)


@dataclass(frozen=True, slots=True)
class Notice:
    kind: str
    sentence: Sentence


@dataclass(frozen=True, slots=True)
class Roster:
    format: str  # "EDEXML 2.1", "OneRoster 1.1", "CSV", "XLSX"
    school_year: str  # "2026-2027"; "" when the file does not say
    school: SchoolHints
    groups: tuple[RosterGroup, ...]
    pupils: tuple[Pupil, ...]
    refused: tuple[Refusal, ...] = ()
    left: frozenset[str] = field(default=frozenset(), repr=False)  # keys of pupils the file says have left
    dropped_fields: tuple[str, ...] = ()  # names of fields, never their values
    warnings: tuple[Notice, ...] = ()
    is_full: bool = True  # a delta tells changes only: who is not in it has not left
