"""Whom to ask first for one lesson, and why the others are not asked.

The order is that of the levels of `solve` (own skill first, then who stood in least this year, then the shorter way);
whoever cannot do it has a word that says why not. Without a solver: each lesson stands by itself, because each of
those who are asked may say no.
"""

from dataclasses import dataclass

from planner.cover.day import Cost, Day
from planner.cover.problem import LEVELS, Lesson, Problem, Teacher

OVER_HOURS = LEVELS.index("over hours")
WHY_NOT = ("away", "skill", "papers", "free", "time", "hours")
"""`away`: absent too. `skill`: does not teach this section. `papers`: no valid certificate of conduct. `free`: not
working at that time. `time`: has another lesson then, or cannot be there in time. `hours`: more than was agreed."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """`why_not`: one of WHY_NOT, the first that holds; empty: can be asked, at this cost (one number per level)."""

    teacher: str
    why_not: str = ""
    cost: Cost = ()


def rank(problem: Problem) -> dict[str, list[Candidate]]:
    """{lost lesson: every teacher of the problem but the absent one}, who can be asked first, the best first; the
    others after them, by how little is missing. Ties go by name of the id: the same question has the same answer."""
    day = Day(problem)
    return {lesson.id: _ranked(day, lesson) for lesson in day.lost}


def _ranked(day: Day, lesson: Lesson) -> list[Candidate]:
    found = [_judged(day, lesson, teacher) for teacher in day.problem.teachers if teacher.id != lesson.teacher]
    return sorted(found, key=lambda one: (_missing(one), one.cost, one.teacher))


def _missing(one: Candidate) -> int:
    """Nothing; or the later a condition is looked at, the less is missing."""
    return len(WHY_NOT) - WHY_NOT.index(one.why_not) if one.why_not else 0


def _judged(day: Day, lesson: Lesson, teacher: Teacher) -> Candidate:
    if any(start < lesson.end and lesson.start < end for start, end in day.away.get(teacher.id, ())):
        return Candidate(teacher.id, "away")
    if lesson.section not in (*teacher.sections, *teacher.also):
        return Candidate(teacher.id, "skill")
    if not teacher.may_teach:
        return Candidate(teacher.id, "papers")
    if not day.can(teacher, lesson):
        return Candidate(teacher.id, "free")
    column = day.column(teacher, (lesson,), None)
    if column is None:
        return Candidate(teacher.id, "time")
    if column.cost[OVER_HOURS]:
        return Candidate(teacher.id, "hours")
    return Candidate(teacher.id, "", column.cost)
