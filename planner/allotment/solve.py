"""A fair instrument for every child: the whole answer, proven, with a reason for each."""

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence

from planner.allotment import balance
from planner.allotment.flow import PLACE, Placed, place
from planner.allotment.pools import Pools
from planner.allotment.problem import (
    FOURTH,
    LEVELS,
    WITHOUT,
    Allotted,
    Extra,
    Level,
    Price,
    Problem,
    Result,
    Stock,
    rank,
)
from planner.allotment.reasons import Reasons, outgrown
from planner.stopping import Stop

BALANCE, PAIRS = LEVELS.index("balance"), LEVELS.index("pairs")


def solve(
    problem: Problem,
    stop: Stop | None = None,
    seed: int = 0,
    start: Result | None = None,
    extra: tuple[Extra, ...] = (),
) -> Result:
    """The fairest allotment: nobody above stock or outside size, then LEVELS in their order. `seed`: the public draw
    between children who are alike. `stop.seconds` bounds the integer programme of each part; the flow needs no bound.
    `start` is not needed: the flow is exact from nothing.
    `extra`: as if this much more were in stock. Memory and time grow with children, not with children × instruments."""
    pools = Pools(problem, extra)
    order = list(range(len(problem.children)))
    random.Random(seed).shuffle(order)  # noqa: S311 - a public draw, repeatable by its seed
    placed = place(pools, order)
    values = _values(pools, placed)
    bounds = list(values)
    is_bound = balance.is_bound(pools) and (values[BALANCE] > 0 or values[PAIRS] > 0)
    if is_bound:  # else the flow keeps every bound by itself, and its proof holds
        placed, bounds = balance.balance(pools, placed, order, stop or Stop())
        values = _values(pools, placed)
    return _written(pools, placed, values, bounds, not is_bound, seed)


def _values(pools: Pools, placed: Placed) -> list[int]:
    values = [0] * len(LEVELS)
    children = pools.problem.children
    metres = {school.id: school.metres for school in pools.problem.schools}
    by_rank = [0] * (WITHOUT + 1)
    sore = far = 0
    for n, stock in placed.of.items():
        child = children[n]
        got = WITHOUT if stock is None else rank(child, stock[1])
        by_rank[got] += 1
        sore += (got - 1) * (child.last_year - 1)
        if stock is not None:
            far += metres[child.school][stock[0]]
    for n, kept in pools.fixed.items():
        if kept is not None:
            got = rank(children[n], kept.kind)
            by_rank[got] += 1
            sore += (got - 1) * (children[n].last_year - 1)
    for place_, value in zip(PLACE, (by_rank[5], by_rank[4], by_rank[3], by_rank[2], sore, far), strict=True):
        values[place_] = value
    values[BALANCE] = balance.off_balance(pools, placed)
    values[PAIRS] = balance.pairs_apart(pools, placed)
    return values


def _written(
    pools: Pools, placed: Placed, values: Sequence[int], bounds: Sequence[int], is_priced: bool, seed: int
) -> Result:
    reasons = Reasons(pools, placed, is_priced)
    instrument = individual(pools, placed)
    lines = []
    profile = [0] * 5
    for n, child in enumerate(pools.problem.children):
        if n in pools.fixed:
            kept = pools.fixed[n]
            why = reasons.fixed(child, kept)
            if kept is None:
                lines.append(Allotted(child.id, child.own, None, None, None, 1, why))
            else:
                got = rank(child, kept.kind)
                lines.append(Allotted(child.id, kept.kind, kept.size, kept.id, kept.depot, got, why))
        else:
            stock = placed.of[n]
            why = reasons.of(child, stock)
            if stock is None:
                lines.append(Allotted(child.id, None, None, None, None, WITHOUT, why))
            else:
                got = rank(child, stock[1])
                lines.append(Allotted(child.id, stock[1], stock[2], instrument.get(n), stock[0], got, why))
        profile[lines[-1].rank - 1] += 1
    certificate = None
    if is_priced:
        prices = []
        for stock in sorted(placed.prices):
            if any(placed.prices[stock]):
                by_level = [0] * len(LEVELS)
                for at, value in zip(PLACE, placed.prices[stock], strict=True):
                    by_level[at] = value
                prices.append(Price(stock, tuple(by_level)))
        certificate = tuple(prices)
    levels = tuple(Level(*row) for row in zip(LEVELS, values, bounds, strict=True))
    counts = (profile[0], profile[1], profile[2], profile[FOURTH - 1], profile[WITHOUT - 1])
    return Result(tuple(lines), levels, counts, certificate, seed, tuple(outgrown(pools)))


def individual(pools: Pools, placed: Placed) -> dict[int, str]:
    """Per child (index) one instrument of its stock: last year's where it is there, then the best condition first for
    the child with the hardest luck last year. Extra stock has no tags yet: those children have no entry."""
    waiting: dict[Stock, list[int]] = defaultdict(list)
    taken: set[str] = set()
    chosen: dict[int, str] = {}
    for n, stock in placed.of.items():
        if stock is None:
            continue
        had = pools.problem.children[n].had
        last = pools.instruments.get(had or "")
        if last is not None and last.id not in pools.kept and last.id not in taken and last.stock == stock:
            chosen[n] = last.id
            taken.add(last.id)
            continue
        waiting[stock].append(n)
    shelf: dict[Stock, list[tuple[int, str]]] = defaultdict(list)
    for one in pools.problem.instruments:
        if one.id not in pools.kept and one.id not in taken and one.stock in waiting:
            shelf[one.stock].append((one.condition, one.id))
    children = pools.problem.children
    for stock, line in waiting.items():
        line.sort(key=lambda n: (-children[n].last_year, n))
        chosen.update((n, tag) for n, (_, tag) in zip(line, sorted(shelf[stock]), strict=False))
    return chosen


def differences(before: Result, after: Result) -> dict[str, object]:
    """What another stock would change: per level, and the children who would get something else."""
    pairs = list(zip(before.allotted, after.allotted, strict=True))
    return {
        "levels": {a.name: b.value - a.value for a, b in zip(before.levels, after.levels, strict=True)},
        "profile": [b - a for a, b in zip(before.profile, after.profile, strict=True)],
        "better": sum(new.rank < old.rank for old, new in pairs),
        "worse": sum(new.rank > old.rank for old, new in pairs),
        "changed": [
            {"child": new.child, "from": old.kind, "to": new.kind, "rank": [old.rank, new.rank]}
            for old, new in pairs
            if (old.kind, old.size) != (new.kind, new.size)
        ],
    }


def scarce(result: Result) -> Iterable[tuple[Stock, str, int]]:
    """Where one more instrument would help most: the stock, the first level it would better, by how much."""
    for price in result.certificate or ():
        for name, value in zip(LEVELS, price.by_level, strict=True):
            if value:
                yield price.stock, name, value
                break
