"""Hostile input gets one clear sentence, at once, and nothing else happens."""

import io
import random
import struct
import tracemalloc
import zipfile
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leerorkest.schools.roster.reading import read
from leerorkest.schools.tests.test_roster_reading import BSN, ONEROSTER, ROWS, edexml, leerling, xlsx, zipped
from leerorkest.shared.uploads.gate import MAX_BYTES
from leerorkest.shared.uploads.sentences import FileRefused

BOMB = '<!DOCTYPE EDEX [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;">]>'
EXTERNAL = '<!DOCTYPE EDEX [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
PARAMETER = '<!DOCTYPE EDEX [<!ENTITY % x SYSTEM "http://127.0.0.1:9/x"> %x;]>'
GOOD = edexml(leerling("1"))


def with_doctype(doctype: str) -> bytes:
    return GOOD.replace("?><EDEX>", f"?>{doctype}<EDEX>").encode()


def symlink() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        link = zipfile.ZipInfo("users.csv")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    return file.getvalue()


def a_million_entries() -> bytes:
    """The list of contents claims to be huge; zipfile would make an object of each entry."""
    content = bytearray(zipped({"users.csv": "x"}))
    at = content.rindex(b"PK\x05\x06")
    content[at + 12 : at + 16] = struct.pack("<L", 40_000_000)
    return bytes(content)


def sheet(rows: str) -> bytes:
    return zipped(
        {
            "[Content_Types].xml": "<Types/>",
            "xl/workbook.xml": "<workbook/>",
            "xl/worksheets/sheet1.xml": f"<worksheet><sheetData>{rows}</sheetData></worksheet>",
        }
    )


def cell(place: str, text: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


HOSTILE = {
    "entity bomb": (with_doctype(BOMB), "document type or entities"),
    "external entity": (with_doctype(EXTERNAL), "document type or entities"),
    "parameter entity": (with_doctype(PARAMETER), "document type or entities"),
    "plain document type": (with_doctype("<!DOCTYPE EDEX>"), "document type or entities"),
    "document type in UTF-16": (
        with_doctype(BOMB).decode().replace("UTF-8", "UTF-16").encode("utf-16"),
        "document type",
    ),
    "deep nesting": (("<a>" * 100_000).encode(), "Line 1 is nested too deeply"),
    "cut off": (GOOD[:-40].encode(), "stops halfway, at line 1"),
    "cut off in UTF-16": (GOOD.replace("UTF-8", "UTF-16").encode("utf-16")[:-41], "stops halfway|does not fit"),
    "wrong encoding": (GOOD.replace("Amina", "Zoë").encode("latin-1"), "does not fit the encoding"),
    "unknown encoding": (GOOD.replace("UTF-8", "punycode").encode(), "encoding that we do not know"),
    "other XML": (b"<?xml version='1.0'?><rss><channel/></rss>", "not EDEXML"),
    "broken XML": (GOOD.replace("</naam>", "</nam>").encode(), "not sound XML"),
    "no pupils": (edexml("").encode(), "holds no pupils"),
    "empty file": (b"  \n", "empty"),
    "only zeros": (b"\x00" * 500, "empty"),
    "too large": (b"a" * (MAX_BYTES + 1), "larger than 50 MB"),
    "zip bomb": (zipped({"users.csv": "0" * 40_000_000}), "more than 100 times"),
    "zip that unpacks to too much": (
        zipped({"users.csv": random.Random(1).randbytes(1_000) * 60_000}),
        "more than 50 MB",
    ),
    "too many files in a zip": (zipped({f"{at}.csv": "" for at in range(201)}), "more than 200 files"),
    "a list of a million files": (a_million_entries(), "more than 200 files"),
    "path out of the zip": (zipped({"../users.csv": "x"}), "points outside"),
    "absolute path in a zip": (zipped({"/etc/users.csv": "x"}), "points outside"),
    "Windows path in a zip": (zipped({"C:\\users.csv": "x"}), "points outside"),
    "link in a zip": (symlink(), "a link instead of a file"),
    "zip in a zip": (zipped({**ONEROSTER, "more.zip": zipped({"a": "b"})}), "another packed file"),
    "zip of something else": (zipped({"readme.txt": "x"}), "no users.csv"),
    "zip cut off": (zipped(dict(ONEROSTER))[:-30], "damaged or cut off"),
    "zip without users": (zipped({"manifest.csv": "propertyName,value\n"}), "no users.csv"),
    "macros": (zipped({"xl/workbook.xml": "<workbook/>", "xl/vbaProject.bin": "x"}), "macros"),
    "macros by type": (
        zipped(
            {"xl/workbook.xml": "<w/>", "[Content_Types].xml": "application/vnd.ms-excel.sheet.macroEnabled.main+xml"}
        ),
        "macros",
    ),
    "binary workbook": (zipped({"xl/workbook.bin": "x", "[Content_Types].xml": "<Types/>"}), "binary form"),
    "entity bomb in a sheet": (
        zipped({"xl/workbook.xml": "<w/>", "xl/worksheets/sheet1.xml": BOMB + "<worksheet>&c;</worksheet>"}),
        "document type or entities",
    ),
    "Word file": (zipped({"word/document.xml": "<w/>"}), "not a table"),
    "OpenDocument": (zipped({"mimetype": "application/vnd.oasis.opendocument.spreadsheet"}), "not a table"),
    "old Excel": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "old Excel file"),
    "old Excel in XML": (
        b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook/>',
        "old Excel file in XML",
    ),
    "web page called xls": (b"<html><table><tr><td>Roepnaam</td></tr></table></html>", "web page"),
    "PDF called csv": (b"%PDF-1.7 ...", "PDF"),
    "PNG called csv": (b"\x89PNG\r\n\x1a\n" + b"\x00" * 100, "image"),
    "JPEG called csv": (b"\xff\xd8\xff\xe0" + b"\x00" * 100, "image"),
    "program called csv": (b"MZ\x90\x00\x03\x00\x00\x00", "program"),
    "zero byte": (b"roepnaam;groep\nAm\x00ina;5a\n", "Line 2 holds a zero byte"),
    "two encodings": (
        "roepnaam;groep\nZoë;5a\n".encode() + "Zoë;5a\n".encode("latin-1"),
        "Line 3 holds a broken letter",
    ),
    "broken letter": (b"roepnaam;groep\nA\x81;5a\n", "Line 2 holds a broken letter"),
    "open quotation mark": (b'roepnaam;groep\nAmina;"5a\n', "row at line 2"),
    "open quotation mark and a lot behind it": (b'roepnaam;groep\n"' + b"Amina;5a\n" * 100_000, "row at line 2"),
    "millions of columns": (b"a;" * 10_000_000, "is too long"),
    "millions of columns over many lines": (b'"a\n";' * 60_000, "is too long"),
    "too many columns": (b";".join([b"roepnaam", b"groep", *[b"x"] * 400]), "more than 300 columns"),
    "2 million rows": (b"roepnaam;groep\n" + b"A;5a\n" * 2_000_000, "more than (65000 rows|60000 pupils)"),
    "2 million rows in EDEXML": (edexml('<leerling key="1"/>' * 2_000_000).encode(), "more than 60000 pupils"),
    "a sheet too wide": (sheet(f'<row r="1">{cell("XFD1", "x")}</row>'), "more than 300 columns"),
    "rows without end in a sheet": (
        sheet("".join(f'<row r="{at}">{cell(f"A{at}", "x")}</row>' for at in range(1, 70_000))),
        "65000 rows|which columns",
    ),
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_hostile_input_gets_one_clear_sentence(content):
    hostile, sentence = content
    with pytest.raises(FileRefused, match=sentence) as refused:
        read(hostile)
    assert str(refused.value).endswith(".")
    assert refused.value.__suppress_context__ or refused.value.__context__ is None


def test_two_million_rows_are_refused_in_bounded_memory():
    content = b"roepnaam;groep\n" + b"A;5a\n" * 2_000_000
    tracemalloc.start()
    with pytest.raises(FileRefused):
        read(content)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 200 * 1024 * 1024


def test_a_row_far_down_a_sheet_costs_nothing():
    rows = f'<row r="1">{cell("A1", "roepnaam")}{cell("B1", "groep")}</row>'
    rows += f'<row r="999999999">{cell("A999999999", "Amina")}{cell("B999999999", "5a")}</row>'
    assert [pupil.line for pupil in read(sheet(rows)).pupils] == [999_999_999]


def test_a_hostile_value_refuses_only_its_row():
    cases = {
        "first_name_missing": leerling("1", first=""),
        "name_has_number": leerling("2", last=f"Bos {BSN}"),
        "name_too_long": leerling("3", last="a" * 5_000),
        "formula": leerling("4", first="=cmd"),
        "key_too_long": leerling("5" * 300),
    }
    roster = read(edexml("".join(cases.values()) + leerling("9")).encode())
    assert [refusal.reason for refusal in roster.refused] == list(cases)
    assert len(roster.pupils) == 1
    assert BSN not in repr(roster)


def test_a_group_with_an_endless_key_or_a_number_for_a_name_refuses_its_pupils():
    for key, name in (("k" * 300, "5A"), ("g", BSN), ("g", "n" * 70), ("g", "=1")):
        group = f'<groep key="{key}"><naam>{name}</naam></groep>'
        roster = read(edexml(leerling("1", group=key), group).encode())
        assert [refusal.reason for refusal in roster.refused] == ["group_name"]
        assert BSN not in repr(roster)


def test_direction_marks_and_zero_width_letters_are_taken_out_of_names():
    (pupil,) = read(edexml(leerling("1", first="\u202eAm\u200bina")).encode()).pupils
    assert pupil.first_name == "Amina"


def read_or_refused(content: bytes) -> None:
    with suppress(FileRefused):
        assert read(content).format


SEEDS = [
    edexml(leerling("1", "Zoë") + leerling("2")).encode(),
    edexml(leerling("1"), encoding="UTF-16").encode("utf-16"),
    zipped(dict(ONEROSTER)),
    "\n".join(";".join(row) for row in ROWS).encode(),
    xlsx(ROWS),
]


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    seed=st.sampled_from(SEEDS),
    edits=st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=8), st.integers(0, 8)), max_size=6),
)
def test_mutated_input_is_read_or_refused_and_nothing_else(seed, edits):
    content = bytearray(seed)
    for where, put, take in edits:
        at = int(where * len(content))
        content[at : at + take] = put
    read_or_refused(bytes(content))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_read_or_refused(content):
    read_or_refused(content)


@settings(max_examples=100, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from([*ONEROSTER, "roles.csv", "academicSessions.csv", "xl/workbook.xml", "xl/worksheets/s.xml"]),
        st.text(max_size=200) | st.sampled_from(list(ONEROSTER.values())),
        max_size=6,
    )
)
def test_any_zip_of_known_names_is_read_or_refused(parts):
    read_or_refused(zipped(dict(parts)))
