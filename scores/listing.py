"""The note list as JSON: what `python -m scores read FILE` prints. Its shape stands in README.md."""

from fractions import Fraction
from typing import Any

from .model import Bar, Finding, Note, Score
from .play import played
from .reading import Reading


def _fraction(value: Fraction) -> str:
    return str(value)


def finding(found: Finding) -> dict[str, Any]:
    return {
        "code": found.code,
        "severity": found.severity,
        "part": found.part,
        "bar": found.bar,
        "sentence": found.sentence,
        "values": dict(found.values),
    }


def _bar(bar: Bar) -> dict[str, Any]:
    return {
        "id": bar.id,
        "number": bar.number,
        "on": _fraction(bar.on),
        "length": _fraction(bar.length),
        "time": "+".join(map(str, bar.beats)) + f"/{bar.beat_type}",
        "fifths": bar.fifths,
    }


def _note(note: Note) -> dict[str, Any]:
    row: dict[str, Any] = {
        "id": note.id,
        "bar": note.bar,
        "on": _fraction(note.on),
        "length": _fraction(note.length),
        "midi": note.midi,
    }
    if note.midi is not None:
        row["fifths"] = note.lof
    extra = {
        "cents": note.cents,
        "grace": note.is_grace,
        "cue": note.is_cue,
        "drum": note.drum,
        "lyric": note.lyric,
        "tied": [[name, _fraction(on)] for name, on in note.tied],
    }
    row.update({key: value for key, value in extra.items() if value})
    row["staff"], row["voice"] = note.staff, note.voice
    return row


def score(score: Score) -> dict[str, Any]:
    return {
        "title": score.title,
        "composer": score.composer,
        "rights": score.rights,
        "bars": [_bar(bar) for bar in score.bars],
        "played": [[turn.index, _fraction(turn.on)] for turn in played(score)],
        "tempos": [[_fraction(on), tempo] for on, tempo in score.tempos],
        "parts": [
            {
                "id": part.id,
                "name": part.name,
                "sound": part.sound,
                "staves": part.staves,
                "percussion": part.is_percussion,
                "notes": [_note(note) for note in part.notes],
            }
            for part in score.parts
        ],
    }


def reading(read: Reading) -> dict[str, Any]:
    return {"findings": [finding(found) for found in read.findings], "score": score(read.score)}
