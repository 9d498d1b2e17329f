"""The mark protocol: what a phone sends is kept, once, whatever happens on the way."""

import itertools
import json
import threading
import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from leerorkest.lessons import access, actions, queries
from leerorkest.lessons.models import MarkEvent, QuarantinedMark
from leerorkest.lessons.rules import CancelCause, Conflict, Decision, MarkState
from leerorkest.people.access import actor_of
from leerorkest.schools.models import Membership
from leerorkest.shared.models import AuditEntry
from tests.make import NOW, TODAY, make_child

PHONE = str(uuid.uuid4())
_sequence = itertools.count(1)


def sent(lesson, child, state="absent", **values):
    return {
        "id": str(uuid.uuid4()),
        "device": PHONE,
        "device_sequence": next(_sequence),
        "lesson": str(lesson.uid),
        "child": str(child.uid),
        "state": state,
        "corrects": [],
        "made_at": "2026-11-24T08:01:00.000Z",
        **values,
    }


def receive(account, *batch, at=NOW):
    return actions.receive_marks(batch=batch, by=actor_of(account, at.date()), at=at)


def standing(cast, child=None):
    return queries.standings(cast.lesson)[(child or cast.amina).pk]


def test_a_mark_is_stored_and_answered_with_a_receipt(cast):
    mark = sent(cast.lesson, cast.amina)
    [receipt] = receive(cast.noor, mark)
    event = MarkEvent.objects.get()
    assert (receipt.id, receipt.stored, receipt.hash) == (mark["id"], True, event.content_hash)
    assert (event.child, event.by, event.state) == (cast.amina, cast.noor, "absent")


def test_the_same_mark_again_gets_its_old_receipt(cast):
    mark = sent(cast.lesson, cast.amina)
    first = receive(cast.noor, mark)
    assert receive(cast.noor, mark, mark, at=NOW + timedelta(days=2)) == first * 2
    assert MarkEvent.objects.count() == 1
    assert not QuarantinedMark.objects.exists()


def test_the_same_id_with_another_content_never_wins_silently(cast):
    mark = sent(cast.lesson, cast.amina, "absent")
    receive(cast.noor, mark)
    [receipt] = receive(cast.noor, {**mark, "state": "present"})
    assert (receipt.stored, receipt.reason) == (False, "other_content")
    assert standing(cast).state is MarkState.ABSENT
    [again] = receive(cast.noor, {**mark, "state": "present"})
    assert again == receipt
    assert QuarantinedMark.objects.count() == 1


def test_an_id_of_somebody_else_is_not_taken_over(cast):
    mark = sent(cast.lesson, cast.amina)
    receive(cast.noor, mark)
    [receipt] = receive(cast.sam, mark)
    assert not receipt.stored


def test_one_number_of_a_device_is_one_mark(cast):
    one, other = (sent(cast.lesson, child, device_sequence=7) for child in (cast.amina, cast.dilan))
    receipts = receive(cast.noor, one, other)
    assert sorted(receipt.stored for receipt in receipts) == [False, True]
    assert {receipt.reason for receipt in receipts} == {None, "same_sequence"}


def test_one_bad_mark_never_touches_the_rest(cast):
    good = sent(cast.lesson, cast.amina)
    bad = [
        "not a mark",
        None,
        {},
        {"id": "1"},
        {**good, "id": "\x00\ud800"},
        {**good, "id": str(uuid.uuid4()), "state": "ill"},
        {**good, "id": str(uuid.uuid4()), "made_at": "9999-12-31T23:59:59-12:00"},
        {**good, "id": str(uuid.uuid4()), "device_sequence": 2**80},
        {**good, "id": str(uuid.uuid4()), "device_sequence": True},
        {**good, "id": str(uuid.uuid4()), "corrects": [str(uuid.uuid4())] * 9},
    ]
    receipts = receive(cast.noor, *bad, good)
    assert [receipt.stored for receipt in receipts] == [False] * len(bad) + [True]
    assert {receipt.reason for receipt in receipts[:-1]} == {"malformed"}
    assert QuarantinedMark.objects.count() == len(bad)
    assert receive(cast.noor, *bad, good) == receipts


@pytest.mark.parametrize("who", ["eva", "wim", "hanna", "luca", "joost", "ola"])
def test_a_mark_of_who_does_not_teach_the_group_waits_for_a_coordinator(cast, who):
    [receipt] = receive(getattr(cast, who), sent(cast.lesson, cast.amina))
    assert (receipt.stored, receipt.reason) == (False, "not_your_lesson")
    assert not MarkEvent.objects.exists()
    assert [row.lesson for row in access.quarantine(actor_of(cast.sam, TODAY))] == [cast.lesson]
    assert not access.quarantine(actor_of(cast.luca, TODAY)).exists()


def test_marks_that_come_too_late_are_kept_aside(cast):
    Membership.objects.filter(child=cast.dilan).update(until_on=TODAY)
    [moved] = receive(cast.noor, sent(cast.lesson, cast.dilan))
    [stranger] = receive(cast.noor, sent(cast.lesson, cast.stranger))
    [unknown] = receive(cast.noor, {**sent(cast.lesson, cast.amina), "lesson": str(uuid.uuid4())})
    actions.cancel_lesson(lesson=cast.lesson, cause=CancelCause.WEATHER, by=actor_of(cast.sam, TODAY), at=NOW)
    [cancelled] = receive(cast.noor, sent(cast.lesson, cast.amina))
    reasons = [receipt.reason.value for receipt in (moved, stranger, unknown, cancelled)]
    assert reasons == ["not_in_lesson", "not_in_lesson", "unknown", "lesson_cancelled"]
    assert QuarantinedMark.objects.filter(organisation=cast.amsterdam).count() == 4


def test_a_phone_with_a_wrong_clock_is_believed_about_the_mark_only(cast):
    receive(cast.noor, sent(cast.lesson, cast.amina, made_at="1970-01-01T00:00:00Z"))
    assert MarkEvent.objects.get().received_at == NOW


def test_two_teachers_who_differ_are_both_kept_until_the_coordinator_decides(cast):
    ours, theirs = sent(cast.lesson, cast.amina, "present"), sent(cast.lesson, cast.amina, "absent")
    receive(cast.noor, ours)
    receive(cast.sam, theirs)
    assert (standing(cast).state, standing(cast).conflict) == (None, Conflict.HARD)
    receive(cast.sam, sent(cast.lesson, cast.amina, "late", corrects=[ours["id"], theirs["id"]]))
    assert standing(cast).state is MarkState.LATE
    assert MarkEvent.objects.count() == 3


def test_every_order_of_delivery_ends_in_the_same_place(cast):
    first = sent(cast.lesson, cast.amina, "absent")
    second = sent(cast.lesson, cast.amina, "late")
    third = sent(cast.lesson, cast.amina, "present", device=str(uuid.uuid4()), corrects=[second["id"]])
    for order in itertools.permutations([first, second, third]):
        with transaction.atomic():
            for mark in order:
                receive(cast.noor, mark)
            assert standing(cast).state is MarkState.PRESENT
            transaction.set_rollback(True)


def test_a_mark_event_is_never_rewritten_or_deleted(cast):
    receive(cast.noor, sent(cast.lesson, cast.amina))
    with pytest.raises(IntegrityError), transaction.atomic():
        MarkEvent.objects.update(state="present")
    with pytest.raises(IntegrityError), transaction.atomic():
        MarkEvent.objects.all().delete()


def test_more_than_a_hundred_marks_are_refused_as_a_whole(cast):
    with pytest.raises(actions.TooManyMarks):
        receive(cast.noor, *[sent(cast.lesson, cast.amina) for _ in range(101)])
    assert not MarkEvent.objects.exists()


def test_a_batch_is_one_entry_in_the_audit_trail_without_a_name(cast):
    receive(cast.noor, sent(cast.lesson, cast.amina), sent(cast.lesson, cast.dilan), "bad")
    entry = AuditEntry.objects.get()
    assert entry.act == "lessons.receive_marks"
    assert {key: entry.detail[key] for key in ("sent", "new", "in_quarantine")} == {
        "sent": 3,
        "new": 2,
        "in_quarantine": 1,
    }
    assert "Amina" not in json.dumps(entry.detail)


def test_a_batch_of_thirty_takes_as_many_queries_as_one_of_three(cast):
    children = [make_child(cast.group, f"Kind {number}") for number in range(30)]
    counts = []
    for size in (3, 30):
        with CaptureQueriesContext(
            connection,
        ) as seen:
            receive(cast.noor, *[sent(cast.lesson, child) for child in children[:size]])
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 14


def test_a_mark_in_quarantine_is_not_deleted_before_somebody_decided(cast):
    receive(cast.noor, "nonsense")
    with pytest.raises(IntegrityError), transaction.atomic():
        QuarantinedMark.objects.all().delete()
    row = QuarantinedMark.objects.get()
    actions.decide_quarantined(quarantined=row, decision=Decision.LEAVE_OUT, by=actor_of(cast.sam, TODAY), at=NOW)
    row.delete()  # its term is over one day
    assert not QuarantinedMark.objects.exists()


def test_the_same_mark_of_two_people_in_quarantine_can_both_count(cast):
    mark, sam = sent(cast.lesson, cast.amina), actor_of(cast.sam, TODAY)
    for account in (cast.wim, cast.eva):
        receive(account, mark)
    for row in QuarantinedMark.objects.all():
        actions.decide_quarantined(quarantined=row, decision=Decision.ACCEPT, by=sam, at=NOW)
    assert {event.by for event in MarkEvent.objects.all()} == {cast.wim, cast.eva}


# --- what the coordinator decides ------------------------------------------------------------------------


def test_an_accepted_mark_counts_as_the_mark_of_who_sent_it(cast):
    receive(cast.wim, sent(cast.lesson, cast.amina, "late"))
    row = QuarantinedMark.objects.get()
    sam = actor_of(cast.sam, TODAY)
    actions.decide_quarantined(quarantined=row, decision=Decision.ACCEPT, by=sam, at=NOW)
    assert (standing(cast).state, MarkEvent.objects.get().by) == (MarkState.LATE, cast.wim)
    with pytest.raises(actions.AlreadyDecided):
        actions.decide_quarantined(quarantined=row, decision=Decision.LEAVE_OUT, by=sam, at=NOW)


def test_a_mark_accepted_beside_the_one_it_clashed_with_stands_side_by_side(cast):
    mark = sent(cast.lesson, cast.amina, "absent")
    receive(cast.noor, mark)
    receive(cast.noor, {**mark, "state": "present"})
    row = QuarantinedMark.objects.get()
    actions.decide_quarantined(quarantined=row, decision=Decision.ACCEPT, by=actor_of(cast.sam, TODAY), at=NOW)
    assert standing(cast).conflict is Conflict.HARD


def test_a_mark_for_nobody_we_know_can_only_be_left_out(cast):
    receive(cast.noor, "nonsense")
    row = QuarantinedMark.objects.get()
    sam = actor_of(cast.sam, TODAY)
    with pytest.raises(actions.CannotBePlaced):
        actions.decide_quarantined(quarantined=row, decision=Decision.ACCEPT, by=sam, at=NOW)
    actions.decide_quarantined(quarantined=row, decision=Decision.LEAVE_OUT, by=sam, at=NOW)
    row.refresh_from_db()
    assert (row.decision, row.decided_by, row.content) == ("leave_out", cast.sam, '"nonsense"')
    assert not access.quarantine(sam).exists()


# --- many phones at once ---------------------------------------------------------------------------------


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_eight_deliveries_of_one_batch_at_once_are_stored_once():
    from tests.cast import make_cast

    cast = make_cast()
    children = [make_child(cast.group, f"Kind {number}") for number in range(20)]
    batch = [sent(cast.lesson, child) for child in children]
    clash = [{**mark, "state": "late"} for mark in batch[:3]]
    actor = actor_of(cast.noor, TODAY)
    answers, errors, ready = [], [], threading.Barrier(8)

    def deliver(number):
        try:
            ready.wait()
            order = list(reversed(batch)) if number % 2 else batch
            answers.append(actions.receive_marks(batch=order + clash, by=actor, at=NOW + timedelta(seconds=number)))
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=deliver, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert MarkEvent.objects.count() == 20
    assert QuarantinedMark.objects.count() == 3
    receipts = {(receipt.id, receipt.hash, receipt.stored, receipt.received_at) for one in answers for receipt in one}
    assert len(receipts) == 23


def test_nobody_can_fill_the_quarantine(cast, monkeypatch):
    monkeypatch.setattr("leerorkest.lessons.actions.marks.MOST_ASIDE", 3)
    before = [sent(cast.lesson, cast.stranger) for _ in range(2)]
    receive(cast.noor, *before)
    more = [sent(cast.lesson, cast.stranger) for _ in range(2)]
    good = sent(cast.lesson, cast.amina)
    receipts = receive(cast.noor, *before, *more, good)  # the phone keeps what has no receipt
    assert [receipt.id for receipt in receipts] == [mark["id"] for mark in (*before, more[0], good)]
    with pytest.raises(actions.TooManyAside):
        receive(cast.noor, more[1])
    assert [receipt.stored for receipt in receive(cast.eva, sent(cast.lesson, cast.amina))] == [False]  # her own limit
    [late] = receive(cast.noor, more[1], at=NOW + timedelta(days=1))
    assert (late.id, late.stored) == (more[1]["id"], False)
    assert QuarantinedMark.objects.filter(by=cast.noor).count() == 4
