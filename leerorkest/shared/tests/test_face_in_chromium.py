"""The face in a real browser: accessible, within the screen, by keyboard, right to left, on paper."""

import pytest
from django.conf import locale
from playwright.sync_api import Page, expect

from tests.pages import check_page, check_page_everywhere, sign_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


@pytest.fixture
def as_sam(page: Page, live_server, cast) -> Page:
    sign_in(page.context, live_server, cast.sam)
    return page


def test_every_part_in_every_state_is_sound(as_sam, live_server):
    as_sam.goto(f"{live_server.url}/style/")
    check_page_everywhere(as_sam)
    as_sam.emulate_media(forced_colors="active")
    check_page(as_sam)


@pytest.mark.parametrize("address", ["/account/login/", "/account/password/reset/", "/about/", "/nowhere/"])
def test_pages_for_strangers_are_sound(page, live_server, cast, address):
    page.goto(f"{live_server.url}{address}")
    check_page_everywhere(page)


@pytest.mark.parametrize("address", ["/", "/account/password/change/", "/account/mfa/", "/account/mfa/webauthn/add/"])
def test_pages_for_who_works_here_are_sound(as_sam, live_server, address):
    as_sam.goto(f"{live_server.url}{address}")
    check_page_everywhere(as_sam)


def test_a_form_with_mistakes_leads_to_each_of_them(page, live_server, cast):
    page.goto(f"{live_server.url}/account/login/")
    page.get_by_label("E-mail address").fill("nobody@example.org")
    page.get_by_label("Password", exact=True).fill("wrong")
    page.get_by_role("button", name="Sign in with a password").click()
    expect(page.get_by_role("alert").filter(has_text="do not belong together")).to_be_visible()
    check_page(page)


def test_a_stranger_gets_round_by_keyboard(page, live_server, cast):
    page.goto(f"{live_server.url}/account/login/")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Go to the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    stops = []
    for _ in range(6):
        page.keyboard.press("Tab")
        stops.append(page.evaluate("document.activeElement.name || document.activeElement.textContent.trim()"))
        shown = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert shown == "solid", f"no focus shown on {stops[-1]}"
    assert stops[:4] == ["Sign in with a passkey", "login", "password", "Sign in with a password"]


def test_the_menu_opens_by_keyboard_and_signs_out(as_sam, live_server):
    as_sam.set_viewport_size({"width": 360, "height": 740})
    as_sam.goto(f"{live_server.url}/")
    as_sam.locator("summary").focus()
    as_sam.keyboard.press("Enter")
    expect(as_sam.get_by_role("button", name="Sign out")).to_be_visible()
    check_page(as_sam)
    as_sam.get_by_role("button", name="Sign out").press("Enter")
    expect(as_sam.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_the_language_can_be_switched_by_who_is_not_signed_in(page, live_server, cast):
    page.goto(f"{live_server.url}/about/")
    page.locator("summary").click()
    page.get_by_role("button", name="Papiamentu").click()
    expect(page.locator("html")).to_have_attribute("lang", "pap-cw")
    assert page.url.endswith("/about/")


def test_pages_turn_round_for_a_language_from_right_to_left(as_sam, live_server, settings, monkeypatch):
    monkeypatch.setitem(
        locale.LANG_INFO, "ar-xb", {"bidi": True, "code": "ar-xb", "name": "Pseudo", "name_local": "Pseudo"}
    )
    settings.LANGUAGES = [*settings.LANGUAGES, ("ar-xb", "Pseudo")]
    as_sam.context.add_cookies([{"name": "language", "value": "ar-xb", "url": live_server.url}])
    for address in ["/style/", "/", "/account/mfa/"]:
        as_sam.goto(f"{live_server.url}{address}")
        expect(as_sam.locator("html")).to_have_attribute("dir", "rtl")
        for width in (360, 1280):
            as_sam.set_viewport_size({"width": width, "height": 800})
            check_page(as_sam)
            brand, menu = as_sam.locator(".brand").bounding_box(), as_sam.locator(".menu").bounding_box()
            assert brand["x"] > menu["x"], "the brand stands at the start of the line, which is now at the right"


def test_paper_shows_the_content_alone(as_sam, live_server):
    as_sam.goto(f"{live_server.url}/style/")
    as_sam.emulate_media(media="print", color_scheme="dark")
    for chrome in [".site-head", ".site-nav", ".site-foot", ".toolbar", ".pager", ".screen-only"]:
        assert not as_sam.locator(chrome).first.is_visible(), chrome
    expect(as_sam.locator(".print-only")).to_be_visible()
    assert as_sam.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


def test_the_first_load_of_a_page_is_light(as_sam, live_server):
    weights = []
    as_sam.on("response", lambda response: weights.append(len(response.body())) if response.ok else None)
    as_sam.goto(f"{live_server.url}/", wait_until="networkidle")
    assert 0 < sum(weights) <= 150_000, "even before compression"


def test_nothing_moves_for_who_asks_for_rest(as_sam, live_server):
    as_sam.emulate_media(reduced_motion="reduce")
    as_sam.goto(f"{live_server.url}/style/")
    assert as_sam.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"
    assert as_sam.evaluate("document.getAnimations().length") == 0
