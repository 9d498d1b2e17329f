"""What sounds when, with the ids of the page: for a cursor and a player, repeats played out.

Verovio keeps the ids of MusicXML in its SVG, so a phone needs no more than this: at a time, mark these elements.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from .model import Score
from .play import played


@dataclass(frozen=True, slots=True)
class Event:
    """`on` and `length` in quarters of the playing. `ids`: the written notes, each with how long after `on` it stands;
    a tied note has several. `midi` is None for what has no pitch."""

    part: int
    on: Fraction
    length: Fraction
    midi: int | None
    ids: tuple[tuple[str, Fraction], ...]


def events(score: Score) -> Iterator[Event]:
    """All notes of the playing but cues and grace notes, bar after bar. A note held over a jump ends with its bar."""
    by_bar: list[list[tuple[int, int]]] = [[] for _ in score.bars]
    for place, part in enumerate(score.parts):
        for number, note in enumerate(part.notes):
            if note.length and not note.is_cue:
                by_bar[note.bar].append((place, number))
    turns = played(score)
    for step, turn in enumerate(turns):
        bar = score.bars[turn.index]
        last = turn.index
        reach = bar.end  # as far as the playing goes on as it is written
        for later in turns[step + 1 :]:
            if later.index != last + 1:
                break
            last, reach = later.index, score.bars[later.index].end
            if reach - bar.on > 64:
                break
        for place, number in by_bar[turn.index]:
            note = score.parts[place].notes[number]
            length = min(note.end, reach) - note.on
            ids = ((note.id, Fraction(0)), *((name, on - note.on) for name, on in note.tied if on < reach))
            yield Event(place, turn.on + note.on - bar.on, length, note.midi, ids)


def tempos(score: Score) -> list[tuple[Fraction, float]]:
    """(time of the playing, quarters a minute), each time it changes; 96 where the score says nothing."""
    made: list[tuple[Fraction, float]] = []
    current = next((tempo for on, tempo in score.tempos if on == 0), 96.0)
    for turn in played(score):
        bar = score.bars[turn.index]
        at_start = [tempo for on, tempo in score.tempos if on <= bar.on]
        changes = [(turn.on, at_start[-1] if at_start else current)]
        changes += [(turn.on + on - bar.on, tempo) for on, tempo in score.tempos if bar.on < on < bar.end]
        for on, tempo in changes:
            if not made or made[-1][1] != tempo:
                made.append((on, tempo))
    return made
