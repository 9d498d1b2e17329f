"""Now and then all sections of a group are one orchestra: one register, each child in it once, wherever it sits."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from leerorkest.lessons import actions, queries
from leerorkest.lessons.models import Closing, Lesson, MarkEvent
from leerorkest.lessons.rules import CancelCause
from leerorkest.network.models import Holiday
from leerorkest.shared import clock
from tests import make
from tests.make import NOW, TODAY

from .test_marks import receive, sent
from .test_register import noor, sam, start

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _clock(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def tutti(cast):
    """Today's lesson of 5A with a second section, in which Dilan plays the trumpet: all together in the hall."""
    brass = cast.lesson.series.sections.create(family="brass", room="lokaal 2")
    cast.lesson.series.seats.filter(child=cast.dilan).update(section=brass)
    actions.set_tutti(lesson=cast.lesson, is_tutti=True, room="gymzaal", by=sam(cast), at=NOW)
    cast.lesson.refresh_from_db()
    return cast


def brass(cast):
    return cast.lesson.series.sections.get(family="brass")


def test_each_fourth_lesson_of_a_series_is_the_whole_orchestra(cast):
    series = start(cast, tutti=actions.Tutti(every=4, room="gymzaal"))
    actions.plan_lessons(series=series, by=sam(cast), at=NOW)
    lessons = list(Lesson.objects.filter(series=series).order_by("on"))
    assert [lesson.is_tutti for lesson in lessons[:9]] == [False, False, False, True] * 2 + [False]
    assert {lesson.tutti_room for lesson in lessons} == {"", "gymzaal"}
    assert all(lesson.tutti_room == "gymzaal" for lesson in lessons if lesson.is_tutti)
    with pytest.raises(IntegrityError), transaction.atomic():
        Lesson.objects.filter(pk=lessons[0].pk).update(tutti_room="gymzaal")


def test_a_block_of_eight_lessons_goes_round_the_holidays(cast):
    Holiday.objects.create(
        organisation=cast.amsterdam, name="Kerst", sort="school", first_on=date(2026, 12, 19), last_on=date(2027, 1, 3)
    )
    hour = {"weekday": 3, "starts": start(cast).starts, "ends": start(cast).ends}
    new = make.make_group(cast.regenboog, "6C", grade="6")
    section = actions.NewSection("strings")
    act = {"group": new, "sections": [section], "on": TODAY, "by": sam(cast), "at": NOW, **hour}
    series = actions.plan_hour(first_on=date(2026, 12, 1), count=8, **act)
    days = list(series.lessons.values_list("on", flat=True))
    assert len(days) == 8
    assert (days[0], days[-1], series.last_on) == (date(2026, 12, 3), date(2027, 2, 4), date(2027, 2, 4))
    with pytest.raises(actions.NoSuchBlock, match="lessons fit before the school year ends"):
        actions.plan_hour(first_on=date(2027, 6, 1), count=12, **act)
    with pytest.raises(actions.NoSuchBlock, match="Only 0 lessons fit"):
        actions.plan_hour(first_on=date(2030, 6, 1), **act)


def test_one_register_holds_every_child_under_its_section_and_closes_them_all(client, tutti):
    cast = tutti
    client.force_login(cast.noor)
    page = client.get(f"/lessons/{cast.lesson.uid}/")
    parts = [(title, [line.child for line, _was, _noted in lines]) for title, lines in page.context["parts"]]
    assert parts == [("Strings", [cast.amina]), ("Brass", [cast.dilan])]
    assert "the whole orchestra, gymzaal" in page.content.decode()
    receive(cast.noor, sent(cast.lesson, cast.dilan))
    client.post(f"/lessons/{cast.lesson.uid}/close/", {"section": page.context["register"].section.pk})
    assert Closing.objects.filter(lesson=cast.lesson).count() == 2
    states = dict(MarkEvent.objects.filter(lesson=cast.lesson).values_list("child__first_name", "state"))
    assert states == {"Amina": "present", "Dilan": "absent"}
    assert MarkEvent.objects.filter(lesson=cast.lesson).count() == 2  # each child once
    hours = client.get("/lessons/").context["todays"]
    assert [hour.closing is not None for hour in hours] == [True, True]  # her section, and the one without a teacher
    with pytest.raises(actions.RegisterIsClosed):
        actions.set_tutti(lesson=cast.lesson, is_tutti=False, by=sam(cast), at=NOW)


def test_a_section_that_was_closed_before_stays_as_it_was(tutti):
    cast = tutti
    first = actions.close_register(lesson=cast.lesson, section=brass(cast), by=sam(cast), at=NOW)
    section = cast.lesson.series.sections.get(family="strings")
    actions.close_register(lesson=cast.lesson, section=section, whole=True, by=noor(cast), at=NOW)
    assert Closing.objects.get(section=brass(cast)) == first
    assert Closing.objects.filter(lesson=cast.lesson).count() == 2


def test_apart_again_each_section_has_its_own_register(client, tutti):
    cast = tutti
    client.force_login(cast.sam)
    address = f"/lessons/{cast.lesson.uid}/"
    client.post(f"{address}tutti/", {"room": "", "apart": "1"})
    cast.lesson.refresh_from_db()
    assert (cast.lesson.is_tutti, cast.lesson.tutti_room) == (False, "")
    register = client.get(f"{address}?section={brass(cast).pk}").context["register"]
    assert [line.child for line in register.lines] == [cast.dilan]
    client.post(f"{address}tutti/", {"room": "aula"})
    cast.lesson.refresh_from_db()
    assert (cast.lesson.is_tutti, cast.lesson.tutti_room) == (True, "aula")
    assert (
        "Ensure this value has at most 40"
        in client.post(f"{address}tutti/", {"room": "x" * 41}, follow=True).content.decode()
    )
    client.force_login(cast.noor)
    assert client.post(f"{address}tutti/", {"room": ""}).status_code == 404


def test_what_is_cancelled_is_no_orchestra(cast):
    actions.cancel_lesson(lesson=cast.lesson, cause=CancelCause.WEATHER, by=sam(cast), at=NOW)
    with pytest.raises(actions.AlreadyCancelled):
        actions.set_tutti(lesson=cast.lesson, is_tutti=True, by=sam(cast), at=NOW)


def test_the_register_of_the_whole_orchestra_takes_no_more_queries(cast, tutti, django_assert_max_num_queries):
    sections = queries.sections_of(cast.lesson.series_id)
    queries.register(noor(cast), lesson=cast.lesson, section=sections[0], sections=sections)
    with django_assert_max_num_queries(9):
        queries.register(noor(cast), lesson=cast.lesson, section=sections[0], sections=sections)


def test_the_calendar_says_where_the_orchestra_plays(client, tutti):
    cast = tutti
    secret = actions.make_calendar_link(by=noor(cast), at=NOW - timedelta(days=1))
    text = client.get(f"/lessons/calendar/{secret}.ics").content.decode().replace("\r\n ", "")
    assert "LOCATION:gymzaal" in text
