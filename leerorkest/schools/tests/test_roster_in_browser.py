"""The roster in a real browser: upload, see, apply, undo; and its pages hold to what holds for every page."""

import os
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from leerorkest.schools.models import RosterImport
from leerorkest.schools.tests.test_roster_import import GROUPS, in_groups
from leerorkest.schools.tests.test_roster_reading import edexml, leerling
from tests.pages import check_page_everywhere

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PICTURES = os.environ.get("LEERORKEST_PICTURES")  # a folder: keep what the pages looked like


@pytest.fixture
def sam(page, live_server, cast):
    client = Client()
    client.force_login(cast.sam)
    value = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": live_server.url}])
    return page


def look(page, name: str) -> None:
    check_page_everywhere(page)
    if PICTURES:
        for width in (360, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            page.screenshot(path=str(Path(PICTURES) / f"{name}-{width}.png"), full_page=True)


def test_a_coordinator_uploads_sees_applies_and_undoes(sam, live_server, cast, tmp_path):
    before = in_groups(cast.regenboog)
    export = tmp_path / "export.xml"
    amina = leerling("9", "Amina", "Bakker", group="g6", more="<bsn>111222333</bsn>")
    export.write_text(edexml(leerling("1", "Yara", "Kok") + amina + leerling("3", group=""), GROUPS))
    sam.goto(f"{live_server.url}/schools/{cast.regenboog.pk}/roster/")
    look(sam, "roster")
    sam.set_input_files("input[type=file]", export)
    sam.click("main form button.primary")
    sam.get_by_role("rowheader", name="Yara Kok").wait_for()
    look(sam, "preview")
    assert in_groups(cast.regenboog) == before
    sam.uncheck("input[name=end_gone]")
    sam.click("main form button.primary")
    sam.locator("button.danger").wait_for()
    assert in_groups(cast.regenboog)["Yara"] == "5A"
    look(sam, "applied")
    sam.click("button.danger")
    sam.locator(".notice-success").wait_for()
    assert in_groups(cast.regenboog) == before


def test_columns_are_named_on_a_screen(sam, live_server, cast, tmp_path):
    table = tmp_path / "list.csv"
    table.write_text("A;B;C\nYara;van der Kok;5A\nMees;Vos;5A\n")
    sam.goto(f"{live_server.url}/schools/{cast.regenboog.pk}/roster/")
    sam.set_input_files("input[type=file]", table)
    sam.click("main form button.primary")
    sam.locator("select[name=first_name]").wait_for()
    look(sam, "columns")
    for field, column in {"first_name": "A", "last_name": "B", "group": "C"}.items():
        sam.select_option(f"select[name={field}]", column)
    sam.click("main form button.primary")
    sam.get_by_role("rowheader", name="Yara van der Kok").wait_for()
    assert RosterImport.objects.get().counts["new"] == 2
