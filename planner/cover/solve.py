"""An absence at 7:10: ranked plans for today, each proven the best one left.

Every teacher's possible new day is a column with its exact cost; a plan picks at most one column per teacher and one
answer per lost lesson. Columns that can never be needed are left out: of the columns that take over the same lessons, a
plan needs at most as many as there are lessons to settle, for every other one it could clash with uses a teacher.
"""

from collections import defaultdict

from ortools.sat.python import cp_model

from planner.cover.day import Column, Day
from planner.cover.problem import LEVELS, Option, Problem, Result
from planner.proving import prover
from planner.stopping import Stop

STAY = "all plans in which colleagues keep their lessons"
SWAP = "all plans in which colleagues keep their lessons, or give one up to somebody free and take one that is lost"


def solve(problem: Problem, stop: Stop | None = None, seed: int = 0, start: Result | None = None) -> Result:
    """Ranked plans. `stop.seconds` bounds each proof (a plan that is not proven says so). Nothing is random: `seed` and
    `start` change nothing."""
    day = Day(problem)
    lost = tuple(lesson.id for lesson in day.lost)
    answers, stand_ins = list(day.answers(day.lost)), list(day.stand_ins(day.lost))
    needed = [*answers, *_needed(stand_ins, len(lost) + problem.options)]
    stay = _ranked(day, needed, lost, problem.options, stop, STAY)
    swaps: list[Option] = []
    if stay and stay[0].levels[0]:
        swaps = _ranked(day, [*answers, *stand_ins, *day.swaps(len(lost))], lost, 1, stop, SWAP)
        swaps = [option for option in swaps if option.levels < stay[0].levels]
    return Result(lost, tuple(stay), tuple(swaps))


def _needed(columns: list[Column], most: int) -> list[Column]:
    """Per set of lessons the cheapest columns only: `most` of them always suffice."""
    alike: dict[tuple[str, ...], list[Column]] = defaultdict(list)
    for column in columns:
        alike[column.settles].append(column)
    return [
        column
        for same in alike.values()
        for column in sorted(same, key=lambda column: (column.cost, column.steps))[: most + 2]
    ]


def _ranked(
    day: Day, columns: list[Column], lost: tuple[str, ...], count: int, stop: Stop | None, scope: str
) -> list[Option]:
    """The best plans in order: each solved with those before it forbidden."""
    if not lost:
        return []
    model = cp_model.CpModel()
    x = [model.new_bool_var("") for _ in columns]
    of_teacher, settles = defaultdict(list), defaultdict(list)
    moments = defaultdict(list)  # at which only one lesson can be: beside this one, or with this teacher later
    for column, var in zip(columns, x, strict=True):
        for teacher in column.teachers:
            of_teacher[teacher].append(var)
        for name in column.settles:
            settles[name].append(var)
        if column.change is not None and column.change.how != "open":
            moments[column.change.other, column.change.on, column.change.start, column.change.teacher].append(var)
    given_up = defaultdict(list)
    for column, var in zip(columns, x, strict=True):
        for _, name in column.steps:
            if name not in column.settles:
                given_up[name].append(var)
    for same in of_teacher.values():
        model.add_at_most_one(same)
    for name in lost:
        model.add_exactly_one(settles[name])
    for (other, *_), same in moments.items():
        model.add_at_most_one(same)
        for var in given_up[other or ""]:  # nobody joins a lesson that changes hands
            model.add_at_most_one([*same, var])
    options: list[Option] = []
    while len(options) < count:
        found = _cheapest(model, x, columns, len(lost), stop)
        if found is None:
            break
        chosen, is_proven = found
        picked = [columns[n] for n in chosen]
        levels = tuple(sum(column.cost[k] for column in picked) for k in range(len(LEVELS)))
        options.append(Option(day.changes(picked), levels, is_proven, scope))
        model.add(sum(x[n] for n in chosen) <= len(chosen) - 1)
    return options


def _cheapest(
    model: cp_model.CpModel, x: list[cp_model.IntVar], columns: list[Column], lost: int, stop: Stop | None
) -> tuple[list[int], bool] | None:
    """The columns of the best plan, level by level in as few solves as 45 bits allow, and whether that is proven."""
    model = model.clone()
    chosen: list[int] = []
    is_proven = True
    for weights in _weights(columns, lost):
        cost = [sum(map(int.__mul__, weights, column.cost)) for column in columns]
        total = sum(value * var for value, var in zip(cost, x, strict=True) if value)
        model.minimize(total)
        solver = prover(stop)
        status = solver.solve(model)
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return (chosen, False) if chosen else None
        is_proven = is_proven and status == cp_model.OPTIMAL
        chosen = [n for n in range(len(x)) if solver.boolean_value(x[n])]
        model.add(total <= sum(cost[n] for n in chosen))
    return chosen, is_proven


def _weights(columns: list[Column], lost: int) -> list[list[int]]:
    """Numbers in which no level can outweigh the ones before; a plan picks at most `picked` columns."""
    picked = 4 * lost + 1
    packs: list[list[int]] = []
    weight = 1 << 45
    for level in reversed(range(len(LEVELS))):
        spread = [0, *(column.cost[level] for column in columns)]
        size = (max(spread) - min(spread)) * picked + 1
        if weight * size >= 1 << 45:
            packs.append([0] * len(LEVELS))
            weight = 1
        packs[-1][level] = weight
        weight *= size
    return packs[::-1]
