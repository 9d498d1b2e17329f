"""Reads DUO's file 02 (all primary school sites) and file 06 (pupils per site per year).

Editions differ: Windows-1252 or UTF-8 with a byte order mark, columns called INSTELLINGSCODE or BRIN NUMMER, empty
cells as one blank. A file with a damaged structure is refused as a whole, with the line; a row with a wrong value is
refused alone, so that one odd school does not hold up six thousand.
"""

import codecs
import csv
import io
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

MAX_BYTES = 64 * 1024 * 1024
MAX_ROWS = 200_000
SITE_CODE = re.compile(r"\d{2}[A-Z]{2}\d{2}")
HOLIDAY_REGIONS = {"Noord", "Midden", "Zuid", ""}
# UTF-8 that was once read as Windows-1252: "Ã©" for "é". No Dutch name has these pairs.
GARBLED = re.compile("[ÃÂ][\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]|\ufffd")


class Unreadable(Exception):
    """One plain sentence about the whole file: what is wrong, where, and what to do."""


@dataclass(frozen=True)
class RefusedRow:
    line: int
    reason: str
    code: str = ""  # of the school, where the row tells


@dataclass(frozen=True)
class Entry:
    """One school site as the file has it."""

    line: int
    code: str
    name: str
    street: str
    postal_code: str
    town: str
    municipality: str
    municipality_code: str
    holiday_region: str
    board_number: str
    denomination: str
    phone: str
    website: str


@dataclass(frozen=True)
class Schools:
    entries: list[Entry]
    refused: list[RefusedRow]
    unread: bool  # a refused row does not tell which school it is about


@dataclass(frozen=True)
class Pupils:
    """counts[code][year]: a number, or None where DUO writes "<5" (one to four: it does not tell)."""

    counts: dict[str, dict[int, int | None]]
    refused: list[RefusedRow]


# our field: the names its column has had, first the newest; a star means that a file without it is no such file
COLUMNS = {
    "code*": ["VESTIGINGSCODE", "VESTIGINGSNUMMER"],
    "name*": ["VESTIGINGSNAAM", "NAAM VESTIGING"],
    "street_name": ["STRAATNAAM", "STRAATNAAM VESTIGING"],
    "house_number": ["HUISNUMMER TOEVOEGING", "HUISNUMMER TOEVOEGING VESTIGING", "HUISNUMMER"],
    "postal_code": ["POSTCODE", "POSTCODE VESTIGING"],
    "town*": ["PLAATSNAAM", "PLAATSNAAM VESTIGING"],
    "municipality": ["GEMEENTENAAM", "GEMEENTENAAM VESTIGING"],
    "municipality_code": ["GEMEENTENUMMER", "GEMEENTECODE", "GEMEENTECODE VESTIGING"],
    "holiday_region": ["VAKANTIEREGIO"],
    "board_number": ["BEVOEGD GEZAG NUMMER", "BEVOEGD GEZAG CODE", "BEVOEGDGEZAGNUMMER"],
    "denomination": ["DENOMINATIE", "DENOMINATIE VESTIGING"],
    "phone": ["TELEFOONNUMMER", "TELEFOON"],
    "website": ["INTERNETADRES", "WEBSITE"],
    "brin": ["INSTELLINGSCODE", "BRIN NUMMER", "BRINNUMMER"],
}
LIMITS = {"name": 120, "street": 120, "town": 80, "municipality": 80, "denomination": 80, "website": 200, "phone": 30}
YEAR_COLUMN = re.compile(r"LEERLINGEN (\d{4})")


def read(content: bytes) -> Schools | Pupils:
    """Which of the two files it is shows from its header."""
    rows = _rows(_text(content))
    first = next(rows, None)
    if first is None:
        raise Unreadable("The file is empty. Download it again from DUO.")
    _line, header = first
    names = [_heading(cell) for cell in header]
    if any(YEAR_COLUMN.fullmatch(name) for name in names):
        return _pupils(names, rows)
    return _schools(names, rows)


def _text(content: bytes) -> str:
    if len(content) > MAX_BYTES:
        raise Unreadable("The file is larger than 64 MB: this is not the register of primary schools.")
    if content[:4] == b"PK\x03\x04":
        raise Unreadable("This is a zip or a spreadsheet, not a CSV file. Download the CSV file from DUO.")
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ["utf-16"]
    elif content.startswith(codecs.BOM_UTF8):
        encodings = ["utf-8-sig"]
    else:
        encodings = ["utf-8", "cp1252"]
    text = None
    for encoding in encodings:
        try:
            text = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    if text is None:
        raise Unreadable(
            f"The file says it is {encodings[0].upper()} but has other bytes in it. Download it again from DUO."
            if len(encodings) == 1
            else "The file is neither UTF-8 nor Windows-1252 text. Download it again from DUO."
        )
    if "\0" in text:
        raise Unreadable("This is not a text file. Download the CSV file from DUO.")
    garbled = GARBLED.search(text)
    if garbled:
        line = text.count("\n", 0, garbled.start()) + 1
        raise Unreadable(
            f"Line {line} has garbled letters ({garbled.group()}): the file was saved in another encoding. "
            "Download it again from DUO and do not open it in a spreadsheet first."
        )
    return text


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    first_line = text.split("\n", 1)[0]
    delimiter = max(";,\t", key=first_line.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    width = 0
    try:
        for count, row in enumerate(reader):
            if count > MAX_ROWS:
                raise Unreadable(f"The file has more than {MAX_ROWS} lines: this is not the register.")
            if not row:
                continue
            width = width or len(row)
            if len(row) != width:
                raise Unreadable(
                    f"Line {reader.line_num} has {len(row)} cells where the header has {width}: the file is damaged or "
                    "cut off. Download it again from DUO."
                )
            yield reader.line_num, [" ".join(cell.split()) for cell in row]
    except csv.Error as error:
        raise Unreadable(f"Line {reader.line_num} cannot be read as CSV. Download the file again from DUO.") from error


def _heading(cell: str) -> str:
    return re.sub(r"[\s_\-]+", " ", cell.strip().upper())


def _places(names: list[str]) -> dict[str, int]:
    """Our field → the position of its column."""
    found = {}
    for wanted, known in COLUMNS.items():
        position = next((names.index(name) for name in known if name in names), None)
        if position is not None:
            found[wanted.rstrip("*")] = position
        elif wanted.endswith("*"):
            raise Unreadable(
                f"The file has no column {known[0]}. This must be DUO's file 02 (all primary school sites) or "
                "06 (pupils per site)."
            )
    return found


def _schools(names: list[str], rows: Iterator[tuple[int, list[str]]]) -> Schools:
    places = _places(names)
    entries: dict[str, Entry] = {}
    refused: list[RefusedRow] = []
    unread = False
    for line, row in rows:
        cells = {name: row[position] for name, position in places.items()}
        code = _site_code(cells)
        if not SITE_CODE.fullmatch(code):
            refused.append(RefusedRow(line, "The site code is not two digits, two letters and two digits."))
            unread = True
            continue
        reason = ""
        if code in entries:
            reason = f"The site code {code} already stands on line {entries[code].line}."
        elif not cells["name"]:
            reason = f"The school {code} has no name."
        elif cells.get("holiday_region", "").title() not in HOLIDAY_REGIONS:
            reason = f"The school {code} has an unknown holiday region. Known are Noord, Midden and Zuid."
        elif any(unicodedata.category(letter) == "Cc" for cell in cells.values() for letter in cell):
            reason = f"The school {code} has unreadable characters."
        entry = _entry(line, code, cells)
        too_long = next((name for name, limit in LIMITS.items() if len(getattr(entry, name)) > limit), "")
        if too_long and not reason:
            reason = f"The school {code} has a {too_long} of more than {LIMITS[too_long]} characters."
        if reason:
            refused.append(RefusedRow(line, reason, code))
        else:
            entries[code] = entry
    if not entries:
        raise Unreadable("The file has a header but not one school that can be read. Download it again from DUO.")
    return Schools(list(entries.values()), refused, unread)


def _site_code(cells: dict[str, str]) -> str:
    """BRIN6. Some editions give the site only as its last two digits, beside the institution's BRIN4."""
    code = cells["code"].upper()
    return cells.get("brin", "").upper() + code if re.fullmatch(r"\d{2}", code) else code


def _entry(line: int, code: str, cells: dict[str, str]) -> Entry:
    postal_code = cells.get("postal_code", "").upper().replace(" ", "")
    return Entry(
        line=line,
        code=code,
        name=cells["name"],
        street=f"{cells.get('street_name', '')} {cells.get('house_number', '')}".strip(),
        postal_code=f"{postal_code[:4]} {postal_code[4:]}" if len(postal_code) == 6 else postal_code[:10],
        town=cells["town"],
        municipality=cells.get("municipality", ""),
        municipality_code=cells.get("municipality_code", "")[:4].zfill(4) if cells.get("municipality_code") else "",
        holiday_region=cells.get("holiday_region", "").title(),
        board_number=cells.get("board_number", "")[:10],
        denomination=cells.get("denomination", ""),
        phone=cells.get("phone", ""),
        website=cells.get("website", ""),
    )


def _pupils(names: list[str], rows: Iterator[tuple[int, list[str]]]) -> Pupils:
    if "VESTIGINGSCODE" not in names and "VESTIGINGSNUMMER" not in names:
        raise Unreadable("The file has no column VESTIGINGSCODE. This must be DUO's file 06 (pupils per site).")
    at = names.index("VESTIGINGSCODE" if "VESTIGINGSCODE" in names else "VESTIGINGSNUMMER")
    years = {
        int(match.group(1)): position for position, name in enumerate(names) if (match := YEAR_COLUMN.fullmatch(name))
    }
    counts: dict[str, dict[int, int | None]] = {}
    refused: list[RefusedRow] = []
    for line, row in rows:
        code = row[at].upper()
        if not SITE_CODE.fullmatch(code):
            refused.append(RefusedRow(line, "The site code is not two digits, two letters and two digits."))
        elif code in counts:
            refused.append(RefusedRow(line, f"The site code {code} stands on an earlier line too.", code))
        else:
            odd = next((y for y, p in years.items() if not re.fullmatch(r"\d{0,5}|<5", row[p], re.ASCII)), None)
            if odd:
                refused.append(
                    RefusedRow(line, f"The number of pupils of {code} in {odd} is not a number or <5.", code)
                )
            else:
                counts[code] = _without_leading_zeros(
                    {y: None if row[p] == "<5" else int(row[p]) for y, p in sorted(years.items()) if row[p]}
                )
    if not counts:
        raise Unreadable("The file has a header but not one school that can be read. Download it again from DUO.")
    return Pupils(counts, refused)


def _without_leading_zeros(counts: dict[int, int | None]) -> dict[int, int | None]:
    """DUO writes 0 for the years before a site opened: those say nothing."""
    first = next((year for year, count in counts.items() if count != 0), None)
    return {year: count for year, count in counts.items() if first is not None and year >= first}


def edition_of(filename: str) -> date | None:
    """The month that stands in the file's name: …-2026-04.csv, …202604…"""
    match = re.search(r"(20\d{2})[-_]?(0[1-9]|1[0-2])(?!\d)", filename)
    return date(int(match.group(1)), int(match.group(2)), 1) if match else None


def searchable(*texts: str) -> str:
    """Small letters without accents and marks: 's-Gravenhage is found as s gravenhage, Fryslân as fryslan."""
    plain = unicodedata.normalize("NFKD", " ".join(texts).casefold())
    letters = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return " ".join(re.sub(r"[^\w]+", " ", letters).split())


SMALL_WORDS = {"aan", "bij", "d", "de", "den", "der", "en", "gem", "het", "in", "of", "op", "te", "ter", "van"}


def place_name(capitals: str) -> str:
    """A town as people write it: "S GRAVENHAGE" is 's-Gravenhage, "CAPELLE AAN DEN IJSSEL" Capelle aan den IJssel."""
    words = capitals.lower().split()
    if len(words) > 1 and words[0] in ("s", "'s"):
        return f"'s-{'-'.join(word.capitalize() for word in words[1:])}"
    written = [
        word if position and word in SMALL_WORDS else "-".join(_capital(part) for part in word.split("-"))
        for position, word in enumerate(words)
    ]
    return " ".join(written)


def _capital(word: str) -> str:
    return f"IJ{word[2:]}" if word.startswith("ij") else word[:1].upper() + word[1:]


@dataclass
class Difference:
    """What a new edition means for the register."""

    new: list[Entry] = field(default_factory=list)
    changed: list[tuple[Entry, list[str]]] = field(default_factory=list)  # with the names of the changed fields
    reopened: list[tuple[Entry, list[str]]] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)  # codes
    unchanged: int = 0


FIELDS = [name for name in Entry.__dataclass_fields__ if name not in ("line", "code")]


@dataclass(frozen=True)
class Known:
    """A school as the register has it now."""

    values: dict[str, str]
    is_closed: bool


def difference(schools: Schools, register: dict[str, Known]) -> Difference:
    """A diff: what is absent closes, nothing is ever deleted. Who was refused keeps what the register says."""
    found = Difference()
    for entry in schools.entries:
        known = register.get(entry.code)
        if known is None:
            found.new.append(entry)
            continue
        fields = [name for name in FIELDS if known.values[name] != getattr(entry, name)]
        if known.is_closed:
            found.reopened.append((entry, fields))
        elif fields:
            found.changed.append((entry, fields))
        else:
            found.unchanged += 1
    if not schools.unread:
        spoken_of = {entry.code for entry in schools.entries} | {row.code for row in schools.refused}
        found.closed = sorted(code for code, known in register.items() if not known.is_closed and code not in spoken_of)
    return found
