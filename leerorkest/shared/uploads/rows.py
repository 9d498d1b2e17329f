"""Rows of cells, from CSV text or from an XLSX sheet, in bounded memory and with the place of every cell."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

from leerorkest.shared.uploads.gate import Archive, read_xml
from leerorkest.shared.uploads.sentences import FileRefused
from leerorkest.shared.uploads.sentences import gettext_noop as _

MAX_ROWS = 65_000  # the pupils of a whole city, and a few lines around them
MAX_COLUMNS = 300
MAX_CELL = 2_000
MAX_ROW = 200_000  # characters
DELIMITERS = ";,\t|"


@dataclass(frozen=True, slots=True)
class Row:
    line: int
    cells: tuple[str, ...]
    formulas: frozenset[int] = frozenset()  # columns whose cell is a live formula

    def cell_name(self, column: int) -> str:
        return f"{column_letters(column)}{self.line}"


def column_letters(column: int) -> str:
    letters, number = "", column + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def too_many_rows() -> FileRefused:
    return FileRefused(
        _("The file holds more than %(most)s rows. Send the list of one place at a time."), most=MAX_ROWS
    )


# --- CSV ----------------------------------------------------------------------------------------------


def find_delimiter(text: str) -> str:
    """The delimiter that cuts the first lines most evenly; quoted text does not count."""
    lines = [re.sub(r'"[^"]*"', "", line) for line in text[:20_000].splitlines()[:20] if line.strip()]
    if not lines:
        return ";"
    header = lines[0]

    def fit(delimiter: str) -> tuple[int, int]:
        times = header.count(delimiter)
        return (sum(line.count(delimiter) == times for line in lines) if times else 0, times)

    return max(DELIMITERS, key=fit)


def csv_rows(text: str, delimiter: str | None = None) -> Iterator[Row]:
    if text.count("\n") > 2 * MAX_ROWS:  # told at once, not after the first 65,000
        raise too_many_rows()
    first = re.match(r"(?i)sep=(.)\r?\n", text)
    if first:  # a line Excel understands: which delimiter follows
        delimiter, text = first[1], text[first.end() :]
    skipped = 1 if first else 0
    length = 0

    def lines() -> Iterator[str]:
        """One row may not be longer than a sheet is wide, before csv makes a cell of each of 20 million commas."""
        nonlocal length
        for physical in io.StringIO(text, newline=""):
            length += len(physical)
            if length > MAX_ROW:
                raise FileRefused(
                    _("The row at line %(line)s is too long. Export the file again."), line=line + skipped
                )
            yield physical

    reader = csv.reader(lines(), delimiter=delimiter or find_delimiter(text), strict=True)
    line = 1
    try:
        for count, cells in enumerate(reader):
            if count >= MAX_ROWS:
                raise too_many_rows()
            if len(cells) > MAX_COLUMNS:
                raise FileRefused(
                    _("Line %(line)s has more than %(most)s columns."), line=line + skipped, most=MAX_COLUMNS
                )
            yield Row(line + skipped, tuple(cells))
            line, length = reader.line_num + 1, 0
    except csv.Error:
        raise FileRefused(
            _("The row at line %(line)s cannot be read: a quotation mark is missing, or the file is cut off."),
            line=line + skipped,
        ) from None


# --- XLSX ---------------------------------------------------------------------------------------------
# Our own reader of the two parts that matter, not openpyxl: that one fills the gap before <row r="9999999"> with
# empty rows, pads each row to the width the sheet claims, and tells a formula from its result only by reading twice.


def is_workbook(archive: Archive) -> bool:
    """Is it an Excel file? One with macros or in binary form is refused."""
    names = {name.casefold(): name for name in archive.entries}
    if not names.keys() & {"xl/workbook.xml", "xl/workbook.bin"}:
        return False
    types = archive.read(names["[content_types].xml"]).lower() if "[content_types].xml" in names else b""
    has_macros = any(name.endswith("vbaproject.bin") for name in names) or b"macroenabled" in types
    if has_macros or "xl/workbook.bin" in names:
        raise FileRefused(_("This Excel file holds macros or is in binary form. Save it as .xlsx."))
    return True


def xlsx_rows(archive: Archive) -> Iterator[Row]:
    texts = _shared_strings(archive)
    sheet = _Sheet(texts)
    read_xml(archive.read(_first_sheet(archive)), sheet.start, sheet.end, sheet.text)
    yield from sheet.rows


def _first_sheet(archive: Archive) -> str:
    """The first sheet a person sees, by way of the workbook's relations."""
    order: list[str] = []
    targets: dict[str, str] = {}

    def workbook(name: str, attributes: dict[str, str], _line: int) -> None:
        if name == "sheet" and attributes.get("state", "visible") == "visible":
            order.append(next((attributes[key] for key in attributes if key.rpartition(":")[2] == "id"), ""))

    def relations(name: str, attributes: dict[str, str], _line: int) -> None:
        if name == "Relationship" and attributes.get("Type", "").endswith("/worksheet"):
            targets[attributes.get("Id", "")] = attributes.get("Target", "")

    for part, start in (("xl/workbook.xml", workbook), ("xl/_rels/workbook.xml.rels", relations)):
        if part in archive.entries:
            read_xml(archive.read(part), start, _ignore, _ignore)
    for name in [targets.get(relation, "") for relation in order]:
        path = name.removeprefix("/")
        path = path if path.startswith("xl/") else f"xl/{path}"
        if path in archive.entries:
            return path
    sheets = sorted(name for name in archive.entries if re.fullmatch(r"xl/worksheets/[^/]+\.xml", name))
    if not sheets:
        raise FileRefused(_("The Excel file holds no sheet. Save it again as .xlsx."))
    return sheets[0]


def _ignore(_text: str) -> None:
    return None


def _shared_strings(archive: Archive) -> list[str]:
    texts: list[str] = []
    pieces: list[str] = []
    path: list[str] = []

    def start(name: str, _attributes: dict[str, str], _line: int) -> None:
        path.append(name)

    def text(text: str) -> None:
        if path[-1:] == ["t"] and "rPh" not in path:  # rPh: how a Japanese word sounds
            pieces.append(text[:MAX_CELL])

    def end(name: str) -> None:
        path.pop()
        if name == "si":
            texts.append("".join(pieces)[:MAX_CELL])
            pieces.clear()

    if "xl/sharedStrings.xml" in archive.entries:
        read_xml(archive.read("xl/sharedStrings.xml"), start, end, text)
    return texts


class _Sheet:
    def __init__(self, texts: list[str]) -> None:
        self.texts = texts
        self.rows: list[Row] = []
        self.line = 0
        self.column = -1
        self.type = "n"
        self.cells: dict[int, str] = {}
        self.formulas: set[int] = set()
        self.in_row = self.in_cell = False
        self.reading = ""
        self.pieces: list[str] = []

    def start(self, name: str, attributes: dict[str, str], _line: int) -> None:
        if name == "row":
            number = attributes.get("r", "")
            self.line = int(number) if re.fullmatch(r"[0-9]{1,9}", number) else self.line + 1
            self.column, self.cells, self.formulas, self.in_row = -1, {}, set(), True
        elif name == "c" and self.in_row:
            place = re.match(r"[A-Z]{1,3}(?=[0-9])", attributes.get("r", ""))
            self.column = _column_number(place[0]) if place else self.column + 1
            if self.column >= MAX_COLUMNS:
                raise FileRefused(_("Row %(line)s has more than %(most)s columns."), line=self.line, most=MAX_COLUMNS)
            self.type, self.pieces, self.in_cell = attributes.get("t", "n"), [], True
        elif name == "f" and self.in_cell:
            self.formulas.add(self.column)
        elif name in ("v", "t") and self.in_cell:
            self.reading = name
        elif name == "rPh":
            self.reading = ""

    def text(self, text: str) -> None:
        if self.reading and len(self.pieces) < 100:
            self.pieces.append(text[:MAX_CELL])

    def end(self, name: str) -> None:
        if name in ("v", "t"):
            self.reading = ""
        elif name == "c" and self.in_cell:
            self.in_cell = False
            value = self.value("".join(self.pieces)[:MAX_CELL])
            if value:
                self.cells[self.column] = value
        elif name == "row" and self.in_row:
            self.in_row = False
            if self.cells or self.formulas:
                if len(self.rows) >= MAX_ROWS:
                    raise too_many_rows()
                width = max((*self.cells, *self.formulas)) + 1
                cells = tuple(self.cells.get(column, "") for column in range(width))
                self.rows.append(Row(self.line, cells, frozenset(self.formulas)))

    def value(self, text: str) -> str:
        if self.type == "s":
            at = int(text) if re.fullmatch(r"[0-9]{1,9}", text.strip()) else -1
            return self.texts[at] if 0 <= at < len(self.texts) else ""
        if self.type == "e":
            return ""  # "#N/A" is no name
        if self.type == "n":  # 12345.0 and 1.2345E4 are how a spreadsheet writes the key 12345
            try:
                number = float(text)
            except ValueError:
                return text
            return str(int(number)) if number.is_integer() and abs(number) < 1e15 else text
        return text


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1
