"""First and second endings of an ABC tune, which verovio leaves out when it reads one.

Only where they stand is found here, by counting the bars of the tune; the music itself is verovio's. Where the count is
not verovio's, nothing is added.
"""

import re

from lxml import etree

MEI = "{http://www.music-encoding.org/ns/mei}"
HEADER = re.compile(r"^[A-Za-z]:")
NO_MUSIC = re.compile(r'"[^"\n]*"|![^!\n]*!|\+[^+\n]*\+|\{[^}\n]*\}|\[[A-Za-z]:[^\]\n]*\]')
TOKEN = re.compile(
    r"(?P<bar>:*\|[\]|:]*|\[\||::+)\s*(?P<after>\[?\d[\d,.\-]*)?|\[(?P<inside>\d[\d,.\-]*)|(?P<music>[A-Ga-gzZxX])"
)


def endings(text: str) -> tuple[list[tuple[int, int, tuple[int, ...]]], int] | None:
    """[(first bar, last bar, passes)] and the number of bars; None where there is more than one voice or tune."""
    lines = [line.split("%")[0] for line in text.splitlines()]
    if sum(line.startswith("X:") for line in lines) > 1 or sum(line.startswith("V:") for line in lines) > 1:
        return None
    start = next((at for at, line in enumerate(lines) if line.startswith("K:")), None)
    if start is None:
        return None
    body = " ".join(line for line in lines[start + 1 :] if not HEADER.match(line) and not line.startswith("w:"))
    body = NO_MUSIC.sub(" ", body)
    found: list[tuple[int, int, tuple[int, ...]]] = []
    bar, has_music = 0, False
    first: int | None = None
    passes: tuple[int, ...] = ()

    def close(last: int) -> None:
        nonlocal first
        if first is not None and last >= first:
            found.append((first, last, passes))
        first = None

    for token in TOKEN.finditer(body):
        if token["music"]:
            has_music = True
            continue
        sign = token["bar"] or ""
        if sign and has_music:
            bar, has_music = bar + 1, False
        volta = token["after"] or token["inside"]
        if sign and (":" in sign or "]" in sign or sign.count("|") > 1):
            close(bar - 1)
        if volta:
            close(bar - 1)
            first, passes = bar, _passes(volta.lstrip("["))
    if has_music:
        bar += 1
    close(bar - 1)
    return found, bar


def _passes(text: str) -> tuple[int, ...]:
    made: set[int] = set()
    for piece in re.split(r"[,.]", text):
        low, _, high = piece.partition("-")
        if low.isdigit() and (not high or high.isdigit()):
            made.update(range(int(low[:2]), min(int((high or low)[:2]), 32) + 1))
    return tuple(sorted(made)) or (1,)


def add(mei: etree._Element, text: str) -> bool:
    """Put the endings into canonical MEI; false where that cannot be done rightly."""
    known = endings(text)
    if known is None:
        return False
    found, count = known
    bars = list(mei.iter(f"{MEI}measure"))
    if len(bars) != count:
        return False
    for first, last, passes in found:
        above = bars[first].getparent()
        if above is None or any(bar.getparent() is not above for bar in bars[first : last + 1]):
            return False
        ending = etree.Element(f"{MEI}ending", n=",".join(map(str, passes)))
        bars[first].addprevious(ending)
        ending.extend(bars[first : last + 1])
    return True
