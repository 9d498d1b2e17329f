"""How strong the planner is, row by row, beside the greedy that is used now, the bound, and the best published."""

import csv
import gc
import json
import resource
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from planner import certificate
from planner.allotment import baselines, checker
from planner.allotment.reading import as_json
from planner.allotment.reading import read as read_allotment
from planner.allotment.solve import solve as allot
from planner.benchmarks import generate, hhcrsp
from planner.cover import checker as cover_checker
from planner.cover.reading import read as read_cover
from planner.cover.solve import solve as cover
from planner.stopping import Stop
from planner.timetable.baselines import greedy
from planner.timetable.checker import check
from planner.timetable.reading import read as read_timetable
from planner.timetable.solve import solve as plan


@dataclass(frozen=True)
class Row:
    """`figure` ≤ `bound` is asked; no bound: told only."""

    name: str
    figure: float
    bound: float | None
    words: str


def _spent() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


class Watch:
    """Seconds of this process, and of the programmes that it starts, not of others on the machine."""

    def __enter__(self) -> "Watch":
        gc.collect()
        self.began, self.at = _spent(), time.perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds, self.by_clock = _spent() - self.began, time.perf_counter() - self.at


def allotment(children: int, seconds: float, balanced: bool = False) -> Iterator[Row]:
    data = generate.allotment(children, balanced=balanced)
    problem = read_allotment(data)
    with Watch() as watch:
        result = allot(problem, seed=1)
    faults = checker.faults(problem, result)
    unproven = [f"{level.name} {level.value} ≥ {level.bound}" for level in result.levels if not level.is_proven]
    words = f"{watch.by_clock:.2f} s by the clock; {'proven' if not unproven else 'gap: ' + ', '.join(unproven)}"
    words += f"; wishes 1/2/3/other/none {'/'.join(map(str, result.profile))}"
    if faults:
        words += f"; FAULT {faults[0]}"
    name = f"allotment of {children:,}{' with sections' if balanced else ''}"
    yield Row(f"{name}, s", watch.seconds if not faults else float("inf"), seconds, words)
    if balanced:
        return
    written = as_json(result)
    with Watch() as watch:
        wrong = certificate.faults(data, written)
    yield Row(f"{name}: certificate, s", watch.seconds, 2, wrong[0] if wrong else "re-verified by 60 lines of its own")
    for who, profile in [("by hand", baselines.greedy(problem)), ("lottery", baselines.lottery(problem, 1))]:
        yield Row(f"{name}: outside three wishes, {who}", sum(profile[3:]), None, "/".join(map(str, profile)))


def covers(teachers: int, days: int) -> Iterator[Row]:
    stay: list[float] = []
    swap: list[float] = []
    lost = left_open = after = unproven = 0
    for seed in range(days):
        problem = read_cover(generate.cover(teachers, seed))
        with Watch() as watch:
            result = cover(problem)
        best = result.others_stay[0]
        (swap if best.levels[0] else stay).append(watch.seconds * 1000)
        lost += len(result.lost)
        left_open += best.levels[0]
        after += (result.with_swaps or result.others_stay)[0].levels[0]
        for option in result.others_stay + result.with_swaps:
            assert cover_checker.faults(problem, option) == []
            unproven += not option.is_proven
    words = f"{lost} lost lessons, {left_open} stay open, {after} after a swap; {unproven} plans unproven"
    yield Row(f"cover among {teachers}, three plans: p95, ms", statistics.quantiles(stay, n=20)[-1], 50, words)
    if swap:
        yield Row(f"cover among {teachers}, with swaps: most, ms", max(swap), 1000, f"{len(swap)} of {days} days")


def timetable(schools: int, moves: int) -> Iterator[Row]:
    problem = read_timetable(generate.timetable(schools))
    plan(problem, Stop(iterations=1000))  # compiled by now
    by_hand = check(problem, greedy(problem)).cost
    found = []
    for seed in range(2):
        with Watch() as watch:
            found.append(plan(problem, Stop(iterations=moves), seed))
    worst = max(found, key=lambda result: result.cost)
    size = f"{schools} schools × {len(problem.groups)} classes × {len(problem.teachers)} teachers"
    name = f"timetable of {schools} schools"
    spread = f"{size}; {moves:,} moves in {watch.seconds:.1f} s; by hand {by_hand}"
    yield Row(f"{name}: open seats, worst seed", worst.open_seats, worst.open_bound, spread)
    yield Row(f"{name}: cost, worst ÷ best seed", worst.cost / min(r.cost for r in found), 1.01, f"{worst.cost}")
    gap = worst.cost / max(1, worst.bound) - 1
    yield Row(f"{name}: gap to the bound, %", 100 * gap, 5, f"bound {worst.bound}")


def visits(folder: Path, moves: int) -> Iterator[Row]:
    """Every instance in the folder (*.json, *.json.gz), against best_published.csv beside them where that is."""
    known = {}
    if (folder / "best_published.csv").exists():
        with (folder / "best_published.csv").open() as table:
            known = {row["instance"]: float(row["cost"]) for row in csv.DictReader(table)}
    gaps = []
    for file in sorted([*folder.glob("*.json"), *folder.glob("*.json.gz")]):
        problem = hhcrsp.read(file)
        with Watch() as watch:
            _, cost = hhcrsp.solve(problem, Stop(iterations=moves))
        ours, by_hand = cost / 3000, hhcrsp.greedy(problem) / 3000
        words = f"{ours:.3f} in {watch.seconds:.0f} s; by hand {by_hand:.0f}"
        best = known.get(file.name.removesuffix(".gz"))
        if best is not None:
            gaps.append(100 * (ours / best - 1))
            words += f"; best published {best}"
        name = file.name.removesuffix(".gz").removesuffix(".json")
        yield Row(f"{name}: gap to best published, %", gaps[-1] if best else 0.0, None, words)
    if gaps:
        yield Row("visits: mean gap, %", statistics.mean(gaps), -0.3, f"{len(gaps)} instances")
        yield Row("visits: worst gap, %", max(gaps), 0.5, "")


def rows(folder: Path | None, is_full: bool) -> Iterator[Row]:
    yield from allotment(10_000, 0.5)
    yield from allotment(10_000 if is_full else 2_500, 20, balanced=True)
    yield from covers(600, 40 if is_full else 20)
    yield from timetable(25, 2_500_000 if is_full else 500_000)
    if folder is not None and folder.is_dir():
        yield from visits(folder, 40_000_000 if is_full else 2_000_000)
    if is_full:
        yield from allotment(250_000, 5)
        yield from allotment(250_000, 300, balanced=True)
        yield from timetable(250, 20_000_000)


def main(arguments: list[str]) -> int:
    """`python -m planner.benchmarks [FOLDER] [--full]`: the rows as JSON lines."""
    folder = next((Path(x) for x in arguments if not x.startswith("--")), None)
    for row in rows(folder, "--full" in arguments):
        print(json.dumps([row.name, round(row.figure, 3), row.bound, row.words], ensure_ascii=False), flush=True)
    return 0
