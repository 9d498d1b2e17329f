"""The certificate: what the written files really hold, found without a line of the arranger's code.

It reads the MusicXML of the parts with a small reader of its own, the intentions in fitting.json (who plays on what,
which notes they know, what was meant to sound), and the original through the engine's reader, and it counts. It must
not import arrange, fit, reduce, analysis, tune, instruments or write_xml; the arrows of the project see to that.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from lxml import etree
from numpy.typing import NDArray

from .model import Note, Refused, Score

GRID = 48  # moments in a quarter
STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
KEPT = 0.75  # a bar's tune is kept when one part has this share of its time
EXAMPLES = 5
Moments = NDArray[np.int16]


@dataclass(frozen=True)
class Sign:
    """A note as it stands in the file; `page` is the pitch on the page, `sounds` after the file's transposition."""

    bar: int
    number: str
    on: Fraction  # from the start of the piece
    length: Fraction
    page: int | None
    sounds: int | None
    is_tied_on: bool
    is_tied_to: bool
    is_odd: bool  # in a tuplet
    value: str


@dataclass
class Paper:
    """One part as it is written."""

    name: str
    bars: list[tuple[str, Fraction, Fraction]] = field(default_factory=list)  # number, onset, length
    meters: list[tuple[int, int, bool]] = field(default_factory=list)  # 3+2/8 is (5, 8, True)
    signs: list[Sign] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)  # bars whose signs do not fill them


def papers(path: Path) -> list[Paper]:
    """The parts of one of our own files."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(path.read_bytes(), parser)
    except (OSError, etree.XMLSyntaxError) as error:
        raise Refused("no-part", f"The file “{path.name}” is missing or broken.") from error
    names = {part.get("id", ""): part.findtext("part-name") or "" for part in root.iter("score-part")}
    return [_paper(part, names.get(part.get("id", ""), "")) for part in root.iterchildren("part")]


def _paper(part: etree._Element, name: str) -> Paper:
    paper = Paper(name)
    divisions, shift, meter, now = Fraction(1), 0, (4, 4, False), Fraction(0)
    for index, measure in enumerate(part.iterchildren("measure")):
        number = measure.get("number", "")
        at = Fraction(0)
        for child in measure:
            if child.tag == "attributes":
                if child.find("divisions") is not None:
                    divisions = Fraction(child.findtext("divisions") or "1")
                if child.find("transpose") is not None:
                    octaves = int(child.findtext("transpose/octave-change") or 0)
                    shift = int(child.findtext("transpose/chromatic") or 0) + 12 * octaves
                if child.find("time") is not None:
                    figures = (child.findtext("time/beats") or "4").split("+")
                    under = int(child.findtext("time/beat-type") or 4)
                    meter = (sum(map(int, figures)), under, len(figures) > 1)
            elif child.tag == "note":
                length = Fraction(child.findtext("duration") or "0") / divisions
                if child.find("rest") is None:
                    paper.signs.append(_sign(child, index, number, now + at, length, shift))
                at += length
        whole = Fraction(meter[0] * 4, meter[1])
        if at != whole and measure.get("implicit") != "yes":
            paper.broken.append(number)
        paper.bars.append((number, now, at))
        paper.meters.append(meter)
        now += at
    return paper


def _sign(child: etree._Element, index: int, number: str, on: Fraction, length: Fraction, shift: int) -> Sign:
    page = None
    if child.find("pitch") is not None:
        step, octave = child.findtext("pitch/step") or "C", int(child.findtext("pitch/octave") or 4)
        page = STEPS[step] + int(child.findtext("pitch/alter") or 0) + 12 * (octave + 1)
    ties = {tie.get("type") for tie in child.iterchildren("tie")}
    return Sign(
        index,
        number,
        on,
        length,
        page,
        None if page is None else page + shift,
        "start" in ties,
        "stop" in ties,
        child.find("time-modification") is not None,
        (child.findtext("type") or "") + "." * len(child.findall("dot")),
    )


def sounding(signs: Sequence[Sign]) -> Iterator[tuple[Fraction, Fraction, int | None]]:
    """(onset, length, pitch) with ties joined."""
    waiting: list[tuple[Fraction, Fraction, int | None]] = []
    for sign in signs:
        if sign.is_tied_to and waiting and waiting[-1][2] == sign.sounds:
            waiting[-1] = (waiting[-1][0], waiting[-1][1] + sign.length, sign.sounds)
        else:
            yield from waiting
            waiting = [(sign.on, sign.length, sign.sounds)]
    yield from waiting


@dataclass
class Claim:
    """Something that must hold everywhere."""

    says: str
    tried: int = 0
    broken: int = 0
    examples: list[str] = field(default_factory=list)

    def note(self, holds: bool, example: str) -> None:
        self.tried += 1
        if not holds:
            self.broken += 1
            if len(self.examples) < EXAMPLES:
                self.examples.append(example)


def _moments(notes: Iterable[tuple[Fraction, Fraction, int | None]], size: int) -> Moments:
    """Per moment the pitch that sounds, or -1."""
    made = np.full(size, -1, np.int16)
    for on, length, midi in notes:
        if midi is not None:
            made[round(on * GRID) : round((on + length) * GRID)] = midi
    return made


def _original(score: Score) -> tuple[Moments, int]:
    """Per moment the pitch classes that sound, as bits."""
    size = round(score.length * GRID)
    made = np.zeros(size, np.int16)
    for _, note in score.notes():
        if note.midi is not None and not note.is_cue and note.length:
            made[round(note.on * GRID) : round(note.end * GRID)] |= 1 << (note.midi % 12)
    return made, size


def _beats(score: Score) -> list[tuple[int, int]]:
    """(first, last) moments of each beat, as a conductor counts: dotted beats in 6/8, halves in 2/2."""
    made = []
    for bar in score.bars:
        count, unit = sum(bar.beats), Fraction(4, bar.beat_type)
        pulse = unit
        if bar.beat_type >= 8:
            pulse = unit * 3 if len(bar.beats) == 1 and count % 3 == 0 else unit * 2 if count % 2 == 0 else unit
        early = (
            bar.length % pulse if bar.index == 0 or (bar.number == "0" and bar.length < bar.nominal) else Fraction(0)
        )
        at = bar.on
        while at < bar.end:
            step = early if early and at == bar.on else pulse
            end = min(at + step, bar.end)
            made.append((round(at * GRID), round(end * GRID)))
            at = end
    return made


def _is_of_level(sign: Sign, level: int, bar_on: Fraction, bar_length: Fraction, meter: tuple[int, int, bool]) -> bool:
    unit = Fraction(4, meter[1])
    dotted = meter[1] >= 8 and meter[0] % 3 == 0 and not meter[2]
    pulse = unit * 3 if dotted else unit
    if meter[1] >= 8 and not dotted:
        pulse = unit * 2 if meter[0] % 2 == 0 else unit
    early = bar_length % pulse if bar_length < unit * meter[0] else Fraction(0)
    places = {(sign.on - bar_on) % pulse, (sign.on - bar_on - early) % pulse}
    if level == 1:
        return 0 in places and sign.length >= pulse and not (sign.is_tied_on or sign.is_tied_to or sign.is_odd)
    step = pulse / 3 if dotted else pulse / 2 if pulse > Fraction(1, 2) else pulse
    if level == 2:
        return any(not place % step for place in places) and not (sign.is_tied_on or sign.is_tied_to or sign.is_odd)
    places.add(sign.on - bar_on)
    return bool(sign.value) and any(not place % Fraction(1, 16) or not place % Fraction(1, 12) for place in places)


def _line(score: Score, key: str) -> dict[int, list[Note]]:
    """Per bar the notes of a line that start or go on in it."""
    part_id, *rest = key.split("/")
    made: dict[int, list[Note]] = {}
    for part in score.parts:
        if part.id != part_id:
            continue
        for note in part.notes:
            if note.midi is None or not note.length or note.is_cue:
                continue
            if (rest and note.staff != int(rest[0])) or (len(rest) > 1 and note.voice != rest[1]):
                continue
            bar = note.bar
            made.setdefault(bar, []).append(note)
            while bar + 1 < len(score.bars) and score.bars[bar].end < note.end:
                bar += 1
                made.setdefault(bar, []).append(note)
    return made


def certificate(score: Score, folder: Path) -> dict[str, Any]:
    """What holds in the files of `folder`, and the figures. Raises Refused where files are missing."""
    try:
        plan = json.loads((folder / "fitting.json").read_text(encoding="utf-8"))
        players = plan["players"]
        shift = int(plan["shift"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Refused("no-fitting", f"There is no fitting.json in “{folder.name}” that can be read.") from error
    claims = {
        "set": Claim("Every note is one that the child knows"),
        "range": Claim("Every note is in the range of the instrument"),
        "rhythm": Claim("Every rhythm is of the child's level"),
        "bars": Claim("All parts have the bars of the score"),
        "length": Claim("Every bar is as long as in the score"),
        "sound": Claim("What sounds is what was meant"),
        "score": Claim("The conductor's score says what the parts say"),
    }
    original, size = _original(score)
    beats = _beats(score)
    in_beat = np.zeros(size, np.int16)
    for first, last in beats:
        if last > first:
            in_beat[first:last] = np.bitwise_or.reduce(original[first:last]) if first < size else 0
    levels: dict[int, list[int]] = {}
    tracks: list[tuple[dict[str, Any], Moments]] = []
    whole = papers(folder / "score.musicxml")
    locked = {(row["player"], row["bar"]) for row in plan.get("locked", [])}
    for place, player in enumerate(players):
        (paper,) = papers(folder / "parts" / f"{player['id']}.musicxml")
        called = player["name"] or player["id"]
        _judge(paper, player, score, claims, locked)
        notes = list(sounding(paper.signs))
        meant = [(Fraction(on), Fraction(length), midi) for on, length, midi in plan["parts"][player["id"]]]
        claims["sound"].note(notes == meant, f"{called}: {_first_difference(notes, meant)}")
        same = place < len(whole) and list(sounding(whole[place].signs)) == notes
        claims["score"].note(same, called)
        if not player["pitched"]:
            continue
        track = _moments(notes, size)
        tracks.append((player, track))
        row = levels.setdefault(player["level"], [0, 0, 0, 0])
        plays = track >= 0
        bits = np.left_shift(1, (track - shift) % 12)
        row[0] += int(plays.sum())
        row[1] += int((plays & ((in_beat & bits) > 0)).sum())
        row[2] += int((plays & ((original & bits) > 0)).sum())
        row[3] += int((~plays & (original > 0)).sum())
    figures: dict[str, Any] = {
        "levels": {
            str(level): {
                "within the beat": _share(row[1], row[0]),
                "at the instant": _share(row[2], row[0]),
                "rests": _share(row[3], row[0] + row[3]),
            }
            for level, row in sorted(levels.items())
        },
        **_coverage(plan, tracks, size, shift),
        **_tune_kept(score, plan, tracks, shift),
    }
    return {
        "remarks": [str(said) for said in plan.get("remarks", [])],
        "holds": all(not claim.broken for claim in claims.values()),
        "claims": [
            {"key": key, "says": claim.says, "tried": claim.tried, "broken": claim.broken, "examples": claim.examples}
            for key, claim in claims.items()
        ],
        "figures": figures,
    }


def _judge(
    paper: Paper, player: dict[str, Any], score: Score, claims: dict[str, Claim], locked: set[tuple[str, int]]
) -> None:
    called = player["name"] or player["id"]
    claims["bars"].note(len(paper.bars) == len(score.bars), f"{called}: {len(paper.bars)} bars")
    for (number, on, length), bar in zip(paper.bars, score.bars, strict=False):
        whole = number not in paper.broken or bar.length == length
        claims["length"].note(length == bar.length and on == bar.on and whole, f"{called}, bar {number}")
    known, reach = set(player["notes"]), player["range"]
    for sign in paper.signs:
        where = f"{called}, bar {sign.number}"
        is_locked = (player["id"], sign.bar) in locked
        if sign.sounds is not None:
            claims["set"].note(sign.sounds in known or is_locked, where)
            claims["range"].note(reach[0] <= sign.sounds <= reach[1] or is_locked, where)
        _, on, length = paper.bars[sign.bar]
        fits = _is_of_level(sign, player["level"], on, length, paper.meters[sign.bar])
        claims["rhythm"].note(fits or is_locked, where)


def _first_difference(notes: Sequence[Any], meant: Sequence[Any]) -> str:
    for found, wanted in zip(notes, meant, strict=False):
        if found != wanted:
            return f"at quarter {wanted[0]} {found[2]} for {wanted[2]}"
    return f"{len(notes)} notes for {len(meant)}"


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 1.0


def _coverage(
    plan: dict[str, Any], tracks: Sequence[tuple[dict[str, Any], Moments]], size: int, shift: int
) -> dict[str, Any]:
    """How much of the time root and third of the harmony (as the plan names it) are held by the parts of levels 1 and
    2, or by all where there are none."""
    inner = [track for player, track in tracks if player["level"] < 3] or [track for _, track in tracks]
    held = np.zeros(size, np.int16)
    for track in inner:
        held |= np.where(track >= 0, np.left_shift(1, (track - shift) % 12), 0).astype(np.int16)
    both = one = whole = 0
    for on, end, root, third in plan["harmony"]:
        if root is None:
            continue
        here = held[round(Fraction(on) * GRID) : round(Fraction(end) * GRID)]
        whole += len(here)
        one += int(((here >> root) & 1).sum())
        both += int(((here >> root) & (here >> third) & 1).sum())
    return {"root and third held": _share(both, whole), "root held": _share(one, whole)}


def _tune_kept(
    score: Score, plan: dict[str, Any], tracks: Sequence[tuple[dict[str, Any], Moments]], shift: int
) -> dict[str, Any]:
    kept = whole = 0
    lost: list[str] = []
    lines: dict[str, dict[int, list[Note]]] = {"": {}}
    for bar, key in enumerate(plan["tune"]):
        if key not in lines:
            lines[key] = _line(score, key)
        notes = lines[key].get(bar, [])
        if not notes:
            continue
        first, last = round(score.bars[bar].on * GRID), round(score.bars[bar].end * GRID)
        top = np.full(last - first, -1, np.int16)
        for note in sorted(notes, key=lambda note: note.midi or 0):
            top[max(round(note.on * GRID) - first, 0) : max(round(note.end * GRID) - first, 0)] = note.midi or 0
        asked = top >= 0
        if not asked.any():
            continue
        whole += 1
        best = 0.0
        for _, track in tracks:
            here = track[first:last]
            same = (here >= 0) & ((here - shift - top) % 12 == 0)
            best = max(best, float(same[asked].mean()))
        if best >= KEPT:
            kept += 1
        elif len(lost) < 40:
            lost.append(score.bars[bar].number)
    return {"bars with the tune kept": _share(kept, whole), "bars without": lost}


def words(found: dict[str, Any]) -> str:
    """The certificate for people, as lines."""
    made = ["# Certificate", "Found in the written files, by a checker of its own."]
    for claim in found["claims"]:
        verdict = "holds" if not claim["broken"] else f"BROKEN {claim['broken']} times: {'; '.join(claim['examples'])}"
        made.append(f"- {claim['says']}: {verdict} ({claim['tried']:,} tried).")
    figures = found["figures"]
    made.append("# Figures")
    for level, row in figures["levels"].items():
        made.append(
            f"- Level {level}: {row['within the beat']:.1%} of the time with the harmony of the beat, "
            f"{row['at the instant']:.1%} at the instant; rests {row['rests']:.1%}."
        )
    made.append(f"- Root and third held together: {figures['root and third held']:.1%} of the time.")
    made.append(f"- Tune kept: {figures['bars with the tune kept']:.1%} of its bars.")
    if figures["bars without"]:
        made.append(f"- Bars where no part has most of the tune: {', '.join(figures['bars without'])}.")
    if found["remarks"]:
        made.append("# To know before the lesson")
        made += [f"- {said}" for said in found["remarks"]]
    return "\n".join(made)
