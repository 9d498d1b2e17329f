"""The first thread through the house, in a real browser: from a school's pupil list to the first closed register.

Sam loads the list and undoes it, Joost takes in instruments, prints labels and lends number 17 to Amina, Sam plans the
lessons, Noor marks her group on a phone; everybody's start page says what is next.
"""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from demo.roster import edexml
from leerorkest.depot.models import Custody, Instrument
from leerorkest.lessons.models import Closing, MarkEvent
from leerorkest.people.models import Account, Child
from leerorkest.schools.models import Membership
from leerorkest.shared import audit, clock
from tests import make
from tests.make import NOW
from tests.pages import look_everywhere, sign_in, watch

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _tuesday_morning(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def sit_down(browser, live_server):
    """sit_down(account): a page of their own browser, signed in, watched from the start."""
    contexts = []

    def open_page(account: Account, width: int = 1280, height: int = 800) -> Page:
        context = browser.new_context(viewport={"width": width, "height": height}, base_url=live_server.url)
        contexts.append(context)
        sign_in(context, live_server, account)
        page = context.new_page()
        watch(page)
        page.goto("/")
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture
def export(shared_data, tmp_path) -> Path:
    """A real export of 400 pupils."""
    return shared_data / "edexml" / "samples" / "cito-lvs-1.03-400-leerlingen.xml"


def upload(page: Page, school: int, file: Path) -> None:
    page.goto(f"/schools/{school}/roster/")
    page.set_input_files("input[type=file]", file)
    page.get_by_role("button", name="See what it will do").click()


def test_a_real_pupil_list_is_seen_applied_undone_and_applied_again(sit_down, cast, export):
    school = make.make_school("De Maatstok", organisation=cast.amsterdam, code="99XX99")
    before = Child.objects.count()
    sam = sit_down(cast.sam)
    upload(sam, school.pk, export)
    expect(sam.get_by_role("heading", name="This will happen")).to_be_visible()
    expect(sam.locator(".diff-new").first).to_have_text("387 new")
    expect(sam.locator("span.diff-refused").first).to_have_text("11 refused")
    dropped = sam.get_by_role("heading", name="Dropped").locator("..").inner_text()
    assert {"sofinummer", "geboortedatum", "etniciteit"} <= set(dropped.split())
    assert Child.objects.count() == before
    look_everywhere(sam, "preview")
    sam.get_by_role("button", name="Apply").click()
    sam.get_by_role("button", name="Undo").wait_for()
    assert Child.objects.count() == before + 387
    sam.get_by_role("button", name="Undo").click()
    expect(sam.get_by_role("heading", name="This was undone")).to_be_visible()
    assert Child.objects.count() == before
    upload(sam, school.pk, export)
    sam.get_by_role("button", name="Apply").click()
    sam.get_by_role("button", name="Undo").wait_for()
    upload(sam, school.pk, export)
    expect(sam.get_by_text("nothing changes")).to_be_visible()
    assert Child.objects.count() == before + 387
    sam.goto(f"/schools/{school.pk}/")
    look_everywhere(sam, "school")


def test_from_a_list_of_instruments_to_a_closed_register(sit_down, cast, tmp_path):
    file = edexml(code="99ZZ00", school_year="2026-2027", groups=("5A",), is_island=False, size=24, seed=7)
    roster = tmp_path / "export.xml"
    roster.write_bytes(file)
    school = make.make_school("De Klankkast", organisation=cast.amsterdam, code="99ZZ01")
    roster.write_bytes(file.replace(b"<dependancecode>00<", b"<dependancecode>01<"))

    # Sam: the children of the school, their teacher, and their hour
    sam = sit_down(cast.sam)
    upload(sam, school.pk, roster)
    sam.get_by_role("button", name="Apply").click()
    sam.get_by_role("button", name="Undo").wait_for()
    group = school.groups.get()
    sam.goto(f"/schools/groups/{group.pk}/teacher/")
    sam.get_by_label("Teacher").select_option(label="Noor de Wit")
    sam.get_by_label("From").fill("2026-11-01")
    sam.get_by_role("button", name="Assign").click()
    for membership in Membership.objects.filter(group=group).select_related("child"):
        make.make_playing(membership.child)
    sam.goto(f"/lessons/groups/{group.pk}/")
    look_everywhere(sam, "plan")
    sam.get_by_label("Day").select_option(label="Tuesday")
    sam.get_by_label("Starts at").fill("10:00")
    sam.get_by_label("Ends at").fill("11:00")
    sam.locator("select[name=teacher_strings]").select_option(label="Noor de Wit")
    sam.get_by_role("button", name="Plan the lessons").click()
    sam.wait_for_url("**/lessons/**")

    # Joost: 24 violins come in, get their labels, go to the school, and number 17 to one child
    table = tmp_path / "violins.csv"
    rows = [f"Viool;1/2;{number};Stentor;{249 + number},50" for number in range(1, 25)]
    table.write_text("\n".join(["Soort;Maat;Nummer;Merk;Waarde", *rows]))
    joost = sit_down(cast.joost)
    joost.goto("/depot/lists/")
    joost.get_by_label("Where they stand").select_option(label="Depot Noord")
    joost.set_input_files("input[type=file]", table)
    joost.get_by_role("button", name="Look what it will do").click()
    look_everywhere(joost, "list")
    joost.get_by_role("button", name="Take in 23 instruments").click()  # number 17 stands on the shelf already
    joost.wait_for_load_state()
    assert Instrument.objects.count() == 24
    joost.goto("/depot/labels/?kind=violin")
    with joost.expect_download() as download:
        joost.get_by_role("button", name="Make the labels").click()
    labels = "\n".join(page.extract_text() for page in PdfReader(download.value.path()).pages)
    tags = Instrument.objects.values_list("tag", flat=True)
    assert [tag for tag in tags if tag[:4] not in labels] == []
    joost.goto("/depot/issue/?kind=violin&count=24")
    joost.get_by_label("To", exact=False).last.select_option(label="De Klankkast")
    look_everywhere(joost, "issue")
    joost.get_by_role("button", name="Issue, sign later").click()
    joost.wait_for_load_state()
    assert Custody.objects.open().keepers().filter(site=school.site).count() == 24
    violin = Instrument.objects.get(number="17")
    child = Membership.objects.filter(group=group).order_by("child__first_name").first().child
    joost.goto(f"/depot/instruments/{violin.uid}/lend/?group={group.pk}")
    joost.locator("label.row", has_text=child.first_name).first.click()
    joost.get_by_role("button", name="Lend").click()
    joost.wait_for_load_state()
    joost.goto(f"/depot/instruments/{violin.uid}/")
    expect(joost.locator("main")).to_contain_text("De Klankkast")
    expect(joost.locator("main")).to_contain_text(child.first_name)
    look_everywhere(joost, "instrument")
    joost.goto("/")
    look_everywhere(joost, "start-depot")

    # Noor: the lesson of today on a phone, three taps and the closing
    noor = sit_down(cast.noor, 360, 740)
    look_everywhere(noor, "start-teacher")
    noor.goto("/lessons/")
    noor.get_by_role("link", name="10:00").first.click()
    expect(noor.locator("[data-child]")).to_have_count(24)
    look_everywhere(noor, "register")
    noor.set_viewport_size({"width": 360, "height": 740})
    taps = noor.locator("[data-child]")
    for row, state in ((2, "absent"), (7, "late"), (11, "announced")):
        taps.nth(row).locator(f"label.choice-{state}").click()
    expect(noor.locator("#sending")).to_have_text("All marks are kept.")
    noor.get_by_role("button", name="Close the register").click()
    expect(noor.locator(".notice-success")).to_be_visible()
    assert Closing.objects.count() == 1
    assert (
        sorted(MarkEvent.objects.values_list("state", flat=True)) == ["absent", "announced", "late"] + ["present"] * 21
    )

    # what is next, and the trail of it all
    for who in (cast.sam, cast.hanna, cast.ola):
        look_everywhere(sit_down(who), f"start-{who.first_name}")
    assert list(audit.broken_links()) == []
