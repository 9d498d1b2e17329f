"""Fills an empty database with an invented programme of a stated size, fast and without breaking one rule.

Rows go in by the bulk road of the database (executemany, COPY), never around it: foreign keys, constraints and guards
are in force while they go in, and the audit trail is a true chain. Everything follows from the size: the same size is
the same programme, on any day and on both databases, but for the random ids.

A town is one organisation of 100 schools. The nation is that same town with eleven others like it and a half one: an
organisation is a tenant, and nobody sees across it. `single` puts the whole nation into one organisation: nobody runs
that, but it shows which pages grow with their own organisation. A tiny one on an island is in every size.
"""

import hashlib
import itertools
import json
import random
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection, models, transaction

from bench.names import FIRST_NAME, LAST_NAME
from bench.rosters import edexml
from leerorkest.depot.models import Custody, Handover, Instrument, Ownership, Placement
from leerorkest.depot.rules import HandoverSort, Level, new_tag
from leerorkest.lessons.models import Closing, Lesson, LessonSeries, MarkEvent, Seat, Section
from leerorkest.lessons.rules import MarkState
from leerorkest.music.models import InstrumentKind
from leerorkest.music.models import Size as InstrumentSize
from leerorkest.network.models import Grade, Holiday, Organisation, Site
from leerorkest.people.models import Account, Child, Posting
from leerorkest.people.rules import Role
from leerorkest.schools.actions.roster import preview_roster
from leerorkest.schools.models import (
    Enrolment,
    Group,
    Membership,
    Playing,
    RegisteredSchool,
    School,
    SchoolYear,
    Teaching,
)
from leerorkest.schools.queries.roster import read_file
from leerorkest.shared.actions import System
from leerorkest.shared.audit import FIRST_HASH, hash_of
from leerorkest.shared.models import AuditEntry


@dataclass(frozen=True)
class Size:
    """`marked_schools` have 40 marks per child (30 of last year on average), the others 5.

    An organisation has at most `per_organisation` schools: more schools are more organisations.
    """

    schools: int
    marked_schools: int
    audit_entries: int
    per_organisation: int = 100

    def organisations(self) -> list["Size"]:
        """The part of each organisation; the first has the schools with all marks."""
        parts = []
        for first in range(0, self.schools, self.per_organisation):
            schools = min(self.per_organisation, self.schools - first)
            parts.append(Size(schools, max(0, min(self.marked_schools - first, schools)), 0))
        return parts

    @property
    def children(self) -> int:
        return self.schools * len(GROUPS) * CHILDREN_PER_GROUP

    @property
    def instruments(self) -> int:
        return self.schools * INSTRUMENTS_PER_SCHOOL


CHILDREN_PER_GROUP = 25
GROUPS = [(grade, letter) for grade in (5, 6, 7, 8) for letter in "AB"]
INSTRUMENTS_PER_SCHOOL, KEPT_BY_SCHOOL, LENT = 120, 108, 86  # the rest of the 120 is on the depot's shelf
SIZES = {
    "small": Size(schools=2, marked_schools=2, audit_entries=200),
    "town": Size(schools=100, marked_schools=100, audit_entries=50_000),
    "national": Size(schools=1_250, marked_schools=100, audit_entries=200_000),
    "single": Size(schools=1_250, marked_schools=100, audit_entries=200_000, per_organisation=1_250),
}

TODAY = date(2026, 11, 24)  # a Tuesday in term
NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
LAST_YEAR, THIS_YEAR = (date(2025, 8, 1), date(2026, 7, 31)), (date(2026, 8, 1), date(2027, 7, 31))
WEEKS_LAST_YEAR = [date(2025, 8, 25) + timedelta(weeks=n) for n in range(40)]
WEEKS_MARKED = [date(2026, 9, 7) + timedelta(weeks=n) for n in range(11) if n != 5]  # without the autumn holiday
WEEKS_TO_COME = [date(2026, 11, 23) + timedelta(weeks=n) for n in range(3)]
KINDS = [  # code, family, Dutch, English, sizes: only what is missing from the vocabulary of the music room is added
    ("violin", "strings", "Viool", "Violin", ["1/4", "1/2", "3/4", "4/4"]),
    ("cello", "strings", "Cello", "Cello", ["1/4", "1/2", "3/4"]),
    ("viola", "strings", "Altviool", "Viola", []),
    ("clarinet", "woodwind", "Klarinet", "Clarinet", []),
    ("flute", "woodwind", "Dwarsfluit", "Flute", []),
    ("trumpet", "brass", "Trompet", "Trumpet", []),
    ("trombone", "brass", "Trombone", "Trombone", []),
    ("snare-drum", "percussion", "Kleine trom", "Snare drum", []),
]
FAMILIES = ["strings", "woodwind", "brass", "percussion"]
PLAYED = [0, 0, 0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 3, 4, 4, 4, 5, 5, 5, 6, 6, 7, 7, 7, 7]  # what the 25 of a group play
# Columns that do not fit on the line of their table.
MONEY = ["purchase_value", "currency", "purchased_on", "retired_on", "retired_because", "first_keeping_id"]
END = ["ended_at", "began_with_id", "ended_with_id", "followed_by_id"]
RECEIPT = ["made_at", "received_at", "content_hash"]


@dataclass
class Sink:
    """Writes rows by the bulk road, whatever the database. Values are text as both databases read it."""

    chance: random.Random
    tags: set[str] = field(default_factory=set)  # given out

    def uid(self) -> str:
        return f"{self.chance.getrandbits(128):032x}"

    def write(self, model: type[models.Model], columns: list[str], rows: Iterable[tuple[Any, ...]]) -> None:
        """A column that `columns` leaves out gets the default of its field."""
        fields = model._meta.concrete_fields
        unnamed = [field for field in fields if field.column not in columns and not isinstance(field, models.AutoField)]
        table, named = model._meta.db_table, [*columns, *[field.column for field in unnamed]]
        if unnamed:
            defaults = [self._default(field) for field in unnamed]
            rows = ((*row, *[default() for default in defaults]) for row in rows)
        quoted = ", ".join(f'"{column}"' for column in named)
        if connection.vendor == "sqlite":
            marks = ", ".join("?" * len(named))
            # Within another transaction no savepoint: SQLite would keep every older page that a row touches for it, in
            # a list in memory that it walks from the front after each row that has guards.
            with transaction.atomic(savepoint=False):
                connection.connection.executemany(f'INSERT INTO "{table}" ({quoted}) VALUES ({marks})', rows)
            return
        with transaction.atomic(), connection.cursor() as cursor:
            with cursor.cursor.copy(f'COPY "{table}" ({quoted}) FROM STDIN') as copy:
                for row in rows:
                    copy.write_row(row)
            if model._meta.pk.column in columns:
                for statement in connection.ops.sequence_reset_sql(no_style(), [model]):
                    cursor.execute(statement)

    def _default(self, field: models.Field) -> Any:
        if isinstance(field, models.UUIDField) and field.has_default():
            return self.uid
        return lambda: json.dumps(value) if isinstance(value := field.get_default(), dict | list) else value


@dataclass
class Team:
    """The four teachers of a school (one per family): ids of their accounts and postings."""

    accounts: list[int]
    postings: list[int]


def moment(day: date, hour: int = 8, minute: int = 0) -> str:
    return f"{day} {hour:02}:{minute:02}:00"


def fill(size: Size) -> None:
    """Into an empty, migrated database."""
    sink = Sink(random.Random(7))
    vocabulary()
    towns = [
        Organisation.objects.create(
            key=f"stad{number or ''}",
            name=f"Leerorkest Stad {number or ''}".strip(),
            country="NL",
            holiday_region="Noord",
            languages=["nl", "en"],
            time_zone="Europe/Amsterdam",
            currency="EUR",
        )
        for number, _ in enumerate(size.organisations())
    ]
    island = Organisation.objects.create(
        key="eiland",
        name="Leerorkest Eiland",
        country="CW",
        languages=["pap-cw", "nl"],
        time_zone="America/Curacao",
        currency="XCG",
    )
    for organisation, part in zip(towns, size.organisations(), strict=True):
        programme(sink, organisation, part)
    programme(sink, island, Size(schools=1, marked_schools=0, audit_entries=0))
    staff(towns[0])
    audit_trail(sink, size)
    roster_preview(towns[0])
    register(sink)
    if connection.vendor == "postgresql" and not connection.in_atomic_block:  # its autovacuum would do this soon
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")


def vocabulary() -> None:
    for position, (code, family, dutch, english, sizes) in enumerate(KINDS):
        kind, _ = InstrumentKind.objects.get_or_create(
            code=code,
            defaults={
                "family": family,
                "name_nl": dutch,
                "name_en": english,
                "name_pap_aw": english,
                "name_pap_cw": english,
                "position": position,
            },
        )
        for place, size in enumerate(sizes):
            InstrumentSize.objects.get_or_create(kind=kind, code=size, defaults={"label": size, "position": place})


def first_id(model: type[models.Model]) -> int:
    return (model._default_manager.aggregate(last=models.Max("pk"))["last"] or 0) + 1


def programme(sink: Sink, organisation: Organisation, size: Size) -> None:
    """Schools, groups, children, teachers, instruments, lessons and marks of one organisation."""
    grades = {
        grade: Grade.objects.create(
            organisation=organisation, code=str(grade), name=f"groep {grade}", position=grade
        ).pk
        for grade in range(1, 9)
    }
    years = [
        SchoolYear.objects.create(
            organisation=organisation, name=f"{first.year}-{last.year}", first_on=first, last_on=last
        ).pk
        for first, last in (LAST_YEAR, THIS_YEAR)
    ]
    for name, first, last in [
        ("Herfst", date(2026, 10, 10), date(2026, 10, 18)),
        ("Kerst", date(2026, 12, 19), date(2027, 1, 3)),
    ]:
        Holiday.objects.create(
            organisation=organisation, name=name, sort=Holiday.SCHOOL, first_on=first, last_on=last, source="bench"
        )
    depots = [
        Site.objects.create(organisation=organisation, name=f"Depot {name}", sort=Site.DEPOT).pk
        for name in ("Noord", "Oost", "Zuid")
    ]
    site, school = first_id(Site), first_id(School)
    sink.write(
        Site,
        ["id", "organisation_id", "name", "sort", "town"],
        ((site + n, organisation.pk, f"School {n + 1:04}", Site.SCHOOL, "Stad") for n in range(size.schools)),
    )
    sink.write(
        School,
        ["id", "site_id", "country", "scheme", "code"],
        (
            (school + n, site + n, organisation.country, "own", f"{organisation.pk}S{n + 1:05}")
            for n in range(size.schools)
        ),
    )
    child = first_id(Child)
    groups = write_groups(sink, size, school, years, grades)
    write_children(sink, organisation, size, child, school, groups, years, grades)
    teams = write_teachers(sink, organisation, size, groups)
    write_instruments(sink, organisation, size, site, child, depots)
    write_lessons(sink, size, child, groups, teams)


def write_groups(
    sink: Sink, size: Size, school: int, years: list[int], grades: dict[int, int]
) -> list[list[list[int]]]:
    """ids as [year][school][place in GROUPS]"""
    first = first_id(Group)
    numbers = itertools.count(first)
    ids = [[[next(numbers) for _ in GROUPS] for _ in range(size.schools)] for _ in years]
    sink.write(
        Group,
        ["id", "school_id", "school_year_id", "key", "name", "grade_id"],
        (
            (ids[y][s][g], school + s, year, f"{grade}{letter}", f"{grade}{letter}", grades[grade])
            for y, year in enumerate(years)
            for s in range(size.schools)
            for g, (grade, letter) in enumerate(GROUPS)
        ),
    )
    return ids


def places(size: Size) -> Iterator[tuple[int, int, int, int]]:
    """(number, school, group, seat) of every child, in the order of their ids."""
    number = itertools.count()
    for s in range(size.schools):
        for g in range(len(GROUPS)):
            for seat in range(CHILDREN_PER_GROUP):
                yield next(number), s, g, seat


def write_children(
    sink: Sink,
    organisation: Organisation,
    size: Size,
    child: int,
    school: int,
    groups: list[list[list[int]]],
    years: list[int],
    grades: dict[int, int],
) -> None:
    sink.write(
        Child,
        ["id", "uid", "organisation_id", "first_name", "prefix", "last_name"],
        (
            (
                child + n,
                sink.uid(),
                organisation.pk,
                FIRST_NAME[(n * 7 + seat) % len(FIRST_NAME)],
                "van der" if n % 11 == 0 else "",
                LAST_NAME[(n * 13 + s) % len(LAST_NAME)],
            )
            for n, s, _, seat in places(size)
        ),
    )
    sink.write(
        Enrolment,
        ["child_id", "school_id", "key", "from_on", "until_on"],
        ((child + n, school + s, f"k{n:07}", str(LAST_YEAR[0]), None) for n, s, _, _ in places(size)),
    )
    sink.write(
        Membership,
        ["child_id", "group_id", "school_year_id", "grade_id", "from_on", "until_on"],
        itertools.chain(
            (  # who is in groep 6 now was in groep 5 last year
                (
                    child + n,
                    groups[0][s][g - 2],
                    years[0],
                    grades[GROUPS[g - 2][0]],
                    str(LAST_YEAR[0]),
                    str(THIS_YEAR[0]),
                )
                for n, s, g, _ in places(size)
                if g >= 2
            ),
            (
                (child + n, groups[1][s][g], years[1], grades[GROUPS[g][0]], str(THIS_YEAR[0]), None)
                for n, s, g, _ in places(size)
            ),
        ),
    )
    sizes = sizes_by_kind()
    sink.write(
        Playing,
        ["child_id", "kind_id", "size_id", "from_on", "until_on"],
        (
            (child + n, KINDS[PLAYED[seat]][0], size_for(sizes, PLAYED[seat], n), str(THIS_YEAR[0]), None)
            for n, _, _, seat in places(size)
        ),
    )


def sizes_by_kind() -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for pk, kind in InstrumentSize.objects.order_by("kind", "position").values_list("pk", "kind"):
        found.setdefault(kind, []).append(pk)
    return found


def size_for(sizes: dict[str, list[int]], kind: int, n: int) -> int | None:
    fitting = sizes.get(KINDS[kind][0])
    return fitting[n % len(fitting)] if fitting else None


def write_teachers(
    sink: Sink, organisation: Organisation, size: Size, groups: list[list[list[int]]]
) -> list[tuple[Team, int]]:
    """Per school its team and the id of the first of its teachings."""
    account, posting, teaching = first_id(Account), first_id(Posting), first_id(Teaching)
    count = size.schools * len(FAMILIES)
    sink.write(
        Account,
        ["id", "uid", "email", "name", "password", "last_login", "is_active"],
        (
            (
                account + n,
                sink.uid(),
                f"teacher{n}@{organisation.key}.example",
                f"{FIRST_NAME[n % 40]} {LAST_NAME[n // 40 % 40]}",
                "!",
                None,
                True,
            )
            for n in range(count)
        ),
    )
    sink.write(
        Posting,
        ["id", "account_id", "role", "organisation_id", "site_id", "from_on", "until_on"],
        (
            (posting + n, account + n, Role.TEACHER.value, organisation.pk, None, str(LAST_YEAR[0]), None)
            for n in range(count)
        ),
    )
    rows = (
        (posting + s * len(FAMILIES) + f, group)
        for s in range(size.schools)
        for f in range(len(FAMILIES))
        for group in groups[1][s]
    )
    sink.write(
        Teaching,
        ["id", "posting_id", "group_id", "from_on", "until_on"],
        ((teaching + n, *row, str(THIS_YEAR[0]), None) for n, row in enumerate(rows)),
    )
    teams = []
    for s in range(size.schools):
        offset = s * len(FAMILIES)
        four = range(len(FAMILIES))
        team = Team([account + offset + f for f in four], [posting + offset + f for f in four])
        teams.append((team, teaching + offset * len(GROUPS)))
    return teams


def write_instruments(
    sink: Sink, organisation: Organisation, size: Size, site: int, child: int, depots: list[int]
) -> None:
    """Every instrument came into a depot; most went to a school as a class set, were lent to a child last year, given
    back, and lent again this year."""
    instrument = first_id(Instrument)
    sizes, handovers, custodies, rows = sizes_by_kind(), [], [], []
    placements, ownerships = [], []
    came, issued = moment(date(2025, 6, 2)), moment(date(2025, 8, 20))
    lent_before, back, lent_now = (
        moment(date(2025, 9, 3)),
        moment(date(2026, 7, 8)),
        moment(date(2026, 9, 2)),
    )
    columns = ["id", "organisation_id", "sort", "at", "by_id", "by_key", "note", "content_hash"]

    def handover(sort: HandoverSort, at: str) -> str:
        made = sink.uid()
        digest = hashlib.sha256(made.encode()).hexdigest()
        handovers.append((made, organisation.pk, sort.value, at, None, "system:bench", "", digest))
        return made

    def custody(pk: str, number: int, level: Level, **party: Any) -> None:
        end = party.get("ended_at")
        if level is Level.KEEPER:  # it stands with its keeper
            period = (party["started_at"], end, party["began_with"], party.get("ended_with"))
            placements.append((sink.uid(), number, "site", party["site"], "", *period))
        custodies.append(
            (
                pk,
                number,
                level.value,
                party.get("site"),
                party.get("child"),
                None,
                None,
                party["started_at"],
                end,
                party["began_with"],
                party.get("ended_with"),
                party.get("followed_by"),
            )
        )

    numbers: dict[int, int] = {}
    per_school = len(GROUPS) * CHILDREN_PER_GROUP
    for s in range(size.schools):
        depot = depots[s % len(depots)]
        intake = handover(HandoverSort.INTAKE, came)
        issue = handover(HandoverSort.ISSUE, issued)
        for j in range(INSTRUMENTS_PER_SCHOOL):
            n = s * INSTRUMENTS_PER_SCHOOL + j
            holder = child + s * per_school + j * 2 % per_school
            seat = (j * 2 % per_school) % CHILDREN_PER_GROUP
            kind = PLAYED[seat] if j < LENT else j % len(KINDS)
            numbers[kind] = numbers.get(kind, 0) + 1
            while (tag := new_tag(sink.chance)) in sink.tags:
                pass
            sink.tags.add(tag)
            at_depot = sink.uid()
            ownerships.append((sink.uid(), instrument + n, organisation.pk, "", came, None, intake, None))
            rows.append(
                (
                    instrument + n,
                    sink.uid(),
                    organisation.pk,
                    tag,
                    str(numbers[kind]),
                    KINDS[kind][0],
                    size_for(sizes, kind, j * 2),
                    ("Yamaha", "Stentor", "Gewa")[n % 3],
                    "",
                    f"SN{n:08}",
                    "250.00",
                    organisation.currency,
                    str(LAST_YEAR[0]),
                    None,
                    "",
                    at_depot,
                )
            )
            if j >= KEPT_BY_SCHOOL:
                custody(at_depot, instrument + n, Level.KEEPER, site=depot, started_at=came, began_with=intake)
                continue
            at_school = sink.uid()
            custody(
                at_depot,
                instrument + n,
                Level.KEEPER,
                site=depot,
                started_at=came,
                began_with=intake,
                ended_at=issued,
                ended_with=issue,
                followed_by=at_school,
            )
            custody(at_school, instrument + n, Level.KEEPER, site=site + s, started_at=issued, began_with=issue)
            custody(
                sink.uid(),
                instrument + n,
                Level.HOLDER,
                child=holder,
                started_at=lent_before,
                began_with=handover(HandoverSort.LEND, lent_before),
                ended_at=back,
                ended_with=handover(HandoverSort.RETURN, back),
            )
            if j < LENT:
                custody(
                    sink.uid(),
                    instrument + n,
                    Level.HOLDER,
                    child=holder,
                    started_at=lent_now,
                    began_with=handover(HandoverSort.LEND, lent_now),
                )
    sink.write(Handover, columns, handovers)
    with transaction.atomic():  # an instrument and its first keeper point at each other: checked at the end
        sink.write(
            Instrument,
            [
                "id",
                "uid",
                "organisation_id",
                "tag",
                "number",
                "kind_id",
                "size_id",
                "brand",
                "model",
                "serial_number",
                *MONEY,
            ],
            rows,
        )
        sink.write(
            Custody,
            ["id", "instrument_id", "level", "site_id", "child_id", "account_id", "forgotten_at", "started_at", *END],
            custodies,
        )
        period = ["started_at", "ended_at", "began_with_id", "ended_with_id"]
        sink.write(Placement, ["id", "instrument_id", "sort", "site_id", "shelf", *period], placements)
        sink.write(Ownership, ["id", "instrument_id", "organisation_id", "name", *period], ownerships)


def write_lessons(
    sink: Sink, size: Size, child: int, groups: list[list[list[int]]], teams: list[tuple[Team, int]]
) -> None:
    """A weekly hour per group with a section per family. Marked schools have last year's lessons too."""
    series, section, lesson = first_id(LessonSeries), first_id(Section), first_id(Lesson)
    hours = [(1, s, g) for s in range(size.schools) for g in range(len(GROUPS))]
    hours += [(0, s, g) for s in range(size.marked_schools) for g in range(len(GROUPS))]
    span = {0: LAST_YEAR, 1: THIS_YEAR}
    sink.write(
        LessonSeries,
        ["id", "group_id", "weekday", "starts", "ends", "first_on", "last_on", "tutti_every", "tutti_room"],
        (
            (
                series + n,
                groups[y][s][g],
                g % 5,
                f"{9 + g // 5}:00:00",
                f"{9 + g // 5}:45:00",
                str(span[y][0]),
                str(span[y][1]),
                0,
                "",
            )
            for n, (y, s, g) in enumerate(hours)
        ),
    )
    sink.write(
        Section,
        ["id", "series_id", "family", "room", "teaching_id"],
        (
            (
                section + n * len(FAMILIES) + f,
                series + n,
                family,
                f"lokaal {f + 1}",
                teams[s][1] + f * len(GROUPS) + g if y == 1 else None,
            )
            for n, (y, s, g) in enumerate(hours)
            for f, family in enumerate(FAMILIES)
        ),
    )

    def members(year: int, school: int, group: int) -> Iterator[tuple[int, int]]:
        """(child, family) of a group; who was in a group last year is two groups on now (and groep 8 has left)."""
        now = group if year == 1 else group + 2
        if now < len(GROUPS):
            start = child + (school * len(GROUPS) + now) * CHILDREN_PER_GROUP
            for seat in range(CHILDREN_PER_GROUP):
                yield start + seat, FAMILIES.index(KINDS[PLAYED[seat]][1])

    sink.write(
        Seat,
        ["section_id", "series_id", "child_id", "from_on", "until_on"],
        (
            (
                section + n * len(FAMILIES) + family,
                series + n,
                pk,
                str(span[y][0]),
                None if y == 1 else str(THIS_YEAR[0]),
            )
            for n, (y, s, g) in enumerate(hours)
            for pk, family in members(y, s, g)
        ),
    )

    def lessons() -> Iterator[tuple[int, int, date, bool]]:
        """(hour, lesson id, day, is it marked)"""
        number = itertools.count(lesson)
        for n, (y, s, g) in enumerate(hours):
            marked = WEEKS_LAST_YEAR if y == 0 else WEEKS_MARKED if s < size.marked_schools else WEEKS_MARKED[-5:]
            for monday in WEEKS_LAST_YEAR if y == 0 else WEEKS_MARKED + WEEKS_TO_COME:
                yield n, next(number), monday + timedelta(days=g % 5), monday in marked

    sink.write(
        Lesson,
        ["id", "uid", "series_id", "on", "starts_at", "ends_at", "cancelled_because", "is_tutti", "tutti_room"],
        (
            (
                pk,
                sink.uid(),
                series + n,
                str(day),
                moment(day, 8 + hours[n][2] // 5),
                moment(day, 8 + hours[n][2] // 5, 45),
                "",
                False,
                "",
            )
            for n, pk, day, _ in lessons()
        ),
    )
    sink.write(
        Closing,
        ["id", "lesson_id", "section_id", "by_id", "at"],
        (
            (
                sink.uid(),
                pk,
                section + n * len(FAMILIES) + f,
                teams[hours[n][1]][0].accounts[f],
                moment(day, 8 + hours[n][2] // 5, 50),
            )
            for n, pk, day, marked in lessons()
            if marked
            for f in range(len(FAMILIES))
        ),
    )

    first_mark = first_id(MarkEvent)  # asked before, not within: while rows go in, nothing else can be asked

    def marks() -> Iterator[tuple[Any, ...]]:
        states = [MarkState.PRESENT] * 92 + [MarkState.ABSENT] * 3 + [MarkState.LATE] * 3 + [MarkState.ANNOUNCED] * 2
        sequence, device = itertools.count(first_mark), {}
        for n, pk, day, marked in lessons():
            if not marked:
                continue
            y, s, g = hours[n]
            at = moment(day, 8 + g // 5, 48)
            for member, family in members(y, s, g):
                by = teams[s][0].accounts[family]
                phone = device.setdefault(by, [sink.uid(), itertools.count(1)])
                mark = sink.uid()
                yield (
                    next(sequence),
                    mark,
                    phone[0],
                    next(phone[1]),
                    pk,
                    member,
                    sink.chance.choice(states).value,
                    by,
                    at,
                    at,
                    mark * 2,
                )

    sink.write(
        MarkEvent,
        [
            "sequence",
            "id",
            "device",
            "device_sequence",
            "lesson_id",
            "child_id",
            "state",
            "by_id",
            *RECEIPT,
        ],
        marks(),
    )


MIDDLE = "School 0002"  # the school whose pages are measured: it is in every size
STAFF = {
    "noor": None,  # teaches strings at the measured school
    "sam": Role.COORDINATOR,
    "joost": Role.DEPOT_KEEPER,
    "hanna": Role.SCHOOL_HEAD,
    "ola": Role.OFFICE,
}


def staff(organisation: Organisation) -> None:
    """The people whose pages are measured. Each has a second factor, as every member of staff must."""
    from allauth.mfa.models import Authenticator

    school = School.objects.select_related("site").get(site__organisation=organisation, site__name=MIDDLE)
    for name, role in STAFF.items():
        if role is None:
            account = Account.objects.get(
                postings__teachings__sections__family="strings",
                postings__teachings__group__school=school,
                postings__teachings__group__name="5B",
                postings__teachings__group__school_year__first_on=THIS_YEAR[0],
            )
            account.email = f"{name}@stad.example"
            account.save()
        else:
            account = Account.objects.create(name=name.title(), email=f"{name}@stad.example")
            site = school.site if role is Role.SCHOOL_HEAD else None
            Posting.objects.create(
                account=account, role=role.value, organisation=organisation, site=site, from_on=LAST_YEAR[0]
            )
        Authenticator.objects.create(user=account, type=Authenticator.Type.TOTP, data={"secret": "bench"})


def register(sink: Sink) -> None:
    """A public register of 7,000 schools, as large as the Dutch one."""
    sink.write(
        RegisteredSchool,
        [
            "country",
            "scheme",
            "code",
            "name",
            "town",
            "search_words",
            "first_seen_on",
            "source",
            "reference_on",
            "licence",
        ],
        (
            (
                "NL",
                "brin6",
                f"{n // 100:02}XX{n % 100:02}",
                f"De {LAST_NAME[n % 40]} {n}",
                f"Plaats {n % 300}",
                f"de {LAST_NAME[n % 40].lower()} {n} plaats {n % 300} {n // 100:02}xx{n % 100:02}",
                str(TODAY),
                "bench",
                str(TODAY),
                "CC0",
            )
            for n in range(7_000)
        ),
    )


def roster_preview(organisation: Organisation) -> None:
    """The measured school's export of a whole school, seen but not applied: every child is new."""
    school = School.objects.select_related("site__organisation").get(site__organisation=organisation, site__name=MIDDLE)
    content = edexml(400)
    preview_roster(
        school=school,
        roster=read_file(school, content, TODAY),
        sha256=hashlib.sha256(content).hexdigest(),
        by=System("bench"),
        at=NOW,
    )


def audit_trail(sink: Sink, size: Size) -> None:
    """A true chain: each entry hashes the one before."""
    last = FIRST_HASH
    sam = Account.objects.get(email="sam@stad.example").audit_key
    subjects = [f"child:{uid}" for uid in Child.objects.order_by("pk").values_list("uid", flat=True)[:20_000]]

    def entries() -> Iterator[tuple[Any, ...]]:
        nonlocal last
        start = NOW - timedelta(seconds=size.audit_entries * 10)
        for n in range(size.audit_entries):
            entry = AuditEntry(
                at=start + timedelta(seconds=n * 10),
                actor=sam,
                act="seen.child",
                subject=subjects[n % len(subjects)],
                detail={},
                previous_hash=last,
            )
            last = hash_of(entry)
            yield (
                f"{entry.at:%Y-%m-%d %H:%M:%S}",
                entry.actor,
                "",
                entry.act,
                entry.subject,
                "{}",
                entry.previous_hash,
                last,
            )

    sink.write(
        AuditEntry, ["at", "actor", "organisation", "act", "subject", "detail", "previous_hash", "hash"], entries()
    )


@contextmanager
def in_a_hurry() -> Iterator[None]:
    """SQLite without waiting for the disk: only while a database is made that can be made again."""
    if connection.vendor != "sqlite":
        yield
        return
    connection.ensure_connection()
    raw = connection.connection
    raw.execute("PRAGMA synchronous=OFF")
    raw.execute("PRAGMA cache_size=-1500000")
    yield
    raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def main(size: str) -> None:
    """Migrate and fill the (empty) database that DATABASE_URL names."""
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    with in_a_hurry():
        fill(SIZES[size])
