"""One true sentence for every child: why this."""

from collections import Counter
from collections.abc import Iterable
from functools import cached_property

from planner.allotment.flow import COUNTED, RANK_LEVEL, Placed
from planner.allotment.pools import Pools, may_play
from planner.allotment.problem import FOURTH, WITHOUT, Child, Instrument, Stock, rank

WISH = {1: "first", 2: "second", 3: "third"}
WORSE = {
    "without": "one more child would be without an instrument",
    "fourth or worse": "one more child would get none of its wishes",
    "third": "one more child would get its third wish",
    "second": "one more child would get its second wish",
    "disappointed again": "a child who had less luck last year would be disappointed again",
    "transport": "the instruments would have to travel further",
}


class Reasons:
    """`placed.prices` None: the plan is bound by sections or pairs, so prices alone do not explain it."""

    def __init__(self, pools: Pools, placed: Placed, is_priced: bool):
        self.pools, self.placed, self.is_priced = pools, placed, is_priced
        self._known: dict[tuple[object, ...], str] = {}

    @cached_property
    def names(self) -> dict[str, str]:
        return {kind.id: kind.name or kind.id for kind in self.pools.problem.kinds}

    @cached_property
    def first_wishes(self) -> Counter[tuple[tuple[str, ...], str]]:
        """How many children, per reach, wish each kind first."""
        counted: Counter[tuple[tuple[str, ...], str]] = Counter()
        for (reach, _, wishes, _, _), by_school in self.pools.types.items():
            if wishes:
                counted[reach, wishes[0]] += sum(map(len, by_school.values()))
        return counted

    def fixed(self, child: Child, kept: Instrument | None) -> str:
        if kept is None:
            return f"Brings an own instrument: {self.names[child.own or '']}."
        return f"Keeps the {self.names[kept.kind]} {kept.size}: it still fits."

    def of(self, child: Child, stock: Stock | None) -> str:
        """Children who are alike read alike; the sentence is made once."""
        key = (child.school, child.fit, child.unsuitable, child.left_handed, child.wishes, child.lock, stock)
        known = self._known.get((*key, child.last_year))
        if known is None:
            known = self._known[(*key, child.last_year)] = self._make(child, stock)
        return known

    def _make(self, child: Child, stock: Stock | None) -> str:
        if stock is None:
            return self._without(child)
        kind = self.names[stock[1]]
        if child.lock is not None:
            return f"The teacher decided: {kind} {stock[2]}."
        got = rank(child, stock[1])
        if got == 1:
            return f"The first wish: {kind} {stock[2]}."
        first = "" if not child.wishes else " " + self._why_not(child, child.wishes[0], stock)
        if got == FOURTH:
            return f"{'None of the wishes' if child.wishes else 'No wish was given'}; {kind} {stock[2]} fits.{first}"
        return f"The {WISH[got]} wish: {kind} {stock[2]}.{first}"

    def _without(self, child: Child) -> str:
        reach = self.pools.reach[child.school]
        if not reach:
            return "Without an instrument: no depot with stock delivers to this school."
        fit = (child.fit, child.unsuitable, child.left_handed)
        if child.lock is not None:
            return f"Without an instrument: {self._why_not(child, child.lock, None)}"
        if not self.pools.possible(reach, fit):
            return "Without an instrument: nothing in stock here fits and suits this child."
        return "Without an instrument: there are fewer fitting instruments than children; the others would lose theirs."

    def _why_not(self, child: Child, kind: str, got: Stock | None) -> str:
        name = self.names[kind]
        if kind in child.unsuitable:
            return f"The teacher noted that {name} does not suit."
        sizes = self.pools.problem.fits[child.fit].get(kind, ())
        if not sizes:
            return f"No size of {name} fits."
        reach = self.pools.reach[child.school]
        there = [
            s for s in self.pools.possible(reach, (child.fit, child.unsuitable, child.left_handed)) if s[1] == kind
        ]
        of_size = f"{name} {' or '.join(sizes)}"
        if not there:
            return f"No {of_size} is in stock for this school."
        wished = self.first_wishes[reach, kind]
        count = sum(self.pools.stock[s] for s in there)
        asked = f"{wished} children here wish {name} first; {count} of {of_size} can come." if wished > count else ""
        if self.is_priced:
            loss = self._loss(child, there, got)
            if loss is None:
                return f"{asked} Between equal allotments the draw decided.".strip()
            return f"{asked} With {of_size} for this child, {WORSE[loss]}.".strip()
        return f"{asked} In the best plan for all, others or the balance of the sections needed it.".strip()

    def _loss(self, child: Child, there: Iterable[Stock], got: Stock | None) -> str | None:
        """The first level that would lose if the child had one of `there`, by the prices; None: nothing would."""
        now = self._worth(child, got)
        least = min(self._worth(child, stock) for stock in there)
        return next((name for name, a, b in zip(COUNTED, least, now, strict=True) if a != b), None)

    def _worth(self, child: Child, stock: Stock | None) -> tuple[int, ...]:
        place = WITHOUT if stock is None else rank(child, stock[1])
        cost = [0] * len(COUNTED)
        if place in RANK_LEVEL:
            cost[RANK_LEVEL[place]] = 1
        cost[4] = (place - 1) * (child.last_year - 1)
        if stock is None:
            return tuple(cost)
        cost[5] = self.metres[child.school][stock[0]]
        price = self.placed.prices.get(stock, (0,) * len(COUNTED))
        return tuple(c + p for c, p in zip(cost, price, strict=True))

    @cached_property
    def metres(self) -> dict[str, dict[str, int]]:
        return {school.id: dict(school.metres) for school in self.pools.problem.schools}


def outgrown(pools: Pools) -> list[str]:
    """Notes on children whose instrument no longer fits: they choose anew."""
    return [
        f"{child.name or child.id} cannot keep {child.keeps}: it does not fit any more."
        for n, child in enumerate(pools.problem.children)
        if child.keeps is not None
        and n not in pools.fixed
        and not may_play(
            pools.problem,
            child,
            pools.instruments[child.keeps].kind,
            pools.instruments[child.keeps].size,
            pools.instruments[child.keeps].hand,
        )
    ]
