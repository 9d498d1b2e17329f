"""Reserving and picking, as Joost and Sam meet them."""

import uuid
from datetime import timedelta

import pytest

from leerorkest.depot.models import Instrument, Pick, Reservation
from leerorkest.music.models import Size
from leerorkest.shared import clock
from tests import make
from tests.counting import queries_of

pytestmark = pytest.mark.django_db
NOW = make.NOW


@pytest.fixture(autouse=True)
def _noon(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(hours=3))


@pytest.fixture
def halves(cast):
    half = Size.objects.get_or_create(kind=make.make_kind(), code="1/2", defaults={"label": "½", "position": 3})[0]
    return [make.make_instrument(cast.depot, number=str(100 + n), size=half) for n in range(9)]


def form(cast, number, **more):
    return {
        "reservation_id": str(uuid.uuid4()),
        "site": cast.regenboog.site_id,
        "from_on": "2026-12-01",
        "line0-number": number,
        "line0-what": "violin:1/2",
        "line0-along": "bow",
        "line1-number": "",
        "line1-what": "",
        "line1-along": "",
        **more,
    }


def test_a_clash_is_said_in_words_and_one_press_takes_what_is_possible(client, cast, halves):
    client.force_login(cast.sam)
    sent = form(cast, 12)
    page = client.post("/depot/reservations/new/", sent).content.decode()
    assert "9 of 12 × Violin ½ are free on 1 December 2026" in page
    assert "9 × Violin ½, the same days" in page
    answer = client.post("/depot/reservations/new/", {**sent, "offer": "0:9"})
    made = Reservation.objects.get()
    assert answer.url == f"/depot/reservations/{made.pk}/"
    assert [line.number for line in made.lines.all()] == [9]
    assert "De Regenboog" in client.get("/depot/reservations/").content.decode()


def test_mistakes_on_the_form_are_named(client, cast, halves):
    client.force_login(cast.joost)
    page = client.post("/depot/reservations/new/", form(cast, "")).content.decode()
    assert "Say how many you need" in page
    page = client.post("/depot/reservations/new/", form(cast, 2, from_on="2026-01-01")).content.decode()
    assert "is over" in page
    page = client.post("/depot/reservations/new/", form(cast, 2, more="1"))
    assert len(page.context["lines"]) == 4
    assert not Reservation.objects.exists()


def test_joost_scans_hands_over_and_another_school_cannot_have_them(client, cast, halves):
    client.force_login(cast.joost)
    client.post("/depot/reservations/new/", form(cast, 2))
    made = Reservation.objects.get()
    url = f"/depot/reservations/{made.pk}/"
    page = client.get(url)
    assert [row.number for row in page.context["progress"][0].proposed] == ["100", "101"]
    for row in halves[:2]:
        sent = {"act": "pick", "tag": f"https://x/i/{row.tag.lower()}", "pick_id": str(uuid.uuid4())}
        assert client.post(url, sent).status_code == 302
        assert client.post(url, sent).status_code == 302  # pressed twice
    assert (
        "does not fit"
        in client.post(url, {"act": "pick", "tag": halves[2].tag, "pick_id": str(uuid.uuid4())}).content.decode()
    )
    assert (
        "not a whole code"
        in client.post(url, {"act": "pick", "tag": "x", "pick_id": str(uuid.uuid4())}).content.decode()
    )
    refused = client.post(
        "/depot/issue/", {"handover_id": str(uuid.uuid4()), "site": cast.koraal.site_id, "tags": halves[0].tag}
    )
    assert "is reserved for De Regenboog" in refused.content.decode()
    client.post(url, {"act": "release", "pick": str(Pick.objects.first().pk)})
    client.post(url, {"act": "hand_over", "handover_id": str(uuid.uuid4())})
    assert Instrument.objects.kept_by(cast.regenboog.site).count() == 1
    client.post(url, {"act": "cancel"})
    assert not Reservation.objects.open().exists()


@pytest.mark.parametrize(
    ("who", "status"), [("joost", 200), ("sam", 200), ("noor", 404), ("luca", 404), ("hanna", 404)]
)
def test_who_sees_a_reservation(client, cast, halves, who, status):
    client.force_login(cast.joost)
    client.post("/depot/reservations/new/", form(cast, 2))
    client.force_login(getattr(cast, who))
    assert client.get(f"/depot/reservations/{Reservation.objects.get().pk}/").status_code == status


def test_the_list_takes_the_same_queries_for_one_and_for_three(client, cast, halves):
    client.force_login(cast.joost)
    client.post("/depot/reservations/new/", form(cast, 1))
    one = queries_of(client, "/depot/reservations/")
    for _ in range(2):
        client.post("/depot/reservations/new/", form(cast, 1))
    assert queries_of(client, "/depot/reservations/") == one
