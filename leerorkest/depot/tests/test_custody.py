"""Instruments change hands: what may happen, what is refused by name, and who had it when."""

import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from leerorkest.depot import actions
from leerorkest.depot.actions import NewInstrument
from leerorkest.depot.models import Custody, Handover, Instrument
from leerorkest.depot.queries import history, parties_at
from leerorkest.depot.rules import Level
from leerorkest.network.models import Site
from leerorkest.schools.models import Enrolment
from leerorkest.shared.actions import System
from leerorkest.shared.models import AuditEntry
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db
BY = System("test")
HOUR = timedelta(hours=1)


def act(action, *, at=NOW, handover_id=None, by=BY, **inputs):
    return action(by=by, at=at, handover_id=handover_id or uuid.uuid4(), **inputs)


def issue(cast, *instruments, at=NOW, **inputs):
    return act(actions.issue_class_set, instruments=list(instruments), site=cast.regenboog.site, at=at, **inputs)


def lend(instrument, child, at=NOW + HOUR, **inputs):
    return act(actions.lend, instrument=instrument, child=child, at=at, **inputs)


def give_back(*instruments, at=NOW + 2 * HOUR, **inputs):
    return act(actions.give_back, instruments=list(instruments), at=at, **inputs)


def parties(instrument):
    row = Instrument.objects.with_parties().get(pk=instrument.pk)
    return row.keeping.site, row.holding and (row.holding.child or row.holding.account)


def test_a_class_set_goes_to_a_school_in_one_handover(cast):
    violins = [make.make_instrument(cast.depot, number=str(n)) for n in range(100, 124)]
    handover = issue(cast, *violins)
    assert Instrument.objects.kept_by(cast.regenboog.site).count() == 24
    assert Custody.objects.filter(began_with=handover).count() == 24
    assert Custody.objects.filter(ended_with=handover).count() == 24
    assert set(Instrument.objects.of_handover(handover)) == set(violins)
    (entry,) = AuditEntry.objects.filter(act="depot.issue")
    assert entry.detail["instruments"] == 24
    connection.check_constraints()


@pytest.mark.parametrize("count", [1, 24])
def test_a_class_set_takes_the_same_few_statements_whatever_its_size(cast, count, django_assert_max_num_queries):
    violins = [make.make_instrument(cast.depot) for _ in range(count)]
    locks = 2 if connection.features.has_select_for_update else 0  # of the instruments, and of the audit chain
    with django_assert_max_num_queries(21 + locks):
        issue(cast, *violins)


def test_both_responsible_parties_show_now_and_at_any_moment_before(cast):
    issue(cast, cast.violin)
    lend(cast.violin, cast.amina)
    assert parties(cast.violin) == (cast.regenboog.site, cast.amina)
    give_back(cast.violin)
    lend(cast.violin, cast.dilan, at=NOW + 3 * HOUR)

    def at(moment):
        had = parties_at(cast.violin, moment)
        return had.keeper and had.keeper.site, had.holder and had.holder.child

    assert at(NOW - timedelta(days=200)) == (None, None)
    assert at(NOW - HOUR) == (cast.depot, None)
    assert at(NOW) == (cast.regenboog.site, None)
    assert at(NOW + HOUR) == (cast.regenboog.site, cast.amina)
    assert at(NOW + 2 * HOUR) == (cast.regenboog.site, None)
    assert at(NOW + 4 * HOUR) == (cast.regenboog.site, cast.dilan)


def test_the_history_of_an_instrument_is_one_query(cast, django_assert_num_queries):
    issue(cast, cast.violin)
    for n in range(1, 6, 2):
        lend(cast.violin, cast.amina, at=NOW + n * HOUR)
        give_back(cast.violin, at=NOW + (n + 1) * HOUR)
    with django_assert_num_queries(1):
        rows = [(row.level, str(row.site), row.began_with.sort) for row in history(cast.violin.pk)]
    assert len(rows) == 5


def test_the_vocabulary_of_lists(cast):
    trumpet = make.make_instrument(cast.depot, kind=make.make_kind("trumpet"))
    broken = make.make_instrument(cast.depot)
    actions.retire(instrument=broken, because="broken", by=BY, at=NOW)
    issue(cast, cast.violin)
    lend(cast.violin, cast.amina)
    all_of_them = Instrument.objects
    assert set(all_of_them.lent()) == {cast.violin}
    assert set(all_of_them.on_shelf()) == {trumpet}
    assert set(all_of_them.retired()) == {broken}
    assert set(all_of_them.kept_by(cast.depot)) == {trumpet, broken}
    assert set(all_of_them.of_kind("trumpet")) == {trumpet}


def test_a_lent_instrument_is_refused_to_a_second_child(cast):
    issue(cast, cast.violin)
    lend(cast.violin, cast.amina)
    with pytest.raises(actions.AlreadyLent) as refusal:
        lend(cast.violin, cast.dilan)
    assert refusal.value.instrument == cast.violin
    assert "17" in str(refusal.value)
    assert parties(cast.violin)[1] == cast.amina


def test_what_is_not_lent_cannot_be_given_back(cast):
    with pytest.raises(actions.NeverLent):
        give_back(cast.violin)


def test_one_school_does_not_lend_what_another_keeps(cast):
    issue(cast, cast.violin)
    with pytest.raises(actions.NotAtThisSite):
        lend(cast.violin, cast.stranger)


def test_a_depot_lends_to_a_child_of_any_school_of_the_organisation(cast):
    lend(cast.violin, cast.stranger)
    assert parties(cast.violin) == (cast.depot, cast.stranger)
    with pytest.raises(actions.UnknownTag):
        lend(make.make_instrument(cast.depot), cast.islander)


def test_a_child_who_left_gets_no_instrument(cast):
    Enrolment.objects.filter(child=cast.amina).update(until_on=NOW.date())
    with pytest.raises(actions.ChildLeft):
        lend(cast.violin, cast.amina)


def test_a_teacher_can_have_an_instrument_and_a_stranger_cannot(cast):
    act(actions.lend_to_account, instrument=cast.violin, account=cast.noor, at=NOW)
    assert parties(cast.violin) == (cast.depot, cast.noor)
    for account in (cast.wim, cast.luca):
        with pytest.raises(actions.NotOnStaff):
            act(actions.lend_to_account, instrument=make.make_instrument(cast.depot), account=account)


def test_what_is_retired_goes_nowhere_and_what_is_lent_is_not_retired(cast):
    lend(cast.violin, cast.amina)
    with pytest.raises(actions.AlreadyLent):
        actions.retire(instrument=cast.violin, because="lost", by=BY, at=NOW + 2 * HOUR)
    give_back(cast.violin)
    actions.retire(instrument=cast.violin, because="lost", by=BY, at=NOW + 3 * HOUR)
    for attempt in (
        lambda: lend(cast.violin, cast.amina, at=NOW + 4 * HOUR),
        lambda: issue(cast, cast.violin, at=NOW + 4 * HOUR),
        lambda: actions.retire(instrument=cast.violin, because="lost", by=BY, at=NOW + 4 * HOUR),
    ):
        with pytest.raises(actions.Retired):
            attempt()


def test_a_closed_place_gets_nothing(cast):
    Site.objects.filter(pk=cast.regenboog.site_id).update(closed_on=NOW.date())
    cast.regenboog.site.refresh_from_db()
    with pytest.raises(actions.SiteClosed):
        issue(cast, cast.violin)


def test_a_school_is_not_issued_what_it_has_or_what_another_school_has(cast):
    issue(cast, cast.violin)
    with pytest.raises(actions.AlreadyThere):
        issue(cast, cast.violin, at=NOW + HOUR)
    with pytest.raises(actions.NotAtThisSite):
        act(actions.issue_class_set, instruments=[cast.violin], site=cast.koraal.site, at=NOW + HOUR)


def test_a_class_set_with_one_wrong_instrument_is_refused_as_a_whole(cast):
    lent = make.make_instrument(cast.depot, number="3")
    lend(lent, cast.amina)
    with pytest.raises(actions.AlreadyLent):
        issue(cast, cast.violin, lent, at=NOW + 2 * HOUR)
    assert parties(cast.violin) == (cast.depot, None)
    assert not Handover.objects.filter(sort="issue").exists()


def test_instruments_come_back_to_the_depot_when_nobody_holds_them(cast):
    issue(cast, cast.violin)
    lend(cast.violin, cast.amina)

    def take_back(site, at):
        return act(actions.take_back, instruments=[cast.violin], site=site, at=at)

    with pytest.raises(actions.AlreadyLent):
        take_back(cast.depot, NOW + 2 * HOUR)
    give_back(cast.violin)
    with pytest.raises(actions.NotADepot):
        take_back(cast.koraal.site, NOW + 3 * HOUR)
    take_back(cast.depot, NOW + 3 * HOUR)
    assert parties(cast.violin) == (cast.depot, None)
    connection.check_constraints()


def test_a_handover_never_slips_in_before_a_later_one(cast):
    issue(cast, cast.violin, at=NOW)
    with pytest.raises(actions.TooEarly):
        lend(cast.violin, cast.amina, at=NOW - HOUR)
    lend(cast.violin, cast.amina, at=NOW + HOUR)
    with pytest.raises(actions.TooEarly):
        give_back(cast.violin, at=NOW)


def test_the_same_handover_sent_twice_happens_once(cast):
    one = uuid.uuid4()
    first = issue(cast, cast.violin, handover_id=one)
    again = issue(cast, cast.violin, handover_id=one, at=NOW + HOUR)
    assert first == again
    assert again.at == NOW
    assert Custody.objects.filter(instrument=cast.violin).count() == 2
    lent = uuid.uuid4()
    lend(cast.violin, cast.amina, handover_id=lent)
    lend(cast.violin, cast.amina, handover_id=lent)
    returned = uuid.uuid4()
    give_back(cast.violin, handover_id=returned)
    give_back(cast.violin, handover_id=returned)
    assert Handover.objects.filter(sort__in=["issue", "lend", "return"]).count() == 3
    with pytest.raises(actions.OtherContent):
        lend(cast.violin, cast.dilan, handover_id=lent)


def test_instruments_come_in_with_tags_and_a_keeper(cast):
    violin = make.make_kind()
    half = violin.sizes.get(code="1/2")
    new = [NewInstrument(kind=violin, size=half, number=str(n), purchase_value=250) for n in range(50, 53)]
    one = uuid.uuid4()
    handover = act(actions.take_in, site=cast.depot, instruments=new, handover_id=one)
    assert act(actions.take_in, site=cast.depot, instruments=new, handover_id=one) == handover
    rows = Instrument.objects.of_handover(handover).with_parties()
    assert [row.number for row in rows.order_by("number")] == ["50", "51", "52"]
    assert {row.keeping.site for row in rows} == {cast.depot}
    assert {row.currency for row in rows} == {"EUR"}
    with pytest.raises(actions.NumberTaken):
        act(actions.take_in, site=cast.depot, instruments=new)
    with pytest.raises(actions.NumberTaken):
        act(actions.take_in, site=cast.depot, instruments=[NewInstrument(kind=violin, number="60")] * 2)
    with pytest.raises(actions.SizeOfAnotherKind):
        act(actions.take_in, site=cast.depot, instruments=[NewInstrument(kind=make.make_kind("cello"), size=half)])
    connection.check_constraints()


def test_five_hundred_instruments_come_in_and_go_out_in_few_statements(cast, django_assert_max_num_queries):
    violin = make.make_kind()
    new = [NewInstrument(kind=violin, number=str(n)) for n in range(1000, 1500)]
    with django_assert_max_num_queries(30):
        handover = act(actions.take_in, site=cast.depot, instruments=new)
    with django_assert_max_num_queries(30):
        issue(cast, *Instrument.objects.of_handover(handover), at=NOW + HOUR)
    assert Instrument.objects.kept_by(cast.regenboog.site).count() == 500
    connection.check_constraints()


def test_a_return_is_not_undone_when_another_school_answers_for_it(cast):
    issue(cast, cast.violin)
    lend(cast.violin, cast.amina)
    returned = give_back(cast.violin, at=NOW + 2 * HOUR)
    act(actions.take_back, instruments=[cast.violin], site=cast.depot, at=NOW + 3 * HOUR)
    there = act(actions.issue_class_set, instruments=[cast.violin], site=cast.koraal.site, at=NOW + 4 * HOUR)
    with pytest.raises(actions.CannotReverse):
        act(actions.reverse, handover=returned, at=NOW + 5 * HOUR)
    act(actions.reverse, handover=there, at=NOW + 6 * HOUR)
    issue(cast, cast.violin, at=NOW + 7 * HOUR)
    act(actions.reverse, handover=returned, at=NOW + 8 * HOUR)
    assert parties(cast.violin) == (cast.regenboog.site, cast.amina)


def test_a_mistake_is_undone_by_a_handover_that_shows(cast):
    issued = issue(cast, cast.violin)
    lent = lend(cast.violin, cast.amina)
    with pytest.raises(actions.AlreadyLent):
        act(actions.reverse, handover=issued, at=NOW + 2 * HOUR)
    undone = act(actions.reverse, handover=lent, at=NOW + 2 * HOUR)
    assert parties(cast.violin) == (cast.regenboog.site, None)
    with pytest.raises(actions.AlreadyReversed):
        act(actions.reverse, handover=lent, at=NOW + 3 * HOUR)
    act(actions.reverse, handover=undone, at=NOW + 3 * HOUR)  # it was no mistake after all
    assert parties(cast.violin) == (cast.regenboog.site, cast.amina)
    returned = give_back(cast.violin, at=NOW + 4 * HOUR)
    lent_again = act(actions.reverse, handover=returned, at=NOW + 5 * HOUR)
    assert parties(cast.violin)[1] == cast.amina
    give_back(cast.violin, at=NOW + 6 * HOUR)
    with pytest.raises(actions.CannotReverse):
        act(actions.reverse, handover=lent_again, at=NOW + 7 * HOUR)
    act(actions.reverse, handover=issued, at=NOW + 8 * HOUR)
    assert parties(cast.violin) == (cast.depot, None)
    # Nothing was erased: every period stands in the story.
    assert [row.level for row in history(cast.violin.pk)].count(Level.HOLDER.value) == 3
    intake = cast.violin.first_keeping.began_with
    with pytest.raises(actions.IntakeStays):
        act(actions.reverse, handover=intake, at=NOW + 9 * HOUR)
    connection.check_constraints()


def test_a_keeper_chain_cannot_be_tied_into_a_ring(cast):
    other = make.make_instrument(cast.depot)
    handover = make.make_handover(cast.amsterdam)
    keeping = Custody.objects.get(instrument=cast.violin)
    for following in (other.first_keeping, keeping):
        with pytest.raises(IntegrityError), transaction.atomic():
            Custody.objects.filter(pk=keeping.pk).update(ended_at=NOW, ended_with=handover, followed_by=following)
    issue(cast, cast.violin)
    keeping.refresh_from_db()
    with pytest.raises(IntegrityError), transaction.atomic():
        Custody.objects.filter(pk=keeping.pk).update(followed_by=other.first_keeping)


def test_an_instrument_cannot_borrow_the_keeping_of_another(cast):
    issue(cast, cast.violin)
    second = Custody.objects.open().get(instrument=cast.violin)
    values = {"organisation": cast.amsterdam, "tag": "TEST", "kind": cast.violin.kind, "currency": "EUR"}
    with pytest.raises(IntegrityError), transaction.atomic():
        Instrument.objects.create(first_keeping=second, **values)
    with pytest.raises(IntegrityError), transaction.atomic():
        Instrument.objects.filter(pk=cast.violin.pk).update(first_keeping=second)
    with pytest.raises(IntegrityError), transaction.atomic():
        Instrument.objects.filter(pk=cast.violin.pk).delete()
