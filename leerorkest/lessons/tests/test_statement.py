"""The hours of a month are what the registers say, to the minute."""

import io
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook
from pypdf import PdfReader

from leerorkest.lessons import actions, queries
from leerorkest.lessons.actions.cover import report_absence
from leerorkest.lessons.models import Closing, Cover, CoverRequest, Lesson, Section
from leerorkest.lessons.rules import CancelCause
from leerorkest.people.access import actor_of
from leerorkest.people.rules import Role
from leerorkest.shared import clock
from tests import make
from tests.make import NOW, TODAY

FIRST, LAST = date(2026, 11, 1), date(2026, 11, 30)


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(hours=5))


@pytest.fixture
def month(cast):
    """Noor: two closed (60 and 45 minutes), one open, one cancelled, and one that Ada gave as a stand-in."""
    series = cast.lesson.series
    section = series.sections.get()
    lessons = [cast.lesson]
    for weeks in (1, 2, 3):
        earlier = {name: getattr(cast.lesson, name) - timedelta(days=7 * weeks) for name in ("starts_at", "ends_at")}
        lessons.append(Lesson.objects.create(series=series, on=TODAY - timedelta(days=7 * weeks), **earlier))
    Lesson.objects.filter(pk=lessons[1].pk).update(ends_at=lessons[1].starts_at + timedelta(minutes=45))
    for lesson in lessons[1:3]:
        actions.close_register(lesson=lesson, section=section, by=actor_of(cast.noor, TODAY), at=NOW)
    ada = make.make_account("Ada Invaller")
    make.make_posting(ada, Role.TEACHER, cast.amsterdam)
    yesterday = {name: getattr(cast.lesson, name) - timedelta(days=1) for name in ("starts_at", "ends_at")}
    stood_in = Lesson.objects.create(series=series, on=TODAY - timedelta(days=1), **yesterday)
    report_absence(
        account=cast.noor,
        organisation=cast.amsterdam,
        from_at=stood_in.starts_at,
        until_at=stood_in.ends_at,
        by=actor_of(cast.noor, TODAY),
        at=stood_in.starts_at - timedelta(hours=2),
    )
    request = CoverRequest.objects.get()
    Cover.objects.create(request=request, lesson=stood_in, section=section, account=ada, taken_at=NOW, closes_at=NOW)
    actions.close_register(lesson=stood_in, section=section, by=actor_of(ada, TODAY), at=NOW)
    before = lessons[3].starts_at - timedelta(days=1)
    actions.cancel_lesson(lesson=lessons[3], cause=CancelCause.WEATHER, by=actor_of(cast.sam, TODAY), at=before)
    return ada


def of(cast, account, first_on=FIRST):
    return queries.statement(account, cast.amsterdam, first_on=first_on, last_on=LAST, at=clock.now())


def test_what_counts_is_what_was_closed_by_whoever_gave_it(cast, month):
    found = of(cast, cast.noor)
    assert [(line.state, line.minutes) for line in found.lines] == [
        ("cancelled", 0),
        ("given", 60),
        ("given", 45),
        ("away", 0),
        ("open", 0),
    ]
    assert (found.minutes, found.still_open) == (105, 1)
    assert [(line.state, line.is_stand_in, line.minutes) for line in of(cast, month).lines] == [("given", True, 60)]


def test_all_statements_together_are_the_closed_registers_to_the_minute(cast, month):
    closed = sum(
        (closing.lesson.ends_at - closing.lesson.starts_at).total_seconds() / 60
        for closing in Closing.objects.select_related("lesson")
    )
    assert of(cast, cast.noor).minutes + of(cast, month).minutes == closed == 165


def test_what_has_not_begun_is_not_there(cast, month):
    tomorrow = {name: getattr(cast.lesson, name) + timedelta(days=1) for name in ("starts_at", "ends_at")}
    Lesson.objects.create(series=cast.lesson.series, on=TODAY + timedelta(days=1), **tomorrow)
    assert len(of(cast, cast.noor).lines) == 5


def test_the_page_and_the_files_say_the_same(cast, month, client):
    client.force_login(cast.noor)
    page = client.get("/lessons/hours/?month=2026-11").content.decode()
    assert "1,75 hours (105 minutes)" in page
    assert "1 register is still open" in page
    assert "cancelled: Weather" in page
    book = load_workbook(io.BytesIO(client.get("/lessons/hours.xlsx?month=2026-11").content))
    assert sum(row[7] for row in book.worksheets[0].iter_rows(min_row=2, values_only=True)) == 105
    assert next(book.worksheets[1].iter_rows(min_row=2, values_only=True)) == (105, 1.75, 1)
    pdf = client.get("/lessons/hours.pdf?month=2026-11").content
    assert "105" in PdfReader(io.BytesIO(pdf)).pages[0].extract_text()
    assert client.get("/lessons/hours.odt").status_code == 404


def test_who_reads_whose(cast, month, client):
    client.force_login(cast.sam)
    assert "Hours of Noor de Wit" in client.get(f"/lessons/hours/?teacher={cast.noor.uid}").content.decode()
    for who in (cast.eva, cast.luca):
        client.force_login(who)
        assert client.get(f"/lessons/hours/?teacher={cast.noor.uid}").status_code == 404
    assert client.get("/lessons/hours/?teacher=nonsense").status_code == 404
    client.force_login(cast.noor)
    assert client.get("/lessons/hours/?month=nonsense").status_code == 200


def test_ten_times_the_lessons_ask_as_often(cast, month):
    with CaptureQueriesContext(connection) as few:
        of(cast, cast.noor)
    for number in range(30):
        at = cast.lesson.starts_at - timedelta(days=30 + number)
        Lesson.objects.create(series=cast.lesson.series, on=at.date(), starts_at=at, ends_at=at + timedelta(minutes=50))
    Section.objects.create(series=cast.lesson.series, family="brass")
    with CaptureQueriesContext(connection) as many:
        of(cast, cast.noor, first_on=date(2026, 8, 1))
    assert len(many) == len(few)
