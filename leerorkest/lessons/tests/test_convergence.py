"""Phones and a server, whatever the network does: every mark ends up kept, once, and all see the same."""

import json
import uuid
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from leerorkest.lessons import actions, queries
from leerorkest.lessons.models import MarkEvent, QuarantinedMark
from leerorkest.lessons.rules import Tap, fold, read_mark
from leerorkest.people.access import actor_of
from tests import make
from tests.make import NOW, TODAY

STATES = ("present", "absent", "late", "announced")
CLOCKS = (timedelta(), timedelta(hours=2), timedelta(days=-1), timedelta(days=-56 * 365))  # the last one: 1970
which = st.integers(0, 2)


@dataclass
class Phone:
    """A teacher's phone: what is not sent yet stays until a receipt with its own hash comes."""

    account: object
    clock: timedelta
    device: str = field(default_factory=lambda: str(uuid.uuid4()))
    made: int = 0
    outbox: list[dict] = field(default_factory=list)


class Phones(RuleBasedStateMachine):
    """Two phones of one teacher and one of a coordinator mark two children in the same lesson."""

    cast = None  # set by the test

    def __init__(self):
        super().__init__()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.phones = [
            Phone(account, clock)
            for account, clock in zip([self.cast.noor, self.cast.noor, self.cast.sam], CLOCKS[1:], strict=True)
        ]
        self.sent, self.posts, self.now = [], [], NOW

    def teardown(self):
        try:
            for phone in self.phones:
                self.post(phone, list(phone.outbox))
            self.everything_is_kept()
            assert not any(phone.outbox for phone in self.phones)
            self.all_see_the_same()
        finally:
            transaction.set_rollback(True)
            self.transaction.__exit__(None, None, None)

    @rule(number=which, child=st.integers(0, 1), state=st.sampled_from(STATES), looks=st.booleans())
    def tap(self, number, child, state, looks):
        """With or without having seen what the server shows for this child."""
        phone, child = self.phones[number], [self.cast.amina, self.cast.dilan][child]
        standing = queries.standings(self.cast.lesson).get(child.pk) if looks else None
        phone.made += 1
        mark = {
            "id": str(uuid.uuid4()),
            "device": phone.device,
            "device_sequence": phone.made,
            "lesson": str(self.cast.lesson.uid),
            "child": str(child.uid),
            "state": state,
            "corrects": sorted(str(one.id) for one in standing.taps) if standing else [],
            "made_at": (self.now + phone.clock).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        }
        phone.outbox.append(mark)
        self.sent.append((phone, mark))

    @rule(number=which, order=st.randoms(use_true_random=False), doubled=st.booleans(), lost=st.booleans())
    def send(self, number, order, doubled, lost):
        """All that waits, in any order, perhaps twice; the answer may get lost after the server committed."""
        phone = self.phones[number]
        batch = list(phone.outbox) * (2 if doubled else 1)
        order.shuffle(batch)
        self.post(phone, batch, is_lost=lost)

    @precondition(lambda self: self.posts)
    @rule(pick=st.integers(0, 1000))
    def an_old_post_arrives_again(self, pick):
        phone, batch = self.posts[pick % len(self.posts)]
        self.post(phone, batch, is_lost=True)

    @precondition(lambda self: self.sent)
    @rule(pick=st.integers(0, 1000), state=st.sampled_from(STATES))
    def the_same_id_comes_with_another_content(self, pick, state):
        phone, mark = self.sent[pick % len(self.sent)]
        forged = {**mark, "state": state}
        self.sent.append((phone, forged))
        self.post(phone, [forged], is_lost=True)

    def post(self, phone, batch, *, is_lost=False):
        if not batch:
            return
        self.posts.append((phone, batch))
        self.now += timedelta(seconds=1)
        receipts = actions.receive_marks(batch=batch, by=actor_of(phone.account, TODAY), at=self.now)
        assert len(receipts) == len(batch)
        for sent, receipt in zip(batch, receipts, strict=True):
            assert (receipt.id, receipt.hash) == (sent["id"], read_mark(sent).hash)
        if not is_lost:
            kept = {(receipt.id, receipt.hash) for receipt in receipts}
            phone.outbox = [mark for mark in phone.outbox if (mark["id"], read_mark(mark).hash) not in kept]

    @invariant()
    def everything_is_kept(self):
        """What reached the server is a mark or waits in quarantine: each content once, and no id twice."""
        arrived = {(mark["id"], read_mark(mark).hash) for _phone, batch in self.posts for mark in batch}
        marks = [(str(pk), kept) for pk, kept in MarkEvent.objects.values_list("id", "content_hash")]
        aside = [(str(pk), kept) for pk, kept in QuarantinedMark.objects.values_list("mark_id", "content_hash")]
        assert sorted([*marks, *aside]) == sorted(arrived)
        assert len({pk for pk, _kept in marks}) == len(marks)

    def all_see_the_same(self):
        """What stands follows from the set of marks alone: worked out here from the phones, in their own order."""
        stored = {(str(pk), kept) for pk, kept in MarkEvent.objects.values_list("id", "content_hash")}
        children = {str(child.uid): child.pk for child in (self.cast.amina, self.cast.dilan)}
        taps = [
            Tap(
                id=(mark := read_mark(json.loads(json.dumps(sent)))).id,
                child=children[sent["child"]],
                state=mark.state,
                by=phone.account.pk,
                device=mark.device,
                device_sequence=mark.device_sequence,
                corrects=frozenset(mark.corrects),
            )
            for phone, sent in self.sent
            if (sent["id"], read_mark(sent).hash) in stored
        ]
        assert fold(taps) == queries.standings(self.cast.lesson)


@pytest.mark.django_db
@pytest.mark.once
def test_whatever_the_network_does_no_mark_is_lost_and_all_see_the_same(cast):
    Phones.cast = cast
    make.make_teaching(cast.noor.postings.get(), make.make_group(cast.regenboog, "7B"))  # another group changes nothing
    run_state_machine_as_test(
        Phones,
        settings=settings(
            max_examples=60,
            stateful_step_count=20,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
