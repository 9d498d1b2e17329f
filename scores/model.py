"""A score as the engine knows it: what sounds, when, and where it stands on the page.

Times are exact fractions of a quarter note, counted from the start of the *written* score (repeats not played out).
Pitches sound: transposing instruments are already at concert pitch. Ids are those of the file, or made by the reader
and written into the XML that is engraved, so that a note has one name in the file, on the page and under the cursor.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction

STEPS = "FCGDAEB"  # in the order of the line of fifths, from F


def lof_of(step: str, alter: int) -> int:
    """The place on the line of fifths: C is 0, G 1, F -1, B flat -2."""
    return STEPS.index(step) - 1 + 7 * alter


def name_of(lof: int) -> tuple[str, int]:
    """Step and alteration of a place on the line of fifths."""
    return STEPS[(lof + 1) % 7], (lof + 1) // 7


def pitch_class(lof: int) -> int:
    return lof * 7 % 12


@dataclass(frozen=True, slots=True)
class Note:
    """One sounding note; tied notes are one. `length` is 0 for a grace note; `midi` is None where there is no pitch."""

    id: str
    bar: int  # index into Score.bars of the bar it starts in
    on: Fraction
    length: Fraction
    midi: int | None
    lof: int = 0  # spelling of the sounding pitch
    cents: int = 0  # what a microtone adds to `midi`
    staff: int = 1
    voice: str = "1"
    is_grace: bool = False
    is_cue: bool = False
    drum: str = ""  # the name of what is struck, where midi is None
    lyric: str = ""  # the first verse's syllable
    tied: tuple[tuple[str, Fraction], ...] = ()  # (id, onset) of the written notes that this one goes on in

    @property
    def end(self) -> Fraction:
        return self.on + self.length


@dataclass(frozen=True, slots=True)
class Bar:
    """One written bar. `endings`: the passes of a volta that starts here."""

    index: int
    number: str  # as the page says it
    on: Fraction
    length: Fraction
    beats: tuple[int, ...] = (4,)  # 3+2/8 is (3, 2) with beat_type 8
    beat_type: int = 4
    fifths: int = 0  # the concert key: sharps above, flats below 0
    is_minor: bool = False
    repeat_starts: bool = False
    repeat_ends: int = 0  # how often the passage is played in all; 0: no repeat ends here
    endings: tuple[int, ...] = ()
    ending_stops: bool = False
    segno: str = ""
    coda: str = ""
    to_coda: str = ""
    fine: bool = False
    jump: str = ""  # "", "dacapo" or "dalsegno"
    jump_to: str = ""  # the name of the segno
    id: str = ""

    @property
    def end(self) -> Fraction:
        return self.on + self.length

    @property
    def nominal(self) -> Fraction:
        """The length that the time signature promises."""
        return Fraction(sum(self.beats) * 4, self.beat_type)

    @property
    def pulse(self) -> Fraction:
        """What a conductor beats: a dotted quarter in 6/8, a half in 2/2, else a note of the lower figure."""
        unit = Fraction(4, self.beat_type)
        if len(self.beats) == 1 and self.beat_type >= 8 and self.beats[0] % 3 == 0 and self.beats[0] > 3:
            return unit * 3
        if self.beat_type >= 8 and (len(self.beats) > 1 or self.beats[0] != 3):
            return unit * 2 if sum(self.beats) % 2 == 0 else unit
        if self.beat_type >= 8:
            return self.nominal  # 3/8: one beat
        return unit


@dataclass(frozen=True, slots=True)
class Part:
    id: str
    name: str
    notes: tuple[Note, ...]  # by onset, then pitch
    sound: str = ""  # MusicXML's instrument-sound, where the file says it
    staves: int = 1
    is_percussion: bool = False

    @property
    def has_lyrics(self) -> bool:
        return any(note.lyric for note in self.notes)


@dataclass(frozen=True, slots=True)
class Score:
    title: str
    composer: str
    parts: tuple[Part, ...]
    bars: tuple[Bar, ...]
    tempos: tuple[tuple[Fraction, float], ...] = ()  # (from, quarters a minute)
    rights: str = ""

    @property
    def length(self) -> Fraction:
        return self.bars[-1].end if self.bars else Fraction(0)

    def notes(self) -> Iterator[tuple[Part, Note]]:
        for part in self.parts:
            for note in part.notes:
                yield part, note


SEVERITIES = ("info", "warning", "error")


@dataclass(frozen=True)
class Finding:
    """What the reader saw that a person should know. `sentence` is plain English; `code` and `values` let a site say it
    in another language."""

    code: str
    severity: str  # info: nothing to do; warning: look at it; error: something in the file was left out
    sentence: str
    part: str = ""
    bar: str = ""
    values: dict[str, str] = field(default_factory=dict)


class Refused(Exception):
    """The file or the wish cannot be used; the sentence says why and what to do."""

    def __init__(self, code: str, sentence: str):
        super().__init__(sentence)
        self.code, self.sentence = code, sentence
