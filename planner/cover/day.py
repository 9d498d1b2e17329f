"""One teacher's possible new days as columns with their exact costs: what `solve` and `rank` choose from."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations, pairwise

from planner.cover.problem import LEVELS, Change, Lesson, Problem, Teacher

MOST_AT_ONCE = 4  # lessons that one teacher takes over on one day
Cost = tuple[int, ...]  # per level


@dataclass(frozen=True, slots=True)
class Column:
    """Answers the lost lessons `settles`. `steps`: who takes which lesson; two steps where a colleague gives one up."""

    settles: tuple[str, ...]
    cost: Cost
    steps: tuple[tuple[str, str], ...] = ()
    change: Change | None = None  # of a join, a later moment or an open lesson

    @property
    def teachers(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(teacher for teacher, _ in self.steps))


class Day:
    def __init__(self, problem: Problem):
        self.problem = problem
        self.teachers = {teacher.id: teacher for teacher in problem.teachers}
        self.lessons = {lesson.id: lesson for lesson in problem.lessons}
        self.away: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for absence in problem.absences:
            self.away[absence.teacher].append((absence.start, absence.end))
        self.kept: dict[str, list[Lesson]] = defaultdict(list)
        self.planned: dict[str, list[Lesson]] = defaultdict(list)
        self.lost: list[Lesson] = []
        for lesson in sorted(problem.lessons, key=lambda x: (x.start, x.id)):
            self.planned[lesson.teacher].append(lesson)
            if any(a < lesson.end and lesson.start < b for a, b in self.away.get(lesson.teacher, ())):
                self.lost.append(lesson)
            else:
                self.kept[lesson.teacher].append(lesson)
        self.able: dict[str, list[Teacher]] = defaultdict(list)
        for teacher in problem.teachers:
            for section in dict.fromkeys((*teacher.sections, *teacher.also)):
                self.able[section].append(teacher)
        self.lost_names = {lesson.id for lesson in self.lost}

    def answers(self, lessons: Iterable[Lesson]) -> Iterator[Column]:
        """What needs no stand-in: open, another moment, or joined with the section beside it."""
        beside: dict[tuple[str, str, int, int], list[Lesson]] = defaultdict(list)
        for other in self.problem.lessons:
            if other.id not in self.lost_names:
                beside[other.place, other.section, other.start, other.end].append(other)
        for lesson in lessons:
            why = "Nobody who is free, near enough and able is left: this lesson falls out today."
            yield Column((lesson.id,), cost_of(open=1), (), Change(lesson.id, "open", why=why))
            for later in self.problem.later:
                if later.lesson == lesson.id:
                    why = f"Swapped to {later.on}: school, group and teacher are free then."
                    change = Change(lesson.id, "later", later.teacher, on=later.on, start=later.start, why=why)
                    yield Column((lesson.id,), cost_of(later=1), (), change)
            for other in beside[lesson.place, lesson.section, lesson.start, lesson.end]:
                together = lesson.children + other.children
                if together <= self.problem.join_most:
                    why = f"Joined with the section beside it: {together} children with {self._name(other.teacher)}."
                    change = Change(lesson.id, "join", other=other.id, why=why)
                    yield Column((lesson.id,), cost_of(joined=1), (), change)

    def can(self, teacher: Teacher, lesson: Lesson) -> bool:
        """Able, papers in order, free, and not away."""
        return (
            (lesson.section in teacher.sections or lesson.section in teacher.also)
            and teacher.may_teach
            and any(a <= lesson.start and lesson.end <= b for a, b in teacher.free)
            and not any(a < lesson.end and lesson.start < b for a, b in self.away.get(teacher.id, ()))
        )

    def _way(self, a: str, b: str) -> int | None:
        return 0 if a == b else self.problem.travel.get(a, {}).get(b)

    def _in_time(self, day: list[Lesson], kept: list[Lesson]) -> bool:
        """Whether every step can be made; steps that stood in the plan already are taken as they are."""
        stood = {(one.id, two.id) for one, two in pairwise(kept)}
        for one, two in pairwise(day):
            way = self._way(one.place, two.place)
            if (way is None or one.end + way > two.start) and (one.id, two.id) not in stood:
                return False
        return True

    def _travel(self, teacher: Teacher, day: list[Lesson]) -> int:
        if not day:
            return 0
        stops = [teacher.home, *(lesson.place for lesson in day), teacher.home]
        return sum(self._way(a, b) or 0 for a, b in pairwise(stops))

    def column(self, teacher: Teacher, taken: tuple[Lesson, ...], dropped: Lesson | None) -> Column | None:
        kept = self.kept[teacher.id]
        day = sorted([*taken, *(x for x in kept if x is not dropped)], key=lambda x: (x.start, x.end))
        if not self._in_time(day, kept):
            return None
        minutes = sum(lesson.end - lesson.start for lesson in taken)
        minutes -= dropped.end - dropped.start if dropped else 0
        lost = [lesson for lesson in taken if lesson.id in self.lost_names]
        cost = cost_of(
            second_skill=sum(lesson.section not in teacher.sections for lesson in taken),
            changed=len(taken) - len(lost),
            over_hours=max(0, minutes - teacher.minutes_left),
            fairness=teacher.covers * len(lost),
            travel=self._travel(teacher, day) - self._travel(teacher, kept),
        )
        names = tuple(lesson.id for lesson in taken)
        return Column(names, cost, tuple((teacher.id, name) for name in names))

    def stand_ins(self, lessons: Iterable[Lesson]) -> Iterator[Column]:
        """Every set of these lessons that one teacher could take over beside the own day."""
        lessons = list(lessons)
        for teacher in self.problem.teachers:
            able = [x for x in lessons if self.can(teacher, x) and self.column(teacher, (x,), None)]
            for size in range(1, min(MOST_AT_ONCE, len(able)) + 1):
                found = False
                for taken in combinations(able, size):
                    if (column := self.column(teacher, taken, None)) is not None:
                        found = True
                        yield column
                if not found:
                    break

    def _takers(self, lesson: Lesson, most: int) -> list[Column]:
        """The cheapest ways to have this lesson taken over by somebody who gives up nothing."""
        found = [
            column
            for teacher in self.able[lesson.section]
            if teacher.id != lesson.teacher and self.can(teacher, lesson)
            for column in [self.column(teacher, (lesson,), None)]
            if column is not None
        ]
        return sorted(found, key=lambda column: (column.cost, column.steps))[:most]

    def swaps(self, lost: int) -> Iterator[Column]:
        """A colleague gives up one lesson and takes a lost one; somebody free takes what was given up.

        A plan uses at most two teachers for each other lost lesson. So a chain is never needed once that many cheaper
        chains share its first teacher, its second, or nothing with one another: one of them is always possible.
        """
        blocked = 2 * (lost - 1) + 1
        takers: dict[str, list[Column]] = {}
        for lesson in self.lost:
            chains = []
            for teacher in self.able[lesson.section]:
                free = [x for x in self.kept[teacher.id] if not x.pinned]
                if not free or not self.can(teacher, lesson):
                    continue
                for dropped in free:
                    first = self.column(teacher, (lesson,), dropped)
                    if first is None:
                        continue
                    if dropped.id not in takers:
                        takers[dropped.id] = self._takers(dropped, blocked + 1)
                    for second in takers[dropped.id]:
                        if second.steps[0][0] != teacher.id:
                            cost = tuple(map(int.__add__, first.cost, second.cost))
                            chains.append(Column((lesson.id,), cost, first.steps + second.steps))
            yield from _kernel(sorted(chains, key=lambda column: (column.cost, column.steps)), blocked)

    def _name(self, teacher: str) -> str:
        return self.teachers[teacher].name or teacher

    def changes(self, chosen: list[Column]) -> tuple[Change, ...]:
        found = []
        for column in chosen:
            if column.change is not None:
                found.append(column.change)
                continue
            for name, lesson_id in column.steps:
                teacher, lesson = self.teachers[name], self.lessons[lesson_id]
                skill = "teaches" if lesson.section in teacher.sections else "can also teach"
                given = [self.lessons[x] for _, x in column.steps if self.lessons[x].teacher == name]
                gives = f", and gives up {given[0].name or given[0].id}" if given else ""
                why = (
                    f"{self._name(name)} {skill} {lesson.section}, can be there in time{gives}; "
                    f"stood in {teacher.covers} times this year."
                )
                found.append(Change(lesson_id, "cover", name, why=why))
        return tuple(sorted(found, key=lambda change: (self.lessons[change.lesson].start, change.lesson)))


def cost_of(**levels: int) -> Cost:
    return tuple(levels.get(name.replace(" ", "_"), 0) for name in LEVELS)


def _kernel(chains: Iterable[Column], blocked: int) -> Iterator[Column]:
    """Those of the chains (cheapest first) that a plan may need."""
    first, second = Counter[str](), Counter[str]()
    apart: set[str] = set()
    seen: set[tuple[str, ...]] = set()
    for chain in chains:
        one, two = chain.teachers
        if (one, two) in seen or first[one] > blocked or second[two] > blocked or len(apart) > 2 * blocked:
            continue
        seen.add((one, two))
        first[one] += 1
        second[two] += 1
        if one not in apart and two not in apart:
            apart |= {one, two}
        yield chain
