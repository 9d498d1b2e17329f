"""Lesson pages without a network, in a real Chromium: there when needed, and readable for nobody else."""

import pytest
from playwright.sync_api import Error, expect

from leerorkest.lessons.models import MarkEvent, QuarantinedMark
from tests.pages import wait_until

from .test_outbox_in_a_browser import box, kill
from .test_register_in_a_browser import choose, row, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
DISK = """(store) => new Promise((resolve, reject) => {
    const request = indexedDB.open("pages", 1);
    request.onerror = reject;
    request.onupgradeneeded = () => request.transaction.abort();
    request.onsuccess = () => {
        const all = request.result.transaction(store).objectStore(store).getAll();
        all.onsuccess = () => { request.result.close(); resolve(all.result); };
    };
})"""
KEPT_PAGES = f"async () => (await ({DISK})('pages').catch(() => [])).map((one) => new URL(one.url).pathname)"


def kept_pages(page):
    return set(page.evaluate(KEPT_PAGES))


def wait_for(page, *paths):
    for _attempt in range(100):
        if kept_pages(page) >= set(paths):
            return
        page.wait_for_timeout(100)
    pytest.fail(f"kept are {kept_pages(page)}, not {paths}")


@pytest.fixture
def week(phone_with_worker, live_server, cast_of_24):
    """The week of a teacher, opened once in the staff room."""
    sign_in(phone_with_worker, live_server, cast_of_24.noor)
    page = phone_with_worker.new_page()
    page.goto(f"{live_server.url}/lessons/")
    wait_for(page, "/lessons/", f"/lessons/{cast_of_24.lesson.uid}/")
    return page


def test_a_lesson_that_was_never_opened_is_marked_in_flight_mode(week, live_server, cast_of_24):
    phone, register = week.context, f"{live_server.url}/lessons/{cast_of_24.lesson.uid}/"
    week.close()
    phone.set_offline(True)
    page = phone.new_page()
    page.goto(f"{live_server.url}/lessons/")
    page.locator("a[data-ahead]").first.click()
    expect(box(page)).to_contain_text("The network does not answer. This page: this minute.")
    choose(page, "Amina", "late")
    expect(page.locator("#sending")).to_have_text("1 mark is not sent yet.")
    kill(page)
    page = phone.new_page()
    page.goto(register)
    expect(row(page, "Amina").locator("input[value=late]")).to_be_checked()
    expect(page.locator("#sending")).to_have_text("1 mark is not sent yet.")
    assert not MarkEvent.objects.exists()
    phone.set_offline(False)
    expect(page.locator("#sending")).to_have_text("All marks are kept.", timeout=40_000)
    assert MarkEvent.objects.get().child == cast_of_24.amina
    assert not QuarantinedMark.objects.exists()


def test_no_name_lies_on_the_phone_in_the_open(week, cast_of_24):
    assert week.evaluate(f"async () => (await ({DISK})('key')).map((key) => key.extractable)") == [False]
    text = week.evaluate(
        f"""async () => (await ({DISK})('pages')).map((one) =>
            JSON.stringify(one) + new TextDecoder('latin1').decode(one.bytes)).join()"""
    )
    assert "Amina" not in text
    assert "Kind7" not in text
    files = week.evaluate("async () => (await (await caches.open('files')).keys()).map((one) => one.url)")
    assert files
    assert all("/static/" in url for url in files)


def test_after_signing_out_there_is_nothing_left(week, live_server, cast_of_24):
    week.locator("details.menu summary").click()
    week.get_by_role("button", name="Sign out").click()
    week.wait_for_url(lambda address: "/lessons/" not in address)
    wait_until(week, 0, KEPT_PAGES)
    assert week.evaluate(f"async () => (await ({DISK})('key')).length") == 0
    week.context.set_offline(True)
    with pytest.raises(Error, match=r"ERR_INTERNET_DISCONNECTED|ERR_FAILED"):
        week.goto(f"{live_server.url}/lessons/{cast_of_24.lesson.uid}/")


def test_another_account_on_the_phone_ends_what_was_kept(week, live_server, cast_of_24):
    sign_in(week.context, live_server, cast_of_24.eva)
    week.goto(f"{live_server.url}/lessons/")
    wait_until(week, 1, KEPT_PAGES)
    assert kept_pages(week) == {"/lessons/"}
    accounts = week.evaluate(f"async () => (await ({DISK})('pages')).map((one) => one.account)")
    assert accounts == [str(cast_of_24.eva.uid)]


def test_after_fourteen_days_a_page_is_gone(week, live_server, cast_of_24):
    week.evaluate(
        """() => new Promise((resolve) => {
            const request = indexedDB.open("pages", 1);
            request.onsuccess = () => {
                const pages = request.result.transaction("pages", "readwrite").objectStore("pages");
                pages.getAll().onsuccess = ({ target }) => {
                    for (const one of target.result) pages.put({ ...one, kept_at: one.kept_at - 14 * 86_400_000 });
                };
                pages.transaction.oncomplete = () => { request.result.close(); resolve(); };
            };
        })"""
    )
    week.context.set_offline(True)
    with pytest.raises(Error, match=r"ERR_INTERNET_DISCONNECTED|ERR_FAILED"):
        week.goto(f"{live_server.url}/lessons/{cast_of_24.lesson.uid}/")


def test_registers_of_others_are_never_kept(phone_with_worker, live_server, cast_of_24):
    sign_in(phone_with_worker, live_server, cast_of_24.sam)  # a coordinator sees whole schools
    page = phone_with_worker.new_page()
    for address in ("/", "/lessons/", f"/lessons/{cast_of_24.lesson.uid}/"):
        page.goto(live_server.url + address)
    page.wait_for_timeout(500)
    assert kept_pages(page) == set()
