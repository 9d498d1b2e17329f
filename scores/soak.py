"""Broken files by the million: `python -m scores.soak [--inputs 1000000] [--seed 1] [--data FOLDER]`.

Each input is a small score with one to six things broken in it: figures, elements, letters, bytes, the container. The
reader may read it or refuse it with a sentence; anything else is a crash and is told with the number that makes it
again.
One in a thousand is also played out, fitted, written and checked.
"""

import argparse
import io
import random
import re
import sys
import time
import traceback
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from . import play, read_mei, read_xml, safe
from .arrange import Wish, arrange
from .findings import Findings
from .instruments import Player, instruments
from .model import Refused, Score
from .reading import read
from .write_xml import write

SLOW = 5.0  # seconds for one input
FIGURES = [
    "",
    "0",
    "-1",
    "1",
    "2",
    "3",
    "7",
    "64",
    "99",
    "1e9",
    "999999999",
    "99999999999999",
    "0.5",
    "1/3",
    "NaN",
    "١",
    "½",
]
PIECES = [
    "<chord/>", "<grace/>", "<cue/>", "<rest/>", "<dot/>", "<pitch><step>C</step></pitch>", "<duration>4</duration>",
    "<backup><duration>8</duration></backup>", "<forward><duration>3</duration></forward>", "<tie type='start'/>",
    "<tie type='stop'/>", "<note/>", "<note><rest measure='yes'/></note>", "<measure/>", "<part/>", "<part id='P9'/>",
    "<attributes><divisions>0</divisions></attributes>", "<attributes><divisions>480</divisions></attributes>",
    "<attributes><time><beats>3+2</beats><beat-type>8</beat-type></time></attributes>",
    "<attributes><time><beats>0</beats><beat-type>0</beat-type></time></attributes>",
    "<attributes><transpose><chromatic>-14</chromatic></transpose></attributes>",
    "<attributes><key><fifths>-7</fifths></key></attributes>", "<staff>2</staff>", "<voice>2</voice>",
    "<barline location='left'><repeat direction='forward'/></barline>",
    "<barline location='right'><repeat direction='backward' times='3'/></barline>",
    "<barline location='left'><ending number='1,2' type='start'/></barline>",
    "<barline location='right'><ending number='x' type='stop'/><repeat direction='backward'/></barline>",
    "<sound dacapo='yes'/>", "<sound dalsegno='a'/>", "<sound segno='a'/>", "<sound tocoda='b'/>", "<sound coda='b'/>",
    "<sound fine='yes'/>", "<sound tempo='0'/>", "<unpitched/>",
    "<direction><direction-type><words>D.C. al Fine</words></direction-type></direction>", "&amp;", "&x;",
    "<!-- -->", "<?x?>", "<![CDATA[x]]>", "\x00", "\ufffe", "<a" * 40,
]  # fmt: skip
FIGURE = re.compile(r"(?<=[>\"'])-?\d+")
TAG = re.compile(r"<[^<>]*>")
ELEMENT = re.compile(r"<(\w[\w-]*)[^<>]*>[^<>]*</\1>")


def _figure(chance: random.Random, text: str) -> str:
    spots = list(FIGURE.finditer(text))
    if not spots:
        return text
    spot = chance.choice(spots)
    return text[: spot.start()] + chance.choice(FIGURES) + text[spot.end() :]


def _cut(chance: random.Random, text: str) -> str:
    """An element, or only a tag, is gone or there twice."""
    spots = list((ELEMENT if chance.random() < 0.8 else TAG).finditer(text))
    if not spots:
        return text
    spot = chance.choice(spots)
    return text[: spot.start()] + spot.group() * chance.choice((0, 0, 2, 3)) + text[spot.end() :]


def _put(chance: random.Random, text: str) -> str:
    spots = [spot.start() for spot in TAG.finditer(text)]
    at = chance.choice(spots) if spots else 0
    return text[:at] + chance.choice(PIECES) + text[at:]


def _move(chance: random.Random, text: str) -> str:
    spots = list(ELEMENT.finditer(text))
    if len(spots) < 2:
        return text
    one, two = sorted(chance.sample(spots, 2), key=lambda spot: spot.start())
    middle = text[one.end() : two.start()]
    return text[: one.start()] + two.group() + middle + one.group() + text[two.end() :]


def _letters(chance: random.Random, text: str) -> str:
    at = chance.randrange(len(text) + 1)
    return text[:at] + chance.choice("<>&\"'/ =0\n\t☃") + text[at + chance.choice((0, 1, 5)) :]


def _end(chance: random.Random, text: str) -> str:
    return text[: chance.randrange(len(text) + 1)]


BREAKERS: tuple[Callable[[random.Random, str], str], ...] = (_figure, _figure, _figure, _cut, _cut, _put, _put, _move)
RARE: tuple[Callable[[random.Random, str], str], ...] = (_letters, _end)


def broken(number: int, seeds: list[str]) -> bytes:
    """The input of this number; the same each time."""
    chance = random.Random(number)  # noqa: S311 -- no secret is made here
    text = chance.choice(seeds)
    for _ in range(chance.choice((1, 1, 1, 2, 2, 3, 4, 6))):
        text = chance.choice(RARE if chance.random() < 0.06 else BREAKERS)(chance, text)
    way = chance.random()
    if way < 0.01:
        return text.encode("utf-16", "replace")
    data = text.encode("utf-8", "replace")
    if way < 0.03:
        box = io.BytesIO()
        with zipfile.ZipFile(box, "w") as made:
            made.writestr("META-INF/container.xml", '<container><rootfile full-path="a.xml"/></container>')
            made.writestr("a.xml", data)
        data = box.getvalue()
    if way < 0.05:
        at = chance.randrange(len(data) + 1)
        data = data[:at] + bytes([chance.randrange(256)]) + data[at + chance.choice((0, 1)) :]
    return data


def try_one(number: int, data: bytes) -> str:
    """Read it; what became of it, in a word. Anything but Refused comes out as it is."""
    if b"music-encoding.org" in data:
        # the worker that makes MEI canonical is verovio's; here the reader of what it makes is tried
        try:
            root = safe.parsed(data)
            score, _ = read_xml.read(read_mei.partwise(root, Findings()), Findings())
        except Refused:
            return "refused"
    else:
        try:
            score = read(data).score
        except Refused as refusal:
            if not refusal.sentence.endswith(".") or "\n" in refusal.sentence:
                raise ValueError(f"no plain sentence: {refusal.sentence!r}") from refusal
            return "refused"
    play.played(score)
    if number % 1000 == 0:
        _fit(score)
    return "read"


def _fit(score: Score) -> None:
    kinds = instruments()
    group = tuple(Player(kind, kind, kinds[kind], level) for kind, level in (("violin", 1), ("clarinet", 3)))
    try:
        made = arrange(score, Wish(group, shift=0))
    except Refused:
        return
    for part in made.parts:
        again = read(write(made, [part])).score
        found = [(note.on, note.length, note.midi) for note in again.parts[0].notes]
        assert found == [(note.on, note.length, note.midi) for note in part.notes], "written is not what was meant"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m scores.soak", description=__doc__.splitlines()[0] if __doc__ else ""
    )
    parser.add_argument("--inputs", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1, help="the number of the first input")
    parser.add_argument("--data", type=Path, help="a folder with more scores to break")
    options = parser.parse_args(arguments)
    own = Path(__file__).parent / "soak_seeds"
    song, canonical = ((own / name).read_text(encoding="utf-8") for name in ("song.musicxml", "canonical.mei"))
    seeds = [song, song, canonical]
    if options.data:
        seeds += [
            path.read_text(encoding="utf-8")
            for path in sorted(options.data.glob("*.xml"))
            if path.stat().st_size < 6000 and b"UTF-16" not in path.read_bytes()[:200]
        ]
    met: Counter[str] = Counter()
    slowest, begun = (0.0, 0), time.monotonic()
    for number in range(options.seed, options.seed + options.inputs):
        data = broken(number, seeds)
        clock = time.process_time()
        try:
            met[try_one(number, data)] += 1
        except Exception:
            met["CRASHED"] += 1
            sys.stdout.write(f"input {number}:\n{traceback.format_exc(limit=-3)}\n")
        slowest = max(slowest, (time.process_time() - clock, number))
        if not (number - options.seed + 1) % 20_000:
            sys.stdout.write(f"{number - options.seed + 1:,} inputs: {dict(met)}\n")
            sys.stdout.flush()
    seconds = time.monotonic() - begun
    sys.stdout.write(
        f"{sum(met.values()):,} inputs in {seconds:.0f} s: {met['read']:,} read, {met['refused']:,} refused, "
        f"{met['CRASHED']:,} crashed; the slowest took {slowest[0]:.2f} s (input {slowest[1]})\n"
    )
    return 1 if met["CRASHED"] or slowest[0] > SLOW else 0


if __name__ == "__main__":
    sys.exit(main())
