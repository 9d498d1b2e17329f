"""Who covers what, bar by bar: the table a teacher reads before the lesson."""

from typing import Any

import numpy as np

from .analysis import ticks
from .arrange import Arrangement, Arranger

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
