"""A string breaks in the lesson: the whole way on real pages, until the child's own violin is back."""

import uuid

import pytest

from leerorkest.depot import actions
from leerorkest.depot.models import Defect
from leerorkest.shared import clock
from leerorkest.shared.actions import System
from tests import make
from tests.cast import make_cast
from tests.pages import look, look_everywhere, sign_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
NOW = make.NOW


@pytest.fixture
def taps(page):
    """Counts what a thumb does."""

    class Taps:
        count = 0

        def on(self, target):
            self.count += 1
            target.click()

    return Taps()


def test_a_string_breaks(page, live_server, monkeypatch, taps):
    monkeypatch.setattr(clock, "now", lambda: NOW)
    cast = make_cast()
    act = {"by": System("test"), "at": NOW}
    actions.issue_class_set(instruments=[cast.violin], site=cast.regenboog.site, handover_id=uuid.uuid4(), **act)
    actions.lend(instrument=cast.violin, child=cast.amina, handover_id=uuid.uuid4(), **act)
    page.set_viewport_size({"width": 360, "height": 740})
    sign_in(page.context, live_server, cast.noor)

    page.goto(f"{live_server.url}/lessons/children/{cast.amina.uid}/")
    look(page, "child")
    taps.on(page.get_by_role("link", name="Something is broken"))
    look_everywhere(page, "report")
    taps.on(page.get_by_role("button", name="Strings", exact=True))
    look(page, "report-strings")
    taps.on(page.get_by_role("button", name="A string is broken"))
    page.wait_for_url("**/depot/defects/*/")
    assert taps.count <= 4
    assert Defect.objects.stopping().get().instrument == cast.violin
    look_everywhere(page, "defect")
