"""A gift on its way to children, and what its giver reads of it."""

import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from leerorkest.depot import actions
from leerorkest.depot.actions import NewInstrument, gifts
from leerorkest.depot.actions.refusals import NotThisStep
from leerorkest.depot.models import DonorLink, Gift, Instrument, Ownership
from leerorkest.depot.rules import Assessment
from leerorkest.people.rules import hash_of
from leerorkest.shared import clock
from leerorkest.shared.actions import System
from tests import make
from tests.counting import queries_of
from tests.make import NOW

pytestmark = pytest.mark.django_db
BY = {"by": System("test"), "at": NOW}


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=40))


def act(action, at=NOW, **inputs):
    return action(by=System("test"), at=at, handover_id=uuid.uuid4(), **inputs)


@pytest.fixture
def given(cast):
    """A violin that was given, with work to do, taken in by the depot."""
    donor = gifts.add_donor(organisation=cast.amsterdam, name="Familie De Boer", is_anonymous=False, contact="", **BY)
    gift = gifts.receive_gift(donor=donor, kind=cast.violin.kind, description="", came_in_on=NOW.date(), **BY)
    gifts.assess_gift(gift=gift, assessment=Assessment.WORK, note="", **BY)
    with pytest.raises(NotThisStep):
        act(gifts.take_in_gift, gift=gift, site=cast.depot, new=NewInstrument(kind=cast.violin.kind))
    gifts.refurbish_gift(gift=gift, **BY)
    once = {"gift": gift, "site": cast.depot, "new": NewInstrument(kind=cast.violin.kind, number="88")}
    first = gifts.take_in_gift(handover_id=uuid.UUID(int=1), **once, **BY)
    assert gifts.take_in_gift(handover_id=uuid.UUID(int=1), **once, **BY) == first  # the button pressed twice
    gift.refresh_from_db()
    return gift


def read(client, secret):
    page = client.post("/story/", {"secret": secret})
    return [line for told in page.context["stories"] for line in told.lines], page.content.decode()


def test_a_gift_becomes_an_instrument_of_the_organisation_and_stays_known_as_a_gift(cast, given):
    assert Ownership.objects.get(instrument=given.instrument).organisation == cast.amsterdam
    assert given.step == "taken_in"
    with pytest.raises(IntegrityError), transaction.atomic():
        Gift.objects.filter(pk=given.pk).update(instrument=cast.violin)


def test_the_giver_reads_counts_and_no_child_and_nothing_exact_of_the_first_child(client, cast, given):
    secret = gifts.make_donor_link(donor=given.donor, **BY)
    assert read(client, secret)[0] == ["It is ready, and waits for its first child."]
    instrument = Instrument.objects.get(pk=given.instrument_id)
    act(actions.issue_class_set, instruments=[instrument], site=cast.regenboog.site, at=NOW)
    day = timedelta(days=1)
    act(actions.lend, instrument=instrument, child=cast.amina, at=NOW + day - timedelta(hours=24))
    lines, html = read(client, secret)
    assert lines == ["It found its first child."]
    act(actions.give_back, instruments=[instrument], at=NOW + 15 * day)
    act(actions.lend, instrument=instrument, child=cast.dilan, at=NOW + 16 * day)
    lines, html = read(client, secret)
    assert lines[0] == "2 children have played it."
    assert "5 weeks" in lines[1]
    assert "Familie De Boer" in html
    for word in ("Amina", "Dilan", "Regenboog", ">5A", instrument.tag, "Depot Noord"):
        assert word not in html


def test_the_lessons_of_the_children_count_while_they_had_it(client, cast, given):
    secret = gifts.make_donor_link(donor=given.donor, **BY)
    instrument = Instrument.objects.get(pk=given.instrument_id)
    act(actions.issue_class_set, instruments=[instrument], site=cast.regenboog.site)
    lesson = cast.lesson  # begins at 7:45 in UTC; the gift came in at 8:00
    lesson.starts_at, lesson.ends_at = NOW + timedelta(minutes=100), NOW + timedelta(minutes=160)
    lesson.save()
    for child, start, back in ((cast.dilan, 30, 60), (cast.amina, 90, None)):
        act(actions.lend, instrument=instrument, child=child, at=NOW + timedelta(minutes=start))
        if back:
            act(actions.give_back, instruments=[instrument], at=NOW + timedelta(minutes=back))
    assert "It was there in 1 lesson." in read(client, secret)[0]


def test_a_link_works_until_it_is_taken_back_and_only_its_hash_is_kept(client, cast, given):
    donor = given.donor
    first = gifts.make_donor_link(donor=donor, **BY)
    second = gifts.make_donor_link(donor=donor, **BY)
    assert len(first) >= 22  # 128 bits
    assert DonorLink.objects.get(revoked_at=None).secret_hash == hash_of(second)
    assert "does not work" in client.post("/story/", {"secret": first}).content.decode()
    assert read(client, second)[0]
    gifts.revoke_donor_link(donor=donor, **BY)
    assert "does not work" in client.post("/story/", {"secret": second}).content.decode()
    with pytest.raises(IntegrityError), transaction.atomic():
        DonorLink.objects.update(revoked_at=None)
    assert "Boer" not in client.get("/story/").content.decode()


def test_who_stays_unnamed_is_named_nowhere_but_to_who_thanks_them(client, cast, given):
    given.donor.is_anonymous = True
    given.donor.save()
    secret = gifts.make_donor_link(donor=given.donor, **BY)
    assert "Boer" not in read(client, secret)[1]
    client.force_login(cast.joost)
    assert "Boer" not in client.get(f"/depot/instruments/{given.instrument.uid}/").content.decode()


def test_the_depot_walks_a_gift_through_its_steps(client, cast):
    client.force_login(cast.joost)
    form = {"organisation": cast.amsterdam.pk, "name": "Mevrouw Jansen", "kind": "violin", "came_in_on": "2026-11-20"}
    page = client.post("/depot/gifts/new/", form)
    row = Gift.objects.get()
    assert page.url == f"/depot/gifts/{row.uid}/"
    client.post(page.url, {"assessment": "playable", "note": ""})
    client.post(page.url, {"site": cast.depot.pk, "number": "99", "handover_id": str(uuid.uuid4())})
    assert Gift.objects.get().instrument.number == "99"
    link = client.post(f"/depot/donors/{row.donor.uid}/link/").content.decode()
    assert "/story/#" in link
    assert client.post(f"/depot/donors/{row.donor.uid}/link/revoke/").status_code == 302
    client.get("/depot/gifts/")  # shows the messages
    few = queries_of(client, "/depot/gifts/?all")
    for _ in range(2):
        make.make_gift(make.make_donor(cast.amsterdam))
    assert queries_of(client, "/depot/gifts/?all") == few
