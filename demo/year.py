"""Loads the demo year through the same actions the pages use: what is in the demo could have been typed.

Ten invented schools in Amsterdam (a little over 800 children) and two on Curaçao, their teachers, instruments and
lessons of this school year, and the marks so far.
"""

import hashlib
import io
import random
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from PIL import Image, ImageDraw

from leerorkest.depot.actions import NewInstrument, desk, issue_class_set, lend, take_in
from leerorkest.depot.actions.requests import Grant, answer, ask
from leerorkest.depot.actions.reservations import Wanted, pick, reserve
from leerorkest.depot.actions.shipments import send_reserved, set_freight_time
from leerorkest.depot.actions.surplus import offer
from leerorkest.depot.models import Instrument
from leerorkest.depot.rules import Condition, Outcome, Terms
from leerorkest.lessons.actions import (
    NewSection,
    Tutti,
    close_register,
    plan_lessons,
    receive_marks,
    seat_children,
    start_series,
)
from leerorkest.lessons.models import Lesson, Section
from leerorkest.music.models import InstrumentKind, Size
from leerorkest.music.rules import Family
from leerorkest.network.actions import load_holidays, open_site, start_organisation
from leerorkest.network.models import Organisation, Site
from leerorkest.people.access import Actor, actor_of
from leerorkest.people.actions import give_posting
from leerorkest.people.models import Account, Child, Posting
from leerorkest.people.rules import Role
from leerorkest.schools.actions.children import record_playing
from leerorkest.schools.actions.programme import enter_school, open_school_year
from leerorkest.schools.actions.roster import apply_roster, preview_roster
from leerorkest.schools.actions.teaching import assign_teacher
from leerorkest.schools.models import Group, Membership, School, SchoolYear
from leerorkest.schools.roster.reading import read
from leerorkest.shared.actions import System
from leerorkest.shared.files import signature

from . import counting, mending, names, roster, standing_in, stock
from .cast import DOMAIN

BY = System("demo")
HOURS = (time(8, 45), time(10, 0), time(11, 15), time(13, 15))
FAMILIES = (Family.STRINGS, Family.WOODWIND, Family.BRASS, Family.PERCUSSION)
CHILDREN_IN_A_GROUP = 22
CHOICE = (  # kind, size, how many of 22 children play it, new price
    ("violin", "1/2", 6, "240"),
    ("viola", "13", 2, "310"),
    ("cello", "1/2", 3, "690"),
    ("flute", "", 2, "420"),
    ("clarinet", "", 3, "380"),
    ("trumpet", "", 3, "350"),
    ("trombone", "", 1, "460"),
    ("snare-drum", "", 2, "190"),
)


@dataclass(frozen=True)
class Place:
    """One of the two organisations of the demo with what its loading needs."""

    organisation: Organisation
    depot: Site
    year: SchoolYear
    coordinator: Actor
    depot_keeper: Actor
    is_island: bool

    def moment(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, ZoneInfo(self.organisation.time_zone))


def school_year_of(day: date) -> tuple[date, date]:
    """The school year that has had some lessons by this day."""
    first = (day - timedelta(days=45)).replace(day=1)
    start = first.year if first.month >= 8 else first.year - 1
    return date(start, 8, 1), date(start + 1, 7, 31)


@transaction.atomic
def load(*, now: datetime, say: Callable[[str], object]) -> None:
    """Fill an empty database, wholly or not at all. The same `now` gives the same year, but for tags and ids."""
    chance = random.Random(2026)
    amsterdam = start_place("amsterdam", "Leerorkest Amsterdam", "NL", "Noord", "Depot Noord", is_island=False, now=now)
    curacao = start_place("curacao", "Leerorkest Kòrsou", "CW", "", "Depósito Otrobanda", is_island=True, now=now)
    schools = [load_school(amsterdam, name, n) for n, name in enumerate(names.SCHOOLS)]
    islands = [load_school(curacao, name, n) for n, name in enumerate(names.ISLAND_SCHOOLS, start=50)]
    say(f"  {Child.objects.count()} children at {len(schools) + len(islands)} schools, from their pupil lists")
    workshop = start_workshop(amsterdam)
    head = make_account(*names.HEAD)
    post(amsterdam.organisation, head, Role.SCHOOL_HEAD, amsterdam.year.first_on, site=schools[0].site)
    for place, own, teams in (
        (amsterdam, schools, names.TEAMS),
        (curacao, islands, (names.ISLAND_TEAM,)),
    ):
        load_instruments(place, own, chance)
        stock.load(
            organisation=place.organisation,
            depot=place.depot,
            keeper=place.depot_keeper,
            school=own[0].site,
            at=place.moment(place.year.first_on + timedelta(days=61), time(9)),
            is_island=place.is_island,
        )
        say(f"  {Instrument.objects.filter(organisation=place.organisation).count()} instruments in {place.depot.name}")
        load_desk(place, own[0])
        counting.load(
            depot=place.depot,
            school=own[0].site,
            keeper=place.depot_keeper,
            at=min(place.moment(place.year.first_on + timedelta(days=62), time(10)), now - timedelta(days=2)),
            now=now,
            chance=chance,
        )
        load_lessons(place, own, teams)
        load_marks(place, now, chance)
        say(f"  {Lesson.objects.filter(series__group__school__in=own).count()} lessons in {place.organisation.name}")
    freelancer = post(amsterdam.organisation, make_account(*names.FREELANCER), Role.TEACHER, amsterdam.year.first_on)
    standing_in.load(organisation=amsterdam.organisation, freelancer=freelancer, office=BY, now=now)
    load_demand(amsterdam, curacao, schools, now)
    mending.load(
        workshop=workshop.site,
        master=workshop.master,
        trainee=workshop.trainee,
        coordinator=amsterdam.coordinator,
        keeper=amsterdam.depot_keeper,
        schools=schools,
        now=now,
    )


def start_place(key: str, name: str, country: str, region: str, depot: str, *, is_island: bool, now: datetime) -> Place:
    """An organisation with its calendar, school year, depot and staff."""
    first_on, last_on = school_year_of(now.date())
    at = datetime.combine(first_on, time(9), now.tzinfo)
    organisation = start_organisation(key=key, name=name, country=country, holiday_region=region, by=BY, at=at)
    load_holidays(organisation=organisation, years=range(first_on.year, last_on.year + 1), by=BY, at=at)
    year = open_school_year(organisation=organisation, first_on=first_on, last_on=last_on, by=BY, at=at)
    site = open_site(organisation=organisation, name=depot, sort=Site.DEPOT, by=BY, at=at)
    actors = {}
    for role, people in names.STAFF.items():
        account = make_account(*people[is_island])
        post(organisation, account, Role(role), first_on)
        actors[role] = actor_of(account, first_on)
    return Place(organisation, site, year, actors["coordinator"], actors["depot_keeper"], is_island)


@dataclass(frozen=True)
class Workshop:
    """Where instruments are mended, by whom."""

    site: Site
    master: Actor
    trainee: Actor


def start_workshop(place: Place) -> Workshop:
    """The workshop in Amsterdam: one master, one who learns."""
    first_on = place.year.first_on
    at = place.moment(first_on, time(9))
    site = open_site(organisation=place.organisation, name=names.WORKSHOP, sort=Site.WORKSHOP, by=BY, at=at)
    accounts = {role: make_account(*person) for role, person in names.REPAIRERS.items()}
    for role, account in accounts.items():
        post(place.organisation, account, Role(role), first_on, site=site)
    return Workshop(site, *(actor_of(account, first_on) for account in accounts.values()))


def make_account(name: str, email: str) -> Account:
    """The demo's people sign in without a password: no invitation, no secret."""
    account = Account(email=f"{email}@{DOMAIN}", name=name)
    account.set_unusable_password()
    account.save()
    return account


def post(organisation: Organisation, account: Account, role: Role, from_on: date, site: Site | None = None) -> Posting:
    at = datetime.combine(from_on, time(9), ZoneInfo(organisation.time_zone))
    return give_posting(account=account, organisation=organisation, role=role, site=site, from_on=from_on, by=BY, at=at)


def load_school(place: Place, name: str, number: int) -> School:
    """A school and its children, from the file that school would send."""
    at = place.moment(place.year.first_on, time(10))
    code = f"kw-{number}" if place.is_island else f"99Y{chr(65 + number)}00"
    school = enter_school(organisation=place.organisation, name=name, code=code, by=place.coordinator, at=at)
    groups = (names.ISLAND_SCHOOLS if place.is_island else names.SCHOOLS)[name]
    file = roster.edexml(
        code=code,
        school_year=place.year.name,
        groups=groups,
        is_island=place.is_island,
        size=CHILDREN_IN_A_GROUP,
        seed=number,
    )
    preview = preview_roster(
        school=school,
        roster=read(file),
        sha256=hashlib.sha256(file).hexdigest(),
        by=place.coordinator,
        at=at,
    )
    apply_roster(roster_import=preview, is_the_right_school=True, by=place.coordinator, at=at)
    return school


def load_instruments(place: Place, schools: list[School], chance: random.Random) -> None:
    """Instruments for every group and some to spare: taken in, issued to the schools, lent to the children."""
    start = place.year.first_on
    groups = {school: list(Group.objects.filter(school=school)) for school in schools}
    count = sum(map(len, groups.values()))
    kinds = {kind.pk: kind for kind in InstrumentKind.objects.all()}
    sizes = {(size.kind_id, size.code): size for size in Size.objects.all()}
    for kind, size, per_group, price in CHOICE:
        take_in(
            site=place.depot,
            instruments=[
                NewInstrument(
                    kind=kinds[kind],
                    size=sizes.get((kind, size)),
                    number=str(number),
                    owner=place.organisation.name,
                    purchase_value=Decimal(price),
                    currency=place.organisation.currency,
                    purchased_on=date(start.year - chance.randint(1, 9), 6, 1),
                )
                for number in range(1, per_group * count + 7)
            ],
            by=place.depot_keeper,
            at=place.moment(start, time(11)),
            handover_id=uuid.uuid4(),
        )
    shelf = {
        kind: iter(
            sorted(Instrument.objects.filter(organisation=place.organisation, kind=kind), key=lambda i: int(i.number))
        )
        for kind, *_ in CHOICE
    }
    for school, own in groups.items():
        sets = {group: {kind: [next(shelf[kind]) for _ in range(n)] for kind, _, n, _ in CHOICE} for group in own}
        issue_class_set(
            instruments=[one for by_kind in sets.values() for row in by_kind.values() for one in row],
            site=school.site,
            by=place.depot_keeper,
            at=place.moment(start + timedelta(days=27), time(9)),
            handover_id=uuid.uuid4(),
        )
        for group, by_kind in sets.items():
            lend_to_group(place, group, by_kind, chance)


def lend_to_group(place: Place, group: Group, by_kind: dict[str, list[Instrument]], chance: random.Random) -> None:
    """Every child plays something; all but one or two have it in care already."""
    at = place.moment(place.year.first_on + timedelta(days=60), time(9))
    children = [one.child for one in Membership.objects.filter(group=group).select_related("child").order_by("pk")]
    chance.shuffle(children)
    instruments = [one for row in by_kind.values() for one in row]
    for child, instrument in zip(children, instruments, strict=True):
        for size, from_on in played_since(group, instrument, at.date(), chance):
            record_playing(child=child, kind=instrument.kind, size=size, from_on=from_on, by=place.coordinator, at=at)
        if chance.random() > 0.06:
            lend(instrument=instrument, child=child, by=place.depot_keeper, at=at, handover_id=uuid.uuid4())


def load_desk(place: Place, school: School) -> None:
    """One morning at the desk: a violin comes back without its bow and must be cleaned; two children take one home, one
    signed on the glass, one on paper."""
    at = place.moment(place.year.first_on + timedelta(days=75), time(10))
    by = place.depot_keeper
    lent = Instrument.objects.kept_by(school.site).lent().of_kind("violin").order_by("pk").with_parties()
    back, again, other = lent[:3]
    children = [row.holding.child for row in (again, other) if row.holding]
    for number, row in enumerate((back, again, other)):
        desk.take_return(
            instrument=row,
            accessories=["case"],
            condition=Condition.WORN,
            outcome=Outcome.CLEANING if row is back else Outcome.SHELF,
            reservation=None,
            picture=None,
            note="",
            act_hash="",
            by=by,
            at=at + timedelta(minutes=number),
            handover_id=uuid.uuid4(),
        )
    languages = place.organisation.languages
    for number, (row, child) in enumerate(zip((again, other), children, strict=True)):
        made = desk.hand_out(
            instrument=row,
            child=child,
            version=1,
            language=languages[0],
            accessories=["case", "bow", "shoulder-rest"],
            condition=Condition.GOOD,
            picture=None,
            ink=signature(written()) if number == 0 else None,
            act_hash="",
            by=by,
            at=at + timedelta(minutes=10 + number),
            handover_id=uuid.uuid4(),
        )
        desk.document_at_once(made, by=by, at=at + timedelta(minutes=20))


def written() -> bytes:
    """Ink on the glass, by nobody."""
    glass = Image.new("RGBA", (500, 160), (0, 0, 0, 0))
    ImageDraw.Draw(glass).line([(30, 110), (90, 30), (140, 120), (210, 50), (280, 105), (420, 70)], "#1d1b19", 6)
    out = io.BytesIO()
    glass.save(out, "PNG")
    return out.getvalue()


def played_since(
    group: Group, instrument: Instrument, now: date, chance: random.Random
) -> list[tuple[Size | None, date]]:
    """The sizes a child has had: it began in its first autumn in the programme, and one in three has grown since."""
    years = max(0, (group.grade.position if group.grade else 5) - 5)
    began_on = date(now.year - years, now.month, now.day - chance.randint(0, 9) if now.day > 9 else now.day)
    smaller = instrument.size and instrument.size.kind.sizes.filter(position__lt=instrument.size.position).last()
    if not years or not smaller or chance.random() > 0.35:
        return [(instrument.size, began_on)]
    return [(smaller, began_on), (instrument.size, now - timedelta(days=chance.randint(10, 300)))]


def load_demand(amsterdam: Place, curacao: Place, schools: list[School], now: datetime) -> None:
    """Four violins are on a ship to Curaçao; a school waits for an answer, another for its pick-up; Curaçao can spare
    trumpets."""
    violin, cello, trumpet = (InstrumentKind.objects.get(pk=kind) for kind in ("violin", "cello", "trumpet"))
    half, cello_half = (Size.objects.get(kind=kind, code="1/2") for kind in (violin, cello))
    today, before = now.date(), now - timedelta(days=16)
    set_freight_time(organisation=curacao.organisation, site=None, weeks=5, by=curacao.coordinator, at=before)
    asked = ask(
        asked_of=amsterdam.organisation,
        site=curacao.depot,
        wanted=[Wanted(violin, half, 4, "bow and case")],
        terms=Terms.LOAN,
        needed_on=today + timedelta(days=20),
        until_on=today + timedelta(days=300),
        by=curacao.coordinator,
        at=before,
        request_id=uuid.uuid4(),
    )
    line = asked.lines.get()
    by: dict[str, Any] = {"by": amsterdam.depot_keeper, "at": before}
    answered = answer(request=asked, grants=[Grant(line, 4, half)], reservation_id=uuid.uuid4(), **by)
    free = Instrument.objects.filter(organisation=amsterdam.organisation).of_kind(violin, half)
    for instrument in list(free.available().in_depots().order_by("pk")[:4]):
        pick(reservation=answered.reservation, instrument=instrument, pick_id=uuid.uuid4(), **by)
    send_reserved(
        reservation=answered.reservation,
        terms=Terms.LOAN,
        due_on=asked.until_on,
        boxes=2,
        carrier="Zeevracht",
        reference="MSCU 714 2201",
        shipment_id=uuid.uuid4(),
        **by,
    )
    ask(
        asked_of=amsterdam.organisation,
        site=schools[0].site,
        wanted=[Wanted(cello, cello_half, 2, "bow"), Wanted(violin, half, 1)],
        terms=Terms.ISSUE,
        needed_on=today + timedelta(days=10),
        by=amsterdam.coordinator,
        at=now,
        request_id=uuid.uuid4(),
    )
    reserve(
        organisation=amsterdam.organisation,
        site=schools[1].site,
        wanted=[Wanted(trumpet, None, 2, "mouthpiece")],
        from_on=today + timedelta(days=3),
        until_on=amsterdam.year.last_on,
        by=amsterdam.coordinator,
        at=now,
        reservation_id=uuid.uuid4(),
    )
    offer(
        organisation=curacao.organisation,
        spare=Wanted(trumpet, None, 2),
        by=curacao.depot_keeper,
        at=now,
        surplus_id=uuid.uuid4(),
    )


def load_lessons(place: Place, schools: list[School], teams: tuple[tuple[tuple[str, str], ...], ...]) -> None:
    """Each team takes a run of schools and spreads their groups over the week."""
    first_on, at = place.year.first_on, place.moment(place.year.first_on + timedelta(days=20), time(9))
    postings = [
        [post(place.organisation, make_account(*person), Role.TEACHER, first_on) for person in team] for team in teams
    ]
    for team, own in zip(postings, share(schools, len(teams)), strict=True):
        slots = iter((day, hour) for hour in HOURS for day in range(5))
        for group in Group.objects.filter(school__in=own).order_by("school__site__name", "name"):
            weekday, starts = next(slots)
            teachings = [
                assign_teacher(posting=posting, group=group, from_on=first_on, by=place.coordinator, at=at)
                for posting in team
            ]
            series = start_series(
                group=group,
                weekday=weekday,
                starts=starts,
                ends=time(starts.hour + 1, starts.minute),
                sections=[
                    NewSection(family=family.value, room=f"lokaal {n}", teaching=teaching)
                    for n, (family, teaching) in enumerate(zip(FAMILIES, teachings, strict=True), start=1)
                ],
                first_on=first_on + timedelta(days=60),
                tutti=Tutti(every=4, room="gymzaal"),
                by=place.coordinator,
                at=at,
            )
            plan_lessons(series=series, by=place.coordinator, at=at)
            seat_children(series=series, on=series.first_on, by=place.coordinator, at=at)


def share(schools: list[School], teams: int) -> Iterator[list[School]]:
    """[1..10] for three teams as [1..4], [5..7], [8..10]."""
    start = 0
    for team in range(teams):
        end = start + len(schools) // teams + (team < len(schools) % teams)
        yield schools[start:end]
        start = end


def load_marks(place: Place, now: datetime, chance: random.Random) -> None:
    """The registers so far, closed by their teachers; a few of last week are still open, as in life."""
    today = place.organisation.day_at(now)
    lessons = Lesson.objects.filter(
        series__group__school__site__organisation=place.organisation,
        on__lt=today,
        cancelled_because="",
    )
    actors: dict[int, Actor] = {}
    for lesson in lessons.select_related("series"):
        sections = Section.objects.filter(series=lesson.series).select_related("teaching__posting__account")
        for section in sections:
            if lesson.on >= today - timedelta(days=7) and chance.random() < 0.03:
                continue
            account = section.teaching.posting.account
            actor = actors.setdefault(account.pk, actor_of(account, lesson.on))
            away = [seat.child for seat in section.seats.select_related("child") if chance.random() < 0.06]
            if away:
                receive_marks(batch=[tap(lesson, child, chance) for child in away], by=actor, at=lesson.ends_at)
            close_register(lesson=lesson, section=section, by=actor, at=lesson.ends_at)


def tap(lesson: Lesson, child: Child, chance: random.Random) -> dict[str, object]:
    return {
        "id": str(uuid.uuid4()),
        "device": str(uuid.uuid4()),
        "device_sequence": 1,
        "lesson": str(lesson.uid),
        "child": str(child.uid),
        "state": chance.choice(["absent", "absent", "late", "announced"]),
        "made_at": lesson.starts_at.isoformat(),
    }
