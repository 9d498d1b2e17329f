"""What the database keeps by itself."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from leerorkest.depot.models import Custody
from leerorkest.shared import audit, guards
from leerorkest.shared.actions import System, action, record
from leerorkest.shared.models import AuditEntry
from tests.make import NOW, make_handover

pytestmark = pytest.mark.django_db


def test_every_guard_is_installed():
    assert guards.missing() == set()


def test_an_audit_entry_is_never_rewritten_or_deleted():
    audit.append([audit.entry(at=NOW, actor="system:test", act="test")])
    with pytest.raises(IntegrityError), transaction.atomic():
        AuditEntry.objects.update(actor="somebody else")
    with pytest.raises(IntegrityError), transaction.atomic():
        AuditEntry.objects.all().delete()


def test_tampering_with_the_audit_trail_shows():
    audit.append([audit.entry(at=NOW, actor="system:test", act=f"act {n}", detail={"n": n}) for n in range(5)])
    assert list(audit.broken_links()) == []
    guards.remove()
    AuditEntry.objects.filter(act="act 3").update(detail={"n": 99})
    broken = [entry for entry, _ in audit.broken_links()]
    assert broken == [AuditEntry.objects.get(act="act 3").pk]
    AuditEntry.objects.filter(act="act 1").delete()
    assert len(list(audit.broken_links())) == 2
    guards.install()


def test_an_action_that_records_nothing_fails_loudly():
    @action
    def do_nothing(*, by, at):
        return None

    with pytest.raises(AssertionError):
        do_nothing(by=System("test"), at=NOW)


def test_an_action_within_an_action_shares_its_transaction_and_trail():
    @action
    def inner(*, by, at):
        record("inner")

    @action
    def outer(*, by, at):
        record("outer")
        inner(by=by, at=at)

    outer(by=System("test"), at=NOW)
    assert list(AuditEntry.objects.order_by("id").values_list("act", flat=True)) == ["outer", "inner"]


def test_a_custody_row_is_never_deleted_or_rewritten(cast):
    keeping = Custody.objects.get(instrument=cast.violin)
    with pytest.raises(IntegrityError), transaction.atomic():
        keeping.delete()
    with pytest.raises(IntegrityError), transaction.atomic():
        Custody.objects.filter(pk=keeping.pk).update(site=cast.regenboog.site)
    with pytest.raises(IntegrityError), transaction.atomic():
        Custody.objects.filter(pk=keeping.pk).update(started_at=NOW)


def test_an_instrument_never_has_two_keepers(cast):
    with pytest.raises(IntegrityError), transaction.atomic():
        Custody.objects.create(
            instrument=cast.violin,
            level="keeper",
            site=cast.regenboog.site,
            started_at=NOW,
            began_with=make_handover(cast.amsterdam),
        )


def test_a_keeper_cannot_end_without_a_next(cast):
    with pytest.raises(IntegrityError), transaction.atomic():
        Custody.objects.filter(instrument=cast.violin).update(ended_at=NOW, ended_with=make_handover(cast.amsterdam))
    with pytest.raises(IntegrityError), transaction.atomic():
        Custody.objects.filter(instrument=cast.violin).update(
            ended_at=NOW,
            ended_with=make_handover(cast.amsterdam),
            followed_by_id="11111111-1111-4111-8111-111111111111",
        )
        connection.check_constraints()


def test_two_periods_of_one_level_never_overlap(cast):
    def hold(start, end):
        handover = make_handover(cast.amsterdam)
        return Custody.objects.create(
            instrument=cast.violin,
            level="holder",
            child=cast.amina,
            started_at=start,
            ended_at=end,
            began_with=handover,
            ended_with=handover,
        )

    hold(NOW - timedelta(days=20), NOW - timedelta(days=10))
    hold(NOW - timedelta(days=10), NOW - timedelta(days=5))
    with pytest.raises(IntegrityError), transaction.atomic():
        hold(NOW - timedelta(days=12), NOW - timedelta(days=8))
