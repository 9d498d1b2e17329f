"""What belongs together travels together, or apart where somebody says so."""

import uuid
from datetime import timedelta

import pytest

from leerorkest.depot import actions
from leerorkest.depot.actions import kits
from leerorkest.depot.actions.refusals import AlreadyAKit, KitStays, NothingToJoin
from leerorkest.depot.models import Custody, Handover, Instrument, KitMembership
from leerorkest.depot.queries.kits import companions_of, least_worn_first, wear_of
from leerorkest.depot.rules import wear
from leerorkest.shared.actions import System
from tests import make
from tests.counting import queries_of
from tests.make import NOW

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def act(action, *, at=NOW, by=None, **inputs):
    return action(by=by or System("test"), at=at, handover_id=uuid.uuid4(), **inputs)


@pytest.fixture
def kit(cast):
    """Violin 17 with its bow and its case, kept by De Regenboog."""
    bow = make.make_instrument(cast.depot, number="3", kind=make.make_kind("violin-bow"))
    case = make.make_instrument(cast.depot, number="4", kind=make.make_kind("case"))
    act(kits.join, instruments=[cast.violin, bow, case], at=NOW - HOUR)
    return cast.violin, bow, case


def keepers(*instruments):
    return {Instrument.objects.with_parties().get(pk=row.pk).keeper.name for row in instruments}


def lent(*instruments):
    return set(Instrument.objects.lent().filter(pk__in=[row.pk for row in instruments]))


def test_a_kit_goes_out_and_comes_back_in_one_handover(cast, kit):
    violin, bow, case = kit
    issued = act(actions.issue_class_set, instruments=[bow], site=cast.regenboog.site)
    assert keepers(*kit) == {"De Regenboog"}
    assert set(Instrument.objects.of_handover(issued)) == set(kit)
    handed = act(actions.lend, instrument=violin, child=cast.amina, at=NOW + HOUR)
    assert Custody.objects.holders().filter(began_with=handed).count() == 3
    act(actions.give_back, instruments=[case], at=NOW + 2 * HOUR)
    assert lent(*kit) == set()
    act(actions.take_back, instruments=[violin], site=cast.depot, at=NOW + 3 * HOUR)
    assert keepers(*kit) == {"Depot Noord"}


def test_a_member_that_is_given_apart_leaves_the_others(cast, kit):
    violin, bow, _case = kit
    act(actions.issue_class_set, instruments=[violin], site=cast.regenboog.site)
    act(actions.lend, instrument=bow, child=cast.dilan, apart=True, at=NOW + HOUR)
    assert lent(*kit) == {bow}
    act(actions.lend, instrument=violin, child=cast.amina, at=NOW + 2 * HOUR)  # without the bow: Dilan has it
    assert Custody.objects.open().holders().get(instrument=bow).child == cast.dilan
    assert lent(*kit) == set(kit)
    act(actions.give_back, instruments=[violin], at=NOW + 3 * HOUR)
    assert lent(*kit) == {bow}


def test_an_instrument_is_in_one_kit_at_a_time_and_one_alone_is_no_kit(cast, kit):
    violin, bow, case = kit
    other = make.make_instrument(cast.depot)
    with pytest.raises(AlreadyAKit):
        act(kits.join, instruments=list(kit))
    with pytest.raises(NothingToJoin):
        act(kits.join, instruments=[other])
    act(kits.join, instruments=[other, bow])
    assert companions_of(violin) == [case]
    assert companions_of(bow) == [other]
    apart = act(kits.take_apart, instruments=[case], at=NOW + HOUR)
    assert companions_of(violin) == []  # it stayed behind alone
    assert KitMembership.objects.count() == 5  # what was, stays
    with pytest.raises(KitStays):
        act(actions.reverse, handover=apart, at=NOW + 2 * HOUR)


def test_the_least_worn_is_proposed_first(cast, django_assert_num_queries):
    assert wear(months_lent=10, repairs=2) == 22
    rows = [make.make_instrument(cast.depot, number=str(n)) for n in range(3)]
    act(actions.lend, instrument=rows[0], child=cast.amina, at=NOW - timedelta(days=80))
    act(actions.lend, instrument=rows[1], child=cast.dilan, at=NOW - timedelta(days=40))
    with django_assert_num_queries(1):
        assert least_worn_first(rows, NOW) == [rows[2], rows[1], rows[0]]
    assert wear_of(rows, NOW)[rows[0].pk] == pytest.approx(2.6, abs=0.1)


def test_the_page_of_a_kit(client, cast, kit):
    violin, bow, case = kit
    client.force_login(cast.joost)
    address = f"/depot/instruments/{violin.uid}/"
    assert bow.name in client.get(address).content.decode()
    with_two = queries_of(client, address)
    other = make.make_instrument(cast.depot, number="77")
    sent = {"handover_id": str(uuid.uuid4()), "instrument": [str(bow.uid), str(case.uid)], "tags": other.tag}
    assert client.post(f"{address}kit/", sent).status_code == 302
    assert len(companions_of(violin)) == 3
    client.get(address)  # shows the message
    assert queries_of(client, address) == with_two
    client.post(f"{address}kit/", {"handover_id": str(uuid.uuid4()), "tags": ""})
    assert companions_of(violin) == []


def test_who_lends_chooses_whether_it_goes_home_and_with_its_kit(client, cast, kit):
    violin, bow, _ = kit
    act(actions.issue_class_set, instruments=[violin], site=cast.regenboog.site)
    client.force_login(cast.noor)
    page = f"/depot/instruments/{violin.uid}/lend/?group={cast.group.pk}"
    assert bow.name in client.get(page).content.decode()
    sent = {"handover_id": str(uuid.uuid4()), "group": cast.group.pk, "child": str(cast.amina.uid), "apart": "on"}
    client.post(page, {**sent, "goes_home": "yes"})
    assert lent(*kit) == {violin}
    assert Handover.objects.get(pk=sent["handover_id"]).placements_begun.get().sort == "home"
