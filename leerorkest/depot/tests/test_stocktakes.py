"""A stocktake cannot lie: a frozen set, scans that arrive once, five lists, and an end that waits for every phone."""

import random
import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from leerorkest.depot import access, actions
from leerorkest.depot.actions import places, stocktakes
from leerorkest.depot.models import ExpectedInstrument, Stocktake, StocktakePhone, StocktakeScan
from leerorkest.depot.queries import stocktakes as queries
from leerorkest.depot.rules import Spot, Where, WhyOut, act_hash, new_tag, why_out
from leerorkest.people.access import actor_of
from leerorkest.shared.actions import System
from tests import make
from tests.make import NOW, TODAY

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=30)


def actor(account):
    return actor_of(account, TODAY)


def start(site, by, **values):
    return stocktakes.open_stocktake(site=site, by=by, at=NOW, stocktake_id=uuid.uuid4(), **values)


def scan_of(stocktake, text, *, device=None, number=1):
    return {
        "id": str(uuid.uuid4()),
        "stocktake": str(stocktake.pk),
        "text": text,
        "device": str(device or uuid.uuid4()),
        "device_sequence": number,
        "made_at": "2026-11-24T08:10:00.000+00:00",
    }


def scan(stocktake, *texts, by, at=LATER):
    return stocktakes.receive_scans(batch=[scan_of(stocktake, text) for text in texts], by=by, at=at)


def names(stocktake, of_list):
    return set(queries.listed(stocktake, of_list).values_list("tag", flat=True))


@pytest.fixture
def joost(cast):
    return actor(cast.joost)


@pytest.fixture
def shelf(cast):
    """Three violins on the shelf of the depot (one is number 17), and one that is lent from there."""
    two, three, lent = (make.make_instrument(cast.depot) for _ in range(3))
    actions.lend(instrument=lent, child=cast.amina, by=System("test"), at=NOW, handover_id=uuid.uuid4())
    return [cast.violin, two, three, lent]


def test_the_five_lists(cast, joost, shelf):
    here, also, missing, lent = shelf
    elsewhere = make.make_instrument(cast.regenboog.site)
    counting = start(cast.depot, joost)
    texts = [f"https://orkest.example.org/i/{here.tag}", also.tag.lower(), elsewhere.tag]
    assert [(receipt.outcome, receipt.stored) for receipt in scan(counting, *texts, by=joost)] == [
        ("here", True),
        ("here", True),
        ("misplaced", True),
    ]
    assert {name: names(counting, name) for name in queries.LISTS} == {
        "here": {here.tag, also.tag},
        "missing": {missing.tag},
        "misplaced": {elsewhere.tag},
        "unexpected": set(),
        "out": {lent.tag},
    }
    assert queries.counts(counting) == queries.Counts(3, 2, 1, 1, 0, 1, 0)
    assert queries.whys(counting, [elsewhere, lent]) == {elsewhere.pk: "Belongs at De Regenboog", lent.pk: "Lent"}


def test_every_odd_label_has_its_own_sentence_that_says_what_to_do(cast, joost, shelf):
    retired = make.make_instrument(cast.depot)
    actions.retire(instrument=retired, because="broken", by=System("test"), at=NOW)
    came = make.make_instrument(cast.depot)
    abroad = make.make_instrument(make.make_site(organisation=cast.curacao, sort="depot"))
    counting = start(cast.depot, joost)
    new = make.make_instrument(cast.depot, at=NOW)
    tag = shelf[0].tag
    swapped = "Z" + tag[1:] if tag[0] != "Z" else "Y" + tag[1:]
    said = scan(
        counting,
        *[
            tag,
            tag,
            shelf[3].tag,
            retired.tag,
            new.tag,
            abroad.tag,
            new_tag(random.Random(99)),
            swapped,
            "8712345678906",
        ],
        by=joost,
    )
    assert [receipt.outcome for receipt in said] == [
        *["here", "again", "out", "retired", "came", "elsewhere", "unknown", "damaged", "no_label"]
    ]
    assert len({receipt.sentence.split(" ", 3)[-1] for receipt in said}) == len(said)
    assert "again" not in said[0].sentence
    assert came.tag in names(counting, "missing")
    assert abroad.name not in said[5].sentence
    assert queries.counts(counting).unexpected == 5


def test_what_is_expected_is_frozen(cast, joost, shelf):
    counting = start(cast.depot, joost)
    make.make_instrument(cast.depot)
    assert ExpectedInstrument.objects.filter(stocktake=counting).count() == 4
    line = ExpectedInstrument.objects.first()
    for change in (
        lambda: ExpectedInstrument.objects.create(stocktake=counting, instrument=make.make_instrument(cast.depot)),
        lambda: ExpectedInstrument.objects.filter(pk=line.pk).update(why_out="lent"),
        lambda: line.delete(),
        lambda: Stocktake.objects.filter(pk=counting.pk).update(opened_at=LATER),
        lambda: Stocktake.objects.filter(pk=counting.pk).delete(),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


def test_what_changes_hands_meanwhile_is_not_missing(cast, joost, shelf):
    counting = start(cast.depot, joost)
    actions.lend(
        instrument=shelf[1],
        child=cast.dilan,
        by=System("test"),
        at=NOW + timedelta(minutes=5),
        handover_id=uuid.uuid4(),
    )
    assert shelf[1].tag in names(counting, "out")
    assert shelf[1].tag not in names(counting, "missing")
    scan(counting, shelf[1].tag, by=joost)
    assert shelf[1].tag in names(counting, "here")


def test_a_scan_that_is_sent_again_counts_once_and_hears_the_same(cast, joost, shelf):
    counting = start(cast.depot, joost)
    batch = [scan_of(counting, shelf[0].tag), scan_of(counting, shelf[0].tag)]
    first = stocktakes.receive_scans(batch=batch, by=joost, at=LATER)
    second = stocktakes.receive_scans(batch=[*batch, batch[0]], by=joost, at=LATER + timedelta(hours=1))
    assert second == [*first, first[0]]
    assert [receipt.outcome for receipt in first] == ["here", "again"]
    assert StocktakeScan.objects.count() == 2
    assert first[0].hash == act_hash(batch[0])
    changed = {**batch[0], "text": shelf[1].tag}
    (refused,) = stocktakes.receive_scans(batch=[changed], by=joost, at=LATER)
    assert refused.refused
    assert not refused.stored


@pytest.mark.parametrize(
    "spoil", [{"id": "x"}, {"text": 7}, {"made_at": "noon"}, {"device_sequence": -1}, {"text": "\x07"}]
)
def test_what_no_phone_sends_touches_nothing_else(cast, joost, shelf, spoil):
    counting = start(cast.depot, joost)
    batch = [{**scan_of(counting, shelf[0].tag), **spoil}, scan_of(counting, shelf[1].tag), 7]
    receipts = stocktakes.receive_scans(batch=batch, by=joost, at=LATER)
    assert [(receipt.refused, receipt.stored) for receipt in receipts] == [(True, False), (False, True), (True, False)]


def test_who_does_not_count_here_changes_nothing(cast, joost, shelf):
    counting = start(cast.depot, joost)
    (receipt,) = scan(counting, shelf[0].tag, by=actor(cast.luca))
    assert receipt.refused
    assert not StocktakeScan.objects.exists()


def test_finishing_waits_for_every_phone(cast, joost, shelf):
    counting = start(cast.depot, joost)
    sam, device, silent = actor(cast.sam), uuid.uuid4(), uuid.uuid4()
    stocktakes.hear_phone(stocktake=counting, device=device, pending=3, by=sam, at=LATER)
    stocktakes.hear_phone(stocktake=counting, device=silent, pending=0, by=joost, at=NOW)
    with pytest.raises(stocktakes.PhonesNotSynced) as refusal:
        stocktakes.finish_stocktake(stocktake=counting, by=joost, at=LATER)
    assert {phone.device for phone in refusal.value.phones} == {device, silent}
    assert "Joost Bos, Sam Visser" in str(refusal.value)
    stocktakes.hear_phone(stocktake=counting, device=device, pending=0, leaves=True, by=sam, at=LATER)
    with pytest.raises(stocktakes.NoReason):
        stocktakes.write_off_phone(stocktake=counting, device=silent, because=" ", by=sam, at=LATER)
    stocktakes.write_off_phone(stocktake=counting, device=silent, because="It fell.", by=sam, at=LATER)
    finished = stocktakes.finish_stocktake(stocktake=counting, by=sam, at=LATER + timedelta(hours=1))
    assert finished.finished_by == cast.sam
    with pytest.raises(stocktakes.AlreadyFinished):
        stocktakes.finish_stocktake(stocktake=counting, by=joost, at=LATER)


def test_a_phone_that_was_written_off_and_comes_back_is_waited_for_again(cast, joost, shelf):
    counting, device = start(cast.depot, joost), uuid.uuid4()
    stocktakes.hear_phone(stocktake=counting, device=device, pending=2, by=joost, at=NOW)
    stocktakes.write_off_phone(stocktake=counting, device=device, because="Lost", by=joost, at=NOW)
    stocktakes.hear_phone(stocktake=counting, device=device, pending=2, by=joost, at=LATER)
    assert not StocktakePhone.objects.get().written_off_at
    with pytest.raises(stocktakes.PhonesNotSynced):
        stocktakes.finish_stocktake(stocktake=counting, by=joost, at=LATER)


def test_after_the_end_a_scan_is_kept_aside_and_nothing_changes(cast, joost, shelf):
    counting = start(cast.depot, joost)
    scan(counting, shelf[0].tag, by=joost)
    counting = stocktakes.finish_stocktake(stocktake=counting, by=joost, at=LATER)
    before = queries.counts(counting)
    (receipt,) = scan(counting, shelf[1].tag, by=joost, at=LATER + timedelta(minutes=1))
    assert (receipt.stored, receipt.refused) == (False, False)
    assert [late.instrument for late in queries.late_scans(counting)] == [shelf[1]]
    after = queries.counts(counting)
    assert after == queries.Counts(**{**before.__dict__, "late": 1})
    (again,) = scan(counting, shelf[1].tag, by=joost, at=LATER + timedelta(minutes=2))
    assert not again.stored
    with pytest.raises(IntegrityError), transaction.atomic():
        StocktakeScan.objects.create(
            **{
                **{f.attname: getattr(StocktakeScan.objects.first(), f.attname) for f in StocktakeScan._meta.fields},
                "id": uuid.uuid4(),
                "outcome": "again",
                "is_late": False,
            }
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        Stocktake.objects.filter(pk=counting.pk).update(finished_at=None, finished_by=None)


def test_one_place_is_counted_once_at_a_time(cast, joost, shelf):
    first = start(cast.depot, joost)
    with pytest.raises(stocktakes.AlreadyOpen):
        start(cast.depot, joost)
    same = stocktakes.open_stocktake(site=cast.depot, by=joost, at=LATER, stocktake_id=first.pk)
    assert same == first
    with pytest.raises(stocktakes.NothingToCount):
        start(cast.koraal.site, joost)
    assert not Stocktake.objects.filter(site=cast.koraal.site).exists()


def test_only_one_kind_can_be_counted(cast, joost, shelf):
    trumpet = make.make_kind("trumpet", family="brass", name_en="Trumpet", name_nl="Trompet")
    horn = make.make_instrument(cast.depot, kind=trumpet)
    counting = start(cast.depot, joost, kind=trumpet)
    assert names(counting, "missing") == {horn.tag}
    (receipt,) = scan(counting, shelf[0].tag, by=joost)
    assert receipt.outcome == "other"


def test_one_shelf_can_be_counted_and_a_stray_is_told_its_right_shelf(cast, joost, shelf):
    for row, place in zip(shelf[:3], ("A1", "a2", "B1"), strict=True):
        places.move(
            instruments=[row],
            where=Where.SITE,
            site=cast.depot,
            shelf=place,
            by=joost,
            at=NOW,
            handover_id=uuid.uuid4(),
        )
    counting = start(cast.depot, joost, shelf="A")
    assert names(counting, "missing") == {shelf[0].tag, shelf[1].tag}
    first, stray = scan(counting, shelf[0].tag, shelf[2].tag, by=joost)
    assert (first.outcome, stray.outcome) == ("here", "misplaced")
    assert "belongs at Depot Noord, shelf B1" in stray.sentence
    assert queries.whys(counting, [shelf[1], shelf[2]]) == {
        shelf[1].pk: "Shelf a2",
        shelf[2].pk: "Belongs at Depot Noord, shelf B1",
    }


@pytest.mark.parametrize(
    ("spot", "due"),
    [
        (Spot(Where.SITE, 1, "A3"), None),
        (Spot(Where.SITE, 2), WhyOut.ELSEWHERE),
        (Spot(Where.HOME), WhyOut.LENT),
        (Spot(Where.TRANSIT, 1), WhyOut.TRANSIT),
        (Spot(Where.UNKNOWN), None),
    ],
)
def test_why_an_instrument_is_rightly_out(spot, due):
    assert why_out(spot, counted_at=1, stands_in_workshop=False) == due
    assert why_out(Spot(Where.SITE, 2), counted_at=1, stands_in_workshop=True) == WhyOut.WORKSHOP


def test_a_batch_costs_as_many_queries_for_one_scan_as_for_fifty(cast, joost, shelf, django_assert_max_num_queries):
    counting = start(cast.depot, joost)
    many = [make.make_instrument(cast.depot) for _ in range(50)]
    with django_assert_max_num_queries(24):
        scan(counting, shelf[0].tag, by=joost)
    with django_assert_max_num_queries(24):
        scan(counting, *[row.tag for row in many], by=joost)


def test_the_door(cast, shelf):
    counting = start(cast.depot, actor(cast.joost))
    seen = {
        name: access.stocktakes(actor(getattr(cast, name))).filter(pk=counting.pk).exists()
        for name in ("joost", "sam", "noor", "hanna", "ola", "luca")
    }
    assert seen == {"joost": True, "sam": True, "noor": False, "hanna": False, "ola": False, "luca": False}
