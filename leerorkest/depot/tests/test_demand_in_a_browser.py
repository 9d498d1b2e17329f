"""From a request of another city to its receipt there, on a phone."""

import uuid
from datetime import timedelta

import pytest

from leerorkest.depot.actions import requests, shipments
from leerorkest.depot.actions.reservations import Wanted
from leerorkest.depot.models import Instrument, Shipment
from leerorkest.depot.rules import Terms
from leerorkest.network.models import Site
from leerorkest.shared import clock
from leerorkest.shared.actions import System
from tests import make
from tests.cast import make_cast
from tests.pages import look, look_everywhere, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def scan(page, tag):
    """As a hand scanner does: it types the code and presses Enter."""
    field = page.locator(".scanner-text")
    field.fill(tag)
    field.press("Enter")
    page.wait_for_load_state()


def test_from_the_request_of_another_city_to_its_receipt(page, live_server):
    cast, flute = make_cast(), make.make_kind("flute")
    island = make.make_site("Depósito", organisation=cast.curacao, sort=Site.DEPOT)
    flutes = [make.make_instrument(cast.depot, kind=flute, number=str(n)) for n in (1, 2, 3)]
    now = clock.now()
    shipments.set_freight_time(organisation=cast.curacao, site=None, weeks=5, by=System("test"), at=now)
    today = cast.amsterdam.day_at(now)
    asked = requests.ask(
        asked_of=cast.amsterdam,
        site=island,
        wanted=[Wanted(flute, None, 2)],
        terms=Terms.LOAN,
        needed_on=today + timedelta(days=60),
        until_on=today + timedelta(days=300),
        by=cast.luca,
        at=now,
        request_id=uuid.uuid4(),
    )
    page.set_viewport_size({"width": 360, "height": 740})
    sign_in(page.context, live_server, cast.joost)
    page.goto(f"{live_server.url}/depot/requests/{asked.pk}/")
    page.get_by_text("The boxes are 5 weeks under way").wait_for()
    look(page, "answer")
    page.get_by_role("button", name="Answer").click()
    page.get_by_role("link", name="Pick list").click()
    look(page, "pick-list")
    for row in flutes[:2]:
        scan(page, row.tag)
    page.get_by_text("2 picked, 0 left, of 2").wait_for()
    page.get_by_role("link", name="Send by carrier").click()
    page.locator("[name=carrier]").fill("Zeevracht")
    look(page, "send")
    page.get_by_role("button", name="Send").click()
    look(page, "sent")

    sign_in(page.context, live_server, cast.luca)
    page.goto(f"{live_server.url}/depot/shipments/{Shipment.objects.get().pk}/")
    for row in flutes[:2]:
        scan(page, row.tag)
    look(page, "unpacked")
    page.get_by_role("button", name="Receive 2 instruments").click()
    assert Instrument.objects.kept_by(island).count() == 2
    for path in ("loans", "outlook", "surplus", "reservations/new", "requests/new"):
        page.goto(f"{live_server.url}/depot/{path}/")
        (look_everywhere if path == "outlook" else look)(page, path.replace("/", "-"))
