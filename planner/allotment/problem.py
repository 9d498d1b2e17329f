"""Which child plays what, on which instrument: the words of the problem and of its answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field

LEVELS = ("without", "balance", "fourth or worse", "third", "second", "pairs", "disappointed again", "transport")
"""What counts, first things first. `balance`: places outside a section's bounds; `pairs`: wishes to play together that
fail; `disappointed again`: over all children (rank − 1) × (last year's rank − 1); `transport`: metres."""

WITHOUT, FOURTH = 5, 4  # ranks beside 1, 2, 3
Stock = tuple[str, str, str, str]  # depot, kind, size, hand


@dataclass(frozen=True, slots=True)
class Kind:
    id: str
    section: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class School:
    """`metres`: per depot that can deliver here, how far it is. A depot that is not named does not deliver."""

    id: str
    metres: Mapping[str, int]
    name: str = ""


@dataclass(frozen=True, slots=True)
class Instrument:
    """`hand`: any, left or right. `condition`: 1 (as new) to 5 (just playable)."""

    id: str
    depot: str
    kind: str
    size: str
    hand: str = "any"
    condition: int = 3

    @property
    def stock(self) -> Stock:
        return (self.depot, self.kind, self.size, self.hand)


@dataclass(frozen=True, slots=True)
class Group:
    """A class. `sections`: per section the fewest and the most children, where that is bounded."""

    id: str
    school: str
    sections: Mapping[str, tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Child:
    """`fit`: the name of what the teacher measured (`Problem.fits`). `own`: the kind the child brings. `lock`: the kind
    the teacher decided. `keeps`: the instrument that stays with the child. `had`: last year's, kept if it makes no
    difference. `last_year`: the rank of last year's allotment, 1 (first wish, or new here) to 5 (without)."""

    id: str
    school: str
    fit: str
    wishes: tuple[str, ...] = ()
    group: str | None = None
    unsuitable: tuple[str, ...] = ()
    left_handed: bool = False
    own: str | None = None
    lock: str | None = None
    keeps: str | None = None
    had: str | None = None
    last_year: int = 1
    name: str = ""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two children (siblings, friends) who want the same kind, or each another. Soft: never costs a child a wish."""

    first: str
    second: str
    same: bool = True


@dataclass(frozen=True, slots=True)
class Extra:
    """What if this many more came into stock?"""

    depot: str
    kind: str
    size: str
    count: int
    hand: str = "any"


@dataclass(frozen=True, slots=True)
class Problem:
    """`fits`: per name, per kind, the sizes that fit; a kind that is not there does not fit."""

    kinds: tuple[Kind, ...]
    schools: tuple[School, ...]
    fits: Mapping[str, Mapping[str, tuple[str, ...]]]
    instruments: tuple[Instrument, ...]
    children: tuple[Child, ...]
    groups: tuple[Group, ...] = ()
    pairs: tuple[Pair, ...] = ()
    what_if: tuple[tuple[Extra, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Allotted:
    """One line of the answer. `kind` None: without. `instrument` None beside a kind: the child brings it."""

    child: str
    kind: str | None
    size: str | None
    instrument: str | None
    depot: str | None
    rank: int
    why: str


@dataclass(frozen=True, slots=True)
class Level:
    """`bound`: no allotment that is as good on the levels before has less. Proven when it equals `value`."""

    name: str
    value: int
    bound: int

    @property
    def is_proven(self) -> bool:
        return self.value == self.bound


@dataclass(frozen=True, slots=True)
class Price:
    """What one more of this stock would save, per level of LEVELS, read lexicographically (a dual price)."""

    stock: Stock
    by_level: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """`certificate`: prices that prove the answer (see planner/certificate.py); None where sections or pairs bind."""

    allotted: tuple[Allotted, ...]
    levels: tuple[Level, ...]
    profile: tuple[int, int, int, int, int]  # children with rank 1, 2, 3, fourth or worse, without
    certificate: tuple[Price, ...] | None
    seed: int
    notes: tuple[str, ...] = ()

    @property
    def is_proven(self) -> bool:
        return all(level.is_proven for level in self.levels)


def rank(child: Child, kind: str | None) -> int:
    """1, 2, 3 for a wish, 4 for another kind, 5 for none. One's own instrument is a first wish."""
    if kind is None:
        return WITHOUT
    if child.own == kind:
        return 1
    return child.wishes.index(kind) + 1 if kind in child.wishes else FOURTH
