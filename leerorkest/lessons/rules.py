"""Pure decisions about lessons and marks."""

import hashlib
import json
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from leerorkest.network.rules import is_free

MOST_MARKS = 100  # in one post
MOST_ASIDE = 1_000  # new in quarantine, of one account in the period below: more than a phone holds of two busy weeks
ASIDE_PERIOD = timedelta(days=1)
MOST_LINES, MOST_LEFT = 3, 240  # of a note for the next lesson, in lines and characters
MOST_CORRECTED = 8  # marks one mark may name


class MarkState(StrEnum):
    PRESENT = "present"
    ABSENT = "absent"
    LATE = "late"
    ANNOUNCED = "announced"  # absent, and a guardian said so before


THERE = frozenset({MarkState.PRESENT, MarkState.LATE})


class Conflict(StrEnum):
    """How two people differ about one child in one lesson."""

    SOFT = "soft"  # both say it was there, or both that it was not: present or late, absent or announced
    HARD = "hard"  # one says it was there, another that it was not


class CancelCause(StrEnum):
    HOLIDAY = "holiday"
    TEACHER_ILL = "teacher_ill"
    SCHOOL_PLANS = "school_plans"  # a trip, a test week
    WEATHER = "weather"
    OTHER = "other"


class QuarantineReason(StrEnum):
    OTHER_CONTENT = "other_content"  # the same id came before with another content
    SAME_SEQUENCE = "same_sequence"  # the device used its number for another mark already
    NOT_YOUR_LESSON = "not_your_lesson"
    NOT_IN_LESSON = "not_in_lesson"  # the child moved or left
    LESSON_CANCELLED = "lesson_cancelled"
    UNKNOWN = "unknown"  # no such lesson (any more)
    UNKNOWN_THING = "unknown_thing"  # no such piece here, or not the child's instrument
    MALFORMED = "malformed"  # not a mark at all


class Decision(StrEnum):
    """What a coordinator does with a mark in quarantine."""

    ACCEPT = "accept"
    LEAVE_OUT = "leave_out"


# --- what counts: a fold over the events ------------------------------------------------------------------


@dataclass(frozen=True)
class Tap:
    """One mark event, as far as it matters for what counts."""

    id: uuid.UUID
    child: int
    state: MarkState
    by: int
    device: uuid.UUID
    device_sequence: int
    corrects: frozenset[uuid.UUID] = frozenset()


@dataclass(frozen=True)
class Standing:
    """What stands for one child in one lesson: the taps that nobody replaced."""

    taps: tuple[Tap, ...]

    @property
    def state(self) -> MarkState | None:
        """None while people differ."""
        return None if self.conflict else self.taps[0].state

    @property
    def conflict(self) -> Conflict | None:
        states = {tap.state for tap in self.taps}
        if len(states) == 1:
            return None
        return Conflict.SOFT if states <= THERE or not states & THERE else Conflict.HARD


def fold(taps: Iterable[Tap]) -> dict[int, Standing]:
    """What stands for each child of one lesson.

    A tap replaces the ones it names, and the earlier ones of the same person on the same device. What nobody replaced
    stands, side by side. The answer depends on the set of taps alone, so that doubled, late and reordered deliveries
    end in the same place.
    """
    by_child: defaultdict[int, dict[uuid.UUID, Tap]] = defaultdict(dict)
    for tap in taps:
        by_child[tap.child][tap.id] = tap
    return {child: _standing(list(own.values())) for child, own in by_child.items()}


def _standing(taps: list[Tap]) -> Standing:
    newest: dict[tuple[int, uuid.UUID], Tap] = {}
    for tap in taps:
        line = (tap.by, tap.device)
        if line not in newest or tap.device_sequence > newest[line].device_sequence:
            newest[line] = tap  # the database keeps (person, device, sequence) unique
    candidates = list(newest.values())
    # A tap that its own author has replaced still replaces what it named: else the colleague's mark would come back.
    named = {(tap.id, other) for tap in taps for other in tap.corrects}
    replaced = {other for source, other in named if source != other}
    standing = [tap for tap in candidates if tap.id not in replaced]
    if not standing:  # only marks that name each other in a circle, which no honest phone makes: nothing is lost
        standing = candidates
    return Standing(tuple(sorted(standing, key=lambda tap: (tap.by, tap.id.int))))


# --- the wire: what a phone sends ----------------------------------------------------------------------------


class NotAMark(ValueError):
    """An item that is no mark, whatever it is."""


@dataclass(frozen=True)
class SentMark:
    """One mark as a phone sent it, checked for shape only."""

    id: uuid.UUID
    device: uuid.UUID
    device_sequence: int
    lesson: uuid.UUID
    child: uuid.UUID
    state: MarkState
    corrects: tuple[uuid.UUID, ...]
    made_at: datetime

    @property
    def hash(self) -> str:
        return content_hash(self.as_sent())

    def as_sent(self) -> dict[str, Any]:
        return {
            "id": str(self.id),
            "device": str(self.device),
            "device_sequence": self.device_sequence,
            "lesson": str(self.lesson),
            "child": str(self.child),
            "state": self.state.value,
            "corrects": [str(other) for other in self.corrects],
            "made_at": self.made_at.astimezone(UTC).isoformat(timespec="milliseconds"),
        }


def content_hash(item: object) -> str:
    """SHA-256 over the item as canonical JSON. ASCII only, so that half a surrogate pair hashes too."""
    return hashlib.sha256(as_text(item).encode()).hexdigest()


def as_text(item: object) -> str:
    return json.dumps(item, sort_keys=True, ensure_ascii=True, separators=(",", ":"))


def read_mark(item: object) -> SentMark:
    """The mark in `item`. Raises NotAMark."""
    if not isinstance(item, dict):
        raise NotAMark
    try:
        sequence, corrects = item["device_sequence"], item.get("corrects", [])
        if type(sequence) is not int or not 0 <= sequence < 2**53:  # what a browser can count exactly
            raise NotAMark
        if not isinstance(corrects, list) or len(corrects) > MOST_CORRECTED:
            raise NotAMark
        made_at = datetime.fromisoformat(item["made_at"])
        if made_at.tzinfo is None or not 1970 <= made_at.year < 2200:
            raise NotAMark
        return SentMark(
            id=uuid.UUID(item["id"]),
            device=uuid.UUID(item["device"]),
            device_sequence=sequence,
            lesson=uuid.UUID(item["lesson"]),
            child=uuid.UUID(item["child"]),
            state=MarkState(item["state"]),
            corrects=tuple(sorted({uuid.UUID(other) for other in corrects})),
            made_at=made_at.astimezone(UTC),
        )
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as mistake:
        raise NotAMark from mistake


# --- the year: which days have a lesson ----------------------------------------------------------------------


def lesson_days(
    *, weekday: int, first_on: date, last_on: date, days_off: Sequence[tuple[date, date]]
) -> Iterator[date]:
    """Every `weekday` (0 is Monday) in the period, days off (first and last day of each run) left out."""
    day = first_on + timedelta(days=(weekday - first_on.weekday()) % 7)
    while day <= last_on:
        if not is_free(day, days_off):
            yield day
        day += timedelta(days=7)


def with_tutti(days: Iterable[date], every: int) -> Iterator[tuple[date, bool]]:
    """Each day, and whether all sections are one orchestra then: each `every`th of them; 0: never."""
    for number, day in enumerate(days, 1):
        yield day, bool(every) and number % every == 0


def moment(day: date, clock_time: time, zone: str) -> datetime:
    """The wall-clock time at a place, as a moment: 8:45 is 8:45 before and after the change to summer time."""
    return datetime.combine(day, clock_time, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def week_of(day: date) -> tuple[date, date]:
    """Monday and Sunday of its week."""
    monday = day - timedelta(days=day.weekday())
    return monday, monday + timedelta(days=6)


# --- patterns ------------------------------------------------------------------------------------------------

IN_A_ROW = 3  # lessons that a child missed unannounced, before somebody asks at home
PATTERN_PERIOD = timedelta(weeks=12)


# --- standing in ---------------------------------------------------------------------------------------------

ASKED_AT_ONCE = 3  # colleagues; the next ones when somebody says no or nobody answers
PATIENCE = timedelta(minutes=10)  # with who was asked, before the next ones are asked too
AFTER_LESSON = timedelta(hours=24)  # so long a stand-in may still open the lesson
VOG_HOLDS = timedelta(days=3 * 365)  # a certificate of conduct is asked anew after three years
KM_AN_HOUR, TO_START = 15, 5  # by bicycle, straight on; and minutes to get going
NOT_ON_THE_MAP = 30  # minutes between places of which one has no point


def minutes_between(kilometres: float | None) -> int:
    """On the way from one place to another; `None`: nobody knows how far it is."""
    return NOT_ON_THE_MAP if kilometres is None else TO_START + round(kilometres / KM_AN_HOUR * 60)


# --- seats ---------------------------------------------------------------------------------------------------


def seat(families: dict[int, str], sections: dict[int, str], taken: dict[int, int]) -> dict[int, int]:
    """Child → section: a section of the family it plays, the emptiest first. Who plays nothing yet gets no seat.

    `families`: child → family; `sections`: section → family; `taken`: section → children that sit there already.
    """
    filled = dict(taken)
    seats = {}
    for child, family in families.items():
        fitting = [section for section, of in sections.items() if of == family]
        if fitting:
            seats[child] = min(fitting, key=lambda section: (filled.get(section, 0), section))
            filled[seats[child]] = filled.get(seats[child], 0) + 1
    return seats
