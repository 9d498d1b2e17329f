"""Which class has its hour when, with which team of travelling teachers: the words of the problem and of its answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field

Slot = tuple[int, int]  # day, number of the slot on that day, both from 0


@dataclass(frozen=True, slots=True)
class Weights:
    """Points per rule: each may be changed per organisation, 0 switches it off. What is hard has no weight."""

    open_seat: int = 1000
    changed_teacher: int = 10
    avoided: int = 15
    moved: int = 4
    travel_minute: int = 1
    teacher_day: int = 20
    gap: int = 3
    under_contract: int = 15


SENTENCES = {
    "open_seat": "A section of a class has no teacher.",
    "changed_teacher": "A class gets a teacher who did not teach it last year.",
    "avoided": "A teacher works at a moment that the teacher asked to keep free.",
    "moved": "A class has its hour at another moment than last year.",
    "travel_minute": "A teacher is a minute on the way.",
    "teacher_day": "A teacher comes to work on one more day.",
    "gap": "A teacher waits an hour between two lessons.",
    "under_contract": "A teacher has a lesson fewer than the contract says.",
}
"""The rule behind each weight, as a coordinator would say it."""


@dataclass(frozen=True, slots=True)
class School:
    """`windows`: when lessons may be given here. `rooms`: how many classes can have theirs at once."""

    id: str
    windows: tuple[Slot, ...]
    rooms: int = 1


@dataclass(frozen=True, slots=True)
class Group:
    """A class with its lesson a week. `seats`: per teacher it needs, the section. `windows`: () where the school's
    hold. `pinned`: the slot that stands. `team`: per seat the teacher who stands, or None."""

    id: str
    school: str
    seats: tuple[str, ...]
    windows: tuple[Slot, ...] = ()
    pinned: Slot | None = None
    team: tuple[str | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Teacher:
    """`homes`: where the days begin and end, one for all days or one per day. `most`: lessons a week at most."""

    id: str
    sections: tuple[str, ...]
    homes: tuple[str, ...]
    free: tuple[Slot, ...]
    avoid: tuple[Slot, ...] = ()
    most: int = 20
    contract: int = 0
    most_a_day: int = 6

    def home(self, day: int) -> str:
        return self.homes[day % len(self.homes)]


@dataclass(frozen=True, slots=True)
class Plan:
    """`slots`: per group its moment, or None. `teams`: per group, per seat the teacher, or None."""

    slots: Mapping[str, Slot | None]
    teams: Mapping[str, tuple[str | None, ...]]


@dataclass(frozen=True, slots=True)
class Problem:
    """`hours`: start and end of each slot, in minutes of the day, the same every day. `travel`: minutes; a pair that is
    not there cannot be travelled in a day. `last`: last year's plan, or the plan in force."""

    days: int
    hours: tuple[tuple[int, int], ...]
    schools: tuple[School, ...]
    groups: tuple[Group, ...]
    teachers: tuple[Teacher, ...]
    travel: Mapping[str, Mapping[str, int]]
    weights: Weights = field(default_factory=Weights)
    last: Plan | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One cost, with whom it is about."""

    rule: str
    points: int
    count: int
    group: str | None = None
    teacher: str | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """`cost` is the sum of `items`. `bound`: no plan costs less. `open_bound`: no plan has fewer open seats."""

    plan: Plan
    cost: int
    items: tuple[Item, ...]
    open_seats: int
    bound: int
    open_bound: int
    seed: int
    iterations: int
    notes: tuple[str, ...] = ()
