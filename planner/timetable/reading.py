"""JSON to Problem with named findings, Result to JSON. The schema stands in planner/README.md."""

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from planner.cover.reading import read_travel
from planner.problems import Json, Reader, header
from planner.timetable.problem import Group, Plan, Problem, Result, School, Slot, Teacher, Weights

DAY = 24 * 60


def read(data: object) -> Problem:
    """Raises BadProblem with every finding."""
    data = header(data, "timetable")
    r = Reader([])
    days = r.whole(data, "days", "problem", 5, 1, 366)
    hours = _hours(r, data.get("hours", []))
    r.finish()
    grid = _Grid(r, days, len(hours))
    schools = tuple(
        School(r.text(row, "id", w), grid.slots(row, "windows", w), r.whole(row, "rooms", w, 1, most=1000))
        for n, row in enumerate(r.rows(data, "schools"))
        for w in [f"schools[{n}]"]
    )
    groups = tuple(_group(r, grid, row, f"groups[{n}]") for n, row in enumerate(r.rows(data, "groups")))
    teachers = tuple(_teacher(r, grid, row, f"teachers[{n}]") for n, row in enumerate(r.rows(data, "teachers")))
    travel = read_travel(r, data.get("travel", {}))
    weights = _weights(r, data.get("weights", {}))
    last = _plan(r, grid, data["last"], "last") if data.get("last") is not None else None
    r.finish()
    problem = Problem(days, hours, schools, groups, teachers, travel, weights, last)
    _judge(r, problem)
    r.finish()
    return problem


class _Grid:
    def __init__(self, r: Reader, days: int, hours: int):
        self.r, self.days, self.hours = r, days, hours

    def slot(self, found: object, where: str) -> Slot | None:
        is_pair = isinstance(found, list) and len(found) == 2 and all(type(v) is int for v in found)
        if is_pair and isinstance(found, list) and 0 <= found[0] < self.days and 0 <= found[1] < self.hours:
            return (found[0], found[1])
        wrong = f"{found!r} is not a slot: day 0 to {self.days - 1}, hour 0 to {self.hours - 1}."
        self.r.wrong(where, wrong, "Write [day, hour].")
        return None

    def slots(self, row: Json, name: str, where: str) -> tuple[Slot, ...]:
        found = row.get(name, [])
        if not isinstance(found, list):
            self.r.wrong(f"{where}.{name}", "This is not a list.", "Write [[day, hour], ...].")
            return ()
        read = [self.slot(item, f"{where}.{name}") for item in found]
        return tuple(sorted({slot for slot in read if slot is not None}))


def _hours(r: Reader, found: object) -> tuple[tuple[int, int], ...]:
    sound = [
        (span[0], span[1])
        for span in (found if isinstance(found, list) else [])
        if isinstance(span, list) and len(span) == 2 and all(type(v) is int and 0 <= v <= DAY for v in span)
    ]
    flat = [moment for span in sound for moment in span]
    if not isinstance(found, list) or len(sound) < len(found) or flat != sorted(flat) or any(a == b for a, b in sound):
        r.wrong("hours", "These are not hours in order that do not overlap.", "Write [[start, end], ...] in minutes.")
        return ()
    return tuple(sound)


def _group(r: Reader, grid: _Grid, row: Json, where: str) -> Group:
    seats = r.texts(row, "seats", where)
    team = row.get("team") or []
    if not isinstance(team, list) or any(name is not None and not isinstance(name, str) for name in team):
        r.wrong(f"{where}.team", "This is not a list of teachers.", "Write a teacher or null per seat.")
        team = []
    if team and len(team) != len(seats):
        r.wrong(f"{where}.team", f"There are {len(team)} for {len(seats)} seats.", "Write a teacher or null per seat.")
    if len(seats) > 12:
        r.wrong(f"{where}.seats", f"There are {len(seats)} seats.", "Give a class at most 12.")
    pinned = None if row.get("pinned") is None else grid.slot(row["pinned"], f"{where}.pinned")
    name, school = r.text(row, "id", where), r.text(row, "school", where)
    return Group(name, school, seats, grid.slots(row, "windows", where), pinned, tuple(team))


def _teacher(r: Reader, grid: _Grid, row: Json, where: str) -> Teacher:
    homes = (r.text(row, "home", where),) if "home" in row else r.texts(row, "homes", where)
    if len(homes) not in (1, grid.days):
        r.wrong(
            f"{where}.homes", f"There are {len(homes)} homes.", f"Give home, or one of homes per day ({grid.days})."
        )
        homes = ("",)
    return Teacher(
        r.text(row, "id", where),
        r.texts(row, "sections", where),
        homes,
        grid.slots(row, "free", where),
        grid.slots(row, "avoid", where),
        r.whole(row, "most", where, 20, most=1000),
        r.whole(row, "contract", where, 0, most=1000),
        r.whole(row, "most_a_day", where, 6, most=50),
    )


def _weights(r: Reader, found: object) -> Weights:
    if not isinstance(found, dict):
        r.wrong("weights", "This is not an object.", 'Write {"rule": points}.')
        return Weights()
    known = {rule.name for rule in fields(Weights)}
    for name in sorted(found.keys() - known):
        r.wrong("weights", f"The rule {name} is not known.", f"Known are {', '.join(sorted(known))}.")
    return Weights(**{name: r.whole(found, name, "weights", 0, most=10**6) for name in sorted(found.keys() & known)})


def _plan(r: Reader, grid: _Grid, row: object, where: str) -> Plan | None:
    slots = row.get("slots", {}) if isinstance(row, dict) else None
    teams = row.get("teams", {}) if isinstance(row, dict) else None
    if not isinstance(slots, dict) or not isinstance(teams, dict):
        r.wrong(
            where, "This is not a plan.", 'Write {"slots": {group: [day, hour]}, "teams": {group: [teacher, ...]}}.'
        )
        return None
    read: dict[str, Slot | None] = {}
    for name, slot in slots.items():  # a moment that is no longer in the grid is simply not kept
        if slot is not None and isinstance(slot, list) and len(slot) == 2 and all(type(v) is int for v in slot):
            inside = 0 <= slot[0] < grid.days and 0 <= slot[1] < grid.hours
            read[name] = (slot[0], slot[1]) if inside else None
    sound = {
        name: tuple(x if isinstance(x, str) else None for x in team)
        for name, team in teams.items()
        if isinstance(team, list)
    }
    return Plan(read, sound)


def _judge(r: Reader, problem: Problem) -> None:
    r.unique((school.id for school in problem.schools), "school")
    r.unique((group.id for group in problem.groups), "group")
    r.unique((teacher.id for teacher in problem.teachers), "teacher")
    schools = {school.id: school for school in problem.schools}
    teachers = {teacher.id: teacher for teacher in problem.teachers}
    pinned: dict[tuple[str, Slot], str] = {}
    in_room: dict[tuple[str, Slot], int] = {}
    for group in problem.groups:
        where = f"group {group.id}"
        school = schools.get(group.school)
        if school is None:
            r.wrong(where, f"The school {group.school} is not known.", "Add it to schools.")
            continue
        if group.pinned is not None:
            if group.pinned not in school.windows:
                r.wrong(where, f"It is pinned outside the windows of {school.id}.", "Move the pin or open the window.")
            in_room[school.id, group.pinned] = in_room.get((school.id, group.pinned), 0) + 1
            if in_room[school.id, group.pinned] == school.rooms + 1:
                r.wrong(where, f"More classes are pinned here at once than {school.id} has rooms.", "Move a pin.")
        for section, name in zip(group.seats, group.team, strict=False):
            if name is None:
                continue
            teacher = teachers.get(name)
            if teacher is None:
                r.wrong(where, f"The teacher {name} is not known.", "Add the teacher, or take the pin out.")
            elif section not in teacher.sections:
                r.wrong(where, f"{name} is pinned and does not teach {section}.", "Pin somebody who does.")
            elif group.pinned is not None:
                if group.pinned not in teacher.free:
                    r.wrong(where, f"{name} is pinned at a moment when {name} is not free.", "Move one of the pins.")
                if (name, group.pinned) in pinned:
                    other = pinned[name, group.pinned]
                    r.wrong(where, f"{name} is pinned at {other} at the same moment.", "Move one of the pins.")
                pinned[name, group.pinned] = group.id


def plan_as_json(plan: Plan) -> dict[str, Any]:
    return {
        "slots": {name: None if slot is None else list(slot) for name, slot in plan.slots.items()},
        "teams": {name: list(team) for name, team in plan.teams.items()},
    }


def as_json(result: Result) -> dict[str, Any]:
    by_rule: dict[str, int] = {}
    for item in result.items:
        by_rule[item.rule] = by_rule.get(item.rule, 0) + item.points
    return {
        "kind": "timetable result",
        "version": 1,
        "seed": result.seed,
        "iterations": result.iterations,
        "cost": result.cost,
        "bound": result.bound,
        "open_seats": result.open_seats,
        "open_bound": result.open_bound,
        "is_proven": result.cost == result.bound,
        "by_rule": by_rule,
        "notes": list(result.notes),
        "plan": plan_as_json(result.plan),
        "items": [{k: v for k, v in asdict(item).items() if v is not None} for item in result.items],
    }


def plan_of(data: Mapping[str, Any]) -> Plan:
    """A plan as this module writes it."""
    return Plan(
        {name: None if slot is None else (slot[0], slot[1]) for name, slot in data["slots"].items()},
        {name: tuple(team) for name, team in data["teams"].items()},
    )
