"""7:10: a teacher cannot come, a colleague says yes, and gives the lesson on her own phone."""

import pytest
from playwright.sync_api import expect

from leerorkest.lessons.models import Closing, Cover
from leerorkest.shared import clock
from tests.make import NOW
from tests.pages import look, sign_in, watch

from .test_cover import EARLY, colleague

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def at_ten_past_seven(monkeypatch):
    from tests.cast import make_cast

    monkeypatch.setattr(clock, "now", lambda: EARLY)
    return make_cast()


def open_page(phone, live_server, account, address):
    phone.clear_cookies()
    sign_in(phone, live_server, account)
    phone.add_cookies([{"name": "language", "value": "en", "url": live_server.url}])
    page = phone.new_page()
    watch(page)
    page.goto(f"{live_server.url}{address}")
    return page


def test_two_taps_to_say_so_one_to_say_yes_and_the_lesson_is_given(phone, live_server, at_ten_past_seven, monkeypatch):
    cast = at_ten_past_seven
    ada = colleague(cast, "Ada Invaller")
    page = open_page(phone, live_server, cast.noor, "/lessons/")
    page.get_by_role("link", name="I cannot come").click()
    look(page, "away")
    page.get_by_role("button", name="Ask for a stand-in").click()
    expect(page.locator("main")).to_contain_text("1 lesson needs somebody. 1 colleague is asked.")

    page = open_page(phone, live_server, ada, "/")
    page.get_by_role("link", name="Lessons for which you are asked to stand in").click()
    look(page, "asked")
    page.get_by_role("button", name="Yes, I do").click()
    expect(page.locator("main")).to_contain_text("5A")
    look(page, "week-of-a-stand-in")

    monkeypatch.setattr(clock, "now", lambda: NOW)
    page.get_by_role("link", name="5A").click()
    expect(page.locator("main")).to_contain_text("You stand in. This page closes on")
    expect(page.locator(".register .row")).to_have_count(2)
    look(page, "register-of-a-stand-in")
    page.get_by_role("button", name="Close the register").click()
    expect(page.locator("main")).to_contain_text("The register of 5A is closed.")
    assert Closing.objects.get().by == Cover.objects.get().account == ada

    page = open_page(phone, live_server, cast.sam, "/lessons/cover/")
    look(page, "without-their-teacher")
    page.locator("ul.rows a").first.click()
    expect(page.locator("main")).to_contain_text("Ada Invaller stands in.")
    look(page, "who-stands-in")
