"""The scanner in Chromium: a fake camera films a label of ours, a hand scanner types, and the phone tells what came."""

import pytest
from playwright.sync_api import expect

from conftest import skip_or_fail
from leerorkest.shared.scanning import reader_files
from tests.camera import film, label_png, phone_that_films
from tests.cast import make_cast
from tests.pages import check_page, sign_in, watch

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ADDRESS = "https://orkest.example.org/i/K7M2Q9X4"
LISTEN = """() => {
    window.heard = [];
    window.tones = [];
    document.addEventListener("scan", (event) => {
        event.preventDefault();
        window.heard.push([event.detail.text, event.detail.by]);
    });
    const start = OscillatorNode.prototype.start;
    OscillatorNode.prototype.start = function (...when) {
        window.tones.push(this.type + " " + this.frequency.value);
        return start.apply(this, when);
    };
}"""


def scan(page, text):
    """What a hand scanner does."""
    page.keyboard.type(text)
    page.keyboard.press("Enter")


@pytest.fixture
def filming(browser_type, browser_type_launch_args, live_server, tmp_path):
    """A phone whose camera films one label, on the page that shows every part."""
    cast = make_cast()
    path = film(tmp_path, label_png(ADDRESS, "K7M2-Q9X4"))
    with phone_that_films(browser_type, browser_type_launch_args, path) as context:
        sign_in(context, live_server, cast.joost)
        page = context.new_page()
        watch(page)
        page.goto(f"{live_server.url}/style/")
        page.evaluate(LISTEN)
        yield page


def test_the_library_reads_a_label_off_the_camera_on_the_phone_itself(filming):
    if not reader_files():
        skip_or_fail("npm", "zxing-wasm is not here: ./run setup fetches it where npm is")
    asked = []
    filming.on("request", lambda request: asked.append(request.url))
    filming.get_by_role("button", name="Open the camera").click()
    filming.wait_for_function("() => window.heard.length === 1")
    assert filming.evaluate("window.heard") == [[ADDRESS, "camera"]]
    assert not [url for url in asked if url.endswith("/scan/")], "no picture leaves a phone that can read it"
    filming.wait_for_timeout(2_500)
    assert len(filming.evaluate("window.heard")) == 1, "a label that stays before the camera is told once"
    check_page(filming)  # no request to anybody else, no refusal of the content policy
    filming.get_by_role("button", name="Close the camera").click()
    expect(filming.locator(".scanner-view")).to_be_hidden()


def test_without_the_library_the_server_reads_the_label(filming):
    filming.route("**/zxing/**", lambda route: route.abort())
    filming.evaluate(
        "() => { for (const box of document.querySelectorAll('[data-scanner]')) delete box.dataset.module; }"
    )
    with filming.expect_response("**/scan/") as answer:
        filming.get_by_role("button", name="Open the camera").click()
        filming.wait_for_function("() => window.heard.length === 1")
    assert answer.value.status == 200
    assert filming.evaluate("window.heard") == [[ADDRESS, "camera"]]
    check_page(filming)


def test_a_hand_scanner_that_types_is_heard_wherever_the_focus_is(page, live_server):
    cast = make_cast()
    sign_in(page.context, live_server, cast.joost)
    page.goto(f"{live_server.url}/style/")
    page.evaluate(LISTEN)
    field = page.get_by_label("Code on the label")
    field.click()
    scan(page, ADDRESS)
    expect(field).to_have_value("")
    expect(field).to_be_focused()
    scan(page, ADDRESS)  # a scanner that reads twice
    page.locator("h1").click()  # the focus is nowhere
    scan(page, "K7M2Q9X5")
    page.wait_for_function("() => window.heard.length === 2")
    assert page.evaluate("window.heard") == [[ADDRESS, "keys"], ["K7M2Q9X5", "keys"]]
    for letter in "violin":  # a person types more slowly, and not into the scanner
        page.keyboard.type(letter)
        page.wait_for_timeout(80)
    page.keyboard.press("Enter")
    assert len(page.evaluate("window.heard")) == 2


def test_right_again_and_wrong_differ_in_sound_sign_and_words(page, live_server):
    cast = make_cast()
    sign_in(page.context, live_server, cast.joost)
    page.goto(f"{live_server.url}/style/")
    page.evaluate(LISTEN)
    page.get_by_label("Code on the label").click()
    looks = {}
    for said in ("right", "again", "wrong"):
        looks[said] = page.evaluate(
            """async (said) => {
                const { tell } = await import(document.querySelector("script[type=module]").src);
                const box = document.querySelector("[data-scanner]");
                window.tones = [];
                tell(box, said, `It is ${said}.`);
                const line = box.querySelector(".scanner-says");
                const sign = getComputedStyle(line, "::before").content;
                const { borderTopColor, borderTopStyle, borderTopWidth } = getComputedStyle(line);
                return [window.tones.join(), sign, [borderTopColor, borderTopStyle, borderTopWidth].join()];
            }""",
            said,
        )
        expect(page.locator("[data-scanner] .scanner-says")).to_have_text(f"It is {said}.")
    for aspect in range(3):
        assert len({look[aspect] for look in looks.values()}) == 3, looks
