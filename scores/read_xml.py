"""MusicXML into the model: partwise or timewise, as real programs write it and as broken ones do.

The reader never guesses in silence: what it mends, it says in a finding with the bar and the part. It writes an id on
every bar and note of the tree, so that the page engraved from it carries the model's ids.
"""

import re
from dataclasses import dataclass, field, replace
from fractions import Fraction

from lxml import etree

from .findings import Findings
from .model import Bar, Note, Part, Refused, Score, lof_of

MOST_NOTES, MOST_BARS, MOST_PARTS, MOST_QUARTERS = 400_000, 20_000, 200, 40_000
NUMBER = re.compile(r"\s*([+-]?\d{1,9}(?:\.\d{1,9})?)\s*\Z")
TYPES = {
    "maxima": Fraction(32),
    "long": Fraction(16),
    "breve": Fraction(8),
    "whole": Fraction(4),
    "half": Fraction(2),
    "quarter": Fraction(1),
    "eighth": Fraction(1, 2),
    "16th": Fraction(1, 4),
    "32nd": Fraction(1, 8),
    "64th": Fraction(1, 16),
    "128th": Fraction(1, 32),
    "256th": Fraction(1, 64),
    "512th": Fraction(1, 128),
    "1024th": Fraction(1, 256),
}
SIGNS = {
    "sharp": 1,
    "natural": 0,
    "flat": -1,
    "double-sharp": 2,
    "sharp-sharp": 2,
    "flat-flat": -2,
    "natural-sharp": 1,
    "natural-flat": -1,
}
SEMITONES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
TOUCH = Fraction(1, 48)  # ties join notes that touch within this much of a quarter
PERCUSSION_SOUNDS = ("drum", "metal", "wood", "rattle", "effect")


def number(text: str | None) -> Fraction | None:
    found = NUMBER.match(text or "")
    return Fraction(found[1]) if found else None


def integer(text: str | None) -> int | None:
    value = number(text)
    return int(value) if value is not None and value.denominator == 1 else None


def _attributes(element: etree._Element) -> dict[str, str]:
    """All but the id, which would stand twice."""
    return {str(key): str(value) for key, value in element.attrib.items() if key != "id"}


def partwise(root: etree._Element) -> etree._Element:
    """The same score, bar within part."""
    if root.tag == "score-partwise":
        return root
    made = etree.Element("score-partwise", _attributes(root))
    parts: dict[str, etree._Element] = {}
    for child in root:
        if child.tag != "measure":
            made.append(child)
            continue
        for inner in child.iterchildren("part"):
            key = inner.get("id", "")
            if key not in parts:
                if len(parts) >= MOST_PARTS:
                    raise Refused("too-many-parts", f"This score has more than {MOST_PARTS} parts.")
                parts[key] = etree.Element("part", {"id": key})
            bar = etree.SubElement(parts[key], "measure", _attributes(child))
            bar.extend(list(inner))
    for part in parts.values():
        made.append(part)
    return made


@dataclass
class _RawBar:
    """What one part says of one bar."""

    number: str
    on: Fraction = Fraction(0)  # filled in when all parts are known
    filled: Fraction = Fraction(0)
    beats: tuple[int, ...] = ()
    beat_type: int = 4
    is_free: bool = False
    is_implicit: bool = False
    fifths: int | None = None  # sounding
    is_minor: bool = False
    repeat_starts: bool = False
    repeat_ends: int = 0
    endings: tuple[int, ...] = ()
    ending_stops: bool = False
    marks: dict[str, str] = field(default_factory=dict)  # segno, coda, tocoda, fine, dacapo, dalsegno
    tempos: list[tuple[Fraction, float]] = field(default_factory=list)
    id: str = ""


@dataclass
class _RawNote:
    """A note as it is written, before ties are joined; `on` counts from the bar."""

    note: Note
    ties_on: bool
    is_tied_to: bool


def _text(element: etree._Element | None, path: str) -> str:
    return (element.findtext(path) or "").strip() if element is not None else ""


def _plain(element: etree._Element, most: int = 200) -> str:
    return " ".join("".join(str(piece) for piece in element.itertext()).split())[:most]


class _PartReader:
    def __init__(self, element: etree._Element, name: str, position: int, drums: dict[str, str], ids: set[str]):
        self.element, self.name, self.position, self.drums, self.ids = element, name, position, drums, ids
        self.divisions: Fraction | None = None
        self.transposes: dict[int, tuple[int, int]] = {}  # staff (0: all) → semitones, fifths
        self.key: dict[int, tuple[int, bool]] = {}
        self.beats: tuple[int, ...] = (4,)
        self.beat_type = 4
        self.is_free = False
        self.staves = 1
        self.is_percussion = False
        self.bars: list[_RawBar] = []
        self.notes: list[_RawNote] = []
        self.lengths: dict[tuple[str | None, Fraction | None], Fraction | None] = {}

    def read(self, findings: Findings) -> None:
        self.findings = findings
        for index, measure in enumerate(self.element.iterchildren("measure")):
            if index >= MOST_BARS:
                raise Refused("too-many-bars", f"This score has more than {MOST_BARS:,} bars.")
            self._bar(index, measure)

    def _say(self, code: str, **values: object) -> None:
        self.findings.add(code, self.name, self.raw.number, **values)

    def _id(self, element: etree._Element, wish: str) -> str:
        given = element.get("id", "")
        if given and given not in self.ids and re.fullmatch(r"[A-Za-z_][\w.-]{0,63}", given, re.ASCII):
            wish = given
        while wish in self.ids:
            wish += "x"
        self.ids.add(wish)
        element.set("id", wish)
        return wish

    def _bar(self, index: int, measure: etree._Element) -> None:
        raw = self.raw = _RawBar((measure.get("number") or str(index + 1)).strip()[:12])
        raw.is_implicit = measure.get("implicit") == "yes"
        raw.id = self._id(measure, f"p{self.position}b{index + 1}")
        self.index = index
        self.cursor = self.last_on = self.last_length = Fraction(0)
        self.count = 0
        for child in measure:
            handler = HANDLERS.get(child.tag)
            if handler is not None:
                handler(self, child)
            if self.cursor > raw.filled:
                raw.filled = self.cursor
        raw.beats, raw.beat_type, raw.is_free = self.beats, self.beat_type, self.is_free
        if self.key:
            fifths, raw.is_minor = self.key.get(0) or next(iter(self.key.values()))
            raw.fifths = fifths + self._transpose(1)[1]
        self.bars.append(raw)

    def _transpose(self, staff: int) -> tuple[int, int]:
        return self.transposes.get(staff) or self.transposes.get(0) or (0, 0)

    # -- what stands in a bar ---------------------------------------------------------------------------------------

    def _attributes(self, element: etree._Element) -> None:
        for child in element:
            tag = child.tag
            if tag == "divisions":
                value = number(child.text)
                if value is None or not 0 < value <= 1_000_000:
                    self._say("bad-divisions", value=(child.text or "").strip())
                else:
                    self.divisions = value
            elif tag == "key":
                self._key(child)
            elif tag == "time":
                self._time(child)
            elif tag == "staves":
                self.staves = min(max(integer(child.text) or 1, 1), 20)
            elif tag == "clef":
                if _text(child, "sign") == "percussion":
                    self.is_percussion = True
            elif tag == "transpose":
                self._transposition(child)
            elif tag == "measure-style" and (
                child.find("measure-repeat") is not None or child.find("beat-repeat") is not None
            ):
                self._say("bar-repeat-sign")

    def _key(self, element: etree._Element) -> None:
        staff = integer(element.get("number")) or 0
        fifths = integer(element.findtext("fifths"))
        if fifths is None or abs(fifths) > 14:
            self._say("odd-key")
            fifths = 0
        elif abs(fifths) > 7:
            self._say("big-key", value=abs(fifths))
        if staff == 0:
            self.key.clear()
        self.key[staff] = (fifths, _text(element, "mode") == "minor")

    def _time(self, element: etree._Element) -> None:
        if element.find("senza-misura") is not None:
            self.is_free = True
            self._say("free-time")
            return
        pairs, above = [], ""
        for child in element:
            if child.tag == "beats":
                above = (child.text or "").strip()
            elif child.tag == "beat-type":
                pairs.append((above, integer(child.text)))
        groups: list[tuple[int, int]] = []
        for over, under in pairs:
            figures = [integer(figure) for figure in over.split("+")]
            if under is None or not 1 <= under <= 128 or under & (under - 1):
                groups = []
                break
            for figure in figures:
                if figure is None or not 1 <= figure <= 128:
                    groups = []
                    break
                groups.append((figure, under))
            else:
                continue
            break
        if not groups or len(groups) > 32:
            self._say("bad-time", value="".join(_plain(element, 30)))
            return
        finest = max(under for _, under in groups)
        self.beats = tuple(figure * finest // under for figure, under in groups)
        self.beat_type, self.is_free = finest, False

    def _transposition(self, element: etree._Element) -> None:
        staff = integer(element.get("number")) or 0
        chromatic = integer(element.findtext("chromatic"))
        if chromatic is None or abs(chromatic) > 48:
            return
        octave = integer(element.findtext("octave-change")) or 0
        diatonic = integer(element.findtext("diatonic"))
        fifths = 7 * chromatic - 12 * diatonic if diatonic is not None else 99
        if abs(fifths) > 11:
            fifths = (chromatic * 7 + 5) % 12 - 5
        if staff == 0:
            self.transposes.clear()
        self.transposes[staff] = (chromatic + 12 * max(-4, min(4, octave)), fifths)

    def _length(self, element: etree._Element) -> Fraction | None:
        return self._length_of(element.findtext("duration"))

    def _length_of(self, text: str | None) -> Fraction | None:
        """Quarters; None where the file does not say it. A file says few lengths many times."""
        key = (text, self.divisions)
        if key not in self.lengths:
            length = self._reckoned(text)
            if len(self.lengths) > 5000:
                return length
            self.lengths[text, self.divisions] = length
            return length
        return self.lengths[key]

    def _reckoned(self, text: str | None) -> Fraction | None:
        value = number(text)
        if value is None or value < 0:
            return None
        if self.divisions is None:
            self.divisions = self._inferred_divisions()
            self._say("no-divisions")
        length = value / self.divisions
        return length if length <= 4096 else None

    def _inferred_divisions(self) -> Fraction:
        """From the first note that has both a length and a note value."""
        for note in self.element.iter("note"):
            value, typed = number(note.findtext("duration")), _typed(note)
            if value and typed and note.find("grace") is None:
                return value / typed
        return Fraction(1)

    def _backup(self, element: etree._Element) -> None:
        length = self._length(element)
        if length is None:
            self._say("bad-duration")
        elif length > self.cursor:
            if length > self.cursor + TOUCH:
                self._say("backup-too-far")
            self.cursor = Fraction(0)
        else:
            self.cursor -= length

    def _forward(self, element: etree._Element) -> None:
        length = self._length(element)
        if length is None:
            self._say("bad-duration")
        else:
            self.cursor += length

    def _note(self, element: etree._Element) -> None:  # one branch for each child that matters
        self.count += 1
        is_grace = is_chord = is_rest = is_cue = False
        pitch = unpitched = None
        staff, voice, lyric, drum = 1, "1", "", ""
        ties_on = is_tied_to = False
        sign, duration = "", None
        for child in element:
            tag = child.tag
            if tag == "duration":
                duration = child.text
            elif tag == "pitch":
                pitch = child
            elif tag == "chord":
                is_chord = True
            elif tag == "rest":
                is_rest = True
            elif tag == "grace":
                is_grace = True
            elif tag == "cue":
                is_cue = True
            elif tag == "unpitched":
                unpitched = child
            elif tag == "staff":
                staff = min(max(integer(child.text) or 1, 1), 20)
            elif tag == "voice":
                voice = (child.text or "1").strip()[:12]
            elif tag == "tie":
                ties_on |= child.get("type") == "start"
                is_tied_to |= child.get("type") == "stop"
            elif tag == "accidental":
                sign = (child.text or "").strip()
            elif tag == "instrument":
                drum = self.drums.get(child.get("id", ""), "")
            elif tag == "notations":
                for tied in child.iterchildren("tied"):
                    ties_on |= tied.get("type") == "start"
                    is_tied_to |= tied.get("type") == "stop"
            elif tag == "time-modification":
                odd = (child.findtext("actual-notes") or "").strip(), (child.findtext("normal-notes") or "").strip()
                if odd[0] not in ("", "1", "2", "3", "4", "6", "12") and not is_grace:
                    self._say("tuplet-odd", value=f"{odd[0]} in the time of {odd[1]}")
            elif tag == "lyric" and not lyric:
                text = "".join(word.text or "" for word in child.iterchildren("text")).strip()
                lyric = text[:60]
        length = Fraction(0)
        if not is_grace:
            said = self._length_of(duration)
            if said is None:
                typed = _typed(element)
                self._say("bad-duration" if typed is None else "duration-from-type")
                if typed is None:
                    return
                said = typed
            length = said
        if is_chord:
            on = self.last_on
        else:
            on, self.last_on = self.cursor, self.cursor
            self.cursor += length
        if is_chord and on + length > self.raw.filled:
            self.raw.filled = on + length
        if pitch is None and unpitched is None:
            if not is_rest:
                self._say("bad-pitch")
            return
        if is_rest:
            return
        name = self._id(element, f"p{self.position}b{self.index + 1}n{self.count}")
        if pitch is None:
            note = Note(name, self.index, on, length, None, 0, 0, staff, voice, is_grace, is_cue, drum or "drum", lyric)
        else:
            sounding = self._pitch(pitch, sign, staff)
            if sounding is None:
                self._say("bad-pitch")
                return
            midi, lof, cents = sounding
            note = Note(name, self.index, on, length, midi, lof, cents, staff, voice, is_grace, is_cue, "", lyric)
        if len(self.ids) >= MOST_NOTES:
            raise Refused("too-many-notes", f"This score has more than {MOST_NOTES:,} notes and bars.")
        self.notes.append(_RawNote(note, ties_on, is_tied_to))

    def _pitch(self, element: etree._Element, sign: str, staff: int) -> tuple[int, int, int] | None:
        step = octave = alter = None
        for child in element:
            if child.tag == "step":
                step = (child.text or "").strip().upper()
            elif child.tag == "octave":
                octave = integer(child.text)
            elif child.tag == "alter":
                alter = number(child.text)
        if step not in SEMITONES or octave is None or not -1 <= octave <= 10:
            return None
        if alter is None and SIGNS.get(sign):
            alter = Fraction(SIGNS[sign])
            self._say("accidental-without-alter")
        alter = alter or Fraction(0)
        if abs(alter) > 4:
            return None
        whole = round(alter)
        cents = round((alter - whole) * 100)
        if cents:
            self._say("microtone")
        semitones, fifths = self._transpose(staff)
        midi = SEMITONES[step] + 12 * (octave + 1) + whole + semitones
        if not 0 <= midi <= 135:
            return None
        return midi, lof_of(step, whole) + fifths, cents

    def _barline(self, element: etree._Element) -> None:
        where = element.get("location", "right")
        for child in element:
            if child.tag == "repeat":
                if where == "middle":
                    self._say("repeat-inside-bar")
                if child.get("direction") == "forward":
                    self.raw.repeat_starts = True
                elif child.get("direction") == "backward":
                    times = integer(child.get("times", "2"))
                    self.raw.repeat_ends = min(max(times if times is not None else 2, 2), 32)
            elif child.tag == "ending":
                if child.get("type") == "start":
                    self.raw.endings = self._ending(child.get("number", ""))
                else:
                    self.raw.ending_stops = True
            elif child.tag in ("segno", "coda"):
                self.raw.marks.setdefault(child.tag, child.tag)

    def _ending(self, text: str) -> tuple[int, ...]:
        passes: set[int] = set()
        for piece in re.split(r"[,;\s]+", text.strip()):
            span = re.fullmatch(r"(\d{1,2})\.?(?:[-–](\d{1,2})\.?)?", piece)
            if span:
                passes.update(range(int(span[1]), min(int(span[2] or span[1]), 32) + 1))
        found = tuple(sorted(turn for turn in passes if 1 <= turn <= 32))
        if not found or 0 in passes:
            found = found or (1,)
            self.findings.add("ending-odd", "", self.raw.number, value=text, played=", ".join(map(str, found)))
        return found

    def _direction(self, element: etree._Element) -> None:
        shift = number(element.findtext("offset")) or Fraction(0)
        at = max(self.cursor + (shift / self.divisions if self.divisions else 0), Fraction(0))
        for child in element:
            if child.tag == "sound":
                self._sound(child, at)
            elif child.tag == "direction-type":
                for inner in child:
                    if inner.tag in ("segno", "coda"):
                        self.raw.marks.setdefault(inner.tag, inner.tag)
                    elif inner.tag == "words":
                        self._words(_plain(inner))
                    elif inner.tag == "metronome":
                        self._metronome(inner, at)

    def _sound_in_bar(self, element: etree._Element) -> None:
        self._sound(element, self.cursor)

    def _sound(self, element: etree._Element, at: Fraction) -> None:
        for key in ("segno", "coda", "tocoda", "dalsegno"):
            if element.get(key):
                self.raw.marks[key] = element.get(key, "")[:20]
        if element.get("dacapo") == "yes":
            self.raw.marks["dacapo"] = "yes"
        if element.get("fine"):
            self.raw.marks["fine"] = "yes"
        tempo = number(element.get("tempo"))
        if tempo and 5 <= tempo <= 1000:
            self.raw.tempos.append((at, float(tempo)))

    def _words(self, text: str) -> None:
        """Jumps that stand on the page only. `setdefault`: what `<sound>` says comes first."""
        said = text.casefold()
        if len(said) > 60:
            return
        if re.search(r"\bd\. ?c\.|\bda capo\b", said):
            self.raw.marks.setdefault("dacapo", "words")
        elif re.search(r"\bd\. ?s\.|\b(dal|del) segno\b", said):
            self.raw.marks.setdefault("dalsegno", "segno")
        elif re.fullmatch(r"[(\[]?(al |to )coda[)\].]?", said):
            self.raw.marks.setdefault("tocoda", "coda")
        elif re.fullmatch(r"[(\[]?fine[)\].]?", said):
            self.raw.marks.setdefault("fine", "words")

    def _metronome(self, element: etree._Element, at: Fraction) -> None:
        minute = number(element.findtext("per-minute"))
        unit = TYPES.get(_text(element, "beat-unit"))
        if minute and unit and 5 <= minute <= 1000:
            if element.find("beat-unit-dot") is not None:
                unit *= Fraction(3, 2)
            if not any(moment == at for moment, _ in self.raw.tempos):
                self.raw.tempos.append((at, float(minute * unit)))


HANDLERS = {
    "note": _PartReader._note,
    "attributes": _PartReader._attributes,
    "backup": _PartReader._backup,
    "forward": _PartReader._forward,
    "barline": _PartReader._barline,
    "direction": _PartReader._direction,
    "sound": _PartReader._sound_in_bar,
}


def _typed(element: etree._Element) -> Fraction | None:
    """The length that the note value, its dots and its tuplet give."""
    typed = TYPES.get(_text(element, "type"))
    if typed is None:
        return None
    dots = min(len(element.findall("dot")), 4)
    length = typed * (2 - Fraction(1, 2**dots))
    change = element.find("time-modification")
    if change is not None:
        actual, normal = integer(change.findtext("actual-notes")), integer(change.findtext("normal-notes"))
        if actual and normal and 0 < actual <= 512 and 0 < normal <= 512:
            length = length * normal / actual
    return length


# -- the whole ------------------------------------------------------------------------------------------------------


def read(root: etree._Element, findings: Findings) -> tuple[Score, bytes]:
    """The score, and the partwise XML with the model's ids in it. Raises Refused for what is no score."""
    if isinstance(root.tag, str) and root.tag.startswith("{"):
        findings.add("namespace")
        for element in root.iter("*"):
            element.tag = etree.QName(element).localname
    if root.tag not in ("score-partwise", "score-timewise"):
        raise Refused("no-score", f"This XML file is no score: it starts with “{str(root.tag)[:40]}”.")
    root = partwise(root)
    listed, drums = _listed(root)
    elements = list(root.iterchildren("part"))
    if not elements:
        raise Refused("no-parts", "This score has no parts with music in it.")
    if len(elements) > MOST_PARTS:
        raise Refused("too-many-parts", f"This score has more than {MOST_PARTS} parts.")
    ids: set[str] = set()
    readers = []
    for position, element in enumerate(elements, 1):
        key = element.get("id", "")
        name, sound = listed.get(key, ("", ""))
        if key not in listed:
            findings.add("part-unlisted", name or key or f"Part {position}")
        reader = _PartReader(element, name or f"Part {position}", position, drums, ids)
        reader.read(findings)
        readers.append((key or f"P{position}", reader, sound))
    present = {key for key, _, _ in readers}
    for key, (name, _) in listed.items():
        if key not in present:
            findings.add("part-missing", name or key)
    bars, tempos = _bars([reader for _, reader, _ in readers], findings)
    if not bars:
        raise Refused("no-bars", "This score has no bars.")
    if bars[-1].end > MOST_QUARTERS:
        raise Refused("too-long", f"This score is longer than {MOST_QUARTERS:,} quarter notes. No piece is.")
    parts = tuple(_part(key, reader, sound, bars, findings) for key, reader, sound in readers)
    title = _title(_text(root, "work/work-title"), _text(root, "movement-title"))
    if not title:
        findings.add("no-title")
    composer = next(
        (_plain(person) for person in root.iterfind("identification/creator") if person.get("type") == "composer"), ""
    )
    rights = "; ".join(filter(None, (_plain(right) for right in root.iterfind("identification/rights"))))
    score = Score(title[:200], composer, parts, bars, tempos, rights[:400])
    return score, etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _title(work: str, movement: str) -> str:
    if work and movement and movement not in work:
        return f"{movement} ({work})" if len(movement) + len(work) < 60 else movement
    return work or movement


def _listed(root: etree._Element) -> tuple[dict[str, tuple[str, str]], dict[str, str]]:
    """id → (name, sound), and what each id of a struck instrument is called."""
    listed: dict[str, tuple[str, str]] = {}
    drums: dict[str, str] = {}
    for element in root.iterfind("part-list/score-part"):
        name = element.find("part-name")
        called = _plain(name) if name is not None else ""
        shown = element.find("part-name-display/display-text")
        first = _text(element, "score-instrument/instrument-name")
        called = called or (_plain(shown) if shown is not None else "") or first
        listed[element.get("id", "")] = (called[:60], _text(element, "score-instrument/instrument-sound")[:60])
        for instrument in element.iterchildren("score-instrument"):
            drums[instrument.get("id", "")] = _text(instrument, "instrument-name")[:40]
    counts: dict[str, int] = {}
    for called, _ in listed.values():
        counts[called] = counts.get(called, 0) + 1
    numbered: dict[str, int] = {}
    for key, (called, sound) in listed.items():
        if counts[called] > 1 and called:  # two parts of one name are told apart
            numbered[called] = numbered.get(called, 0) + 1
            listed[key] = (f"{called} {numbered[called]}", sound)
    return listed, drums


def _bars(readers: list[_PartReader], findings: Findings) -> tuple[tuple[Bar, ...], tuple[tuple[Fraction, float], ...]]:
    count = max(len(reader.bars) for reader in readers)
    for reader in readers:
        if 0 < len(reader.bars) < count:
            findings.add("parts-differ", reader.name, "", **{"is": len(reader.bars), "should": count})
    bars: list[Bar] = []
    tempos: dict[Fraction, float] = {}
    on = Fraction(0)
    for index in range(count):
        present = [(reader, reader.bars[index]) for reader in readers if index < len(reader.bars)]
        first = present[0][1]
        nominal = Fraction(sum(first.beats) * 4, first.beat_type)
        length = Fraction(0)
        for reader, raw in present:
            own = Fraction(sum(raw.beats) * 4, raw.beat_type)
            if own != nominal:
                findings.add("times-differ", reader.name, raw.number)
            filled = raw.filled
            over = filled - own
            if over > 0 and not raw.is_free:
                if over < Fraction(1, 2) and (over % Fraction(1, 16)) and (over % Fraction(1, 12)):
                    findings.add("bar-overruns", reader.name, raw.number)
                    filled = own
                elif not raw.is_implicit:
                    findings.add("bar-too-long", reader.name, raw.number, **{"is": _said(filled), "should": _said(own)})
            length = max(length, filled)
        if length == 0:
            length = nominal
        mode = next(
            (
                raw
                for reader, raw in present
                if raw.fifths is not None and not reader.is_percussion and not _moves(reader)
            ),
            next((raw for reader, raw in present if raw.fifths is not None and not reader.is_percussion), None),
        )
        marks: dict[str, str] = {}
        for _, raw in present:
            for key, value in raw.marks.items():
                marks.setdefault(key, value)
            for at, tempo in raw.tempos:
                tempos.setdefault(on + min(at, length), tempo)
        bars.append(
            Bar(
                index,
                first.number,
                on,
                length,
                first.beats,
                first.beat_type,
                (mode.fifths or 0) if mode else 0,
                mode.is_minor if mode else False,
                any(raw.repeat_starts for _, raw in present),
                max(raw.repeat_ends for _, raw in present),
                next((raw.endings for _, raw in present if raw.endings), ()),
                any(raw.ending_stops for _, raw in present),
                marks.get("segno", ""),
                marks.get("coda", ""),
                marks.get("tocoda", ""),
                "fine" in marks,
                "dacapo" if "dacapo" in marks else "dalsegno" if "dalsegno" in marks else "",
                marks.get("dalsegno", ""),
                first.id,
            )
        )
        on += length
    may_be_short = [
        any(r.bars[i].is_free or r.bars[i].is_implicit for r in readers if i < len(r.bars)) for i in range(count)
    ]
    _short_bars(bars, may_be_short, findings)
    return tuple(bars), tuple(sorted(tempos.items()))


def _short_bars(bars: list[Bar], may_be_short: list[bool], findings: Findings) -> None:
    """A short bar is said, unless it is a pickup, the last bar, or one of two that make a whole at a repeat."""
    for bar, is_free in zip(bars, may_be_short, strict=True):
        if bar.length >= bar.nominal or is_free or bar.number == "0" or bar.index in (0, len(bars) - 1):
            continue
        near = [bars[bar.index - 1], bars[bar.index + 1]]
        completes = any(other.length + bar.length == bar.nominal for other in near)
        at_edge = bar.repeat_ends or bar.repeat_starts or bar.endings or bars[bar.index + 1].repeat_starts
        if not completes and not at_edge:
            findings.add("bar-too-short", "", bar.number, **{"is": _said(bar.length), "should": _said(bar.nominal)})


def _said(value: Fraction) -> str:
    whole, rest = divmod(value, 1)
    return f"{whole} {rest}" if rest and whole else str(rest or whole)


def _moves(reader: _PartReader) -> bool:
    return any(fifths for _, fifths in reader.transposes.values())


def _part(key: str, reader: _PartReader, sound: str, bars: tuple[Bar, ...], findings: Findings) -> Part:
    notes = []
    open_ties: dict[tuple[int | None, str], list[tuple[int, Fraction]]] = {}
    ended: list[bool] = []
    for raw in sorted(reader.notes, key=lambda raw: (raw.note.bar, raw.note.on)):
        bar = bars[raw.note.bar]
        length = max(min(raw.note.length, bar.length - raw.note.on), Fraction(0))
        note = replace(raw.note, on=bar.on + raw.note.on, length=length)
        name = (note.midi, note.drum)
        if note.is_grace:
            notes.append(note)
            ended.append(not raw.ties_on)
            continue
        joined = None
        if raw.is_tied_to:
            waiting = open_ties.get(name, [])
            touching = [pair for pair in waiting if abs(pair[1] - note.on) <= TOUCH]
            touching.sort(key=lambda pair: (notes[pair[0]].voice != note.voice, notes[pair[0]].staff != note.staff))
            if touching:
                joined = touching[0]
                waiting.remove(joined)
        if joined is not None:
            index = joined[0]
            before = notes[index]
            notes[index] = replace(before, length=note.end - before.on, tied=(*before.tied, (note.id, note.on)))
            ended[index] = True
        else:
            index = len(notes)
            notes.append(note)
            ended.append(True)
        if raw.ties_on:
            ended[index] = False
            open_ties.setdefault(name, []).append((index, note.end))
            if len(open_ties[name]) > 40:
                open_ties[name] = open_ties[name][-20:]
    for note, is_ended in zip(notes, ended, strict=True):
        if not is_ended and not note.is_grace:
            findings.add("tie-unended", reader.name, bars[note.bar].number)
    if not notes:
        findings.add("part-empty", reader.name)
    notes.sort(key=lambda note: (note.on, not note.is_grace, note.midi or 0))
    unpitched = sum(note.midi is None for note in notes)
    is_percussion = bool(notes) and unpitched * 2 > len(notes)
    return Part(key, reader.name, tuple(notes), sound, reader.staves, is_percussion)
