"""A list of instruments as somebody kept it in a spreadsheet: read, and understood as far as it goes.

Which column is what is told by its Dutch or English name. Only the columns we know are read: a list may also say which
child has the instrument, and that stays out. Hostile files stop at the gate of `shared/uploads`.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import chain, islice

from leerorkest.shared.uploads import gate
from leerorkest.shared.uploads.columns import INVISIBLE, bare, safe_field_name
from leerorkest.shared.uploads.rows import Row, csv_rows, is_workbook, xlsx_rows
from leerorkest.shared.uploads.sentences import FileRefused
from leerorkest.shared.uploads.sentences import gettext_noop as _

MAX_BYTES = 10 * 1024 * 1024
MAX_INSTRUMENTS = 20_000
HEADER_WITHIN = 20  # a title and a date may stand above the header

COLUMNS = {
    "kind": "instrument soort soortinstrument instrumentsoort instrumenttype kind instrumentkind naaminstrument",
    "size": "maat grootte size formaat afmeting mensuur instrumentmaat",
    "number": "nummer nr number no volgnummer instrumentnummer instrumentnr inventarisnummer inventarisnr "
    "inventorynumber inventoryno depotnummer code",
    "brand": "merk brand make fabrikant bouwer maker manufacturer",
    "model": "model modelnaam type modelname",
    "serial_number": "serienummer serienr serial serialnumber serialno serialnr sn fabrieksnummer",
    "owner": "eigenaar owner eigendom eigendomvan ownedby",
    "purchase_value": "waarde value aanschafwaarde aankoopwaarde prijs aanschafprijs aankoopprijs price purchasevalue "
    "purchaseprice nieuwwaarde verzekerdewaarde cost bedrag",
    "currency": "valuta currency munt munteenheid",
    "purchased_on": "aanschafdatum aankoopdatum gekochtop aangeschaftop purchasedate purchasedon boughton",
}
FIELD_OF = {name: field for field, names in COLUMNS.items() for name in names.split()}
MOST = {"number": 20, "brand": 60, "model": 60, "serial_number": 60, "owner": 80, "kind": 60, "size": 20}
NOTHING = {"", "-", "–", "—", "nvt", "n.v.t.", "n.v.t", "geen", "none", "n/a", "x", "?"}
CURRENCIES = ("EUR", "USD", "AWG", "XCG")

NOT_A_TABLE = _("This file is not a table that we can read. Save the list as CSV or XLSX.")
SENTENCES = {
    "kind_missing": _("This line does not say which instrument it is. Fill in the kind."),
    "kind_unknown": _("“%(value)s” is not an instrument that we know. Use its Dutch or English name."),
    "size_unknown": _("“%(value)s” is not a size of this instrument. Look at the sizes of this kind."),
    "too_long": _("The %(field)s is too long. Shorten it to %(most)s letters."),
    "unreadable": _("The %(field)s holds a letter that cannot be read. Type it again."),
    "formula": _("Cell %(cell)s holds a formula where a text belongs. Replace the formula by its text."),
    "amount": _("“%(value)s” is not an amount. Write for example 250 or 1.250,50."),
    "currency": _("“%(value)s” is not a currency that we know. Use EUR, USD, AWG or XCG."),
    "currencies": _("The amount and the currency do not agree. Write the same currency in both."),
    "date": _("“%(value)s” is not a date. Write for example 31-12-2025."),
    "no_number": _("This instrument has no number and no serial number. Give it one of the two."),
    "twice": _("Line %(other)s is the same instrument. Keep one of the two."),
    "other_serial": _("This number is already here with another serial number. Look which one is right."),
    "other_number": _("This serial number is already here with another number. Look which one is right."),
    "too_many_cells": _("This line has more cells than there are columns. Look for a stray separator."),
}


@dataclass(frozen=True)
class Refusal:
    """One line that is left out, and why: a code of SENTENCES and the facts in it."""

    line: int
    reason: str
    facts: dict[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True)
class Line:
    """One line of the list: our fields, cleaned of what cannot be seen."""

    line: int
    values: dict[str, str]


@dataclass
class InstrumentList:
    lines: list[Line] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)  # names of columns that were not read


def read(content: bytes) -> InstrumentList:
    """Refuses the whole file with one sentence; single lines stand in `refused`."""
    if len(content) > MAX_BYTES:
        raise FileRefused(_("The file is larger than %(most)s MB. Send the list in parts."), most=MAX_BYTES >> 20)
    content = gate.load(content)
    rows = iter(_xlsx(content) if content.startswith(b"PK\x03\x04") else _csv(content))
    top = list(islice(rows, HEADER_WITHIN))
    at = _header(top)
    names = [bare(cell) for cell in top[at].cells]
    places: dict[str, int] = {}
    for place, name in enumerate(names):
        if name in FIELD_OF:
            places.setdefault(FIELD_OF[name], place)
    if "kind" not in places:
        raise FileRefused(
            _("No column says which instrument it is. Call that column “Instrument” or “Kind” and send the list again.")
        )
    result = InstrumentList()
    for place, cell in enumerate(top[at].cells):
        if place not in places.values() and cell.strip():
            result.dropped.append(safe_field_name(cell, place + 1))
    for row in chain(top[at + 1 :], rows):
        if any(cell.strip() for cell in row.cells) or row.formulas:
            _read_row(result, row, places, len(names))
        if len(result.lines) + len(result.refused) > MAX_INSTRUMENTS:
            raise FileRefused(
                _("The list holds more than %(most)s instruments. Send it in parts."), most=MAX_INSTRUMENTS
            )
    if not result.lines and not result.refused:
        raise FileRefused(_("The list holds no instruments under its column names. Look whether it is the right file."))
    return result


def _csv(content: bytes) -> Iterator[Row]:
    text, _encoding = gate.decode_table(content)
    if text.lstrip()[:200].casefold().startswith(("<", "{", "[")):
        raise FileRefused(NOT_A_TABLE)
    return csv_rows(text)


def _xlsx(content: bytes) -> Iterator[Row]:
    archive = gate.Archive(content)
    if not is_workbook(archive):
        raise FileRefused(NOT_A_TABLE)
    return xlsx_rows(archive)


def _header(top: list[Row]) -> int:
    if not top:
        raise FileRefused(_("The file holds no rows. Save the list again."))
    hits = [len({FIELD_OF[name] for cell in row.cells if (name := bare(cell)) in FIELD_OF}) for row in top]
    return hits.index(max(hits))


def _read_row(result: InstrumentList, row: Row, places: Mapping[str, int], width: int) -> None:
    if any(cell.strip() for cell in row.cells[width:]):
        result.refused.append(Refusal(row.line, "too_many_cells"))
        return
    values = {}
    for name, at in places.items():
        written = row.cells[at] if at < len(row.cells) else ""
        text = " ".join(unicodedata.normalize("NFC", written[:2000]).translate(INVISIBLE).split())
        if at in row.formulas or text.lstrip("'").startswith(("=", "@", "+")):
            result.refused.append(Refusal(row.line, "formula", {"cell": row.cell_name(at)}))
            return
        if not text.isprintable():
            result.refused.append(Refusal(row.line, "unreadable", {"field": name}))
            return
        if len(text) > MOST.get(name, 40):
            result.refused.append(Refusal(row.line, "too_long", {"field": name, "most": MOST.get(name, 40)}))
            return
        values[name] = "" if text.casefold() in NOTHING else text
    result.lines.append(Line(row.line, values))


# --- what stands in one cell ------------------------------------------------------------------------------
def read_date(text: str) -> date | None:
    """31-12-2025, 31/12/2025, 31.12.2025, 2025-12-31, or the day number of a spreadsheet. ValueError otherwise.

    Day before month, as in all countries of the programme.
    """
    if not text:
        return None
    if re.fullmatch(r"[2-6][0-9]{4}(\.0+)?", text):
        return date(1899, 12, 30) + timedelta(days=int(text[:5]))
    text = text.split("T")[0].split(" ")[0]
    if found := re.fullmatch(r"([0-9]{1,2})[-/.]([0-9]{1,2})[-/.]([0-9]{4})", text):
        day = date(int(found[3]), int(found[2]), int(found[1]))
    else:
        day = datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 (a date has no zone)
    if not 1600 <= day.year <= 2200:
        raise ValueError("no year of an instrument")
    return day


def currency_in(amount: str) -> str | None:
    """The currency that an amount names; "" when none, None when it is one that we do not know."""
    mark = re.sub(r"[\d\s.,'=\-]", "", amount).upper()
    return {"": "", "€": "EUR", "$": "USD", "US$": "USD", **{code: code for code in CURRENCIES}}.get(mark)
