"""A year that holds: every plan judged by a checker of its own, every cost with a name."""

import copy
import itertools
import json
from dataclasses import replace
from pathlib import Path

import pytest

from planner.__main__ import main
from planner.problems import BadProblem
from planner.stopping import Stop
from planner.timetable import bounds
from planner.timetable.changes import changes
from planner.timetable.checker import check
from planner.timetable.explain import explain
from planner.timetable.problem import SENTENCES, Plan, Problem, Weights
from planner.timetable.reading import as_json, plan_as_json, read
from planner.timetable.solve import solve

TOWN = {
    "kind": "timetable",
    "days": 2,
    "hours": [[510, 570], [585, 645], [660, 720]],
    "schools": [
        {"id": "regenboog", "windows": [[0, 0], [0, 1], [0, 2]]},
        {"id": "kadushi", "windows": [[0, 1], [1, 0], [1, 1]]},
    ],
    "groups": [
        {"id": "5a", "school": "regenboog", "seats": ["strings", "brass"]},
        {"id": "6a", "school": "regenboog", "seats": ["strings"]},
        {"id": "5b", "school": "kadushi", "seats": ["strings", "brass"]},
    ],
    "teachers": [
        {"id": "noor", "sections": ["strings"], "home": "regenboog", "free": [[0, 0], [0, 1], [0, 2], [1, 0]]},
        {"id": "bas", "sections": ["brass"], "home": "kadushi", "free": [[0, 0], [0, 1], [1, 0]], "contract": 3},
        {"id": "cor", "sections": ["strings", "brass"], "home": "kadushi", "free": [[1, 0], [1, 1]], "avoid": [[1, 0]]},
    ],
    "travel": {"regenboog": {"kadushi": 20}, "kadushi": {"regenboog": 20}},
    "last": {"slots": {"5a": [0, 1], "5b": [1, 1]}, "teams": {"5a": ["noor", "bas"], "5b": ["cor", "bas"]}},
}
QUICK = Stop(iterations=3000)


def best_of_all(problem: Problem) -> int:
    """Every plan there is, judged by the checker."""
    moments = [[None, *next(s for s in problem.schools if s.id == g.school).windows] for g in problem.groups]
    names = [None, *(teacher.id for teacher in problem.teachers)]
    teams = [list(itertools.product(names, repeat=len(g.seats))) for g in problem.groups]
    best = 10**9
    for slots in itertools.product(*moments):
        options = [
            [team for team in of_group if slot is not None or not any(team)]
            for of_group, slot in zip(teams, slots, strict=True)
        ]
        for chosen in itertools.product(*options):
            ids = [g.id for g in problem.groups]
            plan = Plan(dict(zip(ids, slots, strict=True)), dict(zip(ids, chosen, strict=True)))
            report = check(problem, plan)
            if not report.broken:
                best = min(best, report.cost)
    return best


def test_the_best_plan_of_a_small_town_is_found_and_no_bound_is_above_it() -> None:
    data = copy.deepcopy(TOWN)
    data["groups"] = [data["groups"][0], data["groups"][2]]
    problem = read(data)
    best = best_of_all(problem)
    for seed in range(3):
        result = solve(problem, QUICK, seed)
        assert result.cost == best
        assert result.bound <= best
        assert result.open_bound <= result.open_seats


def test_the_same_seed_gives_the_same_bytes() -> None:
    problem = read(TOWN)
    first, second = (json.dumps(as_json(solve(problem, QUICK, 4))) for _ in range(2))
    assert first == second


def test_every_cost_has_a_name_and_they_add_up() -> None:
    problem = read(TOWN)
    result = solve(problem, QUICK)
    assert sum(item.points for item in result.items) == result.cost
    assert all(item.group or item.teacher for item in result.items)
    assert {item.rule for item in result.items} <= SENTENCES.keys()
    assert SENTENCES.keys() == Weights.__dataclass_fields__.keys()


def test_pinned_moments_and_teachers_stay() -> None:
    data = copy.deepcopy(TOWN)
    data["groups"][0] |= {"pinned": [0, 2], "team": ["noor", None]}
    result = solve(read(data), QUICK)
    assert result.plan.slots["5a"] == (0, 2)
    assert result.plan.teams["5a"][0] == "noor"


def test_more_classes_than_moments_leaves_seats_open_and_the_bound_knows() -> None:
    data = copy.deepcopy(TOWN)
    data["groups"] += [{"id": f"x{n}", "school": "regenboog", "seats": ["strings"]} for n in range(2)]
    result = solve(read(data), QUICK)
    assert result.open_bound >= 1
    assert result.open_seats >= result.open_bound


def test_a_run_that_is_stopped_keeps_its_best_plan() -> None:
    asked = []
    stop = Stop(iterations=200_000, is_due=lambda: bool(asked.append(1)) or len(asked) == 1)
    result = solve(read(TOWN), stop)
    assert result.iterations == 200_000 // 64
    assert check(read(TOWN), result.plan).broken == ()


def test_the_checker_trips_over_every_hard_rule() -> None:
    problem = read(TOWN)
    slots = {"5a": (0, 0), "6a": (0, 1), "5b": (1, 0)}
    teams = {"5a": ("noor", "bas"), "6a": ("noor",), "5b": ("cor", "bas")}
    assert check(problem, Plan(slots, teams)).broken == ()
    for moved, team, word in [
        ({"6a": (0, 0)}, {}, "classes at once"),
        ({"6a": (0, 0)}, {}, "same moment"),
        ({"6a": (1, 0)}, {}, "outside the windows"),
        ({"5a": None}, {}, "no moment"),
        ({}, {"6a": ("bas",)}, "does not teach"),
        ({}, {"6a": ("cor",)}, "is not free"),
        ({}, {"6a": ("zoe",)}, "not known"),
        ({}, {"5b": ("cor", "cor")}, "twice"),
        ({}, {"5b": ("cor",)}, "1 teachers for 2 seats"),
        ({"5b": (0, 1)}, {"5b": (None, "bas")}, "in time"),
    ]:
        report = check(problem, Plan({**slots, **moved}, {**teams, **team}))
        assert any(word in fault for fault in report.broken), word
    less = replace(problem, teachers=tuple(replace(t, most=1, most_a_day=1) for t in problem.teachers), travel={})
    words = " ".join(check(less, Plan(slots, teams)).broken)
    assert "a week; 1 is the most" in words
    assert "on day 0; 1 is the most" in words
    assert "cannot travel" in words
    pinned = replace(
        problem, groups=(replace(problem.groups[0], pinned=(0, 2), team=("cor", None)), *problem.groups[1:])
    )
    words = " ".join(check(pinned, Plan(slots, teams)).broken)
    assert "pinned and was moved" in words
    assert "was taken away" in words


def test_a_teacher_with_two_homes_starts_from_each_on_its_day() -> None:
    data = copy.deepcopy(TOWN)
    data["teachers"][0] = {**data["teachers"][0], "homes": ["regenboog", "kadushi"]}
    del data["teachers"][0]["home"]
    problem = read(data)
    plan = Plan({"5b": (1, 0)}, {"5b": ("noor", None)})
    assert [item.points for item in check(problem, plan).items if item.rule == "travel_minute"] == []


@pytest.mark.parametrize("empty", ["groups", "teachers"])
def test_nothing_to_plan_is_an_answer_too(empty: str) -> None:
    data = {**copy.deepcopy(TOWN), empty: []}
    result = solve(read(data), QUICK)
    assert result.open_seats == (0 if empty == "groups" else 5)
    assert bounds.lower(read(data))[0] == result.open_seats


def test_a_school_without_rooms_leaves_its_classes_open() -> None:
    data = copy.deepcopy(TOWN)
    data["schools"][0]["rooms"] = 0
    result = solve(read(data), QUICK)
    assert result.plan.slots["5a"] is None
    assert result.open_bound == 3


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"hours": [[510, 570], [560, 645]]}, "hours in order"),
        ({"days": 0}, "from 1 to 366"),
        ({"groups": [{"id": "a", "school": "x", "seats": []}]}, "The school x is not known"),
        ({"groups": [{"id": "a", "school": "kadushi", "seats": ["brass"], "team": ["noor"]}]}, "does not teach brass"),
        ({"groups": [{"id": "a", "school": "kadushi", "seats": [], "pinned": [0, 0]}]}, "outside the windows"),
        ({"schools": [{"id": "a", "windows": [[7, 0]]}], "groups": []}, "is not a slot"),
        ({"weights": {"joy": 3}}, "The rule joy is not known"),
        ({"weights": {"gap": -3}}, "not a whole number"),
        ({"last": 3}, "not a plan"),
    ],
)
def test_a_bad_problem_is_refused(change: dict, words: str) -> None:
    with pytest.raises(BadProblem) as trouble:
        read({**TOWN, **change})
    assert words in str(trouble.value)


def test_the_command_plans_and_tells_what_changed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "year.json"
    file.write_text(json.dumps(TOWN))
    assert main(["timetable", str(file), "--iterations", "3000"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["cost"] == sum(item["points"] for item in result["items"])
    again = {**TOWN, "last": result["plan"]}
    assert plan_as_json(read(again).last) == result["plan"]


def crowded() -> dict:
    data = copy.deepcopy(TOWN)
    data["teachers"][2]["sections"] = ["brass"]
    data["teachers"][0]["most"] = 2
    return data


def test_the_smallest_conflict_and_the_cheapest_way_out_are_named() -> None:
    problem = read(crowded())
    conflict = explain(problem)
    assert conflict is not None
    assert conflict.is_smallest
    assert [claim.sentence for claim in conflict.claims] == [
        "5a has its hour with strings, brass.",
        "6a has its hour with strings.",
        "5b has its hour with strings, brass.",
        "noor has at most 2 lessons a week.",
    ]
    assert conflict.way_out is not None
    assert conflict.way_out.is_proven
    assert conflict.way_out.steps == ("noor has a lesson a week more",)
    data = crowded()
    data["teachers"][0]["most"] = 3
    assert explain(read(data)) is None


def test_a_school_with_more_classes_than_moments_is_told_by_itself() -> None:
    data = copy.deepcopy(TOWN)
    data["schools"][0]["windows"] = [[0, 0]]
    conflict = explain(read(data))
    assert conflict is not None
    assert [claim.who for claim in conflict.claims] == ["5a", "6a"]
    assert conflict.way_out is not None
    assert conflict.way_out.steps == ("6a has no hour",)


def test_every_change_since_last_year_has_its_reason() -> None:
    data = copy.deepcopy(TOWN)
    data["schools"][1]["windows"] = [[0, 1], [1, 0]]
    data["teachers"][1]["id"] = "zoe"
    problem = read(data)
    result = solve(problem, QUICK)
    told = {(c.group, c.rule, c.teacher): c.because for c in changes(problem, problem.last, result.plan)}
    assert told["5b", "moved", None] == "kadushi has no lessons at that moment any more."
    assert told["5a", "left", "bas"] == "bas is not there any more."
    assert changes(problem, result.plan, result.plan) == ()
