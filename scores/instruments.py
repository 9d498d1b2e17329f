"""Instruments and players: what a child's instrument is, what is written for it, and which notes the child can play.

The data stand in instruments.toml. All pitches here sound; `Instrument.fifths` and `semitones` lead to the page.
"""

import re
import tomllib
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from .model import name_of

NAME = re.compile(r"([A-Ga-g])(##|bb|[#b♯♭]?)(-?\d)\Z")
SEMITONES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
VALVES = ("0", "2", "1", "12", "23", "13", "123")
VIOLIN_FINGERS = ("0", "1", "1", "2", "2", "3", "3", "4")
HOLES = {  # from written C: the holes that are closed
    "recorder": {
        60: "0123 4567", 62: "0123 456", 64: "0123 45", 65: "0123 4 67", 66: "0123 56", 67: "0123", 69: "012",
        70: "01 3 4", 71: "01", 72: "0 2", 74: "2",
    },
    "alto-recorder": {
        65: "0123 4567", 67: "0123 456", 69: "0123 45", 70: "0123 4 67", 71: "0123 56", 72: "0123", 74: "012",
        76: "01", 77: "0 2", 79: "2",
    },
}  # fmt: skip
LEVELS = (1, 2, 3)


def midi_of(name: str) -> int | None:
    """ "Bb3" → 58; None for what is no pitch."""
    found = NAME.match(name.strip())
    if not found:
        return None
    alter = found[2].count("#") + found[2].count("♯") - found[2].count("b") - found[2].count("♭")
    return SEMITONES[found[1].upper()] + alter + 12 * (int(found[3]) + 1)


def pitch_name(midi: int, lof: int) -> str:
    step, alter = name_of(lof)
    octave = (midi - alter - SEMITONES[step]) // 12 - 1
    return f"{step}{'#' * alter if alter > 0 else 'b' * -alter}{octave}"


@dataclass(frozen=True)
class Instrument:
    kind: str
    name: str
    family: str
    clef: str = "percussion"  # G2, F4, C3, percussion
    steps: int = 0  # what the sound adds to the page
    semitones: int = 0
    program: int = 1
    sets: tuple[tuple[int, ...], ...] = ((), (), ())  # per level, sounding
    strings: tuple[int, ...] = ()
    fingers: tuple[str, ...] = VIOLIN_FINGERS
    has_frets: bool = False
    valves: tuple[int, ...] = ()
    slide: tuple[int, ...] = ()
    breaks: tuple[int, ...] = ()
    holes: str = ""

    @property
    def is_pitched(self) -> bool:
        return bool(self.sets[2])

    @property
    def fifths(self) -> int:
        """What the sound adds to the page, on the line of fifths: -2 for an instrument in B flat."""
        return 7 * self.semitones - 12 * self.steps

    def hint(self, midi: int) -> str:
        """How this sounding note is fingered in first position; empty where nothing is known."""
        if self.strings:
            below = [string for string in self.strings if string <= midi]
            if not below:
                return ""
            above = midi - max(below)
            if self.has_frets:
                return str(above) if above <= 5 else ""
            return self.fingers[above] if above < len(self.fingers) else ""
        for partials, names in ((self.valves, VALVES), (self.slide, tuple("1234567"))):
            over = [partial - midi for partial in partials if partial >= midi]
            if over and min(over) < len(names):
                return names[min(over)]
        return HOLES.get(self.holes, {}).get(midi - self.semitones, "")


def _midis(names: list[str]) -> tuple[int, ...]:
    return tuple(sorted(midi for name in names if (midi := midi_of(name)) is not None))


@cache
def instruments() -> dict[str, Instrument]:
    """By kind, and by "kind/model" where one instrument is written in several ways."""
    with (Path(__file__).parent / "instruments.toml").open("rb") as file:
        table = tomllib.load(file)
    made: dict[str, Instrument] = {}
    for kind, row in table.items():
        base = _instrument(kind, row)
        made[kind] = base
        for model, changes in row.get("models", {}).items():
            made[f"{kind}/{model}"] = _model(base, changes)
    return made


def _instrument(kind: str, row: dict[str, Any]) -> Instrument:
    if row.get("unpitched"):
        return Instrument(kind, row["name"], row["family"])
    low, high = (midi_of(name) or 0 for name in row["range"])
    third = _midis(row["level3"]) if "level3" in row else tuple(range(low, high + 1))
    steps, semitones = row.get("transposition", (0, 0))
    return Instrument(
        kind,
        row["name"],
        row["family"],
        row["clef"],
        steps,
        semitones,
        row["program"],
        (_midis(row["level1"]), _midis(row["level2"]), third),
        _midis(row.get("strings", [])),
        tuple(row.get("fingers", VIOLIN_FINGERS)),
        row.get("frets", False),
        _midis(row.get("valves", [])),
        _midis(row.get("slide", [])),
        _midis(row.get("breaks", [])),
        row.get("holes", ""),
    )


def _model(base: Instrument, changes: dict[str, Any]) -> Instrument:
    steps, semitones = changes.get("transposition", (base.steps, base.semitones))
    valves = _midis(changes["valves"]) if "valves" in changes else base.valves
    return replace(
        base,
        name=changes.get("name", base.name),
        clef=changes.get("clef", base.clef),
        steps=steps,
        semitones=semitones,
        valves=valves,
    )


@dataclass(frozen=True)
class Player:
    """A child with an instrument. `notes`: exactly what the child can play, sounding; else the set of the level."""

    id: str
    name: str
    instrument: Instrument
    level: int
    notes: tuple[int, ...] = ()
    is_sure: bool = False
    is_absent: bool = False
    role: str = ""  # wished by the teacher
    large_print: bool = False
    braille: bool = False
    copies: int = 1

    @property
    def playable(self) -> tuple[int, ...]:
        return self.notes or self.instrument.sets[self.level - 1]

    @property
    def next_level(self) -> "Player | None":
        """The same child one step on: what the ossia shows."""
        if self.level >= max(LEVELS) or not self.instrument.is_pitched:
            return None
        further = set(self.instrument.sets[self.level]) | set(self.notes)
        return replace(self, level=self.level + 1, notes=tuple(sorted(further)))

    @property
    def middle(self) -> float:
        notes = self.playable
        return (notes[0] + notes[-1]) / 2 if notes else 60.0


def spelled(midi: int, fifths: int) -> int:
    """The place on the line of fifths that a pitch has in a key of so many sharps (flats below 0): the key's own notes,
    three places below them and two above; never a double accidental."""
    low = min(max(fifths - 3, -8), 1)
    return low + (midi * 7 - low) % 12


def written(player: Player, midi: int, fifths: int) -> tuple[int, int]:
    """(midi, place) on the child's page of a sounding pitch; `fifths` is the concert key."""
    on_page = midi - player.instrument.semitones
    return on_page, spelled(on_page, page_key(player.instrument, fifths))


def page_key(instrument: Instrument, fifths: int) -> int:
    """The key signature on the page; never more than six accidentals."""
    own = fifths - instrument.fifths
    while own > 6:
        own -= 12
    while own < -6:
        own += 12
    return own
