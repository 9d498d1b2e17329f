"""JSON to Problem with named findings, Result to JSON. The schema stands in planner/README.md."""

from typing import Any

from planner.cover.problem import LEVELS, Absence, Later, Lesson, Option, Problem, Result, Teacher
from planner.problems import Json, Reader, header

DAY = 24 * 60


def read(data: object) -> Problem:
    """Raises BadProblem with every finding."""
    data = header(data, "cover")
    r = Reader([])
    teachers = tuple(_teacher(r, row, f"teachers[{n}]") for n, row in enumerate(r.rows(data, "teachers")))
    lessons = tuple(_lesson(r, row, f"lessons[{n}]") for n, row in enumerate(r.rows(data, "lessons")))
    absences = tuple(_absence(r, row, f"absences[{n}]") for n, row in enumerate(r.rows(data, "absences")))
    later = tuple(
        Later(
            r.text(row, "lesson", f"later[{n}]"),
            r.text(row, "on", f"later[{n}]"),
            r.whole(row, "start", f"later[{n}]", most=DAY),
            r.text(row, "teacher", f"later[{n}]"),
        )
        for n, row in enumerate(r.rows(data, "later"))
    )
    travel = read_travel(r, data.get("travel", {}))
    join_most = r.whole(data, "join_most", "problem", 0, most=1000)
    options = r.whole(data, "options", "problem", 3, 1, 20)
    r.finish()
    problem = Problem(teachers, lessons, absences, travel, later, join_most, options)
    _judge(r, problem)
    r.finish()
    return problem


def read_travel(r: Reader, found: object) -> dict[str, dict[str, int]]:
    if not isinstance(found, dict) or not all(isinstance(row, dict) for row in found.values()):
        r.wrong("travel", "This is not an object of objects.", 'Write {"from": {"to": minutes}}.')
        return {}
    return {a: {b: r.whole(row, b, f"travel.{a}", most=DAY) for b in row} for a, row in found.items()}


def spans(r: Reader, row: Json, name: str, where: str) -> tuple[tuple[int, int], ...]:
    found = row.get(name, [])
    sound = []
    for span in found if isinstance(found, list) else [None]:
        if isinstance(span, list) and len(span) == 2 and all(type(v) is int and 0 <= v <= DAY for v in span):
            sound.append((span[0], span[1]))
    if not isinstance(found, list) or len(sound) < len(found) or any(a >= b for a, b in sound):
        r.wrong(
            f"{where}.{name}",
            f"{found!r} is not a list of spans.",
            "Write [[start, end], ...] in minutes, start first.",
        )
    return tuple(sound)


def _teacher(r: Reader, row: Json, where: str) -> Teacher:
    return Teacher(
        r.text(row, "id", where),
        r.texts(row, "sections", where),
        r.text(row, "home", where),
        spans(r, row, "free", where),
        r.texts(row, "also", where),
        r.whole(row, "minutes_left", where, 0, most=7 * DAY),
        r.whole(row, "covers", where, 0, most=1000),
        r.flag({"may_teach": row.get("may_teach", True)}, "may_teach", where),
        r.text(row, "name", where, ""),
    )


def _lesson(r: Reader, row: Json, where: str) -> Lesson:
    lesson = Lesson(
        r.text(row, "id", where),
        r.text(row, "place", where),
        r.text(row, "section", where),
        r.whole(row, "start", where, most=DAY),
        r.whole(row, "end", where, most=DAY),
        r.text(row, "teacher", where),
        r.whole(row, "children", where, 6, most=1000),
        r.flag(row, "pinned", where),
        r.text(row, "name", where, ""),
    )
    if lesson.start >= lesson.end:
        r.wrong(where, f"The lesson ends at {lesson.end}, not after its start {lesson.start}.", "Correct the times.")
    return lesson


def _absence(r: Reader, row: Json, where: str) -> Absence:
    absence = Absence(
        r.text(row, "teacher", where),
        r.whole(row, "start", where, 0, most=DAY),
        r.whole(row, "end", where, DAY, most=DAY),
    )
    if absence.start >= absence.end:
        r.wrong(where, "The absence ends before it starts.", "Correct the times, or leave them out for the whole day.")
    return absence


def _judge(r: Reader, problem: Problem) -> None:
    r.unique((teacher.id for teacher in problem.teachers), "teacher")
    r.unique((lesson.id for lesson in problem.lessons), "lesson")
    teachers = {teacher.id for teacher in problem.teachers}
    lessons = {lesson.id for lesson in problem.lessons}
    for name, users in [
        ("lesson", [(lesson.id, lesson.teacher) for lesson in problem.lessons]),
        ("absence of", [(absence.teacher, absence.teacher) for absence in problem.absences]),
        ("later", [(later.lesson, later.teacher) for later in problem.later]),
    ]:
        for user, teacher in users:
            if teacher not in teachers:
                r.wrong(
                    f"{name} {user}", f"The teacher {teacher} is not known.", "Add the teacher, or correct the name."
                )
    for later in problem.later:
        if later.lesson not in lessons:
            r.wrong("later", f"The lesson {later.lesson} is not known.", "Correct the lesson.")


def as_json(result: Result) -> dict[str, Any]:
    return {
        "kind": "cover result",
        "version": 1,
        "lost": list(result.lost),
        "others_stay": [_option(option) for option in result.others_stay],
        "with_swaps": [_option(option) for option in result.with_swaps],
    }


def _option(option: Option) -> dict[str, Any]:
    return {
        "is_proven": option.is_proven,
        "scope": option.scope,
        "levels": dict(zip(LEVELS, option.levels, strict=True)),
        "changes": [
            {
                name: value
                for name in ("lesson", "how", "teacher", "other", "on", "start", "why")
                if (value := getattr(change, name)) is not None
            }
            for change in option.changes
        ],
    }
