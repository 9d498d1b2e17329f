"""Makers of rows for tests. Every value that does not matter to a test has a default."""

import itertools
import random
import uuid
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from django.db import transaction

from leerorkest.depot.models import Custody, Donor, Gift, Handover, Instrument, Ownership, Placement
from leerorkest.depot.rules import HandoverSort, Level, Where, new_tag
from leerorkest.lessons.models import Lesson, LessonSeries, Seat, Section
from leerorkest.music.models import InstrumentKind
from leerorkest.network.models import Grade, Organisation, Site
from leerorkest.people.models import Account, Child, Posting
from leerorkest.people.rules import Role
from leerorkest.schools.models import Enrolment, Group, Membership, Playing, School, SchoolYear, Teaching

YEAR_START, YEAR_END = date(2026, 8, 1), date(2027, 7, 31)
TODAY = date(2026, 11, 24)  # a Tuesday in term
NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
_number = itertools.count(1)


def make_organisation(key: str = "amsterdam", **values: Any) -> Organisation:
    organisation, made = Organisation.objects.get_or_create(
        key=key,
        defaults={
            "name": f"Leerorkest {key.title()}",
            "country": "NL",
            "holiday_region": "Noord",
            "languages": ["nl", "en"],
            "time_zone": "Europe/Amsterdam",
            "currency": "EUR",
            **values,
        },
    )
    if made:
        for grade in range(1, 9):
            Grade.objects.create(organisation=organisation, code=str(grade), name=f"groep {grade}", position=grade)
    return organisation


def make_site(name: str = "", *, organisation: Organisation | None = None, sort: str = Site.SCHOOL) -> Site:
    return Site.objects.create(
        organisation=organisation or make_organisation(), name=name or f"Locatie {next(_number)}", sort=sort
    )


def make_school(name: str = "", *, organisation: Organisation | None = None, code: str = "") -> School:
    site = make_site(name or f"School {next(_number)}", organisation=organisation)
    return School.objects.create(site=site, country="NL", scheme="brin6", code=code or f"99Z{next(_number):03d}")


def make_year(organisation: Organisation) -> SchoolYear:
    year, _ = SchoolYear.objects.get_or_create(
        organisation=organisation, name="2026-2027", defaults={"first_on": YEAR_START, "last_on": YEAR_END}
    )
    return year


def make_group(school: School, name: str = "5A", *, grade: str = "5") -> Group:
    organisation = school.site.organisation
    return Group.objects.create(
        school=school,
        school_year=make_year(organisation),
        key=f"g{next(_number)}",
        name=name,
        grade=organisation.grades.get(code=grade),
    )


def make_child(group: Group, first_name: str = "Amina", last_name: str = "Bakker", **values: Any) -> Child:
    child = Child.objects.create(
        organisation=group.school.site.organisation, first_name=first_name, last_name=last_name, **values
    )
    Enrolment.objects.create(child=child, school=group.school, key=f"k{next(_number)}", from_on=YEAR_START)
    Membership.objects.create(
        child=child, group=group, school_year=group.school_year, grade=group.grade, from_on=YEAR_START
    )
    return child


def make_account(name: str, email: str = "", *, second_factor: bool = True, **values: Any) -> Account:
    """An adult with an authenticator app, without which nobody who works here gets past the door."""
    account = Account.objects.create(
        name=name, email=email or f"{name.split()[0].lower()}{next(_number)}@example.org", **values
    )
    if second_factor:
        Authenticator.objects.create(user=account, type=Authenticator.Type.TOTP, data={})
    return account


def make_posting(account: Account, role: Role, at: Organisation | Site, **values: Any) -> Posting:
    site = at if isinstance(at, Site) else None
    organisation = at.organisation if isinstance(at, Site) else at
    return Posting.objects.create(
        account=account,
        role=role.value,
        organisation=organisation,
        site=site,
        **{"from_on": YEAR_START, **values},
    )


def make_teaching(posting: Posting, group: Group, **values: Any) -> Teaching:
    return Teaching.objects.create(posting=posting, group=group, **{"from_on": YEAR_START, **values})


def make_kind(code: str = "violin", **values: Any) -> InstrumentKind:
    kind, _ = InstrumentKind.objects.get_or_create(
        code=code,
        defaults={
            "family": "strings",
            "name_nl": "Viool",
            "name_en": "Violin",
            "name_pap_aw": "Fio",
            "name_pap_cw": "Fio",
            "position": 1,
            **values,
        },
    )
    return kind


def make_playing(child: Child, kind: InstrumentKind | None = None, **values: Any) -> Playing:
    return Playing.objects.create(child=child, kind=kind or make_kind(), **{"from_on": YEAR_START, **values})


def make_handover(organisation: Organisation, sort: HandoverSort = HandoverSort.INTAKE, at: datetime = NOW) -> Handover:
    return Handover.objects.create(
        organisation=organisation, sort=sort.value, at=at, by_key="system:test", content_hash=uuid.uuid4().hex
    )


@transaction.atomic  # the instrument and its first keeping name each other: checked at commit
def make_instrument(
    depot: Site, *, number: str = "", at: datetime = NOW - timedelta(days=90), **values: Any
) -> Instrument:
    """An instrument on the shelf of `depot`."""
    keeping = uuid.uuid4()
    instrument = Instrument.objects.create(
        organisation=depot.organisation,
        tag=new_tag(random.Random(next(_number))),
        number=number,
        kind=values.pop("kind", None) or make_kind(),
        currency=depot.organisation.currency,
        first_keeping_id=keeping,
        **values,
    )
    began = {"instrument": instrument, "started_at": at, "began_with": make_handover(depot.organisation, at=at)}
    Custody.objects.create(id=keeping, level=Level.KEEPER.value, site=depot, **began)
    Placement.objects.create(sort=Where.SITE.value, site=depot, **began)
    Ownership.objects.create(organisation=depot.organisation, **began)
    return instrument


def make_donor(organisation: Organisation, name: str = "Familie De Boer", **values: Any) -> Donor:
    return Donor.objects.create(organisation=organisation, name=name, **values)


def make_gift(donor: Donor, **values: Any) -> Gift:
    values = {"kind": make_kind(), "came_in_on": TODAY - timedelta(days=60), **values}
    return Gift.objects.create(organisation=donor.organisation, donor=donor, **values)


def make_lesson(
    group: Group, *, on: date = TODAY, teaching: Teaching | None = None, children: list[Child] | None = None
) -> Lesson:
    """One lesson of a weekly hour from 8:45, with one strings section that seats `children` (or the whole group)."""
    series = LessonSeries.objects.create(
        group=group,
        weekday=on.weekday(),
        starts=time(8, 45),
        ends=time(9, 45),
        first_on=YEAR_START,
        last_on=YEAR_END,
    )
    section = Section.objects.create(series=series, family="strings", room="lokaal 4", teaching=teaching)
    for child in children if children is not None else Child.objects.filter(memberships__group=group):
        Seat.objects.create(section=section, series=series, child=child, from_on=YEAR_START)
    start = datetime(on.year, on.month, on.day, 7, 45, tzinfo=UTC)
    return Lesson.objects.create(series=series, on=on, starts_at=start, ends_at=start + timedelta(hours=1))
