"""What holds for every page: accessible, within the screen, silent in the console, and no request to anybody else.

    def test_…(page, live_server):
        page.goto(…)
        check_page(page)               # as it stands now
        check_page_everywhere(page)    # at three widths, light and dark
    look(page, "lent")             # check, and keep a picture where LEERORKEST_PICTURES names a folder

The `page` fixture (conftest.py) watches from the start: requests, refusals of the content policy, errors.
"""

import os
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

import axe_playwright_python
from django.conf import settings
from django.test import Client
from playwright.sync_api import BrowserContext, Page

PICTURES = os.environ.get("LEERORKEST_PICTURES")
WIDTHS = {320: 640, 360: 740, 1280: 800}  # px: zoomed in, a phone, a laptop
RUN_AXE = """async () => {
    const result = await axe.run(document, {resultTypes: ['violations']});
    return result.violations.map(v => v.id + ': ' + v.help + '\\n' + v.nodes.map(n => '    ' + n.html +
        '\\n      ' + n.any.concat(n.all, n.none).map(c => c.message).join('; ')).join('\\n'));
}"""
TOO_WIDE = """() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    return [...document.querySelectorAll('body *')].filter(e => {
        const box = e.getBoundingClientRect();
        const out = box.width && (box.right > width + 1 || box.left < -1);
        return out && !e.closest('.table-wrap, .visually-hidden, pre');
    }).slice(0, 5).map(e => e.outerHTML.slice(0, 160));
}"""
SMALL_TARGETS = """() => [...document.querySelectorAll('button, summary, input, select, textarea, .button, nav a')]
    .filter(e => e.type !== 'hidden' && e.checkVisibility({visibilityProperty: true, opacityProperty: true}))
    .filter(e => !e.closest('.visually-hidden') && !['checkbox', 'radio'].includes(e.type))
    .filter(e => { const box = e.getBoundingClientRect(); return box.width && (box.height < 43.5 || box.width < 43.5) })
    .map(e => e.outerHTML.slice(0, 160))"""


@dataclass
class Watch:
    """What the browser did since the page was opened."""

    hosts: set[str] = field(default_factory=set)
    complaints: list[str] = field(default_factory=list)


_watches: WeakKeyDictionary[Page, Watch] = WeakKeyDictionary()


def watch(page: Page) -> Watch:
    seen = _watches[page] = Watch()
    page.on("request", lambda request: seen.hosts.add(urlsplit(request.url).netloc))
    page.on("pageerror", lambda error: seen.complaints.append(str(error)))
    page.on(
        "console",
        lambda message: (
            seen.complaints.append(message.text)
            # An error page that a test asked for is no mistake; a missing file is caught as a violation elsewhere.
            if message.type == "error" and "the server responded with a status of 4" not in message.text
            else None
        ),
    )
    return seen


def check_page(page: Page) -> None:
    """Fails with every fault of this page as it stands now."""
    page.wait_for_load_state()
    faults = [f"console: {complaint}" for complaint in _watches[page].complaints]
    strangers = _watches[page].hosts - {urlsplit(page.url).netloc, "127.0.0.1", ""}
    faults += [f"a request left for {host}" for host in strangers]
    faults += [f"wider than the screen: {html}" for html in page.evaluate(TOO_WIDE)]
    faults += [f"smaller than a thumb: {html}" for html in page.evaluate(SMALL_TARGETS)]
    faults += [f"axe: {violation}" for violation in _axe(page)]
    where = f"{page.url} at {page.viewport_size}"
    assert not faults, "\n".join([where, *faults])


def check_page_everywhere(page: Page) -> None:
    """At 320, 360 and 1280 px, light and dark."""
    before = page.viewport_size
    for width, height in WIDTHS.items():
        for scheme in ("light", "dark"):
            page.set_viewport_size({"width": width, "height": height})
            page.emulate_media(color_scheme=scheme)
            check_page(page)
    page.emulate_media(color_scheme="light")
    if before:
        page.set_viewport_size(before)


def wait_until(page: Page, count: int, of: str) -> None:
    """Until `of`, a function that promises a list, gives so many. (`wait_for_function` takes the promise for a yes.)"""
    for _ in range(150):
        if len(page.evaluate(of)) == count:
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"{len(page.evaluate(of))} and not {count}")


def look(page: Page, name: str) -> None:
    check_page(page)
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


def look_everywhere(page: Page, name: str) -> None:
    check_page_everywhere(page)
    if PICTURES:
        before = page.viewport_size
        for width in (360, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            page.screenshot(path=Path(PICTURES) / f"{name}-{width}.png", full_page=True)
        if before:
            page.set_viewport_size(before)


def sign_in(context: BrowserContext, live_server: Any, account: Any) -> None:
    """Whoever sits at this browser is `account` from now on."""
    client = Client()
    client.force_login(account)
    value = client.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": live_server.url}])


@cache
def _axe_source() -> str:
    return (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()


def _axe(page: Page) -> list[str]:
    # Evaluated, not added as a script: the content policy allows no script of a stranger.
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(_axe_source())
    return page.evaluate(RUN_AXE)
