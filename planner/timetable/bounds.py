"""What no plan can go below. Simple and sure: each rule's least is counted by itself, and the rules add up."""

from collections import defaultdict
from itertools import chain, combinations

from planner.timetable.problem import Group, Problem, Slot, Teacher

MOST_SUBSETS = 8  # sections up to which every set of them is looked at


def lower(problem: Problem) -> tuple[int, int]:
    """(open seats, cost)."""
    weights = problem.weights
    moments = _moments(problem)
    left_open = open_seats(problem)
    shares = sorted((min(weights.open_seat, x) for x in _shares(problem, moments)), reverse=True)
    cost = int(sum(shares[left_open:])) + left_open * weights.open_seat
    seats = sum(len(group.seats) for group in problem.groups)
    cost += weights.under_contract * max(0, sum(teacher.contract for teacher in problem.teachers) - seats)
    if weights.open_seat >= weights.moved + weights.changed_teacher + max(shares, default=0):
        cost += _upset(problem, moments, left_open)  # to leave a seat open is never the cheaper way out
    return left_open, cost


def _moments(problem: Problem) -> dict[str, tuple[Slot, ...]]:
    """Per class the moments it can have."""
    windows = {school.id: school.windows for school in problem.schools}
    return {
        group.id: (group.pinned,)
        if group.pinned is not None
        else tuple(slot for slot in windows[group.school] if not group.windows or slot in group.windows)
        for group in problem.groups
    }


def open_seats(problem: Problem) -> int:
    """The larger of two counts: seats of some sections beyond all hours of their teachers; seats of the classes that no
    room is left for."""
    sections = sorted({section for group in problem.groups for section in group.seats})
    used = {slot for slots in _moments(problem).values() for slot in slots}
    hours = {teacher.id: _hours(teacher, used) for teacher in problem.teachers}
    sizes = range(1, len(sections) + 1) if len(sections) <= MOST_SUBSETS else [1, len(sections)]
    short = 0
    for chosen in chain.from_iterable(combinations(sections, size) for size in sizes):
        seats = sum(section in chosen for group in problem.groups for section in group.seats)
        there = sum(hours[t.id] for t in problem.teachers if any(section in chosen for section in t.sections))
        short = max(short, seats - there)
    by_school: dict[str, list[Group]] = defaultdict(list)
    for group in problem.groups:
        by_school[group.school].append(group)
    homeless = 0
    for school in problem.schools:
        groups = sorted(by_school[school.id], key=lambda group: len(group.seats))
        over = max(0, len(groups) - school.rooms * len(school.windows))
        homeless += sum(len(group.seats) for group in groups[:over])
    return max(short, homeless)


def _hours(teacher: Teacher, used: set[Slot]) -> int:
    by_day: dict[int, int] = defaultdict(int)
    for slot in teacher.free:
        by_day[slot[0]] += slot in used
    return min(teacher.most, sum(min(count, teacher.most_a_day) for count in by_day.values()))


def _shares(problem: Problem, moments: dict[str, tuple[Slot, ...]]) -> list[float]:
    """Per seat, its least share in the days and ways of whoever takes it. A day of a teacher costs its day, the way
    into each school, and the way home; the lessons of the day, and those at the school, carry that together."""
    weights = problem.weights
    hours = len(problem.hours)
    names = [school.id for school in problem.schools]
    into = {
        name: min(
            (problem.travel[a][name] for a in names if a != name and name in problem.travel.get(a, {})), default=None
        )
        for name in names
    }
    there: dict[tuple[str, int], set[int]] = defaultdict(set)
    for group in problem.groups:
        for day, hour in moments[group.id]:
            there[group.school, day].add(hour)
    able: dict[str, list[Teacher]] = defaultdict(list)
    for teacher in problem.teachers:
        for section in dict.fromkeys(teacher.sections):
            able[section].append(teacher)
    back: dict[str, int] = {}
    for teacher in problem.teachers:
        for home in teacher.homes:
            if home not in back:
                ways = [0 if a == home else problem.travel.get(a, {}).get(home) for a in names]
                back[home] = min((way for way in ways if way is not None), default=0)
    free = {teacher.id: set(teacher.free) for teacher in problem.teachers}
    known: dict[tuple[str, str, tuple[Slot, ...]], float] = {}
    found = []
    for group in problem.groups:
        for section in group.seats:
            key = (group.school, section, moments[group.id])
            if key not in known:
                least = float(weights.open_seat)
                for teacher in able[section]:
                    for day in {slot[0] for slot in moments[group.id] if slot in free[teacher.id]}:
                        home = teacher.home(day)
                        ways = [0 if home == group.school else problem.travel.get(home, {}).get(group.school)]
                        ways.append(into[group.school])
                        way = min((w for w in ways if w is not None), default=0)
                        most = max(1, min(teacher.most_a_day, hours))
                        share = (weights.teacher_day + weights.travel_minute * back[home]) / most
                        share += weights.travel_minute * way / max(1, len(there[group.school, day]))
                        least = min(least, share)
                known[key] = least
            found.append(known[key])
    return found


def _upset(problem: Problem, moments: dict[str, tuple[Slot, ...]], left_open: int) -> int:
    """What must change since last year: moments that are gone, teachers who cannot come back to their class. A class or
    seat that stays open instead is not counted: `left_open` of them may."""
    if problem.last is None:
        return 0
    teachers = {teacher.id: teacher for teacher in problem.teachers}
    moved = changed = 0
    for group in problem.groups:
        if not moments[group.id]:
            continue
        slot = problem.last.slots.get(group.id)
        moved += bool(group.seats) and slot is not None and slot not in moments[group.id]
        was = {teachers[name] for name in problem.last.teams.get(group.id, ()) if name in teachers}
        back = sum(
            any(section in teacher.sections for section in group.seats)
            and any(slot in teacher.free for slot in moments[group.id])
            for teacher in was
        )
        if problem.last.teams.get(group.id):
            changed += max(0, len(group.seats) - back)
    weights = problem.weights
    return weights.moved * max(0, moved - left_open) + weights.changed_teacher * max(0, changed - left_open)
