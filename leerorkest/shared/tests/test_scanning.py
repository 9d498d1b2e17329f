"""The server reads a code for a phone that cannot; and refuses what is no picture, too large or too much."""

import io

import pytest
from django.urls import reverse
from PIL import Image

from leerorkest.shared import scanning
from tests.camera import label_png

pytestmark = pytest.mark.django_db
ADDRESS = "https://orkest.example.org/i/K7M2Q9X4"


@pytest.fixture
def joost(client, cast, monkeypatch):
    monkeypatch.setattr(scanning, "TURNS", scanning.Turns())
    client.force_login(cast.joost)
    return client


def jpeg(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.convert("RGB").save(out, "JPEG", quality=70)
    return out.getvalue()


def send(client, body):
    return client.post(reverse("shared:scan"), body, content_type="image/jpeg")


def test_a_label_is_read_and_an_empty_table_is_not(joost, monkeypatch):
    monkeypatch.setattr(scanning, "PICTURES_A_SECOND", 1_000_000)
    assert send(joost, jpeg(Image.open(io.BytesIO(label_png(ADDRESS))))).json() == {"text": ADDRESS}
    assert send(joost, jpeg(Image.new("L", (640, 480), 120))).json() == {"text": ""}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 413),
        (b"x" * (scanning.MOST_BYTES + 1), 413),
        (b"GIF89a" + b"0" * 50, 400),
        (b"\xff\xd8\xff\xe0" + b"0" * 50, 400),
        (label_png(ADDRESS), 400),  # a PNG: the scanner sends JPEG only
        (jpeg(Image.new("L", (1_300, 1_300))), 400),
    ],
)
def test_what_is_no_picture_of_a_scanner_is_refused(joost, body, status):
    assert send(joost, body).status_code == status


def test_one_account_cannot_keep_the_server_busy(joost):
    empty = jpeg(Image.new("L", (64, 64)))
    assert [send(joost, empty).status_code for _ in range(3)] == [200, 429, 429]


def test_a_few_pictures_at_once_and_no_more():
    turns = scanning.Turns()
    assert [turns.take(who, now=5.0) for who in range(scanning.AT_ONCE + 1)] == [True] * scanning.AT_ONCE + [False]
    turns.give_back()
    assert turns.take("somebody else", now=5.0)


def test_only_a_page_with_the_scanner_may_compile_webassembly(joost):
    with_one, without = (joost.get(reverse(name)) for name in ("shared:style", "shared:about"))
    assert "'wasm-unsafe-eval'" in with_one.headers["Content-Security-Policy"]
    assert "'wasm-unsafe-eval'" not in without.headers["Content-Security-Policy"]
    assert "'unsafe-eval'" not in with_one.headers["Content-Security-Policy"]
    assert "camera=(self)" in with_one.headers["Permissions-Policy"]
