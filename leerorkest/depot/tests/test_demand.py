"""What will be needed and what can be spared, as the pages show it."""

import uuid
from datetime import date, timedelta

import pytest

from leerorkest.depot.actions import refusals, surplus
from leerorkest.depot.actions.reservations import Wanted
from leerorkest.depot.models import Surplus
from leerorkest.depot.queries.demand import offers, outlook, spells_of
from leerorkest.network.models import Site
from leerorkest.schools.models import Playing
from leerorkest.shared import clock
from leerorkest.shared.actions import System
from tests import make
from tests.counting import queries_of
from tests.make import NOW, TODAY

pytestmark = pytest.mark.django_db
BY = System("test")


@pytest.fixture(autouse=True)
def _noon(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(hours=3))


@pytest.fixture
def flutes(cast):
    """Ten in the depot; six children of 5A play one since August, three of them since the year before."""
    flute = make.make_kind("flute")
    for n in range(6):
        child = make.make_child(cast.group, f"Kind{n}")
        make.make_playing(child, flute, from_on=date(2025 if n % 2 else 2026, 8, 20))
    return [make.make_instrument(cast.depot, kind=flute) for _ in range(10)]


def offer(organisation, kind, number, **more):
    return surplus.offer(
        organisation=organisation,
        spare=Wanted(kind, None, number),
        by=BY,
        at=NOW,
        surplus_id=more.get("surplus_id") or uuid.uuid4(),
    )


def test_history_is_read_by_number_and_the_outlook_knows_stock_and_need(cast, flutes):
    spells = [spell for spell in spells_of(cast.amsterdam) if spell.kind == "flute"]
    assert {spell.cohort for spell in spells} == {2022}  # grade 5 in 2026
    assert {spell.grade(TODAY) for spell in spells} == {5}
    rows, tested = outlook(cast.amsterdam, TODAY)
    row = next(row for row in rows if row.kind.pk == "flute")
    assert (row.now, row.stock, row.free) == (6, 10, 10)
    assert len(row.expected) == 4
    assert row.spare == max(0, min(10, 10 - max(one.high for one in row.expected)))
    assert tested is not None
    assert [row.name for row in outlook(cast.curacao, TODAY)[0]] == []


def test_where_more_will_play_than_there_are_the_page_says_when_and_leads_to_asking(cast, flutes, client):
    Playing.objects.filter(kind="flute").update(from_on=date(2026, 8, 20))
    for row in flutes[:7]:
        type(row).objects.filter(pk=row.pk).update(retired_on=TODAY, retired_because="lost")
    client.force_login(cast.joost)
    page = client.get("/depot/outlook/").content.decode()
    assert "Short by" in page
    assert "/depot/requests/new/?what=flute%3A&amp;number=" in page
    assert "<svg" in page
    assert client.get("/depot/outlook/?what=nonsense&organisation=amsterdam").status_code == 200
    assert client.get("/depot/outlook/?organisation=curacao").status_code == 404


def test_more_than_can_be_spared_is_not_offered_and_a_new_offer_ends_the_old(cast, flutes):
    flute = flutes[0].kind
    with pytest.raises(surplus.NotToSpare) as refused:
        offer(cast.amsterdam, flute, 11)
    assert "10" in str(refused.value)
    first = offer(cast.amsterdam, flute, 4)
    again = uuid.uuid4()
    assert offer(cast.amsterdam, flute, 6, surplus_id=again) == offer(cast.amsterdam, flute, 6, surplus_id=again)
    assert Surplus.objects.open().get().number == 6
    with pytest.raises(refusals.OtherContent):
        offer(cast.amsterdam, flute, 5, surplus_id=again)
    with pytest.raises(surplus.NotOffered):
        surplus.end_offer(surplus=first, by=BY, at=NOW)
    with pytest.raises(surplus.NothingWanted):
        offer(cast.amsterdam, flute, 0)


def test_another_city_sees_kind_number_and_town_and_asks_with_one_tap(cast, flutes, client):
    offer(cast.amsterdam, flutes[0].kind, 9)
    type(flutes[0]).objects.filter(pk__in=[row.pk for row in flutes[:3]]).update(
        retired_on=TODAY, retired_because="lost"
    )
    assert [one.number for one in offers(Surplus.objects.open())] == [7]  # no more than are still there
    Site.objects.filter(pk=cast.depot.pk).update(town="Amsterdam")
    make.make_site("Depósito", organisation=cast.curacao, sort=Site.DEPOT)
    client.force_login(cast.luca)
    page = client.get("/depot/surplus/").content.decode()
    assert "7 × Flute" in page
    assert "Leerorkest Amsterdam, Amsterdam" in page
    assert not any(row.readable_tag in page for row in flutes)
    asking = client.get("/depot/requests/new/?of=amsterdam&what=flute:&number=7")
    assert asking.context["form"]["asked_of"].value() == "amsterdam"
    assert asking.context["lines"][0]["number"].value() == "7"
    client.force_login(cast.joost)
    page = client.get("/depot/surplus/")
    assert page.context["offers"] == []  # not one's own
    client.post("/depot/surplus/", {"act": "end", "surplus": str(Surplus.objects.open().get().pk)})
    assert not Surplus.objects.open().exists()


def test_what_could_be_spared_is_offered_with_one_press(cast, flutes, client):
    for _ in range(20):
        make.make_instrument(cast.depot, kind=flutes[0].kind)
    client.force_login(cast.sam)
    page = client.get("/depot/surplus/")
    row = next(row for row in page.context["spare"] if row.kind.pk == "flute")
    sent = {"act": "offer", "surplus_id": str(uuid.uuid4()), "number": str(row.spare), "what": row.value}
    assert client.post("/depot/surplus/", sent).status_code == 302
    assert Surplus.objects.open().get().number == row.spare
    assert (
        "you can spare"
        in client.post("/depot/surplus/", {**sent, "surplus_id": str(uuid.uuid4()), "number": "99"}).content.decode()
    )


def test_the_pages_take_the_same_queries_for_one_kind_and_for_three(cast, flutes, client):
    client.force_login(cast.joost)
    addresses = ("/depot/outlook/", "/depot/surplus/")
    before = [queries_of(client, address) for address in addresses]
    for code in ("oboe", "horn"):
        make.make_instrument(cast.depot, kind=make.make_kind(code, position=90))
    assert [queries_of(client, address) for address in addresses] == before
