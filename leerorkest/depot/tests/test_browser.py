"""Joost's morning on a phone: take in a list, print labels, issue a class set, lend number 17."""

import io
import uuid
from pathlib import Path

import pytest
from pypdf import PdfReader

from leerorkest.depot.actions import labels
from leerorkest.depot.models import Custody, FoundNotice, Instrument
from leerorkest.shared.actions import System
from tests import make
from tests.cast import make_cast
from tests.pages import look, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LIST = "Instrument;Maat;Nummer;Merk;Uitgeleend aan\n" + "".join(
    f"Viool;1/2;{number};Stentor;\n" for number in range(101, 125)
)


@pytest.fixture
def joost(page, live_server):
    cast = make_cast()
    sign_in(page.context, live_server, cast.joost)
    page.set_viewport_size({"width": 360, "height": 740})
    return cast


def test_joosts_morning(page, live_server, joost):
    page.goto(f"{live_server.url}/depot/")
    look(page, "list")
    page.get_by_text("What you can do here").click()
    page.get_by_role("link", name="Take in a list").click()
    page.get_by_label("Where they stand").select_option("Depot Noord")
    page.locator("input[type=file]").set_input_files(
        {"name": "lijst.csv", "mimeType": "text/csv", "buffer": (LIST + "Zaag;;1;;Piet\n").encode()}
    )
    look(page, "list-upload")
    page.get_by_role("button", name="Look what it will do").click()
    assert "Not read: Uitgeleend aan" in page.content()
    look(page, "list-preview")
    page.get_by_role("button", name="Take in 24 instruments").click()
    look(page, "handover")

    page.get_by_role("link", name="Print labels").click()
    look(page, "labels")
    with page.expect_download() as download:
        page.get_by_role("button", name="Make the labels").click()
    pdf = PdfReader(io.BytesIO(Path(download.value.path()).read_bytes()))
    assert len(pdf.pages) == 2

    page.goto(f"{live_server.url}/depot/issue/?kind=violin&count=24")
    look(page, "issue")
    page.get_by_label("17", exact=False).first.uncheck()
    for number in ("101", "124"):
        page.get_by_label(f"½ {number}").check()
    page.get_by_label("To which school").select_option("De Regenboog")
    page.get_by_role("button", name="Issue, sign later").click()
    look(page, "issued")
    assert Instrument.objects.kept_by(joost.regenboog.site).count() == 24

    page.goto(f"{live_server.url}/depot/find/?tag={Instrument.objects.get(number='101').tag.lower()}")
    look(page, "instrument")
    page.get_by_role("link", name="Lend", exact=True).click()
    look(page, "lend-groups")
    page.get_by_role("link", name="5A").click()
    page.get_by_label("Amina").check()
    look(page, "lend-children")
    page.get_by_role("button", name="Lend", exact=True).click()
    page.get_by_text("Amina · 5A").first.wait_for()
    look(page, "lent")
    assert Custody.objects.open().holders().get().child == joost.amina
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(f"{live_server.url}/depot/")
    look(page, "list-wide")

    page.goto(f"{live_server.url}/depot/give-back/")
    page.get_by_label("Labels").fill(Instrument.objects.get(number="101").tag)
    page.get_by_label("Labels").press("Enter")  # what a hand scanner types; the next label follows on its own line
    look(page, "give-back")
    page.get_by_role("button", name="Give back").click()
    assert not Custody.objects.open().holders().exists()
    for path in ("take-back/", "take-in/"):
        page.goto(f"{live_server.url}/depot/{path}")
        look(page, path.strip("/"))
    page.goto(f"{live_server.url}/depot/instruments/{joost.violin.uid}/retire/")
    look(page, "retire")


def test_a_stranger_who_scans_a_label_on_a_phone(page, live_server):
    violin = make.make_instrument(make.make_site(sort="depot"))
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(f"{live_server.url}/i/{violin.tag}")
    look(page, "stranger")
    assert "Violin" not in page.content()
    page.get_by_label("Where is it").fill("It lies at the desk of the library.")
    page.get_by_role("button", name="Send").click()
    look(page, "stranger-thanks")
    assert FoundNotice.objects.get().instrument == violin


def test_joost_sticks_a_new_label_on_number_17_and_scans_it(page, live_server, joost):
    """The find page hears a hand scanner; the label that was on it before still leads to it."""
    pile = labels.print_ahead(
        organisation=joost.amsterdam, count=1, by=System("test"), at=make.NOW, batch_id=uuid.uuid4()
    )
    page.goto(f"{live_server.url}/depot/labels/ahead/")
    look(page, "labels-ahead")
    page.goto(f"{live_server.url}/depot/find/")
    page.keyboard.type(f"{live_server.url}/i/{pile.labels.get().tag}")
    page.keyboard.press("Enter")
    page.wait_for_url("**/claim/")
    page.get_by_label("Its number or its old code").fill("17")
    page.get_by_role("button", name="Find").click()
    look(page, "claim-label")
    page.get_by_role("button", name="This one").click()
    page.goto(f"{live_server.url}/i/{joost.violin.tag}")
    assert page.url.endswith(f"/depot/instruments/{joost.violin.uid}/")
    look(page, "relabelled")
    FoundNotice.objects.create(
        tag="KAPOT", organisation=joost.amsterdam, message="At the library", reply="piet@example.org", made_at=make.NOW
    )
    page.goto(f"{live_server.url}/depot/found/")
    look(page, "found")
