"""From a file's bytes to a score, whatever its format: the one entrance."""

import re
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from . import abc_endings, engrave, play, read_mei, read_xml, safe
from .findings import Findings
from .model import Finding, Refused, Score

MOST_BYTES = 16 * 2**20  # of MEI or ABC
SECONDS = 60.0  # that verovio may take for it
ABC_ENDING = re.compile(rb"[|:\[]\s*[12]")
WORDS = {
    "midi": "This is a MIDI file. It says what sounds, not what is written. Bring the score as MusicXML.",
    "pdf": "This is a PDF: a picture of a score. Bring the score as MusicXML.",
    "picture": "This is a picture. Bring the score as MusicXML.",
    "empty": "This file is empty.",
    "unknown": "This is no score that can be read. Bring it as MusicXML, MXL, MEI or ABC.",
}


@dataclass(frozen=True)
class Reading:
    """`source`: the XML (MusicXML partwise or MEI) that carries the score's ids, for engraving."""

    score: Score
    findings: tuple[Finding, ...]
    source: bytes
    sort: str  # musicxml or mei


def read(data: bytes) -> Reading:
    """Raises Refused, with a sentence, for what cannot be read; nothing else."""
    findings = Findings()
    sort = safe.sort_of(data)
    if sort == "mxl":
        data, instead = safe.unpacked(data)
        if instead:
            findings.add("container", value=instead)
        sort = safe.sort_of(data)
    if sort == "abc":
        return _mei(data, findings, is_abc=True)
    if sort != "xml":
        raise Refused("not-a-score", WORDS.get(sort, WORDS["unknown"]))
    if not data.startswith((b"\xff\xfe", b"\xfe\xff")) and b"\x00" not in data[:8]:
        data = data.removeprefix(b"\xef\xbb\xbf").lstrip()  # nothing may stand before an XML declaration
    root, is_loose = safe.parsed_loosely(data)
    if is_loose:
        findings.add("encoding")
    name = etree.QName(root).localname
    if name == "opus":
        raise Refused("opus", "This file lists other scores. Bring one of those.")
    if name in ("mei", "meiHead", "music"):
        return _mei(etree.tostring(root, encoding="UTF-8"), findings)
    score, source = read_xml.read(root, findings)
    play.play_order(score.bars, findings)
    return Reading(score, findings.all(), source, "musicxml")


def _mei(data: bytes, findings: Findings, *, is_abc: bool = False) -> Reading:
    """MEI and ABC: verovio makes canonical MEI of it in its own process; the rest is as with MusicXML."""
    if len(data) > MOST_BYTES:
        raise Refused("too-large", f"This file is larger than {MOST_BYTES // 2**20} MB, too large for MEI or ABC.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    with engrave.Engraver(SECONDS) as engraver:
        source = engraver.mei(text)
    root = safe.parsed(source)
    if is_abc and ABC_ENDING.search(data):
        if abc_endings.add(root, text):
            source = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
        else:
            findings.add("abc-endings")
    score, _ = read_xml.read(read_mei.partwise(root, findings), findings)
    if not any(part.notes for part in score.parts):
        raise Refused("no-notes", "No notes were found in this file.")
    play.play_order(score.bars, findings)
    return Reading(score, findings.all(), source, "mei")


def read_file(path: Path) -> Reading:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise Refused("no-file", f"The file “{path.name}” cannot be opened: {error.strerror}.") from error
    return read(data)
