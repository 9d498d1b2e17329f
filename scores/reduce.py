"""Rhythms a level can play: from a line's notes to the segments that get one pitch each.

Level 1 plays on beats, level 2 on half beats (thirds of a dotted beat), level 3 the rhythm of the source down to
64ths and triplets. Every note of levels 1 and 2 is one written note: no ties.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from .analysis import Beat
from .model import Bar, Note

SINGLE = frozenset(
    Fraction(value) * Fraction(1, 2**power) for power in range(8) for value in (8, 4, 6)
)  # note values that are one sign, dots of one
FINEST = (Fraction(1, 16), Fraction(1, 12))  # level 3 reads what the source has: down to 64ths, and triplets
COARSE = Fraction(1, 4)  # where it cannot read the source's rhythm


@dataclass(frozen=True, slots=True)
class Segment:
    """What gets one pitch or a rest. `source`: the original's sounding pitch there, None where any tone of the harmony
    will do. `is_held`: it may join the segment before it. `is_silent`: nothing to play."""

    bar: int
    on: Fraction
    end: Fraction
    source: int | None
    is_held: bool = False
    is_silent: bool = False

    @property
    def length(self) -> Fraction:
        return self.end - self.on


def slots(bar: Bar, beats: Sequence[Beat], level: int) -> list[tuple[Fraction, Fraction]]:
    """The grid of a level in a bar; level 3 uses it where the source's own rhythm cannot be written."""
    pulse = bar.pulse
    if level == 1:
        return [(beat.on, beat.end) for beat in beats if beat.length == pulse]
    made: list[tuple[Fraction, Fraction]] = []
    parts = 3 if pulse.numerator % 3 == 0 else 2
    if level == 2 and pulse <= Fraction(1, 2):
        parts = 1
    step = pulse / parts if level == 2 else COARSE
    for beat in beats:
        on = beat.on + beat.length % step if not beat.weight and beat.on == bar.on else beat.on
        while on + step <= beat.end:
            made.append((on, on + step))
            on += step
    return made


def foundation(bar: Bar, beats: Sequence[Beat]) -> list[Segment]:
    """One segment for each whole beat; they may join into longer notes within the bar."""
    made: list[Segment] = []
    for beat in beats:
        if beat.length == bar.pulse:
            made.append(Segment(bar.index, beat.on, beat.end, None, is_held=bool(made)))
    return made


def from_line(bar: Bar, beats: Sequence[Beat], notes: Sequence[Note], level: int) -> list[Segment]:
    """The line's notes in this bar as the level can play them. `notes`: those that sound in the bar, one at a time."""
    if level == 3:
        own = _own_rhythm(bar, notes)
        if own is not None:
            return own
    picked: list[tuple[Fraction, Fraction, Note | None]] = []
    for on, end in slots(bar, beats, level):
        picked.append((on, end, _of_slot(on, end, notes)))
    made: list[Segment] = []
    before: Note | None = None
    for on, end, note in picked:
        if note is None:
            made.append(Segment(bar.index, on, end, None, is_silent=True))
        elif made and note is before and made[-1].end == on and _may_be(bar, made[-1].on, end):
            made[-1] = Segment(bar.index, made[-1].on, end, note.midi)
        else:
            made.append(Segment(bar.index, on, end, note.midi))
        before = note
    return made


def _of_slot(on: Fraction, end: Fraction, notes: Sequence[Note]) -> Note | None:
    """The note that stands for the slot: long, and begun in it; none where the line mostly rests."""
    best, value, filled = None, Fraction(0), Fraction(0)
    for note in notes:
        share = (min(note.end, end) - max(note.on, on)) / (end - on)
        if share <= 0:
            continue
        filled += share
        worth = share + (Fraction(1, 2) if note.on == on else Fraction(1, 6) if note.on > on else 0)
        if worth > value:
            best, value = note, worth
    return best if filled >= Fraction(1, 3) else None


def _may_be(bar: Bar, on: Fraction, end: Fraction) -> bool:
    """Whether one note may stand from `on` to `end`: a single sign, and where children expect it."""
    length = end - on
    if length not in SINGLE:
        return False
    if length == bar.length or length <= bar.pulse:
        return True
    place = (on - bar.on) / bar.pulse
    if place.denominator != 1:
        return length <= bar.pulse  # off the beat: no longer than a beat
    beats = length / bar.pulse
    whole = bar.nominal / bar.pulse
    return not (beats == 2 and whole % 2 == 0 and place % 2 == 1)


def _own_rhythm(bar: Bar, notes: Sequence[Note]) -> list[Segment] | None:
    """The source's rhythm; None when a player of this level could not read it."""
    made: list[Segment] = []
    for note in notes:
        on, end = max(note.on, bar.on), min(note.end, bar.end)
        if made and on < made[-1].end:
            last = made[-1]
            made[-1] = Segment(last.bar, last.on, on, last.source, last.is_held)
        if end > on:
            made.append(Segment(bar.index, on, end, note.midi, is_held=note.on < bar.on))
    made = [segment for segment in made if segment.end > segment.on]
    if not is_readable(bar, [(segment.on, segment.end) for segment in made]):
        return None
    return made


def is_readable(bar: Bar, spans: Iterable[tuple[Fraction, Fraction]]) -> bool:
    """Whether all onsets and ends of a bar lie on sixteenths, or within single beats on triplets."""
    points = {moment - bar.on for span in spans for moment in span}
    odd = [point for point in points if point % FINEST[0]]
    if any(point % FINEST[1] for point in odd):
        return False
    if not odd:
        return True
    quarters = {int(point) for point in odd}  # the quarters that hold triplets hold nothing else
    return all(not (point % FINEST[1]) for point in points if int(point) in quarters and point % 1)


def joined(
    bar: Bar, spans: Sequence[tuple[Fraction, Fraction, int | None, bool]], level: int
) -> list[tuple[Fraction, Fraction, int]]:
    """(on, end, pitch) of the sounding notes of one bar: segments of one pitch that may be held become one note."""
    made: list[tuple[Fraction, Fraction, int]] = []
    for on, end, pitch, is_held in spans:
        if pitch is None:
            continue
        if made and is_held and made[-1][2] == pitch and made[-1][1] == on and _may_be(bar, made[-1][0], end):
            made[-1] = (made[-1][0], end, pitch)
        else:
            made.append((on, end, pitch))
    return made
