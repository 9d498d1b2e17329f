"""Two people press Apply at the same second: one wins, the other is told so by name."""

import threading

import pytest
from django.db import connection

from leerorkest.people.models import Child
from leerorkest.schools.actions import roster as actions
from leerorkest.schools.models import RosterImport
from leerorkest.schools.tests.test_roster_import import NIGHT, file, preview
from leerorkest.schools.tests.test_roster_reading import leerling
from leerorkest.shared.actions import Refused
from tests import make

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def at_once(act, times: int) -> list[str]:
    """What each thread met: "" for success, else the name of the refusal."""
    outcomes: list[str] = []
    start = threading.Barrier(times)

    def run() -> None:
        start.wait()
        try:
            act()
            outcomes.append("")
        except Refused as refused:
            outcomes.append(type(refused).__name__)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(outcomes)


def test_of_many_who_apply_one_preview_one_wins():
    school = make.make_school(code="99ZZ00")
    make.make_year(school.site.organisation)
    made = preview(school, file(*(leerling(str(at), "Amina") for at in range(30))))
    outcomes = at_once(lambda: actions.apply_roster(roster_import=made, by=NIGHT, at=make.NOW), 8)
    assert outcomes == ["", *["AlreadyApplied"] * 7]
    assert Child.objects.count() == 30
    outcomes = at_once(lambda: actions.undo_roster(roster_import=made, by=NIGHT, at=make.NOW), 4)
    assert outcomes == ["", "NotApplied", "NotApplied", "NotApplied"]
    assert Child.objects.count() == 0


def test_two_previews_at_once_leave_one():
    school = make.make_school(code="99ZZ00")
    make.make_year(school.site.organisation)
    content = file(leerling("1"))
    assert at_once(lambda: preview(school, content), 4) == ["", "", "", ""]
    assert RosterImport.objects.count() == 1
