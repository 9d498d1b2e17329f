"""Reading a QR code off a camera, for pages with the scanner (`shared/parts/scanner.html`).

The phone reads it itself, by the browser's own reader or by the library that set-up fetched. Where it has neither it
sends pictures here, one after another: each is read and forgotten.
"""

import io
import threading
import time
from typing import Any

import zxingcpp
from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.utils.csp import CSP
from django.views.decorators.csp import csp_override
from PIL import Image, UnidentifiedImageError

MOST_BYTES = 200_000
MOST_PIXELS = 1280 * 1280
PICTURES_A_SECOND = 4  # of one account, in one process of the server
AT_ONCE = 2

# The reader is WebAssembly: the pages that have a scanner may compile it, no other page may.
_SITE: dict[str, Any] = settings.SECURE_CSP
_POLICY = {**_SITE, "script-src": [*_SITE["script-src"], CSP.WASM_UNSAFE_EVAL]}
with_scanner = csp_override(_POLICY)  # for a view whose page includes the scanner


def reader_files() -> dict[str, str]:
    """Addresses of the library that reads codes in a browser; empty where set-up could not fetch it."""
    names = {"module": "shared/zxing/reader/index.js", "wasm": "shared/zxing/zxing_reader.wasm"}
    if not all(finders.find(name) for name in names.values()):
        return {}
    try:
        return {word: staticfiles_storage.url(name) for word, name in names.items()}
    except ValueError:  # fetched after the files were collected: from the next start on
        return {}


class NotAPicture(Exception):
    """It is no JPEG of the size that the scanner sends."""


def read_code(picture: bytes) -> str:
    """What the first QR code in a JPEG says; empty when there is none."""
    try:
        with Image.open(io.BytesIO(picture), formats=["JPEG"]) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise NotAPicture
            grey = opened.convert("L")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise NotAPicture from error
    found = zxingcpp.read_barcodes(grey, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode))
    return found[0].text[:500] if found else ""


class Turns:
    """Who may have a picture read now: a few at once, and each account a few a second."""

    def __init__(self) -> None:
        self._free = threading.BoundedSemaphore(AT_ONCE)
        self._lock = threading.Lock()
        self._last: dict[object, float] = {}

    def take(self, who: object, now: float | None = None) -> bool:
        now = time.monotonic() if now is None else now
        with self._lock:
            if now - self._last.get(who, -1.0) < 1 / PICTURES_A_SECOND:
                return False
            if not self._free.acquire(blocking=False):
                return False
            self._last = {key: at for key, at in self._last.items() if now - at < 1} | {who: now}
        return True

    def give_back(self) -> None:
        self._free.release()


TURNS = Turns()
