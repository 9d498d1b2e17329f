"""Which line carries the tune, bar by bar.

A line is what one voice on one staff of one part plays, its highest note. Lyrics decide where there are any: the
highest line with words is the tune in the bars in which it sounds or rests between its phrases. Elsewhere every line
gets a weight for what tunes are like, and the best path through the bars is taken, because a tune does not change hands
without need. The weights are common sense tried on the songs and movements at hand; a teacher confirms the result.
"""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from .model import Note, Part, Score


@dataclass(frozen=True, slots=True)
class Line:
    """`key` names it for people and files: "P1", or "P2/1" for a staff of several, "P2/1/2" for a voice."""

    key: str
    part: Part
    notes: tuple[Note, ...]  # one at a time, the highest
    has_words: bool


@dataclass(frozen=True, slots=True)
class Tune:
    """Per bar the key of the line, and how sure the finder is (0 … 1); 1 where words or a teacher decide."""

    lines: tuple[str, ...]
    sureness: tuple[float, ...]


def lines_of(score: Score) -> list[Line]:
    made = []
    for part in score.parts:
        if part.is_percussion:
            continue
        voices: dict[tuple[int, str], list[Note]] = {}
        for note in part.notes:
            if note.midi is not None and note.length and not note.is_cue:
                voices.setdefault((note.staff, note.voice), []).append(note)
        staves: dict[int, list[tuple[str, list[Note]]]] = {}
        for (staff, voice), notes in sorted(voices.items()):
            staves.setdefault(staff, []).append((voice, notes))
        for staff, inside in staves.items():
            whole = [note for _, notes in inside for note in notes]
            key = part.id if len(staves) == 1 else f"{part.id}/{staff}"
            made.append(Line(key, part, highest(whole), any(note.lyric for note in whole)))
            if len(inside) > 1:
                for voice, notes in inside:
                    has_words = any(note.lyric for note in notes)
                    made.append(Line(f"{part.id}/{staff}/{voice}", part, highest(notes), has_words))
    return made


def highest(notes: list[Note]) -> tuple[Note, ...]:
    """At each onset the highest note; one that starts under a longer higher note is left out."""
    kept: list[Note] = []
    for note in sorted(notes, key=lambda note: (note.on, -(note.midi or 0))):
        if kept and (note.on == kept[-1].on or (note.on < kept[-1].end and (note.midi or 0) < (kept[-1].midi or 0))):
            continue
        kept.append(note)
    return tuple(kept)


def find(score: Score, lines: list[Line], told: dict[int, str] | None = None) -> Tune:
    """`told`: bar index → key of a line, what the teacher says."""
    told = told or {}
    count = len(score.bars)
    if not lines:
        return Tune(("",) * count, (0.0,) * count)
    features = _features(score, lines)
    worded = [index for index, line in enumerate(lines) if line.has_words]
    value = features.copy()
    certain = np.zeros(count, bool)
    if worded:
        singing = _bars_of_song(score, [lines[index] for index in worded])
        for row, index in enumerate(worded):
            lead = 3.0 if "/" not in lines[index].key or lines[index].key.count("/") == 1 else 2.5
            value[singing[row], index] += lead + 2.0
        certain = singing.any(axis=0)
    for bar, key in told.items():
        for index, line in enumerate(lines):
            if line.key == key and 0 <= bar < count:
                value[bar, index] += 1000.0
                certain[bar] = True
    path = _best_path(value, change=0.9)
    margin = []
    for bar in range(count):
        others = np.delete(value[bar], path[bar])
        gap = float(value[bar, path[bar]] - others.max()) if len(others) else 9.0
        margin.append(1.0 if certain[bar] else float(round(1 / (1 + np.exp(-1.5 * gap)), 2)))
    return Tune(tuple(lines[index].key for index in path), tuple(margin))


def _bars_of_song(score: Score, lines: list[Line]) -> np.ndarray:
    """Which bars each line with words sings in; gaps of one bar between two sung ones belong to the song."""
    made = np.zeros((len(lines), len(score.bars)), bool)
    for row, line in enumerate(lines):
        for note in line.notes:
            made[row, note.bar] = True
            end = note.bar
            while end + 1 < len(score.bars) and score.bars[end].end < note.end:
                end += 1
                made[row, end] = True
    return made


def _best_path(value: np.ndarray, change: float) -> list[int]:
    best, back = value[0].copy(), []
    for bar in range(1, len(value)):
        top = int(best.argmax())
        stay = best >= best[top] - change
        back.append(np.where(stay, np.arange(len(best)), top))
        best = np.where(stay, best, best[top] - change) + value[bar]
    at = int(best.argmax())
    path = [at]
    for step in reversed(back):
        at = int(step[at])
        path.append(at)
    return path[::-1]


TREBLE = ("violin", "flute", "voice", "soprano", "oboe", "melody", "clarinet", "viool", "fluit", "hobo")


def _features(score: Score, lines: list[Line]) -> np.ndarray:
    """Per bar and line: how much it is like a tune."""
    count = len(score.bars)
    height = np.full((count, len(lines)), np.nan)
    filled = np.zeros((count, len(lines)))
    onsets = np.zeros((count, len(lines)))
    variety = np.zeros((count, len(lines)))
    motion = np.zeros((count, len(lines)))
    for index, line in enumerate(lines):
        inside: dict[int, list[Note]] = {}
        for note in line.notes:
            last = note.bar
            inside.setdefault(last, []).append(note)
            while last + 1 < count and score.bars[last].end < note.end:
                last += 1
                inside.setdefault(last, []).append(note)
        for bar, notes in inside.items():
            written = score.bars[bar]
            span = [min(note.end, written.end) - max(note.on, written.on) for note in notes]
            total = sum(span, Fraction(0))
            if not total or not written.length:
                continue
            lengths = np.array([float(value) for value in span])
            pitches = np.array([note.midi or 0 for note in notes], float)
            height[bar, index] = float((pitches * lengths).sum() / lengths.sum())
            filled[bar, index] = min(1.0, float(total / written.length))
            onsets[bar, index] = sum(note.bar == bar for note in notes) / max(float(written.length), 0.5)
            variety[bar, index] = min(len(set(pitches)), 6) / 6
            steps = np.abs(np.diff(pitches))
            motion[bar, index] = float(((steps > 0) & (steps <= 4)).mean()) if len(steps) else 0.0
    value = np.full((count, len(lines)), -6.0)
    for bar in range(count):
        here = ~np.isnan(height[bar])
        if not here.any():
            continue
        top = np.nanmax(height[bar])
        bottom = np.nanmin(height[bar])
        reach = max(top - bottom, 1.0)
        rank = (height[bar] - bottom) / reach
        value[bar, here] = (
            2.0 * rank[here]
            + 0.9 * filled[bar, here]
            + 1.2 * variety[bar, here]
            + 0.8 * motion[bar, here]
            + 0.25 * np.minimum(onsets[bar, here], 3)
        )
    for index, line in enumerate(lines):
        name = f"{line.part.name} {line.part.sound}".casefold()
        if any(word in name for word in TREBLE):
            value[:, index] += 0.25
        if "1" in line.part.name or "I" in line.part.name.split():
            value[:, index] += 0.25
        if line.key.count("/") == 2:
            value[:, index] -= 0.1  # the staff rather than one of its voices
    return np.where(np.isnan(value), -6.0, value)
