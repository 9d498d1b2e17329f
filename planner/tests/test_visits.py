"""Home-care visits: the public benchmark nearest to a day of teams, read, judged and solved."""

import gzip
import itertools
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from planner.benchmarks import hhcrsp
from planner.stopping import Stop


def invented(visits: int = 4) -> dict:
    at = [(0, 0), (10, 0), (0, 20), (15, 15), (30, 5)]
    rows = []
    for n in range(visits):
        wanted = [{"service": "strings" if n % 2 else "winds", "duration": 10.0}]
        row = {"id": f"p{n}", "time_window": [20.0 * n, 20.0 * n + 15], "required_caregivers": wanted}
        if n == 1:
            wanted.append({"service": "winds", "duration": 12.5})
            row["synchronization"] = {"type": "simultaneous"}
        if n == 2:
            wanted.append({"service": "strings", "duration": 5.0})
            row["synchronization"] = {"type": "sequential", "distance": [5, 10]}
        rows.append(row)
    places = at[: visits + 1]
    return {
        "patients": rows,
        "caregivers": [
            {"id": "noor", "abilities": ["strings"]},
            {"id": "bas", "abilities": ["winds"]},
            {"id": "cor", "abilities": ["winds", "strings"]},
        ],
        "distances": [[float(abs(a - c) + abs(b - d)) for c, d in places] for a, b in places],
    }


def test_the_search_finds_the_best_of_all_orders_and_people() -> None:
    problem = hhcrsp.of_json(invented())
    board = hhcrsp._Board(problem)
    options = [
        [
            chosen
            for chosen in itertools.permutations(range(3), len(visit.services))
            if all(s in problem.people[c][1] for s, c in zip(visit.services, chosen, strict=True))
        ]
        for visit in problem.visits
    ]
    best = min(
        hhcrsp.cost(problem, board.plan(order, _table(teams)))
        for order in itertools.permutations(range(4))
        for teams in itertools.product(*options)
    )
    plan, cost = hhcrsp.solve(problem, Stop(iterations=4000), seed=2)
    assert cost == best == hhcrsp.cost(problem, plan)
    assert cost <= hhcrsp.greedy(problem)
    assert hhcrsp.solve(problem, Stop(iterations=4000), seed=2) == (plan, cost)


def _table(teams: tuple[tuple[int, ...], ...]) -> np.ndarray:
    return np.array([(*team, 0)[:2] for team in teams])


def test_a_plan_that_cheats_is_refused() -> None:
    problem = hhcrsp.of_json(invented())
    plan, _ = hhcrsp.solve(problem, Stop(iterations=500))
    late = tuple(tuple(x - 50_000 for x in row) for row in plan.start)
    with pytest.raises(ValueError, match="too early"):
        hhcrsp.cost(problem, replace(plan, start=late))
    with pytest.raises(ValueError, match="wrong person"):
        hhcrsp.cost(problem, replace(plan, who=tuple(tuple(2 - c for c in row) for row in plan.who)))
    with pytest.raises(ValueError, match="is not made"):
        hhcrsp.cost(problem, replace(plan, order=((), (), ())))
    apart = tuple((*row[:1], row[1] + 1000) if n == 1 else row for n, row in enumerate(plan.start))
    with pytest.raises(ValueError, match=r"not together|too early"):
        hhcrsp.cost(problem, replace(plan, start=apart))


def test_an_instance_is_read_packed_or_not(tmp_path: Path) -> None:
    text = json.dumps(invented())
    (tmp_path / "a.json").write_text(text)
    with gzip.open(tmp_path / "b.json.gz", "wt") as file:
        file.write(text)
    assert hhcrsp.read(tmp_path / "a.json") == hhcrsp.read(tmp_path / "b.json.gz")


def test_published_ten_visit_optima_are_reached(shared_data: Path) -> None:
    file = shared_data / "planning" / "hhcrsp" / "InstanzCPLEX_HCSRP_10_6.json.gz"
    _, cost = hhcrsp.solve(hhcrsp.read(file), Stop(iterations=20_000))
    assert round(cost / 3000, 3) == 200.099
