"""The register under a thumb: a real Chromium at 360 × 740."""

import time

import pytest
from playwright.sync_api import expect

from leerorkest.lessons.models import Closing, MarkEvent
from tests.pages import sign_in

from .conftest import PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def open_register(context, live_server, cast):
    sign_in(context, live_server, cast.noor)
    page = context.new_page()
    page.problems = []
    page.on("console", lambda message: page.problems.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    page.goto(f"{live_server.url}/lessons/{cast.lesson.uid}/")
    return page


def row(page, name):
    return page.locator("[data-child]").filter(has_text=name)


def choose(page, name, state):
    row(page, name).locator(f"input[value={state}]").click()


def test_a_group_of_24_is_marked_with_three_taps_and_one_to_close(phone, live_server, cast_of_24):
    weight = []
    phone.on("response", lambda answer: weight.append(len(answer.body())) if answer.ok else None)
    page = open_register(phone, live_server, cast_of_24)
    assert sum(weight) <= 150_000, weight
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 360
    began = time.monotonic()
    choose(page, "Amina", "absent")
    choose(page, "Kind7 ", "late")
    choose(page, "Kind20 ", "announced")
    expect(page.locator("#sending")).to_have_text("All marks are kept.")
    assert MarkEvent.objects.count() == 3  # each tap was sent by itself, before the closing
    page.locator(".actions .primary").click()
    expect(page.locator(".notice-success")).to_be_visible()
    print(f"24 children, 3 taps and the closing: {time.monotonic() - began:.1f} s by script")
    assert Closing.objects.count() == 1
    states = sorted(MarkEvent.objects.values_list("state", flat=True))
    assert states == ["absent", "announced", "late"] + ["present"] * 21
    assert page.problems == []


def test_what_cannot_be_sent_is_counted_and_sent_later(phone, live_server, cast_of_24):
    page = open_register(phone, live_server, cast_of_24)
    phone.set_offline(True)
    choose(page, "Amina", "late")
    choose(page, "Amina", "absent")
    expect(page.locator("#sending")).to_have_text("2 marks are not sent yet.")
    page.locator(".actions .primary").click()
    expect(page.locator("#sending")).to_contain_text("The register closes when they are sent.")
    assert not MarkEvent.objects.exists()
    phone.set_offline(False)
    expect(page.locator(".notice-success")).to_be_visible(timeout=15_000)
    assert list(MarkEvent.objects.filter(child=cast_of_24.amina).order_by("device_sequence").values_list("state")) == [
        ("late",),
        ("absent",),
    ]


def test_an_answer_that_gets_lost_is_asked_again_and_stored_once(phone, live_server, cast_of_24):
    page = open_register(phone, live_server, cast_of_24)
    lost = []

    def lose_the_first(route):
        if lost:
            route.continue_()
        else:
            lost.append(route.fetch())
            route.abort()

    page.route("**/lessons/marks/", lose_the_first)
    choose(page, "Amina", "late")
    expect(page.locator("#sending")).to_have_text("All marks are kept.", timeout=10_000)
    assert lost
    assert MarkEvent.objects.count() == 1
    page.reload()
    expect(row(page, "Amina").locator("input[value=late]")).to_be_checked()


def test_without_a_script_the_same_page_marks_and_closes(browser, live_server, cast_of_24):
    context = browser.new_context(viewport=PHONE, java_script_enabled=False)
    page = open_register(context, live_server, cast_of_24)
    choose(page, "Amina", "announced")
    page.locator(".actions .primary").click()
    expect(page.locator(".notice-success")).to_be_visible()
    assert MarkEvent.objects.get(child=cast_of_24.amina).state == "announced"
    assert MarkEvent.objects.count() == 24
    context.close()


def test_the_keyboard_marks_too(phone, live_server, cast_of_24):
    page = open_register(phone, live_server, cast_of_24)
    row(page, "Amina").locator("input[value=present]").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#sending")).to_have_text("All marks are kept.")
    assert MarkEvent.objects.get().state == "absent"
