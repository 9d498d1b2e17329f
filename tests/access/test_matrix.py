"""Nobody sees what they may not see: every actor, every route, every method, every relation."""

import itertools
import os

import pytest

from leerorkest.routes import routes
from tests import prepared

from . import matrix
from .expected import EXPECTED, STAFF
from .fields import SEES
from .objects import factory_of

pytestmark = pytest.mark.django_db  # so that the database is made; the world lives around every test
LEAST = 35_000  # cells; it grows by itself with every route


def test_every_route_has_a_row_and_every_row_a_route():
    found = {route.name for route in routes()}
    missing = sorted(found - set(EXPECTED))
    assert not missing, f"tests/access/expected.py does not say who may reach {', '.join(missing)}: add a row for each"


def test_every_parameter_can_be_built():
    for route in routes():
        for parameter in route.parameters:
            factory_of(route.name, route.room, parameter)


def parts() -> dict[str, set[str]]:
    """{"depot 2": names of routes}: by room, twenty at most, so that the cores share them evenly."""
    found: dict[str, set[str]] = {}
    for room, of_room in itertools.groupby(sorted(routes(), key=lambda route: route.room), lambda route: route.room):
        for number, some in enumerate(itertools.batched(of_room, 20), start=1):
            found[f"{room or 'signing in'} {number}"] = {route.name for route in some}
    return found


@pytest.mark.parametrize("part", parts())
def test_the_matrix_holds(world, part, record_property, monkeypatch):
    prepared.compare(monkeypatch)
    begin = os.environ.get("LEERORKEST_MATRIX", "")  # while a page is being made: only routes that begin with this
    names = {name for name in parts()[part] if name.startswith(begin)}
    chosen = matrix.cells(world, only=lambda route: route.name in names)
    report = matrix.run(world, chosen)
    record_property(
        "figure",
        f"access matrix, {part}: {report.cells} cells, {len(report.routes)} routes, {len(world.actors)} actors, "
        f"{len(report.faults)} faults; {report.seen} canaries read by who may read them; "
        f"{report.looks} pages and files show a child",
    )
    if report.faults:
        pytest.fail(f"{len(report.faults)} faults in {report.cells} cells:\n{report}", pytrace=False)


def test_the_matrix_is_large(world, record_property):
    count = sum(1 for _ in matrix.cells(world))
    record_property("figure", f"access matrix: {count} cells in all")
    assert count >= LEAST


def test_the_actors_of_the_tables_exist(world):
    assert set(world.actors) >= STAFF
    assert set(world.actors) >= set(SEES)
