"""Who plays and has nothing in care."""

import uuid

import pytest

from leerorkest.depot import actions
from leerorkest.depot.queries.children import without_instrument
from leerorkest.schools.models import Membership
from leerorkest.shared.actions import System
from leerorkest.shared.models import AuditEntry
from tests import make
from tests.counting import queries_of
from tests.make import NOW, TODAY

pytestmark = pytest.mark.django_db


def test_a_child_stands_on_the_list_until_it_has_an_instrument(client, cast):
    client.force_login(cast.sam)
    page = client.get("/depot/children-without/").content.decode()
    assert "Amina B." in page
    assert "Dilan" not in page  # plays nothing yet
    assert AuditEntry.objects.filter(act="seen.children", subject="without_instrument").exists()
    acting = {"by": System("test"), "at": NOW}
    actions.issue_class_set(instruments=[cast.violin], site=cast.regenboog.site, handover_id=uuid.uuid4(), **acting)
    actions.lend(instrument=cast.violin, child=cast.amina, handover_id=uuid.uuid4(), **acting)
    assert not without_instrument(Membership.objects.all(), TODAY).filter(child=cast.amina).exists()
    assert "Amina" not in client.get("/depot/children-without/").content.decode()


def test_the_list_takes_the_same_queries_for_one_and_for_three(client, cast):
    client.force_login(cast.sam)
    few = queries_of(client, "/depot/children-without/")
    for name in ("Bo", "Cas"):
        make.make_playing(make.make_child(cast.group, name))
    assert queries_of(client, "/depot/children-without/") == few
