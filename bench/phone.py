"""The first load of a phone page: cold, over a slow line, in Chromium. Runs inside the site, on the filled town.

The line is "slow 3G" as WebPageTest has it: 400 kbit/s each way, 400 ms there and back. Files have the names and the
compression of production. Usable: the page stands and its scripts have run, so that a tap counts.
"""

import json
import shutil
import sys
import tempfile
import threading
import time
from importlib import import_module

from django.conf import settings
from django.contrib.auth import login
from django.core.management import call_command
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest
from playwright.sync_api import sync_playwright

from bench.measure import database_version
from bench.pages import lesson
from leerorkest.people.models import Account

LINE = {"offline": False, "latency": 400, "downloadThroughput": 400_000 / 8, "uploadThroughput": 400_000 / 8}
PHONE = {"width": 360, "height": 740}


class Silent(WSGIRequestHandler):
    def log_request(self, code: object = "", size: object = "") -> None: ...


def main() -> None:
    """Prints {page: {bytes, usable}} as JSON: bytes as they crossed the line, seconds."""
    path = next((found for name in ("chromium", "google-chrome") if (found := shutil.which(name))), None)
    if path is None:
        raise SystemExit("Chromium is not installed: apt install chromium")
    with tempfile.TemporaryDirectory() as folder:
        hashed = {"BACKEND": "leerorkest.shared.static_files.HashedFiles"}
        settings.STORAGES = {**settings.STORAGES, "staticfiles": hashed}
        settings.STATIC_ROOT, settings.DEBUG = folder, False
        call_command("collectstatic", interactive=False, verbosity=0)
        server = ThreadedWSGIServer(("127.0.0.1", 0), Silent)
        server.set_app(get_wsgi_application())
        threading.Thread(target=server.serve_forever, daemon=True).start()
        site, cookie = f"http://127.0.0.1:{server.server_port}", signed_in("noor")
        found = {
            "the week": load(path, site, cookie, "/lessons/"),
            "a register": load(path, site, cookie, f"/lessons/{lesson().uid}/"),
            "the start page": load(path, site, cookie, "/"),
        }
        server.shutdown()
    print(json.dumps({"database": database_version(), "pages": found}))


def signed_in(name: str) -> str:
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore()
    login(request, Account.objects.get(email=f"{name}@stad.example"), backend=settings.AUTHENTICATION_BACKENDS[0])
    request.session.save()
    assert request.session.session_key
    return request.session.session_key


def load(path: str, site: str, cookie: str, address: str) -> dict[str, float]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        context = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True, service_workers="block")
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": site}])
        tab = context.new_page()
        line = context.new_cdp_session(tab)
        line.send("Network.enable")
        line.send("Network.emulateNetworkConditions", LINE)
        crossed: list[float] = []
        line.on("Network.loadingFinished", lambda event: crossed.append(event["encodedDataLength"]))
        start = time.monotonic()
        answer = tab.goto(f"{site}{address}", wait_until="domcontentloaded")  # after it, every module has run
        usable = time.monotonic() - start
        assert answer, address
        assert answer.status == 200, f"{address}: {answer.status}"
        tab.wait_for_load_state()
        tab.wait_for_timeout(500)
        painted = tab.evaluate("performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0") / 1000
        files = tab.evaluate("performance.getEntriesByType('resource').length")
        browser.close()
    print(f"{address}: {files} files", file=sys.stderr)
    return {"bytes": sum(crossed), "usable": usable, "painted": painted}
