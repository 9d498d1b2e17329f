"""The roster in a real browser: upload, see, apply, undo; and its pages hold to what holds for every page."""

import pytest

from leerorkest.schools.models import RosterImport
from leerorkest.schools.tests.test_roster_import import GROUPS, in_groups
from leerorkest.schools.tests.test_roster_reading import edexml, leerling
from leerorkest.shared import clock
from tests import make
from tests.pages import look_everywhere, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def sam(page, live_server, cast, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: make.NOW)  # of the server too: it runs in this process
    sign_in(page.context, live_server, cast.sam)
    return page


def test_a_coordinator_uploads_sees_applies_and_undoes(sam, live_server, cast, tmp_path):
    before = in_groups(cast.regenboog)
    export = tmp_path / "export.xml"
    amina = leerling("9", "Amina", "Bakker", group="g6", more="<bsn>111222333</bsn>")
    export.write_text(edexml(leerling("1", "Yara", "Kok") + amina + leerling("3", group=""), GROUPS))
    sam.goto(f"{live_server.url}/schools/{cast.regenboog.pk}/roster/")
    look_everywhere(sam, "roster")
    sam.set_input_files("input[type=file]", export)
    sam.click("main form button.primary")
    sam.get_by_role("rowheader", name="Yara Kok").wait_for()
    look_everywhere(sam, "preview")
    assert in_groups(cast.regenboog) == before
    sam.uncheck("input[name=end_gone]")
    sam.click("main form button.primary")
    sam.locator("button.danger").wait_for()
    assert in_groups(cast.regenboog)["Yara"] == "5A"
    look_everywhere(sam, "applied")
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
    look_everywhere(sam, "columns")
    for field, column in {"first_name": "A", "last_name": "B", "group": "C"}.items():
        sam.select_option(f"select[name={field}]", column)
    sam.click("main form button.primary")
    sam.get_by_role("rowheader", name="Yara van der Kok").wait_for()
    assert RosterImport.objects.get().counts["new"] == 2
