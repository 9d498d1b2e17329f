"""The second opinion finds what the database would refuse, were its guards gone."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection

from leerorkest.depot import actions
from leerorkest.depot.models import Custody, Ownership, Placement
from leerorkest.depot.soundness import FAULTS, faults
from leerorkest.shared import guards
from leerorkest.shared.actions import System
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def issued(cast):
    actions.issue_class_set(
        instruments=[cast.violin], site=cast.regenboog.site, by=System("test"), at=NOW, handover_id=uuid.uuid4()
    )
    assert faults() == {}
    guards.remove()
    return cast


def test_a_period_that_went_missing_is_found(issued):
    for model in (Placement, Ownership):
        model.objects.open().filter(instrument=issued.violin)._raw_delete("default")
    found = faults()
    assert found["instruments without exactly one open place"] == 1
    assert found["instruments without exactly one open owner"] == 1
    assert found["placement rows with a gap after them"] == 1


def test_two_who_answer_at_once_are_found(issued):
    handover = make.make_handover(issued.amsterdam, at=NOW - timedelta(days=2))
    later = make.make_handover(issued.amsterdam, at=NOW + timedelta(days=2))
    level = {"instrument": issued.violin, "level": "holder", "child": issued.amina, "ended_with": later}
    for n in range(2):
        Custody.objects.create(
            started_at=NOW - timedelta(days=n), ended_at=NOW + timedelta(days=2), began_with=handover, **level
        )
    found = faults()
    assert found["custody rows that overlap"] == 1
    assert found["custody rows without their instrument or handover"] == 2  # the handover was at another moment


def test_a_handover_that_did_nothing_and_a_broken_chain_are_found(issued):
    make.make_handover(issued.amsterdam)
    before = Custody.objects.keepers().get(instrument=issued.violin, followed_by__isnull=False)
    Custody.objects.filter(pk=before.followed_by_id).update(started_at=NOW + timedelta(hours=1))
    found = faults()
    assert found["handovers that did nothing"] == 1
    assert found["keepers whose chain is broken"] == 1


def test_every_statement_runs_on_this_database():
    with connection.cursor() as cursor:
        for statement in FAULTS.values():
            cursor.execute(statement)
            assert cursor.fetchone() == (0,)
