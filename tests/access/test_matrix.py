"""Nobody sees what they may not see: every actor, every route, every method, every relation."""

import os

import pytest

from leerorkest.routes import routes

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


def say(request, line):
    request.config.figures = [*getattr(request.config, "figures", []), line]


def test_the_matrix_holds(world, request):
    part = os.environ.get("LEERORKEST_MATRIX", "")  # while a page is being made: only routes that begin with this
    report = matrix.run(world, matrix.cells(world, only=lambda route: route.name.startswith(part)))
    say(
        request,
        f"access matrix: {report.cells} cells, {len(report.routes)} routes, {len(world.actors)} actors, "
        f"{len(report.faults)} faults; {report.seen} canaries read by who may read them; "
        f"{report.looks} pages and files show a child",
    )
    if report.faults:
        pytest.fail(f"{len(report.faults)} faults in {report.cells} cells:\n{report}", pytrace=False)
    assert report.cells >= LEAST or part


def test_the_actors_of_the_tables_exist(world):
    assert set(world.actors) >= STAFF
    assert set(world.actors) >= set(SEES)
