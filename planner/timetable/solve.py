"""A year for a whole programme: from last year's plan, or from nothing, to the best that the iterations allow."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import astuple
from typing import Any

import numpy as np

from planner.stopping import Stop
from planner.timetable import bounds
from planner.timetable.checker import check
from planner.timetable.kernel import MOST_STEPS, NEVER, anneal, put, shift
from planner.timetable.problem import Plan, Problem, Result

PER_SEAT, MOST = 2_000, 20_000_000  # iterations per seat, and at most, where no number is asked for
CHUNKS = 64
HOT, COLD = 0.35, 0.05  # of the largest weight beside that of an open seat; measured on invented towns
NEAR = 24


def _nothing(iterations: int, cost: int) -> None:
    """Nobody listens."""


class Board:
    """The problem as arrays (`model`) and a plan on it (`state`), for the kernel."""

    def __init__(self, problem: Problem):
        self.problem = problem
        p = problem
        hours = len(p.hours)
        slots = p.days * hours
        sections = {x: n for n, x in enumerate(dict.fromkeys(x for g in p.groups for x in g.seats))}
        places = dict.fromkeys([s.id for s in p.schools] + [home for t in p.teachers for home in t.homes])
        place_of = {name: n for n, name in enumerate(places)}
        self.teacher_of = {t.id: n for n, t in enumerate(p.teachers)}
        schools = {s.id: n for n, s in enumerate(p.schools)}
        groups, teachers = len(p.groups), len(p.teachers)
        width = max((len(g.seats) for g in p.groups), default=1) or 1
        section = np.zeros((groups, width), np.int64)
        pinned = np.full((groups, width), -1, np.int64)
        count = np.array([len(g.seats) for g in p.groups], np.int64)
        allowed = np.zeros((groups, slots), np.bool_)
        last_slot = np.full(groups, -1, np.int64)
        last_team = np.zeros((groups, teachers), np.int8)
        for n, g in enumerate(p.groups):
            windows = p.schools[schools[g.school]].windows
            for slot in [g.pinned] if g.pinned is not None else windows:
                if not g.windows or slot in g.windows:
                    allowed[n, slot[0] * hours + slot[1]] = True
            for r, x in enumerate(g.seats):
                section[n, r] = sections[x]
            for r, name in enumerate(g.team):
                if name is not None:
                    pinned[n, r] = self.teacher_of[name]
            if p.last is not None:
                if (before := p.last.slots.get(g.id)) is not None:
                    last_slot[n] = before[0] * hours + before[1]
                if was := p.last.teams.get(g.id):
                    last_team[n, :] = 1
                    last_team[n, [self.teacher_of[x] for x in was if x in self.teacher_of]] = 0
        skill = np.zeros((teachers, max(1, len(sections))), np.bool_)
        free = np.zeros((teachers, slots), np.bool_)
        avoid = np.zeros((teachers, slots), np.int64)
        home = np.zeros((teachers, p.days), np.int64)
        for n, t in enumerate(p.teachers):
            for x in t.sections:
                if x in sections:
                    skill[n, sections[x]] = True
            for day, hour in t.free:
                free[n, day * hours + hour] = True
            for day, hour in t.avoid:
                avoid[n, day * hours + hour] = 1
            home[n] = [place_of[t.home(day)] for day in range(p.days)]
        travel = np.full((len(places), len(places)), -1, np.int64)
        np.fill_diagonal(travel, 0)
        for a, row in p.travel.items():
            for b, minutes in row.items():
                if a in place_of and b in place_of and a != b:
                    travel[place_of[a], place_of[b]] = minutes
        able = np.zeros((max(1, len(sections)), max(1, teachers)), np.int64)
        able_count = skill.sum(axis=0).astype(np.int64) if teachers else np.zeros(max(1, len(sections)), np.int64)
        for column in range(skill.shape[1]):
            able[column, : able_count[column]] = np.flatnonzero(skill[:, column])
        by_school = defaultdict(list)
        for n, g in enumerate(p.groups):
            by_school[schools[g.school]].append(n)
        in_school = np.zeros((max(1, len(schools)), max([1, *map(len, by_school.values())])), np.int64)
        in_school_count = np.zeros(max(1, len(schools)), np.int64)
        for n, members in by_school.items():
            in_school[n, : len(members)] = members
            in_school_count[n] = len(members)
        near = np.zeros((groups, NEAR), np.int64)
        near_count = np.zeros(groups, np.int64)
        at_school = {n: place_of[s.id] for n, s in enumerate(p.schools)}
        for n, members in by_school.items():
            far = travel[at_school[n]]
            order = sorted(by_school, key=lambda m: (far[at_school[m]] < 0, far[at_school[m]], m))
            neighbours = [g for m in order[:6] for g in by_school[m]][:NEAR]
            near[members, : len(neighbours)] = neighbours
            near_count[members] = len(neighbours)
        moment_count = allowed.sum(axis=1).astype(np.int64)
        moments = np.zeros((groups, int(moment_count.max(initial=1))), np.int64)
        for n in range(groups):
            moments[n, : moment_count[n]] = np.flatnonzero(allowed[n])
        self.model: tuple[Any, ...] = (
            section,
            skill,
            np.array([place_of[g.school] for g in p.groups], np.int64),
            free,
            avoid,
            home,
            travel,
            np.array([a for a, _ in p.hours], np.int64),
            np.array([b for _, b in p.hours], np.int64),
            np.array([t.most for t in p.teachers], np.int64),
            np.array([t.most_a_day for t in p.teachers], np.int64),
            np.array([t.contract for t in p.teachers], np.int64),
            last_team,
            np.array(astuple(p.weights), np.int64),
            allowed,
            np.array([schools[g.school] for g in p.groups], np.int64),
            np.array([s.rooms for s in p.schools], np.int64),
            last_slot,
            able,
            able_count,
            near,
            near_count,
            pinned,
            count,
            moments,
            moment_count,
            in_school,
            in_school_count,
        )
        self.state: tuple[Any, ...] = (
            np.full(groups, -1, np.int64),
            np.full((groups, width), -1, np.int64),
            np.full((teachers, slots), -1, np.int64),
            np.zeros(teachers, np.int64),
            np.zeros((teachers, p.days), np.int64),
            np.zeros((max(1, len(schools)), slots), np.int64),
        )
        weights = p.weights
        self.cost = int(count.sum()) * weights.open_seat
        self.cost += sum(t.contract for t in p.teachers) * weights.under_contract

    def lay(self, plan: Plan) -> None:
        """As much of the plan as is legal; then every class that has no moment gets the first that has a room, and
        every pinned seat its teacher."""
        hours = len(self.problem.hours)
        for n, g in enumerate(self.problem.groups):
            slot = g.pinned or plan.slots.get(g.id)
            if slot is not None:
                self.step(shift(n, slot[0] * hours + slot[1], self.model, self.state))
        slots, allowed = self.state[0], self.model[14]
        for n in sorted(range(len(slots)), key=lambda n: int(allowed[n].sum())):
            for k in np.flatnonzero(allowed[n]):
                if slots[n] >= 0:
                    break
                self.step(shift(n, k, self.model, self.state))
        for n, g in enumerate(self.problem.groups):
            for r, name in enumerate(g.team):
                if name is not None:
                    self._pin(n, r, self.teacher_of[name])
        for n, g in enumerate(self.problem.groups):
            for name in plan.teams.get(g.id, ()):
                if name in self.teacher_of:
                    for r in range(len(g.seats)):
                        if self.model[22][n, r] < 0 and self.step(
                            put(n, r, self.teacher_of[name], self.model, self.state)
                        ):
                            break

    def _pin(self, n: int, r: int, t: int) -> None:
        """A pinned teacher into the seat, at the first moment of the class at which that is possible."""
        if self.step(put(n, r, t, self.model, self.state)):
            return
        team = self.state[1][n]
        if (team < 0).all() and self.problem.groups[n].pinned is None:
            old = int(self.state[0][n])
            for k in np.flatnonzero(self.model[14][n]):
                if self.step(shift(n, k, self.model, self.state)) and self.step(put(n, r, t, self.model, self.state)):
                    return
            if old >= 0:
                self.step(shift(n, old, self.model, self.state))

    def step(self, change: int) -> bool:
        """Books the change of one primitive step; False where the step was refused."""
        if change >= NEVER:
            return False
        self.cost += int(change)
        return True

    def plan(self, slots: Any, teams: Any) -> Plan:
        hours = len(self.problem.hours)
        names = [t.id for t in self.problem.teachers]
        return Plan(
            {
                g.id: None if slots[n] < 0 else (int(slots[n]) // hours, int(slots[n]) % hours)
                for n, g in enumerate(self.problem.groups)
            },
            {
                g.id: tuple(None if teams[n, r] < 0 else names[teams[n, r]] for r in range(len(g.seats)))
                for n, g in enumerate(self.problem.groups)
            },
        )


def solve(
    problem: Problem,
    stop: Stop | None = None,
    seed: int = 0,
    start: Plan | None = None,
    heard: Callable[[int, int], None] = _nothing,
) -> Result:
    """The best plan that `stop.iterations` moves find (PER_SEAT per seat by default), from `start`, else last year's
    plan where it is still legal. `heard(iterations, best cost)` is told now and then; `stop.is_due` ends the run and
    keeps the best. The same problem, seed and iterations give the same plan. Raises ArithmeticError if the plan does
    not pass the checker."""
    stop = stop or Stop()
    board = Board(problem)
    board.lay(start or problem.last or Plan({}, {}))
    seats = sum(len(group.seats) for group in problem.groups)
    iterations = stop.iterations if stop.iterations is not None else min(MOST, max(20_000, PER_SEAT * seats))
    best = (board.state[0].copy(), board.state[1].copy())
    cost = best_cost = board.cost
    chance = np.array([seed * 7919 % 2147483646 + 1], np.int64)
    journal = np.zeros((MOST_STEPS, max(12, board.state[1].shape[1])), np.int64)
    scale = max(1, *astuple(problem.weights)[1:])
    hot, cold = HOT * scale, COLD * scale
    done = 0
    chunks = CHUNKS if iterations >= CHUNKS * 1000 else 1
    for n in range(chunks if seats and problem.teachers else 0):
        here, there = (hot * (cold / hot) ** (x / chunks) for x in (n, n + 1))
        moves = iterations * (n + 1) // chunks - iterations * n // chunks
        found = anneal(board.model, board.state, best, cost, best_cost, chance, moves, here, there, journal)
        cost, best_cost = int(found[0]), int(found[1])
        done += moves
        heard(done, best_cost)
        if stop.is_due():
            break
    plan = board.plan(*best)
    report = check(problem, plan)
    pins = [fault for fault in report.broken if "pinned" in fault]
    if set(report.broken) - set(pins) or report.cost != best_cost:
        raise ArithmeticError(f"the plan is not what it says: {report.broken[:1]} {report.cost} {best_cost}")
    open_seats = sum(team.count(None) for team in plan.teams.values())
    open_bound, bound = bounds.lower(problem)
    notes = tuple(f"This pin cannot hold: {fault}" for fault in pins)
    return Result(plan, report.cost, report.items, open_seats, bound, open_bound, seed, done, notes)
