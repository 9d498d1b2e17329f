"""What sounds in a score, on a fine grid: for every moment the pitch classes, for every beat the harmony.

One tick is 1/24 of a quarter note, which holds sixteenths of triplets and of straight beats; finer onsets are rounded
to it here (never on the page).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .model import Bar, Note, Score

TICKS = 24
QUALITIES = {
    "maj": ((0, 1.0), (4, 1.0), (7, 0.8)),
    "min": ((0, 1.0), (3, 1.0), (7, 0.8)),
    "7": ((0, 1.0), (4, 0.9), (7, 0.6), (10, 0.7)),
    "m7": ((0, 1.0), (3, 0.9), (7, 0.6), (10, 0.6)),
    "dim": ((0, 1.0), (3, 1.0), (6, 0.9)),
    "dim7": ((0, 0.9), (3, 0.8), (6, 0.8), (9, 0.8)),
}
Grid = NDArray[np.float32]


def ticks(value: Fraction) -> int:
    return round(value * TICKS)


@dataclass(frozen=True, slots=True)
class Beat:
    """One beat of a bar. `weight`: 3 the first of a bar, 2 a middle one, 1 the others, 0 a rest of a beat."""

    bar: int
    on: Fraction
    length: Fraction
    weight: int

    @property
    def end(self) -> Fraction:
        return self.on + self.length


@dataclass(frozen=True, slots=True)
class Chord:
    """The harmony of one beat. `root` is a pitch class of the original key; -1 where nothing sounds."""

    root: int
    quality: str
    tones: tuple[int, ...]

    @property
    def third(self) -> int:
        return self.tones[1] if len(self.tones) > 1 else -1


SILENCE = Chord(-1, "", ())


def beats_of(bars: Sequence[Bar]) -> list[Beat]:
    """Every beat. A pickup counts from its end, so that its beats are those of the bar it leads to."""
    made: list[Beat] = []
    for bar in bars:
        pulse = bar.pulse
        cut = bar.length % pulse if bar.index == 0 or (bar.length < bar.nominal and bar.number == "0") else Fraction(0)
        on = bar.on
        if cut:
            made.append(Beat(bar.index, on, cut, 0))
            on += cut
        first = on
        count = bar.nominal / pulse
        while on < bar.end:
            length = min(pulse, bar.end - on)
            position = (on - first) / pulse
            weight = 3 if position == 0 else 2 if count % 2 == 0 and position == count / 2 else 1
            made.append(Beat(bar.index, on, length, weight if length == pulse else 0))
            on += length
    return made


class Analysis:
    """Of the pitched notes of a score that are not cues or grace notes. All of it at the original pitch; callers shift
    pitch classes for another key."""

    def __init__(self, score: Score):
        self.score = score
        self.beats = beats_of(score.bars)
        self.size = ticks(score.length)
        self.beat_ticks = np.array([ticks(beat.on) for beat in self.beats] + [self.size])
        self.notes: list[Note] = [
            note
            for part in score.parts
            for note in part.notes
            if note.midi is not None and note.length and not note.is_cue
        ]

    @cached_property
    def weight(self) -> Grid:
        """How many notes of each pitch class sound at each tick, the lowest one counting double."""
        grid = np.zeros((self.size + 1, 12), np.float32)
        for note in self.notes:
            on, end = ticks(note.on), ticks(note.end)
            grid[on, (note.midi or 0) % 12] += 1
            grid[max(end, on + 1) if on + 1 <= self.size else on, (note.midi or 0) % 12] -= 1
        grid = np.cumsum(grid, axis=0)[:-1]
        lowest = self.lowest
        here = np.flatnonzero(lowest < 999)
        grid[here, lowest[here] % 12] += 1.0
        return grid

    @cached_property
    def lowest(self) -> NDArray[np.int32]:
        """The lowest sounding pitch at each tick; 999 where nothing sounds."""
        low = np.full(self.size, 999, np.int32)
        for note in self.notes:
            on, end = ticks(note.on), max(ticks(note.end), ticks(note.on) + 1)
            part = low[on:end]
            np.minimum(part, note.midi or 0, out=part)
        return low

    @cached_property
    def sounds(self) -> Grid:
        """1 where the pitch class sounds at the tick."""
        return (self.weight > 0.5).astype(np.float32)

    @cached_property
    def sounds_in_beat(self) -> Grid:
        """1 where the pitch class sounds somewhere in the beat of the tick."""
        starts = self.beat_ticks[:-1]
        keep = starts < self.size
        per_beat = np.maximum.reduceat(self.sounds, np.minimum(starts, self.size - 1), axis=0)
        lengths = np.diff(self.beat_ticks)
        per_beat[~keep] = 0
        return np.repeat(per_beat, lengths, axis=0)

    @cached_property
    def chords(self) -> list[Chord]:
        """One per beat, by the best path: chords that fit what sounds, and that do not change without need."""
        if not self.beats:
            return []
        running = np.concatenate([np.zeros((1, 12), np.float32), np.cumsum(self.weight, axis=0, dtype=np.float64)])
        spans = running[self.beat_ticks[1:]] - running[self.beat_ticks[:-1]]
        total = spans.sum(axis=1, keepdims=True)
        share = np.divide(spans, total, out=np.zeros_like(spans), where=total > 0)
        names: list[Chord] = []
        rows = []
        for quality, tones in QUALITIES.items():
            for root in range(12):
                row = np.full(12, -0.9)
                for above, value in tones:
                    row[(root + above) % 12] = value
                row[root] += 0.15
                rows.append(row - 0.03 * (len(tones) - 3))
                names.append(Chord(root, quality, tuple((root + above) % 12 for above, _ in tones)))
        scores = share @ np.array(rows).T
        change = np.array([0.12 if beat.weight == 3 else 0.2 if beat.weight == 2 else 0.3 for beat in self.beats])
        best, back = scores[0].copy(), []
        for step in range(1, len(self.beats)):
            top = int(best.argmax())
            jump = best[top] - change[step]
            stay = best >= jump
            back.append(np.where(stay, np.arange(len(names)), top))
            best = np.where(stay, best, jump) + scores[step]
        path = [int(best.argmax())]
        for step_back in reversed(back):
            path.append(int(step_back[path[-1]]))
        path.reverse()
        return [names[at] if total[step, 0] > 0 else SILENCE for step, at in enumerate(path)]

    @cached_property
    def in_chord(self) -> float:
        """Share of the sounding note time that lies in the recognised harmony."""
        inside = whole = 0.0
        for step, chord in enumerate(self.chords):
            span = self.weight[self.beat_ticks[step] : self.beat_ticks[step + 1]].sum(axis=0)
            whole += float(span.sum())
            inside += float(span[list(chord.tones)].sum()) if chord.tones else 0.0
        return inside / whole if whole else 1.0
