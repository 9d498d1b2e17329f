"""The front door: what a file is, is told by its content. Its name is only the name somebody gave it."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from leerorkest.schools.roster.edexml import read_edexml
from leerorkest.schools.roster.oneroster import is_oneroster, read_oneroster
from leerorkest.schools.roster.roster import Roster
from leerorkest.schools.roster.table import read_csv, read_xlsx, rewritten
from leerorkest.shared.uploads.gate import Archive, decode_table, guess_utf16, load
from leerorkest.shared.uploads.rows import csv_rows, is_workbook, xlsx_rows
from leerorkest.shared.uploads.sentences import FileRefused
from leerorkest.shared.uploads.sentences import gettext_noop as _


def read(
    source: bytes | str | Path,
    *,
    mapping: Mapping[str, str] | None = None,
    on: date | None = None,
    ask: bool = False,
) -> Roster:
    """A school's export, whatever its format. Refuses with one sentence; asks for a mapping by NeedsMapping.

    `mapping`: our field → the table's column (first_name, prefix, last_name, full_name, group, grade, key).
    `ask`: a person wants to choose the columns, even where their names tell.
    """
    content = load(source)
    if content.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _read_zip(Archive(content), mapping, ask)
    start = content[:4096]
    utf16 = guess_utf16(content)
    head = (start.decode(utf16, "replace") if utf16 else start.decode("latin-1")).lstrip("ï»¿\ufeff \t\r\n")
    if head.startswith("<") and not head[:200].casefold().startswith(("<html", "<!doctype html", "<table", "<head")):
        if "urn:schemas-microsoft-com:office:spreadsheet" in head or "<?mso-application" in head:
            raise FileRefused(_("This is an old Excel file in XML. Save it as .xlsx."))
        return read_edexml(content, on)
    return read_csv(content, mapping, ask)


def _read_zip(archive: Archive, mapping: Mapping[str, str] | None, ask: bool) -> Roster:
    if is_workbook(archive):
        return read_xlsx(archive, mapping, ask)
    if is_oneroster(archive):
        return read_oneroster(archive)
    names = {name.casefold() for name in archive.entries}
    if "word/document.xml" in names or "mimetype" in names or "[content_types].xml" in names:
        raise FileRefused(_("This office document is not a table that we can read. Save the table as XLSX or CSV."))
    if any(name.endswith((".zip", ".xlsx", ".xml", ".csv")) for name in names):
        raise FileRefused(_("The zip file holds another file that is not OneRoster. Unpack it and send that file."))
    raise FileRefused(_("The zip file is not OneRoster: it has no users.csv. Export users, classes and enrollments."))


def without_forbidden(source: bytes) -> bytes:
    """The same table as CSV, every cell in its place, the cells of forbidden columns empty.

    It travels with the screen on which a person names the columns, because the file itself is kept nowhere.
    """
    content = load(source)
    is_zip = content.startswith(b"PK")
    rows = list(xlsx_rows(Archive(content)) if is_zip else csv_rows(decode_table(content)[0]))
    return rewritten(rows)
