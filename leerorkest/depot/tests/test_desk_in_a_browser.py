"""The desk at one phone: 12 instruments to 12 children, one of them without a signal; a class set; a return."""

import contextlib
import time

import pytest
from playwright.sync_api import Error, expect
from pypdf import PdfReader

from leerorkest.depot.models import Acceptance, ConditionReport, Custody, Handover, Instrument
from leerorkest.music.models import Size
from leerorkest.shared import clock
from tests import make, pictures
from tests.camera import film, label_png, phone_that_films
from tests.pages import look, sign_in, watch

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE = {"width": 360, "height": 740}
ACTS = "**/depot/desk/acts/"
WITHOUT_CAMERA = "navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', 'NotFoundError'))"


@pytest.fixture
def phone(browser):
    context = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True, service_workers="block", locale="nl")
    yield context
    context.close()


@pytest.fixture
def at_school(monkeypatch):
    """12 violins on the shelf of De Regenboog, 12 children in 5A."""
    from tests.cast import make_cast

    monkeypatch.setattr(clock, "now", lambda: make.NOW)
    cast = make_cast()
    for number in range(10):
        make.make_child(cast.group, f"Kind{number}", "Alexanderplein")
    violins = [make.make_instrument(cast.regenboog.site, number=str(number)) for number in range(101, 113)]
    return cast, violins


def scan(page, tag):
    """A hand scanner types the whole address off the label, and Enter."""
    field = page.locator(".scanner-text")
    field.fill(f"https://orkest.example.org/i/{tag}")
    field.press("Enter")


def step_is(page, step):
    expect(page.locator("#desk"), page.locator(".scanner-says").inner_text()).to_have_attribute("data-at", step)


def write_on_glass(page):
    canvas = page.locator("[data-glass] canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    left, top = box["x"] + 30, box["y"] + 60
    page.mouse.move(left, top)
    page.mouse.down()
    for step in range(1, 9):
        page.mouse.move(left + step * 22, top + (30 if step % 2 else -20))
    page.mouse.up()


def hand_out(page, tag, name, *, paper=False):
    scan(page, tag)
    step_is(page, "child")
    page.locator("label.row", has_text=name).click()
    step_is(page, "terms")
    page.get_by_role("button", name="Agreed: next").click()
    step_is(page, "picture")
    page.get_by_role("button", name="Without a photo").click()
    step_is(page, "sign")
    if paper:
        page.get_by_role("button", name="Signed on paper").click()
    else:
        write_on_glass(page)
        page.get_by_role("button", name="Signed: hand out").click()
    expect(page.locator("#done li").first).to_contain_text(name)


def open_desk(phone, live_server, cast, address=""):
    sign_in(phone, live_server, cast.noor)
    phone.add_cookies([{"name": "language", "value": "en", "url": live_server.url}])
    page = phone.new_page()
    watch(page)
    page.goto(f"{live_server.url}{address or f'/depot/desk/groups/{cast.group.pk}/'}")
    return page


def test_twelve_instruments_go_home_from_one_phone(phone, live_server, at_school):
    cast, violins = at_school
    page = open_desk(phone, live_server, cast)
    names = ["Amina", "Dilan", *[f"Kind{number}" for number in range(10)]]
    for violin, name in list(zip(violins, names, strict=True))[:10]:
        hand_out(page, violin.tag, name, paper=name == "Kind0")
    expect(page.locator("#done a")).to_have_count(10, timeout=30_000)

    scan(page, violins[0].tag)  # it went out a minute ago
    expect(page.locator(".scanner-says")).to_contain_text("handed out here already")
    scan(page, "ABCD1234")
    expect(page.locator(".scanner-says")).to_contain_text("not a whole code")

    phone.set_offline(True)
    hand_out(page, violins[10].tag, names[10])
    expect(page.locator("#outbox")).to_contain_text("1 not sent.", timeout=10_000)
    with contextlib.suppress(Error):
        page.goto("chrome://crash", timeout=2_000)  # the tab is killed
    page.close()
    phone.set_offline(False)
    page = phone.new_page()
    watch(page)
    page.goto(f"{live_server.url}/depot/desk/")
    for _ in range(60):
        if Handover.objects.filter(sort="lend").count() == 11:
            break
        page.wait_for_timeout(500)
    page.goto(f"{live_server.url}/depot/desk/groups/{cast.group.pk}/")
    hand_out(page, violins[11].tag, names[11])
    expect(page.locator("#done a")).to_have_count(1, timeout=30_000)

    held = dict(Custody.objects.open().holders().values_list("child__first_name", "instrument__number"))
    assert held == {name: violin.number for violin, name in zip(violins, names, strict=True)}
    assert Handover.objects.filter(sort="lend").count() == 12
    assert Acceptance.objects.filter(signed_on="glass", mark__isnull=False, pdf__isnull=False).count() == 11
    assert Acceptance.objects.get(signed_on="paper").mark is None
    look(page, "desk-after-twelve")


def test_twelve_labels_are_filmed_and_every_hand_out_has_its_photo(
    browser_type, browser_type_launch_args, live_server, at_school, tmp_path, record_property
):
    cast, violins = at_school
    made = [label_png(f"{live_server.url}/i/{violin.tag}", number=violin.number) for violin in violins]
    path = film(tmp_path, *made, seconds_each=1.6)
    with phone_that_films(browser_type, browser_type_launch_args, path) as phone:
        page = open_desk(phone, live_server, cast)
        page.get_by_role("button", name="Open the camera").click()
        start, taps, held = time.monotonic(), 0, {}
        for name in ["Amina", "Dilan", *[f"Kind{number}" for number in range(10)]]:
            expect(page.locator("#desk")).to_have_attribute("data-at", "child", timeout=40_000)  # a label came by
            held[name] = page.locator(".so-far").inner_text().removeprefix("Violin ")
            page.locator("label.row", has_text=name).click()
            page.get_by_role("button", name="Agreed: next").click()
            page.get_by_role("button", name="Take the photo").click()
            step_is(page, "sign")
            write_on_glass(page)
            page.get_by_role("button", name="Signed: hand out").click()
            expect(page.locator("#done li").first).to_contain_text(name)
            taps += 5  # the signature is one
        seconds = (time.monotonic() - start) / len(held)
        expect(page.locator("#done a")).to_have_count(12, timeout=30_000)
    assert dict(Custody.objects.open().holders().values_list("child__first_name", "instrument__number")) == held
    assert ConditionReport.objects.filter(picture__isnull=False).count() == 12
    assert taps / len(held) == 5
    line = f"desk: 12 instruments filmed, photographed, signed for: 5 taps and {seconds:.1f} s by script each"
    record_property("figure", line)


def test_each_step_of_a_hand_out_and_its_return_with_a_missing_bow(phone, live_server, at_school, tmp_path):
    cast, violins = at_school
    photo = {"name": "viool.jpg", "mimeType": "image/jpeg", "buffer": pictures.photo((1200, 900))}
    page = open_desk(phone, live_server, cast)
    look(page, "desk-scan")
    scan(page, violins[0].tag)
    look(page, "desk-child")
    page.locator("label.row", has_text="Amina").click()
    page.get_by_label("Language of the terms").select_option("ar")
    expect(page.locator("article[lang=ar]")).to_have_css("direction", "rtl")
    look(page, "desk-terms")
    page.get_by_role("button", name="Agreed: next").click()
    look(page, "desk-photo")
    page.get_by_label("Photo of the instrument").set_input_files(photo)
    write_on_glass(page)
    look(page, "desk-sign")
    page.get_by_role("button", name="Signed: hand out").click()
    expect(page.locator("#done a")).to_have_count(1, timeout=15_000)
    report = ConditionReport.objects.get()
    assert report.picture is not None
    assert {"case", "bow", "rosin"} <= set(report.accessories)

    page.goto(f"{live_server.url}/depot/desk/return/")
    scan(page, violins[1].tag)
    expect(page.locator(".scanner-says")).to_contain_text("is not lent to anybody")
    scan(page, violins[0].tag)
    expect(page.locator(".so-far")).to_contain_text("Amina")
    for word in ("Case", "Shoulder rest", "Shoulder sponge", "Rosin"):
        page.get_by_label(word, exact=True).check()
    look(page, "return-ticks")
    page.get_by_role("button", name="Next").click()
    expect(page.locator(".before img")).to_be_visible()
    look(page, "return-photo")
    page.get_by_label("Photo of the instrument").set_input_files(photo)
    page.get_by_label("To be cleaned").check()
    look(page, "return-next")
    page.get_by_role("button", name="Take back").click()
    page.locator("#done a").click(timeout=15_000)
    expect(page.get_by_text("Not there: Bow.")).to_be_visible()
    expect(page.locator("figure img")).to_have_count(2)
    look(page, "return-receipt")
    assert violins[0].cleanings.open().exists()


def test_one_signature_on_the_glass_for_a_class_set(phone, live_server, at_school):
    cast, _violins = at_school
    for number in range(24):
        make.make_instrument(cast.depot, number=str(200 + number), size=Size.objects.get(kind="violin", code="1/2"))
    sign_in(phone, live_server, cast.joost)
    phone.add_cookies([{"name": "language", "value": "en", "url": live_server.url}])
    page = phone.new_page()
    watch(page)
    half = Size.objects.get(kind="violin", code="1/2").pk
    page.goto(f"{live_server.url}/depot/issue/?kind=violin&size={half}&count=24")
    page.get_by_label("To which school").select_option("De Regenboog")
    page.get_by_role("button", name="Issue and sign").click()
    expect(page.get_by_text("One signature for 24 instruments.")).to_be_visible()
    page.get_by_label("Who signs, by name").fill("Hanna Smit")
    page.get_by_role("button", name="Signed", exact=True).click()
    expect(page.locator(".so-far")).to_contain_text("no signature")
    write_on_glass(page)
    look(page, "sign-class-set")
    page.get_by_role("button", name="Signed", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Signed agreement").click()
    assert Acceptance.objects.get().signer == "Hanna Smit"
    assert Instrument.objects.of_handover(Acceptance.objects.get().handover).count() == 24
    text = "".join(part.extract_text() for part in PdfReader(download.value.path()).pages)
    assert "Hanna Smit" in text


def test_the_desk_opens_in_flight_mode_and_sends_later(browser, live_server, at_school):
    cast, violins = at_school
    phone = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True)  # with its worker
    page = open_desk(phone, live_server, cast)
    address = page.url
    kept = """async (address) => {
        const request = indexedDB.open("pages", 1);
        request.onupgradeneeded = () => request.transaction.abort();
        await new Promise((resolve, reject) => { request.onsuccess = resolve; request.onerror = reject; });
        const all = request.result.transaction("pages").objectStore("pages").getAllKeys();
        await new Promise((resolve) => (all.onsuccess = resolve));
        request.result.close();
        return all.result.includes(address);
    }"""
    for _ in range(60):
        with contextlib.suppress(Error):
            if page.evaluate(kept, address):
                break
        page.wait_for_timeout(250)
    page.close()
    phone.set_offline(True)
    page = phone.new_page()
    page.goto(address)
    hand_out(page, violins[0].tag, "Amina")
    expect(page.locator("#outbox")).to_contain_text("1 not sent.", timeout=10_000)
    assert not Handover.objects.filter(sort="lend").exists()
    phone.set_offline(False)
    expect(page.locator("#done a")).to_have_count(1, timeout=40_000)
    assert Custody.objects.open().holders().get().child == cast.amina
    phone.close()
