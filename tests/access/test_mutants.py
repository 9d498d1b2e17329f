"""Are the tables of the matrix sharp enough? Every condition of every door is removed, one at a time; comparing what
each actor gets through the doors with `expected.py` must notice. (The whole site would notice too, 100 times slower:
the last test shows it with one door wide open.)
"""

import ast
import importlib
import inspect
import os
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.http import Http404

from leerorkest.depot import access as depot
from leerorkest.lessons import access as lessons
from leerorkest.lessons.models import Lesson
from leerorkest.network import access as network
from leerorkest.people import access as people
from leerorkest.people.access import Actor, actor_of
from leerorkest.schools import access as schools
from tests.make import TODAY

from . import expected, matrix
from .world import ELSEWHERE, HERE, OVERSEAS, World, random_like

pytestmark = pytest.mark.django_db
DOORS = ("schools", "lessons", "depot", "network", "people")
NARROWING = {"filter", "Q", "get_object_or_404"}
# A condition that another one makes superfluous, with its reason: two locks on one door.
SECOND_LOCKS: dict[str, str] = {}


# --- what an actor gets through each door -------------------------------------------------------------

Probe = tuple[Callable[[Actor], Any], dict[str, list[Any]], Any]


def probes(world: World) -> dict[str, Probe]:
    """door: (how to use it, {relation: keys}, table). A door that gives rows, or one row for a key."""
    cast, things = world.cast, world.things
    school = {HERE: [cast.regenboog.pk], ELSEWHERE: [cast.koraal.pk], OVERSEAS: [cast.kadushi.pk]}
    group = {relation: [row.pk] for relation, row in world.groups.items()}
    child = {relation: [row.pk for row in rows] for relation, rows in world.children.items()}
    uid = {relation: [row.uid for row in rows] for relation, rows in world.children.items()}
    lesson = {relation: [Lesson.objects.get(series__group=row).pk] for relation, row in world.groups.items()}
    lesson_uid = {relation: [Lesson.objects.get(series__group=row).uid] for relation, row in world.groups.items()}
    instrument_uid = {relation: [row.uid] for relation, row in things.instruments.items()}
    account_uid = {HERE: [cast.noor.uid], OVERSEAS: [cast.luca.uid]}
    instrument = {relation: [row.pk] for relation, row in things.instruments.items()}
    handover = {relation: [row.pk] for relation, row in things.handovers.items()}
    organisation = {HERE: [cast.amsterdam.pk], OVERSEAS: [cast.curacao.pk]}
    aside = {relation: [row.pk] for relation, row in things.marks_aside.items()}
    holiday = {relation: [row.pk] for relation, row in things.holidays.items()}
    teaching = {relation: [row.pk] for relation, row in things.teachings.items()}
    account = {HERE: [cast.noor.pk], OVERSEAS: [cast.luca.pk]}
    posting = {HERE: [cast.noor.postings.get().pk], OVERSEAS: [cast.luca.postings.get().pk]}
    playing = {**expected.CHILDREN_RUN, "noor": {HERE}, "eva": {ELSEWHERE}, "mia": {HERE, ELSEWHERE}}
    hand_out = {**expected.GROUPS, "joost": {HERE, "beside", ELSEWHERE}, "dora": {OVERSEAS}}
    run = expected.ORGANISATIONS_RUN
    lists = {relation: [row.pk] for relation, row in things.lists.items()}
    listed = {"sam": {HERE}, "joost": {HERE}, "luca": {OVERSEAS}, "dora": {OVERSEAS}}
    return {
        "schools": (schools.schools, school, expected.SCHOOLS),
        "school": (one(schools.school, school), school, expected.SCHOOLS),
        "schools_to_run": (schools.schools_to_run, school, expected.SCHOOLS_RUN),
        "school_to_run": (one(schools.school_to_run, school), school, expected.SCHOOLS_RUN),
        "groups": (schools.groups, group, expected.GROUPS),
        "group": (one(schools.group, group), group, expected.GROUPS),
        "groups_to_run": (schools.groups_to_run, group, expected.GROUPS_RUN),
        "group_to_run": (one(schools.group_to_run, group), group, expected.GROUPS_RUN),
        "groups_to_hand_out_in": (schools.groups_to_hand_out_in, group, hand_out),
        "children": (schools.children, child, expected.CHILDREN),
        "child": (one(schools.child, uid), child, expected.CHILDREN),
        "children_to_run": (schools.children_to_run, child, expected.CHILDREN_RUN),
        "children_to_teach": (schools.children_to_teach, child, playing),
        "child_to_teach": (one(schools.child_to_teach, uid), child, playing),
        "teaching_to_run": (one(schools.teaching_to_run, teaching), teaching, expected.SCHOOLS_RUN),
        "school_key": (keys_seen(world), child, expected.CHILDREN_RUN),
        "members": (members(world), child, {actor: {HERE} for actor in ("noor", "sam", "mia", "hanna")}),
        "to_hand_out_to": (
            members_to_hand_out(world),
            child,
            {actor: {HERE} for actor in ("noor", "sam", "mia", "hanna", "joost")},
        ),
        "organisations_to_run": (schools.organisations_to_run, organisation, run),
        "lessons": (lessons.lessons, lesson, expected.GROUPS),
        "lessons_one": (one(lessons.lesson, lesson_uid), lesson, expected.GROUPS),
        "lessons_one_to_mark": (one(lessons.lesson_to_mark, lesson_uid), lesson, expected.MARKED),
        "lessons_one_to_run": (one(lessons.lesson_to_run, lesson_uid), lesson, expected.GROUPS_RUN),
        "lessons_groups_to_plan": (lessons.groups_to_plan, group, expected.GROUPS_RUN),
        "lessons_group_to_plan": (one(lessons.group_to_plan, group), group, expected.GROUPS_RUN),
        "lessons_to_mark": (lessons.lessons_to_mark, lesson, expected.MARKED),
        "lessons_to_run": (lessons.lessons_to_run, lesson, expected.GROUPS_RUN),
        "quarantine": (lessons.quarantine, aside, expected.SCHOOLS_RUN),
        "quarantined": (one(lessons.quarantined, aside), aside, expected.SCHOOLS_RUN),
        "instruments": (depot.instruments, instrument, expected.INSTRUMENTS),
        "instruments_to_run": (depot.instruments_to_run, instrument, expected.INSTRUMENTS_RUN),
        "instruments_to_lend": (depot.instruments_to_lend, instrument, expected.INSTRUMENTS_LENT),
        "instruments_one": (one(depot.instrument, instrument_uid), instrument, expected.INSTRUMENTS),
        "instruments_one_to_run": (one(depot.instrument_to_run, instrument_uid), instrument, expected.INSTRUMENTS_RUN),
        "instruments_one_to_lend": (
            one(depot.instrument_to_lend, instrument_uid),
            instrument,
            expected.INSTRUMENTS_LENT,
        ),
        "handover_to_run": (one(depot.handover_to_run, handover), handover, expected.HANDOVERS),
        "list_to_run": (one(depot.list_to_run, lists), lists, listed),
        "holidays_in_charge": (network.holidays_in_charge, holiday, run),
        "holiday_in_charge": (one(network.holiday_in_charge, holiday), holiday, run),
        "organisations_in_charge": (network.organisations_in_charge, organisation, run),
        "postings_in_charge": (people.postings_in_charge, posting, expected.OFFICE_OF),
        "posting_in_charge": (one(people.posting_in_charge, posting), posting, expected.OFFICE_OF),
        "accounts_in_charge": (people.accounts_in_charge, account, expected.OFFICE_OF),
        "accounts_one": (one(people.account_in_charge, account_uid), account, expected.OFFICE_OF),
        "offices": (people.organisations_in_charge, organisation, expected.OFFICE_OF),
    }


ROOM_OF = {
    "lessons": ("lessons", "quarantine"),
    "depot": ("instruments", "handover", "list_"),
    "network": ("holiday", "organisations_in_charge"),
    "people": ("posting", "accounts", "offices"),
}


def room_of(door: str) -> str:
    return next((room for room, starts in ROOM_OF.items() if door.startswith(starts)), "schools")


def one(door: Callable[..., Any], keys: dict[str, list[Any]]) -> Callable[[Actor], list[Any]]:
    """Rows that a door for one row gives when it is asked for each key, and for one that names nothing."""

    def use(actor: Actor) -> list[Any]:
        found = []
        for key in [key for some in keys.values() for key in some]:
            try:
                row = door(actor, key)
            except Http404:
                continue
            # another row than was asked for is worse than none
            found.append(row if key in (row.pk, getattr(row, "uid", None)) else None)
        try:
            door(actor, random_like(key))
            found.append(None)
        except Http404:
            pass
        return found

    return use


def keys_seen(world: World) -> Callable[[Actor], list[Any]]:
    every = [child for rows in world.children.values() for child in rows]
    return lambda actor: [child for child in every if schools.may_see_school_key(actor, child)]


def members(world: World) -> Callable[[Actor], list[Any]]:
    def use(actor: Actor) -> list[Any]:
        group = schools.groups(actor).filter(pk=world.groups[HERE].pk).first()
        return [row.child for row in schools.memberships(actor, group=group, on=TODAY)] if group else []

    return use


def members_to_hand_out(world: World) -> Callable[[Actor], list[Any]]:
    return lambda actor: [
        row.child for row in schools.memberships_to_hand_out_to(actor, group=world.groups[HERE], on=TODAY)
    ]


def faults(world: World, probed: dict[str, Probe], actors: dict[str, Any]) -> Iterator[str]:
    for name, (door, keys, table) in probed.items():
        relation_of = {key: relation for relation, some in keys.items() for key in some}
        for who, account in actors.items():
            try:
                actor = actor_of(account, TODAY)
                found = {relation_of.get(row.pk if row else None, "another") for row in door(actor)}
            except Exception as error:
                yield f"{name} breaks for {who}: {error!r}"
                continue
            if name in ONLY_ONES:
                found.discard("another")
            due = set(table.get(who, ())) & set(keys)
            if found != due:
                yield f"{name} gives {who} {sorted(found)} and not {sorted(due)}"


ONLY_ONES = {  # doors whose tables know only some of the rows there are
    "instruments", "instruments_to_run", "instruments_to_lend", "postings_in_charge", "accounts_in_charge", "children",
    "children_to_run", "children_to_teach",
}  # fmt: skip


# --- one condition less -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Mutant:
    name: str
    function: types.FunctionType
    code: types.CodeType


def mutants(room: str) -> Iterator[Mutant]:
    module = importlib.import_module(f"leerorkest.{room}.access")
    source = inspect.getsource(module)
    for number in range(sum(1 for _ in changes(ast.parse(source)))):
        tree = ast.parse(source)
        function_name, what = apply(tree, number)
        function = getattr(module, function_name)
        space = dict(vars(module))
        exec(compile(ast.fix_missing_locations(tree), str(module.__file__), "exec"), space)
        yield Mutant(f"{room}.{function_name} {what}", function, space[function_name].__code__)


def changes(tree: ast.Module) -> Iterator[tuple[str, Any, str, int]]:
    """(function, node, what to do, which): every condition that can be left out."""
    for function in tree.body:
        if not isinstance(function, ast.FunctionDef):
            continue
        for node in ast.walk(function):
            if isinstance(node, ast.Call) and name_of(node.func) in NARROWING:
                keep = 1 if name_of(node.func) == "get_object_or_404" else 0
                for position in range(keep, len(node.args)):
                    yield function.name, node, "argument", position
                for position in range(len(node.keywords)):
                    yield function.name, node, "keyword", position
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "on":
                yield function.name, node, "moment", 0
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitAnd | ast.BitOr):
                yield function.name, node, "left", 0
                yield function.name, node, "right", 0


def apply(tree: ast.Module, number: int) -> tuple[str, str]:
    function, node, what, which = list(changes(tree))[number]
    if what == "argument":
        text = ast.unparse(node.args.pop(which))
    elif what == "keyword":
        text = ast.unparse(node.keywords.pop(which))
    elif what == "moment":
        text = ast.unparse(node)
        node.func.attr, node.args = "all", []
    else:  # one side alone: wider for "and", narrower for "or"
        text = f"the {what} of {ast.unparse(node)}"
        node.left, node.right = (node.right, node.right) if what == "left" else (node.left, node.left)
    return function, f"without {text}"


def name_of(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


@pytest.fixture(scope="module")
def actors(world):
    return {name: account for name, account in world.actors.items() if account}


def test_through_every_door_everybody_gets_what_the_tables_say(world, actors):
    actors = {name: actor for name, actor in actors.items() if name != "weak"}  # stopped before any door
    assert list(faults(world, probes(world), actors)) == []


@pytest.mark.skipif("LEERORKEST_MUTANTS" not in os.environ, reason="minutes of work: set LEERORKEST_MUTANTS=1")
@pytest.mark.parametrize("room", DOORS)
def test_the_tables_notice_when_a_condition_of_a_door_is_missing(world, actors, room, request):
    actors = {name: actor for name, actor in actors.items() if name != "weak"}
    probed = {name: probe for name, probe in probes(world).items() if room_of(name) == room}
    left, killed = [], 0
    for mutant in mutants(room):
        whole = mutant.function.__code__
        mutant.function.__code__ = mutant.code
        try:
            noticed = next(faults(world, probed, actors), None)
        finally:
            mutant.function.__code__ = whole
        if noticed:
            killed += 1
        else:
            left.append(mutant.name)
    figures = f"door mutants: {killed} of {killed + len(left)} in {room} noticed"
    request.config.figures = [*getattr(request.config, "figures", []), figures]
    for name in left:
        if name not in SECOND_LOCKS:
            request.config.figures.append(f"    not noticed: {name}")
    assert killed, "the tables notice nothing"


def test_the_whole_site_notices_a_door_that_stands_open(world, monkeypatch):
    from leerorkest.people.models import Child

    monkeypatch.setattr(schools, "children", lambda actor: Child.objects.all())
    some = matrix.cells(world, methods=("GET",), only=lambda route: route.name == "schools:child")
    report = matrix.run(world, some, stop_at=1)
    assert report.faults
