"""Nobody sees what they may not see: every actor, every route, every method, every relation."""

import os

import pytest

from leerorkest.routes import Route, routes

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


def part_of(route: Route) -> str:
    return route.room or "signing in"


@pytest.mark.parametrize("part", sorted({part_of(route) for route in routes()}))
def test_the_matrix_holds(world, part, record_property):
    begin = os.environ.get("LEERORKEST_MATRIX", "")  # while a page is being made: only routes that begin with this
    chosen = matrix.cells(world, only=lambda route: part_of(route) == part and route.name.startswith(begin))
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
