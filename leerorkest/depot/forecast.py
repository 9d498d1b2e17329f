"""How many of each kind and size will be played in the next quarters: pure Python, no database, the same for one seed.

**What it looks at.** Who played what in which size on the first day of each quarter so far, the child's grade then, and
for how many quarters it had had the size. From one quarter to the next a child stops (or changes to another kind), or
else grows into the next size, or keeps it. New players begin.

**The model.** Two chances. To stop: by kind, quarter of the year and grade (old groups stop in summer). To grow: by
kind, size and for how long the child has had it; a size lasts about two years, so hardly anybody grows in the first.
Many of these cells hold few children, so each is drawn towards what is above it: to the counts of a cell comes a Beta
prior worth `STRENGTH` children with the rate of the cell above, and so on up to the kind, and to `STOPS` and `GROWS`
where nothing was seen. Beginners are a Poisson count, its mean from the same quarter of the years before, where each
year counts half as much as the one after it: programmes grow. How much was seen decides how sure that mean is (a Gamma
distribution). A child who leaves the last grade leaves the programme.

**The range.** Each run draws its rates and means anew and then the children: the range holds what the rates might be,
as well as chance. `LOW` to `HIGH` is eight runs out of ten.

**Is it any good?** `back_test` stands a year back, knows nothing later, and forecasts the year that is over. Beside it
stands what anybody would say without a model: the same as a year before.
"""

import math
import random
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

LAST_GRADE = 8
STRENGTH = 6.0  # children that a prior is worth
STOPS, GROWS = 0.035, 0.125  # per quarter, where nothing was seen
LONGEST = 12  # quarters in one size that are told apart
FADES = 0.5  # what the beginners of a year weigh one year later
RUNS = 300
FEWEST, WORK = (
    40,
    160_000,
)  # a city with very many kinds, sizes and grades gets fewer runs, so that its page is not slow
LOW, HIGH = 0.1, 0.9
SCHOOL_YEAR_BEGINS = 8  # month

Pool = tuple[str, int | None]  # kind and size
Cell = tuple[str, int | None, int, int]  # and the grade (0: not known), and for how many quarters it had the size


@dataclass(frozen=True)
class Spell:
    """One child played one kind in one size. `cohort`: the school year in which it was (or would be) in grade 1, by
    the year that school year began; None: not known."""

    child: int
    kind: str
    size: int | None
    cohort: int | None
    from_on: date
    until_on: date | None = None

    def holds(self, day: date) -> bool:
        return self.from_on <= day and (self.until_on is None or day < self.until_on)

    def had_for(self, day: date) -> int:
        """Quarters that it has had this size."""
        return min(LONGEST, max(0, (day - self.from_on).days // 91))

    def grade(self, day: date) -> int:
        if self.cohort is None:
            return 0
        return max(1, min(LAST_GRADE, school_year(day) - self.cohort + 1))


@dataclass(frozen=True)
class Expected:
    """How many are played on the first day of a quarter."""

    on: date
    mean: float
    low: int
    high: int


@dataclass(frozen=True)
class BackTest:
    """Mean error per kind, size and quarter, in instruments; `within`: how often the truth lay in the range."""

    error: float
    naive_error: float
    within: float
    cells: int


# --- quarters ---------------------------------------------------------------------------------------------
def school_year(day: date) -> int:
    return day.year if day.month >= SCHOOL_YEAR_BEGINS else day.year - 1


def quarter_of(day: date) -> date:
    """The first day of its quarter."""
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


def quarter_after(first: date, count: int = 1) -> date:
    months = first.year * 12 + first.month - 1 + 3 * count
    return date(months // 12, months % 12 + 1, 1)


def season(first: date) -> int:
    """1 … 4: which quarter of the year."""
    return (first.month + 2) // 3


# --- what happened ----------------------------------------------------------------------------------------
def state(spells: Iterable[Spell], day: date) -> dict[int, Cell]:
    """What each child played on this day."""
    return {
        spell.child: (spell.kind, spell.size, spell.grade(day), spell.had_for(day))
        for spell in spells
        if spell.holds(day)
    }


def states(spells: Iterable[Spell], days: Sequence[date]) -> list[dict[int, Cell]]:
    """What each child played on each of these days, in their order; each spell is looked at once."""
    found: list[dict[int, Cell]] = [{} for _ in days]
    for spell in spells:
        first = bisect_left(days, spell.from_on)
        last = bisect_left(days, spell.until_on) if spell.until_on else len(days)
        for n in range(first, last):
            day = days[n]
            found[n][spell.child] = (spell.kind, spell.size, spell.grade(day), spell.had_for(day))
    return found


def played(spells: Iterable[Spell], day: date) -> Counter[Pool]:
    return Counter((spell.kind, spell.size) for spell in spells if spell.holds(day))


class Rates:
    """What happened so far from quarter to quarter, and the chances that follow from it."""

    def __init__(self, spells: Sequence[Spell], ladder: Mapping[str, Sequence[int]], until: date) -> None:
        """Learn from every quarter that was over by `until`, and from nothing later."""
        self.places = {(kind, size): n for kind, sizes in ladder.items() for n, size in enumerate(sizes)}
        self.ladder = ladder
        self.seen: dict[tuple[Any, ...], list[int]] = defaultdict(lambda: [0, 0])  # path: [how often, of how many]
        self.beginners: dict[int, dict[Cell, float]] = defaultdict(lambda: defaultdict(float))
        self.years: dict[int, float] = defaultdict(float)  # how much each quarter was seen: 1 + ½ + ¼ …
        if not spells:
            return
        days = [quarter_after(quarter_of(min(spell.from_on for spell in spells)))]
        while days[-1] < until:
            days.append(quarter_after(days[-1]))
        seen = states(spells, [day for day in days if day <= until])
        for first, before, after in zip(days, seen, seen[1:], strict=False):
            self._learn(season(first), before, after)

    def _learn(self, in_season: int, before: Mapping[int, Cell], after: Mapping[int, Cell]) -> None:
        for child, (kind, size, grade, had_for) in before.items():
            now = after.get(child)
            plays_on = now is not None and now[0] == kind
            self._count(_stopping(kind, in_season, grade), not plays_on)
            if now is not None and plays_on and self.next_size(kind, size) != size:
                has_grown = self._place(kind, now[1]) > self._place(kind, size)
                self._count(_growing(kind, size, had_for), has_grown)
        self.years[in_season] = 1 + self.years[in_season] * FADES
        beginners = self.beginners[in_season]
        for cell in beginners:
            beginners[cell] *= FADES
        for child, cell in after.items():
            if child not in before or before[child][0] != cell[0]:
                beginners[cell] += 1

    def _count(self, paths: Iterable[tuple[Any, ...]], happened: bool) -> None:
        for path in paths:
            self.seen[path][0] += happened
            self.seen[path][1] += 1

    def _place(self, kind: str, size: int | None) -> int:
        return -1 if size is None else self.places.get((kind, size), -1)

    def next_size(self, kind: str, size: int | None) -> int | None:
        """The size a child grows into; the last one is kept."""
        sizes = self.ladder.get(kind, ())
        place = self._place(kind, size) + 1
        return sizes[place] if 0 < place < len(sizes) else size

    def stops(self, kind: str, in_season: int, grade: int) -> tuple[float, float]:
        """The Beta distribution of the chance to stop in this quarter."""
        return self._beta(_stopping(kind, in_season, grade), STOPS)

    def grows(self, kind: str, size: int | None, had_for: int) -> tuple[float, float]:
        """The Beta distribution of the chance to grow into the next size, for who does not stop."""
        return self._beta(_growing(kind, size, had_for), GROWS)

    def _beta(self, paths: Sequence[tuple[Any, ...]], rate: float) -> tuple[float, float]:
        """From the whole kind down to the cell: each leans on the one before."""
        happened, of = 0, 0
        for n, path in enumerate(paths):
            if n:
                rate = (STRENGTH * rate + happened) / (STRENGTH + of)
            happened, of = self.seen.get(path, (0, 0))
        return STRENGTH * rate + happened, STRENGTH * (1 - rate) + of - happened


def _stopping(kind: str, in_season: int, grade: int) -> list[tuple[Any, ...]]:
    return [("stops", kind), ("stops", kind, in_season), ("stops", kind, in_season, grade)]


def _growing(kind: str, size: int | None, had_for: int) -> list[tuple[Any, ...]]:
    return [("grows", kind), ("grows", kind, had_for), ("grows", kind, size, had_for)]


# --- what comes -------------------------------------------------------------------------------------------
def forecast(
    spells: Sequence[Spell],
    ladder: Mapping[str, Sequence[int]],
    today: date,
    *,
    quarters: int = 4,
    seed: int = 1,
    runs: int = RUNS,
) -> dict[Pool, list[Expected]]:
    """How many are played on the first day of each of the next quarters, by kind and size.

    `ladder`: the sizes of each kind, small to large. Nothing after `today` is looked at. `runs`: at most.
    """
    rates = Rates(spells, ladder, quarter_of(today))
    now = Counter(state(spells, today).values())
    runs = max(FEWEST, min(runs, WORK // (quarters * (len(now) + 1))))
    chance = random.Random(seed)  # noqa: S311  # no secret: the same page twice
    first = quarter_of(today)
    totals: list[dict[Pool, list[int]]] = [defaultdict(list) for _ in range(quarters)]
    for run in range(runs):
        cells: Mapping[Cell, int] = now
        drawn: dict[Any, float] = {}
        for n in range(quarters):
            cells = _one_quarter(cells, rates, season(quarter_after(first, n)), drawn, chance)
            pools: Counter[Pool] = Counter()
            for (kind, size, _grade, _had_for), number in cells.items():
                pools[kind, size] += number
            for pool, number in pools.items():
                seen = totals[n][pool]
                seen.extend([0] * (run - len(seen)))
                seen.append(number)
    pools_ever = sorted({pool for by_pool in totals for pool in by_pool}, key=str)
    return {
        pool: [_summary(quarter_after(first, n + 1), totals[n].get(pool, []), runs) for n in range(quarters)]
        for pool in pools_ever
    }


def _one_quarter(
    cells: Mapping[Cell, int], rates: Rates, in_season: int, drawn: dict[Any, float], chance: random.Random
) -> Counter[Cell]:
    """`drawn`: the chances of this run, each drawn once."""

    def draw(key: Any, beta: tuple[float, float]) -> float:
        if key not in drawn:
            drawn[key] = chance.betavariate(*beta)
        return drawn[key]

    after: Counter[Cell] = Counter()
    for (kind, size, grade, had_for), number in cells.items():
        older = grade + 1 if grade and in_season == 3 else grade  # the school year turns within the third quarter
        if older > LAST_GRADE or not number:
            continue
        stops = draw((kind, in_season, grade), rates.stops(kind, in_season, grade))
        left = number - chance.binomialvariate(number, stops)
        grown, larger = 0, rates.next_size(kind, size)
        if larger != size:
            grows = draw((kind, size, had_for, "grows"), rates.grows(kind, size, had_for))
            grown = chance.binomialvariate(left, grows)
            after[kind, larger, older, 0] += grown
        after[kind, size, older, min(LONGEST, had_for + 1)] += left - grown
    for cell, usual in rates.beginners[in_season].items():
        after[cell] += _poisson(_mean(usual, rates, in_season, chance), chance)
    return after


def _mean(number: float, rates: Rates, in_season: int, chance: random.Random) -> float:
    """A mean that fits so many beginners in so many (weighed) years."""
    return chance.gammavariate(number, 1 / rates.years[in_season])


def _poisson(mean: float, chance: random.Random) -> int:
    """The number of arrivals before the exponential gaps between them add up to `mean`."""
    count, reached = 0, chance.expovariate(1)
    while reached < mean:
        count += 1
        reached += chance.expovariate(1)
    return count


def _summary(on: date, seen: Sequence[int], runs: int) -> Expected:
    ordered = sorted([*seen, *([0] * (runs - len(seen)))])
    return Expected(
        on=on,
        mean=sum(ordered) / runs,
        low=ordered[int(LOW * (runs - 1))],
        high=ordered[math.ceil(HIGH * (runs - 1))],
    )


# --- was it any good --------------------------------------------------------------------------------------
def back_test(
    spells: Sequence[Spell], ladder: Mapping[str, Sequence[int]], today: date, *, seed: int = 1, runs: int = RUNS
) -> BackTest | None:
    """The year that is over, forecast from the day before it began; None where there was nobody a year ago."""
    then = quarter_after(quarter_of(today), -4)
    known = [_as_known(spell, then) for spell in spells if spell.from_on <= then]
    if not state(known, then):
        return None
    said = forecast(known, ladder, then, seed=seed, runs=runs)
    begun = quarter_after(quarter_of(min(spell.from_on for spell in spells)))
    errors, naive_errors, hits = [], [], 0
    for n in range(4):
        day = quarter_after(then, n + 1)
        truth = played(spells, day)
        year_before = quarter_after(day, -4)
        naive = played(spells, max(begun, year_before))  # no year to look back to: as on the first day that is known
        for pool in {*truth, *said, *naive}:
            expected = said[pool][n] if pool in said else Expected(day, 0, 0, 0)
            errors.append(abs(expected.mean - truth[pool]))
            naive_errors.append(abs(naive[pool] - truth[pool]))
            hits += expected.low <= truth[pool] <= expected.high
    cells = len(errors)
    return BackTest(sum(errors) / cells, sum(naive_errors) / cells, hits / cells, cells)


def _as_known(spell: Spell, day: date) -> Spell:
    """What was known of it on this day: an end that lies later was not."""
    ended = spell.until_on and spell.until_on <= day
    return spell if ended else Spell(spell.child, spell.kind, spell.size, spell.cohort, spell.from_on)
