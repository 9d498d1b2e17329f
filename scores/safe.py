"""Opening files from anywhere: what they are, how large they may grow, and XML without entities, network or DTDs."""

import io
import re
import zipfile
from pathlib import PurePosixPath
from typing import Any

from lxml import etree

from .model import Refused

MOST_BYTES = 64 * 2**20  # of XML, unpacked
MOST_RATIO = 200  # of a packed file that is larger than a megabyte
MOST_ENTRIES = 500
DECLARED = re.compile(rb"""^(<\?xml[^>]*?)\sencoding\s*=\s*["'][^"']*["']""")


def unpacked(data: bytes) -> tuple[bytes, str]:
    """The score inside an MXL container, and the name it was found under where the container did not name it rightly.

    Raises Refused for what is no zip, or one that is too large, locked, or without a score.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as box:
            return _from_box(box)
    except Refused:
        raise
    except Exception as error:  # zipfile meets broken files with many kinds of errors
        raise Refused("broken-zip", "This MXL file is broken and cannot be unpacked. Save it once more.") from error


def _from_box(box: zipfile.ZipFile) -> tuple[bytes, str]:
    entries = box.infolist()
    if len(entries) > MOST_ENTRIES:
        raise Refused("zip-entries", f"This MXL file holds {len(entries)} files; a score holds a few.")
    if sum(entry.file_size for entry in entries) > MOST_BYTES * 2:
        raise Refused("zip-size", "This MXL file unpacks to more than a score can be. It was not opened.")
    for entry in entries:
        if entry.file_size > 2**20 and entry.file_size > MOST_RATIO * max(entry.compress_size, 1):
            raise Refused("zip-ratio", "This MXL file is packed as no score is. It was not opened.")
        if entry.flag_bits & 1:
            raise Refused("zip-locked", "This MXL file asks for a password. Save it without one.")
    names = {_safe(entry.filename): entry for entry in entries if not entry.is_dir() and _safe(entry.filename)}
    named = []
    if "META-INF/container.xml" in names:
        try:
            container = parsed(_taken(box, names["META-INF/container.xml"], 2**20))
        except Refused:
            container = etree.Element("container")
        for root in container.iter("{*}rootfile"):
            sort = root.get("media-type", "")
            if not sort or "xml" in sort:
                named.append(_safe(root.get("full-path", "")))
    rest = sorted(
        name
        for name in names
        if not name.startswith(("META-INF/", "__MACOSX/"))
        and PurePosixPath(name).suffix.lower() in (".xml", ".musicxml")
        and not PurePosixPath(name).name.startswith(".")
    )
    for name in named[:1]:
        if name in names:
            return _taken(box, names[name], MOST_BYTES), ""
    if rest:
        return _taken(box, names[rest[0]], MOST_BYTES), rest[0]
    raise Refused("zip-empty", "This MXL file holds no score. Export it once more from your notation program.")


def _safe(name: str) -> str:
    """The entry's name; nothing when it points outside the box."""
    path = PurePosixPath(name.replace("\\", "/"))
    return "" if path.is_absolute() or ".." in path.parts else str(path)


def _taken(box: zipfile.ZipFile, entry: zipfile.ZipInfo, most: int) -> bytes:
    """No more than `most` bytes, whatever the entry says of itself."""
    with box.open(entry) as stream:
        data = stream.read(most + 1)
    if len(data) > most:
        raise Refused("zip-size", "This MXL file unpacks to more than a score can be. It was not opened.")
    return data


def _parser() -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        recover=False,
    )


def parsed(data: bytes) -> etree._Element:
    """The root of the XML. Raises Refused for what is not well-formed, too large, or declares entities."""
    if len(data) > MOST_BYTES:
        raise Refused("too-large", f"This file is larger than {MOST_BYTES // 2**20} MB. No score is.")
    try:
        root = etree.fromstring(data, _parser())
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        line, column = getattr(error, "position", (0, 0))
        raise Refused(
            "not-well-formed",
            f"This file is broken XML at line {line}, column {column}. Export it once more from your notation program.",
        ) from error
    doctype: Any = root.getroottree().docinfo.internalDTD
    if doctype is not None and next(iter(doctype.iterentities()), None) is not None:
        raise Refused("entities", "This file declares entities of its own. No score needs them; it was not opened.")
    return root


def parsed_loosely(data: bytes) -> tuple[etree._Element, bool]:
    """As `parsed`; a file that says another encoding than it has is read as UTF-8, and the second value is true."""
    try:
        return parsed(data), False
    except Refused as refusal:
        if refusal.code != "not-well-formed" or not DECLARED.match(data):
            raise
        try:
            data.decode("utf-8")
            return parsed(DECLARED.sub(rb"\1", data, count=1)), True
        except (UnicodeDecodeError, Refused):
            raise refusal from None


def sort_of(data: bytes) -> str:
    """mxl, xml, abc, or what else it is in a word."""
    head = data[:2048]
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "mxl"
    if head.startswith(b"MThd"):
        return "midi"
    if head.startswith(b"%PDF"):
        return "pdf"
    if head.startswith((b"\x89PNG", b"\xff\xd8\xff")):
        return "picture"
    if head.startswith((b"\xfe\xff", b"\xff\xfe")) or b"<\x00" in head[:8] or b"\x00<" in head[:8]:
        return "xml"
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(b"<"):
        return "xml"
    if re.search(rb"^X:\s*\d", text, re.MULTILINE) and re.search(rb"^K:", data[:65536], re.MULTILINE):
        return "abc"
    return "unknown" if text else "empty"
