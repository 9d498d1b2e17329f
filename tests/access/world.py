"""The small world of the access matrix: a child, a group, an instrument … in every relation to every actor.

Relations are places in this world, the same for everybody; `expected.py` says who may reach which of them.

    here        5A of De Regenboog, which Noor teaches        beside     6A of the same school
    moved       went from 5A to 6A in autumn                  left       left De Regenboog in autumn
    elsewhere   6B of 't Koraal, which Eva teaches            overseas   Kadushi, of another organisation
    random      an id that names nothing
"""

import random
import re
import uuid
from dataclasses import dataclass, field
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes

from leerorkest.depot import actions as depot
from leerorkest.depot import agreements
from leerorkest.depot.actions import defects, maintenance, parts, repairs
from leerorkest.depot.actions import labels as label_actions
from leerorkest.depot.actions import requests as request_actions
from leerorkest.depot.actions import shipments as shipment_actions
from leerorkest.depot.actions import stocktakes as stocktake_actions
from leerorkest.depot.actions.reservations import Wanted
from leerorkest.depot.models import (
    Acceptance,
    ConditionReport,
    DefectKind,
    FoundNotice,
    Handover,
    InstrumentImport,
    LoanTerms,
    MaintenanceJob,
    PaperForm,
    Reservation,
    ReservationLine,
    StocktakePhone,
)
from leerorkest.depot.rules import HandoverSort, Terms, new_tag
from leerorkest.lessons.models import Absence, CoverAsk, CoverRequest, Lesson, QuarantinedMark
from leerorkest.network.models import Holiday, Site
from leerorkest.people.models import Account, Child
from leerorkest.people.rules import Role
from leerorkest.schools.actions import roster as roster_actions
from leerorkest.schools.models import Enrolment, Group, Membership, RegisteredSchool, Teaching
from leerorkest.schools.queries import roster as roster_queries
from leerorkest.shared import files
from leerorkest.shared.actions import System
from leerorkest.shared.files import re_encode
from tests import make, pictures
from tests.cast import Cast, make_cast
from tests.pictures import photo

HERE, BESIDE, MOVED, LEFT, ELSEWHERE, OVERSEAS, RANDOM = (
    "here",
    "beside",
    "moved",
    "left",
    "elsewhere",
    "overseas",
    "random",
)
RELATIONS = (HERE, BESIDE, MOVED, LEFT, ELSEWHERE, OVERSEAS)
FIELDS = ("first_name", "prefix", "last_name", "key")
AUTUMN, SPRING = date(2026, 10, 5), date(2027, 3, 1)
CANARY = re.compile(r"can[fplk]\d{4}", re.IGNORECASE)


@dataclass
class World:
    cast: Cast
    actors: dict[str, Account | None]  # None: nobody is signed in
    children: dict[str, list[Child]] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    canaries: dict[str, tuple[str, str, bool]] = field(default_factory=dict)  # token: (relation, field, is holder)
    things: SimpleNamespace = field(default_factory=SimpleNamespace)  # rows that factories share


def make_world() -> World:
    cast = make_cast()
    world = World(cast=cast, actors=make_actors(cast))
    beside = make.make_group(cast.regenboog, "6A", grade="6")
    world.groups = {
        HERE: cast.group,
        BESIDE: beside,
        ELSEWHERE: Group.objects.get(school=cast.koraal),
        OVERSEAS: Group.objects.get(school=cast.kadushi),
    }
    make.make_lesson(beside)
    make.make_lesson(world.groups[ELSEWHERE])
    make.make_lesson(world.groups[OVERSEAS])
    world.children = {
        HERE: [cast.amina, cast.dilan],
        BESIDE: [make.make_child(beside), make.make_child(beside)],
        MOVED: [make.make_child(cast.group)],
        LEFT: [make.make_child(cast.group)],
        ELSEWHERE: [cast.stranger, make.make_child(world.groups[ELSEWHERE])],
        OVERSEAS: [cast.islander],
    }
    # Eva stopped teaching 5A in autumn; Noor starts with 6A in spring: neither counts today.
    make.make_teaching(cast.eva.postings.get(), cast.group, until_on=AUTUMN)
    make.make_teaching(cast.noor.postings.get(), beside, from_on=SPRING)
    lend_instruments(world)
    for child in (*world.children[MOVED], *world.children[LEFT]):
        Membership.objects.filter(child=child).update(until_on=AUTUMN)
    for child in world.children[LEFT]:
        Enrolment.objects.filter(child=child).update(until_on=AUTUMN)
    for child in world.children[MOVED]:
        Membership.objects.create(
            child=child, group=beside, school_year=beside.school_year, grade=beside.grade, from_on=AUTUMN
        )
    somebody = make.make_account("Iemand Anders")
    world.things.passkey = Authenticator.objects.create(user=somebody, type="webauthn", data={"name": "phone"})
    for account in filter(None, world.actors.values()):
        RecoveryCodes.activate(account)
    make_office_things(world)
    reserve_instruments(world)
    print_labels_ahead(world)
    find_instruments(world)
    count_instruments(world)
    ask_and_send(world)
    break_instruments(world)
    sign_for_loans(world)
    open_tickets(world)
    hide_canaries(world)
    preview_rosters(world)
    put_marks_aside(world)
    ask_for_stand_ins(world)
    return world


def make_actors(cast: Cast) -> dict[str, Account | None]:
    """Each role at home, at another school and in another organisation; and who may come in nowhere."""
    suspended = make.make_account("Suze Stil", is_active=False)
    make.make_teaching(make.make_posting(suspended, Role.TEACHER, cast.amsterdam), cast.group)
    weak = make.make_account("Wout Wachtwoord", second_factor=False)
    make.make_teaching(make.make_posting(weak, Role.TEACHER, cast.amsterdam), cast.group)
    kim, hugo, dora, olga = (make.make_account(name) for name in ("Kim Kok", "Hugo Hof", "Dora Dam", "Olga Oost"))
    make.make_posting(kim, Role.COORDINATOR, cast.koraal.site)
    make.make_posting(hugo, Role.SCHOOL_HEAD, cast.koraal.site)
    make.make_posting(dora, Role.DEPOT_KEEPER, cast.curacao)
    make.make_posting(olga, Role.OFFICE, cast.curacao)
    mia = make.make_account("Mia Mix")  # two postings: a right from one must not leak into the other
    make.make_teaching(make.make_posting(mia, Role.TEACHER, cast.regenboog.site), cast.group)
    make.make_posting(mia, Role.COORDINATOR, cast.koraal.site)
    past = make.make_account("Piet Past")  # coordinator until the summer
    make.make_posting(past, Role.COORDINATOR, cast.amsterdam, from_on=date(2025, 8, 1), until_on=date(2026, 8, 1))
    return {
        "anonymous": None,
        "suspended": suspended,
        "weak": weak,  # a teacher of 5A with a password only
        "unposted": make.make_account("Una Leeg"),
        "wim": cast.wim,  # taught 5A until last spring
        "past": past,
        "noor": cast.noor,
        "eva": cast.eva,
        "sam": cast.sam,
        "kim": kim,  # coordinates 't Koraal alone
        "luca": cast.luca,
        "mia": mia,  # teaches 5A of De Regenboog, coordinates 't Koraal
        "joost": cast.joost,
        "dora": dora,  # keeps the depot on Curaçao
        "hanna": cast.hanna,
        "hugo": hugo,  # heads 't Koraal
        "bram": cast.bram,  # repairs for the whole organisation
        "yara": cast.yara,  # learns to repair in Atelier Oost alone
        "ola": cast.ola,
        "olga": olga,  # the office on Curaçao
    }


def lend_instruments(world: World) -> None:
    """One child of each group holds an instrument; who left gave it back; one more stands in the depot."""
    cast, by, at = world.cast, System("test"), make.NOW - timedelta(days=80)
    island = make.make_site("Depot Zuid", organisation=cast.curacao, sort=Site.DEPOT)
    world.things.depots = {HERE: cast.depot, OVERSEAS: island}
    world.things.instruments, world.things.handovers = {}, {}
    for relation, school in (
        (HERE, cast.regenboog),
        (BESIDE, cast.regenboog),
        (LEFT, cast.regenboog),
        (ELSEWHERE, cast.koraal),
        (OVERSEAS, cast.kadushi),
    ):
        instrument = make.make_instrument(island if relation == OVERSEAS else cast.depot)
        instrument = type(instrument).objects.get(pk=instrument.pk)
        issued = depot.issue_class_set(
            instruments=[instrument], site=school.site, by=by, at=at, handover_id=uuid.uuid4()
        )
        child = world.children[relation][0]
        depot.lend(instrument=instrument, child=child, by=by, at=at + timedelta(days=1), handover_id=uuid.uuid4())
        if relation == LEFT:
            depot.give_back(instruments=[instrument], by=by, at=at + timedelta(days=20), handover_id=uuid.uuid4())
        world.things.instruments[relation] = instrument
        world.things.handovers[relation] = issued
    world.things.instruments["shelf"] = cast.violin
    world.things.instruments["workshop"] = make.make_instrument(cast.workshop)


def break_instruments(world: World) -> None:
    """A defect at each place, with its photo: each reported by somebody else."""
    cast, things = world.cast, world.things
    things.defects = {}
    for relation, by in (
        (HERE, cast.noor),
        (BESIDE, cast.hanna),
        (ELSEWHERE, cast.eva),
        ("shelf", cast.bram),
        ("workshop", cast.yara),
        (OVERSEAS, cast.luca),
    ):
        defect = defects.report_defect(
            instrument=things.instruments[relation],
            kind=DefectKind.objects.get(pk="bowed-tuner-stuck"),  # it can still be played
            by=by,
            at=make.NOW,
            defect_id=uuid.uuid4(),
        )
        things.defects[relation] = defects.add_photo(defect=defect, photo=re_encode(photo()), by=by, at=make.NOW)


def open_tickets(world: World) -> None:
    """A ticket for what broke here (the workshop comes), in the workshop and overseas; a round of maintenance."""
    cast, things, at = world.cast, world.things, make.NOW
    places = {HERE: cast.depot, "workshop": cast.workshop, OVERSEAS: things.depots[OVERSEAS]}
    things.repairs = {
        relation: repairs.open_repair(
            defects=[things.defects[relation]],
            workshop=site,
            by=System("test"),
            at=at,
            repair_id=uuid.uuid4(),
            on_site=True,
        )
        for relation, site in places.items()
    }
    rule = {"name": "Besnaren", "kind": cast.violin.kind, "due_on": make.TODAY, "by": System("test"), "at": at}
    things.rules = {
        HERE: maintenance.set_rule(organisation=cast.amsterdam, every_months=12, **rule),
        OVERSEAS: maintenance.set_rule(organisation=cast.curacao, **rule),
    }
    things.jobs = {
        relation: MaintenanceJob.objects.get(instrument=things.instruments[relation])
        for relation in (HERE, ELSEWHERE, "workshop", OVERSEAS)
    }
    things.parts = {
        relation: parts.add_part(site=site, name="E-snaar", by=System("test"), at=at)
        for relation, site in places.items()
    }


def make_office_things(world: World) -> None:
    """What the office and coordinators keep: holidays, lists of instruments, teachings, the register of schools."""
    cast = world.cast
    organisations = {HERE: cast.amsterdam, OVERSEAS: cast.curacao}
    world.things.holidays = {
        relation: Holiday.objects.create(
            organisation=organisation,
            name="Dag",
            sort=Holiday.OWN,
            first_on=make.TODAY,
            last_on=make.TODAY,
            source="us",
        )
        for relation, organisation in organisations.items()
    }
    world.things.lists = {
        relation: InstrumentImport.objects.create(
            site=world.things.depots[relation], by_key="system:test", previewed_at=make.NOW, lines=[]
        )
        for relation in organisations
    }
    world.things.gifts = {
        relation: make.make_gift(make.make_donor(organisation), came_in_on=make.TODAY)
        for relation, organisation in organisations.items()
    }
    islander = make.make_posting(make.make_account("Ilse Eiland"), Role.TEACHER, cast.curacao)
    world.things.teachings = {
        HERE: cast.noors_teaching,
        ELSEWHERE: Teaching.objects.get(group=world.groups[ELSEWHERE]),
        OVERSEAS: make.make_teaching(islander, world.groups[OVERSEAS]),
    }
    world.things.registered = RegisteredSchool.objects.create(
        country="NL",
        scheme="brin6",
        code="88AA00",
        name="De Regenwulp",
        town="AMSTERDAM",
        search_words="de regenwulp amsterdam 88aa00",
        first_seen_on=make.YEAR_START,
        source="test",
        reference_on=make.YEAR_START,
        licence="CC0",
    )


def reserve_instruments(world: World) -> None:
    """Something is promised out of each stock."""
    kind = make.make_kind("cello")  # none of which this world moves
    world.things.reservations = {}
    for relation, depot_site in world.things.depots.items():
        made = Reservation.objects.create(
            organisation=depot_site.organisation,
            site=world.cast.regenboog.site if relation == HERE else world.cast.kadushi.site,
            from_on=make.TODAY,
            made_at=make.NOW,
            by_key="system:test",
            content_hash="0" * 64,
        )
        ReservationLine.objects.create(reservation=made, kind=kind, number=2)
        world.things.reservations[relation] = made


def sign_for_loans(world: World) -> None:
    """Every loan and class set was signed for; each instrument came back once; a paper form lies ready."""
    by, at = System("test"), make.NOW
    agreed = {
        organisation.pk: LoanTerms.objects.create(
            organisation=organisation,
            version=1,
            language="nl",
            text="Zorg\n\nGoed.",
            is_draft=False,
            published_at=at,
            by_key="system:test",
        )
        for organisation in (world.cast.amsterdam, world.cast.curacao)
    }
    photo = files.store(files.re_encode(pictures.photo()), by=by, at=at)
    ink = files.store(files.signature(pictures.signature()), by=by, at=at)
    paper = agreements.Document("Bruikleen", "nl", "ltr", "1", [("Wanneer", "nu")], (), {})
    document = files.store(files.document(agreements.pdf(paper)), by=by, at=at)
    world.things.loans, world.things.reports, world.things.returns, world.things.forms = {}, {}, {}, {}
    for relation, issued in world.things.handovers.items():
        instrument = world.things.instruments[relation]
        terms = agreed[issued.organisation_id]
        loan = Handover.objects.get(sort="lend", begun__instrument=instrument)
        world.things.loans[relation] = loan
        for made in (issued, loan):
            Acceptance.objects.create(
                handover=made, terms=terms, at=at, signed_on="glass", mark=ink, pdf=document, by_key="system:test"
            )
        world.things.reports[relation] = ConditionReport.objects.create(
            handover=loan, instrument=instrument, condition="good", picture=photo
        )
        world.things.returns[relation] = ConditionReport.objects.create(
            handover=make.make_handover(issued.organisation, HandoverSort.RETURN),
            instrument=instrument,
            condition="good",
            outcome="shelf",
        )
    for relation, children in world.children.items():
        terms = agreed[children[0].organisation_id]
        world.things.forms[relation] = PaperForm.objects.create(
            child=children[0], terms=terms, printed_at=at, by_key="system:test"
        )


def print_labels_ahead(world: World) -> None:
    """One label that is on nothing yet, in each organisation."""
    world.things.label_batches = {
        relation: label_actions.print_ahead(
            organisation=site.organisation, count=1, by=System("test"), at=make.NOW, batch_id=uuid.uuid4()
        )
        for relation, site in world.things.depots.items()
    }


def find_instruments(world: World) -> None:
    """A stranger found an instrument of each organisation."""
    world.things.found_notices = {
        relation: FoundNotice.objects.create(
            tag=world.things.instruments[relation].tag,
            organisation=world.things.instruments[relation].organisation,
            instrument=world.things.instruments[relation],
            message="It lies at the desk of the library.",
            made_at=make.NOW,
        )
        for relation in (HERE, OVERSEAS)
    }


def count_instruments(world: World) -> None:
    """A stocktake with one phone at the depot, at 't Koraal and overseas."""
    world.things.stocktakes = {}
    places = {HERE: world.cast.depot, ELSEWHERE: world.cast.koraal.site, OVERSEAS: world.cast.kadushi.site}
    for relation, site in places.items():
        made = stocktake_actions.open_stocktake(
            site=site, by=System("test"), at=make.NOW - timedelta(hours=1), stocktake_id=uuid.uuid4()
        )
        StocktakePhone.objects.create(stocktake=made, device=uuid.uuid4(), by=world.cast.joost, heard_at=make.NOW)
        world.things.stocktakes[relation] = made


def ask_and_send(world: World) -> None:
    """A request and a shipment within each city, and between them."""
    cast, by, at = world.cast, System("test"), make.NOW
    kind = make.make_kind("flute")
    world.things.requests, world.things.shipments = {}, {}
    for relation, depot_site, to, terms in (
        (HERE, cast.depot, cast.regenboog.site, Terms.ISSUE),
        (OVERSEAS, world.things.depots[OVERSEAS], cast.kadushi.site, Terms.ISSUE),
        ("between", cast.depot, world.things.depots[OVERSEAS], Terms.LOAN),
    ):
        days = {"needed_on": make.TODAY + timedelta(days=60), "until_on": make.TODAY + timedelta(days=200)}
        world.things.requests[relation] = request_actions.ask(
            asked_of=depot_site.organisation,
            site=to,
            wanted=[Wanted(kind, None, 2)],
            terms=terms,
            by=by,
            at=at,
            request_id=uuid.uuid4(),
            **days,
        )
        world.things.shipments[relation] = shipment_actions.send(
            instruments=[make.make_instrument(depot_site, kind=kind)],
            to_site=to,
            terms=terms,
            due_on=days["until_on"] if terms is Terms.LOAN else None,
            by=by,
            at=at,
            shipment_id=uuid.uuid4(),
        )


def hide_canaries(world: World) -> None:
    """Each field of each child gets a word that stands nowhere else."""
    number = 1000
    for relation, children in world.children.items():
        for position, child in enumerate(children):
            number += 1
            words = {name: f"Can{letter}{number}" for name, letter in zip(FIELDS, "fplk", strict=True)}
            Child.objects.filter(pk=child.pk).update(
                first_name=words["first_name"], prefix=words["prefix"], last_name=words["last_name"]
            )
            Enrolment.objects.filter(child=child).update(key=words["key"])
            child.refresh_from_db()
            holds = position == 0 and relation not in (LEFT, MOVED)
            for name, word in words.items():
                world.canaries[word.lower()] = (relation, name, holds)


def preview_rosters(world: World) -> None:
    """A preview at each school, of a file with one child that nobody knows yet ("new here")."""
    world.things.imports = {}
    schools = {HERE: world.cast.regenboog, ELSEWHERE: world.cast.koraal, OVERSEAS: world.cast.kadushi}
    for number, (relation, school) in enumerate(schools.items(), start=2001):
        words = [f"Can{letter}{number}" for letter in "fplk"]
        content = "roepnaam;tussenvoegsel;achternaam;leerlingnummer;groep;leerjaar\n" + ";".join([*words, "5A", "5"])
        read = roster_queries.read_file(school, content.encode(), make.TODAY, False)
        world.things.imports[relation] = roster_actions.preview_roster(
            school=school, roster=read, sha256="0" * 64, mapping=None, by=System("test"), at=make.NOW
        )
        for name, word in zip(FIELDS, words, strict=True):
            world.canaries[word.lower()] = (f"new {relation}", name, False)


def ask_for_stand_ins(world: World) -> None:
    """A teacher here and one overseas cannot come; Eva is asked."""
    things, at = world.things, make.NOW
    things.absences, things.cover_requests = {}, {}
    for relation in (HERE, OVERSEAS):
        lesson = Lesson.objects.get(series__group=world.groups[relation])
        absence = things.absences[relation] = Absence.objects.create(
            account=things.teachings[relation].posting.account,
            organisation=lesson.series.group.school.site.organisation,
            from_at=at,
            until_at=at + timedelta(hours=9),
            made_at=at,
        )
        things.cover_requests[relation] = CoverRequest.objects.create(
            absence=absence, lesson=lesson, section=lesson.series.sections.get(), made_at=at
        )
    things.ask = CoverAsk.objects.create(request=things.cover_requests[HERE], account=world.cast.eva, asked_at=at)


def put_marks_aside(world: World) -> None:
    """A mark that a coordinator must decide about, at each school."""
    world.things.marks_aside = {}
    for relation in (HERE, ELSEWHERE, OVERSEAS):
        lesson = Lesson.objects.get(series__group=world.groups[relation])
        world.things.marks_aside[relation] = QuarantinedMark.objects.create(
            mark_id=uuid.uuid4(),
            content_hash="0" * 64,
            content="{}",
            reason="not_in_lesson",
            organisation=lesson.series.group.school.site.organisation,
            lesson=lesson,
            child=world.children[relation][0],
            state="present",
            by=world.cast.noor,
            received_at=make.NOW,
        )


def random_like(value: Any) -> Any:
    """An id of the same form that names nothing."""
    if isinstance(value, uuid.UUID):
        return uuid.UUID(int=random.Random(7).getrandbits(128), version=4)
    if isinstance(value, int):
        return 987_654_321
    return new_tag(random.Random(987))
