"""The best pitches for one part: an exact shortest path over what the child can play, with a rest as one more choice.

Costs are in "beats gone wrong": a note that never sounds in the original within its beat costs `BEAT` per beat.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .instruments import Player

Costs = NDArray[np.float64]
BEAT, INSTANT, HARMONY = 3.2, 1.1, 0.6  # not sounding in the beat; not at the instant; not in the chord
OTHER_TONE = 0.9  # another tone than the source's
OCTAVE = 0.02  # per semitone from the ideal octave
REST = {"tune": 3.3, "bass": 2.3, "harmony": 2.1, "foundation": 1.8}
CONTOUR, LEAP, CHANGE = 0.35, 0.02, 0.08
FORBIDDEN = 1e6


def best_paths(unary: Costs, pair: Sequence[Costs], sort: NDArray[np.int8]) -> list[list[int]]:
    """The cheapest choice for every segment, for several keys at once. `unary`: keys × segments × choices;
    `pair[sort[i]]`: choices × choices, the cost of going from segment i to i+1. Exact: the tests try all ways on small
    cases."""
    keys, count, choices = unary.shape
    if keys == 1:
        return [_best_path(unary[0], pair, sort)]
    best = unary[:, 0]
    back = np.empty((count, keys, choices), np.intp)
    for step in range(1, count):
        ways = best[:, :, None] + pair[sort[step - 1]]
        chosen = back[step] = ways.argmin(axis=1)
        best = np.take_along_axis(ways, chosen[:, None, :], axis=1)[:, 0] + unary[:, step]
    paths = []
    for key in range(keys):
        at = int(best[key].argmin())
        path = [at]
        for step in range(count - 1, 0, -1):
            at = int(back[step, key, at])
            path.append(at)
        paths.append(path[::-1])
    return paths


def _best_path(unary: Costs, pair: Sequence[Costs], sort: NDArray[np.int8]) -> list[int]:
    """The same for one key, which numpy does with less ado."""
    count, choices = unary.shape
    rows = np.arange(choices)
    best = unary[0]
    back = np.empty((count, choices), np.intp)
    toward = [np.ascontiguousarray(matrix.T) for matrix in pair]  # rows: where it goes to
    for step, sign in enumerate(sort.tolist(), 1):
        ways = toward[sign] + best
        chosen = back[step] = ways.argmin(axis=1)
        best = ways[rows, chosen] + unary[step]
    path = [int(best.argmin())]
    for step in range(count - 1, 0, -1):
        path.append(int(back[step, path[-1]]))
    return path[::-1]


def cost_of(unary: Costs, pair: Sequence[Costs], sort: NDArray[np.int8], path: Sequence[int]) -> float:
    """What a choice costs; `unary`: segments × choices."""
    at = np.array(path)
    cost = float(unary[np.arange(len(at)), at].sum())
    for sign, matrix in enumerate(pair):
        here = np.flatnonzero(sort == sign)
        cost += float(matrix[at[here], at[here + 1]].sum())
    return cost


def ease(player: Player) -> Costs:
    """What it takes to go from one note to another on this instrument; the last row and column are the rest."""
    notes = player.playable
    count = len(notes)
    pitch = np.array(notes, float)
    apart = np.abs(pitch[:, None] - pitch[None, :])
    made = np.zeros((count + 1, count + 1))
    inner = LEAP * np.maximum(apart - 2, 0) + CHANGE * (apart > 0)
    inner += np.where(apart > (9 if player.level == 1 else 12), 0.4, 0.0) * (not player.instrument.strings)
    instrument = player.instrument
    if instrument.strings:
        string = np.array([sum(note >= open_string for open_string in instrument.strings) for note in notes], float)
        inner += 0.06 * np.maximum(np.abs(string[:, None] - string[None, :]) - 1, 0)
    if instrument.slide:
        place = np.array([float(instrument.hint(note) or 4) for note in notes])
        inner += 0.025 * np.abs(place[:, None] - place[None, :])
    if instrument.valves:
        hints = [instrument.hint(note) for note in notes]
        changed = np.array([[len(set(a) ^ set(b) - {"0"}) for b in hints] for a in hints], float)
        inner += 0.02 * changed
    if instrument.breaks:
        over = np.array([note >= instrument.breaks[-1] for note in notes])
        inner += 0.25 * (over[:, None] != over[None, :])
    made[:count, :count] = inner
    made[:count, count] = made[count, :count] = 0.05
    return made


@dataclass(frozen=True)
class Steps:
    """Costs from one segment to the next: where the source rises, falls, stays, or says nothing."""

    pair: tuple[Costs, Costs, Costs, Costs]

    @classmethod
    def of(cls, player: Player) -> "Steps":
        base = ease(player)
        pitch = np.array(player.playable, float)
        direction = np.sign(pitch[None, :] - pitch[:, None])
        made = []
        for source in (1, -1, 0):
            wrong = np.zeros_like(base)
            inner = np.abs(direction - source)
            wrong[:-1, :-1] = CONTOUR * np.minimum(inner, 1.5) / 1.5
            made.append(base + wrong)
        return cls((made[0], made[1], made[2], base))


def directions(sources: Sequence[int | None]) -> NDArray[np.int8]:
    """For each step from a segment to the next: 0 the source rises, 1 falls, 2 stays, 3 it says nothing."""
    made = np.full(max(len(sources) - 1, 0), 3, np.int8)
    for step, (before, after) in enumerate(itertools.pairwise(sources)):
        if before is not None and after is not None:
            made[step] = 0 if after > before else 1 if after < before else 2
    return made
