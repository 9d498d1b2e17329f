"""Why not every class can have its whole team: the smallest set of claims that cannot hold together, and the cheapest
ways out.

Travel is left out, so what is shown to be impossible is impossible; what only travel forbids is not found here. Seats
are counted per section and moment, not per class: that keeps the proofs short. Every conflict is proved again claim by
claim, without presolve, before it is shown.
"""

from collections import defaultdict
from dataclasses import dataclass, replace

from ortools.sat.python import cp_model

from planner.proving import prover
from planner.stopping import Stop
from planner.timetable.problem import Problem

WHOLE = 300  # classes up to which a conflict between schools is looked for
HOURS_MORE = 4  # lessons a week that a way out may ask of one teacher


@dataclass(frozen=True, slots=True)
class Claim:
    """Something that somebody asked for. `sort`: class, week (of a teacher), days (of a teacher)."""

    sort: str
    who: str
    sentence: str


@dataclass(frozen=True, slots=True)
class WayOut:
    """`points`: what it costs, as the sum of its steps: a seat left open 1000, a lesson more 40, a moment more 60."""

    steps: tuple[str, ...]
    points: int
    is_proven: bool


@dataclass(frozen=True, slots=True)
class Conflict:
    """`claims` cannot hold together; without any one of them they can (`is_smallest`, each proved)."""

    claims: tuple[Claim, ...]
    is_smallest: bool
    way_out: WayOut | None


class _Model:
    """The claims as switches; with `slack`, each may be bought off instead."""

    def __init__(self, problem: Problem, has_slack: bool):
        self.problem = problem
        self.model = model = cp_model.CpModel()
        self.switches: dict[Claim, cp_model.IntVar] = {}
        self.bought: list[tuple[cp_model.IntVar, int, str]] = []
        need: dict[tuple[str, tuple[int, int]], list[cp_model.LinearExprT]] = defaultdict(list)
        in_room = defaultdict(list)
        windows = {school.id: school.windows for school in problem.schools}
        used = set()
        for group in problem.groups:
            claim = Claim("class", group.id, f"{group.id} has its hour with {', '.join(group.seats)}.")
            on = self.switches[claim] = model.new_bool_var("")
            moments = [group.pinned] if group.pinned is not None else list(group.windows or windows[group.school])
            moments = [slot for slot in moments if slot in windows[group.school]]
            at = {slot: model.new_bool_var("") for slot in moments}
            out = model.new_bool_var("")
            self.bought.append((out, 1000 * len(group.seats), f"{group.id} has no hour"))
            model.add(sum(at.values()) + (out if has_slack else 0) == on)
            for slot, var in at.items():
                used.add(slot)
                in_room[group.school, slot].append(var)
                for section in group.seats:
                    need[section, slot].append(var)
            if has_slack and group.seats:
                for section in dict.fromkeys(group.seats):
                    for slot, var in at.items():
                        left = model.new_bool_var("")
                        model.add_implication(left, var)
                        need[section, slot].append(-left)
                        self.bought.append((left, 1000, f"{group.id} goes without {section}"))
        for school in problem.schools:
            for slot in school.windows:
                model.add(sum(in_room[school.id, slot]) <= school.rooms)
        given: dict[tuple[str, tuple[int, int]], list[cp_model.IntVar]] = defaultdict(list)
        for teacher in problem.teachers:
            days = Claim("days", teacher.id, f"{teacher.id} works only when {teacher.id} is free.")
            week = Claim("week", teacher.id, f"{teacher.id} has at most {teacher.most} lessons a week.")
            on_days, on_week = (self.switches.setdefault(claim, model.new_bool_var("")) for claim in (days, week))
            lessons = []
            for slot in sorted(used):
                here = [model.new_bool_var("") for _ in teacher.sections]
                for section, var in zip(teacher.sections, here, strict=True):
                    given[section, slot].append(var)
                model.add_at_most_one(here)
                lessons += here
                if slot not in teacher.free:
                    if has_slack:
                        more = model.new_bool_var("")
                        model.add(sum(here) <= more)
                        words = f"{teacher.id} also works on day {slot[0] + 1}, hour {slot[1] + 1}"
                        self.bought.append((more, 60, words))
                    else:
                        model.add(sum(here) == 0).only_enforce_if(on_days)
            if has_slack:
                extra = [model.new_bool_var("") for _ in range(HOURS_MORE)]
                model.add(sum(lessons) <= teacher.most + sum(extra))
                self.bought += [(var, 40, f"{teacher.id} has a lesson a week more") for var in extra]
            else:
                model.add(sum(lessons) <= teacher.most).only_enforce_if(on_week)
        for key, wanted in need.items():
            model.add(sum(wanted) <= sum(given[key]))


def explain(problem: Problem, stop: Stop | None = None) -> Conflict | None:
    """None where all claims can hold together as far as this sees. `stop.seconds` bounds each proof.
    A school that is in conflict by itself is told first: that proof is short, and holds for the whole."""
    schools = dict.fromkeys(group.school for group in problem.groups)
    parts = [replace(problem, groups=tuple(g for g in problem.groups if g.school == name)) for name in schools]
    if len(parts) > 1 and len(problem.groups) <= WHOLE:
        parts.append(problem)
    for part in parts:
        claims = _smallest(part, stop)
        if claims is not None:
            return Conflict(*claims, _way_out(problem, stop))
    return None


def _smallest(problem: Problem, stop: Stop | None) -> tuple[tuple[Claim, ...], bool] | None:
    built = _Model(problem, has_slack=False)
    claims = list(built.switches)

    def can_hold(chosen: list[Claim], has_presolve: bool) -> bool | None:
        """None: not decided in time."""
        model = built.model.clone()
        for claim in chosen:
            model.add(model.get_bool_var_from_proto_index(built.switches[claim].index) == 1)
        solver = prover(stop)
        solver.parameters.cp_model_presolve = has_presolve
        status = solver.solve(model)
        if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return True
        return False if status == cp_model.INFEASIBLE else None

    if can_hold(claims, True) is not False or can_hold(claims, False) is not False:
        return None
    is_smallest = True
    step = max(1, len(claims) // 4)
    while True:  # away with whole stretches first, then with one at a time
        at = 0
        while at < len(claims):
            rest = claims[:at] + claims[at + step :]
            found = can_hold(rest, True)
            if found is False and can_hold(rest, False) is False:
                claims = rest
            else:
                is_smallest = is_smallest and (found is True or step > 1)
                at += step
        if step == 1:
            break
        step = max(1, min(step // 2, len(claims) // 2))
    return tuple(claims), is_smallest


def _way_out(problem: Problem, stop: Stop | None) -> WayOut | None:
    built = _Model(problem, has_slack=True)
    for on in built.switches.values():
        built.model.add(on == 1)
    built.model.minimize(sum(points * var for var, points, _ in built.bought))
    solver = prover(stop)
    status = solver.solve(built.model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None
    chosen = [(points, words) for var, points, words in built.bought if solver.boolean_value(var)]
    steps = tuple(words for _, words in chosen)
    return WayOut(steps, sum(points for points, _ in chosen), status == cp_model.OPTIMAL)
