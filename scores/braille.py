"""A part in braille music, for a child who reads with the fingers: from one of our own files of one part.

Bar over bar as the Music Braille Code (BANA 2015; the international manual agrees in what is used here): octave
marks by interval, accidentals, dots, ties, triplets, fingerings, whole-bar rests, repeats and endings, key and time at
the head and where they change. A line holds whole bars and starts with the number of its first and an octave mark.
"""

from dataclasses import dataclass, field

from lxml import etree

from .model import Refused

LETTERS = dict(zip("abcdefghijklmnopqrstuvwxyz", "⠁⠃⠉⠙⠑⠋⠛⠓⠊⠚⠅⠇⠍⠝⠕⠏⠟⠗⠎⠞⠥⠧⠺⠭⠽⠵", strict=True))
DIGITS = dict(zip("1234567890", "⠁⠃⠉⠙⠑⠋⠛⠓⠊⠚", strict=True))
LOW = dict(zip("1234567890", "⠂⠆⠒⠲⠢⠖⠶⠦⠔⠴", strict=True))
NUMBER, SPACE, DOT, TIE, TRIPLET = "⠼", "⠀", "⠄", "⠈⠉", "⠆"
NAMES = "CDEFGAB"
NOTES = {"eighth": "⠙⠑⠋⠛⠓⠊⠚", "quarter": "⠹⠱⠫⠻⠳⠪⠺", "half": "⠝⠕⠏⠟⠗⠎⠞", "whole": "⠽⠵⠯⠿⠷⠮⠾"}
RESTS = {"eighth": "⠭", "quarter": "⠧", "half": "⠥", "whole": "⠍"}
SAME = {"16th": "whole", "32nd": "half", "64th": "quarter", "128th": "eighth", "breve": "whole"}  # one sign for two
OCTAVES = "⠈⠘⠸⠐⠨⠰⠠"
SIGNS = {"sharp": "⠩", "flat": "⠣", "natural": "⠡", "double-sharp": "⠩⠩", "flat-flat": "⠣⠣"}
FINGERS = {"1": "⠁", "2": "⠃", "3": "⠇", "4": "⠂", "5": "⠅"}
FORWARD, BACKWARD, FINAL = "⠣⠶", "⠣⠆", "⠣⠅"
WIDTH = 40
ASCII = " A1B'K2L@CIF/MSP\"E3H9O6R^DJG>NTQ,*5<-U8V.%[$+X!&;:4\\0Z7(_?W]#Y)="  # the cells in order of their dots


@dataclass
class _Bar:
    number: str
    head: str = ""  # key or time that changes here
    cells: list[tuple[str, int | None, str]] = field(default_factory=list)  # before, place of the note, the rest


def _digits(number: str, table: dict[str, str] = DIGITS) -> str:
    return "".join(table[figure] for figure in number if figure in table)


def _key(fifths: int) -> str:
    sign = SIGNS["sharp"] if fifths > 0 else SIGNS["flat"]
    return sign * abs(fifths) if abs(fifths) <= 3 else NUMBER + _digits(str(abs(fifths))) + sign


def _octave_mark(place: int, before: int | None) -> str:
    """By interval: none up to a third, for a fourth or fifth only into another octave, else always."""
    apart = 99 if before is None else abs(place - before)
    if apart <= 2 or (apart <= 4 and before is not None and place // 7 == before // 7):
        return ""
    return OCTAVES[min(max(place // 7 - 1, 0), 6)]


def _note(element: etree._Element) -> tuple[str, int | None, str]:
    typed = element.findtext("type") or "whole"
    typed = SAME.get(typed, typed)
    dots = DOT * len(element.findall("dot"))
    if element.find("rest") is not None:
        return "", None, RESTS[typed] + dots
    before = SIGNS.get(element.findtext("accidental") or "", "")
    step, octave = element.findtext("pitch/step"), int(element.findtext("pitch/octave") or 4)
    if step is None:  # what has no pitch is written on one line: as the fifth octave's C
        step, octave = "C", 5
    after = NOTES[typed][NAMES.index(step)] + dots
    finger = element.findtext("notations/technical/fingering") or ""
    after += FINGERS.get(finger, "")
    if any(tie.get("type") == "start" for tie in element.iterchildren("tie")):
        after += TIE
    return before, octave * 7 + NAMES.index(step), after


def _bar(measure: etree._Element, is_first: bool, long_rest: int) -> _Bar:
    bar = _Bar(measure.get("number", ""))
    fifths, beats = measure.findtext("attributes/key/fifths"), measure.findtext("attributes/time/beats")
    if fifths is not None and (int(fifths) or not is_first):
        bar.head += _key(int(fifths)) or SIGNS["natural"]
    if beats is not None:
        over = str(sum(map(int, beats.split("+"))))
        bar.head += NUMBER + _digits(over) + _digits(measure.findtext("attributes/time/beat-type") or "4", LOW)
    for line in measure.iterchildren("barline"):
        if line.get("location") != "left":
            continue
        if line.find("repeat") is not None:
            bar.cells.append((FORWARD, None, ""))
        ending = line.find("ending")
        if ending is not None:
            bar.cells.append((NUMBER + _digits(ending.get("number", "1"), LOW), None, ""))
    if long_rest:
        bar.cells.append(("", None, (NUMBER + _digits(str(long_rest)) if long_rest > 3 else "") + RESTS["whole"]))
        if 1 < long_rest <= 3:
            bar.cells[-1] = ("", None, RESTS["whole"] * long_rest)
    else:
        for note in measure.iterchildren("note"):
            rest = note.find("rest")
            if rest is not None and rest.get("measure") == "yes":
                bar.cells.append(("", None, RESTS["whole"]))
                continue
            tuplet = note.find("notations/tuplet")
            if tuplet is not None and tuplet.get("type") == "start":
                bar.cells.append((TRIPLET, None, ""))
            bar.cells.append(_note(note))
    for line in measure.iterchildren("barline"):
        if line.get("location") == "right" and line.find("repeat") is not None:
            bar.cells.append((BACKWARD, None, ""))
        elif line.get("location") == "right" and line.find("bar-style") is not None:
            bar.cells.append((FINAL, None, ""))
    return bar


def _written(bar: _Bar, before: int | None) -> tuple[str, int | None]:
    made = ""
    for sign, place, after in bar.cells:
        made += sign
        if place is not None:
            made += _octave_mark(place, before)
            before = place
        made += after
    return made, before


def of(source: bytes, title: str = "") -> str:
    """The part as lines of braille in Unicode. Raises Refused for a file of several parts."""
    root = etree.fromstring(source, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
    parts = root.findall("part")
    if len(parts) != 1:
        raise Refused("braille", "Braille is made of one part at a time.")
    measures = list(parts[0].iterchildren("measure"))
    bars, skip = [], 0
    for index, measure in enumerate(measures):
        if skip:
            skip -= 1
            continue
        long_rest = int(measure.findtext("attributes/measure-style/multiple-rest") or 0)
        skip = max(long_rest - 1, 0)
        bars.append(_bar(measure, index == 0, long_rest))
    lines = [_text(title)] if title else []
    if bars:
        lines.append(bars[0].head)
        bars[0].head = ""
    current, before = "", None
    for bar in bars:
        head = bar.head + SPACE if bar.head else ""
        cells, after = _written(bar, before)
        if current and len(current) + 1 + len(head) + len(cells) <= WIDTH:
            current, before = current + SPACE + head + cells, after
            continue
        if current:
            lines.append(current)
        cells, before = _written(bar, None)
        current = NUMBER + _digits(bar.number) + SPACE + head + cells
    lines.append(current)
    return "\n".join(line for line in lines if line) + "\n"


def _text(words: str) -> str:
    """Uncontracted letters and figures; what braille of this kind has no cell for is left out."""
    made, in_number = "", False
    for letter in words[: WIDTH * 2]:
        if letter.isdigit() and letter in DIGITS:
            made += ("" if in_number else NUMBER) + DIGITS[letter]
            in_number = True
            continue
        in_number = False
        if letter.lower() in LETTERS:
            made += ("⠠" if letter.isupper() else "") + LETTERS[letter.lower()]
        elif letter in " –-/":
            made += SPACE
    return made[:WIDTH]


def brf(braille: str) -> bytes:
    """The same for an embosser: one ASCII letter a cell (North American computer braille), lines ended as DOS does."""
    made = "".join("\r\n" if cell == "\n" else ASCII[ord(cell) - 0x2800] for cell in braille)
    return made.encode("ascii")
