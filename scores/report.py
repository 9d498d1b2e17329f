"""Who covers what, bar by bar: the table a teacher reads before the lesson, and what to know in sentences."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from . import reduce
from .analysis import ticks
from .arrange import Arrangement, Arranger, register_of

HELD = 0.6  # of a bar's harmony time


def bars_of(made: Arrangement, arranger: Arranger) -> list[dict[str, Any]]:
    """Per bar the players who hold tune, root and third for most of it, and what is thin.

    `thin` names what nobody holds; `unsure` what only players hold who are not sure of themselves.
    """
    score, size = made.score, arranger.analysis.size
    tracks: dict[str, Any] = {}
    tune = np.full(size, -1, np.int16)
    for bar in score.bars:
        for note in arranger.tune_notes(bar.index):
            first, last = max(ticks(note.on), ticks(bar.on)), min(ticks(note.end), ticks(bar.end))
            tune[first:last] = (note.midi or 0) % 12
    alike: dict[tuple[Any, ...], str] = {}
    for part in made.parts:
        if not part.player.instrument.is_pitched:
            continue
        if part.notes in alike:
            tracks[part.player.id] = tracks[alike[part.notes]]
            continue
        alike[part.notes] = part.player.id
        track = np.full(size, -9, np.int16)
        for played in part.notes:
            track[ticks(played.on) : ticks(played.end)] = ((played.midi or 0) - made.shift) % 12
        tracks[part.player.id] = track
    sure = {part.player.id: part.player.is_sure for part in made.parts}
    wanted = {"tune": tune, "root": arranger.root, "third": arranger.third}
    rows = []
    for bar in score.bars:
        first, last = ticks(bar.on), ticks(bar.end)
        row: dict[str, Any] = {"bar": bar.number}
        thin, unsure = [], []
        for name, whole in wanted.items():
            here = whole[first:last]
            asked = here >= 0
            if not asked.any():
                row[name] = []
                continue
            share = {key: float((track[first:last] == here)[asked].mean()) for key, track in tracks.items()}
            together = np.zeros(last - first, bool)
            surely = np.zeros(last - first, bool)
            for key, track in tracks.items():
                same = track[first:last] == here
                together |= same
                if sure[key]:
                    surely |= same
            row[name] = [key for key, value in share.items() if value >= HELD]
            if float(together[asked].mean()) < HELD:
                thin.append(name)
            elif float(surely[asked].mean()) < HELD:
                unsure.append(name)
        row["thin"], row["unsure"] = thin, unsure
        rows.append(row)
    return rows


MOST_REMARKS = 60


def remarks(made: Arrangement, arranger: Arranger) -> list[str]:
    """Sentences that name player and bars: who rests because nothing fits, whose rhythm was made simpler, who stands in
    for the bass, where the tune is unsure."""
    said = []
    bars = made.score.bars
    size = arranger.analysis.size
    sounding = arranger.analysis.sounds.any(axis=1) if size else np.zeros(0, bool)
    for part in made.parts:
        player = part.player
        called = f"{player.name or player.id} ({player.instrument.name})"
        if not player.instrument.is_pitched:
            continue
        playing = {bar for note in part.notes for bar in _bars_of(note.on, note.end, arranger)}
        silent = []
        for bar in bars:
            segments = arranger.rows(part.roles[bar.index], player.level, register_of(player))[bar.index]
            asked = any(not segment.is_silent for segment in segments)
            if bar.index not in playing and asked and sounding[ticks(bar.on) : ticks(bar.end)].any():
                silent.append(bar.index)
        if silent:
            why = "none of the notes known fits" if player.notes else f"no note of level {player.level} fits"
            said.append(f"{called} rests in {_named(silent, made)}: {why} the harmony there.")
        if player.level == 3 and "tune" in part.roles:
            simpler = [
                bar.index
                for bar in bars
                if part.roles[bar.index] == "tune"
                and not reduce.is_readable(
                    bar, [(max(n.on, bar.on), min(n.end, bar.end)) for n in arranger.tune_notes(bar.index)]
                )
            ]
            if simpler:
                said.append(f"{called}: the rhythm of the tune was made simpler in {_named(simpler, made)}.")
    low = [part for part in made.parts if part.player.instrument.is_pitched and part.player.middle < 55]
    bass = [part for part in made.parts if "bass" in part.roles]
    if bass and not low:
        names = ", ".join(f"{part.player.name or part.player.id} ({part.player.instrument.name})" for part in bass[:3])
        said.append(f"No instrument of this group is low; {names} takes the bass line.")
    unsure = [bar for bar, value in enumerate(made.tune.sureness) if value < 0.6 and made.tune.lines[bar]]
    if unsure:
        said.append(f"It is not sure which staff has the tune in {_named(unsure, made)}; please look.")
    return said[:MOST_REMARKS]


def _bars_of(on: Any, end: Any, arranger: Arranger) -> Iterable[int]:
    starts = arranger.bar_starts
    first = int(np.searchsorted(starts, float(on), side="right")) - 1
    last = int(np.searchsorted(starts, float(end), side="left")) - 1
    return range(max(first, 0), last + 1)


def _named(indices: list[int], made: Arrangement) -> str:
    """ "bar 4", "bars 4–6 and 9"."""
    bars = made.score.bars
    runs: list[list[int]] = []
    for index in indices:
        if runs and runs[-1][1] == index - 1:
            runs[-1][1] = index
        else:
            runs.append([index, index])
    words = [bars[a].number if a == b else f"{bars[a].number}–{bars[b].number}" for a, b in runs]
    if len(words) > 12:
        words = [*words[:11], f"{len(words) - 11} more places"]
    listed = words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
    return f"bar{'s' if len(indices) > 1 else ''} {listed}"
