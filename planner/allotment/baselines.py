"""What an allotment is compared with: the list from top to bottom, and a lottery nobody can play."""

import random
from collections import Counter, defaultdict
from collections.abc import Iterable

from planner.allotment.pools import Pools
from planner.allotment.problem import WITHOUT, Problem, rank

Profile = tuple[int, int, int, int, int]


def greedy(problem: Problem) -> Profile:
    """What is done by hand now: school after school, child after child, the first wish that is still there, else
    whatever fits."""
    return _in_turn(problem, range(len(problem.children)))


def lottery(problem: Problem, seed: int) -> Profile:
    """Random serial dictatorship: everyone in a drawn order takes the best that is left. Truthful, and costly."""
    order = list(range(len(problem.children)))
    random.Random(seed).shuffle(order)  # noqa: S311 - a public draw
    return _in_turn(problem, order)


def _in_turn(problem: Problem, order: Iterable[int]) -> Profile:
    pools = Pools(problem)
    left = Counter(pools.stock)
    by_rank = [0] * WITHOUT
    for n in order:
        child = problem.children[n]
        if n in pools.fixed:
            kept = pools.fixed[n]
            by_rank[(1 if kept is None else rank(child, kept.kind)) - 1] += 1
            continue
        reach = pools.reach[child.school]
        possible = defaultdict(list)
        for stock in pools.possible(reach, (child.fit, child.unsuitable, child.left_handed)):
            if left[stock] > 0 and child.lock in (None, stock[1]):
                possible[rank(child, stock[1])].append(stock)
        if not possible:
            by_rank[WITHOUT - 1] += 1
            continue
        best = min(possible)
        by_rank[best - 1] += 1
        left[possible[best][0]] -= 1
    return (by_rank[0], by_rank[1], by_rank[2], by_rank[3], by_rank[4])
