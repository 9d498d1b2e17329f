"""From a file's bytes to a score, whatever its format: the one entrance."""

from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from . import play, read_xml, safe
from .findings import Findings
from .model import Finding, Refused, Score

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
    if sort != "xml":
        raise Refused("not-a-score", WORDS.get(sort, WORDS["unknown"]))
    root, is_loose = safe.parsed_loosely(data)
    if is_loose:
        findings.add("encoding")
    name = etree.QName(root).localname
    if name == "opus":
        raise Refused("opus", "This file lists other scores. Bring one of those.")
    score, source = read_xml.read(root, findings)
    play.play_order(score.bars, findings)
    return Reading(score, findings.all(), source, "musicxml")


def read_file(path: Path) -> Reading:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise Refused("no-file", f"The file “{path.name}” cannot be opened: {error.strerror}.") from error
    return read(data)
