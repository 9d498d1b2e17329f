"""What people send becomes a clean file, or is refused with one sentence. Pillow does the reading, bounded."""

import io
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageChops, ImageOps

from leerorkest.shared.actions import Refused

MOST_BYTES = 12 * 1024 * 1024  # of one photo as a phone sends it
MOST_BYTES_OF_SIGNATURE = 400 * 1024
MOST_PIXELS = 80_000_000  # a JPEG is read at a fraction of its size; anything else is held whole in memory
MOST_PIXELS_HELD = 25_000_000
SMALLEST_SIDE = 32  # pixels
LONGEST_SIDE = 1600  # pixels, of what is kept
QUALITY = 82
SIGNATURE_SIZE = (1200, 500)  # pixels, of what is kept
LEAST_INK, LEAST_REACH = 40, 12  # pixels: dark ones, and the longest way between two of them

JPEG, PNG, PDF = "image/jpeg", "image/png", "application/pdf"
SUFFIXES = {JPEG: "jpg", PNG: "png", PDF: "pdf"}
BROKEN = (
    OSError, ValueError, SyntaxError, TypeError, IndexError, KeyError, OverflowError, EOFError, MemoryError,
    struct.error, zlib.error, Image.DecompressionBombError, Image.DecompressionBombWarning,
)  # fmt: skip
_NOT_A_PICTURE = _("This file is not a photo that we can read. Take the photo again, or save it as JPEG.")


class FileRefused(Refused):
    """One sentence about a file: what is wrong with it, and what to do."""


@dataclass(frozen=True)
class Clean:
    """Bytes that may be stored. Only the functions of this module make them."""

    media_type: str
    content: bytes


def re_encode(content: bytes) -> Clean:
    """A photo, drawn anew: upright, without metadata, at most 1600 pixels on its longest side, as JPEG."""
    _measure(content, MOST_BYTES)
    if content[4:12] in (b"ftypheic", b"ftypheix", b"ftypmif1", b"ftypheif"):
        raise FileRefused(_("This photo is in the HEIC format of an iPhone. Send it as JPEG."))
    with _reading(content, ("JPEG", "PNG", "WEBP")) as image:
        is_jpeg = image.format == "JPEG"
        _count(image, MOST_PIXELS if is_jpeg else MOST_PIXELS_HELD)
        if is_jpeg:
            image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # decodes at a fraction when it is much larger
            _count(image, MOST_PIXELS_HELD)
        upright = ImageOps.exif_transpose(image)
        upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
        drawn = _on_white(upright)
    out = io.BytesIO()
    drawn.save(out, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    return Clean(JPEG, out.getvalue())


def signature(content: bytes) -> Clean:
    """What somebody wrote on the glass: black on white, cut to its ink, as PNG. Without ink it is refused."""
    if len(content) > MOST_BYTES_OF_SIGNATURE:
        raise FileRefused(_("This signature is too large a file. Clear it and sign again."))
    _measure(content, MOST_BYTES_OF_SIGNATURE)
    with _reading(content, ("PNG",)) as image:
        _count(image, 4_000_000)
        ink = ImageChops.invert(_on_white(image).convert("L")).point(lambda value: 255 if value > 96 else 0)
        box = ink.getbbox()
        dark = ink.histogram()[255]
        if box is None or dark < LEAST_INK or max(box[2] - box[0], box[3] - box[1]) < LEAST_REACH:
            raise FileRefused(_("There is no signature yet. Sign with a finger, or choose to sign on paper."))
        drawn = ImageOps.expand(ImageChops.invert(ink.crop(box)), border=8, fill=255)
        drawn.thumbnail(SIGNATURE_SIZE, Image.Resampling.LANCZOS)
    out = io.BytesIO()
    drawn.save(out, "PNG", optimize=True)
    return Clean(PNG, out.getvalue())


def document(content: bytes) -> Clean:
    """A PDF that the site itself made."""
    assert content.startswith(b"%PDF-"), "only PDFs of our own are documents"
    return Clean(PDF, content)


def _measure(content: bytes, most: int) -> None:
    if not content.strip(b"\0"):
        raise FileRefused(_("This file is empty. Take the photo again."))
    if len(content) > most:
        raise FileRefused(_("This file is larger than %(most)s MB. Take a smaller photo."), most=most >> 20)


def _count(image: Image.Image, most: int) -> None:
    width, height = image.size
    if width * height > most:
        raise FileRefused(_("This picture has too many pixels. Take it with a lower setting of the camera."))
    if min(width, height) < SMALLEST_SIDE:
        raise FileRefused(_("This picture is too small to see anything. Take the photo again."))


def _on_white(image: Image.Image) -> Image.Image:
    """Only its colours: transparent parts on white, and nothing of what else the file carried."""
    if image.mode not in ("RGB", "L"):
        image = image.convert("RGBA")
    drawn = Image.new("RGB", image.size, "white")
    drawn.paste(image, mask=image if image.mode == "RGBA" else None)
    return drawn


@contextmanager
def _reading(content: bytes, formats: tuple[str, ...]) -> Iterator[Image.Image]:
    try:
        with Image.open(io.BytesIO(content), formats=formats) as image:
            yield image
    except BROKEN as problem:
        raise FileRefused(_NOT_A_PICTURE) from problem
