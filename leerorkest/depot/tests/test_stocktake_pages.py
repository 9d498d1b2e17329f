"""The pages of a stocktake: who may, what they say, and that they stay small however long the lists."""

import json
import uuid
from datetime import timedelta

import pytest
from django.urls import reverse

from leerorkest.depot import actions
from leerorkest.depot.actions import stocktakes
from leerorkest.depot.models import Placement, Stocktake, StocktakeScan
from leerorkest.shared import clock
from leerorkest.shared.actions import System
from tests import make
from tests.counting import queries_of
from tests.make import NOW

from .test_stocktakes import LATER, actor, scan, scan_of, start

pytestmark = pytest.mark.django_db


@pytest.fixture
def joost(client, cast, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: LATER)
    client.force_login(cast.joost)
    return client


@pytest.fixture
def counting(cast):
    make.make_instrument(cast.depot)
    return start(cast.depot, actor(cast.joost))


def address(name, counting, **more):
    return reverse(f"depot:{name}", kwargs={"pk": counting.pk, **more})


def send(client, *scans):
    return client.post(reverse("depot:stocktake_scans"), json.dumps({"scans": scans}), content_type="application/json")


def test_a_stocktake_is_started_and_scanned_without_a_script(joost, cast):
    form = {"stocktake_id": str(uuid.uuid4()), "site": cast.depot.pk, "kind": "", "shelf": ""}
    assert joost.post(reverse("depot:open_stocktake"), form).status_code == 302
    assert joost.post(reverse("depot:open_stocktake"), form).status_code == 302  # pressed twice
    made = Stocktake.objects.get()
    other = joost.post(reverse("depot:open_stocktake"), {**form, "stocktake_id": str(uuid.uuid4())})
    assert "is being counted already" in other.content.decode()
    one = {"scan_id": str(uuid.uuid4()), "device": str(uuid.uuid4()), "tag": cast.violin.tag}
    said = joost.post(address("stocktake", made), one, follow=True).content.decode()
    assert "Violin 17 is here." in said
    assert "1 of 1 are here." in said


def test_scans_come_in_as_json_and_go_out_as_receipts(joost, cast, counting):
    one = scan_of(counting, cast.violin.tag)
    (receipt,) = send(joost, one).json()["receipts"]
    assert receipt["id"] == one["id"]
    assert (receipt["stored"], receipt["outcome"], receipt["refused"]) == (True, "here", False)
    assert joost.get(reverse("depot:stocktake_scans")).json()["account"] == str(cast.joost.uid)
    forged = joost.post(
        reverse("depot:stocktake_scans"), "{}", content_type="application/json", headers={"x-account": "somebody"}
    )
    assert forged.status_code == 403
    for body, status in ((b"[]", 400), (b"{", 400), (b"x" * 100_001, 413)):
        assert joost.post(reverse("depot:stocktake_scans"), body, content_type="application/json").status_code == status
    assert send(joost, *[one] * 101).status_code == 413


def test_the_phone_gets_what_it_needs_to_answer_by_itself(joost, cast, counting):
    found = joost.get(address("stocktake_expected", counting)).json()
    assert found["tags"][cast.violin.tag] == ["Violin 17", ""]


def test_phones_announce_themselves_and_are_written_off_by_name(joost, cast, counting):
    device = uuid.uuid4()
    said = joost.post(address("stocktake_phone", counting), {"device": device, "pending": 2}).json()
    assert said["phones"] == [
        {"device": str(device), "name": "Joost Bos", "pending": 2, "waits": True, "left": False, "written_off": ""}
    ]
    page = joost.post(address("finish_stocktake", counting), follow=True).content.decode()
    assert "Not every scan has arrived: Joost Bos." in page
    assert "Write off" in page
    off = address("write_off_phone", counting, device=device)
    assert joost.post(off, {"because": ""}).status_code == 200
    assert joost.post(off, {"because": "Fell off the ladder"}).status_code == 302
    finished = joost.post(address("finish_stocktake", counting), follow=True).content.decode()
    assert "Fell off the ladder" in finished
    assert "Nothing in it changes any more" in finished


def test_what_stays_missing_is_lost_and_its_keeper_stays(joost, cast, counting):
    stocktakes.finish_stocktake(stocktake=counting, by=actor(cast.joost), at=LATER)
    form = {"handover_id": uuid.uuid4(), "instrument": [cast.violin.uid]}
    assert "marked as lost" in joost.post(address("stocktake_lost", counting), form, follow=True).content.decode()
    assert Placement.objects.open().get(instrument=cast.violin).sort == "unknown"
    row = type(cast.violin).objects.with_parties().get(pk=cast.violin.pk)
    assert row.keeper == cast.depot


def test_nothing_is_lost_while_people_still_count(joost, cast, counting):
    sent = {"handover_id": str(uuid.uuid4()), "instrument": [str(cast.violin.uid)]}
    assert "still count" in joost.post(address("stocktake_lost", counting), sent, follow=True).content.decode()
    assert not Placement.objects.open().filter(sort="unknown").exists()


def test_the_results_as_a_page_and_as_a_file(joost, cast, counting):
    elsewhere = make.make_instrument(cast.regenboog.site, number="=9")
    scan(counting, cast.violin.tag, elsewhere.tag, "QQQQQQQQ", by=actor(cast.joost))
    page = joost.get(address("stocktake_results", counting) + "?list=misplaced").content.decode()
    assert "Belongs at De Regenboog" in page
    assert '<h2 id="list">Misplaced</h2>' in page
    file = b"".join(joost.get(address("stocktake_export", counting))).decode()
    assert f"Here;{cast.violin.tag};17;Violin;;Depot Noord;" in file
    assert f"Misplaced;{elsewhere.tag};'=9;Violin;;De Regenboog;Belongs at De Regenboog" in file
    assert file.count("Missing;") == 1


def test_a_child_who_holds_one_stands_on_no_list_and_in_no_file(joost, cast):
    actions.lend(
        instrument=cast.violin,
        child=cast.amina,
        by=System("test"),
        at=NOW - timedelta(hours=1),
        handover_id=uuid.uuid4(),
    )
    counting = start(cast.depot, actor(cast.joost))
    assert "Amina" not in b"".join(joost.get(address("stocktake_export", counting))).decode()


@pytest.mark.parametrize("name", ["missing", "here", "misplaced", "unexpected", "out"])
def test_a_list_costs_as_many_queries_for_one_as_for_three(joost, cast, name):
    def fill(number):
        rows = [make.make_instrument(cast.depot) for _ in range(number)]
        made = start(cast.depot, actor(cast.joost))
        strays = [make.make_instrument(cast.regenboog.site) for _ in range(number)]
        came = [make.make_instrument(cast.depot) for _ in range(number)]
        scan(made, *[row.tag for row in [*rows, *strays, *came]], by=actor(cast.joost))
        return made

    first = fill(1)
    address_of = address("stocktake_results", first) + f"?list={name}"
    one = queries_of(joost, address_of)
    stocktakes.finish_stocktake(stocktake=first, by=actor(cast.joost), at=LATER)
    assert queries_of(joost, address("stocktake_results", fill(3)) + f"?list={name}") <= one + 1
    assert StocktakeScan.objects.exists()
