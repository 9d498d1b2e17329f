"""A list of instruments from a spreadsheet: looked at first, taken in once."""

import io
import zipfile
from datetime import date
from decimal import Decimal

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from leerorkest.depot import actions, lists
from leerorkest.depot.models import Handover, Instrument, InstrumentImport
from leerorkest.depot.queries import plan_of
from leerorkest.shared.actions import System
from leerorkest.shared.uploads.sentences import FileRefused
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db
BY = System("test")
GOOD = """Instrumentenlijst depot;;;;;;;;
Instrument;Maat;Nummer;Merk;Serienr.;Eigenaar;Waarde;Aanschafdatum;Uitgeleend aan
Viool;1/2;101;Stentor;A-1;Gemeente;€ 1.250,50;31-12-2024;Sanne Jansen
altviool;14 inch;12;Yamaha;;;;;
Viool 3/4;;102;;;;;;
Trompet;n.v.t.;7;;TR99;;"300";2020-05-06;
"""


def xlsx(*rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def plan(cast, text):
    content = lists.read(text if isinstance(text, bytes) else text.encode())
    planned = plan_of(content.lines, cast.amsterdam)
    return planned, content, [(row.line, row.reason) for row in content.refused + planned.refused]


def test_a_dutch_list_is_understood_and_names_of_children_are_not_read(cast):
    planned, content, refused = plan(cast, GOOD)
    assert refused == []
    assert content.dropped == ["Uitgeleend aan"]
    assert "Sanne" not in str(content)
    violin, viola, three_quarter, trumpet = planned.new
    assert (violin.kind.code, violin.size.code, violin.number) == ("violin", "1/2", "101")
    assert (violin.purchase_value, violin.currency) == (Decimal("1250.50"), "EUR")
    assert violin.purchased_on == date(2024, 12, 31)
    assert viola.size.label == "14″"
    assert three_quarter.size.code == "3/4"
    assert (trumpet.size, trumpet.serial_number) == (None, "TR99")


def test_an_english_spreadsheet_with_its_own_dates_and_numbers_is_understood(cast):
    planned, _, refused = plan(
        cast,
        xlsx(
            ["Kind", "Size", "No.", "Make", "Purchase date", "Price", "Currency"],
            ["Violin", 0.5, 17.0 + 200, "Stentor", date(2021, 3, 4), 199.5, "USD"],
            ["French horn", None, 218, None, None, None, None],
        ),
    )
    assert refused == []
    assert (planned.new[0].number, planned.new[0].size.code, planned.new[0].currency) == ("217", "1/2", "USD")
    assert planned.new[0].purchased_on == date(2021, 3, 4)
    assert planned.new[1].kind.code == "horn"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (";1/2;1;;;", "kind_missing"), ("Zingende zaag;;1;;;", "kind_unknown"), ("Viool;9/8;1;;;", "size_unknown"),
        ("Trompet;1/2;1;;;", "size_unknown"), ("Viool;;;;;", "no_number"), ("Viool;;1;;duur;", "amount"),
        ("Viool;;1;;f 250;", "currency"), ("Viool;;1;;250;31-02-2024", "date"), ("Viool;;1;;250;12/31/2024", "date"),
        ("Viool;;=1+1;;;", "formula"), ("Viool;;@SUM(A1);;;", "formula"), ("Viool;;1;;;;extra", "too_many_cells"),
        ("Viool;;123456789012345678901;;;", "too_long"), ("Viool;;1\x07;;;", "unreadable"),
    ],
)  # fmt: skip
def test_a_line_that_cannot_be_taken_in_is_refused_with_its_reason(cast, line, reason):
    planned, _, refused = plan(cast, f"Soort;Maat;Nummer;Serienummer;Waarde;Aanschafdatum\nViool;;900;;;\n{line}\n")
    assert refused == [(3, reason)]
    assert [row.number for row in planned.new] == ["900"]


def test_money_is_never_relabelled(cast):
    planned, _, refused = plan(
        cast, "Soort;Nummer;Waarde;Valuta\nViool;1;$ 250;\nViool;2;€ 250;USD\nViool;3;250;XCG\nViool;4;250;GBP\n"
    )
    assert [(row.number, row.currency) for row in planned.new] == [("1", "USD"), ("3", "XCG")]
    assert refused == [(3, "currencies"), (5, "currency")]


def test_the_same_instrument_twice_in_a_list_is_refused_and_one_that_is_here_is_left_alone(cast):
    make.make_instrument(cast.depot, number="18", serial_number="S18")
    planned, _, refused = plan(
        cast,
        "Soort;Nummer;Serienummer\nViool;17;\nViool;18;s18\nViool;18;OTHER\nViool;30;S18\nViool;40;\nViool;40;\n"
        "Cello;17;\n",
    )
    assert [row.number for row in planned.known] == ["17", "18"]
    assert [(row.kind.code, row.number) for row in planned.new] == [("violin", "40"), ("cello", "17")]
    assert refused == [(4, "twice"), (5, "twice"), (7, "twice")]
    _, _, refused = plan(cast, "Soort;Nummer;Serienummer\nViool;18;OTHER\nViool;30;S18\n")
    assert refused == [(2, "other_serial"), (3, "other_number")]


def test_a_list_is_taken_in_once(cast):
    def preview():
        return actions.preview_list(site=cast.depot, content=lists.read(GOOD.encode()), by=BY, at=NOW)

    first, second = preview(), preview()
    handover = actions.take_in_list(preview=first, by=BY, at=NOW)
    assert Instrument.objects.of_handover(handover).count() == 4
    with pytest.raises(actions.AlreadyTakenIn):
        actions.take_in_list(preview=first, by=BY, at=NOW)
    with pytest.raises(actions.NothingNew):
        actions.take_in_list(preview=second, by=BY, at=NOW)
    assert Instrument.objects.count() == 5
    assert InstrumentImport.objects.get(pk=first.pk).lines == []


def zip_of(**parts):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(name.replace("__", "/"), content)
    return out.getvalue()


HOSTILE = {
    "empty": b"",
    "an image called .csv": b"\x89PNG\r\n\x1a\n" + b"\0" * 100,
    "a pdf": b"%PDF-1.7",
    "a web page": b"<html><table><tr><td>Soort</td></tr></table>",
    "json": b'[{"kind": "violin"}]',
    "no such columns": b"a;b\n1;2\n",
    "only a header": b"Soort;Nummer\n",
    "a zero byte": b"Soort;Nummer\nViool;1\x00\n",
    "a broken letter": b"Soort;Nummer\nViool;Zo\xc3\xab\xc3\nViool;2\n",
    "an open quotation mark": b'Soort;Nummer\nViool;"1\n',
    "a plain zip": zip_of(a="b"),
    "half a spreadsheet": xlsx(["Soort", "Nummer"], ["Viool", 1])[:600],
    "a spreadsheet with macros": zip_of(**{"xl__workbook.xml": "<x/>", "xl__vbaProject.bin": "x"}),
    "a zip bomb": zip_of(**{"xl__workbook.xml": "<x/>", "xl__worksheets__sheet1.xml": b"0" * 30_000_000}),
    "an entity bomb": zip_of(
        **{"xl__workbook.xml": '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><workbook>&b;</workbook>'}
    ),
    "two million rows": b"Soort;Nummer\n" + b"Viool;1\n" * 200_000,
    "too wide": b"Soort;Nummer;" + b";" * 5000 + b"\nViool;1\n",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_with_one_sentence(client, cast, name):
    with pytest.raises(FileRefused) as refused:
        lists.read(HOSTILE[name])
    sentence = str(refused.value)
    assert 20 < len(sentence) < 200
    assert "pupil" not in sentence
    client.force_login(cast.joost)
    file = SimpleUploadedFile("list.csv", HOSTILE[name])
    answer = client.post("/depot/lists/", {"site": cast.depot.pk, "file": file})
    assert answer.status_code == 200
    assert not InstrumentImport.objects.exists()


def test_the_depot_keeper_takes_in_a_list_on_its_pages(client, cast):
    client.force_login(cast.joost)
    file = SimpleUploadedFile("lijst.csv", (GOOD + "Zaag;;1;;;;;;\n").encode("cp1252"))
    answer = client.post("/depot/lists/", {"site": cast.depot.pk, "file": file})
    page = client.get(answer.url).content.decode()
    assert "Sanne" not in page
    assert "“Zaag” is not an instrument" in page
    assert "Take in 4 instruments" in page
    made = client.post(answer.url)
    assert Handover.objects.get(sort="intake", pk=made.url.split("/")[-2])
    assert Instrument.objects.kept_by(cast.depot).count() == 5
    assert client.get(answer.url).url == made.url
    assert client.post(answer.url).status_code == 302
    assert Instrument.objects.count() == 5
    client.force_login(cast.luca)
    assert client.get(answer.url).status_code == 404


def test_our_own_export_comes_back_as_nothing_new(client, cast):
    client.force_login(cast.joost)
    make.make_instrument(cast.depot, number="3", kind=make.make_kind("trumpet"), serial_number="X")
    exported = b"".join(client.get("/depot/instruments.csv", headers={"accept-language": "en"}))
    planned, _, refused = plan(cast, exported)
    assert (len(planned.known), planned.new, refused) == (2, [], [])


def test_two_thousand_instruments_come_in_with_few_queries(cast, django_assert_max_num_queries):
    text = "Soort;Nummer\n" + "".join(f"Viool;N{n}\n" for n in range(2_000))
    preview = actions.preview_list(site=cast.depot, content=lists.read(text.encode()), by=BY, at=NOW)
    with django_assert_max_num_queries(60):
        actions.take_in_list(preview=preview, by=BY, at=NOW)
    assert Instrument.objects.count() == 2_001
