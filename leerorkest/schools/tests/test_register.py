import json
from datetime import date

import pytest
from django.core.management import call_command

from leerorkest.schools.actions.register import RegisterEmpty, TooManyClose, load_register, preview_register
from leerorkest.schools.models import PupilCount, RegisteredSchool
from leerorkest.schools.register import reading
from leerorkest.shared.actions import System
from leerorkest.shared.models import AuditEntry
from tests import make

BY = {"by": System("test"), "at": make.NOW}
SITES = "duo-02-alle-schoolvestigingen-basisonderwijs-2026-04.csv"
PUPILS = "duo-06-leerlingen-per-vestiging-1996-2025.csv"
HEADER = (
    "INSTELLINGSCODE;VESTIGINGSCODE;VESTIGINGSNAAM;STRAATNAAM;HUISNUMMER-TOEVOEGING;POSTCODE;PLAATSNAAM;VAKANTIEREGIO"
)


def row(code="99ZA00", name="De Klaproos", town="ERGENS", region="Noord"):
    return f"{code[:4]};{code};{name};Laan;1;1234 AB;{town};{region}"


def content(*rows, header=HEADER):
    return ("\r\n".join([header, *rows]) + "\r\n").encode("cp1252")


def many(number, but=()):
    return [row(f"{n // 100:02d}ZA{n % 100:02d}", f"School {n}") for n in range(number) if n not in but]


def load(data, on=date(2026, 4, 1), **options):
    return load_register(file=reading.read(data), reference_on=on, **options, **BY)


@pytest.fixture(scope="module")
def sites(shared_data):
    return (shared_data / "schools" / SITES).read_bytes()


# --- reading


def test_the_real_edition_is_read_without_a_refusal(sites):
    read = reading.read(sites)
    assert (len(read.entries), read.refused) == (6107, [])
    by_code = {entry.code: entry for entry in read.entries}
    assert by_code["00AR00"].name == 'Basisschool "De Maasparel"'
    first = by_code["32JK00"]
    assert (first.postal_code, first.holiday_region, first.phone) == ("9306 TC", "Noord", "")
    assert any(entry.municipality == "S GRAVENHAGE" for entry in read.entries)


def test_the_same_edition_in_utf_8_with_a_mark_reads_the_same(sites):
    assert reading.read(sites.decode("cp1252").encode("utf-8-sig")) == reading.read(sites)


def test_an_older_edition_names_its_columns_otherwise(sites):
    older = sites.replace(b"INSTELLINGSCODE", b"BRIN NUMMER", 1).replace(b"VESTIGINGSCODE", b"VESTIGINGSNUMMER", 1)
    assert reading.read(older) == reading.read(sites)


def test_pupils_are_read_and_one_to_four_is_not_a_number(shared_data):
    read = reading.read((shared_data / "schools" / PUPILS).read_bytes())
    assert len(read.counts) == 9737
    assert not read.refused
    assert sum(count is None for counts in read.counts.values() for count in counts.values()) == 762
    assert read.counts["00AP00"][2025] == 84


def test_a_site_number_of_two_digits_belongs_to_its_institution():
    read = reading.read(content("99ZA;01;De Klaproos;Laan;1;1234AB;ERGENS;Zuid"))
    assert (read.entries[0].code, read.entries[0].postal_code) == ("99ZA01", "1234 AB")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\r\n",
        HEADER.encode(),
        b"PK\x03\x04 a spreadsheet",
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
        bytes(range(256)) * 40,
        content(row())[:-12] + b"\x00\x00",
        content(row(), row("99ZB00"))[:-40],  # cut off in the middle of a line
        content(row(), "99ZB;99ZB00;too;few"),
        content(row() + ";one too many"),
        content(row(name='"never closed'), row("99ZB00")),
        content("a;b;c", header="x;y;z"),
        content(row(name="Fryslân")).decode("cp1252").encode("utf-8").decode("cp1252").encode("utf-8"),
        b"\xef\xbb\xbf" + content(row(name="Fryslân")),  # says UTF-8 and is not
        b"\xff\xfe" + content(row()),
        b"<html><body>Not found</body></html>",
        ("x" * 300_000).encode(),
        content(row(code="nonsense")),
    ],
)
def test_a_damaged_file_is_refused_in_one_sentence(data, tmp_path, capsys, db):
    with pytest.raises(reading.Unreadable) as refusal:
        reading.read(data)
    assert len(str(refusal.value)) < 240
    file = tmp_path / "02.csv"
    file.write_bytes(data)
    with pytest.raises(SystemExit) as end:
        call_command("register", "apply", str(file))
    captured = capsys.readouterr()
    assert (end.value.code, captured.out) == (2, "")
    assert captured.err.strip() == str(refusal.value)
    assert not RegisteredSchool.objects.exists()
    assert not AuditEntry.objects.exists()


def test_every_cut_of_a_file_is_refused_or_read_without_its_last_line():
    whole = content(*many(4))
    for length in range(len(whole)):
        try:
            read = reading.read(whole[:length])
        except reading.Unreadable:
            continue
        assert {entry.code for entry in read.entries} <= {"00ZA00", "00ZA01", "00ZA02", "00ZA03"}
        assert all(entry.holiday_region in ("Noord", "") for entry in read.entries)


@pytest.mark.parametrize(
    ("odd", "reason"),
    [
        (row("9ZA0"), "The site code is not two digits, two letters and two digits."),
        (row("99ZA00"), "The site code 99ZA00 already stands on line 2."),
        (row("99ZC00", name=" "), "The school 99ZC00 has no name."),
        (
            row("99ZC00", region="Oost"),
            "The school 99ZC00 has an unknown holiday region. Known are Noord, Midden and Zuid.",
        ),
        (row("99ZC00", name="x" * 121), "The school 99ZC00 has a name of more than 120 characters."),
        (row("99ZC00", name="bel\x07"), "The school 99ZC00 has unreadable characters."),
    ],
)
def test_an_odd_row_is_refused_alone_with_its_line(odd, reason):
    read = reading.read(content(row(), odd, row("99ZB00")))
    assert [(refused.line, refused.reason) for refused in read.refused] == [(3, reason)]
    assert [entry.code for entry in read.entries] == ["99ZA00", "99ZB00"]


@pytest.mark.parametrize(
    ("capitals", "written"),
    [
        ("S GRAVENHAGE", "'s-Gravenhage"),
        ("CAPELLE AAN DEN IJSSEL", "Capelle aan den IJssel"),
        ("IJMUIDEN", "IJmuiden"),
        ("BORGER-ODOORN", "Borger-Odoorn"),
        ("DE BILT", "De Bilt"),
        ("", ""),
    ],
)
def test_towns_are_written_as_people_do(capitals, written):
    assert reading.place_name(capitals) == written


# --- the register as a diff


def test_the_real_edition_loads_and_loading_it_again_changes_nothing(db, sites):
    assert load(sites).counts["new"] == 6107
    before = list(RegisteredSchool.objects.order_by("code").values())
    again = load(sites)
    assert again.counts == {"new": 0, "changed": 0, "closed": 0, "reopened": 0, "refused": 0, "unchanged": 6107}
    assert list(RegisteredSchool.objects.order_by("code").values()) == before


def test_a_refresh_adds_changes_closes_and_never_deletes(db):
    load(content(row(), row("99ZB00", "Zonnehof")))
    edition = load(content(row(name="De Papaver"), row("99ZC00")), date(2026, 8, 1))
    assert [found["code"] for found in edition.new] == ["99ZC00"]
    assert edition.changed == [
        {"code": "99ZA00", "name": "De Papaver", "fields": {"name": ["De Klaproos", "De Papaver"]}}
    ]
    assert edition.closed == [{"code": "99ZB00", "name": "Zonnehof"}]
    gone = RegisteredSchool.objects.get(code="99ZB00")
    assert (gone.closed_on, gone.first_seen_on, gone.name) == (date(2026, 8, 1), date(2026, 4, 1), "Zonnehof")


def test_a_school_that_comes_back_is_reopened(db):
    load(content(row(), row("99ZB00")))
    load(content(row()), date(2026, 6, 1))
    edition = load(content(row(), row("99ZB00")), date(2026, 8, 1))
    assert [found["code"] for found in edition.reopened] == ["99ZB00"]
    back = RegisteredSchool.objects.get(code="99ZB00")
    assert (back.closed_on, back.first_seen_on) == (None, date(2026, 4, 1))
    assert RegisteredSchool.objects.count() == 2


def test_a_preview_says_the_same_and_writes_nothing(db):
    load(content(row(), row("99ZB00")))
    file = reading.read(content(row(name="De Papaver")))
    before = list(RegisteredSchool.objects.values())
    preview = preview_register(file, reference_on=date(2026, 8, 1))
    assert list(RegisteredSchool.objects.values()) == before
    assert preview == load_register(file=file, reference_on=date(2026, 8, 1), **BY)


def test_a_file_that_is_cut_off_does_not_close_schools(db):
    load(content(*many(300)))
    cut = reading.read(content(*many(280)))
    assert "cut off" in preview_register(cut, reference_on=date(2026, 8, 1)).warnings[0]
    with pytest.raises(TooManyClose):
        load_register(file=cut, reference_on=date(2026, 8, 1), **BY)
    assert not RegisteredSchool.objects.exclude(closed_on=None).exists()
    edition = load_register(file=cut, reference_on=date(2026, 8, 1), even_if_many_close=True, **BY)
    assert edition.counts["closed"] == 20


def test_a_refused_row_does_not_close_its_school(db):
    load(content(row(), row("99ZB00")))
    assert load(content(row(), row("99ZB00", region="Oost"))).closed == []
    assert load(content(row(), row("9ZB"))).closed == []
    assert not RegisteredSchool.objects.exclude(closed_on=None).exists()


def test_an_older_edition_is_pointed_out(db):
    load(content(row()), date(2026, 8, 1))
    assert "older" in preview_register(reading.read(content(row())), reference_on=date(2026, 4, 1)).warnings[0]


def test_pupils_go_to_the_schools_of_the_register(db):
    load(content(row()))
    header = "VESTIGINGSCODE;NAAM_VESTIGING;LEERLINGEN_2023;LEERLINGEN_2024;LEERLINGEN_2025"
    edition = load(content("99ZA00;De Klaproos;0;<5;12", "99ZX00;Elders;1;2;3", "99ZB00;Fout;x;1;2", header=header))
    assert list(PupilCount.objects.order_by("year").values_list("year", "pupils")) == [(2024, None), (2025, 12)]
    assert [str(count) for count in PupilCount.objects.all()] == ["2025: 12", "2024: 1–4"]
    assert edition.refused[0]["line"] == 4
    changed = load(content("99ZA00;De Klaproos;0;<5;13", header=header))
    assert changed.changed == [{"code": "99ZA00", "fields": {"2025": ["12", "13"]}}]
    assert PupilCount.objects.get(year=2025).pupils == 13


def test_pupils_without_a_register_are_refused(db):
    with pytest.raises(RegisterEmpty):
        load(content("99ZA00;1", header="VESTIGINGSCODE;LEERLINGEN_2025"))


def test_loading_is_on_record_with_its_counts(db):
    load(content(row()))
    entry = AuditEntry.objects.get()
    assert (entry.act, entry.subject, entry.detail["new"]) == ("schools.load_register", "register:NL:brin6", 1)


# --- the command


def test_the_command_prints_one_object(db, tmp_path, capsys):
    file = tmp_path / "02-2026-04.csv"
    file.write_bytes(content(row(), row("9Z")))
    call_command("register", "preview", str(file))
    preview = json.loads(capsys.readouterr().out)
    assert not RegisteredSchool.objects.exists()
    call_command("register", "apply", str(file))
    applied = json.loads(capsys.readouterr().out)
    assert {**preview, "act": "apply"} == applied
    assert applied["reference_on"] == "2026-04-01"
    assert applied["new"] == [{"code": "99ZA00", "name": "De Klaproos"}]
    assert applied["refused"][0]["line"] == 3
    assert applied["unchanged"] == 0


def test_a_file_that_is_not_there_is_refused_in_one_sentence(db, tmp_path, capsys):
    with pytest.raises(SystemExit):
        call_command("register", "preview", str(tmp_path / "nowhere.csv"))
    assert capsys.readouterr().err.strip() == "The file nowhere.csv cannot be opened: No such file or directory."
