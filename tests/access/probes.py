"""What everybody gets through each door, door by door, beside tables written by hand."""

import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.http import Http404
from django.test import override_settings

from leerorkest.depot import access as depot
from leerorkest.depot import actions as handing
from leerorkest.depot.models import Cleaning, Custody, FoundNotice, Instrument, Loan, Stocktake, Surplus
from leerorkest.depot.rules import HandoverSort
from leerorkest.lessons import access as lessons
from leerorkest.lessons.models import Cover, CoverAsk, CoverRequest, Lesson
from leerorkest.network import access as network
from leerorkest.network.models import Organisation, Site
from leerorkest.people import access as people
from leerorkest.people.access import Actor
from leerorkest.people.models import Account, Child
from leerorkest.people.rules import Role
from leerorkest.schools import access as schools
from leerorkest.schools.models import Group, Membership, School
from leerorkest.shared.actions import System
from tests import make
from tests.make import TODAY

from . import expected
from .world import AUTUMN, BESIDE, ELSEWHERE, HERE, LEFT, MOVED, OVERSEAS, World, random_like

LIKE = {
    "lately": "eva",
    "soon": "eva",
    "weak": "noor",
    "tess": "kees",
    "tijn": "bram",
    "ward": "yara",
}  # who stands where somebody else stands
OLD, DEPOT, ATELIER, ISLAND_DEPOT, CLOSED = "last year", "depot", "workshop", "island depot", "closed"


@dataclass(frozen=True)
class Probe:
    use: Callable[[Actor], set[Any]]  # what this actor gets
    due: Callable[[str], set[Any]]  # what the tables say


def add_passers_by(world: World) -> dict[str, Account]:
    """More people and things, each on one side of a line that a door draws."""
    cast = world.cast
    six = world.groups[ELSEWHERE]
    found = {}
    for name, how in {
        "lately": {"until_on": TODAY - timedelta(days=13)},  # as Eva, for two weeks after
        "since": {"until_on": TODAY - timedelta(days=14)},
        "soon": {"from_on": TODAY + timedelta(days=14)},  # as Eva, from two weeks before
        "later": {"from_on": TODAY + timedelta(days=15)},
    }.items():
        account = make.make_account(name.title() + " Les")
        make.make_teaching(make.make_posting(account, Role.TEACHER, cast.amsterdam), six, **how)
        found[name] = account
    kees = make.make_account("Kees Kast")  # keeps the instruments of 't Koraal alone
    make.make_posting(kees, Role.DEPOT_KEEPER, cast.koraal.site)
    found["kees"] = kees
    # as Kees; also a teacher at De Regenboog, but without a group: one that hangs on another role does not count
    tess = make.make_account("Tess Taak")
    make.make_teaching(make.make_posting(tess, Role.DEPOT_KEEPER, cast.koraal.site), cast.group)
    make.make_posting(tess, Role.TEACHER, cast.regenboog.site)
    found["tess"] = tess
    found["tijn"] = make.make_account("Tijn Tang")  # learns to repair, as wide as Bram
    make.make_posting(found["tijn"], Role.TRAINEE, cast.amsterdam)
    found["ward"] = make.make_account("Ward Werk")  # as Yara, and a master: of one workshop
    make.make_posting(found["ward"], Role.WORKSHOP_MASTER, cast.workshop)
    world.things.oda = make.make_account("Oda Een")  # the office of one place alone
    make.make_posting(world.things.oda, Role.OFFICE, cast.koraal.site)
    both = make.make_account("Bo Beide")  # works for both organisations
    once = make.make_account("Ona Ooit")  # worked for the other one
    for account, how in ((both, {"until_on": TODAY + timedelta(days=30)}), (once, {"until_on": TODAY})):
        make.make_posting(account, Role.TEACHER, cast.amsterdam)
        make.make_posting(account, Role.TEACHER, cast.curacao, **how)
    found |= {"both": both, "once": once, "guest": make.make_account("Guus Gast", second_factor=False)}
    year = type(six.school_year).objects.create(
        organisation=cast.amsterdam, name="2025–2026", first_on=date(2025, 8, 1), last_on=date(2026, 7, 31)
    )
    world.things.old_group = Group.objects.create(school=cast.koraal, school_year=year, name="5B", grade=six.grade)
    world.things.left_lately = {
        days: Membership.objects.create(
            child=Child.objects.create(organisation=cast.amsterdam, first_name="Weg"),
            group=world.things.old_group,
            school_year=year,
            grade=six.grade,
            from_on=year.first_on,
            until_on=TODAY - timedelta(days=days),
        ).child_id
        for days in (13, 14)
    }
    world.things.closed_site = Site.objects.create(
        organisation=cast.amsterdam, name="Depot Oud", sort=Site.DEPOT, closed_on=TODAY
    )
    world.things.moved_on = moved_on(world)
    found["stan"] = make.make_account("Stan Stand")  # stands in for Noor; other lessons of his are over or given back
    make.make_posting(found["stan"], Role.TEACHER, cast.amsterdam)
    world.things.cover = stand_in(world, found["stan"], HERE)
    stand_in(world, found["stan"], BESIDE, closes_at=make.NOW)
    stand_in(world, found["stan"], ELSEWHERE, ended_at=make.NOW)
    stand_in(world, found["guest"], OVERSEAS)  # who has no posting
    CoverAsk.objects.create(request=world.things.cover_requests[HERE], account=found["guest"], asked_at=make.NOW)
    lesson = Lesson.objects.get(series__group=world.groups[BESIDE])
    over = CoverRequest.objects.create(
        absence=world.things.absences[HERE],
        lesson=lesson,
        section=lesson.series.sections.get(),
        made_at=make.NOW,
        closed_at=make.NOW,
    )
    CoverAsk.objects.create(request=over, account=cast.eva, asked_at=make.NOW)
    world.things.tara = make.make_account("Tara Toon")
    make.make_posting(world.things.tara, Role.TEACHER, cast.koraal.site)
    world.things.once = once
    return found


def stand_in(world: World, account: Account, relation: str, **how: Any) -> Cover:
    lesson = Lesson.objects.get(series__group=world.groups[relation])
    how = {"closes_at": make.NOW + timedelta(seconds=1), **how}
    return Cover.objects.create(
        request=world.things.cover_requests[HERE],
        lesson=lesson,
        section=lesson.series.sections.get(),
        account=account,
        taken_at=make.NOW,
        **how,
    )


def moved_on(world: World) -> Instrument:
    """An instrument that 't Koraal kept once; De Regenboog keeps it now, and a child there plays it."""
    cast = world.cast
    instrument = Instrument.objects.get(pk=make.make_instrument(cast.depot).pk)
    for days, move, site in (
        (60, handing.issue_class_set, cast.koraal.site),
        (50, handing.take_back, cast.depot),
        (40, handing.issue_class_set, cast.regenboog.site),
    ):
        at = make.NOW - timedelta(days=days)
        move(instruments=[instrument], site=site, by=System("test"), at=at, handover_id=uuid.uuid4())
    at = make.NOW - timedelta(days=30)
    child = world.children[HERE][1]
    handing.lend(instrument=instrument, child=child, by=System("test"), at=at, handover_id=uuid.uuid4())
    return instrument


# --- how a door is tried ------------------------------------------------------------------------------

Keys = dict[str, list[Any]]


def rows(door: Callable[[Actor], Iterable[Any]], *, known: Keys | None = None) -> Callable[[Actor], set[Any]]:
    """All that it gives; with `known` only those of them that the tables speak of."""
    names = {key for some in (known or {}).values() for key in some}
    return lambda actor: {row.pk for row in door(actor) if not names or row.pk in names}


def one(door: Callable[..., Any], keys: Keys) -> Callable[[Actor], set[Any]]:
    """A door for one row, asked for each key, and for one that names nothing."""
    asked = [key for some in keys.values() for key in some]

    def use(actor: Actor) -> set[Any]:
        found = set()
        for key in [*asked, random_like(asked[0])]:
            try:
                row = door(actor, key)
            except Http404:
                continue
            found.add(
                key
                if key in (row.pk, getattr(row, "uid", None), getattr(row, "tag", None))
                else f"another row for {key}"
            )
        return found

    return use


def whether(door: Callable[[Actor, Any], bool], things: dict[Any, Any]) -> Callable[[Actor], set[Any]]:
    return lambda actor: {key for key, thing in things.items() if door(actor, thing)}


def by_key(door: Callable[..., Any]) -> Callable[[Actor], set[Any]]:
    """A door that takes the key of an organisation, or none for the first one."""

    def use(actor: Actor) -> set[Any]:
        found = set()
        for key in ("amsterdam", "curacao", "nowhere", ""):
            try:
                found.add(f"{key}: {door(actor, key).key}")
            except Http404:
                continue
        return found

    return use


def everyone_of(who: Iterable[str], reach: Iterable[str]) -> dict[str, frozenset[str]]:
    return dict.fromkeys(who, frozenset(reach))


def of(table: Mapping[str, Iterable[str]], keys: Keys, **more: set[str]) -> Callable[[str], set[Any]]:
    """Relations of a table, as the keys that stand for them."""
    whole = {**table, **{who: set(table.get(who, ())) | relations for who, relations in more.items()}}
    return lambda who: {key for relation in whole.get(LIKE.get(who, who), ()) for key in keys.get(relation, ())}


def said(table: Mapping[str, set[str]]) -> Callable[[str], set[Any]]:
    return lambda who: set(table.get(who, set()))


# --- door by door -------------------------------------------------------------------------------------


def probes(world: World) -> dict[str, Probe]:
    return {
        **probes_of_schools(world),
        **probes_of_lessons(world),
        **probes_of_depot(world),
        **probes_of_network(world),
        **probes_of_people(world),
    }


ORGANISATION_OF = {HERE: "amsterdam", OVERSEAS: "curacao"}


def named(table: Mapping[str, Iterable[str]]) -> dict[str, set[str]]:
    """For `by_key`: the own organisation, by its key and as the first one."""
    return {
        who: {f"{key}: {ORGANISATION_OF[r]}" for r in relations for key in (ORGANISATION_OF[r], "")}
        for who, relations in table.items()
    }


def group_keys(world: World) -> Keys:
    return {**{relation: [row.pk] for relation, row in world.groups.items()}, OLD: [world.things.old_group.pk]}


RUN_OLD = {who: {OLD} for who in ("sam", "kim", "mia")}
SEE_OLD = {**RUN_OLD, "hugo": {OLD}}
HAND_OUT = {**expected.GROUPS, "joost": {HERE, BESIDE, ELSEWHERE}, "dora": {OVERSEAS}, "kees": {ELSEWHERE}}
TAUGHT_OR_RUN = {**expected.CHILDREN_RUN, "noor": {HERE}, "eva": {ELSEWHERE}, "mia": {HERE, ELSEWHERE}}


def head_and_office(world: World, on: date) -> Actor:
    """Hugo, were he the office of the whole organisation as well: that shows him no other child."""
    hugo, ola = (people.actor_of(account, on) for account in (world.actors["hugo"], world.cast.ola) if account)
    return Actor(account=hugo.account, postings=hugo.postings + ola.postings, on=on)


def probes_of_schools(world: World) -> dict[str, Probe]:
    cast, things = world.cast, world.things
    school: Keys = {HERE: [cast.regenboog.pk], ELSEWHERE: [cast.koraal.pk], OVERSEAS: [cast.kadushi.pk]}
    group = group_keys(world)
    child = {relation: [row.pk for row in found] for relation, found in world.children.items()}
    uid = {relation: [row.uid for row in found] for relation, found in world.children.items()}
    organisation: Keys = {HERE: [cast.amsterdam.pk], OVERSEAS: [cast.curacao.pk]}
    teaching = {relation: [row.pk] for relation, row in things.teachings.items()}
    every = {row.pk: row for found in world.children.values() for row in found}
    here = world.groups[HERE]
    {relation: [row.pk] for relation, row in things.gifts.items()}
    {relation: [row.uid] for relation, row in things.gifts.items()}
    {relation: [row.donor.pk] for relation, row in things.gifts.items()}
    {relation: [row.donor.uid] for relation, row in things.gifts.items()}
    kees = {"kees": {ELSEWHERE}}

    def members(actor: Actor) -> set[Any]:
        return {row.child_id for row in schools.memberships(actor, group=here, on=TODAY)}

    left = world.things.left_lately

    def members_who_left(actor: Actor) -> set[Any]:
        """Who left less than 14 days ago is still seen on a day before that; who left earlier by coordinators alone."""
        day = TODAY - timedelta(days=20)
        return {row.child_id for row in schools.memberships(actor, group=world.things.old_group, on=day)}

    def members_of_summer(actor: Actor) -> set[Any]:
        before = AUTUMN - timedelta(days=1)
        return {row.child_id for row in schools.memberships(actor, group=here, on=before)}

    def to_hand_out_to(actor: Actor) -> set[Any]:
        return {row.child_id for row in schools.memberships_to_hand_out_to(actor, group=here, on=TODAY)}

    everybody_behind_the_door = {who: {HERE} for who in (*world.actors, *NEWCOMERS)}
    hand_out_here = {who: {HERE} for who in ("noor", "sam", "mia", "hanna", "joost")}
    return {
        "schools.schools": Probe(rows(schools.schools), of(expected.SCHOOLS, school, **kees)),
        "schools.school": Probe(one(schools.school, school), of(expected.SCHOOLS, school, **kees)),
        "schools.schools_to_run": Probe(rows(schools.schools_to_run), of(expected.SCHOOLS_RUN, school)),
        "schools.school_to_run": Probe(one(schools.school_to_run, school), of(expected.SCHOOLS_RUN, school)),
        "schools.groups": Probe(rows(schools.groups), of(expected.GROUPS, group, **SEE_OLD)),
        "schools.in_groups": Probe(
            lambda actor: set(Group.objects.filter(schools.in_groups(actor)).values_list("pk", flat=True)),
            of(expected.GROUPS, group, **SEE_OLD),
        ),
        "schools.in_groups_to_run": Probe(
            lambda actor: set(Group.objects.filter(schools.in_groups_to_run(actor)).values_list("pk", flat=True)),
            of(expected.GROUPS_RUN, group, **RUN_OLD),
        ),
        "schools.group": Probe(one(schools.group, group), of(expected.GROUPS, group, **SEE_OLD)),
        "schools.groups_to_run": Probe(rows(schools.groups_to_run), of(expected.GROUPS_RUN, group, **RUN_OLD)),
        "schools.group_to_run": Probe(one(schools.group_to_run, group), of(expected.GROUPS_RUN, group, **RUN_OLD)),
        "schools.groups_to_hand_out_in": Probe(
            rows(schools.groups_to_hand_out_in), of(HAND_OUT, group, **SEE_OLD, joost={OLD}, kees={OLD})
        ),
        "schools.children": Probe(rows(schools.children), of(expected.CHILDREN, child)),
        "schools.children of who wears two hats": Probe(
            lambda actor: {row.pk for row in schools.children(head_and_office(world, actor.on))},
            lambda _who: of(expected.CHILDREN, child)("hugo"),
        ),
        "schools.child": Probe(one(schools.child, uid), of(expected.CHILDREN, uid)),
        "schools.seen_among": Probe(
            lambda actor: set(schools.seen_among(actor, tuple(child[HERE]))), of(expected.CHILDREN, {HERE: child[HERE]})
        ),
        "schools.may_teach": Probe(
            lambda actor: {pk for pk in every if schools.may_teach(actor, pk)}, of(TAUGHT_OR_RUN, child)
        ),
        "schools.may_run": Probe(
            whether(schools.may_run, School.objects.select_related("site").in_bulk()), of(expected.SCHOOLS_RUN, school)
        ),
        "schools.groups_of_year": Probe(
            lambda actor: {
                (one_group.school_id, row.pk)
                for one_group in world.groups.values()
                for row in schools.groups_of_year(actor, one_group.school_id, one_group.school_year_id)
            },
            of(expected.GROUPS, {name: [(row.school_id, row.pk)] for name, row in world.groups.items()}),
        ),
        "schools.children_to_run": Probe(rows(schools.children_to_run), of(expected.CHILDREN_RUN, child)),
        "schools.children_to_teach": Probe(rows(schools.children_to_teach), of(TAUGHT_OR_RUN, child)),
        "schools.child_to_teach": Probe(one(schools.child_to_teach, uid), of(TAUGHT_OR_RUN, uid)),
        "schools.teaching_to_run": Probe(one(schools.teaching_to_run, teaching), of(expected.SCHOOLS_RUN, teaching)),
        "schools.may_see_school_key": Probe(
            whether(schools.may_see_school_key, every), of(expected.CHILDREN_RUN, child)
        ),
        "schools.memberships": Probe(members, of(everybody_behind_the_door, child)),
        "schools.memberships of who left": Probe(
            members_who_left,
            lambda who: (
                set(left.values()) if "coordinator" in " ".join(POSTINGS.get(who, ())) and who != "luca" else {left[13]}
            ),
        ),
        "schools.memberships of a day gone by": Probe(
            members_of_summer, of({**everybody_behind_the_door, "sam": {HERE, MOVED, LEFT}}, child)
        ),
        "schools.memberships_to_hand_out_to": Probe(to_hand_out_to, of(hand_out_here, child)),
        "schools.organisations_to_run": Probe(
            rows(schools.organisations_to_run), of(expected.ORGANISATIONS_RUN, organisation)
        ),
        "schools.organisation_to_run": Probe(
            by_key(schools.organisation_to_run), said(named(expected.ORGANISATIONS_RUN))
        ),
    }


NEWCOMERS = ("lately", "since", "soon", "later", "kees", "tess", "tijn", "both", "once", "guest", "stan")


def probes_of_lessons(world: World) -> dict[str, Probe]:
    lesson = {relation: Lesson.objects.get(series__group=row) for relation, row in world.groups.items()}
    pk: Keys = {relation: [row.pk] for relation, row in lesson.items()}
    uid: Keys = {relation: [row.uid] for relation, row in lesson.items()}
    group = group_keys(world)
    aside = {relation: [row.pk for row in found] for relation, found in marks_aside(world).items()}
    decide = {
        **expected.SCHOOLS_RUN,
        "sam": {HERE, ELSEWHERE, "homeless"},
        "luca": {OVERSEAS, "homeless overseas"},
    }
    things = world.things
    requests = {relation: [row] for relation, row in things.cover_requests.items()}
    request_pks: Keys = {relation: [row.pk for row in found] for relation, found in requests.items()}
    request_uids: Keys = {relation: [row.uid for row in found] for relation, found in requests.items()}
    teachers: Keys = {
        HERE: [world.cast.noor.pk, world.cast.eva.pk],
        "regenboog": [world.actors["mia"].pk],
        "koraal": [things.tara.pk],
        "once overseas": [things.once.pk],
        OVERSEAS: [things.teachings[OVERSEAS].posting.account.pk],
    }
    absence_pks: Keys = {relation: [row.pk] for relation, row in things.absences.items()}

    def cover_to_open(actor: Actor) -> set[Any]:
        return {row.uid for row in lesson.values() if lessons.cover_to_open(actor, row.uid, make.NOW)}

    def asked(actor: Actor) -> set[Any]:
        return one(lambda actor, uid: lessons.ask(actor, uid).request, request_uids)(actor)

    def away_at(actor: Actor) -> set[Any]:
        accounts = [world.cast.noor, things.teachings[OVERSEAS].posting.account, things.once, world.cast.joost]
        return {(row.pk, place.key) for row in accounts for place in lessons.organisations_of_teacher(actor, row)}

    once = (things.once.pk, "amsterdam")
    noor, ilse = (world.cast.noor.pk, "amsterdam"), (teachers[OVERSEAS][0], "curacao")
    return {
        "lessons.covers": Probe(rows(lambda actor: lessons.covers(actor, make.NOW)), said({"stan": {things.cover.pk}})),
        "lessons.cover_to_open": Probe(cover_to_open, said({"stan": set(uid[HERE])})),
        "lessons.lesson_open_to": Probe(
            one(lambda actor, key: lessons.lesson_open_to(actor, key, make.NOW)[0], uid),
            of(expected.GROUPS, uid, stan={HERE}),
        ),
        "lessons.lesson_markable": Probe(
            one(lambda actor, key: lessons.lesson_markable(actor, key, make.NOW)[0], uid),
            of(expected.MARKED, uid, stan={HERE}),
        ),
        "lessons.asks": Probe(rows(lessons.asks), said({"eva": {things.ask.pk}})),
        "lessons.ask": Probe(asked, said({"eva": set(request_uids[HERE])})),
        "lessons.cover_requests": Probe(
            rows(lessons.cover_requests, known=request_pks), of(expected.COVERS_RUN, request_pks)
        ),
        "lessons.cover_request": Probe(one(lessons.cover_request, request_uids), of(expected.COVERS_RUN, request_uids)),
        "lessons.teachers_to_run": Probe(
            rows(lessons.teachers_to_run, known=teachers),
            of(
                {
                    "sam": {HERE, "regenboog", "koraal", "once overseas"},
                    "kim": {HERE, "koraal", "once overseas"},
                    "mia": {HERE, "koraal", "once overseas"},
                    "luca": {OVERSEAS},
                },
                teachers,
            ),
        ),
        "lessons.organisations_of_teacher": Probe(
            away_at,
            said(
                {"noor": {noor}, "once": {once}, "luca": {ilse}} | {who: {noor, once} for who in ("sam", "kim", "mia")}
            ),
        ),
        "lessons.absences": Probe(
            rows(lessons.absences),
            said({"noor": set(absence_pks[HERE]), "sam": set(absence_pks[HERE]), "luca": set(absence_pks[OVERSEAS])}),
        ),
        "lessons.lessons": Probe(rows(lessons.lessons), of(expected.GROUPS, pk)),
        "lessons.lesson": Probe(one(lessons.lesson, uid), of(expected.GROUPS, uid)),
        "lessons.lessons_to_mark": Probe(rows(lessons.lessons_to_mark), of(expected.MARKED, pk)),
        "lessons.lesson_to_mark": Probe(one(lessons.lesson_to_mark, uid), of(expected.MARKED, uid)),
        "lessons.may_mark": Probe(
            whether(lessons.may_mark, {row.pk: row for row in lesson.values()}), of(expected.MARKED, pk)
        ),
        "lessons.lessons_to_run": Probe(rows(lessons.lessons_to_run), of(expected.GROUPS_RUN, pk)),
        "lessons.lesson_to_run": Probe(one(lessons.lesson_to_run, uid), of(expected.GROUPS_RUN, uid)),
        "lessons.groups_to_plan": Probe(rows(lessons.groups_to_plan), of(expected.GROUPS_RUN, group)),
        "lessons.group_to_plan": Probe(one(lessons.group_to_plan, group), of(expected.GROUPS_RUN, group)),
        "lessons.quarantine": Probe(rows(lessons.quarantine), of(decide, aside)),
        "lessons.quarantined": Probe(one(lessons.quarantined, aside), of(decide, aside)),
    }


def marks_aside(world: World) -> dict[str, list[Any]]:
    """Those of the world, one without a lesson in each organisation, and one that was decided."""
    if not hasattr(world.things, "homeless_marks"):
        first = world.things.marks_aside[HERE]
        world.things.homeless_marks = {
            relation: copy(first, lesson=None, organisation=organisation)
            for relation, organisation in (
                ("homeless", world.cast.amsterdam),
                ("homeless overseas", world.cast.curacao),
            )
        }
        world.things.homeless_marks["decided"] = copy(
            first, decided_at=make.NOW, decided_by=world.cast.sam, decision="leave_out"
        )
    return {relation: [row] for relation, row in {**world.things.marks_aside, **world.things.homeless_marks}.items()}


def copy(row: Any, **values: Any) -> Any:
    fields = {field.attname: getattr(row, field.attname) for field in row._meta.fields if not field.primary_key}
    for name in values:
        fields.pop(f"{name}_id", None)
    return type(row).objects.create(**{**fields, "mark_id": uuid.uuid4(), **values})


IN_AMSTERDAM, IN_CURACAO = ("sam", "joost"), ("luca", "dora")


def probes_of_depot(world: World) -> dict[str, Probe]:
    cast, things = world.cast, world.things
    instruments = {relation: [row] for relation, row in things.instruments.items()}
    instruments[HERE].append(things.moved_on)
    pk: Keys = {relation: [row.pk for row in found] for relation, found in instruments.items()}
    uid: Keys = {relation: [row.uid for row in found] for relation, found in instruments.items()}
    tag: Keys = {relation: [row.tag for row in found] for relation, found in instruments.items()}
    known = [key for some in pk.values() for key in some]
    fetched = {row.pk: row for row in Instrument.objects.filter(pk__in=known).with_parties()}
    with_children = Custody.objects.open().holders().filter(instrument__in=known, child__isnull=False)
    held = dict(with_children.values_list("instrument", "child"))
    holders = set(Custody.objects.filter(child__isnull=False).values_list("child", flat=True))  # also of before
    handover: Keys = {relation: [row.pk] for relation, row in things.handovers.items()}
    lists: Keys = {relation: [row.pk] for relation, row in things.lists.items()}
    site: Keys = {
        HERE: [cast.regenboog.site.pk],
        ELSEWHERE: [cast.koraal.site.pk],
        OVERSEAS: [cast.kadushi.site.pk],
        DEPOT: [cast.depot.pk],
        ATELIER: [cast.workshop.pk],
        ISLAND_DEPOT: [things.depots[OVERSEAS].pk],
        CLOSED: [things.closed_site.pk],
    }
    promised: Keys = {relation: [row.pk] for relation, row in things.reservations.items()}
    notices: Keys = {relation: [row.pk] for relation, row in things.found_notices.items()}
    if not hasattr(things, "found_by_nobody"):
        things.found_by_nobody = FoundNotice.objects.create(tag="NOBODYS1", message="Here", made_at=make.NOW)
        Stocktake.objects.create(organisation=cast.amsterdam, site=cast.workshop)  # what it expects is not written yet
    notices["nobody's"] = [things.found_by_nobody.pk]
    batches: Keys = {relation: [row.pk] for relation, row in things.label_batches.items()}
    ahead: Keys = {relation: [row.labels.get().pk] for relation, row in things.label_batches.items()}
    ahead_tags: Keys = {relation: [row.labels.get().tag] for relation, row in things.label_batches.items()}
    counted: Keys = {relation: [row.pk] for relation, row in things.stocktakes.items()}
    gift_pks: Keys = {relation: [row.pk] for relation, row in things.gifts.items()}
    gift_uids: Keys = {relation: [row.uid] for relation, row in things.gifts.items()}
    donor_pks: Keys = {relation: [row.donor.pk] for relation, row in things.gifts.items()}
    donor_uids: Keys = {relation: [row.donor.uid] for relation, row in things.gifts.items()}
    kees = {"kees": {ELSEWHERE}}
    lists_of = {**everyone_of(IN_AMSTERDAM, {HERE}), **everyone_of(IN_CURACAO, {OVERSEAS})}
    heard = {who: {*lists_of[who], "nobody's"} for who in lists_of}
    keeps = {
        **everyone_of(IN_AMSTERDAM, {HERE, ELSEWHERE, DEPOT, ATELIER}),
        **everyone_of(IN_CURACAO, {OVERSEAS, ISLAND_DEPOT}),
    }
    seen = {
        **everyone_of((*IN_AMSTERDAM, "ola", "bram"), {HERE, ELSEWHERE, DEPOT, ATELIER, CLOSED}),
        **everyone_of((*IN_CURACAO, "olga"), {OVERSEAS, ISLAND_DEPOT}),
        **everyone_of(("kim", "hugo", "eva", "kees"), {ELSEWHERE}),
        **everyone_of(("hanna", "noor"), {HERE}),
        "mia": {HERE, ELSEWHERE},
        "yara": {ATELIER},
    }
    report, change = expected.INSTRUMENTS_REPORTED, expected.DEFECTS_CHANGED
    defect: Keys = {relation: [row.pk] for relation, row in things.defects.items()}
    reported = {row.pk: row for row in things.defects.values()}

    def changes(who: str) -> set[Any]:  # who stands beside Noor, Eva or Bram did not report it
        return set() if who in {"weak", "lately", "soon", "tijn", "ward"} else of(change, defect, **kees)(who)

    if not hasattr(things, "retired"):
        things.retired = make.make_instrument(cast.depot)
        handing.retire(instrument=things.retired, because="broken", by=System("test"), at=make.NOW)

    def reports_within_sight(actor: Actor) -> set[Any]:
        asked = [*known, things.retired.pk]
        return {row.pk for row in depot.instruments(actor).filter(pk__in=asked) if depot.may_report(actor, row)}

    def scanned(door: Callable[[Actor, str], Any]) -> Callable[[Actor], set[Any]]:
        return lambda actor: {found.tag for some in tag.values() for one in some if (found := door(actor, one))}

    run, lent, see = expected.INSTRUMENTS_RUN, expected.INSTRUMENTS_LENT, expected.INSTRUMENTS
    return {
        "depot.instruments": Probe(rows(depot.instruments, known=pk), of(see, pk, **kees)),
        "depot.instrument": Probe(one(depot.instrument, uid), of(see, uid, **kees)),
        "depot.instruments_to_run": Probe(rows(depot.instruments_to_run, known=pk), of(run, pk, **kees)),
        "depot.instrument_to_run": Probe(one(depot.instrument_to_run, uid), of(run, uid, **kees)),
        "depot.instruments_to_lend": Probe(rows(depot.instruments_to_lend, known=pk), of(lent, pk, **kees)),
        "depot.instrument_to_lend": Probe(one(depot.instrument_to_lend, uid), of(lent, uid, **kees)),
        "depot.scanned": Probe(scanned(depot.scanned), of(see, tag, **kees)),
        "depot.scanned_to_lend": Probe(scanned(depot.scanned_to_lend), of(lent, tag, **kees)),
        "depot.held_by": Probe(
            lambda actor: {(child, row.pk) for child in holders for row in depot.held_by(actor, child)},
            of(
                see,
                {relation: [(held[key], key) for key in some if key in held] for relation, some in pk.items()},
                **kees,
            ),
        ),
        "depot.may_run": Probe(whether(depot.may_run, fetched), of(run, pk, **kees)),
        "depot.may_lend": Probe(whether(depot.may_lend, fetched), of(lent, pk, **kees)),
        "depot.instruments_to_report": Probe(rows(depot.instruments_to_report, known=pk), of(report, pk, **kees)),
        "depot.instrument_to_report": Probe(
            one(depot.instrument_to_report, {**uid, "retired": [things.retired.uid]}), of(report, uid, **kees)
        ),
        "depot.may_report": Probe(reports_within_sight, of(report, pk, **kees)),
        "depot.defects": Probe(rows(depot.defects), of(see, defect, **kees)),
        "depot.defect": Probe(one(depot.defect, defect), of(see, defect, **kees)),
        "depot.defects_to_answer": Probe(rows(depot.defects_to_answer), of(expected.DEFECTS_ANSWERED, defect, **kees)),
        "depot.defect_to_answer": Probe(
            one(depot.defect_to_answer, defect), of(expected.DEFECTS_ANSWERED, defect, **kees)
        ),
        "depot.may_answer_defect": Probe(
            whether(depot.may_answer_defect, reported), of(expected.DEFECTS_ANSWERED, defect, **kees)
        ),
        **probes_of_workshop(world, pk),
        "depot.defect_to_change": Probe(one(depot.defect_to_change, defect), changes),
        "depot.may_change_defect": Probe(whether(depot.may_change_defect, reported), changes),
        "depot.handover_to_run": Probe(one(depot.handover_to_run, handover), of(expected.HANDOVERS, handover)),
        "depot.list_to_run": Probe(one(depot.list_to_run, lists), of(lists_of, lists)),
        "depot.keepers": Probe(rows(depot.keepers), of(keeps, site)),
        "depot.keepers_seen": Probe(rows(depot.keepers_seen), of(seen, site)),
        "depot.depots": Probe(
            rows(depot.depots), of({who: keeps[who] & {DEPOT, ATELIER, ISLAND_DEPOT} for who in keeps}, site)
        ),
        "depot.holder_labels": labels(world),
        "depot.gifts": Probe(rows(depot.gifts), of(lists_of, gift_pks)),
        "depot.gift_to_run": Probe(one(depot.gift_to_run, gift_uids), of(lists_of, gift_uids)),
        "depot.donors": Probe(rows(depot.donors), of(lists_of, donor_pks)),
        "depot.donor_to_run": Probe(one(depot.donor_to_run, donor_uids), of(lists_of, donor_uids)),
        "depot.organisations_seen": Probe(
            rows(depot.organisations_seen),
            of(
                {**lists_of, "ola": {HERE}, "olga": {OVERSEAS}},
                {HERE: [cast.amsterdam.pk], OVERSEAS: [cast.curacao.pk]},
            ),
        ),
        "depot.stocks": Probe(
            rows(depot.stocks), of(lists_of, {HERE: [cast.amsterdam.pk], OVERSEAS: [cast.curacao.pk]})
        ),
        **probes_of_desk(world, pk, kees),
        "depot.reservations": Probe(rows(depot.reservations), of(lists_of, promised)),
        "depot.reservation": Probe(one(depot.reservation, promised), of(lists_of, promised)),
        "depot.found_notices": Probe(rows(depot.found_notices), of(heard, notices)),
        "depot.found_notice": Probe(one(depot.found_notice, notices), of(heard, notices)),
        **probes_between_cities(world),
        "depot.labels": Probe(rows(depot.labels), of(lists_of, ahead)),
        "depot.label_to_claim": Probe(one(depot.label_to_claim, ahead_tags), of(lists_of, ahead_tags)),
        "depot.label_batches": Probe(rows(depot.label_batches), of(lists_of, batches)),
        "depot.places_to_count": Probe(
            rows(depot.places_to_count), of({**keeps, **everyone_of(("kim", "mia", "kees"), {ELSEWHERE})}, site)
        ),
        "depot.stocktakes": Probe(rows(depot.stocktakes), of(expected.COUNTED, counted, **kees)),
        "depot.stocktake": Probe(one(depot.stocktake, counted), of(expected.COUNTED, counted, **kees)),
    }


def probes_of_desk(world: World, instruments: Keys, kees: dict[str, set[str]]) -> dict[str, Probe]:
    cast, things = world.cast, world.things
    returned: Keys = {relation: [row.pk] for relation, row in things.returns.items()}
    went_out: Keys = {f"out {relation}": [row.pk] for relation, row in things.reports.items()}
    both: Keys = {relation: [things.returns[relation].pk, things.reports[relation].pk] for relation in returned}
    signed: Keys = {relation: [row.pk] for relation, row in things.loans.items()}
    signed |= {f"set {relation}": [row.pk] for relation, row in things.handovers.items()}
    forms: Keys = {relation: [row.pk] for relation, row in things.forms.items()}
    dirty: Keys = {}
    for relation in (HERE, ELSEWHERE, OVERSEAS, LEFT):
        made = Cleaning.objects.create(
            instrument=things.instruments[relation],
            asked_with=things.loans[relation],
            asked_at=make.NOW,
            done_at=make.NOW if relation == LEFT else None,
        )
        dirty["clean" if relation == LEFT else relation] = [made.pk]
    see, lent, run = expected.INSTRUMENTS, expected.INSTRUMENTS_LENT, expected.INSTRUMENTS_RUN
    sets = {who: {f"set {relation}" for relation in found} for who, found in expected.HANDOVERS.items()}
    sets |= {"hanna": {f"set {relation}" for relation in (HERE, BESIDE, LEFT)}, "hugo": {f"set {ELSEWHERE}"}}
    loans = {who: set(expected.LOANS.get(who, ())) | sets.get(who, set()) for who in {*expected.LOANS, *sets}}
    loans["kees"] = {ELSEWHERE, f"set {ELSEWHERE}"}
    served = {**expected.FORMS, "kees": {ELSEWHERE}, "hanna": {HERE, BESIDE, MOVED}, "hugo": {ELSEWHERE}}
    word = {HERE: [cast.amsterdam.pk], OVERSEAS: [cast.curacao.pk]}
    return {
        "depot.reports": Probe(rows(depot.reports), of(see, both, **kees)),
        "depot.report": Probe(one(depot.report, both), of(see, both, **kees)),
        "depot.returns": Probe(rows(depot.returns), of(lent, returned | went_out, **kees)),
        "depot.return_report": Probe(one(depot.return_report, returned | went_out), of(lent, returned, **kees)),
        "depot.acceptances": Probe(rows(depot.acceptances), of(loans, signed)),
        "depot.acceptance": Probe(one(depot.acceptance, signed), of(loans, signed)),
        "depot.paper_form": Probe(one(depot.paper_form, forms), of(served, forms)),
        "depot.cleanings": Probe(rows(depot.cleanings), of(run, dirty, **kees)),
        "depot.cleaning": Probe(one(depot.cleaning, dirty), of(run, dirty, **kees)),
        "depot.organisations_to_word": Probe(rows(depot.organisations_to_word), of(expected.ORGANISATIONS_RUN, word)),
    }


def probes_between_cities(world: World) -> dict[str, Probe]:
    """Requests, shipments, loans and offers: what each side sees and does."""
    cast, things = world.cast, world.things
    asked: Keys = {relation: [row.pk] for relation, row in things.requests.items()}
    sent: Keys = {relation: [row.pk] for relation, row in things.shipments.items()}
    seen = {**expected.BETWEEN_CITIES, "kim": set(), "kees": set()}
    answers = {**everyone_of(IN_AMSTERDAM, {HERE, "between"}), **everyone_of(IN_CURACAO, {OVERSEAS})}
    receives = {**everyone_of(IN_AMSTERDAM, {HERE}), **everyone_of(IN_CURACAO, {OVERSEAS, "between"}), "hanna": {HERE}}
    requests = {row.pk: row for row in things.requests.values()}
    shipments = {
        row.pk: type(row).objects.select_related("to_site").get(pk=row.pk) for row in things.shipments.values()
    }
    site: Keys = {
        HERE: [cast.regenboog.site.pk],
        ELSEWHERE: [cast.koraal.site.pk],
        OVERSEAS: [cast.kadushi.site.pk, things.depots[OVERSEAS].pk],
        DEPOT: [cast.depot.pk],
        CLOSED: [things.closed_site.pk],
    }
    places = {
        **everyone_of(IN_AMSTERDAM, {HERE, ELSEWHERE, DEPOT}),
        **everyone_of(IN_CURACAO, {OVERSEAS}),
        "hanna": {HERE},
        **everyone_of(("hugo", "kim", "kees", "mia"), {ELSEWHERE}),
    }
    cities: Keys = {HERE: [cast.amsterdam.pk], OVERSEAS: [cast.curacao.pk]}
    depots = {
        **everyone_of((*IN_AMSTERDAM, *IN_CURACAO), {HERE, OVERSEAS}),
        **everyone_of(("hanna", "hugo", "kim", "kees", "mia"), {HERE}),
    }
    loans, offers = loan_and_offers(world)
    lenders = everyone_of((*IN_AMSTERDAM, "ola"), {HERE})
    borrowers = everyone_of((*IN_CURACAO, "olga"), {HERE})
    own = {**everyone_of(IN_AMSTERDAM, {HERE}), **everyone_of(IN_CURACAO, {OVERSEAS})}
    others = {**everyone_of(IN_AMSTERDAM, {OVERSEAS}), **everyone_of(IN_CURACAO, {HERE})}

    def asks_for(actor: Actor) -> set[Any]:
        """Beside what the actor gets: what the office of one place gets, which is nothing."""
        return rows(depot.places_to_ask_for, known=site)(actor) | rows(depot.places_to_ask_for)(office)

    office = people.actor_of(things.oda, TODAY)
    for key, sort, closed_on in (("hal", Site.HALL, None), ("dicht", Site.DEPOT, TODAY - timedelta(days=9))):
        if not Organisation.objects.filter(key=key).exists():  # no stock that is open: nobody can be asked
            city = make.make_organisation(key)
            Site.objects.create(organisation=city, name=key, sort=sort, closed_on=closed_on)
    return {
        "depot.requests": Probe(rows(depot.requests), of(seen, asked)),
        "depot.instrument_request": Probe(one(depot.instrument_request, asked), of(seen, asked)),
        "depot.may_answer": Probe(whether(depot.may_answer, requests), of(answers, asked)),
        "depot.may_withdraw": Probe(whether(depot.may_withdraw, requests), of(receives, asked)),
        "depot.places_to_ask_for": Probe(asks_for, of(places, site)),
        "depot.depots_to_ask": Probe(rows(depot.depots_to_ask), of(depots, cities)),
        "depot.shipments": Probe(rows(depot.shipments), of(seen, sent)),
        "depot.shipment": Probe(one(depot.shipment, sent), of(seen, sent)),
        "depot.may_receive": Probe(whether(depot.may_receive, shipments), of(receives, sent)),
        "depot.has_sent": Probe(whether(depot.has_sent, shipments), of(answers, sent)),
        "depot.loans_out": Probe(rows(depot.loans_out), of(lenders, loans)),
        "depot.loans_in": Probe(rows(depot.loans_in), of(borrowers, loans)),
        "depot.surpluses_run": Probe(rows(depot.surpluses_run), of(own, offers)),
        "depot.surpluses_of_others": Probe(rows(depot.surpluses_of_others), of(others, offers)),
    }


def loan_and_offers(world: World) -> tuple[Keys, Keys]:
    """An instrument of Amsterdam in use on Curaçao; each city offers something."""
    cast, kind = world.cast, make.make_kind("flute")
    if not hasattr(world.things, "loan"):
        handover = make.make_handover(cast.curacao, HandoverSort.RECEIVE)
        world.things.loan = Loan.objects.create(
            instrument=world.things.instruments[OVERSEAS],
            lender=cast.amsterdam,
            borrower=cast.curacao,
            due_on=TODAY + timedelta(days=90),
            began_with=handover,
        )
        over = make.make_handover(cast.curacao, HandoverSort.RECEIVE)  # they came back long ago
        Loan.objects.create(
            instrument=world.things.instruments[HERE],
            lender=cast.amsterdam,
            borrower=cast.curacao,
            due_on=TODAY,
            began_with=over,
            ended_with=over,
        )
        for city in (cast.amsterdam, cast.curacao):
            Surplus.objects.create(
                organisation=city, kind=kind, number=3, made_at=make.NOW, by_key="system:test", ended_at=make.NOW
            )
        world.things.offers = {
            relation: Surplus.objects.create(
                organisation=city, kind=kind, number=2, made_at=make.NOW, by_key="system:test"
            )
            for relation, city in ((HERE, cast.amsterdam), (OVERSEAS, cast.curacao))
        }
    return {HERE: [world.things.loan.pk]}, {relation: [row.pk] for relation, row in world.things.offers.items()}


def probes_of_workshop(world: World, instrument: Keys) -> dict[str, Probe]:
    cast, things = world.cast, world.things
    repair: Keys = {relation: [row.pk] for relation, row in things.repairs.items()}
    part: Keys = {relation: [row.pk] for relation, row in things.parts.items()}
    rule: Keys = {relation: [row.pk] for relation, row in things.rules.items()}
    job: Keys = {relation: [row.pk] for relation, row in things.jobs.items()}
    organisation: Keys = {HERE: [cast.amsterdam.pk], OVERSEAS: [cast.curacao.pk]}
    school: Keys = {HERE: [cast.regenboog.pk], ELSEWHERE: [cast.koraal.pk], OVERSEAS: [cast.kadushi.pk]}
    site: Keys = {DEPOT: [cast.depot.pk], ATELIER: [cast.workshop.pk], ISLAND_DEPOT: [things.depots[OVERSEAS].pk]}
    places = {
        **everyone_of((*IN_AMSTERDAM, "bram"), {DEPOT, ATELIER}),
        **everyone_of(IN_CURACAO, {ISLAND_DEPOT}),
        "yara": {ATELIER},
    }
    worked, settled = expected.REPAIRS_WORKED, expected.REPAIRS_SETTLED
    finishes = {**everyone_of((*IN_AMSTERDAM, "bram"), {HERE}), **everyone_of(IN_CURACAO, {OVERSEAS})}
    compared = {
        **everyone_of(IN_AMSTERDAM, {HERE, ELSEWHERE}),
        **everyone_of(IN_CURACAO, {OVERSEAS}),
        **everyone_of(("kim", "mia", "hugo", "kees"), {ELSEWHERE}),
        "hanna": {HERE},
    }
    everybody = {**world.actors, **things.passers_by}
    uids = {who: account.uid for who, account in everybody.items() if account}
    pks = {who: account.pk for who, account in everybody.items() if account}
    read = {"bram": {"bram", "yara", "tijn"}, "yara": {"yara"}, "tijn": {"tijn"}, "ward": {"ward", "yara"}}
    kees = {"kees": {ELSEWHERE}}

    def of_master(who: str, table: Mapping[str, Iterable[str]], keys: Keys) -> set[Any]:
        """Tijn learns: he stands where Bram stands, but says nothing is over and sets no rule. Ward stands where Yara
        stands, and is a master there."""
        if who == "ward":
            return {key for key in keys.get("workshop", ()) if keys is repair}
        return set() if who == "tijn" else of(table, keys)(who)

    sign = {"bram": {HERE, "workshop"}}
    return {
        "depot.instruments_to_mend": Probe(
            rows(depot.instruments_to_mend, known=instrument), of(expected.INSTRUMENTS_MENDED, instrument, **kees)
        ),
        "depot.workshops": Probe(rows(depot.workshops), of(places, site)),
        "depot.workshop": Probe(one(depot.workshop, site), of(places, site)),
        "depot.repairs": Probe(rows(depot.repairs), of(worked, repair)),
        "depot.repair": Probe(one(depot.repair, repair), of(worked, repair)),
        "depot.repair_to_sign": Probe(one(depot.repair_to_sign, repair), lambda who: of_master(who, sign, repair)),
        "depot.may_sign": Probe(
            whether(depot.may_sign, {row.pk: row for row in things.repairs.values()}),
            lambda who: of_master(who, sign, repair),
        ),
        "depot.repair_to_finish": Probe(
            one(depot.repair_to_finish, repair), lambda who: of_master(who, expected.REPAIRS_FINISHED, repair)
        ),
        "depot.repairs_to_settle": Probe(rows(depot.repairs_to_settle), of(settled, repair)),
        "depot.repair_to_settle": Probe(one(depot.repair_to_settle, repair), of(settled, repair)),
        "depot.parts": Probe(rows(depot.parts), of(worked, part)),
        "depot.part": Probe(one(depot.part, part), of(worked, part)),
        "depot.organisations_to_maintain": Probe(
            rows(depot.organisations_to_maintain), lambda who: of_master(who, finishes, organisation)
        ),
        "depot.rules_to_maintain": Probe(rows(depot.rules_to_maintain), lambda who: of_master(who, finishes, rule)),
        "depot.rule_to_maintain": Probe(one(depot.rule_to_maintain, rule), lambda who: of_master(who, finishes, rule)),
        "depot.jobs": Probe(rows(depot.jobs, known=job), of(expected.JOBS, job, **kees)),
        "depot.job": Probe(one(depot.job, job), of(expected.JOBS, job, **kees)),
        "depot.learners": Probe(rows(depot.learners), lambda who: {pks[name] for name in read.get(who, ())}),
        "depot.learner": Probe(
            one(depot.learner, {who: [uid] for who, uid in uids.items()}),
            lambda who: {uids[name] for name in read.get(who, ())},
        ),
        "depot.schools_to_compare": Probe(rows(depot.schools_to_compare), of(compared, school)),
    }


def labels(world: World) -> Probe:
    """Who reads the first name of a child that holds an instrument, and who may go on to the child's page."""
    shelf = world.things.instruments["shelf"]
    children = {relation: world.children[relation][0] for relation in (HERE, BESIDE, ELSEWHERE, OVERSEAS)}
    held = {
        relation: Custody.objects.select_related("child", "account").get(child=child)
        for relation, child in children.items()
    }
    children["moved on"], children[LEFT] = world.children[HERE][1], world.children[LEFT][0]
    held["moved on"] = Custody.objects.select_related("child").get(child=children["moved on"])
    held[LEFT] = Custody(instrument=shelf, child=children[LEFT])  # never given back
    place = {**{relation: relation for relation in held}, "moved on": HERE}
    words = {
        relation: " · ".join([child.first_name, *([world.groups[place[relation]].name] if relation != LEFT else [])])
        for relation, child in children.items()
    }
    to_adult = Custody(instrument=shelf, account=world.cast.noor)
    ended = Custody.objects.get(child=children[LEFT])
    at_site = Custody(instrument=shelf, site=world.cast.depot)

    def use(actor: Actor) -> set[Any]:
        found = set()
        given = depot.holder_labels(actor, [*held.values(), to_adult, ended, at_site], TODAY)
        for relation, custody in held.items():
            label = given[custody.pk]
            said = {words[relation]: "name", "": "a child"}.get(label.words, label.words)
            found |= {f"{relation}: {said}"} | ({f"{relation}: page"} if label.child == custody.child else set())
            if label.child not in (None, custody.child):
                found.add("another child's page")
        if given[to_adult.pk] != depot.HolderLabel(world.cast.noor.name):
            found.add("an adult is not named")
        if ended.pk in given or at_site.pk in given:
            found.add("a label for who holds nothing")
        return found

    served = {"joost": {HERE, BESIDE, ELSEWHERE, LEFT}, "dora": {OVERSEAS}, "kees": {ELSEWHERE}}

    def due(who: str) -> set[Any]:
        like = LIKE.get(who, who)
        seen = set(expected.CHILDREN.get(like, ()))
        pages = {relation for relation in held if place[relation] in seen}
        names = pages | {relation for relation in held if place[relation] in served.get(like, ())}
        return (
            {f"{relation}: name" for relation in names}
            | {f"{relation}: page" for relation in pages}
            | {f"{relation}: a child" for relation in set(held) - names}
        )

    return Probe(use, due)


def probes_of_network(world: World) -> dict[str, Probe]:
    cast = world.cast
    organisation: Keys = {HERE: [cast.amsterdam.pk], OVERSEAS: [cast.curacao.pk]}
    holiday: Keys = {relation: [row.pk] for relation, row in world.things.holidays.items()}
    site: Keys = {HERE: [cast.depot.pk], ELSEWHERE: [cast.koraal.site_id], OVERSEAS: [cast.kadushi.site_id]}
    run = expected.ORGANISATIONS_RUN
    at_home = expected.STAFF - {"luca", "dora", "olga"} | {"since", "later", "kees", "tijn", "once", "stan"}
    own = {**everyone_of(at_home, {HERE}), **everyone_of(("luca", "dora", "olga"), {OVERSEAS})}
    return {
        "network.organisations": Probe(
            rows(network.organisations), of({**own, "both": {HERE, OVERSEAS}}, organisation)
        ),
        "network.organisations_in_charge": Probe(rows(network.organisations_in_charge), of(run, organisation)),
        "network.holidays_in_charge": Probe(rows(network.holidays_in_charge), of(run, holiday)),
        "network.holiday_in_charge": Probe(one(network.holiday_in_charge, holiday), of(run, holiday)),
        "network.site_in_charge": Probe(one(network.site_in_charge, site), of(expected.PLACES_RUN, site)),
    }


POSTINGS = {
    **everyone_of(("noor", "eva", "weak", "lately", "since", "soon", "later", "once", "stan"), {"teacher amsterdam"}),
    "sam": {"coordinator amsterdam"},
    "joost": {"depot_keeper amsterdam"},
    "bram": {"workshop_master amsterdam"},
    "yara": {"trainee Atelier Oost"},
    "tijn": {"trainee amsterdam"},
    "ward": {"workshop_master Atelier Oost"},
    "ola": {"office amsterdam"},
    "hanna": {"school_head De Regenboog"},
    "hugo": {"school_head ’t Koraal"},
    "kim": {"coordinator ’t Koraal"},
    "kees": {"depot_keeper ’t Koraal"},
    "mia": {"teacher De Regenboog", "coordinator ’t Koraal"},
    "tess": {"teacher De Regenboog", "depot_keeper ’t Koraal"},
    "luca": {"coordinator curacao"},
    "dora": {"depot_keeper curacao"},
    "olga": {"office curacao"},
    "both": {"teacher amsterdam", "teacher curacao"},
}


IN_CURACAO_ALONE = {"coordinator curacao", "depot_keeper curacao", "office curacao"}


def probes_of_people(world: World) -> dict[str, Probe]:
    cast = world.cast
    organisation: Keys = {HERE: [cast.amsterdam.pk], OVERSEAS: [cast.curacao.pk]}
    accounts = {**world.actors, **world.things.passers_by}
    known = {
        HERE: [cast.noor, cast.wim, accounts["once"], accounts["both"]],
        OVERSEAS: [cast.luca, accounts["once"], accounts["both"]],
        "nowhere": [accounts["unposted"], accounts["guest"]],
    }
    pk: Keys = {relation: [row.pk for row in found] for relation, found in known.items()}
    uid: Keys = {relation: [row.uid for row in found] for relation, found in known.items()}
    posting: Keys = {HERE: [cast.noor.postings.get().pk], OVERSEAS: [cast.luca.postings.get().pk]}
    everyone = {row.pk: row for found in known.values() for row in found}
    wholly = {
        "ola": {cast.noor.pk, cast.wim.pk, accounts["once"].pk},
        "olga": {cast.luca.pk, cast.wim.pk},  # Wim has no posting left: nobody else's
    }
    nobody_s = {cast.wim.pk, accounts["unposted"].pk, accounts["guest"].pk}

    def postings_of(actor: Actor) -> set[Any]:
        again = people.actor_of(actor.account, actor.on)
        return {f"{row.role} {row.site.name if row.site else row.organisation.key}" for row in again.postings}

    def postings_at(actor: Actor) -> set[Any]:
        again = people.actor_at(actor.account, datetime.combine(actor.on, time(12), UTC))
        return {f"{row.role} {row.site.name if row.site else row.organisation.key}" for row in again.postings}

    islanders = {account.pk for who in ("luca", "dora", "olga") if (account := accounts[who])}

    def at_night(actor: Actor) -> set[Any]:
        """Two in the morning in Amsterdam; on Curaçao it is the evening before, and Ona still works there."""
        again = people.actor_at(actor.account, datetime.combine(actor.on, time(1), UTC))
        held = {f"{row.role} {row.site.name if row.site else row.organisation.key}" for row in again.postings}
        return held | ({again.on} if actor.account.pk in islanders else set())

    before = TODAY - timedelta(days=1)
    night = {who: found | ({before} if found & IN_CURACAO_ALONE else set()) for who, found in POSTINGS.items()}
    night["once"] = POSTINGS["once"] | {"teacher curacao"}

    def lacks(actor: Actor) -> set[Any]:
        found = {"a second factor"} if people.lacks_second_factor(actor) else set()
        with override_settings(DEMO=True):
            return found | ({"one in the demo"} if people.lacks_second_factor(actor) else set())

    office = expected.OFFICE_OF
    return {
        "people.actor_of": Probe(postings_of, said(POSTINGS)),
        "people.actor_at": Probe(postings_at, said(POSTINGS)),
        "people.actor_at at night": Probe(at_night, said(night)),
        "people.lacks_second_factor": Probe(lacks, said({"weak": {"a second factor"}})),
        "people.organisations_in_charge": Probe(rows(people.organisations_in_charge), of(office, organisation)),
        "people.organisation_in_charge": Probe(by_key(people.organisation_in_charge), said(named(office))),
        "people.postings_in_charge": Probe(rows(people.postings_in_charge, known=posting), of(office, posting)),
        "people.posting_in_charge": Probe(one(people.posting_in_charge, posting), of(office, posting)),
        "people.accounts_in_charge": Probe(rows(people.accounts_in_charge, known=pk), of(office, pk)),
        "people.account_in_charge": Probe(one(people.account_in_charge, uid), of(office, uid)),
        "people.is_wholly_in_charge": Probe(
            whether(people.is_wholly_in_charge, everyone), lambda who: nobody_s | wholly.get(who, set())
        ),
    }
