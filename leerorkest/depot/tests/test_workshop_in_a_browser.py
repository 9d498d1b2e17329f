"""A string breaks in the lesson: the whole way on real pages, until the child's own violin is back."""

import uuid

import pytest

from leerorkest.depot import actions
from leerorkest.depot.actions.defects import report_defect
from leerorkest.depot.models import Custody, Defect, DefectKind
from leerorkest.shared import clock
from leerorkest.shared.actions import System
from tests import make
from tests.cast import make_cast
from tests.pages import look, look_everywhere, sign_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
NOW = make.NOW


@pytest.fixture
def taps(page):
    """Counts what a thumb does."""

    class Taps:
        count = 0

        def on(self, target):
            self.count += 1
            target.click()

    return Taps()


def test_a_string_breaks(page, live_server, monkeypatch, taps):
    monkeypatch.setattr(clock, "now", lambda: NOW)
    cast = make_cast()
    act = {"by": System("test"), "at": NOW}
    spare = make.make_instrument(cast.depot, number="31")
    actions.issue_class_set(instruments=[cast.violin, spare], site=cast.regenboog.site, handover_id=uuid.uuid4(), **act)
    actions.lend(instrument=cast.violin, child=cast.amina, handover_id=uuid.uuid4(), **act)
    page.set_viewport_size({"width": 360, "height": 740})
    sign_in(page.context, live_server, cast.noor)

    page.goto(f"{live_server.url}/lessons/children/{cast.amina.uid}/")
    look(page, "child")
    taps.on(page.get_by_role("link", name="Something is broken"))
    look_everywhere(page, "report")
    taps.on(page.get_by_role("button", name="Strings", exact=True))
    look(page, "report-strings")
    taps.on(page.get_by_role("button", name="A string is broken"))
    page.wait_for_url("**/depot/defects/*/")
    assert taps.count <= 4
    assert Defect.objects.stopping().get().instrument == cast.violin
    page.get_by_role("button", name="Lend Violin 31 (De Regenboog)").wait_for()
    look_everywhere(page, "defect")
    page.get_by_role("button", name="Lend Violin 31 (De Regenboog)").click()
    page.get_by_text("is lent until the own one is mended").wait_for()
    assert holder_of(spare) == cast.amina
    assert holder_of(cast.violin) is None

    sign_in(page.context, live_server, cast.bram)
    page.goto(f"{live_server.url}/depot/workshop/")
    page.get_by_text("Make a ticket").click()
    look_everywhere(page, "queue-new")
    page.get_by_role("button", name="Open the ticket").click()
    page.get_by_role("button", name="It lies here on the bench").click()
    assert "Amina" not in page.content()

    sign_in(page.context, live_server, cast.yara)
    page.goto(f"{live_server.url}/depot/workshop/")
    look_everywhere(page, "queue")
    page.get_by_role("link", name="Violin 17").click()
    page.get_by_label("Minutes").first.fill("8")
    page.get_by_role("button", name="Done", exact=True).first.click()
    page.get_by_role("button", name="Done", exact=True).first.click()
    look_everywhere(page, "ticket-yara")
    ticket = page.url

    sign_in(page.context, live_server, cast.bram)
    page.goto(ticket)
    page.get_by_role("button", name="Well done: sign").first.click()
    look_everywhere(page, "ticket-bram")
    page.get_by_role("button", name="Well done: sign").first.click()
    page.get_by_text("The work is over").click()
    page.get_by_role("button", name="Finish").click()
    page.get_by_text("Mended: it goes back").first.wait_for()

    sign_in(page.context, live_server, cast.noor)
    page.goto(f"{live_server.url}/depot/mended/")
    look(page, "mended")
    page.get_by_role("link", name="Violin 17").click()
    look_everywhere(page, "settle")
    page.get_by_role("button", name="Swap: the own one back").click()
    page.get_by_text("This ticket is closed").first.wait_for()
    assert holder_of(cast.violin) == cast.amina
    assert holder_of(spare) is None

    sign_in(page.context, live_server, cast.yara)
    page.goto(f"{live_server.url}/depot/workshop/skills/{cast.yara.uid}/")
    look(page, "skills")
    sign_in(page.context, live_server, cast.sam)
    for path in ("without/", "waiting/", "workshop/parts/", "maintenance/"):
        page.goto(f"{live_server.url}/depot/{path}")
        look(page, path.replace("/", "-"))


def holder_of(instrument):
    found = Custody.objects.open().holders().filter(instrument=instrument).first()
    return found and found.child


def test_who_reports_what_is_known_hears_it_and_can_report_something_else(page, live_server, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)
    cast = make_cast()
    kind = DefectKind.objects.get(pk="bowed-string-broken")
    page.set_viewport_size({"width": 360, "height": 740})
    sign_in(page.context, live_server, cast.joost)
    page.goto(f"{live_server.url}/depot/instruments/{cast.violin.uid}/report/")
    report_defect(instrument=cast.violin, kind=kind, defect_id=uuid.uuid4(), by=System("test"), at=NOW)  # meanwhile
    page.get_by_role("button", name="Strings", exact=True).click()
    page.get_by_role("button", name="A string is broken").click()
    page.get_by_text("1 was refused. Read why, and put it right.").wait_for()
    page.get_by_role("button", name="Body", exact=True).click()
    page.locator("[popover]:popover-open button[name=kind]").first.click()
    page.wait_for_url("**/depot/defects/*/")
    assert Defect.objects.count() == 2


def test_what_broke_in_a_basement_is_reported_when_there_is_a_signal(page, live_server, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)
    cast = make_cast()
    act = {"by": System("test"), "at": NOW}
    actions.issue_class_set(instruments=[cast.violin], site=cast.regenboog.site, handover_id=uuid.uuid4(), **act)
    page.set_viewport_size({"width": 360, "height": 740})
    sign_in(page.context, live_server, cast.noor)
    page.goto(f"{live_server.url}/depot/instruments/{cast.violin.uid}/report/")
    page.context.set_offline(True)
    page.get_by_role("button", name="Strings", exact=True).click()
    page.get_by_role("button", name="A string is broken").click()
    page.get_by_text("Noted on this phone: A string is broken").wait_for()
    page.get_by_text("1 not sent.").wait_for(timeout=10_000)
    assert not Defect.objects.exists()
    page.context.set_offline(False)
    page.wait_for_url("**/depot/defects/*/", timeout=40_000)
    assert Defect.objects.get().instrument == cast.violin

    page.goto(f"{live_server.url}/depot/instruments/{cast.violin.uid}/report/")
    page.context.set_offline(True)
    page.get_by_role("button", name="Body", exact=True).click()
    page.locator("[popover]:popover-open button[name=kind]").first.click()
    page.get_by_text("1 not sent.").wait_for(timeout=10_000)
    context = page.context
    page.close()  # before it was sent
    context.set_offline(False)
    later = context.new_page()
    later.goto(f"{live_server.url}/")  # it is told, and sent, from where everybody begins
    for _ in range(150):
        if Defect.objects.count() == 2:
            break
        later.wait_for_timeout(100)
    assert Defect.objects.count() == 2
