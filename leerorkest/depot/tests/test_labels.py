import csv
import io
import random

import pytest
import zxingcpp
from PIL import Image
from pypdf import PdfReader

from leerorkest.depot.labels import SHEETS, Label, pdf
from leerorkest.depot.rules import new_tag, readable
from tests import make


def some(count):
    chance = random.Random(7)
    tags = [new_tag(chance) for _ in range(count)]
    return [
        Label(f"https://leerorkest.example.org/i/{tag}", readable(tag), "Viool ½", str(number))
        for number, tag in enumerate(tags, start=1)
    ]


def codes(png):
    return [code.text for code in zxingcpp.read_barcodes(Image.open(io.BytesIO(png)))]


@pytest.mark.parametrize("key", SHEETS)
def test_the_code_on_every_sheet_reads_back_as_the_address(key):
    sheet = SHEETS[key]
    wanted = some(min(sheet.places, 4))
    found = codes(pdf(sheet, wanted, form="png"))
    assert sorted(found) == sorted(label.address for label in wanted)


def test_a_full_page_of_small_labels_reads_back():
    wanted = some(65)
    assert sorted(codes(pdf(SHEETS["avery-l7651"], wanted, form="png"))) == sorted(label.address for label in wanted)


def test_labels_start_at_the_first_free_place_and_flow_to_new_sheets():
    sheet = SHEETS["avery-l7160"]
    reader = PdfReader(io.BytesIO(pdf(sheet, some(24), start=20)))
    assert [page.extract_text().count("Viool") for page in reader.pages] == [1, 21, 2]
    box = reader.pages[0].mediabox
    assert (round(float(box.width) / 72 * 25.4), round(float(box.height) / 72 * 25.4)) == (210, 297)
    assert len(PdfReader(io.BytesIO(pdf(SHEETS["dymo-99012"], some(3)))).pages) == 3


def test_what_stands_on_a_label_can_be_read_and_cannot_become_a_command():
    hostile = Label("https://h/i/X", "AAAA-BBBB", '#read("/etc/passwd") $x$ \\ " *', '"); #panic("')
    text = PdfReader(io.BytesIO(pdf(SHEETS["avery-l7165"], [hostile]))).pages[0].extract_text()
    assert "#read" in text.replace("\n", "")
    assert "#panic" in text.replace("\n", "")
    assert "AAAA-BBBB" in text


def test_sheets_fit_their_paper():
    for sheet in SHEETS.values():
        x, y = sheet.corner(sheet.places - 1)
        assert x + sheet.width <= sheet.paper[0] + 0.01, sheet.key
        assert y + sheet.height <= sheet.paper[1] + 0.01, sheet.key
        assert sheet.columns == 1 or sheet.dx >= sheet.width, sheet.key
        assert sheet.rows == 1 or sheet.dy >= sheet.height, sheet.key


def test_sheets_agree_with_the_measured_templates(shared_data):
    with (shared_data / "labels" / "labelvellen-mm.csv").open(encoding="utf-8") as file:
        measured = {f"{row['brand']}-{row['part']}".lower(): row for row in csv.DictReader(file)}
    for sheet in SHEETS.values():
        row = measured[sheet.key]
        sizes = sorted([float(row["label_w_mm"]), float(row["label_h_mm"])])
        assert sorted([sheet.width, sheet.height]) == pytest.approx(sizes, abs=0.6), sheet.key
        assert (sheet.columns, sheet.rows) == (int(row["nx"]), int(row["ny"])), sheet.key
        for ours, name in [(sheet.x0, "x0_mm"), (sheet.y0, "y0_mm"), (sheet.dx, "dx_mm"), (sheet.dy, "dy_mm")]:
            if row[name] and ours:  # one label on a roll has no next
                # The templates measure in 1/72 inch with rounded gaps: up to 1.5 mm beside the maker's own sizes.
                assert ours == pytest.approx(float(row[name]), abs=1.5), (sheet.key, name)


@pytest.mark.django_db
def test_the_depot_keeper_prints_labels_of_a_list_of_tags_and_of_a_choice(client, cast, settings):
    settings.ADDRESS = "https://leerorkest.example.org"
    cello = make.make_instrument(cast.depot, number="4", kind=make.make_kind("cello"))
    client.force_login(cast.joost)
    sent = {"sheet": "avery-l7160", "start": "3", "tags": ""}
    answer = client.post("/depot/labels/?kind=cello", sent)
    assert answer["Content-Type"] == "application/pdf"
    text = PdfReader(io.BytesIO(answer.content)).pages[0].extract_text()
    assert cello.readable_tag in text
    assert cast.violin.readable_tag not in text
    answer = client.post("/depot/labels/", {**sent, "tags": cast.violin.tag})
    assert cast.violin.readable_tag in PdfReader(io.BytesIO(answer.content)).pages[0].extract_text()
    for wrong in ({"start": "22"}, {"sheet": "avery-x"}, {"tags": "QQQQQQQ2"}, {"right": "99"}):
        assert client.post("/depot/labels/", {**sent, **wrong})["Content-Type"].startswith("text/html")
    assert "no instrument to print" in client.post("/depot/labels/?kind=tuba", sent).content.decode()
    assert client.get("/depot/labels/?handover=nonsense").status_code == 404
    client.force_login(cast.luca)
    page = client.post("/depot/labels/", {**sent, "tags": cast.violin.tag})
    assert "not a label of an instrument here" in page.content.decode()
