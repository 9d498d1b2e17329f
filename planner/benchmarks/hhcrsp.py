"""Home-care visits with synchronised pairs (HHCRSP, Mankowska et al. 2014, doi 10.1007/s10729-013-9243-1).

The nearest public benchmark: a visit is a class with its lesson, a service a section, a person with abilities a
teacher, two at once a team. Cost = (way + all lateness + worst lateness) / 3; ways begin and end at the office.
"""

import gzip
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from planner.benchmarks.visits_kernel import anneal, lay
from planner.stopping import Stop

THOUSAND = 1000
NEAR = 12
SIMULTANEOUS, SEQUENTIAL = 0, 1
HOT, COLD = 400_000.0, 1_000.0
ROUNDS, CHUNKS = 4, 50


@dataclass(frozen=True)
class Visit:
    """Times in thousandths of a minute. `gap`: what may lie between two services that follow each other."""

    id: str
    services: tuple[str, ...]
    durations: tuple[int, ...]
    window: tuple[int, int]
    kind: int = SIMULTANEOUS
    gap: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class Problem:
    """`distance`: row 0 is the office, row n + 1 visit n."""

    visits: tuple[Visit, ...]
    people: tuple[tuple[str, frozenset[str]], ...]
    distance: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Plan:
    """Per visit and service: the person (number) and the start; `order`: per person, visits and services as made."""

    who: tuple[tuple[int, ...], ...]
    start: tuple[tuple[int, ...], ...]
    order: tuple[tuple[tuple[int, int], ...], ...]


def read(file: Path) -> Problem:
    opener = gzip.open if file.suffix == ".gz" else open
    with opener(file, "rt", encoding="utf-8") as text:
        return of_json(json.load(text))


def _thousandths(value: float) -> int:
    return round(value * THOUSAND)


def of_json(data: dict[str, Any]) -> Problem:
    visits = []
    for row in data["patients"]:
        wanted = row["required_caregivers"]
        together = row.get("synchronization") or {}
        kind = SEQUENTIAL if together.get("type") == "sequential" else SIMULTANEOUS
        low, high = together.get("distance", [0, 0]) if kind == SEQUENTIAL else (0, 0)
        opens, closes = map(_thousandths, row["time_window"])
        visits.append(
            Visit(
                row["id"],
                tuple(x["service"] for x in wanted),
                tuple(_thousandths(x["duration"]) for x in wanted),
                (opens, closes),
                kind,
                (_thousandths(low), _thousandths(high)),
            )
        )
    people = tuple((row["id"], frozenset(row["abilities"])) for row in data["caregivers"])
    distance = tuple(tuple(map(_thousandths, row)) for row in data["distances"])
    return Problem(tuple(visits), people, distance)


def cost(problem: Problem, plan: Plan) -> int:
    """Three times the published cost, in thousandths. Shares nothing with the search; raises ValueError on a fault."""
    late: list[int] = []
    way = 0
    seen = set()
    for person, route in enumerate(plan.order):
        at, ready = 0, 0
        for visit, service in route:
            wanted = problem.visits[visit]
            begin = plan.start[visit][service]
            way += problem.distance[at][visit + 1]
            if begin < ready + problem.distance[at][visit + 1] or begin < wanted.window[0]:
                raise ValueError(f"{wanted.id} begins too early")
            if wanted.services[service] not in problem.people[person][1] or plan.who[visit][service] != person:
                raise ValueError(f"{wanted.id} has the wrong person")
            at, ready = visit + 1, begin + wanted.durations[service]
            late.append(max(0, begin - wanted.window[1]))
            seen.add((visit, service))
        way += problem.distance[at][0]
    for n, wanted in enumerate(problem.visits):
        if any((n, service) not in seen for service in range(len(wanted.services))):
            raise ValueError(f"{wanted.id} is not made")
        if len(wanted.services) == 2:
            apart = plan.start[n][1] - plan.start[n][0]
            least, most = (0, 0) if wanted.kind == SIMULTANEOUS else wanted.gap
            if not least <= apart <= most or plan.who[n][0] == plan.who[n][1]:
                raise ValueError(f"{wanted.id} is not together")
    return way + sum(late) + max(late, default=0)


class _Board:
    def __init__(self, problem: Problem):
        self.problem = problem
        visits, people = len(problem.visits), len(problem.people)
        if any(len(v.services) not in (1, 2) for v in problem.visits):
            raise ValueError("a visit has one service or two")
        double = np.array([len(v.services) == 2 for v in problem.visits], np.bool_)
        duration = np.array([(*v.durations, 0)[:2] for v in problem.visits], np.int64)
        opens, closes = (np.array([v.window[k] for v in problem.visits], np.int64) for k in (0, 1))
        kind = np.array([v.kind for v in problem.visits], np.int64)
        gap = np.array([v.gap for v in problem.visits], np.int64)
        distance = np.array(problem.distance, np.int64)
        can = np.zeros((visits, 2, people), np.bool_)
        able = np.zeros((visits, 2, people), np.int64)
        able_count = np.zeros((visits, 2), np.int64)
        for n, v in enumerate(problem.visits):
            for k, service in enumerate(v.services):
                those = [c for c, (_, abilities) in enumerate(problem.people) if service in abilities]
                if not those:
                    raise ValueError(f"nobody can do {service} for {v.id}")
                can[n, k, those] = True
                able[n, k, : len(those)] = those
                able_count[n, k] = len(those)
        count = min(NEAR, max(1, visits - 1))
        near = np.zeros((visits, NEAR), np.int64)
        for n in range(visits):
            apart = distance[n + 1, 1:] + np.abs(opens - opens[n]) // 2
            apart[n] = apart.max() + 1
            near[n, :count] = np.argsort(apart, kind="stable")[:count]
        near_count = np.full(visits, count, np.int64)
        self.model = (
            double, duration, opens, closes, kind, gap, distance, able, able_count, near, near_count, can,
        )  # fmt: skip
        order = np.argsort(opens, kind="stable").astype(np.int64)
        who = np.zeros((visits, 2), np.int64)
        used = np.zeros(people, np.int64)
        for n in order:
            for k in range(2 if double[n] else 1):
                those = [c for c in able[n, k, : able_count[n, k]] if k == 0 or c != who[n, 0]]
                if not those:  # both need the only one: let the first be somebody else
                    raise ValueError(f"nobody is left for {problem.visits[n].id}")
                who[n, k] = min(those, key=lambda c: (used[c], c))
                used[who[n, k]] += 1
        place = np.zeros(visits, np.int64)
        place[order] = np.arange(visits)
        self.state = (
            np.zeros((visits + 1, people), np.int64),
            np.zeros((visits + 1, people), np.int64),
            np.zeros(visits + 1, np.int64),
            np.zeros(visits + 1, np.int64),
            np.zeros(visits + 1, np.int64),
            np.zeros(people, np.int64),
            np.zeros(people, np.int64),
            order,
            who,
            place,
        )

    def plan(self, order: Any, who: Any) -> Plan:
        """The plan that this order and these people make, laid in plain Python."""
        problem = self.problem
        at, ready = [0] * len(problem.people), [0] * len(problem.people)
        routes: list[list[tuple[int, int]]] = [[] for _ in problem.people]
        start: dict[int, tuple[int, ...]] = {}
        for n in map(int, order):
            v = problem.visits[n]
            team = [int(who[n, k]) for k in range(len(v.services))]
            begin = [max(ready[c] + problem.distance[at[c]][n + 1], v.window[0]) for c in team]
            if len(team) == 2 and v.kind == SIMULTANEOUS:
                begin = [max(begin)] * 2
            elif len(team) == 2:
                begin[1] = max(begin[1], begin[0] + v.gap[0])
                begin[0] = max(begin[0], begin[1] - v.gap[1])
            for k, c in enumerate(team):
                at[c], ready[c] = n + 1, begin[k] + v.durations[k]
                routes[c].append((n, k))
            start[n] = tuple(begin)
        people = tuple(tuple(int(who[n, k]) for k in range(len(v.services))) for n, v in enumerate(problem.visits))
        starts = tuple(start[n] for n in range(len(problem.visits)))
        return Plan(people, starts, tuple(map(tuple, routes)))


def solve(problem: Problem, stop: Stop, seed: int = 0) -> tuple[Plan, int]:
    """The best plan of `stop.iterations` moves and its cost (as `cost`). The same seed: the same plan. Three runs from
    the beginning, each its own way, then a fourth that starts from the best of them, less hot."""
    board = _Board(problem)
    order, who, place = board.state[7:10]
    begin = (order.copy(), who.copy())
    best = (order.copy(), who.copy())
    least = int(lay(order, who, 0, board.model, board.state, (1 << 60) - 1, True))
    chance = np.array([seed * 7919 % 2147483646 + 1], np.int64)
    moves = max(1, (stop.iterations or 1_000_000) // (ROUNDS * CHUNKS))
    for k in range(ROUNDS):
        order[:], who[:] = best if k == ROUNDS - 1 else begin
        place[order] = np.arange(len(order))
        now = int(lay(order, who, 0, board.model, board.state, (1 << 60) - 1, True))
        hot = HOT / 6 if k == ROUNDS - 1 else HOT
        for n in range(CHUNKS):
            here, there = (hot * (COLD / hot) ** (x / CHUNKS) for x in (n, n + 1))
            found = anneal(board.model, board.state, best, now, least, chance, moves, here, there)
            now, least = int(found[0]), int(found[1])
            if stop.is_due():
                break
    plan = board.plan(*best)
    if cost(problem, plan) != least:
        raise ArithmeticError(f"the plan costs {cost(problem, plan)}, not {least}")
    return plan, least


def greedy(problem: Problem) -> int:
    """What is done by hand: visit after visit by its time, whoever is there first."""
    board = _Board(problem)
    at, ready = [0] * len(problem.people), [0] * len(problem.people)
    who = board.state[8]
    for n in map(int, board.state[7]):
        v = problem.visits[n]
        for k, service in enumerate(v.services):
            those = [c for c, (_, can) in enumerate(problem.people) if service in can and (k == 0 or c != who[n, 0])]
            who[n, k] = min(those, key=lambda c: (max(v.window[0], ready[c] + problem.distance[at[c]][n + 1]), c))
        for k in range(len(v.services)):
            c = who[n, k]
            ready[c] = max(v.window[0], ready[c] + problem.distance[at[c]][n + 1]) + v.durations[k]
            at[c] = n + 1
    return cost(problem, board.plan(board.state[7], who))
