"""Three lines for the next colleague: found where the next lesson begins, without the name of a child."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from leerorkest.lessons import actions, queries
from leerorkest.lessons.models import Lesson, NextTime
from leerorkest.people.access import actor_of
from tests.make import NOW, TODAY


@pytest.fixture
def section(cast):
    return cast.lesson.series.sections.get()


@pytest.fixture
def next_week(cast):
    after = {"on": cast.lesson.on + timedelta(days=7)}
    after |= {name: getattr(cast.lesson, name) + timedelta(days=7) for name in ("starts_at", "ends_at")}
    return Lesson.objects.create(series=cast.lesson.series, **after)


def leave(cast, section, text):
    return actions.leave_note(lesson=cast.lesson, section=section, text=text, by=actor_of(cast.noor, TODAY), at=NOW)


def left_for(lesson, section):
    found = queries.left_for([(lesson, section)]).get((lesson.pk, section.pk))
    return found and found.text


def test_the_next_lesson_begins_with_what_was_left(cast, section, next_week):
    leave(cast, section, "  Bar 8 is new.\n\n Bring the drum. ")
    assert left_for(next_week, section) == "Bar 8 is new.\nBring the drum."
    assert left_for(cast.lesson, section) is None
    assert left_for(next_week, cast.lesson.series.sections.create(family="brass")) is None


def test_the_newest_counts_and_an_empty_one_takes_it_away(cast, section, next_week):
    leave(cast, section, "Bar 8.")
    leave(cast, section, "Bar 9.")
    assert left_for(next_week, section) == "Bar 9."
    leave(cast, section, "")
    assert left_for(next_week, section) is None
    with pytest.raises(actions.NothingLeft):
        leave(cast, section, " \n ")
    assert NextTime.objects.count() == 3
    with pytest.raises(IntegrityError), transaction.atomic():
        NextTime.objects.update(text="Bar 10.")


@pytest.mark.parametrize("text", ["Amina had no bow.", "Ask AMINA: bar 8"])
def test_the_name_of_a_child_is_refused(cast, section, text):
    with pytest.raises(actions.NamesAChild):
        leave(cast, section, text)


@pytest.mark.parametrize("text", ["one\ntwo\nthree\nfour", "x" * 241])
def test_more_than_three_lines_is_refused(cast, section, text):
    with pytest.raises(actions.TooMuchLeft):
        leave(cast, section, text)


def test_the_pages_show_it_and_keep_what_was_refused(cast, section, next_week, client):
    client.force_login(cast.noor)
    address = f"/lessons/{cast.lesson.uid}/next-time/?section={section.pk}"
    answer = client.post(address, {"text": "Amina had no bow."})
    assert answer.status_code == 200
    assert "Amina had no bow." in answer.content.decode()
    assert client.post(address, {"text": "Bar 8 is new."}).status_code == 302
    assert "Bar 8 is new." in client.get(f"/lessons/{cast.lesson.uid}/").content.decode()
    assert "Bar 8 is new." in client.get(f"/lessons/{next_week.uid}/").content.decode()
    assert "Bar 8 is new." in client.get(f"/lessons/?from={next_week.on}").content.decode()
    client.force_login(cast.eva)
    assert client.get(address).status_code == 404


def test_a_whole_week_asks_once(cast, section, next_week):
    leave(cast, section, "Bar 8.")
    with CaptureQueriesContext(connection) as asked:
        assert len(queries.left_for([(cast.lesson, section), (next_week, section)])) == 1
    assert len(asked) == 1
