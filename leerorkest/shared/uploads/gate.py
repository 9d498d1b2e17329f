"""Hostile input stops here: size, disguise, encodings, XML tricks, zip tricks. Each with one clear sentence."""

import codecs
import io
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from xml.parsers import expat

from leerorkest.shared.uploads.sentences import FileRefused
from leerorkest.shared.uploads.sentences import gettext_noop as _

MAX_BYTES = 50 * 1024 * 1024  # packed or unpacked
MAX_ENTRIES = 200
MAX_RATIO = 100
MAX_DEPTH = 40

XML_ENCODINGS = {
    "utf-8", "utf-16", "utf-16-le", "utf-16-be", "ascii", "cp437", "cp850", "cp1250", "cp1251", "cp1252", "cp1253",
    "cp1254", "cp1256", "cp1257", "mac-roman", "iso8859-1", "iso8859-2", "iso8859-3", "iso8859-4", "iso8859-9",
    "iso8859-10", "iso8859-13", "iso8859-14", "iso8859-15", "iso8859-16",
}  # fmt: skip

DISGUISES: list[tuple[bytes, str]] = [
    (b"%PDF", _("This file is a PDF. Save the list as CSV or XLSX.")),
    (b"\x89PNG", _("This file is an image. Save the list as CSV or XLSX.")),
    (b"\xff\xd8\xff", _("This file is an image. Save the list as CSV or XLSX.")),
    (b"GIF8", _("This file is an image. Save the list as CSV or XLSX.")),
    (b"II*\x00", _("This file is an image. Save the list as CSV or XLSX.")),
    (b"MM\x00*", _("This file is an image. Save the list as CSV or XLSX.")),
    (b"RIFF", _("This file is an image. Save the list as CSV or XLSX.")),
    (
        b"\xd0\xcf\x11\xe0",
        _("This is an old Excel file (.xls) or one with a password. Save it as .xlsx without a password."),
    ),
    (b"{\\rtf", _("This file is a text document. Save the table as CSV or XLSX.")),
    (b"\x1f\x8b", _("This file is packed with gzip. Unpack it first.")),
    (b"7z\xbc\xaf", _("This file is packed with 7-Zip. Unpack it first.")),
    (b"Rar!", _("This file is packed with RAR. Unpack it first.")),
    (b"BZh", _("This file is packed with bzip2. Unpack it first.")),
    (b"\xfd7zXZ", _("This file is packed with xz. Unpack it first.")),
    (b"MZ", _("This file is a program. Save the list as CSV or XLSX.")),
    (b"\x7fELF", _("This file is a program. Save the list as CSV or XLSX.")),
    (b"SQLite format", _("This file is a database. Save the list as CSV or XLSX.")),
]


def load(source: bytes | str | Path) -> bytes:
    """The file's bytes, measured before they are read."""
    if isinstance(source, bytes):
        content = source
    else:
        path = Path(source)
        try:
            if not path.is_file():
                raise FileRefused(_("There is no file at that place."))
            with path.open("rb") as file:
                content = file.read(MAX_BYTES + 1)
        except (OSError, ValueError):
            raise FileRefused(_("The file cannot be read. Check its place and your rights to it.")) from None
    if len(content) > MAX_BYTES:
        raise FileRefused(
            _("The file is larger than %(most)s MB. Send the list of one place at a time."), most=MAX_BYTES >> 20
        )
    if not content.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise FileRefused(_("The file is empty. Export it again."))
    for magic, sentence in DISGUISES:
        if content.startswith(magic):
            # "MZ;Naam;Groep" is a table: only call it a program when no text could hold its bytes
            if magic == b"MZ" and b"\x00" not in content[:512]:
                continue
            raise FileRefused(sentence)
    return content


# --- text ---------------------------------------------------------------------------------------------


def line_of(content: bytes, at: int) -> int:
    return content.count(b"\n", 0, at) + 1


def guess_utf16(content: bytes) -> str | None:
    """UTF-16 by its mark, or by a zero in nearly every other byte."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    start = content[:512]
    half = len(start) // 2
    if half >= 4 and start[1::2].count(0) > 0.7 * half and start[::2].count(0) == 0:
        return "utf-16-le"
    if half >= 4 and start[::2].count(0) > 0.7 * half and start[1::2].count(0) == 0:
        return "utf-16-be"
    return None


def decode_table(content: bytes) -> tuple[str, str]:
    """A CSV says nothing about its encoding: its text, and the encoding that we took it for."""
    encoding = guess_utf16(content)
    if encoding:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            raise FileRefused(_("The file stops in the middle of a letter. Export it again.")) from None
    else:
        try:
            text, encoding = content.decode("utf-8-sig"), "utf-8"
        except UnicodeDecodeError as error:
            line = line_of(content, error.start)
            # Two encodings in one file, or UTF-8 cut off: reading it as Windows-1252 would make "Zoë" of "Zoë".
            if content.startswith(codecs.BOM_UTF8) or re.search(rb"[\xc2-\xc5][\x80-\xbf]", content):
                raise FileRefused(
                    _("Line %(line)s holds a broken letter. Export the file again as UTF-8."), line=line
                ) from None
            try:
                text, encoding = content.decode("cp1252"), "cp1252"
            except UnicodeDecodeError as second:
                raise FileRefused(
                    _("Line %(line)s holds a broken letter. Export the file again as UTF-8."),
                    line=line_of(content, second.start),
                ) from None
    if "\x00" in text:
        line = text.count("\n", 0, text.index("\x00")) + 1
        raise FileRefused(_("Line %(line)s holds a zero byte, so this is not a text file. Export it again."), line=line)
    return text.removeprefix("\ufeff"), encoding


# --- XML ----------------------------------------------------------------------------------------------


def xml_encoding(content: bytes) -> str:
    utf16 = guess_utf16(content)
    if utf16:
        return utf16
    if content.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    declared = re.match(rb"""\s*<\?xml[^>]{0,100}?encoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']""", content[:300])
    if not declared:
        return "utf-8"
    try:
        name = codecs.lookup(declared[1].decode("ascii")).name
    except LookupError:
        name = ""
    if name not in XML_ENCODINGS:
        raise FileRefused(_("The file is written in an encoding that we do not know. Export it again as UTF-8."))
    if name.startswith("utf-16"):  # declared so, and yet readable as bytes: the declaration is wrong
        return "utf-8"
    return name


def _no_doctype(*_args: object) -> int:
    raise FileRefused(_("The file declares a document type or entities, which no list needs. Export it again."))


def read_xml(
    content: bytes,
    start: Callable[[str, dict[str, str], int], None],
    end: Callable[[str], None],
    text: Callable[[str], None],
) -> None:
    """Walk through XML in bounded memory: no document type, no entities, nothing external, no deep nesting.

    Expat itself and not ElementTree's iterparse, because a refusal must tell the line. `start` gets it; names come
    without their namespace, which exports get wrong as often as right.
    """
    parser = expat.ParserCreate()
    depth = 0
    short: dict[str, str] = {}

    def local(name: str) -> str:
        known = short.get(name)
        if known is None:
            known = name.rpartition(":")[2]
            if len(short) < 5000:
                short[name] = known
        return known

    def on_start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > MAX_DEPTH:
            raise FileRefused(
                _("Line %(line)s is nested too deeply. Export the file again."), line=parser.CurrentLineNumber
            )
        start(local(name), attributes, parser.CurrentLineNumber)

    def on_end(name: str) -> None:
        nonlocal depth
        depth -= 1
        end(local(name))

    parser.buffer_text = True
    parser.StartElementHandler = on_start
    parser.EndElementHandler = on_end
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = _no_doctype
    parser.EntityDeclHandler = _no_doctype
    parser.UnparsedEntityDeclHandler = _no_doctype
    parser.ExternalEntityRefHandler = _no_doctype
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)

    # We decode ourselves, so that every encoding Python knows works and a wrong byte has a line.
    decoder = codecs.getincrementaldecoder(xml_encoding(content))()
    size = 64 * 1024
    try:
        for at in range(0, len(content), size):
            parser.Parse(decoder.decode(content[at : at + size], final=at + size >= len(content)), False)
        parser.Parse("", True)
    except UnicodeError:
        raise FileRefused(
            _("Line %(line)s holds a letter that does not fit the encoding the file declares. Export it again."),
            line=parser.CurrentLineNumber,
        ) from None
    except expat.ExpatError as error:
        if error.code in CUT_OFF:
            raise FileRefused(
                _("The file stops halfway, at line %(line)s. Export it again."), line=error.lineno
            ) from None
        raise FileRefused(_("Line %(line)s is not sound XML. Export the file again."), line=error.lineno) from None


CUT_OFF = {
    expat.errors.codes[text]
    for text in (
        expat.errors.XML_ERROR_NO_ELEMENTS,
        expat.errors.XML_ERROR_UNCLOSED_TOKEN,
        expat.errors.XML_ERROR_PARTIAL_CHAR,
        expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION,
    )
}


# --- zip ----------------------------------------------------------------------------------------------

NOT_A_SOUND_ZIP = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OverflowError,
    OSError,
    KeyError,
    IndexError,
    MemoryError,
)


def _broken_zip() -> FileRefused:
    return FileRefused(_("The zip file is damaged or cut off. Export it again."))


class Archive:
    """A zip whose promises have been checked, and whose parts are measured again while they are unpacked."""

    def __init__(self, content: bytes) -> None:
        # The length of the list of contents, before zipfile makes an object of each of a million entries.
        for found in re.finditer(rb"PK\x05\x06", content[-65_600:]):
            record = content[-65_600:][found.start() : found.start() + 22]
            if len(record) == 22 and struct.unpack("<L", record[12:16])[0] > MAX_ENTRIES * 600:
                raise FileRefused(_("The zip file holds more than %(most)s files."), most=MAX_ENTRIES)
        if b"PK\x06\x07" in content[-65_600:]:
            raise FileRefused(_("The zip file is of a kind for huge files. Pack it again as a plain zip."))
        try:
            self.zip = zipfile.ZipFile(io.BytesIO(content))
            infos = [info for info in self.zip.infolist() if not info.is_dir()]
        except NOT_A_SOUND_ZIP:
            raise _broken_zip() from None
        if len(infos) > MAX_ENTRIES:
            raise FileRefused(_("The zip file holds more than %(most)s files."), most=MAX_ENTRIES)
        unpacked = sum(info.file_size for info in infos)
        packed = sum(info.compress_size for info in infos)
        if unpacked > MAX_BYTES:
            raise FileRefused(_("The zip file unpacks to more than %(most)s MB."), most=MAX_BYTES >> 20)
        # A small file may be packed very tightly by its nature; a bomb is not small.
        if unpacked > 1024 * 1024 and unpacked > MAX_RATIO * max(packed, 1):
            raise FileRefused(_("The zip file unpacks to more than %(most)s times its size."), most=MAX_RATIO)
        self.entries: dict[str, zipfile.ZipInfo] = {}
        for info in infos:
            name = info.filename
            parts = re.split(r"[/\\]", name)
            if name.startswith(("/", "\\")) or ".." in parts or re.match(r"[A-Za-z]:", name) or "\x00" in name:
                raise FileRefused(_("The zip file holds a file name that points outside of it."))
            if stat.S_ISLNK(info.external_attr >> 16):
                raise FileRefused(_("The zip file holds a link instead of a file."))
            if info.flag_bits & 0x1:
                raise FileRefused(_("The zip file has a password. Pack it again without one."))
            if name in self.entries:
                raise FileRefused(_("The zip file holds two files of the same name."))
            self.entries[name] = info
        self.left = MAX_BYTES

    def read(self, name: str) -> bytes:
        try:
            with self.zip.open(self.entries[name]) as part:
                content = part.read(self.left + 1)
        except NOT_A_SOUND_ZIP:
            raise _broken_zip() from None
        if len(content) > self.left:
            raise FileRefused(_("The zip file unpacks to more than %(most)s MB."), most=MAX_BYTES >> 20)
        self.left -= len(content)
        return content
