"""What a plan changes beside the plan before it, each change with its reason."""

from collections.abc import Iterator
from dataclasses import dataclass

from planner.timetable.problem import Plan, Problem, Slot


@dataclass(frozen=True, slots=True)
class Change:
    """`rule`: moved, came or left. `because`: a fact about the problem, or that the whole is better so."""

    group: str
    rule: str
    teacher: str | None
    before: Slot | None
    after: Slot | None
    because: str


def changes(problem: Problem, before: Plan, after: Plan) -> tuple[Change, ...]:
    """In the order of the groups; what was not planned before is no change."""
    return tuple(_changes(problem, before, after))


def _changes(problem: Problem, before: Plan, after: Plan) -> Iterator[Change]:
    windows = {school.id: school.windows for school in problem.schools}
    teachers = {teacher.id: teacher for teacher in problem.teachers}
    for group in problem.groups:
        old, new = before.slots.get(group.id), after.slots.get(group.id)
        if old is not None and old != new:
            because = "The whole plan is better so."
            if group.pinned is not None:
                because = "It is pinned elsewhere."
            elif old not in windows[group.school]:
                because = f"{group.school} has no lessons at that moment any more."
            elif group.windows and old not in group.windows:
                because = "The class cannot at that moment any more."
            yield Change(group.id, "moved", None, old, new, because)
        was = [name for name in before.teams.get(group.id, ()) if name is not None]
        now = [name for name in after.teams.get(group.id, ()) if name is not None]
        for name in was:
            if name in now:
                continue
            teacher = teachers.get(name)
            because = "The whole plan is better so."
            if teacher is None:
                because = f"{name} is not there any more."
            elif not any(section in teacher.sections for section in group.seats):
                because = f"{name} does not teach what this class needs."
            elif new is not None and new not in teacher.free:
                because = f"{name} is not free at that moment."
            yield Change(group.id, "left", name, old, new, because)
        for name in now if was else ():
            if name not in was:
                yield Change(group.id, "came", name, old, new, "Takes a seat that came free.")
