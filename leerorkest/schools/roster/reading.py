"""The front door: what a file is, is told by its content. Its name is only the name somebody gave it."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from leerorkest.schools.roster.edexml import read_edexml
from leerorkest.schools.roster.guards import Archive, guess_utf16, load
from leerorkest.schools.roster.oneroster import is_oneroster, read_oneroster
from leerorkest.schools.roster.roster import Refused, Roster
from leerorkest.schools.roster.roster import gettext_noop as _
from leerorkest.schools.roster.table import read_csv, read_xlsx


def read(source: bytes | str | Path, mapping: Mapping[str, str] | None = None, on: date | None = None) -> Roster:
    """A school's export, whatever its format. Refuses with one sentence; asks for a mapping by NeedsMapping.

    `mapping`: our field → the table's column (first_name, prefix, last_name, full_name, group, grade, key).
    """
    content = load(source)
    if content.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _read_zip(Archive(content), mapping)
    start = content[:4096]
    utf16 = guess_utf16(content)
    head = (start.decode(utf16, "replace") if utf16 else start.decode("latin-1")).lstrip("ï»¿\ufeff \t\r\n")
    if head.startswith("<") and not head[:200].casefold().startswith(("<html", "<!doctype html", "<table", "<head")):
        if "urn:schemas-microsoft-com:office:spreadsheet" in head or "<?mso-application" in head:
            raise Refused(_("This is an old Excel file in XML. Save it as .xlsx."))
        return read_edexml(content, on)
    return read_csv(content, mapping)


def _read_zip(archive: Archive, mapping: Mapping[str, str] | None) -> Roster:
    names = {name.casefold(): name for name in archive.entries}
    if "xl/workbook.xml" in names or "xl/workbook.bin" in names:
        types = archive.read(names["[content_types].xml"]).lower() if "[content_types].xml" in names else b""
        has_macros = any(name.endswith("vbaproject.bin") for name in names) or b"macroenabled" in types
        if has_macros or "xl/workbook.bin" in names:
            raise Refused(_("This Excel file holds macros or is in binary form. Save it as .xlsx."))
        return read_xlsx(archive, mapping)
    if is_oneroster(archive):
        return read_oneroster(archive)
    if "word/document.xml" in names or "mimetype" in names or "[content_types].xml" in names:
        raise Refused(_("This office document is not a table that we can read. Save the table as XLSX or CSV."))
    if any(name.endswith((".zip", ".xlsx", ".xml", ".csv")) for name in names):
        raise Refused(_("The zip file holds another file that is not OneRoster. Unpack it and send that file."))
    raise Refused(_("The zip file is not OneRoster: it has no users.csv. Export users, classes and enrollments."))
