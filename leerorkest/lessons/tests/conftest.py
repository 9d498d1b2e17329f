"""A teacher with a full group, and a phone."""

from datetime import date

import pytest

from leerorkest.lessons.models import Seat
from leerorkest.shared import clock
from tests.make import NOW, make_child

PHONE = {"width": 360, "height": 740}


@pytest.fixture
def cast_of_24(monkeypatch):
    from tests.cast import make_cast

    monkeypatch.setattr(clock, "now", lambda: NOW)
    cast = make_cast()
    section = cast.lesson.series.sections.get()
    for number in range(22):
        child = make_child(cast.group, f"Kind{number}", "Alexanderplein")
        Seat.objects.create(section=section, series=cast.lesson.series, child=child, from_on=date(2026, 8, 1))
    return cast


@pytest.fixture
def phone(browser):
    context = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True, service_workers="block")
    yield context
    context.close()


@pytest.fixture
def phone_with_worker(browser):
    """Requests of a worker cannot be rerouted by a test, so it has a fixture of its own."""
    context = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True)
    yield context
    context.close()
