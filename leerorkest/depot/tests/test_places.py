"""Where instruments stand and whose they are: by every handover, by hand, and on any date."""

import uuid
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from leerorkest.depot import actions, queries
from leerorkest.depot.actions import owners, places
from leerorkest.depot.actions.refusals import AlreadyStandsThere, NobodyHasItAtHome
from leerorkest.depot.models import Handover, Instrument, Ownership, Placement
from leerorkest.depot.rules import Spot, Where
from leerorkest.schools.models import Playing
from leerorkest.shared import clock
from leerorkest.shared.actions import System
from tests import make
from tests.counting import queries_of
from tests.make import NOW

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def act(action, *, at=NOW, by=None, **inputs):
    return action(by=by or System("test"), at=at, handover_id=uuid.uuid4(), **inputs)


def stands(instrument):
    return Placement.objects.open().get(instrument=instrument).spot


def issued(cast):
    act(actions.issue_class_set, instruments=[cast.violin], site=cast.regenboog.site)
    return cast.violin


def test_every_handover_sets_the_place_by_itself(cast):
    depot, school = Spot(Where.SITE, cast.depot.pk), Spot(Where.SITE, cast.regenboog.site_id)
    assert stands(cast.violin) == depot
    violin = issued(cast)
    assert stands(violin) == school
    act(places.move, instruments=[violin], where=Where.SITE, site=cast.regenboog.site, shelf="lokaal 4", at=NOW + HOUR)
    act(actions.lend, instrument=violin, child=cast.amina, goes_home=False, at=NOW + 2 * HOUR)
    act(actions.give_back, instruments=[violin], at=NOW + 3 * HOUR)
    assert stands(violin) == Spot(Where.SITE, cast.regenboog.site_id, "lokaal 4")  # it never left its room
    act(actions.lend, instrument=violin, child=cast.amina, goes_home=True, at=NOW + 4 * HOUR)
    assert stands(violin) == Spot(Where.HOME)
    act(actions.give_back, instruments=[violin], at=NOW + 5 * HOUR)
    assert stands(violin) == school
    act(actions.take_back, instruments=[violin], site=cast.depot, at=NOW + 6 * HOUR)
    assert stands(violin) == depot


def test_a_handover_that_is_undone_puts_things_back_where_they_stood(cast):
    act(places.move, instruments=[cast.violin], where=Where.SITE, site=cast.depot, shelf="A3", at=NOW - HOUR)
    made = act(actions.issue_class_set, instruments=[cast.violin], site=cast.regenboog.site)
    act(actions.reverse, handover=made, at=NOW + HOUR)
    assert stands(cast.violin) == Spot(Where.SITE, cast.depot.pk, "A3")
    lost = act(places.move, instruments=[cast.violin], where=Where.UNKNOWN, at=NOW + 2 * HOUR)
    assert set(Instrument.objects.lost()) == {cast.violin}
    act(actions.reverse, handover=lost, at=NOW + 3 * HOUR)
    assert stands(cast.violin) == Spot(Where.SITE, cast.depot.pk, "A3")
    given = act(owners.change_owner, instruments=[cast.violin], owner="Gemeente", at=NOW + 4 * HOUR)
    act(actions.reverse, handover=given, at=NOW + 5 * HOUR)
    assert Ownership.objects.open().get(instrument=cast.violin).organisation == cast.amsterdam


def test_it_goes_home_from_the_second_year_unless_the_school_chose_otherwise(cast):
    violin = issued(cast)
    goes = lambda: queries.places.goes_home(cast.regenboog.site, cast.amina, NOW.date())  # noqa: E731
    assert not goes()
    year_before = make.make_year(cast.amsterdam)
    year_before.pk, year_before.name = None, "2025-2026"
    year_before.first_on, year_before.last_on = date(2025, 8, 1), date(2026, 7, 31)
    year_before.save()
    Playing.objects.filter(child=cast.amina).update(from_on=date(2025, 9, 1))
    assert goes()
    set_rule = {"organisation": cast.amsterdam, "by": System("test"), "at": NOW}
    places.set_home_rule(site=cast.regenboog.site, home_from_year=0, **set_rule)
    assert not goes()
    places.set_home_rule(site=None, home_from_year=1, **set_rule)
    assert not goes()  # the school's own choice counts first
    places.set_home_rule(site=cast.regenboog.site, home_from_year=None, **set_rule)
    assert goes()
    act(actions.lend, instrument=violin, child=cast.amina, at=NOW + HOUR)
    assert stands(violin) == Spot(Where.HOME)


def test_a_move_that_moves_nothing_and_a_home_of_nobody_are_refused_by_name(cast):
    with pytest.raises(AlreadyStandsThere):
        act(places.move, instruments=[cast.violin], where=Where.SITE, site=cast.depot)
    with pytest.raises(NobodyHasItAtHome):
        act(places.move, instruments=[cast.violin], where=Where.HOME)
    with pytest.raises(actions.TooEarly):
        act(places.move, instruments=[cast.violin], where=Where.UNKNOWN, at=NOW - timedelta(days=91))


def refused_by_the_database(write, *arguments, **values):
    with pytest.raises(IntegrityError), transaction.atomic():
        write(*arguments, **values)


def test_the_database_refuses_to_rewrite_lose_or_double_a_place_or_an_owner(cast):
    violin = issued(cast)
    for model, changes in ((Placement, {"shelf": "Z"}), (Ownership, {"name": "Z", "organisation": None})):
        row = model.objects.open().get(instrument=violin)
        rows = model.objects.filter(pk=row.pk)
        what = {"sort": "unknown"} if model is Placement else {"name": "Y"}
        refused_by_the_database(rows.update, **changes)
        refused_by_the_database(rows._raw_delete, "default")
        refused_by_the_database(rows.update, ended_at=NOW - timedelta(days=400), ended_with=row.began_with)
        began = {"instrument": violin, "began_with": row.began_with, "started_at": NOW + HOUR}
        refused_by_the_database(model.objects.create, **began, **what)
    row = Placement.objects.open().get(instrument=violin)
    Placement.objects.filter(pk=row.pk).update(ended_at=NOW + HOUR, ended_with=row.began_with)
    gap = {"started_at": NOW + 2 * HOUR, "began_with": row.began_with}
    refused_by_the_database(Placement.objects.create, instrument=violin, sort="unknown", **gap)


def test_a_list_of_any_length_moves_in_a_few_statements(cast, django_assert_max_num_queries):
    rows = [make.make_instrument(cast.depot) for _ in range(30)]
    with django_assert_max_num_queries(20):
        act(places.move, instruments=rows, where=Where.SITE, site=cast.depot, shelf="B1")
    assert Placement.objects.open().filter(shelf="B1").count() == 30
    assert queries.places.shelves(cast.depot) == ["B1"]


# --- the pages --------------------------------------------------------------------------------------------
@pytest.fixture(autouse=True)
def _later(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=3))


def test_on_any_date_the_page_says_keeper_holder_place_and_owner_and_how(client, cast):
    act(actions.issue_class_set, instruments=[cast.violin], site=cast.regenboog.site, by=cast.joost)
    act(actions.lend, instrument=cast.violin, child=cast.amina, goes_home=True, at=NOW + HOUR, by=cast.noor)
    act(actions.give_back, instruments=[cast.violin], at=NOW + 26 * HOUR, by=cast.noor)
    act(owners.change_owner, instruments=[cast.violin], owner="Gemeente Amsterdam", at=NOW + 27 * HOUR, by=cast.sam)
    client.force_login(cast.joost)

    def facts(on, time=""):
        page = client.get(f"/depot/instruments/{cast.violin.uid}/", {"on": on, "time": time})
        return [(fact.words, fact.how) for fact in page.context["any_date"].facts], page.content.decode()

    day = NOW.date()
    (keeper, holder, place, owner), html = facts(day.isoformat())
    assert keeper[0] == "De Regenboog"
    assert "Joost Bos" in keeper[1]
    assert holder[0] == "A child"
    assert "Noor de Wit" in holder[1]
    assert "Amina" not in html
    assert place[1] == holder[1]
    assert owner[0] == cast.amsterdam.name
    assert facts((day + timedelta(days=1)).isoformat())[0][3][0] == "Gemeente Amsterdam"
    assert facts(day.isoformat(), "09:30")[0][1][0] == "Nobody"  # 8:30 in UTC: before the loan
    assert facts("2020-01-01")[0][0][1] == ""
    assert "any-date" in facts("2199-01-01")[1]  # still to come: said beside the field


def test_any_date_takes_the_same_queries_whatever_happened(client, cast):
    client.force_login(cast.joost)
    address = f"/depot/instruments/{issued(cast).uid}/?on=2026-11-24"
    few = queries_of(client, address)
    for n in range(1, 7, 2):
        act(actions.lend, instrument=cast.violin, child=cast.amina, goes_home=True, at=NOW + n * HOUR)
        act(actions.give_back, instruments=[cast.violin], at=NOW + (n + 1) * HOUR)
    assert queries_of(client, address) == few


def test_a_hand_scanner_reads_the_shelf_and_then_the_instruments(client, cast):
    client.force_login(cast.joost)
    shelf = f"https://leerorkest.example/depot/move/?site={cast.depot.pk}&shelf=A3"
    sent = {"handover_id": str(uuid.uuid4()), "where": "site", "tags": f"{shelf}\nhttps://x/i/{cast.violin.tag}\n"}
    assert client.post("/depot/move/", sent).status_code == 302
    assert stands(cast.violin) == Spot(Where.SITE, cast.depot.pk, "A3")
    client.post("/depot/move/", sent)
    assert Handover.objects.filter(sort="move").count() == 1
    page = client.get("/depot/move/", {"site": cast.depot.pk, "shelf": "A3"}).content.decode()
    assert 'value="A3"' in page
    labels = client.post("/depot/shelf-labels/", {"site": cast.depot.pk, "shelves": "A1\nA2", "sheet": "avery-l7160"})
    assert labels.content.startswith(b"%PDF")


def test_the_owner_of_a_list_is_what_was_typed_and_the_export_shows_it(client, cast):
    new = [
        actions.NewInstrument(kind=cast.violin.kind, number="91", owner="Gemeente Almere"),
        actions.NewInstrument(kind=cast.violin.kind, number="92", owner=cast.amsterdam.name.upper()),
    ]
    act(actions.take_in, site=cast.depot, instruments=new)
    assert Ownership.objects.filter(name="Gemeente Almere").count() == 1
    assert Ownership.objects.get(instrument__number="92").organisation == cast.amsterdam
    client.force_login(cast.joost)
    lines = b"".join(client.get("/depot/instruments.csv").streaming_content).decode()
    assert "Gemeente Almere" in lines
    assert cast.depot.name in lines
