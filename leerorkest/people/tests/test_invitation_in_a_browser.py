"""An invited person opens the link on a phone: the code never reaches the server before a button is pressed."""

import pytest
from playwright.sync_api import expect

from leerorkest.people import actions
from leerorkest.people.rules import Role
from leerorkest.shared.actions import System
from tests import make
from tests.pages import check_page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_code_leaves_the_address_and_lets_the_person_in(page, live_server):
    from django.utils import timezone

    invited = actions.invite(
        organisation=make.make_organisation(),
        name="Mila Blom",
        email="mila@example.org",
        role=Role.TEACHER,
        from_on=make.YEAR_START,
        by=System("test"),
        at=timezone.now(),
    )
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(f"{live_server.url}/people/invitation/#{invited.secret}")
    expect(page.locator("[name=secret]")).to_have_value(invited.secret)
    assert "#" not in page.url
    assert not any(invited.secret in address for address in asked)
    check_page(page)
    for name in ("password", "again"):
        page.locator(f"[name={name}]").fill("vier paarse violen zingen")
    page.locator("button[value=password]").click()
    expect(page).not_to_have_url(f"{live_server.url}/people/invitation/")
    invited.account.refresh_from_db()
    assert invited.account.check_password("vier paarse violen zingen")
