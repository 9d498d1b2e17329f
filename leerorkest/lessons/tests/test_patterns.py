"""Three lessons in a row that a child was not there, unannounced: for the coordinator alone."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leerorkest.lessons import queries
from leerorkest.lessons.models import Lesson
from leerorkest.people.access import actor_of
from leerorkest.schools.models import Membership
from leerorkest.shared import clock
from tests.make import NOW, TODAY, make_child

from .test_marks import receive, sent


@pytest.fixture
def weeks(cast):
    """Today's lesson and the three before it, the last one first."""
    series, found = cast.lesson.series, [cast.lesson]
    for number in (1, 2, 3):
        earlier = {name: getattr(cast.lesson, name) - timedelta(days=7 * number) for name in ("starts_at", "ends_at")}
        found.append(Lesson.objects.create(series=series, on=TODAY - timedelta(days=7 * number), **earlier))
    return found


def mark(cast, weeks, child, *states):
    for lesson, state in zip(weeks, states, strict=False):
        if state:
            receive(cast.noor, sent(lesson, child, state))


def found(cast, account=None):
    return [(one.child, one.lessons) for one in queries.patterns(actor_of(account or cast.sam, TODAY), on=TODAY)]


@pytest.mark.parametrize(
    ("states", "lessons"),
    [
        (("absent", "absent", "absent"), 3),
        (("absent", "absent", "absent", "absent"), 4),
        ((None, "absent", "absent", "absent"), 3),  # today is not marked yet
        (("present", "absent", "absent", "absent"), 0),  # it is back
        (("absent", "absent"), 0),
        (("absent", "announced", "absent", "absent"), 0),  # home said so
    ],
)
def test_three_in_a_row_until_the_last_marked_lesson(cast, weeks, states, lessons):
    mark(cast, weeks, cast.amina, *states)
    assert found(cast) == ([(cast.amina, lessons)] if lessons else [])


def test_what_was_corrected_or_is_disputed_does_not_count(cast, weeks):
    mark(cast, weeks, cast.amina, "absent", "absent", "absent")
    receive(cast.sam, sent(weeks[1], cast.amina, "present"))  # beside the teacher's: nobody decided yet
    assert found(cast) == []


def test_only_who_coordinates_the_school_sees_it_and_only_children_who_are_there(cast, weeks, client, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)
    mark(cast, weeks, cast.amina, "absent", "absent", "absent")
    assert found(cast, cast.luca) == []
    client.force_login(cast.sam)
    assert "Amina B." in client.get("/lessons/patterns/").content.decode()
    for who in (cast.noor, cast.hanna):
        client.force_login(who)
        assert client.get("/lessons/patterns/").status_code == 404
    Membership.objects.filter(child=cast.amina).update(until_on=TODAY)
    assert found(cast) == []


def test_ten_times_the_children_ask_as_often(cast, weeks):
    mark(cast, weeks, cast.amina, "absent", "absent", "absent")
    with CaptureQueriesContext(connection) as few:
        found(cast)
    for number in range(10):
        mark(cast, weeks, make_child(cast.group, f"Kind{number}"), "absent", "absent", "absent")
    with CaptureQueriesContext(connection) as many:
        assert len(found(cast)) == 11
    assert len(many) == len(few)
