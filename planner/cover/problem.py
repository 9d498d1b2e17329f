"""Who stands in today: the words of the problem and of its answer. Times are minutes of the day."""

from collections.abc import Mapping
from dataclasses import dataclass, field

LEVELS = ("open", "later", "joined", "second skill", "changed", "over hours", "fairness", "travel")
"""What counts, first things first. `changed`: lessons of colleagues who are there and yet change hands; `over hours`:
minutes beyond what a contract leaves; `fairness`: for each lesson taken over, how often that teacher stood in this
year; `travel`: extra minutes on the way."""


@dataclass(frozen=True, slots=True)
class Teacher:
    """`sections`: what the teacher teaches; `also`: what the teacher can teach when needed. `free`: when the teacher
    may work today. `may_teach`: papers in order (a certificate of conduct that is valid today)."""

    id: str
    sections: tuple[str, ...]
    home: str
    free: tuple[tuple[int, int], ...]
    also: tuple[str, ...] = ()
    minutes_left: int = 0
    covers: int = 0
    may_teach: bool = True
    name: str = ""


@dataclass(frozen=True, slots=True)
class Lesson:
    """One section of one group today, and who was to teach it. `pinned`: keeps its teacher if that one is there."""

    id: str
    place: str
    section: str
    start: int
    end: int
    teacher: str
    children: int = 6
    pinned: bool = False
    name: str = ""


@dataclass(frozen=True, slots=True)
class Absence:
    teacher: str
    start: int = 0
    end: int = 24 * 60


@dataclass(frozen=True, slots=True)
class Later:
    """Another moment at which this lesson can be given: school, group and teacher are free then (tomorrow, say)."""

    lesson: str
    on: str
    start: int
    teacher: str


@dataclass(frozen=True, slots=True)
class Problem:
    """`travel`: minutes from place to place; a pair that is not there cannot be travelled. `join_most`: the most
    children in two joined sections; 0: never join. `options`: how many ranked plans are wanted."""

    teachers: tuple[Teacher, ...]
    lessons: tuple[Lesson, ...]
    absences: tuple[Absence, ...]
    travel: Mapping[str, Mapping[str, int]]
    later: tuple[Later, ...] = ()
    join_most: int = 0
    options: int = 3


@dataclass(frozen=True, slots=True)
class Change:
    """`how`: cover (by `teacher`), join (with `other`), later (`on`, `start`, by `teacher`), or open."""

    lesson: str
    how: str
    teacher: str | None = None
    other: str | None = None
    on: str | None = None
    start: int | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Option:
    """`levels`: as LEVELS. `scope`: among which plans this is the best one left."""

    changes: tuple[Change, ...]
    levels: tuple[int, ...]
    is_proven: bool
    scope: str


@dataclass(frozen=True, slots=True)
class Result:
    """`others_stay`: colleagues keep their lessons. `with_swaps`: where that leaves lessons open, colleagues may each
    give up one. Both best first."""

    lost: tuple[str, ...]
    others_stay: tuple[Option, ...]
    with_swaps: tuple[Option, ...] = field(default=())
