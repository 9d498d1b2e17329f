"""The one-minute log in flight mode: counted in taps, without a letter typed."""

import time
from datetime import date, timedelta

import pytest
from playwright.sync_api import expect

from leerorkest.depot.models import Custody, Defect
from leerorkest.depot.rules import HandoverSort, Level
from leerorkest.lessons.models import Closing, MarkEvent, NoteEvent, Piece, QuarantinedMark, Seat
from leerorkest.shared import clock
from tests.make import NOW, make_child, make_handover, make_instrument
from tests.pages import check_page_everywhere, look_everywhere, sign_in

from .test_register_in_a_browser import open_register, row

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def cast_of_16(monkeypatch):
    from tests.cast import make_cast

    monkeypatch.setattr(clock, "now", lambda: NOW)
    cast = make_cast()
    section = cast.lesson.series.sections.get()
    children = [make_child(cast.group, f"Kind{number}", "Alexanderplein") for number in range(14)]
    for child in children:
        Seat.objects.create(section=section, series=cast.lesson.series, child=child, from_on=date(2026, 8, 1))
    for child in (cast.amina, children[3]):
        Custody.objects.create(
            instrument=make_instrument(cast.depot),
            level=Level.HOLDER.value,
            child=child,
            started_at=NOW - timedelta(days=30),
            began_with=make_handover(cast.amsterdam, HandoverSort.LEND),
        )
    Piece.objects.create(organisation=cast.amsterdam, title="Ode an die Freude", added_at=NOW)
    return cast


class Thumb:
    """Counts its taps."""

    def __init__(self, page):
        self.page, self.taps = page, 0

    def tap(self, target):
        target.click()
        self.taps += 1

    def open(self, name):
        self.tap(self.page.locator(f"#log-{name} > summary"))

    def chip(self, name, text, nth=0):
        self.tap(self.page.locator(f"#log-{name} .chip").filter(has_text=text).locator("input").nth(nth))


def test_sixteen_children_in_flight_mode_take_less_than_25_taps(phone, live_server, cast_of_16):
    page = open_register(phone, live_server, cast_of_16)
    expect(page.locator("[data-child]")).to_have_count(16)
    phone.set_offline(True)
    began, thumb = time.monotonic(), Thumb(page)
    thumb.tap(row(page, "Kind7 ").locator("input[value=absent]"))
    thumb.tap(row(page, "Kind9 ").locator("input[value=late]"))
    thumb.open("pieces")
    thumb.chip("pieces", "Ode an die Freude")
    thumb.open("instruments")
    thumb.chip("instruments", "Amina")
    thumb.chip("instruments", "A string is broken")
    thumb.chip("instruments", "Kind3 ")
    thumb.chip("instruments", "The bridge fell")
    thumb.open("seen")
    thumb.chip("seen", "Dilan")
    thumb.chip("seen", "Helped another")
    thumb.chip("seen", "Kind3 ")
    thumb.chip("seen", "Ready for more")
    expect(page.locator("#sending")).to_have_text("7 marks are not sent yet.")
    expect(row(page, "Amina").locator(".noted")).to_contain_text("A string is broken")
    thumb.tap(page.locator(".actions .primary"))
    assert not NoteEvent.objects.exists()
    print(f"16 children, 2 broken, a piece, 2 seen: {thumb.taps} taps, {time.monotonic() - began:.1f} s by script")
    assert thumb.taps <= 25
    phone.set_offline(False)
    expect(page.locator(".notice-success")).to_be_visible(timeout=40_000)
    assert NoteEvent.objects.count() == 6  # the register that was closed is one of them
    assert Closing.objects.count() == 1
    assert MarkEvent.objects.count() == 16
    assert not QuarantinedMark.objects.exists()
    assert set(Defect.objects.values_list("kind", flat=True)) == {"bowed-string-broken", "bowed-bridge-fell"}
    assert {defect.holding.child.first_name for defect in Defect.objects.all()} == {"Amina", "Kind3"}
    page.goto(f"{live_server.url}/lessons/{cast_of_16.lesson.uid}/")
    expect(row(page, "Kind3 ").locator(".noted")).to_have_count(2)
    expect(page.locator(".noted")).to_have_count(4)
    assert page.problems == [message for message in page.problems if "ERR_INTERNET_DISCONNECTED" in message]


def test_a_tap_survives_a_reload_and_is_taken_back(phone, live_server, cast_of_16):
    page = open_register(phone, live_server, cast_of_16)
    page.route("**/lessons/marks/", lambda route: route.abort())
    thumb = Thumb(page)
    thumb.open("seen")
    thumb.chip("seen", "Amina")
    thumb.chip("seen", "Helped another")
    expect(page.locator("#sending")).to_have_text("1 mark is not sent yet.")
    page.reload()
    expect(row(page, "Amina").locator(".noted")).to_contain_text("Helped another")
    thumb.tap(row(page, "Amina").get_by_role("button", name="Take back"))
    expect(row(page, "Amina").locator(".noted")).to_have_count(0)
    expect(page.locator("#sending")).to_have_text("2 marks are not sent yet.")
    page.unroute("**/lessons/marks/")
    expect(page.locator("#sending")).to_have_text("All marks are kept.", timeout=40_000)
    page.reload()
    expect(page.locator(".noted")).to_have_count(0)
    assert NoteEvent.objects.count() == 2


def test_the_log_fits_every_screen(page, live_server, cast_of_16):
    sign_in(page.context, live_server, cast_of_16.noor)
    page.goto(f"{live_server.url}/lessons/{cast_of_16.lesson.uid}/")
    for name in ("pieces", "instruments", "seen"):
        page.locator(f"#log-{name} > summary").click()
    page.locator("#log-instruments .chip").filter(has_text="Amina").locator("input").click()
    look_everywhere(page, "log")
    page.goto(f"{live_server.url}/lessons/{cast_of_16.lesson.uid}/pieces/")
    check_page_everywhere(page)
