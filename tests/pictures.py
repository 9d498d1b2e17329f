"""Photos and signatures for tests, drawn when asked for: no picture of anybody is part of the project."""

import io
from typing import Any

from PIL import Image, ImageDraw


def photo(size: tuple[int, int] = (320, 240), form: str = "JPEG", **how: Any) -> bytes:
    """Something brown on something light, as a violin on a table."""
    image = Image.new("RGB", size, "#e8dcc8")
    draw = ImageDraw.Draw(image)
    width, height = size
    draw.ellipse((width * 0.1, height * 0.2, width * 0.6, height * 0.8), fill="#8a4b1c")
    draw.rectangle((width * 0.5, height * 0.45, width * 0.9, height * 0.55), fill="#2b1a0e")
    return saved(image, form, **how)


def signature(ink: bool = True, size: tuple[int, int] = (600, 200)) -> bytes:
    """A line on transparent glass, as a canvas gives it."""
    image = Image.new("RGBA", size, (0, 0, 0, 0))
    if ink:
        draw = ImageDraw.Draw(image)
        draw.line([(40, 120), (120, 40), (180, 150), (260, 60), (420, 130)], fill=(29, 27, 25, 255), width=6)
    return saved(image, "PNG")


def saved(image: Image.Image, form: str, **how: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **how)
    return out.getvalue()
