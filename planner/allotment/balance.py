"""Where a section has bounds or children want to be together, the flow is only the start: an integer programme."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from planner.allotment.flow import Placed
from planner.allotment.pools import Fit, Pools, Reach
from planner.allotment.problem import FOURTH, LEVELS, WITHOUT, Stock, rank
from planner.allotment.programme import Programme, run
from planner.stopping import Stop

RANK_LEVEL = {WITHOUT: 0, FOURTH: 2, 3: 3, 2: 4}
BALANCE, PAIRS, AGAIN, TRANSPORT = (
    LEVELS.index(name) for name in ("balance", "pairs", "disappointed again", "transport")
)
Line = tuple[str | None, str, Fit, tuple[str, ...], str | None, int, str | None]  # see _line
Taken = tuple[str, Reach, str, str, str]  # school, reach, kind, size, hand
Shortfall = dict[tuple[str, str], int]  # group, section → places below the least (−) or above the most (+)


def is_bound(pools: Pools) -> bool:
    return bool(pools.problem.pairs) or any(group.sections for group in pools.problem.groups)


def kinds_of(pools: Pools, placed: Placed) -> list[str | None]:
    """Per child the kind it plays."""
    found: list[str | None] = [None] * len(pools.problem.children)
    for n, stock in placed.of.items():
        found[n] = stock[1] if stock is not None else None
    for n, kept in pools.fixed.items():
        found[n] = kept.kind if kept is not None else pools.problem.children[n].own
    return found


def shortfalls(pools: Pools, placed: Placed) -> Shortfall:
    section = {kind.id: kind.section for kind in pools.problem.kinds}
    seats: Counter[tuple[str | None, str]] = Counter()
    for child, kind in zip(pools.problem.children, kinds_of(pools, placed), strict=True):
        if kind is not None:
            seats[child.group, section[kind]] += 1
    found = {}
    for group in pools.problem.groups:
        for name, (least, most) in group.sections.items():
            there = seats[group.id, name]
            if not least <= there <= most:
                found[group.id, name] = there - most if there > most else there - least
    return found


def off_balance(pools: Pools, placed: Placed) -> int:
    return sum(map(abs, shortfalls(pools, placed).values()))


def pairs_apart(pools: Pools, placed: Placed) -> int:
    if not pools.problem.pairs:
        return 0
    kind = dict(zip((child.id for child in pools.problem.children), kinds_of(pools, placed), strict=True))
    return sum(
        kind[pair.first] != kind[pair.second] if pair.same else None is not kind[pair.first] == kind[pair.second]
        for pair in pools.problem.pairs
    )


def balance(pools: Pools, placed: Placed, order: list[int], stop: Stop) -> tuple[Placed, list[int]]:
    """The best allotment within the bounds, and per level what nothing can go below. Parts that share neither depot nor
    pair are solved apart. Bounds add up while every part before reached its own; after a part that did not, the later
    levels of the sum are only bounded by nothing."""
    bounds = [0] * len(LEVELS)
    together = Placed()
    for part in _parts(pools):
        model = _Model(pools, part, order)
        programme = model.programme()
        answer = run(programme, stop.seconds)
        chosen = model.placed(answer.x) if answer.x is not None else {n: placed.of[n] for n in model.children}
        together.of.update(chosen)
        for k, bound in enumerate(answer.bounds):
            bounds[k] += bound
    for n, kept in pools.fixed.items():
        child = pools.problem.children[n]
        got = 1 if kept is None else rank(child, kept.kind)
        if got in RANK_LEVEL:
            bounds[RANK_LEVEL[got]] += 1
        bounds[AGAIN] += (got - 1) * (child.last_year - 1)
    return together, bounds


def _parts(pools: Pools) -> list[list[int]]:
    """Children (indices) who choose, in parts that share no depot, no group and no pair."""
    parent: dict[object, object] = {}

    def root(item: object) -> object:
        while parent.setdefault(item, item) != item:
            parent[item] = item = parent[parent[item]]
        return item

    children = pools.problem.children
    index = {child.id: n for n, child in enumerate(children)}
    for school, depots in pools.reach.items():
        for depot in depots:
            parent[root(("depot", depot))] = root(("school", school))
    for pair in pools.problem.pairs:
        schools = [children[index[name]].school for name in (pair.first, pair.second)]
        parent[root(("school", schools[0]))] = root(("school", schools[1]))
    found: dict[object, list[int]] = defaultdict(list)
    for n, child in enumerate(children):
        found[root(("school", child.school))].append(n)
    return [part for part in found.values() if part]


@dataclass
class _Columns:
    costs: list[dict[int, int]] = field(default_factory=list)
    most: list[int] = field(default_factory=list)
    entries: list[list[tuple[int, float]]] = field(default_factory=list)

    def add(self, most: int, cost: dict[int, int], entries: list[tuple[int, float]]) -> int:
        self.most.append(most)
        self.costs.append(cost)
        self.entries.append(entries)
        return len(self.most) - 1


class _Model:
    """One part as a programme. Children who are alike and in one group are one row; "any other kind" goes by a hub per
    group; what a school takes of a kind and size is spread over the depots at the end."""

    def __init__(self, pools: Pools, part: list[int], order: list[int]):
        self.pools, self.order = pools, order
        self.columns = _Columns()
        self.lower: list[float] = []
        self.upper: list[float] = []
        self.children = [n for n in part if n not in pools.fixed]
        self.direct: list[tuple[int, tuple[str, ...], str | None]] = []  # column, its line, kind-size-hand key or hub
        self.section = {kind.id: kind.section for kind in pools.problem.kinds}
        self.metres: Mapping[str, Mapping[str, int]] = {s.id: s.metres for s in pools.problem.schools}
        self._build(part)

    def row(self, lower: float, upper: float) -> int:
        self.lower.append(lower)
        self.upper.append(upper)
        return len(self.lower) - 1

    def _build(self, part: list[int]) -> None:
        problem = self.pools.problem
        alone = {name for pair in problem.pairs for name in (pair.first, pair.second)}
        self.lines: dict[Line, list[int]] = defaultdict(list)
        for n in self.children:
            c = problem.children[n]
            single = c.id if c.id in alone else None
            fit: Fit = (c.fit, c.unsuitable, c.left_handed)
            self.lines[c.group, c.school, fit, c.wishes, c.lock, c.last_year, single].append(n)
        self._sections(part)
        self.take: dict[Taken, int] = {}  # a school's row for kind, size, hand
        self.stock_row: dict[Stock, int] = {}
        self.spread: list[tuple[int, Taken, Stock]] = []
        self.hubs: dict[tuple[object, ...], tuple[int, list[tuple[int, Taken]]]] = {}
        self.choice: list[list[tuple[int, object]]] = []
        of_pair: dict[tuple[str, str], list[int]] = defaultdict(list)
        for line, members in self.lines.items():
            self._line(*line, len(members), of_pair)
        self._pairs(of_pair)

    def _sections(self, part: list[int]) -> None:
        """A row per bounded section of a group, with columns for what is missing or too much."""
        problem, pools = self.pools.problem, self.pools
        groups = {problem.children[n].group for n in part}
        settled: Counter[tuple[str | None, str]] = Counter()
        for n in part:
            if n in pools.fixed:
                kept = pools.fixed[n]
                kind = kept.kind if kept is not None else problem.children[n].own or ""
                settled[problem.children[n].group, self.section[kind]] += 1
        self.section_row: dict[tuple[object, str], int] = {}
        for group in problem.groups:
            if group.id not in groups:
                continue
            for name, (least, most) in group.sections.items():
                there = settled[group.id, name]
                row = self.row(least - there, most - there)
                self.section_row[group.id, name] = row
                self.columns.add(max(0, least), {BALANCE: 1}, [(row, 1.0)])
                self.columns.add(len(part), {BALANCE: 1}, [(row, -1.0)])

    def _taken(self, school: str, stock: Stock) -> Taken:
        """The row "what this school takes of this kind, size and hand", with a column per depot that has it."""
        reach = self.pools.reach[school]
        key = (school, reach, *stock[1:])
        if key not in self.take:
            self.take[key] = self.row(0, 0)
            for depot in reach:
                at = (depot, *stock[1:])
                count = self.pools.stock.get(at)
                if count:
                    if at not in self.stock_row:
                        self.stock_row[at] = self.row(-np.inf, count)
                    column = self.columns.add(
                        count,
                        {TRANSPORT: self.metres[school][depot]},
                        [(self.take[key], -1.0), (self.stock_row[at], 1.0)],
                    )
                    self.spread.append((column, key, at))
        return key

    def _options(self, school: str, fit: Fit) -> dict[str, list[Taken]]:
        found: dict[str, list[Taken]] = {}
        for stock in self.pools.possible(self.pools.reach[school], fit):
            at = found.setdefault(stock[1], [])
            key = self._taken(school, stock)
            if key not in at:
                at.append(key)
        return found

    def _in_section(self, group: object, kind: str) -> list[tuple[int, float]]:
        row = self.section_row.get((group, self.section[kind]))
        return [] if row is None else [(row, 1.0)]

    def _line(
        self,
        group: str | None,
        school: str,
        fit: Fit,
        wishes: tuple[str, ...],
        lock: str | None,
        last_year: int,
        single: str | None,
        count: int,
        of_pair: dict[tuple[str, str], list[int]],
    ) -> None:
        row = self.row(count, count)
        options = self._options(school, fit)

        def cost(rank: int) -> dict[int, int]:
            found = {RANK_LEVEL[rank]: 1} if rank in RANK_LEVEL else {}
            if last_year > 1 and rank > 1:
                found[AGAIN] = (rank - 1) * (last_year - 1)
            return found

        chosen: list[tuple[int, object]] = [(self.columns.add(count, cost(WITHOUT), [(row, 1.0)]), None)]
        wished = [lock] if lock is not None else list(wishes)
        if single is not None and lock is None:
            wished += [kind for kind in options if kind not in wishes]
        for kind in wished:
            place = wishes.index(kind) + 1 if kind in wishes else FOURTH
            for key in options.get(kind, ()):
                entries = [(row, 1.0), (self.take[key], 1.0), *self._in_section(group, kind)]
                column = self.columns.add(count, cost(place), entries)
                chosen.append((column, key))
                if single is not None:
                    of_pair[single, kind].append(column)
        if single is None and lock is None and options:
            hub_row, _ = self._hub(group, school, fit, options)
            column = self.columns.add(count, cost(FOURTH), [(row, 1.0), (hub_row, 1.0)])
            chosen.append((column, (group, school, fit)))
        self.choice.append(chosen)

    def _hub(
        self,
        group: str | None,
        school: str,
        fit: Fit,
        options: dict[str, list[Taken]],
    ) -> tuple[int, list[tuple[int, Taken]]]:
        """Any other kind that fits, for the children of one group and one fit."""
        at = (group, school, fit)
        if at not in self.hubs:
            row = self.row(0, 0)
            out = []
            for kind, keys in options.items():
                for key in keys:
                    entries = [(row, -1.0), (self.take[key], 1.0), *self._in_section(group, kind)]
                    out.append((self.columns.add(len(self.children), {}, entries), key))
            self.hubs[at] = (row, out)
        return self.hubs[at]

    def _pairs(self, of_pair: dict[tuple[str, str], list[int]]) -> None:
        here = {self.pools.problem.children[n].id for n in self.children}
        for pair in self.pools.problem.pairs:
            if pair.first not in here or pair.second not in here:
                continue
            apart = self.columns.add(1, {PAIRS: 1}, [])
            for kind in dict.fromkeys(k for name, k in of_pair if name in (pair.first, pair.second)):
                both = [of_pair.get((name, kind), []) for name in (pair.first, pair.second)]
                signs = [(1.0, -1.0), (-1.0, 1.0)] if pair.same else [(1.0, 1.0)]
                for first, second in signs:
                    row = self.row(-np.inf, 0.0 if pair.same else 1.0)
                    self.columns.entries[apart].append((row, -1.0))
                    for columns, sign in zip(both, (first, second), strict=True):
                        for column in columns:
                            self.columns.entries[column].append((row, sign))

    def programme(self) -> Programme:
        entries = self.columns.entries
        costs = np.zeros((len(LEVELS), len(entries)))
        for n, cost in enumerate(self.columns.costs):
            for level, value in cost.items():
                costs[level, n] = value
        return Programme(
            tuple(costs),
            np.array(self.columns.most, float),
            np.cumsum([0, *map(len, entries)]).astype(np.int32),
            np.array([row for column in entries for row, _ in column], np.int32),
            np.array([value for column in entries for _, value in column], float),
            np.array(self.lower, float),
            np.array(self.upper, float),
        )

    def placed(self, x: np.ndarray) -> dict[int, Stock | None]:
        """Counts back to children: equal children by the draw."""
        shelves: dict[object, list[Stock]] = defaultdict(list)
        for column, key, stock in self.spread:
            shelves[key] += [stock] * int(x[column])
        from_hub: dict[object, list[object]] = {
            at: [key for column, key in out for _ in range(int(x[column]))] for at, (_, out) in self.hubs.items()
        }
        found: dict[int, Stock | None] = {}
        for members, chosen in zip(self.lines.values(), self.choice, strict=True):
            waiting = sorted(members, key=self.order.__getitem__)
            for column, target in chosen:
                for _ in range(int(x[column])):
                    n = waiting.pop()
                    taken = from_hub[target].pop() if target in from_hub else target
                    found[n] = None if taken is None else shelves[taken].pop()
        return found
