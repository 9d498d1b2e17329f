"""The children and the stock, gathered so that equal ones are counted, not listed."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from planner.allotment.problem import Child, Extra, Instrument, Problem, Stock

Reach = tuple[str, ...]  # depots that deliver to a school, sorted
Fit = tuple[str, tuple[str, ...], bool]  # fit, unsuitable kinds, left-handed
Type = tuple[Reach, Fit, tuple[str, ...], str | None, int]  # with wishes, lock, last year's rank


def may_play(problem: Problem, child: Child, kind: str, size: str, hand: str) -> bool:
    """No instrument outside the size, unsuitable, or for the other hand."""
    return (
        size in problem.fits[child.fit].get(kind, ())
        and kind not in child.unsuitable
        and hand in ("any", "left" if child.left_handed else "right")
    )


@dataclass(frozen=True)
class Pools:
    """Who chooses, and from what. `fixed`: per child (index) the instrument that stays, or None: the child's own."""

    problem: Problem
    extra: tuple[Extra, ...] = ()

    @cached_property
    def instruments(self) -> dict[str, Instrument]:
        return {instrument.id: instrument for instrument in self.problem.instruments}

    @cached_property
    def fixed(self) -> dict[int, Instrument | None]:
        fixed: dict[int, Instrument | None] = {}
        for n, child in enumerate(self.problem.children):
            if child.own is not None:
                fixed[n] = None
            elif child.keeps is not None:
                kept = self.instruments[child.keeps]
                if may_play(self.problem, child, kept.kind, kept.size, kept.hand):
                    fixed[n] = kept
        return fixed

    @cached_property
    def kept(self) -> set[str]:
        return {instrument.id for instrument in self.fixed.values() if instrument is not None}

    @cached_property
    def stock(self) -> dict[Stock, int]:
        """How many of each are there to choose from."""
        counted = Counter(i.stock for i in self.problem.instruments if i.id not in self.kept)
        for extra in self.extra:
            counted[(extra.depot, extra.kind, extra.size, extra.hand)] += extra.count
        return dict(counted)

    @cached_property
    def reach(self) -> dict[str, Reach]:
        shared: dict[Reach, Reach] = {}
        stocked = {stock[0] for stock in self.stock}
        found = {}
        for school in self.problem.schools:
            depots = tuple(sorted(depot for depot in school.metres if depot in stocked))
            found[school.id] = shared.setdefault(depots, depots)
        return found

    @cached_property
    def at(self) -> dict[tuple[str, str], list[tuple[str, str, int]]]:
        """Per depot and kind: sizes, hands, counts."""
        found: dict[tuple[str, str], list[tuple[str, str, int]]] = defaultdict(list)
        for depot, kind, size, hand in sorted(self.stock):
            found[depot, kind].append((size, hand, self.stock[depot, kind, size, hand]))
        return found

    @cached_property
    def types(self) -> dict[Type, dict[str, list[int]]]:
        """Children (indices) who are alike in all but their school, by school."""
        found: dict[Type, dict[str, list[int]]] = {}
        fixed, reach = self.fixed, self.reach
        for n, child in enumerate(self.problem.children):
            if n in fixed:
                continue
            fit = (child.fit, child.unsuitable, child.left_handed)
            key = (reach[child.school], fit, child.wishes, child.lock, child.last_year)
            by_school = found.get(key)
            if by_school is None:
                by_school = found[key] = {}
            if child.school in by_school:
                by_school[child.school].append(n)
            else:
                by_school[child.school] = [n]
        return found

    def parts(self) -> list[list[Type]]:
        """The types, in parts that share no depot: each is a problem of its own."""
        parent: dict[str, str] = {}

        def root(depot: str) -> str:
            while parent.setdefault(depot, depot) != depot:
                parent[depot] = depot = parent[parent[depot]]
            return depot

        for depots in self.reach.values():
            for depot in depots[1:]:
                parent[root(depot)] = root(depots[0])
        found: dict[str, list[Type]] = defaultdict(list)
        for key in self.types:
            found[root(key[0][0]) if key[0] else ""].append(key)
        return list(found.values())

    def possible(self, reach: Reach, fit: Fit) -> tuple[Stock, ...]:
        """The stock that may go to a child of this fit."""
        known = self._possible.get((reach, fit))
        if known is None:
            known = self._possible[reach, fit] = tuple(self._look_up(reach, fit))
        return known

    @cached_property
    def _possible(self) -> dict[tuple[Reach, Fit], tuple[Stock, ...]]:
        return {}

    def _look_up(self, reach: Iterable[str], fit: Fit) -> Iterator[Stock]:
        name, unsuitable, left = fit
        hands = ("any", "left" if left else "right")
        for kind, sizes in self.problem.fits[name].items():
            if kind in unsuitable:
                continue
            for depot in reach:
                for size, hand, _ in self.at.get((depot, kind), ()):
                    if size in sizes and hand in hands:
                        yield (depot, kind, size, hand)
