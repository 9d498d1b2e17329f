"""The children of one section in one lesson."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from leerorkest.depot.defect_kinds import shape_of
from leerorkest.depot.models import Custody
from leerorkest.music.models import InstrumentKind, Size
from leerorkest.people.access import Actor
from leerorkest.people.models import Child
from leerorkest.schools import access as schools
from leerorkest.schools.models import Playing
from leerorkest.shared.prepared import prepared

from ..models import Closing, Lesson, Seat, Section
from ..rules import MarkState, Standing
from .marks import names_of, standings


@dataclass(frozen=True)
class InCare:
    """What a child plays, and which one it has."""

    kind: InstrumentKind
    size: Size | None
    number: str  # empty: nothing in care
    uid: uuid.UUID | None = None


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
        found[custody.child_id] = InCare(
            instrument.kind, instrument.size, instrument.number or instrument.tag, instrument.uid
        )
    return found


@dataclass(frozen=True)
class Line:
    """One child in the register."""

    child: Child
    instrument: InCare | None
    standing: Standing | None  # None: nobody marked it yet
    said: tuple[tuple[str, MarkState], ...]  # who said what, of what stands
    section: int | None = None  # where it sits

    @property
    def state(self) -> str:
        """What the page shows: everybody is present until somebody says otherwise; empty while people differ."""
        if self.standing is None:
            return MarkState.PRESENT.value
        return self.standing.state.value if self.standing.state else ""

    @property
    def shape(self) -> str:
        """Of the instrument in care: what can be wrong with it."""
        return shape_of(self.instrument.kind) if self.instrument and self.instrument.uid else ""

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

    @property
    def by_section(self) -> list[tuple[Section | None, list[Line]]]:
        """The lines under the section where they sit, in the order of the sections; one part without a head where only
        one section is shown."""
        if not self.lesson.is_tutti:
            return [(None, self.lines)]
        found = [(one, [line for line in self.lines if line.section == one.pk]) for one in self.sections]
        return [(one, lines) for one, lines in found if lines]


@prepared
def sections_of(series: int) -> QuerySet[Section]:
    return Section.objects.filter(series=series).select_related("teaching__posting__account").order_by("pk")


def register(actor: Actor, *, lesson: Lesson, section: Section, sections: list[Section]) -> Register:
    """The children of the group on that day: of one section, or of all where they are one orchestra (and `sections`
    holds more than one). A constant number of queries, whatever the size.
    """
    memberships = list(schools.memberships(actor, group=lesson.series.group, on=lesson.on))
    children = [membership.child for membership in memberships]
    seats = dict(_seats(lesson.series_id, lesson.on))
    instruments = instruments_of([child.pk for child in children], on=lesson.on)
    standing = standings(lesson)
    names = names_of(tap.by for one in standing.values() for tap in one.taps)

    def line(child: Child) -> Line:
        now = standing.get(child.pk)
        said = tuple((names[tap.by], tap.state) for tap in now.taps) if now else ()
        return Line(child, instruments.get(child.pk), now, said, seats.get(child.pk))

    shown = {one.pk for one in sections} if lesson.is_tutti else {section.pk}
    return Register(
        lesson=lesson,
        section=section,
        sections=sections,
        lines=[line(child) for child in children if seats.get(child.pk) in shown],
        unplaced=[line(child) for child in children if child.pk not in seats],
        closing=_closings.first(lesson.pk, section.pk),
    )


@prepared
def _seats(series: int, on: date) -> QuerySet[Seat, tuple[int, int]]:
    return Seat.objects.on(on).filter(series=series).values_list("child", "section")


@prepared
def _closings(lesson: int, section: int) -> QuerySet[Closing]:
    return Closing.objects.filter(lesson=lesson, section=section).select_related("by")
