"""Judges any plan, a person's as well as the machine's: what it breaks, and what it costs whom. Shares no code with
the solver."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import pairwise

from planner.timetable.problem import Item, Plan, Problem


@dataclass(frozen=True)
class Report:
    """`broken`: hard rules, each a sentence. `items`: every cost, with its rule, group and teacher."""

    broken: tuple[str, ...]
    items: tuple[Item, ...]

    @property
    def cost(self) -> int:
        return sum(item.points for item in self.items)


def check(problem: Problem, plan: Plan) -> Report:
    broken: list[str] = []
    items: list[Item] = []
    weights = problem.weights
    schools = {school.id: school for school in problem.schools}
    teachers = {teacher.id: teacher for teacher in problem.teachers}
    week: dict[str, list[tuple[int, int, str, str]]] = defaultdict(list)  # teacher → day, hour, school, group
    rooms: Counter[tuple[str, tuple[int, int]]] = Counter()

    def charge(rule: str, count: int, group: str | None = None, teacher: str | None = None) -> None:
        if count and getattr(weights, rule):
            items.append(Item(rule, count * getattr(weights, rule), count, group, teacher))

    for group in problem.groups:
        slot = plan.slots.get(group.id)
        team = plan.teams.get(group.id, (None,) * len(group.seats))
        if len(team) != len(group.seats):
            broken.append(f"{group.id} has {len(team)} teachers for {len(group.seats)} seats.")
            continue
        if group.pinned is not None and slot != group.pinned:
            broken.append(f"{group.id} is pinned and was moved.")
        for want, name in zip(group.team, team, strict=False):
            if want is not None and want != name:
                broken.append(f"{want} is pinned at {group.id} and was taken away.")
        charge("open_seat", team.count(None), group.id)
        present = [name for name in team if name is not None]
        if slot is None:
            if present:
                broken.append(f"{group.id} has teachers and no moment.")
            continue
        windows = schools[group.school].windows
        if slot not in windows or (group.windows and slot not in group.windows):
            broken.append(f"{group.id} has its hour outside the windows of {group.school}.")
        rooms[group.school, slot] += 1
        if len(set(present)) < len(present):
            broken.append(f"{group.id} has the same teacher twice.")
        if problem.last is not None:
            before = problem.last.slots.get(group.id)
            charge("moved", int(before is not None and before != slot), group.id)
        for section, name in zip(group.seats, team, strict=True):
            if name is None:
                continue
            teacher = teachers.get(name)
            if teacher is None:
                broken.append(f"{group.id} has the teacher {name}, who is not known.")
                continue
            if section not in teacher.sections:
                broken.append(f"{name} does not teach {section} ({group.id}).")
            if slot not in teacher.free:
                broken.append(f"{name} is not free for {group.id} on day {slot[0]}, hour {slot[1]}.")
            charge("avoided", int(slot in teacher.avoid), group.id, name)
            if problem.last is not None:
                was = problem.last.teams.get(group.id)
                charge("changed_teacher", int(bool(was) and name not in (was or ())), group.id, name)
            week[name].append((*slot, group.school, group.id))
    for (school, _), count in rooms.items():
        if count > schools[school].rooms:
            broken.append(f"{school} has {count} classes at once and {schools[school].rooms} rooms.")
    for teacher in problem.teachers:
        lessons = sorted(week[teacher.id])
        if len(lessons) > teacher.most:
            broken.append(f"{teacher.id} has {len(lessons)} lessons a week; {teacher.most} is the most.")
        charge("under_contract", max(0, teacher.contract - len(lessons)), None, teacher.id)
        for day in sorted({lesson[0] for lesson in lessons}):
            today = [lesson for lesson in lessons if lesson[0] == day]
            if len(today) > teacher.most_a_day:
                broken.append(f"{teacher.id} has {len(today)} lessons on day {day}; {teacher.most_a_day} is the most.")
            home = teacher.homes[day] if len(teacher.homes) > 1 else teacher.homes[0]
            stops = [home, *(lesson[2] for lesson in today), home]
            minutes = 0
            for n, (a, b) in enumerate(pairwise(stops)):
                way = 0 if a == b else problem.travel.get(a, {}).get(b)
                if way is None:
                    broken.append(f"{teacher.id} cannot travel from {a} to {b} on day {day}.")
                    continue
                minutes += way
                if 0 < n < len(today):
                    one, two = today[n - 1], today[n]
                    if one[1] == two[1]:
                        broken.append(f"{teacher.id} is at {one[3]} and {two[3]} at the same moment.")
                    elif problem.hours[one[1]][1] + way > problem.hours[two[1]][0]:
                        broken.append(f"{teacher.id} cannot be at {two[3]} in time after {one[3]}.")
            charge("travel_minute", minutes, None, teacher.id)
            charge("teacher_day", 1, None, teacher.id)
            charge("gap", sum(max(0, b[1] - a[1] - 1) for a, b in pairwise(today)), None, teacher.id)
    return Report(tuple(broken), tuple(items))
