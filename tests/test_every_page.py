"""Every page that somebody can reach by clicking, once: accessible, within 320 px, silent, without strangers.

Follows every link from the start page as each of the cast; a route is looked at once, by the first who reaches it.
"""

from urllib.parse import urlsplit

import pytest
from django.urls import Resolver404, resolve

from tests.pages import check_page, sign_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
FILES = ("pdf", "csv", "xlsx")
LINKS = "() => [...document.querySelectorAll('a[href]:not([download])')].map(link => link.href)"
WHO = ["sam", "noor", "joost", "ola", "hanna"]


def test_every_page_that_can_be_reached_is_sound(page, live_server, cast):
    looked_at: dict[str, str] = {}
    faults = []
    for name in WHO:
        page.context.clear_cookies()
        sign_in(page.context, live_server, getattr(cast, name))
        waiting, met = ["/"], {"/"}
        while waiting:
            address = waiting.pop(0)
            route = resolve(address).view_name
            if (route in looked_at and name == looked_at[route]) or any(kind in address for kind in FILES):
                continue
            answer = page.goto(f"{live_server.url}{address}")
            if "text/html" not in answer.headers.get("content-type", ""):
                continue
            if answer.status != 200:
                faults.append(f"{name} follows a link to {address}: {answer.status}")
                continue
            if route not in looked_at:
                looked_at[route] = name
                for width, scheme in [(320, "light"), (1280, "dark")]:
                    page.set_viewport_size({"width": width, "height": 740})
                    page.emulate_media(color_scheme=scheme)
                    try:
                        check_page(page)
                    except AssertionError as fault:
                        faults.append(f"{name}: {fault}")
            for link in page.evaluate(LINKS):
                path = urlsplit(link).path
                if link.startswith(live_server.url) and path not in met and _is_page(path):
                    met.add(path)
                    waiting.append(path)
    print(sorted(looked_at))
    assert not faults, "\n\n".join(faults)
    assert len(looked_at) >= 8, looked_at


def _is_page(path: str) -> bool:
    try:
        return resolve(path).view_name not in {"account_logout", None}
    except Resolver404:
        return False
