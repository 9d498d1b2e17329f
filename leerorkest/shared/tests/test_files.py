"""What is kept of a file: nothing that was hidden in it, under a name that nobody guesses; the rest is refused."""

import io
import os
import struct
import zlib
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.http import Http404
from PIL import Image, ImageDraw

from leerorkest.shared import clock, files
from leerorkest.shared.actions import System
from leerorkest.shared.models import StoredFile
from tests.make import NOW
from tests.pictures import photo, saved, signature


@pytest.fixture
def folder(settings, tmp_path):
    settings.FILES = tmp_path / "files"
    return settings.FILES


def opened(clean: files.Clean) -> Image.Image:
    return Image.open(io.BytesIO(clean.content))


def store(clean: files.Clean) -> StoredFile:
    return files.store(clean, by=System("test"), at=NOW)


# --- photos -----------------------------------------------------------------------------------------------


def test_a_photo_loses_its_metadata_and_stands_upright():
    exif = Image.Exif()
    exif[0x0112] = 6  # turned a quarter
    exif[0x010F] = "Telefoonmerk"
    exif.get_ifd(0x8825)[2] = (52.0, 22.0, 12.0)  # where it was taken
    sent = photo((400, 200), exif=exif, comment=b"Amina Bakker")
    assert b"Telefoonmerk" in sent
    clean = files.re_encode(sent)
    kept = opened(clean)
    assert kept.size == (200, 400)
    assert not kept.getexif()
    assert set(kept.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "progressive", "progression"}
    assert b"Telefoonmerk" not in clean.content
    assert b"Amina" not in clean.content


def test_a_large_photo_is_kept_at_1600_pixels():
    clean = files.re_encode(photo((4000, 3000)))
    assert opened(clean).size == (1600, 1200)


@pytest.mark.parametrize("form", ["PNG", "WEBP", "JPEG"])
def test_photos_of_other_formats_become_jpeg(form):
    assert opened(files.re_encode(photo(form=form))).format == "JPEG"


def test_what_hangs_behind_a_picture_is_gone():
    payload = b"<script>alert(1)</script>" + os.urandom(400)
    clean = files.re_encode(photo(form="PNG") + payload)
    assert b"script" not in clean.content
    assert payload[30:60] not in clean.content


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">L", len(content)) + name + content + struct.pack(">L", zlib.crc32(name + content))


def png_bomb(side: int) -> bytes:
    """A few kB that would be side × side pixels."""
    head = struct.pack(">LLBBBBB", side, side, 1, 0, 0, 0, 0)
    rows = zlib.compress(b"\0" * ((side // 8 + 1) * side), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def text_bomb() -> bytes:
    """A small picture with a note that unpacks to 20 MB."""
    whole = photo((64, 64), "PNG")
    return whole[:33] + chunk(b"zTXt", b"Note\0\0" + zlib.compress(b"a" * 20_000_000, 9)) + whole[33:]


HOSTILE = {
    "an empty file": b"",
    "nothing but zeros": b"\0" * 1000,
    "an SVG called photo.jpg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "a page called photo.jpg": b"<!doctype html><script>alert(1)</script>",
    "a PDF": b"%PDF-1.7\n" + b"x" * 500,
    "a GIF": photo(form="GIF"),
    "50 MB": b"\xff\xd8\xff" + b"\0" * 50_000_000,
    "a bomb of pixels": png_bomb(6000),
    "a bomb of text": text_bomb(),
    "an iPhone's own format": b"\0\0\0\x18ftypheic" + b"\0" * 400,
    "cut in half": photo()[:1500],
    "only its first bytes": photo(form="PNG")[:24],
    "a dot": photo((3, 3)),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_photo_is_refused_in_a_sentence(what):
    with pytest.raises(files.FileRefused) as refused:
        files.re_encode(HOSTILE[what])
    assert 5 < len(str(refused.value).split()) <= 22
    assert "%(" not in str(refused.value)


def test_each_refusal_says_what_is_wrong():
    def said(what: str) -> str:
        with pytest.raises(files.FileRefused) as refused:
            files.re_encode(HOSTILE[what])
        return str(refused.value)

    assert "empty" in said("an empty file")
    assert "12 MB" in said("50 MB")
    assert "pixels" in said("a bomb of pixels")
    assert "HEIC" in said("an iPhone's own format")
    assert "too small" in said("a dot")


# --- signatures -------------------------------------------------------------------------------------------


def test_a_signature_is_cut_to_its_ink_in_black_on_white():
    kept = opened(files.signature(signature()))
    assert kept.format == "PNG"
    assert kept.size[0] < 420
    assert kept.convert("L").getextrema() == (0, 255)


def test_glass_without_ink_is_no_signature():
    dot = Image.new("RGBA", (600, 200), (0, 0, 0, 0))
    ImageDraw.Draw(dot).point([(10, 10), (11, 10)], fill="black")
    for sent in (signature(ink=False), saved(dot, "PNG")):
        with pytest.raises(files.FileRefused) as refused:
            files.signature(sent)
        assert "no signature" in str(refused.value)


@pytest.mark.parametrize("sent", [photo(), png_bomb(6000), b"x" * 500_000, b"<svg/>", b""])
def test_only_a_small_png_is_a_signature(sent):
    with pytest.raises(files.FileRefused):
        files.signature(sent)


# --- on disk ----------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_file_is_stored_under_a_name_by_chance_for_its_own_user(folder):
    clean = files.re_encode(photo())
    one, two = store(clean), store(clean)
    assert one.name != two.name
    assert len(one.name) == 32
    path = folder / one.name[:2] / one.name
    assert path.read_bytes() == clean.content
    assert path.stat().st_mode & 0o077 == 0
    assert one.bytes == len(clean.content)
    assert [p.name for p in path.parent.iterdir() if p.name.startswith(".")] == []


@pytest.mark.django_db
def test_a_stored_file_is_never_rewritten(folder):
    stored = store(files.re_encode(photo()))
    with pytest.raises(IntegrityError), transaction.atomic():
        StoredFile.objects.filter(pk=stored.pk).update(sha256="0" * 64)


@pytest.mark.django_db
def test_a_file_is_answered_as_an_attachment_that_runs_nothing(folder):
    answer = files.attachment(store(files.re_encode(photo())), 'viool "17"')
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["Content-Disposition"].startswith("attachment;")
    assert answer["Content-Disposition"].endswith('.jpg"')
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "no-store"
    assert answer["Content-Security-Policy"].startswith("sandbox")


@pytest.mark.django_db
def test_a_file_that_is_gone_is_not_found(folder, caplog):
    stored = store(files.re_encode(photo()))
    files.disk.path_of(stored.name).unlink()
    with pytest.raises(Http404):
        files.attachment(stored, "x")
    assert stored.name in caplog.text


@pytest.mark.django_db
def test_what_a_refused_act_left_behind_is_removed_a_day_later(folder):
    kept = store(files.re_encode(photo()))
    with pytest.raises(RuntimeError), transaction.atomic():
        lost = store(files.re_encode(photo()))
        raise RuntimeError
    files.disk.write(files.disk.path_of("ab" * 16), b"just now")
    now = clock.now()
    for name in (kept.name, lost.name):
        os.utime(files.disk.path_of(name), times=((now - timedelta(days=2)).timestamp(),) * 2)
    os.utime(files.disk.path_of("ab" * 16), times=(now.timestamp(),) * 2)
    call_command("files")
    assert files.disk.path_of(kept.name).exists()
    assert files.disk.path_of("ab" * 16).exists()
    assert not files.disk.path_of(lost.name).exists()
