"""Any CSV or XLSX with a row per pupil: which column is what, by a person's mapping or by our guess."""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import chain, islice

from leerorkest.schools.roster import names
from leerorkest.schools.roster.gathering import Gathering
from leerorkest.schools.roster.roster import NeedsMapping, Pupil, Roster
from leerorkest.shared.uploads.columns import bare, safe_field_name
from leerorkest.shared.uploads.gate import Archive, decode_table
from leerorkest.shared.uploads.rows import Row, csv_rows, xlsx_rows
from leerorkest.shared.uploads.sentences import FileRefused
from leerorkest.shared.uploads.sentences import gettext_noop as _

FIELDS = ("group", "first_name", "prefix", "last_name", "full_name", "grade", "key")
HEADER_WITHIN = 20  # a title and a date may stand above the header


def read_csv(content: bytes, mapping: Mapping[str, str] | None = None, ask: bool = False) -> Roster:
    text, encoding = decode_table(content)
    if text.lstrip()[:200].casefold().startswith(("<html", "<!doctype html", "<table", "<head", "<meta", "<body")):
        raise FileRefused(_("This file is a web page, even if its name says otherwise. Save the table as CSV or XLSX."))
    gathering = Gathering("CSV")
    if encoding == "cp1252":
        gathering.warn("encoding", _("The file is read as Windows-1252. Check the letters with accents."))
    return _read(gathering, csv_rows(text), mapping, ask)


def read_xlsx(archive: Archive, mapping: Mapping[str, str] | None = None, ask: bool = False) -> Roster:
    return _read(Gathering("XLSX"), xlsx_rows(archive), mapping, ask)


def guess(columns: Iterable[str]) -> dict[str, str]:
    """Which column holds which field, by its Dutch, English or Papiamento name. The first of two wins."""
    found: dict[str, str] = {}
    for column in columns:
        field = names.FIELD_OF.get(bare(column))
        if field and (field not in found or bare(column) == "roepnaam"):
            found[field] = column
    if "first_name" in found:
        found.pop("full_name", None)
    return found


def _read(gathering: Gathering, rows: Iterable[Row], mapping: Mapping[str, str] | None, ask: bool) -> Roster:
    rows = iter(rows)
    top = list(islice(rows, HEADER_WITHIN))
    at = _header(top, mapping)
    header, columns = top[at], _columns(top[at])
    forbidden = {column for column, cell in zip(columns, header.cells, strict=True) if names.is_forbidden(cell)}
    guessed = guess(column for column in columns if column not in forbidden)
    chosen = _chosen(mapping, columns, forbidden) if mapping else guessed
    if ask or not {"first_name", "full_name"} & set(chosen) or "group" not in chosen:
        raise NeedsMapping(
            _("Say which columns hold the name and the group of a pupil: the file's own column names do not tell."),
            tuple(column for column in columns if column not in forbidden),
            guessed,
        )
    places = {field: columns.index(column) for field, column in chosen.items()}
    for place, column in enumerate(columns):
        if place not in places.values() and header.cells[place].strip():
            gathering.drop(column)
    if "key" not in places:
        gathering.warn(
            "no_key", _("The file has no column with the school's key: children are matched by name and group.")
        )
    takes_all_names = bare(chosen.get("first_name", "")) in ("voornamen", "firstnames")
    for row in chain(top[at + 1 :], rows):
        if any(cell.strip() for cell in row.cells) or row.formulas:
            _read_row(gathering, row, places, len(header.cells), takes_all_names)
    return gathering.roster()


def _header(top: list[Row], mapping: Mapping[str, str] | None) -> int:
    """The row in which we recognise most columns; the first row with cells when we recognise none."""
    if not top:
        raise FileRefused(_("The file holds no rows. Export it again."))
    known = {bare(column) for column in mapping.values()} if mapping else set(names.FIELD_OF)
    hits = [len({bare(cell) for cell in row.cells} & known) for row in top]
    if max(hits) >= 2 or (mapping and max(hits) >= 1):
        return hits.index(max(hits))
    return next((at for at, row in enumerate(top) if any(cell.strip() for cell in row.cells)), 0)


def _columns(header: Row) -> list[str]:
    """Names of columns, each once: the second "Naam" becomes "Naam (2)", a nameless one "#3"."""
    seen: Counter[str] = Counter()
    columns = []
    for place, cell in enumerate(header.cells, 1):
        name = safe_field_name(cell, place)
        seen[name.casefold()] += 1
        columns.append(f"{name} ({seen[name.casefold()]})" if seen[name.casefold()] > 1 else name)
    return columns


def _chosen(mapping: Mapping[str, str], columns: list[str], forbidden: set[str]) -> dict[str, str]:
    chosen = {}
    by_name = {column.casefold(): column for column in reversed(columns)}
    for field, wanted in mapping.items():
        if not wanted or field not in FIELDS:
            continue
        column = by_name.get(" ".join(wanted.split()).casefold())
        if column in forbidden or names.is_forbidden(wanted):
            raise FileRefused(
                _("The column “%(column)s” may not be kept, so it cannot be used. Choose another column."),
                column=safe_field_name(wanted, 1),
            )
        if column is None:
            raise NeedsMapping(
                _("The columns of this file have changed. Say again which column holds what."),
                tuple(column for column in columns if column not in forbidden),
                guess(column for column in columns if column not in forbidden),
            )
        chosen[field] = column
    if len(set(chosen.values())) < len(chosen):
        raise FileRefused(_("One column is chosen twice. Choose a column of its own for each field."))
    return chosen


def _read_row(gathering: Gathering, row: Row, places: dict[str, int], width: int, takes_all_names: bool) -> None:
    cells = {field: row.cells[at] if at < len(row.cells) else "" for field, at in places.items()}
    if any(cell.strip() for cell in row.cells[width:]):  # the cells have shifted: not even the key is sure
        gathering.count_row()
        return gathering.refuse(row.line, "too_many_cells")
    for field, at in places.items():
        text = cells[field].strip()
        if at in row.formulas or (text.lstrip("'").startswith(names.FORMULA) and text not in names.NOTHING):
            gathering.count_row()
            return gathering.refuse(row.line, "formula_in_cell", _who(row.line, cells, field), cell=row.cell_name(at))
    first, prefix, last = (cells.get(field, "") for field in ("first_name", "prefix", "last_name"))
    if takes_all_names:
        first = names.first_of(first)
    if "first_name" not in places:
        first, found, rest = names.split_full_name(" ".join(cells["full_name"].split()))
        if ("last_name" in places and not last) or "last_name" not in places:
            last = rest
        prefix = prefix or found
    elif not prefix:
        prefix, last = names.split_prefix(last)
    try:
        group = names.clean_group(cells["group"])
    except names.BadText:
        group = ""
        if cells["group"].strip():
            gathering.count_row()
            return gathering.refuse(row.line, "group_name", _who(row.line, cells, "group"))
    group_key = group.casefold()
    grade = cells.get("grade", "")
    if group and group_key not in gathering.groups:
        gathering.group(group_key, group, names.grade_in(group))
    gathering.pupil(
        row.line,
        key=cells.get("key", ""),
        first_name=first,
        prefix=prefix,
        last_name=last,
        group_key=group_key,
        grade=grade,
    )


def _who(line: int, cells: Mapping[str, str], bad_field: str) -> Pupil | None:
    """Whom a refused row is about, if its key can be read: that child is then not taken for gone."""
    try:
        key = names.clean_key(cells.get("key", "")) if bad_field != "key" else ""
    except names.BadText:
        key = ""
    return Pupil(line, key, "", "", "", "", "", bool(key)) if key else None


def rewritten(rows: list[Row]) -> bytes:
    """The rows as CSV, each on its own line number, without the cells of forbidden columns."""
    header = rows[_header(rows[:HEADER_WITHIN], None)] if rows else None
    forbidden = {at for at, cell in enumerate(header.cells) if names.is_forbidden(cell)} if header else set()
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\n")
    line = 1
    for row in rows:
        text.write("\n" * max(0, min(row.line, 100_000) - line))  # an empty row of a sheet is a row too
        cells = ["=" if at in row.formulas else " ".join(cell.split()) for at, cell in enumerate(row.cells)]
        is_header = row is header
        writer.writerow(["" if at in forbidden and not is_header else cell for at, cell in enumerate(cells)])
        line = max(row.line, line) + 1
    return text.getvalue().encode()


def examples(content: bytes, most: int = 2) -> dict[str, list[str]]:
    """A few values of each column, so that a person sees what stands in it."""
    rows = list(islice(csv_rows(decode_table(content)[0], ";"), HEADER_WITHIN + 5))
    at = _header(rows[:HEADER_WITHIN], None)
    found: dict[str, list[str]] = {}
    for place, column in enumerate(_columns(rows[at])):
        cells = [row.cells[place].strip() for row in rows[at + 1 :] if place < len(row.cells)]
        found[column] = [cell[:30] for cell in cells if cell][:most]
    return found
