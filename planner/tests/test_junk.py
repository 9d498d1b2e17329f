"""Whatever stands in a file: a problem, or findings. Never another error."""

import copy
import random
from collections.abc import Callable
from typing import Any

import pytest

from planner.allotment import reading as allotment
from planner.benchmarks import generate
from planner.cover import reading as cover
from planner.problems import BadProblem
from planner.tests.test_timetable import TOWN
from planner.timetable import reading as timetable

JUNK: list[Any] = [None, True, -1, 1.5, 10**30, "", "x", [], [1], [[]], [None], {}, {"a": []}, {"x": {"y": "z"}}]


def places(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    keys = list(data) if isinstance(data, dict) else range(min(len(data), 3)) if isinstance(data, list) else []
    return [path] * bool(path) + [place for key in keys for place in places(data[key], (*path, key))]


@pytest.mark.parametrize(
    ("read", "data"),
    [
        (allotment.read, {**generate.allotment(6, balanced=True), "pairs": [{"children": ["c0", "c1"]}]}),
        (cover.read, {**generate.cover(6), "later": [{"lesson": "l0", "on": "x", "start": 1, "teacher": "t0"}]}),
        (timetable.read, {**copy.deepcopy(TOWN), "weights": {"gap": 2}}),
    ],
    ids=["allotment", "cover", "timetable"],
)
def test_junk_in_any_place_is_a_finding(read: Callable[[object], object], data: dict[str, Any]) -> None:
    chance = random.Random(1)
    for place in places(data):
        for junk in chance.sample(JUNK, 4):
            broken = copy.deepcopy(data)
            at = broken
            for key in place[:-1]:
                at = at[key]
            at[place[-1]] = junk
            try:
                read(broken)
            except BadProblem as trouble:
                told = trouble.findings
            else:
                continue
            assert all(finding.where and finding.what and finding.todo for finding in told)
