"""Marks that are not sent yet, in a real Chromium: nothing is lost, nothing arrives twice, nothing is hidden."""

import contextlib
import json

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Error, expect

from leerorkest.lessons.models import Closing, Lesson, MarkEvent, QuarantinedMark
from tests.pages import check_page_everywhere, sign_in, wait_until, watch

from .test_register_in_a_browser import choose, open_register, row

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
MARKS = "**/lessons/marks/"
IN_THE_OUTBOX = """() => new Promise((resolve, reject) => {
    const request = indexedDB.open("outbox", 1);
    request.onerror = reject;
    request.onsuccess = () => {
        const all = request.result.transaction("marks").objectStore("marks").getAll();
        all.onsuccess = () => { request.result.close(); resolve(all.result); };
    };
})"""


def kill(page):
    """The renderer goes at once: no event reaches the page any more."""
    with contextlib.suppress(Error):
        page.goto("chrome://crash", timeout=2_000)
    page.close()


def cut(context):
    """Pages still come, marks do not get through."""
    context.route(MARKS, lambda route: route.abort())


def states_of(child):
    marks = MarkEvent.objects.filter(child=child).order_by("device_sequence")
    return list(marks.values_list("state", flat=True))


def box(page):
    return page.locator("#outbox")


def test_marks_survive_a_killed_tab_and_arrive_once(phone, live_server, cast_of_24):
    page = open_register(phone, live_server, cast_of_24)
    phone.set_offline(True)
    choose(page, "Amina", "late")
    choose(page, "Amina", "absent")
    choose(page, "Kind7 ", "late")
    expect(page.locator("#sending")).to_have_text("3 marks are not sent yet.")
    kept = page.evaluate(IN_THE_OUTBOX)
    assert [set(entry) for entry in kept] == [{"account", "act", "number"}] * 3
    assert {entry["account"] for entry in kept} == {str(cast_of_24.noor.uid)}
    assert {key for entry in kept for key in entry["act"]} == {
        *("id", "device", "lesson", "child", "state", "corrects", "made_at")
    }
    assert "Amina" not in json.dumps(kept)
    kill(page)
    cut(phone)
    phone.set_offline(False)
    page = open_register(phone, live_server, cast_of_24)
    expect(page.locator("#sending")).to_have_text("3 marks are not sent yet.")
    expect(row(page, "Amina").locator("input[value=absent]")).to_be_checked()
    expect(row(page, "Kind7 ").locator("input[value=late]")).to_be_checked()
    assert not MarkEvent.objects.exists()
    phone.unroute(MARKS)
    expect(page.locator("#sending")).to_have_text("All marks are kept.", timeout=15_000)
    assert states_of(cast_of_24.amina) == ["late", "absent"]
    assert MarkEvent.objects.count() == 3
    assert page.evaluate(IN_THE_OUTBOX) == []
    assert not QuarantinedMark.objects.exists()


def test_a_tab_killed_after_the_server_kept_the_mark_sends_it_again_and_it_counts_once(phone, live_server, cast_of_24):
    page = open_register(phone, live_server, cast_of_24)
    answers = []

    def lose_the_answer(route):
        answers.append(route.fetch().status)
        route.abort()

    page.route(MARKS, lose_the_answer)
    choose(page, "Amina", "late")
    expect(page.locator("#sending")).to_have_text("1 mark is not sent yet.")
    expect(box(page)).to_be_visible()
    assert 200 in answers
    assert MarkEvent.objects.count() == 1
    kill(page)
    page = phone.new_page()
    page.goto(f"{live_server.url}/")  # any page with lessons sends
    wait_until(page, 0, IN_THE_OUTBOX)
    assert MarkEvent.objects.count() == 1
    assert not QuarantinedMark.objects.exists()


def test_two_tabs_share_one_outbox(phone, live_server, cast_of_24):
    one, other = (open_register(phone, live_server, cast_of_24) for _tab in range(2))
    sent = []
    phone.on("request", lambda asked: sent.append(asked.post_data_json) if asked.method == "POST" else None)
    cut(phone)
    choose(one, "Amina", "late")
    choose(other, "Kind7 ", "absent")
    choose(one, "Kind8 ", "late")
    for page in (one, other):
        expect(page.locator("#sending")).to_have_text("3 marks are not sent yet.")
    expect(row(other, "Amina").locator("input[value=late]")).to_be_checked()
    assert not MarkEvent.objects.exists()
    sent.clear()
    phone.unroute(MARKS)
    for page in (one, other):
        expect(page.locator("#sending")).to_have_text("All marks are kept.", timeout=15_000)
    assert len([mark for batch in sent for mark in batch["marks"]]) == 3  # by one tab, once
    assert sorted(MarkEvent.objects.values_list("device_sequence", flat=True)) == [1, 2, 3]
    assert MarkEvent.objects.values("device").distinct().count() == 1
    assert not QuarantinedMark.objects.exists()


def test_a_session_that_ended_keeps_the_marks_for_who_made_them(phone, live_server, cast_of_24):
    page = open_register(phone, live_server, cast_of_24)
    Session.objects.all().delete()
    phone.clear_cookies()
    choose(page, "Amina", "late")
    expect(box(page)).to_contain_text("You are signed out. Sign in to send them: they stay on this phone.")
    expect(box(page).get_by_role("link", name="Sign in")).to_be_visible()
    # Somebody else signs in on this phone: her marks stay where they are, also in the page that is still open.
    sign_in(phone, live_server, cast_of_24.eva)
    with page.expect_response(MARKS):
        page.evaluate("() => { dispatchEvent(new Event('online')); }")
    expect(box(page)).to_contain_text("Somebody else is signed in on this phone.", timeout=15_000)
    second = phone.new_page()
    second.goto(f"{live_server.url}/")
    expect(box(second)).to_contain_text("Marks of somebody else wait on this phone: 1.")
    assert not MarkEvent.objects.exists()
    # She signs in again, in another tab: the page that stood open all the time sends.
    sign_in(phone, live_server, cast_of_24.noor)
    page.evaluate("() => { dispatchEvent(new Event('online')); }")
    expect(page.locator("#sending")).to_have_text("All marks are kept.", timeout=40_000)
    assert MarkEvent.objects.get().by == cast_of_24.noor


def test_a_browser_that_keeps_nothing_says_so_and_still_sends(phone, live_server, cast_of_24):
    phone.add_init_script(
        "Object.defineProperty(self, 'indexedDB', {get() { throw new DOMException('no', 'SecurityError'); }})"
    )
    page = open_register(phone, live_server, cast_of_24)
    expect(box(page)).to_contain_text("This browser keeps nothing for us.")
    phone.set_offline(True)
    choose(page, "Amina", "late")
    choose(page, "Amina", "absent")
    expect(box(page)).to_contain_text("they are lost when you close this page.")
    expect(page.locator("#sending")).to_have_text("2 marks are not sent yet.")
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.close(run_before_unload=True)
    page.wait_for_timeout(500)
    assert asked == ["beforeunload"]
    phone.set_offline(False)
    expect(page.locator("#sending")).to_have_text("All marks are kept.", timeout=15_000)
    assert states_of(cast_of_24.amina) == ["late", "absent"]


def test_a_full_disk_loses_nothing_of_what_was_there(phone, live_server, cast_of_24):
    page = open_register(phone, live_server, cast_of_24)
    phone.set_offline(True)
    choose(page, "Kind7 ", "late")
    expect(page.locator("#sending")).to_have_text("1 mark is not sent yet.")
    page.evaluate(
        "() => { IDBObjectStore.prototype.add = () => { throw new DOMException('full', 'QuotaExceededError'); }; }"
    )
    choose(page, "Amina", "absent")
    expect(page.locator("#sending")).to_have_text("2 marks are not sent yet.")
    expect(box(page)).to_contain_text("they are lost when you close this page.")
    assert len(page.evaluate(IN_THE_OUTBOX)) == 1
    phone.set_offline(False)
    expect(page.locator("#sending")).to_have_text("All marks are kept.", timeout=15_000)
    assert MarkEvent.objects.count() == 2
    assert not QuarantinedMark.objects.exists()


def test_every_page_with_lessons_says_what_waits_and_copies_it(phone, live_server, cast_of_24):
    page = open_register(phone, live_server, cast_of_24)
    cut(phone)
    for name in ("Amina", "Kind7 ", "Kind8 "):
        choose(page, name, "late")
    expect(page.locator("#sending")).to_have_text("3 marks are not sent yet.")
    for address in ("/", "/lessons/"):
        page.goto(live_server.url + address)
        expect(box(page)).to_contain_text("3 marks are not sent yet. The oldest: this minute.")
    box(page).get_by_role("button", name="Copy as text").click()
    text = box(page).locator("textarea").input_value()
    assert len(text.splitlines()) == 3
    assert "Late" in text
    assert f"{live_server.url}/lessons/{cast_of_24.lesson.uid}/" in text
    assert f"{live_server.url}/lessons/children/{cast_of_24.amina.uid}/" in text
    assert "Amina" not in text


def test_the_box_is_a_page_part_like_the_others(phone, live_server, cast_of_24):
    page = open_register(phone, live_server, cast_of_24)
    watch(page)
    phone.route(MARKS, lambda route: None)  # a network that never answers
    choose(page, "Amina", "late")
    expect(box(page)).to_be_visible()
    check_page_everywhere(page)


def test_signing_out_warns_while_marks_wait(phone, live_server, cast_of_24):
    page = open_register(phone, live_server, cast_of_24)
    cut(phone)
    choose(page, "Amina", "late")
    expect(page.locator("#sending")).to_have_text("1 mark is not sent yet.")
    said = []
    page.once("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
    page.locator("details.menu summary").click()
    page.get_by_role("button", name="Sign out").click()
    assert said == [
        "1 mark is not sent yet.\nThey stay on this phone, and are sent when you sign in here again. Sign out?"
    ]
    assert page.url.endswith(f"/lessons/{cast_of_24.lesson.uid}/")
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(lambda address: "/lessons/" not in address)
    assert len(page.evaluate(IN_THE_OUTBOX)) == 1


def test_a_mark_in_quarantine_leaves_the_phone_and_is_told(phone, live_server, cast_of_24):
    page = open_register(phone, live_server, cast_of_24)
    cut(phone)
    choose(page, "Amina", "late")
    expect(page.locator("#sending")).to_have_text("1 mark is not sent yet.")
    Lesson.objects.update(cancelled_because="weather")
    page.goto(f"{live_server.url}/lessons/")  # still cut off: this page sends it, and tells what came of it
    expect(box(page)).to_contain_text("1 mark is not sent yet.")
    phone.unroute(MARKS)
    expect(box(page)).to_contain_text("A mark could not be placed. A coordinator looks at it:", timeout=15_000)
    assert page.evaluate(IN_THE_OUTBOX) == []
    assert QuarantinedMark.objects.get().reason == "lesson_cancelled"


def test_a_register_closed_in_flight_mode_closes_when_its_page_is_long_gone(phone, live_server, cast_of_24):
    page = open_register(phone, live_server, cast_of_24)
    phone.set_offline(True)
    choose(page, "Amina", "late")
    page.locator(".actions .primary").click()
    expect(page.locator("#sending")).to_contain_text("The register closes when they are sent.")
    page.locator(".actions .primary").click()  # an impatient thumb
    kill(page)
    assert not Closing.objects.exists()
    phone.set_offline(False)
    page = phone.new_page()
    watch(page)
    page.goto(f"{live_server.url}/")  # another page sends it
    wait_until(page, 0, IN_THE_OUTBOX)
    assert Closing.objects.get().by == cast_of_24.noor
    assert states_of(cast_of_24.amina) == ["late"]
    assert MarkEvent.objects.count() == 24
    page.goto(f"{live_server.url}/lessons/")
    expect(page.locator(".notice-success")).to_contain_text("The register of 5A is closed.")


def test_a_receipt_for_another_content_does_not_empty_the_outbox(phone, live_server, cast_of_24):
    page = open_register(phone, live_server, cast_of_24)

    def swap_the_hash(route):
        answer = route.fetch()
        receipts = [{**receipt, "hash": "0" * 64} for receipt in answer.json()["receipts"]]
        route.fulfill(response=answer, json={"receipts": receipts})

    page.route(MARKS, swap_the_hash)
    choose(page, "Amina", "late")
    expect(box(page)).to_contain_text("1 mark is not sent yet.")
    assert len(page.evaluate(IN_THE_OUTBOX)) == 1


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503])
def test_an_answer_that_is_no_receipt_keeps_the_marks(phone, live_server, cast_of_24, status):
    page = open_register(phone, live_server, cast_of_24)
    page.route(MARKS, lambda route: route.fulfill(status=status, body="<p>busy</p>"))
    choose(page, "Amina", "late")
    expect(box(page)).to_contain_text("1 mark is not sent yet.")
    assert len(page.evaluate(IN_THE_OUTBOX)) == 1
    page.unroute(MARKS)
    expect(page.locator("#sending")).to_have_text("All marks are kept.", timeout=15_000)


def test_a_mark_that_no_server_can_read_stays_and_does_not_hold_up_the_others(phone, live_server, cast_of_24):
    page = open_register(phone, live_server, cast_of_24)
    amina = str(cast_of_24.amina.uid)

    def refuse_amina(route):
        marks = (route.request.post_data_json or {}).get("marks", [])
        if any(mark["child"] == amina for mark in marks):
            route.fulfill(status=400, json={"error": "no"})
        else:
            route.continue_()

    cut(phone)
    for name in ("Kind7 ", "Amina", "Kind8 "):
        choose(page, name, "late")
    expect(page.locator("#sending")).to_have_text("3 marks are not sent yet.")
    page.route(MARKS, refuse_amina)
    expect(box(page)).to_contain_text("The server cannot read one of them.", timeout=15_000)
    wait_until(page, 1, IN_THE_OUTBOX)
    assert MarkEvent.objects.count() == 2
    assert [entry["act"]["child"] for entry in page.evaluate(IN_THE_OUTBOX)] == [amina]
    page.unroute(MARKS)
    phone.unroute(MARKS)
    page.locator(".actions .primary").click()  # the form itself carries it
    expect(page.locator(".notice-success")).to_be_visible()
    assert Closing.objects.count() == 1
    assert states_of(cast_of_24.amina) == ["late"]
