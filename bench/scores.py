"""Figures of the music engine, beside a naive baseline: fold by octaves, snap to the nearest note the child has.

Run as a process of its own: `python -m bench.scores FOLDER [quick]` prints JSON. FOLDER holds the files of
`music/` (songs, quartets, movements, the test suite); without it there is nothing to measure.
"""

import csv
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np

from scores import engrave, group, package
from scores.analysis import ticks
from scores.arrange import Arrangement, Arranger, Fitted, Played, arrange
from scores.play import played
from scores.reading import read, read_file
from scores.write_xml import name_of_part, write

GROUP = [
    *[("violin", 1)] * 3, *[("violin", 2)] * 2, ("violin", 3), ("viola", 1), ("viola", 2), ("cello", 1), ("cello", 2),
    ("double-bass", 2), ("flute", 1), ("flute", 2), ("recorder", 1), ("oboe", 2), ("clarinet", 1), ("clarinet", 2),
    ("alto-saxophone", 1), ("tenor-saxophone", 2), ("bassoon", 2), ("horn", 1), ("trumpet", 1), ("trumpet", 2),
    ("trombone", 1), ("trombone", 2), ("euphonium", 2), ("tuba", 2),
]  # fmt: skip


def players() -> dict[str, Any]:
    rows = [{"id": f"p{n}", "instrument": kind, "level": level} for n, (kind, level) in enumerate(GROUP, 1)]
    return {"players": rows}


def naive(arranger: Arranger, made: Arrangement) -> Arrangement:
    """What a quick script does: the same rhythms, tune and bass only, folded by octaves and snapped to what is there;
    in the original key."""
    parts = []
    for part in made.parts:
        player = part.player
        role = "bass" if player.middle < 55 else "tune"
        notes = []
        playable = np.array(player.playable)
        for row in arranger.rows(role, player.level, "middle"):
            for segment in row:
                if segment.source is None or segment.is_silent:
                    continue
                folded = segment.source + 12 * round((player.middle - segment.source) / 12)
                midi = int(playable[np.abs(playable - folded).argmin()])
                notes.append(Played(segment.on, segment.length, midi))
        parts.append(Fitted(player, (role,) * len(made.score.bars), tuple(notes), 0.0))
    return replace(made, parts=tuple(parts), shift=0)


def agreement(made: Arrangement, arranger: Arranger) -> dict[str, float]:
    """Shares of time: per level within the beat and at the instant; root and third held by levels 1 and 2."""
    sounds, in_beat = arranger.analysis.sounds, arranger.analysis.sounds_in_beat
    size = arranger.analysis.size
    found: dict[int, list[float]] = {}
    held = np.zeros((2, size), bool)
    for part in made.parts:
        track = np.full(size, -1)
        for note in part.notes:
            track[ticks(note.on) : ticks(note.end)] = ((note.midi or 0) - made.shift) % 12
        at = np.flatnonzero(track >= 0)
        row = found.setdefault(part.player.level, [0.0, 0.0, 0.0])
        row[0] += len(at)
        row[1] += float(in_beat[at, track[at]].sum())
        row[2] += float(sounds[at, track[at]].sum())
        if part.player.level < 3:
            held[0] |= track == arranger.root
            held[1] |= track == arranger.third
    asked = arranger.root >= 0
    shares = {"chord": float((held[0] & held[1])[asked].mean())}
    for level, row in found.items():
        shares[f"beat{level}"], shares[f"instant{level}"] = row[1] / max(row[0], 1), row[2] / max(row[0], 1)
    return shares


def fitted(files: list[Path]) -> dict[str, Any]:
    """All pieces for the group of 27: agreement, certificate, tune."""
    ours, plain, broken, kept = [], [], 0, []
    with tempfile.TemporaryDirectory() as name:
        for file in files:
            score = read_file(file).score
            arranger = Arranger(score)
            wish = group.wish_of(players(), score)
            made = arrange(score, wish, arranger)
            ours.append(agreement(made, arranger))
            plain.append(agreement(naive(arranger, made), arranger))
            folder = Path(name) / file.stem
            certificate = package.save_made(made, arranger, wish, folder)
            broken += sum(claim["broken"] for claim in certificate["claims"])
            kept.append(certificate["figures"]["bars with the tune kept"])
    return {
        "ours": {key: mean(row[key] for row in ours) for key in ours[0]},
        "worst": {key: min(row[key] for row in ours) for key in ours[0]},
        "naive": {key: mean(row[key] for row in plain) for key in plain[0]},
        "broken": broken,
        "tune": mean(kept),
        "pieces": len(files),
    }


def tune_in_songs(files: list[Path]) -> float:
    right = whole = 0
    for file in files:
        score = read_file(file).score
        arranger = Arranger(score)
        sung: dict[int, set[str]] = {}
        for part in score.parts:
            for note in part.notes:
                if part.has_lyrics and note.lyric:
                    sung.setdefault(note.bar, set()).add(part.id)
        for bar, keys in sung.items():
            whole += 1
            right += arranger.tune.lines[bar].split("/")[0] in keys
    return right / whole


def timed(work: Callable[[], Any]) -> tuple[float, float, Any]:
    """Seconds by the clock, of the processor (children too), and what came out."""

    def processor() -> float:
        used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        return sum(usage.ru_utime + usage.ru_stime for usage in used)

    clock, before = time.perf_counter(), processor()
    made = work()
    return time.perf_counter() - clock, processor() - before, made


def speed(file: Path) -> dict[str, Any]:
    found: dict[str, Any] = {}

    def note(name: str, work: Callable[[], Any]) -> Any:
        clock, used, made = timed(work)
        found[name] = [clock, used]
        return made

    score = note("read", lambda: read_file(file)).score
    wish = group.wish_of(players(), score)
    searched = note("search", lambda: arrange(score, wish))
    made = note("fit", lambda: arrange(score, replace(wish, shift=searched.shift)))
    sources = note("write", lambda: [write(made, [part]) for part in made.parts])
    sheets = [
        engrave.Sheet(source, score.title, name_of_part(part)) for source, part in zip(sources, made.parts, strict=True)
    ]
    pages = note("pdf", lambda: engrave.draw_all(sheets))
    absent = replace(wish, players=tuple(replace(one, is_absent=one.id == "p6") for one in wish.players))
    previous = {part.player.id: part.notes for part in made.parts}
    note("absent", lambda: arrange(score, replace(absent, shift=made.shift, previous=previous)))
    again = arrange(score, replace(wish, shift=searched.shift))
    same = [write(again, [part]) for part in again.parts] == sources
    found["same bytes"] = same and engrave.draw_all(sheets[:3]) == pages[:3]
    found["pages"] = sum(page.pages for page in pages)
    return found


def suite(folder: Path) -> dict[str, Any]:
    """The test suite, note for note against music21: onset, pitch, length of every written note."""
    import music21  # type: ignore[import-untyped]

    warnings.simplefilter("ignore")
    unlike = []
    files = sorted(path for path in folder.iterdir() if path.suffix in (".xml", ".musicxml", ".mxl"))
    for file in files:
        try:
            oracle: Any = sorted(_of_music21(music21, file))
        except Exception:  # the oracle refuses what is not well-formed
            oracle = "refused"
        try:
            own: Any = sorted(_own(file))
        except Exception:
            own = "refused"
        if oracle != own:
            unlike.append(file.name)
    return {"files": len(files), "unlike": unlike}


def _of_music21(music21: Any, file: Path) -> Iterator[tuple[Fraction, float, Fraction]]:
    sounding = music21.converter.parse(str(file), forceSource=True).toSoundingPitch()
    for part in sounding.parts:
        for element in part.flatten().notes:
            if isinstance(element, music21.harmony.Harmony):
                continue
            for single in getattr(element, "notes", [element]):
                pitch = -1.0 if isinstance(single, music21.note.Unpitched) else single.pitch.ps
                length = 0 if element.duration.isGrace else element.quarterLength
                yield _near(element.offset), pitch, _near(length)


def _own(file: Path) -> Iterator[tuple[Fraction, float, Fraction]]:
    for _, note in read_file(file).score.notes():
        onsets = [note.on, *(on for _, on in note.tied)]
        for on, end in zip(onsets, [*onsets[1:], note.end], strict=True):
            yield _near(on), -1.0 if note.midi is None else note.midi + note.cents / 100, _near(end - on)


def _near(value: Any) -> Fraction:
    return Fraction(value).limit_denominator(1000)


def play(folder: Path) -> dict[str, Any]:
    """Movements against tables that others have played out: the bar at every moment, and the end."""
    wrong = []
    tables = sorted(folder.glob("*.played.csv"))
    for table in tables:
        score = read_file(folder / f"{table.name.removesuffix('.played.csv')}.mxl").score
        turns = list(played(score))
        at, is_right = 0, True
        with table.open() as file:
            for row in csv.DictReader(file):
                moment = float(row["qstamp"])
                while at + 1 < len(turns) and float(turns[at + 1].on) <= moment + 1e-6:
                    at += 1
                number = score.bars[turns[at].index].number
                is_right &= number == row["measure"] or not number.isdigit()
        end = turns[-1].on + score.bars[turns[-1].index].length
        if not is_right or at != len(turns) - 1 or moment >= end:
            wrong.append(table.name)
    return {"tables": len(tables), "wrong": wrong}


def long_symphony(file: Path) -> bytes:
    """A movement five times over: 1,500 bars."""
    from lxml import etree

    root = etree.fromstring(read_file(file).source)
    for part in root.iterchildren("part"):
        bars = list(part)
        for _ in range(4):
            for bar in bars:
                copy = etree.fromstring(etree.tostring(bar))
                for element in copy.iter():
                    element.attrib.pop("id", "")
                part.append(copy)
    return etree.tostring(root)


def memory(file: Path) -> dict[str, Any]:
    """Run in a process of its own: what reading and fitting a long movement takes."""
    found = read(long_symphony(file))
    wish = group.wish_of(players(), found.score)
    clock, _, _ = timed(lambda: arrange(found.score, wish))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"bars": len(found.score.bars), "megabytes": peak, "seconds": clock}


def main(arguments: list[str]) -> None:
    music = Path(arguments[0])
    if arguments[1:] == ["memory"]:
        print(json.dumps(memory(music / "openscore-orchestra" / "Schubert_D.485_1.mxl")))
        return
    songs = sorted((music / "openscore-lieder").glob("*.mxl"))
    rest = sorted((music / "openscore-quartets").glob("*.mxl")) + sorted((music / "openscore-orchestra").glob("*.mxl"))
    found = {
        "speed": speed(music / "openscore-orchestra" / "Beethoven_Op.93_3.mxl"),
        "movement": fitted([music / "openscore-orchestra" / "Beethoven_Op.93_3.mxl"]),
        "songs": fitted(songs),
        "rest": fitted(rest),
        "lyrics": tune_in_songs(songs),
        "play": play(music / "openscore-orchestra"),
        "suite": suite(music / "musicxml-testsuite" / "xmlFiles"),
        "memory": json.loads(
            subprocess.run(
                [sys.executable, "-m", "bench.scores", str(music), "memory"],
                check=True,
                capture_output=True,
                text=True,
                env=os.environ,
            ).stdout
        ),
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1:])
