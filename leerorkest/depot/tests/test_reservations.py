"""What is promised holds: by kind and size, for a period, against everything else that takes from a shelf."""

import random
import uuid
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from leerorkest.depot import actions
from leerorkest.depot.actions import reservations
from leerorkest.depot.actions.capacity import AllReserved, ReservedForAnother
from leerorkest.depot.actions.reservations import NotEnough, Wanted
from leerorkest.depot.models import Custody, Instrument, Pick, Reservation, ReservationLine
from leerorkest.depot.queries.reservations import stock_of
from leerorkest.depot.rules import Stock, Taking, breaks_a_promise, clash_of
from leerorkest.music.models import Size
from leerorkest.shared.actions import System
from tests import make
from tests.make import NOW, TODAY

BY = System("test")
MARCH, APRIL, JUNE = date(2027, 3, 1), date(2027, 4, 1), date(2027, 6, 1)


# --- the rule -------------------------------------------------------------------------------------------
def test_the_clash_rule_agrees_with_counting_every_day():
    chance = random.Random(7)
    first = date(2026, 9, 1)
    last = first + timedelta(days=40)

    def day(low=0, high=30):
        return first + timedelta(days=chance.randrange(low, high))

    def taking(number):
        start = day()
        return Taking(number, start, start + timedelta(days=chance.randrange(1, 12)) if chance.random() < 0.7 else None)

    refused = 0
    for _ in range(1500):
        stock = Stock(
            here=chance.randrange(6),
            back=tuple((day(), chance.randrange(1, 4)) for _ in range(chance.randrange(3))),
            taken=tuple(taking(chance.randrange(1, 3)) for _ in range(chance.randrange(4))),
        )
        wanted = taking(chance.randrange(1, 7))
        until = wanted.until_on or last + timedelta(days=30)
        days = [wanted.from_on + timedelta(days=n) for n in range((until - wanted.from_on).days)]
        free = {
            d: stock.here
            + sum(number for on, number in stock.back if on <= d)
            - sum(t.number for t in stock.taken if t.from_on <= d and (t.until_on is None or d < t.until_on))
            for d in days
        }
        clash = clash_of(stock, wanted)
        short = [d for d in days if free[d] < wanted.number]
        assert (clash is None) == (not short)
        if clash:
            refused += 1
            assert (clash.on, clash.free) == (short[0], max(0, free[short[0]]))
            assert clash.fewer == max(0, min(free.values()))
            starts = [d for d in days[1:] if all(free[e] >= wanted.number for e in days if e >= d)]
            assert clash.later == (starts[0] if starts else None)
    assert 300 < refused < 1400


def test_a_promise_is_broken_only_by_what_makes_a_day_worse():
    promised = Stock(here=3, taken=(Taking(3, MARCH),))
    assert breaks_a_promise(promised, Stock(here=2, taken=promised.taken), TODAY) == MARCH
    assert breaks_a_promise(promised, Stock(here=2, taken=(Taking(2, MARCH),)), TODAY) is None
    short_already = Stock(here=1, taken=(Taking(3, MARCH),))
    assert breaks_a_promise(short_already, short_already, TODAY) is None


# --- reserving ------------------------------------------------------------------------------------------
pytestmark = pytest.mark.django_db


@pytest.fixture
def half():
    kind = make.make_kind()
    return Size.objects.get_or_create(kind=kind, code="1/2", defaults={"label": "½", "position": 3})[0]


@pytest.fixture
def twelve(cast, half):
    return [make.make_instrument(cast.depot, number=str(100 + n), size=half) for n in range(12)]


def reserve(cast, half, number, from_on=MARCH, until_on=None, *, site=None, reservation_id=None, **more):
    return reservations.reserve(
        organisation=cast.amsterdam,
        site=(site or cast.regenboog).site,
        wanted=[Wanted(half.kind, half, number, "bow")],
        from_on=from_on,
        until_on=until_on,
        by=BY,
        at=NOW,
        reservation_id=reservation_id or uuid.uuid4(),
        **more,
    )


def issue(cast, rows, school=None, at=NOW, **more):
    handover_id = more.pop("handover_id", None) or uuid.uuid4()
    site = (school or cast.regenboog).site
    return actions.issue_class_set(instruments=rows, site=site, by=BY, at=at, handover_id=handover_id)


def fresh(instrument):
    return Instrument.objects.get(pk=instrument.pk)


def free_on(cast, half, day):
    return stock_of(cast.amsterdam.pk, [(half.kind_id, half.pk)], TODAY)[half.kind_id, half.pk].free_on(day)


def test_twelve_are_reserved_and_a_thirteenth_is_refused_with_its_reason(cast, half, twelve):
    reserve(cast, half, 9, MARCH, APRIL)
    with pytest.raises(NotEnough) as refused:
        reserve(cast, half, 12, MARCH, JUNE, site=cast.koraal)
    assert str(refused.value) == ("3 of 12 × Violin ½ are free on 1 March 2027; 9 come back on 1 April 2027.")
    assert reservations.offers_of(refused.value) == [(12, APRIL), (3, None)]
    reserve(cast, half, 12, APRIL, JUNE, site=cast.koraal)
    assert free_on(cast, half, MARCH) == 3
    assert free_on(cast, half, APRIL) == 0
    assert free_on(cast, half, JUNE) == 12


def test_the_same_reservation_sent_twice_is_made_once_and_other_content_is_refused(cast, half, twelve):
    one = uuid.uuid4()
    assert reserve(cast, half, 5, reservation_id=one) == reserve(cast, half, 5, reservation_id=one)
    assert Reservation.objects.count() == 1
    with pytest.raises(actions.OtherContent):
        reserve(cast, half, 6, reservation_id=one)


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"from_on": TODAY - timedelta(days=1)}, reservations.InThePast),
        ({"until_on": MARCH}, reservations.EndsBeforeStart),
    ],
)
def test_a_period_that_cannot_be_is_refused_by_name(cast, half, twelve, change, refusal):
    with pytest.raises(refusal):
        reserve(cast, half, 1, **{"from_on": MARCH, **change})


def test_a_kind_with_sizes_is_reserved_by_size_and_once(cast, half, twelve):
    for wanted, refusal in (
        ([Wanted(half.kind, None, 1)], reservations.NeedsASize),
        ([Wanted(half.kind, half, 1), Wanted(half.kind, half, 1)], reservations.AskedTwice),
        ([], reservations.NothingWanted),
        ([Wanted(half.kind, half, 0)], reservations.NothingWanted),
    ):
        with pytest.raises(refusal):
            reservations.reserve(
                organisation=cast.amsterdam,
                site=cast.depot,
                wanted=wanted,
                from_on=MARCH,
                by=BY,
                at=NOW,
                reservation_id=uuid.uuid4(),
            )


def test_what_is_lent_out_for_good_is_not_promised_again(cast, half, twelve):
    issue(cast, twelve[:4], cast.koraal)
    with pytest.raises(NotEnough):
        reserve(cast, half, 9)
    reserve(cast, half, 8)
    with pytest.raises(AllReserved) as refused:
        issue(cast, twelve[4:5], cast.koraal)
    assert "8 for De Regenboog" in str(refused.value)
    with pytest.raises(AllReserved):
        actions.lend(instrument=fresh(twelve[5]), child=cast.dilan, by=BY, at=NOW, handover_id=uuid.uuid4())
    assert not Custody.objects.open().holders().exists()


def test_what_comes_back_on_an_agreed_day_can_be_promised_from_that_day(cast, half, twelve):
    reserve(cast, half, 12, TODAY, MARCH, site=cast.koraal)
    issue(cast, twelve, cast.koraal)
    assert free_on(cast, half, TODAY) == 0
    reserve(cast, half, 12, MARCH)
    late = stock_of(cast.amsterdam.pk, [(half.kind_id, half.pk)], MARCH)[half.kind_id, half.pk]
    assert late.free_on(MARCH) == -12  # they did not come: nobody can be promised anything on that


# --- picking and handing over ---------------------------------------------------------------------------
def pick(reservation, instrument, pick_id=None):
    return reservations.pick(
        reservation=reservation, instrument=fresh(instrument), by=BY, at=NOW, pick_id=pick_id or uuid.uuid4()
    )


def test_a_scanned_instrument_assigns_itself_and_nobody_else_gets_it(cast, half, twelve):
    promised = reserve(cast, half, 2, TODAY)
    one = uuid.uuid4()
    assert pick(promised, twelve[0], one) == pick(promised, twelve[0], one)
    with pytest.raises(reservations.AlreadyPicked):
        pick(promised, twelve[0])
    with pytest.raises(ReservedForAnother) as refused:
        issue(cast, twelve[:1], cast.koraal)
    assert "reserved for De Regenboog from 24 November 2026" in str(refused.value)
    with pytest.raises(ReservedForAnother):
        actions.lend(instrument=fresh(twelve[0]), child=cast.dilan, by=BY, at=NOW, handover_id=uuid.uuid4())
    pick(promised, twelve[1])
    with pytest.raises(reservations.DoesNotFit):
        pick(promised, twelve[2])
    with pytest.raises(reservations.DoesNotFit):  # a violin without a size
        pick(reserve(cast, half, 1, TODAY), cast.violin)
    handover_id = uuid.uuid4()
    made = reservations.hand_over(reservation=promised, by=BY, at=NOW, handover_id=handover_id)
    assert reservations.hand_over(reservation=promised, by=BY, at=NOW, handover_id=handover_id) == made
    assert Instrument.objects.kept_by(cast.regenboog.site).count() == 2
    assert not Reservation.objects.open().filter(pk=promised.pk).exists()
    assert Pick.objects.filter(left_with=made).count() == 2


def test_a_class_set_for_the_place_of_a_reservation_fulfils_it(cast, half, twelve):
    promised = reserve(cast, half, 10, TODAY)
    issue(cast, twelve)  # ten for the line, two more that nobody was promised
    (line,) = promised.lines.counted()
    assert (line.left, line.closed_at is not None) == (10, True)
    assert Instrument.objects.kept_by(cast.regenboog.site).count() == 12


def test_undoing_the_handover_opens_the_line_again(cast, half, twelve):
    promised = reserve(cast, half, 3, TODAY)
    made = issue(cast, twelve[:3])
    actions.reverse(handover=made, by=BY, at=NOW, handover_id=uuid.uuid4())
    (line,) = promised.lines.counted()
    assert (line.left, line.closed_at) == (0, None)
    assert free_on(cast, half, TODAY) == 9


def test_an_early_pick_up_may_not_take_what_somebody_else_has_until_then(cast, half, twelve):
    reserve(cast, half, 12, TODAY, MARCH, site=cast.koraal)
    reserve(cast, half, 12, MARCH)
    with pytest.raises(AllReserved):
        issue(cast, twelve[:1])


def test_this_very_instrument_is_kept_for_somebody_after_its_return(cast, half, twelve):
    made = reservations.reserve_instrument(
        instrument=twelve[0], site=cast.regenboog.site, from_on=MARCH, by=BY, at=NOW, reservation_id=uuid.uuid4()
    )
    with pytest.raises(ReservedForAnother):
        pick(reserve(cast, half, 1, TODAY, site=cast.koraal), twelve[0])
    reservations.cancel(reservation=made, by=BY, at=NOW)
    pick(Reservation.objects.get(site=cast.koraal.site), twelve[0])
    with pytest.raises(reservations.AlreadyCancelled):
        reservations.cancel(reservation=made, by=BY, at=NOW)


# --- what the database refuses by itself ----------------------------------------------------------------
def test_the_database_keeps_a_line_from_overflowing_or_changing(cast, half, twelve):
    promised = reserve(cast, half, 1, TODAY)
    pick(promised, twelve[0])
    line = promised.lines.get()
    for write in (
        lambda: Pick.objects.create(line=line, instrument=twelve[1], made_at=NOW, by_key="x"),
        lambda: Pick.objects.filter(line=line).update(instrument=twelve[1]),
        lambda: Pick.objects.filter(line=line).delete(),
        lambda: ReservationLine.objects.filter(pk=line.pk).update(number=5),
        lambda: Reservation.objects.filter(pk=promised.pk).update(from_on=JUNE),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            write()
    roomy = reserve(cast, half, 5, TODAY).lines.get()
    for row in (twelve[0], cast.violin):  # picked already; of no size
        with pytest.raises(IntegrityError), transaction.atomic():
            Pick.objects.create(line=roomy, instrument=row, made_at=NOW, by_key="x")
    connection.check_constraints()
