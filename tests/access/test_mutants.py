"""Are the tables of the matrix sharp enough? Every condition of every door, and every word of the policy, is changed
one at a time; comparing what each actor gets with the tables written by hand must notice.

The whole site would notice too, a hundred times slower: the last test shows it with one door wide open.
"""

import os
import sys
from collections import Counter
from collections.abc import Iterator
from types import SimpleNamespace
from zlib import crc32

import pytest
from django.db import transaction
from django.http import Http404, HttpRequest
from django.urls import reverse

from leerorkest import middleware
from leerorkest.people.access import Actor, actor_of, lacks_second_factor
from leerorkest.routes import routes
from leerorkest.schools import access as schools
from tests import prepared
from tests.make import TODAY

from . import matrix
from .expected import EXPECTED
from .mutants import Mutant, functions_of, module_of, mutants_of, mutants_of_policy
from .probes import POSTINGS, Probe, add_passers_by, probes

pytestmark = pytest.mark.django_db
# The depot has most doors, and breaking each of their conditions takes the cores several minutes: when somebody asks.
takes_long = pytest.mark.skipif(
    not os.environ.get("LEERORKEST_MUTANTS"),
    reason="set LEERORKEST_MUTANTS=1 to break the doors of the depot one condition at a time",
)
DOORS = ("schools", "lessons", "depot", "network", "people")
# The larger rooms in parts, by function, so that the cores share them.
PARTS = dict.fromkeys(DOORS, 1) | {"depot": 4, "schools": 2}
SHARES = [
    pytest.param(room, share, shares, marks=[takes_long] if room == "depot" else [])
    for room, shares in PARTS.items()
    for share in range(shares)
]
# A change that nobody can notice, with its reason: another condition says the same.
NO_PLACE = "the database allows a school head only at one school"
NO_PERSON = "the database allows a holder no site"
NO_WORKSHOP = "no workshop is a school, and a school head is posted nowhere else"
NOTHING_MORE = "a condition that is empty adds nothing to the other one"
SAVES_WORK = "it saves a query; what it finds is compared with the children asked for anyway"
NOT_ASKED = "who lacks the role would find nothing there anyway; it saves a query"
SECOND_LOCKS: dict[str, str] = {
    "schools._in_charge: organisations is always True": NOT_ASKED,
    "schools._in_charge: sites is always True": NOT_ASKED,
    "schools.schools: actor.roles & in_charge is always True": NOT_ASKED,
    "schools.schools: only the left of actor.roles & in_charge": NOT_ASKED,
    "schools.schools: only the right of actor.roles & in_charge": NOT_ASKED,
    "schools.schools: Role.TEACHER in actor.roles is always True": NOT_ASKED,
    "schools.in_groups: actor.roles & {Role.COORDINATOR, Role.SCHOOL_HEAD} is always True": NOT_ASKED,
    "schools.in_groups: only the left of actor.roles & {Role.COORDINATOR, Role.SCHOOL_HEAD}": NOT_ASKED,
    "schools.in_groups: only the right of actor.roles & {Role.COORDINATOR, Role.SCHOOL_HEAD}": NOT_ASKED,
    "schools.in_groups: Role.TEACHER in actor.roles is always True": NOT_ASKED,
    "schools.groups_to_hand_out_in: Role.DEPOT_KEEPER in actor.roles is always True": NOT_ASKED,
    "schools.children: Role.COORDINATOR in actor.roles is always True": NOT_ASKED,
    "schools.children: Role.SCHOOL_HEAD in actor.roles is always True": NOT_ASKED,
    "schools.children: Role.TEACHER in actor.roles is always True": NOT_ASKED,
    (
        "schools.may_see_school_key: Role.COORDINATOR in actor.roles and _is_child_to_run(actor, child.pk) "
        "without Role.COORDINATOR in actor.roles"
    ): NOT_ASKED,
    "schools.children_to_teach: Role.COORDINATOR in actor.roles is always True": NOT_ASKED,
    "schools.children_to_teach: Role.TEACHER in actor.roles is always True": NOT_ASKED,
    "lessons.quarantine: Q without lesson=None": "who coordinates a whole organisation runs all its lessons",
    "network.IN_CHARGE: with school_head": NO_PLACE,
    **dict.fromkeys(("depot.SEES: with school_head", "depot.WIDE: with school_head"), NO_PLACE),
    "depot.FINISHES: with school_head": NO_WORKSHOP,
    "depot.found_notices: Q without pk__in=[]": NOTHING_MORE,
    "depot.learners: Q without pk__in=[]": NOTHING_MORE,
    "depot._reach: without the .keepers of Custody.objects.open().keepers()": NO_PERSON,
    "depot.holder_labels: without the .keepers of Custody.objects.open().keepers()": NO_PERSON,
    "depot.keepers_seen: Role.TEACHER in actor.roles is always True": "groups one runs or heads are at one's own sites",
    "depot.holder_labels: without if custody.child_id": SAVES_WORK,
    "depot.holder_labels: children is always True": SAVES_WORK,
    "depot.holder_labels: filter without pk__in=children": SAVES_WORK,
    "depot.holder_labels: children and actor.sites(Role.DEPOT_KEEPER) is always True": SAVES_WORK,
    "depot.holder_labels: children and actor.sites(Role.DEPOT_KEEPER) without children": SAVES_WORK,
    (
        "depot.holder_labels: children and actor.sites(Role.DEPOT_KEEPER) without actor.sites(Role.DEPOT_KEEPER)"
    ): SAVES_WORK,
    "depot.holder_labels: filter without pk__in=[c.pk for c in held]": SAVES_WORK,
    "depot.holder_labels: actor.sites(Role.DEPOT_KEEPER) for every role": SAVES_WORK,
    "depot.holder_labels: custody.child_id or 0 without 0": "it is there for the types",
    "people.Actor.sites: p.site_id is not None and p.role in roles without p.site_id is not None": (
        "nothing is at no site"
    ),
}
# Everybody who is signed in may knock; the door alone decides who gets in.
ONLY_A_DOOR = {"schools:school", "mfa_edit_webauthn", "mfa_remove_webauthn"}


@pytest.fixture(scope="module", autouse=True)
def _nothing_is_kept():
    """A door that changed composes other query sets: none is prepared here."""
    with pytest.MonkeyPatch.context() as patch:
        prepared.compose_anew(patch)
        yield


@pytest.fixture(scope="module")
def accounts(world):
    world.things.passers_by = add_passers_by(world)
    return {name: account for name, account in {**world.actors, **world.things.passers_by}.items() if account}


@pytest.fixture(scope="module")
def probed(world, accounts) -> dict[str, Probe]:
    return probes(world)


def faults(probed: dict[str, Probe], names: list[str], accounts: dict, actors: dict[str, Actor]) -> Iterator[str]:
    for name in names:
        for who in accounts:
            try:
                found = probed[name].use(actors[who])
            except Exception as error:
                yield f"{name} breaks for {who}: {error!r}"
                continue
            due = probed[name].due(who)
            if found != due:
                yield f"{name}: {who} gets {sorted(map(str, found - due))} and lacks {sorted(map(str, due - found))}"


ONE_OF_EACH = ("sam", "noor", "joost", "kees", "hanna", "ola", "guest")


@pytest.fixture(scope="module")
def reached(probed, accounts) -> dict[str, list[str]]:
    """{function: the probes that use it}, the nearest first."""
    functions = {
        function.__code__: name for room in DOORS for name, function in functions_of(module_of(room), room).items()
    }
    found: dict[str, set[str]] = {name: set() for name in functions.values()}
    current = ""

    def watch(frame, event, _argument):
        if event == "call" and frame.f_code in functions:
            found[functions[frame.f_code]].add(current)

    for name, probe in probed.items():
        current = name
        sys.setprofile(watch)
        try:
            for who in ONE_OF_EACH:
                probe.use(actor_of(accounts[who], TODAY))
        finally:
            sys.setprofile(None)
    return {
        name: sorted(some, key=lambda probe: (probe != name, probe.split(".")[0] != name.split(".")[0], probe))
        for name, some in found.items()
    }


def test_through_every_door_everybody_gets_what_the_tables_say(probed, accounts):
    actors = {who: actor_of(account, TODAY) for who, account in accounts.items()}
    assert list(faults(probed, list(probed), accounts, actors)) == []


def test_every_door_is_tried(probed, reached):
    public = {name for name in reached if name.count(".") == 1 and not name.split(".")[1].startswith("_")}
    missing = sorted(public - set(probed))
    assert not missing, f"Nobody tries {', '.join(missing)}: add a probe for each to tests/access/probes.py"
    idle = sorted(name for name, some in reached.items() if not some and not name.endswith("audit_key"))
    assert not idle, f"No probe in tests/access/probes.py comes through {', '.join(idle)}"


@pytest.mark.once
@pytest.mark.parametrize(("room", "share", "shares"), SHARES)
def test_the_tables_notice_every_change_of_a_door(probed, accounts, reached, room, share, shares, record_property):
    actors = {who: actor_of(account, TODAY) for who, account in accounts.items()}
    noticed, left = 0, []
    for mutant in mutants_of(module_of(room), room):
        if crc32(mutant.function.encode()) % shares != share:
            continue
        names = (
            [name for name in probed if name.startswith(room)]
            if mutant.function.endswith(".")
            else reached[mutant.function]
        )
        with transaction.atomic(), mutant.in_place():
            if mutant.function == "people.actor_of":
                actors_now = {who: actor_of(account, TODAY) for who, account in accounts.items()}
            else:
                actors_now = actors
            seen = next(faults(probed, names, accounts, actors_now), None)
        if seen:
            noticed += 1
        else:
            left.append(mutant.name)
    tell(record_property, f"doors of {room}, part {share + 1} of {shares}", noticed, left)


def tell(record_property, what: str, noticed: int, left: list[str]) -> None:
    """The rate for the end of the run; what nobody noticed, and has no reason, is a fault."""
    excused = [name for name in left if name in SECOND_LOCKS]
    line = f"mutants: {what}: {noticed} of {noticed + len(left)} noticed"
    record_property("figure", line + (f", {len(excused)} cannot be noticed" if excused else ""))
    unexplained = list((Counter(left) - Counter(SECOND_LOCKS.keys())).elements())
    assert not unexplained, "nobody notices:\n" + "\n".join(unexplained)


# --- the policy ---------------------------------------------------------------------------------------


def answer_of_policy(route: str, actor: Actor | None) -> str:
    request = HttpRequest()
    request.actor, request.resolver_match = actor, SimpleNamespace(view_name=route)
    try:
        answer = middleware.PolicyOfRoute(lambda _request: None).process_view(request, None, (), {})
    except Http404:
        return "absent"
    if answer is None:
        return "in"
    return {reverse("mfa_index"): "second factor"}.get(answer.url, "sign in")


def due_of_policy(route: str, who: str) -> str:
    row = EXPECTED.get(route)
    if row is None or row.closed:
        return "absent"
    if row.public:
        return "in"
    if who == "anonymous":
        return "sign in"
    if who == "weak":
        return "in" if row.on_the_way_in else "second factor"
    # The policy knows roles, not places: whoever has a role with which somebody gets in comes as far as the door.
    let_in = {actor for table in (row.reads, row.writes or {}) for actor, reach in table.items() if reach}
    roles = set().union(*(roles_of(actor) for actor in let_in if len(roles_of(actor)) == 1))
    return "in" if who in let_in or roles & roles_of(who) or route in ONLY_A_DOOR else "absent"


def roles_of(who: str) -> set[str]:
    return {posting.split()[0] for posting in POSTINGS.get(who, ())}


def faults_of_policy(names: list[str], actors: dict[str, Actor | None]) -> Iterator[str]:
    for route in names:
        for who, actor in actors.items():
            answer, due = answer_of_policy(route, actor), due_of_policy(route, who)
            if answer != due:
                yield f"{route}: {who} gets {answer!r} and not {due!r}"


@pytest.fixture
def actors_of_policy(world, monkeypatch):
    """Everybody; whether somebody lacks a second factor is asked once, for it does not change."""
    actors = {who: account and actor_of(account, TODAY) for who, account in world.actors.items() if who != "suspended"}
    lacking = {actor.account.pk for actor in actors.values() if actor and lacks_second_factor(actor)}
    monkeypatch.setattr(middleware, "lacks_second_factor", lambda actor: actor.account.pk in lacking)
    return actors


NO_ROUTE = "somebody:forgot"  # a route that the policy does not know


def test_the_policy_lets_in_whom_the_table_lets_in(actors_of_policy):
    assert list(faults_of_policy([*(route.name for route in routes()), NO_ROUTE], actors_of_policy)) == []


@pytest.mark.once
def test_the_table_notices_every_change_of_the_policy(actors_of_policy, record_property):
    noticed, left = 0, []
    for mutant in mutants_of_policy():
        with mutant.in_place():
            if next(faults_of_policy([mutant.function], actors_of_policy), None):
                noticed += 1
            else:
                left.append(mutant.name)
    tell(record_property, "lines of the policy", noticed, left)


@pytest.mark.once
def test_the_table_notices_every_change_of_how_the_policy_is_applied(actors_of_policy, record_property):
    noticed, left = 0, []
    every = [*(route.name for route in routes()), NO_ROUTE]

    def notices(mutant: Mutant) -> bool:
        with mutant.in_place():
            try:
                return next(faults_of_policy(every, actors_of_policy), None) is not None
            except (AttributeError, TypeError):
                return True

    for mutant in mutants_of(middleware, "site"):
        if notices(mutant):
            noticed += 1
        else:
            left.append(mutant.name)
    tell(record_property, "how the policy is applied", noticed, left)


def test_the_whole_site_notices_a_door_that_stands_open(world, monkeypatch):
    from leerorkest.people.models import Child

    monkeypatch.setattr(schools, "children", lambda actor: Child.objects.all())
    some = matrix.cells(world, methods=("GET",), only=lambda route: route.name == "schools:child")
    report = matrix.run(world, some, stop_at=1)
    assert report.faults
