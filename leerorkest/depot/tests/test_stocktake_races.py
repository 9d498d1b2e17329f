"""Four phones at once, each scan sent twice, one late; two coordinators who finish at once."""

import random
import uuid
from collections import Counter

import pytest

from leerorkest.depot.actions import stocktakes
from leerorkest.depot.models import Stocktake, StocktakeScan
from leerorkest.depot.queries import stocktakes as queries
from leerorkest.people.access import actor_of
from leerorkest.shared import audit
from leerorkest.shared.actions import Refused
from tests import make
from tests.cast import make_cast
from tests.make import NOW, TODAY
from tests.racing import at_once

from .test_stocktakes import LATER, scan_of, start

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def test_four_phones_scan_the_same_shelves_and_every_scan_counts_once():
    cast = make_cast()
    rows = [cast.violin, *[make.make_instrument(cast.depot) for _ in range(39)]]
    people = [actor_of(account, TODAY) for account in (cast.joost, cast.sam, cast.joost, cast.sam)]
    counting = start(cast.depot, people[0])

    def phone(number):
        chance, device = random.Random(number), uuid.uuid4()
        some = chance.sample(rows, 25)  # overlapping
        sent = [scan_of(counting, row.tag, device=device, number=n) for n, row in enumerate(some)]

        def work():
            receipts = []
            for begin in range(0, 25, 5):
                batch = sent[begin : begin + 5]
                first = stocktakes.receive_scans(batch=batch, by=people[number], at=LATER)
                second = stocktakes.receive_scans(batch=batch, by=people[number], at=LATER)  # the answer got lost
                assert second == first
                receipts += first
            return receipts

        return work

    receipts = [receipt for of_phone in at_once(*map(phone, range(4))) for receipt in of_phone]
    said = Counter(receipt.outcome for receipt in receipts)
    scanned = {scan.instrument_id for scan in StocktakeScan.objects.all()}
    assert StocktakeScan.objects.count() == len(receipts) == 100
    assert said == {"here": len(scanned), "again": 100 - len(scanned)}
    found = queries.counts(counting)
    assert (found.here, found.missing) == (len(scanned), 40 - len(scanned))
    assert list(audit.broken_links()) == []


def test_of_two_who_finish_at_once_one_wins_and_a_late_scan_is_kept_aside():
    cast = make_cast()
    joost, sam = (actor_of(account, TODAY) for account in (cast.joost, cast.sam))
    rows = [make.make_instrument(cast.depot) for _ in range(8)]
    counting = start(cast.depot, joost)
    sent = [scan_of(counting, row.tag) for row in rows]

    def finish(by):
        def work():
            try:
                stocktakes.finish_stocktake(stocktake=counting, by=by, at=LATER)
            except Refused as refusal:
                return type(refusal).__name__
            return "finished"

        return work

    def phone():
        return Counter(stocktakes.receive_scans(batch=[one], by=joost, at=LATER)[0].stored for one in [*sent, *sent])

    given = at_once(finish(joost), finish(sam), phone)
    finished = [outcome for outcome in given if isinstance(outcome, str)]
    assert sorted(finished) == ["AlreadyFinished", "finished"]
    counting = Stocktake.objects.get()
    in_time, late = queries.counts(counting).here, queries.counts(counting).late
    assert in_time + late == 8  # none was lost, none counted twice
    (last,) = stocktakes.receive_scans(batch=[scan_of(counting, cast.violin.tag)], by=sam, at=NOW)
    assert not last.stored
    assert queries.counts(counting).here == in_time
    assert {scan.tag for scan in queries.late_scans(counting)} >= {cast.violin.tag}
