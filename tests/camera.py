"""A camera for browser tests: a Chromium of its own that films a real label, as our own printer makes it."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import BrowserContext, BrowserType

from leerorkest.depot import labels

WIDTH, HEIGHT = 640, 480
PHONE = {"width": 360, "height": 740}


def label_png(address: str, tag: str = "", words: str = "Violin ½", number: str = "17") -> bytes:
    return labels.pdf(labels.SHEETS["dymo-99012"], [labels.Label(address, tag, words, number)], form="png")


def film(folder: Path, *pictures: bytes, seconds_each: float = 2.0) -> Path:
    """A film in which each picture lies on a grey table for a while; at its end it starts over."""
    path = folder / "camera.y4m"
    with path.open("wb") as out:
        out.write(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F5:1 Ip A1:1 C420\n".encode())
        for picture in pictures:
            table = Image.new("RGB", (WIDTH, HEIGHT), (120, 120, 120))
            label = Image.open(io.BytesIO(picture)).convert("RGB")
            label.thumbnail((WIDTH * 3 // 4, HEIGHT * 3 // 4))
            turned = label.rotate(4, expand=True, fillcolor=(120, 120, 120), resample=Image.Resampling.BICUBIC)
            table.paste(turned, ((WIDTH - turned.width) // 2, (HEIGHT - turned.height) // 2))
            light, blue, red = table.convert("YCbCr").split()
            half = (WIDTH // 2, HEIGHT // 2)
            frame = light.tobytes() + blue.resize(half).tobytes() + red.resize(half).tobytes()
            out.write((b"FRAME\n" + frame) * round(5 * seconds_each))
    return path


@contextmanager
def phone_that_films(browser_type: BrowserType, launch_args: dict[str, Any], path: Path) -> Iterator[BrowserContext]:
    flags = [
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={path}",
    ]
    browser = browser_type.launch(**{**launch_args, "args": [*launch_args["args"], *flags]})
    try:
        yield browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True, service_workers="block")
    finally:
        browser.close()
