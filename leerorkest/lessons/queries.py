"""Reads for the week, the register, the child's page and the coordinator's lists."""

import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from leerorkest.depot.models import Custody
from leerorkest.music.models import InstrumentKind, Size
from leerorkest.people.access import Actor
from leerorkest.people.models import Account, Child
from leerorkest.people.rules import Role
from leerorkest.schools import access as schools
from leerorkest.schools.models import Group, Membership, Playing, Teaching
from leerorkest.shared.prepared import prepared

from . import access
from .models import Closing, Lesson, MarkEvent, Seat, Section
from .rules import THERE, MarkState, Standing, Tap, fold


def tap_of(event: MarkEvent) -> Tap:
    return Tap(
        id=event.id,
        child=event.child_id,
        state=MarkState(event.state),
        by=event.by_id,
        device=event.device,
        device_sequence=event.device_sequence,
        corrects=frozenset(uuid.UUID(other) for other in event.corrects),
    )


def standings(lesson: Lesson) -> dict[int, Standing]:
    """Child → what stands for it in this lesson."""
    return fold(tap_of(event) for event in _events(lesson.pk))


@prepared
def _events(lesson: int) -> QuerySet[MarkEvent]:
    return MarkEvent.objects.filter(lesson=lesson)


def names_of(accounts: Iterable[int]) -> dict[int, str]:
    return dict(_names(tuple(sorted(set(accounts)))))


@prepared
def _names(accounts: tuple[int, ...]) -> QuerySet[Account, tuple[int, str]]:
    return Account.objects.filter(pk__in=accounts).values_list("pk", "name")


# --- the week ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Hour:
    """One section of one lesson, as the week shows it."""

    lesson: Lesson
    section: Section
    children: int
    closing: Closing | None
    is_mine: bool


def week(actor: Actor, *, first_on: date, last_on: date) -> list[Hour]:
    """The actor's hours of these days. A teacher sees her own sections, and those of her groups that have no teacher.

    Who coordinates or heads sees every section.
    """
    lessons = _lessons_between(actor, first_on, last_on)
    sections: defaultdict[int, list[Section]] = defaultdict(list)
    for section in _sections(tuple(dict.fromkeys(lesson.series_id for lesson in lessons))):
        sections[section.series_id].append(section)
    seated = Counter(_seated(tuple(sections), last_on))
    closings = {
        (closing.lesson_id, closing.section_id): closing
        for closing in _closings_of(tuple(lesson.pk for lesson in lessons))
    }
    sees_all = bool(actor.roles & {Role.COORDINATOR, Role.SCHOOL_HEAD})
    hours = []
    for lesson in lessons:
        for section in sections[lesson.series_id]:
            mine = is_taught_by(section, actor)
            if sees_all or mine or section.teaching is None:
                closing = closings.get((lesson.pk, section.pk))
                hours.append(Hour(lesson, section, seated[section.pk], closing, mine))
    return hours


@prepared
def _lessons_between(actor: Actor, first_on: date, last_on: date) -> QuerySet[Lesson]:
    return access.lessons(actor).filter(on__range=(first_on, last_on)).order_by("starts_at", "pk")


@prepared
def _sections(series: tuple[int, ...]) -> QuerySet[Section]:
    return Section.objects.filter(series__in=series).select_related("teaching__posting__account").order_by("pk")


@prepared
def _seated(series: tuple[int, ...], on: date) -> QuerySet[Seat, int]:
    """The section of each seat whose child is still in the group."""
    here = Membership.objects.on(on).filter(child=OuterRef("child"), group=OuterRef("series__group"))
    return Seat.objects.on(on).filter(Exists(here), series__in=series).values_list("section", flat=True)


@prepared
def _closings_of(lessons: tuple[int, ...]) -> QuerySet[Closing]:
    return Closing.objects.filter(lesson__in=lessons).select_related("by")


def is_taught_by(section: Section, actor: Actor) -> bool:
    return section.teaching is not None and section.teaching.posting.account_id == actor.account.pk


# --- the register --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class InCare:
    """What a child plays, and which one it has."""

    kind: InstrumentKind
    size: Size | None
    number: str  # empty: nothing in care


def instruments_of(children: Iterable[int], *, on: date) -> dict[int, InCare]:
    """Child → its instrument: the one in its care, else what it plays. Two queries for a whole group."""
    children = list(children)
    found = {
        playing.child_id: InCare(playing.kind, playing.size, "")
        for playing in Playing.objects.on(on).filter(child__in=children).select_related("kind", "size")
    }
    for custody in (
        Custody.objects.open()
        .holders()
        .filter(child__in=children)
        .select_related("instrument__kind", "instrument__size")
        .order_by("started_at")
    ):
        instrument = custody.instrument
        assert custody.child_id is not None  # asked for above
        found[custody.child_id] = InCare(instrument.kind, instrument.size, instrument.number or instrument.tag)
    return found


@dataclass(frozen=True)
class Line:
    """One child in the register."""

    child: Child
    instrument: InCare | None
    standing: Standing | None  # None: nobody marked it yet
    said: tuple[tuple[str, MarkState], ...]  # who said what, of what stands

    @property
    def state(self) -> str:
        """What the page shows: everybody is present until somebody says otherwise; empty while people differ."""
        if self.standing is None:
            return MarkState.PRESENT.value
        return self.standing.state.value if self.standing.state else ""

    @property
    def seen(self) -> str:
        """The marks that a new one would replace."""
        return ",".join(str(tap.id) for tap in self.standing.taps) if self.standing else ""


@dataclass(frozen=True)
class Register:
    lesson: Lesson
    section: Section
    sections: list[Section]
    lines: list[Line]
    unplaced: list[Line]  # children of the group that sit in no section yet
    closing: Closing | None


@prepared
def sections_of(series: int) -> QuerySet[Section]:
    return Section.objects.filter(series=series).select_related("teaching__posting__account").order_by("pk")


def register(actor: Actor, *, lesson: Lesson, section: Section, sections: list[Section]) -> Register:
    """The children of the group on that day, by section. A constant number of queries, whatever the size."""
    memberships = list(schools.memberships(actor, group=lesson.series.group, on=lesson.on))
    children = [membership.child for membership in memberships]
    seats = dict(_seats(lesson.series_id, lesson.on))
    instruments = instruments_of([child.pk for child in children], on=lesson.on)
    standing = standings(lesson)
    names = names_of(tap.by for one in standing.values() for tap in one.taps)

    def line(child: Child) -> Line:
        now = standing.get(child.pk)
        said = tuple((names[tap.by], tap.state) for tap in now.taps) if now else ()
        return Line(child, instruments.get(child.pk), now, said)

    return Register(
        lesson=lesson,
        section=section,
        sections=sections,
        lines=[line(child) for child in children if seats.get(child.pk) == section.pk],
        unplaced=[line(child) for child in children if child.pk not in seats],
        closing=_closings.first(lesson.pk, section.pk),
    )


@prepared
def _seats(series: int, on: date) -> QuerySet[Seat, tuple[int, int]]:
    return Seat.objects.on(on).filter(series=series).values_list("child", "section")


@prepared
def _closings(lesson: int, section: int) -> QuerySet[Closing]:
    return Closing.objects.filter(lesson=lesson, section=section).select_related("by")


# --- a child's year ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MarkedLesson:
    lesson: Lesson
    standing: Standing

    @property
    def duration(self) -> timedelta:
        return self.lesson.ends_at - self.lesson.starts_at


@dataclass(frozen=True)
class Attendance:
    """What a child received: newest lesson first."""

    lessons: list[MarkedLesson]

    def _hours(self, *states: MarkState) -> float:
        return sum((one.duration for one in self.lessons if one.standing.state in states), timedelta()) / timedelta(
            hours=1
        )

    @property
    def hours_there(self) -> float:
        return self._hours(*THERE)

    @property
    def hours_missed(self) -> float:
        return self._hours(MarkState.ABSENT, MarkState.ANNOUNCED)

    @property
    def undecided(self) -> int:
        """Lessons about which people differ."""
        return sum(1 for one in self.lessons if one.standing.conflict)

    @property
    def counts(self) -> dict[str, int]:
        found = Counter(one.standing.state for one in self.lessons)
        return {state.value: found[state] for state in MarkState}


def marks_of(child: Child, *, since: date) -> Attendance:
    """The child's marks from a day on. The child came through a door of `schools.access`."""
    taps: defaultdict[int, list[Tap]] = defaultdict(list)
    lessons: dict[int, Lesson] = {}
    for event in _marks(child.pk, since):
        lessons[event.lesson_id] = event.lesson
        taps[event.lesson_id].append(tap_of(event))
    return Attendance([MarkedLesson(lessons[pk], fold(own)[child.pk]) for pk, own in taps.items()])


@prepared
def _marks(child: int, since: date) -> QuerySet[MarkEvent]:
    return (
        MarkEvent.objects.filter(child=child, lesson__on__gte=since)
        .select_related("lesson__series__group__school__site")
        .order_by("-lesson__starts_at", "sequence")
    )


# --- what is still to do -------------------------------------------------------------------------------------


def open_registers(lessons: QuerySet[Lesson]) -> QuerySet[Lesson]:
    """One row per lesson and section (`section_id`, `family`, `room`, `teacher`) whose register nobody closed."""
    closed = Closing.objects.filter(lesson=OuterRef("pk"), section=OuterRef("section_id"))
    return (
        lessons.filter(cancelled_because="")
        .annotate(
            section_id=F("series__sections"),
            family=F("series__sections__family"),
            room=F("series__sections__room"),
            teacher=F("series__sections__teaching__posting__account__name"),
            teacher_id=F("series__sections__teaching__posting__account"),
        )
        .filter(~Exists(closed), section_id__isnull=False)
        .order_by("on", "starts_at", "pk", "section_id")
    )


def missing_registers(actor: Actor, *, before: date) -> QuerySet[Lesson]:
    """For the coordinator: registers of earlier days that nobody closed."""
    return open_registers(access.lessons_to_run(actor).filter(on__lt=before))


def registers_to_close(actor: Actor, *, until: date) -> QuerySet[Lesson]:
    """For a teacher: her own registers, up to and with today, that are still open."""
    own = Q(teacher_id=actor.account.pk) | Q(teacher_id=None)
    return open_registers(access.lessons_to_mark(actor).filter(on__lte=until)).filter(own)


def groups_without_hour(actor: Actor) -> QuerySet[Group]:
    """For the coordinator: groups of this school year for which no weekly hour is planned."""
    return access.groups_to_plan(actor).filter(series=None).order_by("school__site__name", "name", "pk")


@dataclass(frozen=True)
class GroupPlays:
    """What planning an hour starts from: the families the group plays, and who teaches it."""

    families: dict[str, int]  # family → children
    teachings: list[Teaching]


def what_plays(group: Group, *, on: date) -> GroupPlays:
    members = Membership.objects.on(on).filter(group=group).values("child")
    families = Counter(Playing.objects.on(on).filter(child__in=members).values_list("kind__family", flat=True))
    teachings = Teaching.objects.filter(Q(until_on=None) | Q(until_on__gt=on), group=group).select_related(
        "posting__account"
    )
    return GroupPlays(dict(families), list(teachings.order_by("posting__account__name", "pk")))


def lessons_during(loans: Iterable[Custody], at: datetime) -> dict[uuid.UUID, int]:
    """How many lessons a child had while it held an instrument, by the id of that custody; one query.

    A lesson counts for who had a seat in it and when it took place. A loan whose child was forgotten has none.
    """
    rows = [loan for loan in loans if loan.child_id]
    if not rows:
        return {}
    seated = Q(series__seats__until_on=None) | Q(series__seats__until_on__gt=F("on"))
    found = Lesson.objects.filter(
        seated,
        series__seats__child__in={loan.child_id for loan in rows},
        series__seats__from_on__lte=F("on"),
        cancelled_because="",
        ends_at__lte=at,
        ends_at__gte=min(loan.started_at for loan in rows),
    ).values_list("series__seats__child", "starts_at")
    starts: dict[int, list[datetime]] = defaultdict(list)
    for child, starts_at in found:
        starts[child].append(starts_at)
    return {
        loan.pk: sum(loan.started_at <= start < (loan.ended_at or at) for start in starts[loan.child_id or 0])
        for loan in rows
    }
