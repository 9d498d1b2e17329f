"""MEI, as verovio's canonical form of it (which is also how ABC comes), turned into partwise MusicXML.

One staff is one part. The notes keep their `xml:id`, so that a page engraved from the MEI has the model's ids. What
this reader does not know it leaves out and says so.
"""

from dataclasses import dataclass, field
from fractions import Fraction
from math import lcm

from lxml import etree

from .findings import Findings
from .model import Refused
from .read_xml import integer

MEI = "{http://www.music-encoding.org/ns/mei}"
ID = "{http://www.w3.org/XML/1998/namespace}id"
ALTER = {"s": 1, "f": -1, "n": 0, "ss": 2, "x": 2, "ff": -2, "ns": 1, "nf": -1, "su": 1, "sd": 1, "fu": -1, "fd": -1}
LENGTHS = {"long": Fraction(16), "breve": Fraction(8)} | {str(2**n): Fraction(4, 2**n) for n in range(11)}
BORING = {"clef", "keySig", "meterSig", "accid", "artic", "dot", "verse", "syl", "barLine", "label", "stem", "dynam"}
MOST_EVENTS = 400_000


@dataclass
class _Staff:
    number: str
    name: str = ""
    key: int = 0
    beats: str = "4"
    beat_type: str = "4"
    semitones: int = 0
    steps: int = 0
    bars: list[etree._Element] = field(default_factory=list)
    is_new: bool = True  # attributes to be written in the next bar


def _name(element: etree._Element) -> str:
    return element.tag.removeprefix(MEI) if isinstance(element.tag, str) else ""


def _fifths(text: str) -> int | None:
    if text == "0":
        return 0
    figure = integer(text[:-1])
    return None if figure is None or text[-1:] not in "sf" else figure * (1 if text.endswith("s") else -1)


class _Reader:
    def __init__(self, root: etree._Element, findings: Findings):
        self.findings = findings
        scores = root.findall(f".//{MEI}music//{MEI}score")  # those in the header are incipits
        if not scores:
            raise Refused("no-score", "This MEI file holds no score.")
        self.score = scores[0]
        self.root = root
        self.staves: dict[str, _Staff] = {}
        self.ties = self._ties()
        self.events = 0
        self.bar = 0
        self.lengths: list[tuple[etree._Element, Fraction]] = []
        self.ending = ""
        self.ending_starts = self.ending_stops = False

    def _ties(self) -> dict[str, set[str]]:
        made: dict[str, set[str]] = {}
        for tie in self.score.iter(f"{MEI}tie"):
            made.setdefault(tie.get("startid", "").lstrip("#"), set()).add("start")
            made.setdefault(tie.get("endid", "").lstrip("#"), set()).add("stop")
        return made

    def read(self) -> etree._Element:
        self._walk(self.score)
        made = etree.Element("score-partwise")
        work = etree.SubElement(made, "work")
        title = self.root.find(f".//{MEI}titleStmt/{MEI}title")
        head = self.score.find(f".//{MEI}pgHead//{MEI}rend")
        etree.SubElement(work, "work-title").text = self._words(title) or self._words(head)
        who = etree.SubElement(made, "identification")
        for person in self.root.iter(f"{MEI}composer"):
            etree.SubElement(who, "creator", type="composer").text = self._words(person)
            break
        listed = etree.SubElement(made, "part-list")
        for staff in self.staves.values():
            row = etree.SubElement(listed, "score-part", id=f"S{staff.number}")
            etree.SubElement(row, "part-name").text = staff.name or f"Staff {staff.number}"
        divisions = 1
        for _, length in self.lengths:
            divisions = lcm(divisions, length.denominator)
            if divisions > 1_000_000:
                raise Refused("odd-lengths", "This MEI file has lengths that no score has.")
        for element, length in self.lengths:
            element.text = str(int(length * divisions))
        for staff in self.staves.values():
            part = etree.SubElement(made, "part", id=f"S{staff.number}")
            part.extend(staff.bars)
            first = next(part.iter("attributes"), None)
            if first is not None:
                mark = etree.Element("divisions")
                mark.text = str(divisions)
                first.insert(0, mark)
        return made

    def _words(self, element: etree._Element | None) -> str:
        return "" if element is None else " ".join("".join(str(piece) for piece in element.itertext()).split())[:200]

    def _walk(self, element: etree._Element) -> None:
        for child in element:
            name = _name(child)
            if name in ("scoreDef", "staffDef"):
                self._definitions(child)
            elif name == "measure":
                self._measure(child)
            elif name == "ending":
                self.ending, self.ending_starts = child.get("n", "1"), True
                bars = list(child.iter(f"{MEI}measure"))
                for inner in child:
                    if _name(inner) == "measure":
                        self.ending_stops = inner is bars[-1]
                        self._measure(inner)
                    elif _name(inner) in ("scoreDef", "staffDef"):
                        self._definitions(inner)
                self.ending, self.ending_starts, self.ending_stops = "", False, False
            elif name in ("section", "expansion"):
                self._walk(child)

    def _definitions(self, element: etree._Element) -> None:
        own = _name(element) == "scoreDef"
        for staff_def in element.iter(f"{MEI}staffDef"):
            number = staff_def.get("n", "1")
            if number not in self.staves:
                if len(self.staves) >= 200:
                    raise Refused("too-many-parts", "This score has more than 200 staves.")
                self.staves[number] = _Staff(number, self._label(staff_def))
        if own:
            self._define(element, list(self.staves.values()), deep=False)
        for staff_def in element.iter(f"{MEI}staffDef"):
            self._define(staff_def, [self.staves[staff_def.get("n", "1")]], deep=True)

    def _label(self, staff_def: etree._Element) -> str:
        label = self._words(staff_def.find(f"{MEI}label")) or staff_def.get("label", "")
        above = staff_def.getparent()
        if not label and above is not None and _name(above) == "staffGrp":
            group = self._words(above.find(f"{MEI}label"))
            if group:
                label = f"{group} {[s for s in above if _name(s) == 'staffDef'].index(staff_def) + 1}"
        return label[:60]

    def _define(self, element: etree._Element, staves: list[_Staff], *, deep: bool) -> None:
        key = element.get("keysig") or element.get("key.sig")
        signature = element.find(f"{MEI}keySig")
        if signature is not None:
            key = signature.get("sig") or signature.get("keysig") or key
        meter = element.find(f"{MEI}meterSig")
        count = element.get("meter.count") or (meter.get("count") if meter is not None else None)
        unit = element.get("meter.unit") or (meter.get("unit") if meter is not None else None)
        if not count and ("cut" in (element.get("meter.sym"), meter.get("sym") if meter is not None else None)):
            count, unit = "2", "2"
        for staff in staves:
            if key is not None:
                fifths = _fifths(key)
                if fifths is not None:
                    staff.key, staff.is_new = fifths, True
            if count:
                staff.beats, staff.beat_type, staff.is_new = count, unit or "4", True
            if deep and element.get("trans.semi") is not None:
                staff.semitones = integer(element.get("trans.semi")) or 0
                staff.steps = integer(element.get("trans.diat")) or 0
                staff.is_new = True

    # -- bars ---------------------------------------------------------------------------------------------------------

    def _measure(self, measure: etree._Element) -> None:
        self.bar += 1
        present = {staff.get("n", "1"): staff for staff in measure.iterchildren(f"{MEI}staff")}
        for number, staff in self.staves.items():
            bar = etree.Element("measure", number=measure.get("n", str(self.bar)))
            if measure.get("metcon") == "false":
                bar.set("implicit", "yes")
            if number == next(iter(self.staves)):
                bar.set("id", measure.get(ID, f"b{self.bar}"))
            if staff.is_new:
                self._attributes(bar, staff)
            left = measure.get("left", "")
            if left in ("rptstart", "rptboth") or self.ending_starts:
                line = etree.SubElement(bar, "barline", location="left")
                if self.ending_starts:
                    etree.SubElement(line, "ending", number=self.ending, type="start")
                if left in ("rptstart", "rptboth"):
                    etree.SubElement(line, "repeat", direction="forward")
            if number == next(iter(self.staves)):
                self._tempo(bar, measure)
            if number in present:
                self._layers(bar, present[number], staff)
            right = measure.get("right", "")
            if right in ("rptend", "rptboth") or self.ending_stops:
                line = etree.SubElement(bar, "barline", location="right")
                if self.ending_stops:
                    etree.SubElement(line, "ending", number=self.ending, type="stop")
                if right in ("rptend", "rptboth"):
                    etree.SubElement(line, "repeat", direction="backward")
            staff.bars.append(bar)
            staff.is_new = False
        self.ending_starts = False
        if measure.get("right") == "rptboth":
            following = measure.getnext()
            if following is not None and _name(following) == "measure" and not following.get("left"):
                following.set("left", "rptstart")

    def _attributes(self, bar: etree._Element, staff: _Staff) -> None:
        made = etree.SubElement(bar, "attributes")
        key = etree.SubElement(made, "key")
        etree.SubElement(key, "fifths").text = str(staff.key)
        time = etree.SubElement(made, "time")
        etree.SubElement(time, "beats").text = staff.beats
        etree.SubElement(time, "beat-type").text = staff.beat_type
        if staff.semitones:
            moved = etree.SubElement(made, "transpose")
            etree.SubElement(moved, "diatonic").text = str(staff.steps)
            etree.SubElement(moved, "chromatic").text = str(staff.semitones)

    def _tempo(self, bar: etree._Element, measure: etree._Element) -> None:
        for tempo in measure.iterchildren(f"{MEI}tempo"):
            speed = tempo.get("midi.bpm")
            if speed:
                etree.SubElement(bar, "sound", tempo=speed[:8])
        for word in measure.iterchildren(f"{MEI}dir"):
            text = self._words(word)
            if 0 < len(text) <= 40:
                made = etree.SubElement(etree.SubElement(bar, "direction"), "direction-type")
                etree.SubElement(made, "words").text = text

    def _layers(self, bar: etree._Element, staff_in_bar: etree._Element, staff: _Staff) -> None:
        before = Fraction(0)
        for voice, layer in enumerate(staff_in_bar.iterchildren(f"{MEI}layer"), 1):
            if before:
                self._timed(bar, "backup", before)
            before = self._events(bar, layer, staff, str(voice), Fraction(1))

    def _timed(self, bar: etree._Element, tag: str, length: Fraction) -> None:
        made = etree.SubElement(bar, tag)
        self.lengths.append((etree.SubElement(made, "duration"), length))

    def _events(
        self, bar: etree._Element, element: etree._Element, staff: _Staff, voice: str, ratio: Fraction, depth: int = 0
    ) -> Fraction:
        """Write what stands in a layer or group; its length."""
        whole = Fraction(0)
        if depth > 20:
            return whole
        for child in element:
            name = _name(child)
            self.events += 1
            if self.events > MOST_EVENTS:
                raise Refused("too-many-notes", f"This score has more than {MOST_EVENTS:,} notes.")
            if name in (
                "beam",
                "graceGrp",
                "ligature",
                "supplied",
                "corr",
                "sic",
                "add",
                "app",
                "choice",
                "bTrem",
                "fTrem",
            ):
                if name in ("app", "choice"):
                    child = next(iter(child), child)
                inner = self._events(bar, child, staff, voice, ratio, depth + 1)
                whole += inner
            elif name == "tuplet":
                over, under = integer(child.get("num")) or 3, integer(child.get("numbase")) or 2
                if not (0 < over <= 64 and 0 < under <= 64):
                    over, under = 3, 2
                whole += self._events(bar, child, staff, voice, ratio * under / over, depth + 1)
            elif name in ("note", "chord"):
                whole += self._notes(bar, child, staff, voice, ratio)
            elif name in ("rest", "space"):
                length = self._length(child) * ratio
                self._timed(bar, "forward", length)
                whole += length
            elif name in ("mRest", "mSpace", "multiRest", "mRpt"):
                length = self._whole(staff)
                self._timed(bar, "forward", length)
                whole += length
                if name == "mRpt":
                    self.findings.add("bar-repeat-sign", staff.name or f"Staff {staff.number}", str(self.bar))
            elif name and name not in BORING:
                self.findings.add(
                    "engine-dropped", staff.name or f"Staff {staff.number}", str(self.bar), value=f"“{name}”"
                )
        return whole

    def _whole(self, staff: _Staff) -> Fraction:
        figures = [integer(figure) or 0 for figure in staff.beats.split("+")]
        return Fraction(sum(figures) * 4, integer(staff.beat_type) or 4)

    def _length(self, element: etree._Element) -> Fraction:
        length = LENGTHS.get(element.get("dur", "4"), Fraction(1))
        dots = integer(element.get("dots")) or len(element.findall(f"{MEI}dot"))
        return length * (2 - Fraction(1, 2 ** max(0, min(dots, 4))))

    def _notes(
        self, bar: etree._Element, element: etree._Element, staff: _Staff, voice: str, ratio: Fraction
    ) -> Fraction:
        notes = [element] if _name(element) == "note" else list(element.iter(f"{MEI}note"))
        grace = element.get("grace") is not None or any(note.get("grace") for note in notes)
        length = self._length(element if element.get("dur") else notes[0] if notes else element) * ratio
        for place, note in enumerate(notes):
            made = etree.SubElement(bar, "note")
            if note.get(ID):
                made.set("id", note.get(ID, ""))
            if grace:
                etree.SubElement(made, "grace")
            if place:
                etree.SubElement(made, "chord")
            if note.get("pname"):
                pitch = etree.SubElement(made, "pitch")
                etree.SubElement(pitch, "step").text = note.get("pname", "").upper()
                etree.SubElement(pitch, "alter").text = str(self._alter(note))
                etree.SubElement(pitch, "octave").text = note.get("oct.ges") or note.get("oct", "4")
            else:
                etree.SubElement(made, "unpitched")
            if not grace:
                self.lengths.append((etree.SubElement(made, "duration"), length))
            ties = set(self.ties.get(note.get(ID, ""), ()))
            for letter, sort in (("i", "start"), ("m", "start"), ("m", "stop"), ("t", "stop")):
                if letter in (note.get("tie") or element.get("tie") or ""):
                    ties.add(sort)
            for sort in sorted(ties, reverse=True):
                etree.SubElement(made, "tie", type=sort)
            etree.SubElement(made, "voice").text = voice
            for syllable in (element if _name(element) == "chord" else note).iter(f"{MEI}syl"):
                text = self._words(syllable)
                if text:
                    etree.SubElement(etree.SubElement(made, "lyric"), "text").text = text
                break
        if not notes:
            self._timed(bar, "forward", length)
        return Fraction(0) if grace else length

    @staticmethod
    def _alter(note: etree._Element) -> int:
        sign = note.find(f"{MEI}accid")
        for source in (sign, note):
            if source is not None:
                for key in ("accid.ges", "accid"):
                    if source.get(key):
                        return ALTER.get(source.get(key, ""), 0)
        return 0


def partwise(root: etree._Element, findings: Findings) -> etree._Element:
    """The same music as MusicXML. Raises Refused for what is no score."""
    return _Reader(root, findings).read()
