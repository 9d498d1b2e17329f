"""A visit asks the system for its stack once, however deep it calls."""

import sys

import pytest
from django.http import HttpResponse

from leerorkest.shared.middleware import Roomy

resource = pytest.importorskip("resource")

CALLS = 200


def deep(levels, then):
    return deep(levels - 1, then) if levels else then()


def to_and_fro(request=None):
    """At each depth many calls that return at once: at some depth they lie on an edge."""
    for levels in range(300):
        deep(levels, lambda: [deep(3, list) for _ in range(CALLS)])
    return HttpResponse()


def faults_of(call):
    for _ in range(3):  # memory that is kept is there by then
        call()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    call()
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


@pytest.mark.skipif(sys.platform != "linux", reason="page faults are counted as Linux does")
def test_no_call_within_a_visit_lies_on_an_edge_of_the_stack(rf):
    request, roomy = rf.get("/"), Roomy(to_and_fro)
    assert faults_of(lambda: roomy(request)) < CALLS
