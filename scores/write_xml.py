"""Parts as MusicXML 4.0: spelled in the key of the page, beamed by the beat, with hints, long rests joined.

The same input gives the same bytes. Ids: bar `b12`, note `ID-b12n3` with ID the player's.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from math import lcm
from xml.sax.saxutils import escape, quoteattr

from .arrange import Arrangement, Fitted, Played
from .instruments import SEMITONES, Instrument, page_key, spelled
from .model import Bar, name_of
from .play import voltas
from .reduce import SINGLE

TYPES = {
    Fraction(8): "breve",
    Fraction(4): "whole",
    Fraction(2): "half",
    Fraction(1): "quarter",
    Fraction(1, 2): "eighth",
    Fraction(1, 4): "16th",
    Fraction(1, 8): "32nd",
    Fraction(1, 16): "64th",
    Fraction(1, 32): "128th",
}
FLAGS = {"eighth": 1, "16th": 2, "32nd": 3, "64th": 4, "128th": 5}
SIGNS = {-2: "flat-flat", -1: "flat", 0: "natural", 1: "sharp", 2: "double-sharp"}
CLEFS = {"G2": ("G", 2), "F4": ("F", 4), "C3": ("C", 3), "C4": ("C", 4), "percussion": ("percussion", 0)}
HINT_EVERY = 8  # bars until a hint is shown again


@cache
def _type(value: Fraction) -> tuple[str, int]:
    """The name of a note value and its dots."""
    for dots, factor in ((0, Fraction(1)), (1, Fraction(3, 2)), (2, Fraction(7, 4))):
        if value / factor in TYPES:
            return TYPES[value / factor], dots
    return "", 0


@dataclass
class _Sign:
    """One written note or rest."""

    on: Fraction
    length: Fraction
    note: Played | None  # None: a rest
    is_start: bool = True
    is_end: bool = True
    is_triplet: bool = False
    value: Fraction = Fraction(0)  # as a plain note value with its dot
    beams: list[str] = field(default_factory=list)
    tuplet: str = ""

    @property
    def type(self) -> tuple[str, int]:
        return _type(self.value)


Signs = dict[tuple[int, int], list[_Sign]]  # per (identity of a part's notes, bar)


def signs_of(bar: Bar, notes: Sequence[Played]) -> list[_Sign]:
    """The notes of one bar as written signs, the gaps filled with rests. Notes may start before and end behind it."""
    spans: list[tuple[Fraction, Fraction, Played | None]] = []
    at = bar.on
    for played in notes:
        on, end = max(played.on, bar.on), min(played.end, bar.end)
        if on > at:
            spans.append((at, on, None))
        spans.append((on, end, played))
        at = end
    if at < bar.end:
        spans.append((at, bar.end, None))
    points = {point - bar.on for on, end, _ in spans for point in (on, end)}
    triplets = {int(point) for point in points if not point.denominator % 3 and not 12 % point.denominator}
    made: list[_Sign] = []
    for on, end, note in spans:
        pieces = list(_pieces(bar, on, end, triplets, is_rest=note is None))
        for index, (start, length, is_triplet) in enumerate(pieces):
            sign = _Sign(start, length, note, is_triplet=is_triplet)
            sign.value = length * Fraction(3, 2) if is_triplet else length
            sign.is_start = note is None or (index == 0 and note.on >= bar.on)
            sign.is_end = note is None or (index == len(pieces) - 1 and note.end <= bar.end)
            made.append(sign)
    _beam(bar, made)
    _bracket(bar, made)
    return made


def _pieces(
    bar: Bar, on: Fraction, end: Fraction, triplets: set[int], *, is_rest: bool
) -> Iterator[tuple[Fraction, Fraction, bool]]:
    """(onset, length, in a triplet) of the single signs that make up a span."""
    while on < end:
        quarter = int(on - bar.on)
        if quarter in triplets:
            stop = min(end, bar.on + quarter + 1)
            length = stop - on
            for take in (length, Fraction(2, 3), Fraction(1, 2), Fraction(1, 3), Fraction(1, 6), Fraction(1, 12)):
                if take <= length and take * Fraction(3, 2) in SINGLE | {Fraction(3, 2)}:
                    yield on, take, True
                    on += take
                    break
            else:
                yield on, length, True
                on = stop
            continue
        stop = end
        for later in sorted(triplets):
            if later > quarter:
                stop = min(stop, bar.on + later)
                break
        take = _single(bar, on, stop, is_rest)
        yield on, take, False
        on += take


def _single(bar: Bar, on: Fraction, end: Fraction, is_rest: bool) -> Fraction:
    """The longest single sign from `on` that a reader expects there."""
    length, pulse = end - on, bar.pulse
    place = (on - bar.on) % pulse
    if place == 0 or length <= pulse - place:
        if length in SINGLE and not (is_rest and length.numerator == 3 and pulse.numerator != 3 and length > pulse):
            return length
        room = length
    else:
        if not is_rest and length in SINGLE and length <= pulse:
            return length
        room = pulse - place
    for value in sorted(SINGLE, reverse=True):
        if value <= room and (place == 0 or value <= pulse - place):
            if is_rest and value.numerator == 3 and pulse.numerator != 3:
                continue
            return value
    return room  # finer than any sign: kept, so that the bar is whole


def _beam(bar: Bar, signs: list[_Sign]) -> None:
    pulse = max(bar.pulse, Fraction(1)) if bar.pulse >= 1 or bar.nominal.denominator == 1 else bar.pulse
    run: list[_Sign] = []
    runs: list[list[_Sign]] = []
    for sign in signs:
        flags = FLAGS.get(sign.type[0], 0)
        beat = (sign.on - bar.on) // pulse
        if sign.note is None or not flags:
            run = []
            continue
        if not run or (run[-1].on - bar.on) // pulse != beat:
            run = []
            runs.append(run)
        run.append(sign)
    for run in runs:
        if len(run) < 2:
            continue
        counts = [FLAGS[sign.type[0]] for sign in run]
        for index, sign in enumerate(run):
            for level in range(1, counts[index] + 1):
                before = index > 0 and counts[index - 1] >= level
                after = index + 1 < len(run) and counts[index + 1] >= level
                if before and after:
                    sign.beams.append("continue")
                elif after:
                    sign.beams.append("begin")
                elif before:
                    sign.beams.append("end")
                else:
                    sign.beams.append("backward hook" if index else "forward hook")


def _bracket(bar: Bar, signs: list[_Sign]) -> None:
    by_quarter: dict[int, list[_Sign]] = {}
    for sign in signs:
        if sign.is_triplet:
            by_quarter.setdefault(int(sign.on - bar.on), []).append(sign)
    for group in by_quarter.values():
        if len(group) > 1:
            group[0].tuplet, group[-1].tuplet = "start", "stop"


class _PartWriter:
    def __init__(
        self, arrangement: Arrangement, part: Fitted, prefix: str, divisions: int, place: int, count: int, signs: Signs
    ):
        self.arrangement, self.part, self.prefix, self.divisions = arrangement, part, prefix, divisions
        self.instrument: Instrument = part.player.instrument
        self.is_alone, self.is_first = count == 1, place == 1
        self.known = signs
        self.hints = self.is_alone and part.player.level < 3
        self.key: int | None = None
        self.time: tuple[tuple[int, ...], int] | None = None
        self.shown: dict[int, int] = {}  # hints: pitch → bar
        self.by_bar: dict[int, list[Played]] = {}
        bars = arrangement.score.bars
        at = 0
        for note in part.notes:
            while at + 1 < len(bars) and bars[at + 1].on <= note.on:
                at += 1
            last = at
            while True:
                self.by_bar.setdefault(last, []).append(note)
                if last + 1 >= len(bars) or bars[last].end >= note.end:
                    break
                last += 1

    def bars(self) -> Iterator[str]:
        bars = self.arrangement.score.bars
        rests = self._long_rests() if self.is_alone else {}
        endings = {volta.last: volta.passes for volta in voltas(bars)}
        for bar in bars:
            implicit = ' implicit="yes"' if bar.length != bar.nominal else ""
            yield f'<measure number={quoteattr(bar.number)} id="{self.prefix}b{bar.index + 1}"{implicit}>'
            yield from _left(bar)
            yield self._attributes(bar, rests.get(bar.index, 0))
            yield from self._directions(bar)
            yield from self._signs(bar)
            yield from _right(bar, bar.index == len(bars) - 1, endings.get(bar.index, ()))
            yield "</measure>"

    def _long_rests(self) -> dict[int, int]:
        """First bar → how many bars of rest; broken where something happens on the page."""
        bars, made = self.arrangement.score.bars, {}
        first: int | None = None
        for bar in (*bars, None):
            if bar is not None:
                before = bars[bar.index - 1] if bar.index else None
                is_empty = bar.index not in self.by_bar and bar.length == bar.nominal
                breaks = before is not None and (
                    bool(bar.repeat_starts or bar.endings or bar.segno or bar.coda)
                    or bool(before.repeat_ends or before.ending_stops or before.jump or before.fine or before.to_coda)
                    or (bar.beats, bar.beat_type) != (before.beats, before.beat_type)
                    or self.arrangement.fifths(bar.index) != self.arrangement.fifths(bar.index - 1)
                )
            else:
                is_empty, breaks = False, True
            if first is not None and (not is_empty or breaks):
                last = bar.index if bar is not None else len(bars)
                if last - first > 1:
                    made[first] = last - first
                first = None
            if is_empty and first is None and bar is not None:
                first = bar.index
        return made

    def _attributes(self, bar: Bar, rests: int) -> str:
        made = []
        is_first = bar.index == 0
        if is_first:
            made.append(f"<divisions>{self.divisions}</divisions>")
        fifths = page_key(self.instrument, self.arrangement.fifths(bar.index))
        if fifths != self.key and self.instrument.is_pitched:
            self.key = fifths
            made.append(f"<key><fifths>{fifths}</fifths></key>")
        elif is_first:
            made.append("<key><fifths>0</fifths></key>")
        if (bar.beats, bar.beat_type) != self.time:
            self.time = (bar.beats, bar.beat_type)
            beats = "+".join(map(str, bar.beats))
            made.append(f"<time><beats>{beats}</beats><beat-type>{bar.beat_type}</beat-type></time>")
        if is_first:
            sign, line = CLEFS[self.instrument.clef]
            made.append(f"<clef><sign>{sign}</sign>{f'<line>{line}</line>' if line else ''}</clef>")
            if not self.instrument.is_pitched:
                made.append("<staff-details><staff-lines>1</staff-lines></staff-details>")
            made.append(_transpose(self.instrument))
        if rests:
            made.append(f"<measure-style><multiple-rest>{rests}</multiple-rest></measure-style>")
        return f"<attributes>{''.join(made)}</attributes>" if made else ""

    def _directions(self, bar: Bar) -> Iterator[str]:
        for mark in ("segno", "coda"):
            if getattr(bar, mark):
                yield (
                    f'<direction placement="above"><direction-type><{mark}/></direction-type>'
                    f"<sound {mark}={quoteattr(getattr(bar, mark))}/></direction>"
                )
        for on, tempo in self.arrangement.score.tempos if self.is_first else ():
            if bar.on <= on < bar.end and (on == bar.on or bar.index == 0):
                unit = "half" if bar.pulse == 2 else "quarter"
                dot = "<beat-unit-dot/>" if bar.pulse == Fraction(3, 2) else ""
                minute = round(tempo / float(bar.pulse if dot or unit == "half" else 1))
                yield (
                    f'<direction placement="above"><direction-type><metronome><beat-unit>{unit}</beat-unit>{dot}'
                    f"<per-minute>{minute}</per-minute></metronome></direction-type>"
                    f'<sound tempo="{tempo:g}"/></direction>'
                )
                break

    def _signs(self, bar: Bar) -> Iterator[str]:
        notes = self.by_bar.get(bar.index, [])
        if not notes:
            whole = ' measure="yes"'
            duration = bar.length * self.divisions
            yield f"<note><rest{whole}/><duration>{duration}</duration><voice>1</voice></note>"
            return
        fifths = self.key or 0
        state: dict[tuple[str, int], int] = {}
        count = 0
        key = (id(self.part.notes), bar.index)
        if key not in self.known:
            self.known[key] = signs_of(bar, notes)
        for sign in self.known[key]:
            if sign.note is not None:
                count += 1
            yield self._sign(sign, bar, count, fifths, state)

    def _sign(self, sign: _Sign, bar: Bar, count: int, fifths: int, state: dict[tuple[str, int], int]) -> str:
        note = sign.note
        name = f' id="{self.prefix}b{bar.index + 1}n{count}"' if note is not None else ""
        made = [f"<note{name}>"]
        accidental = ""
        if note is None:
            made.append("<rest/>")
        elif note.midi is None:
            made.append("<unpitched><display-step>B</display-step><display-octave>4</display-octave></unpitched>")
        else:
            on_page = note.midi - self.instrument.semitones
            step, alter = name_of(spelled(on_page, fifths))
            octave = (on_page - alter - SEMITONES[step]) // 12 - 1
            shown = f"<alter>{alter}</alter>" if alter else ""
            made.append(f"<pitch><step>{step}</step>{shown}<octave>{octave}</octave></pitch>")
            if state.get((step, octave), _in_key(step, fifths)) != alter:
                if sign.is_start:
                    accidental = f"<accidental>{SIGNS[alter]}</accidental>"
                state[step, octave] = alter
        made.append(f"<duration>{sign.length * self.divisions}</duration>")
        if note is not None:
            made.append("" if sign.is_start else '<tie type="stop"/>')
            made.append("" if sign.is_end else '<tie type="start"/>')
        made.append("<voice>1</voice>")
        typed, dots = sign.type
        if typed:
            made.append(f"<type>{typed}</type>" + "<dot/>" * dots)
        made.append(accidental)
        if sign.is_triplet:
            made.append(
                "<time-modification><actual-notes>3</actual-notes><normal-notes>2</normal-notes></time-modification>"
            )
        made += [f'<beam number="{level}">{word}</beam>' for level, word in enumerate(sign.beams, 1)]
        made.append(self._notations(sign, bar))
        made.append("</note>")
        return "".join(made)

    def _notations(self, sign: _Sign, bar: Bar) -> str:
        made = []
        if sign.note is not None and not sign.is_start:
            made.append('<tied type="stop"/>')
        if sign.note is not None and not sign.is_end:
            made.append('<tied type="start"/>')
        if sign.tuplet:
            made.append(f'<tuplet type="{sign.tuplet}" bracket="yes"/>')
        if sign.note is not None and sign.is_start and sign.note.midi is not None and self.hints:
            midi = sign.note.midi
            if bar.index - self.shown.get(midi, -99) >= HINT_EVERY:
                hint = self.instrument.hint(midi)
                if hint == "0" and self.instrument.strings:
                    made.append("<technical><open-string/></technical>")
                elif hint:
                    made.append(f"<technical><fingering>{hint}</fingering></technical>")
                self.shown[midi] = bar.index
        return f"<notations>{''.join(made)}</notations>" if made else ""


def _in_key(step: str, fifths: int) -> int:
    place = "FCGDAEB".index(step)
    if fifths > 0:
        return 1 if place < fifths else 0
    return -1 if 6 - place < -fifths else 0


def _transpose(instrument: Instrument) -> str:
    if not instrument.semitones:
        return ""
    octaves = abs(instrument.semitones) // 12 * (1 if instrument.semitones > 0 else -1)
    chromatic, steps = instrument.semitones - 12 * octaves, instrument.steps - 7 * octaves
    octave = f"<octave-change>{octaves}</octave-change>" if octaves else ""
    return f"<transpose><diatonic>{steps}</diatonic><chromatic>{chromatic}</chromatic>{octave}</transpose>"


def _left(bar: Bar) -> Iterator[str]:
    if bar.repeat_starts or bar.endings:
        ending = f'<ending number="{",".join(map(str, bar.endings))}" type="start"/>' if bar.endings else ""
        repeat = '<repeat direction="forward"/>' if bar.repeat_starts else ""
        style = "<bar-style>heavy-light</bar-style>" if repeat else ""
        yield f'<barline location="left">{style}{ending}{repeat}</barline>'


def _right(bar: Bar, is_last: bool, passes: tuple[int, ...]) -> Iterator[str]:
    words = [("To Coda", f"tocoda={quoteattr(bar.to_coda)}")] if bar.to_coda else []
    words += [("Fine", 'fine="yes"')] if bar.fine else []
    words += [("D.C.", 'dacapo="yes"')] if bar.jump == "dacapo" else []
    words += [("D.S.", f"dalsegno={quoteattr(bar.jump_to or 'segno')}")] if bar.jump == "dalsegno" else []
    for word, sound in words:
        yield (
            f'<direction placement="above"><direction-type><words font-style="italic">{word}</words></direction-type>'
            f"<sound {sound}/></direction>"
        )
    if bar.repeat_ends or passes or is_last:
        numbers = ",".join(map(str, passes))
        ending = f'<ending number="{numbers}" type="stop"/>' if passes else ""
        times = f' times="{bar.repeat_ends}"' if bar.repeat_ends > 2 else ""
        repeat = f'<repeat direction="backward"{times}/>' if bar.repeat_ends else ""
        style = "<bar-style>light-heavy</bar-style>" if repeat or is_last else ""
        yield f'<barline location="right">{style}{ending}{repeat}</barline>'


def _divisions(arrangement: Arrangement, parts: Sequence[Fitted]) -> int:
    found = {4}
    for bar in arrangement.score.bars:
        found.update((bar.on.denominator, bar.length.denominator))
    for part in parts:
        for note in part.notes:
            found.update((note.on.denominator, note.length.denominator))
    made = 1
    for value in sorted(found):
        made = lcm(made, value)
    return lcm(made, 12) if made < 100_000 else made


def name_of_part(part: Fitted) -> str:
    return " – ".join(filter(None, (part.player.name, part.player.instrument.name)))


def write(
    arrangement: Arrangement, parts: Sequence[Fitted], signs: Signs | None = None, names: Sequence[str] = ()
) -> bytes:
    """One file with these parts. A file of one part joins its long rests; a score does not. `signs`: kept from one call
    to the next for the same parts, it saves working them out again. `names`: instead of the players'."""
    signs = {} if signs is None else signs
    score = arrangement.score
    divisions = _divisions(arrangement, parts)
    made = [
        '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE score-partwise PUBLIC "-//Recordare//DTD MusicXML 4.0 '
        'Partwise//EN" "http://www.musicxml.org/dtds/partwise.dtd">\n<score-partwise version="4.0">',
        f"<work><work-title>{_text(score.title)}</work-title></work><identification>",
        f'<creator type="composer">{_text(score.composer)}</creator>' if score.composer else "",
        f"<rights>{_text(score.rights)}</rights>" if score.rights else "",
        "<encoding><software>Leerorkest</software></encoding></identification><part-list>",
    ]
    for number, part in enumerate(parts, 1):
        program = part.player.instrument.program
        midi = (
            f'<score-instrument id="P{number}-I"><instrument-name>{_text(part.player.instrument.name)}'
            f'</instrument-name></score-instrument><midi-instrument id="P{number}-I">'
            f"<midi-program>{program}</midi-program></midi-instrument>"
            if part.player.instrument.is_pitched
            else ""
        )
        called = names[number - 1] if names else name_of_part(part)
        short = called if names else part.player.name.split(" ")[0] or part.player.instrument.name
        made.append(
            f'<score-part id="P{number}"><part-name>{_text(called)}</part-name>'
            f"<part-abbreviation>{_text(short[:12])}</part-abbreviation>{midi}</score-part>"
        )
    made.append("</part-list>")
    for number, part in enumerate(parts, 1):
        made.append(f'<part id="P{number}">')
        writer = _PartWriter(arrangement, part, f"{part.player.id}-", divisions, number, len(parts), signs)
        made.extend(writer.bars())
        made.append("</part>")
    made.append("</score-partwise>\n")
    return "".join(made).encode()


def _text(value: str) -> str:
    return escape("".join(letter for letter in value if letter.isprintable()))
