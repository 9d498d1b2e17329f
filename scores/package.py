"""Everything of one fitting, as files: parts, next steps, conductor's score, certificate, print set.

OUT/fitting.json          who plays what, which key and why, what was meant to sound
OUT/parts/ID.musicxml .pdf
OUT/parts/ID.brl .brf     braille music, where it is asked for
OUT/next/ID.musicxml .pdf the child's part with the next level above it
OUT/score.musicxml .pdf   the conductor's, with the certificate on its last page
OUT/certificate.json
OUT/print.pdf             every part as often as it is needed, in the order of the score
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from . import braille, check, engrave
from .arrange import Arrangement, Arranger, Fitted, Wish, arrange
from .instruments import page_key, pitch_name, written
from .model import Refused, Score
from .report import bars_of, remarks
from .write_xml import Signs, name_of_part, write

FIFTHS = ("G flat", "D flat", "A flat", "E flat", "B flat", "F", "C", "G", "D", "A", "E", "B", "F sharp")
OURS = (".musicxml", ".pdf", ".brl", ".brf")
WORDS = {"tune": "tune", "bass": "bass", "harmony": "second voice", "foundation": "foundation", "pulse": "pulse"}


def next_steps(arranger: Arranger, wish: Wish, made: Arrangement) -> dict[str, Fitted]:
    """For each child the same role one level up, in the same key."""
    steps = {}
    alike: dict[Any, Fitted] = {}
    for part in made.parts:
        player = part.player.next_level
        if player is None:
            continue
        key = (player.instrument, player.level, player.playable, part.roles)
        if key not in alike:
            role = max(set(part.roles), key=part.roles.count)
            single = Wish((replace(player, role=role),), shift=made.shift, tune=wish.tune)
            alike[key] = arrange(made.score, single, arranger).parts[0]
        steps[part.player.id] = replace(alike[key], player=replace(player, id=f"{part.player.id}-next"))
    return steps


def plan(made: Arrangement, arranger: Arranger, wish: Wish) -> dict[str, Any]:
    """fitting.json: intentions, for the checker and for the next run."""
    score = made.score
    analysis = arranger.analysis
    return {
        "title": score.title,
        "shift": made.shift,
        "key": key_name(made, 0),
        "keys": [
            {
                "shift": key.shift,
                "key": _fifths_name(key.fifths),
                "cost": key.cost,
                "accidentals": key.accidentals,
                "resting": key.resting,
                "uncovered": key.uncovered,
            }
            for key in made.keys
        ],
        "players": [_player(part, made) for part in made.parts],
        "parts": {
            part.player.id: [[str(note.on), str(note.length), note.midi] for note in part.notes] for part in made.parts
        },
        "tune": list(made.tune.lines),
        "tune_sureness": list(made.tune.sureness),
        "harmony": [
            [str(beat.on), str(beat.end), *(_tones(chord.root, chord.third))]
            for beat, chord in zip(analysis.beats, analysis.chords, strict=True)
        ],
        "coverage": bars_of(made, arranger),
        "remarks": remarks(made, arranger),
        "locked": [{"player": lock.player, "bar": lock.bar} for lock in wish.locks if not lock.role],
        "costs": list(made.costs),
    }


def _tones(root: int, third: int) -> tuple[int | None, int | None]:
    return (None, None) if root < 0 else (root, third)


def _fifths_name(fifths: int) -> str:
    return FIFTHS[max(0, min(fifths + 6, 12))]


def key_name(made: Arrangement, bar: int) -> str:
    """The signature's major key, at concert pitch."""
    return _fifths_name(made.fifths(bar)) if made.score.bars else ""


def _player(part: Fitted, made: Arrangement) -> dict[str, Any]:
    player = part.player
    reach = sorted({*player.instrument.sets[2], *player.playable}) or [0]
    fifths = made.fifths(0)
    return {
        "id": player.id,
        "name": player.name,
        "instrument": player.instrument.kind,
        "called": player.instrument.name,
        "level": player.level,
        "sure": player.is_sure,
        "pitched": player.instrument.is_pitched,
        "transposition": player.instrument.semitones,
        "signature": page_key(player.instrument, fifths) if player.instrument.is_pitched else 0,
        "notes": list(player.playable),
        "page": [pitch_name(*written(player, midi, fifths)) for midi in player.playable],
        "range": [reach[0], reach[-1]],
        "role": max(set(part.roles), key=part.roles.count) if part.roles else "",
        "roles": _runs(part.roles),
    }


def _runs(roles: Sequence[str]) -> list[list[Any]]:
    """[first bar, role] where it changes."""
    return [[bar, role] for bar, role in enumerate(roles) if not bar or roles[bar - 1] != role]


def sheet(made: Arrangement, part: Fitted, source: bytes, *, words: str = "") -> engrave.Sheet:
    level = f"{WORDS[max(set(part.roles), key=part.roles.count)]} · level {part.player.level}" if part.roles else ""
    return engrave.Sheet(
        source,
        made.score.title or "Untitled",
        name_of_part(part),
        words or level,
        made.score.rights,
        large=part.player.large_print,
    )


def save(score: Score, wish: Wish, folder: Path, *, pdf: bool = True, ossia: bool = True) -> dict[str, Any]:
    """Fit, write, check, engrave. Returns the certificate. Raises Refused."""
    arranger = Arranger(score, wish.tune)
    return save_made(arrange(score, wish, arranger), arranger, wish, folder, pdf=pdf, ossia=ossia)


def save_made(
    made: Arrangement, arranger: Arranger, wish: Wish, folder: Path, *, pdf: bool = False, ossia: bool = False
) -> dict[str, Any]:
    """As `save`, of what is arranged already."""
    score = made.score
    try:
        for name in ("parts", "next"):
            (folder / name).mkdir(parents=True, exist_ok=True)
            for old in (folder / name).iterdir():
                if old.suffix in OURS:  # of who is absent today
                    old.unlink()
        signs: Signs = {}
        sources = {part.player.id: write(made, [part], signs) for part in made.parts}
        for key, source in sources.items():
            (folder / "parts" / f"{key}.musicxml").write_bytes(source)
        for part in made.parts:
            if part.player.braille:
                cells = braille.of(sources[part.player.id], f"{score.title} {name_of_part(part)}")
                (folder / "parts" / f"{part.player.id}.brl").write_text(cells, encoding="utf-8")
                (folder / "parts" / f"{part.player.id}.brf").write_bytes(braille.brf(cells))
        (folder / "score.musicxml").write_bytes(write(made, made.parts, signs))
        steps = next_steps(arranger, wish, made) if ossia else {}
        above = {
            part.player.id: write(made, [steps[part.player.id], part], signs, _levels(part.player.level))
            for part in made.parts
            if part.player.id in steps
        }
        for key, source in above.items():
            (folder / "next" / f"{key}.musicxml").write_bytes(source)
        _dump(folder / "fitting.json", plan(made, arranger, wish))
        found = check.certificate(score, folder)
        _dump(folder / "certificate.json", found)
        if pdf:
            _draw(made, folder, sources, above, check.words(found))
    except OSError as error:
        raise Refused("no-folder", f"The folder “{folder.name}” cannot be written to: {error.strerror}.") from error
    return found


def _draw(made: Arrangement, folder: Path, sources: dict[str, bytes], above: dict[str, bytes], words: str) -> None:
    score = made.score
    parts = list(made.parts)
    sheets = [sheet(made, part, sources[part.player.id]) for part in parts]
    with_next = [part for part in parts if part.player.id in above]
    sheets += [
        replace(sheet(made, part, above[part.player.id], words=f"above: level {part.player.level + 1}"), staves=2)
        for part in with_next
    ]
    conductor = engrave.Sheet(
        (folder / "score.musicxml").read_bytes(),
        score.title or "Untitled",
        "Conductor's score",
        f"concert key: {key_name(made, 0)}",
        score.rights,
        words,
        staves=len(parts),
    )
    pages = engrave.draw_all([conductor, *sheets])
    (folder / "score.pdf").write_bytes(pages[0].data)
    for part, page in zip(parts, pages[1:], strict=False):
        (folder / "parts" / f"{part.player.id}.pdf").write_bytes(page.data)
    for part, page in zip(with_next, pages[1 + len(parts) :], strict=True):
        (folder / "next" / f"{part.player.id}.pdf").write_bytes(page.data)
    copies = [(page, part.player.copies) for part, page in zip(parts, pages[1:], strict=False)]
    (folder / "print.pdf").write_bytes(engrave.print_set(copies))


def _levels(level: int) -> tuple[str, str]:
    return f"level {level + 1}", f"level {level}"


def _dump(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
