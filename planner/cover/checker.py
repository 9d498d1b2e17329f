"""Judges a plan of cover by the words of the problem alone."""

from itertools import pairwise

from planner.cover.problem import LEVELS, Option, Problem


def faults(problem: Problem, option: Option) -> list[str]:
    """Every rule the plan breaks, in a sentence; counts the levels anew."""
    wrong: list[str] = []
    lessons = {lesson.id: lesson for lesson in problem.lessons}
    teachers = {teacher.id: teacher for teacher in problem.teachers}
    ill = problem.absences

    def is_away(name: str, start: int, end: int) -> bool:
        return any(a.teacher == name and a.start < end and start < a.end for a in ill)

    lost = {x.id for x in problem.lessons if is_away(x.teacher, x.start, x.end)}
    counted = dict.fromkeys(LEVELS, 0)
    who: dict[str, str] = {x.id: x.teacher for x in problem.lessons if x.id not in lost}
    named = [change.lesson for change in option.changes]
    if len(named) != len(set(named)) or not lost <= set(named):
        wrong.append("Not every lost lesson has exactly one answer.")
    joined: list[str] = []
    for change in option.changes:
        lesson = lessons[change.lesson]
        if lesson.id not in lost:
            counted["changed"] += 1
            who.pop(lesson.id, None)
            if lesson.pinned:
                wrong.append(f"{lesson.id}: is pinned and yet changes hands.")
        if change.how == "open":
            counted["open"] += 1
        elif change.how == "later":
            counted["later"] += 1
            moments = {(x.on, x.start, x.teacher) for x in problem.later if x.lesson == lesson.id}
            if (change.on, change.start, change.teacher) not in moments:
                wrong.append(f"{lesson.id}: nobody offered that moment.")
        elif change.how == "join":
            counted["joined"] += 1
            joined.append(change.other or "")
            other = lessons.get(change.other or "")
            if other is None or (other.place, other.section, other.start, other.end) != (
                lesson.place,
                lesson.section,
                lesson.start,
                lesson.end,
            ):
                wrong.append(f"{lesson.id}: cannot join {change.other}.")
            elif other.children + lesson.children > problem.join_most:
                wrong.append(f"{lesson.id}: joined with {other.id} there are too many children.")
        else:
            who[lesson.id] = change.teacher or ""
            teacher = teachers[change.teacher or ""]
            counted["fairness"] += teacher.covers if lesson.id in lost else 0
            if lesson.section not in teacher.sections:
                counted["second skill"] += 1
                if lesson.section not in teacher.also:
                    wrong.append(f"{lesson.id}: {teacher.id} does not teach {lesson.section}.")
            if not teacher.may_teach:
                wrong.append(f"{lesson.id}: the papers of {teacher.id} are not in order.")
    for name in joined:
        if joined.count(name) > 1 or name not in who:
            wrong.append(f"{name}: two lessons join it, or it is not given itself.")
    for teacher in problem.teachers:
        before = sorted((x.start, x.end, x.place) for x in problem.lessons if x.teacher == teacher.id)
        kept = [(x.start, x.end, x.place) for x in problem.lessons if x.teacher == teacher.id and x.id not in lost]
        mine = sorted(
            (lessons[x].start, lessons[x].end, lessons[x].place) for x, name in who.items() if name == teacher.id
        )
        new = [x for x in mine if x not in kept]
        for start, end, _ in new:
            if is_away(teacher.id, start, end) or not any(a <= start and end <= b for a, b in teacher.free):
                wrong.append(f"{teacher.id}: is not free from {start} to {end}.")
        for (_, end, place), (start, _, there) in pairwise(mine):
            way = 0 if place == there else problem.travel.get(place, {}).get(there)
            as_planned = any(x[2] == place and x[1] == end for x in before) and any(
                x[2] == there and x[0] == start for x in before
            )
            if not as_planned and (way is None or end + way > start):
                wrong.append(f"{teacher.id}: cannot be in {there} at {start}.")
        if sorted(kept) == mine:
            continue
        minutes = sum(end - start for start, end, _ in mine) - sum(end - start for start, end, _ in kept)
        counted["over hours"] += max(0, minutes - teacher.minutes_left)
        ways = []
        for day in (sorted(kept), mine):
            stops = [teacher.home, *(place for _, _, place in day), teacher.home] if day else []
            ways.append(sum(0 if a == b else problem.travel.get(a, {}).get(b, 0) for a, b in pairwise(stops)))
        counted["travel"] += ways[1] - ways[0]
    if tuple(counted.values()) != option.levels:
        wrong.append(f"The levels are {tuple(counted.values())}, the plan says {option.levels}.")
    return wrong
