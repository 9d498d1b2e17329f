"""A lesson that moves, and the calendar programs that hear of it."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from leerorkest.lessons import actions
from leerorkest.lessons.icalendar import Event, calendar
from leerorkest.lessons.models import CalendarLink, Lesson, LessonChange, Section
from leerorkest.lessons.rules import CancelCause
from leerorkest.network.models import Holiday
from leerorkest.people.access import actor_of
from leerorkest.shared import clock
from leerorkest.shared.log import NamesNobody
from tests.make import NOW, TODAY

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


@pytest.fixture(autouse=True)
def _today(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def coming(cast):
    """The lesson after today's."""
    after = {"on": cast.lesson.on + timedelta(days=7)}
    after |= {name: getattr(cast.lesson, name) + timedelta(days=7) for name in ("starts_at", "ends_at")}
    return Lesson.objects.create(series=cast.lesson.series, **after)


def move(cast, lesson, on, starts=time(9), ends=time(10), cause=CancelCause.SCHOOL_PLANS):
    sam = actor_of(cast.sam, TODAY)
    return actions.move_lesson(lesson=lesson, on=on, starts=starts, ends=ends, cause=cause, by=sam, at=NOW)


# --- moving -----------------------------------------------------------------------------------------------


def test_a_moved_lesson_keeps_where_it_stood_and_is_not_planned_again(cast, coming):
    was = coming.on
    move(cast, coming, was + timedelta(days=1))
    moved = Lesson.objects.get(pk=coming.pk)
    assert (moved.on, moved.starts_at) == (was + timedelta(days=1), datetime(2026, 12, 2, 8, tzinfo=UTC))
    [change] = moved.changes.all()
    assert (change.was_on, change.cause, change.is_cancellation) == (was, "school_plans", False)
    actions.plan_lessons(series=coming.series, by=actor_of(cast.sam, TODAY), at=NOW)
    assert not Lesson.objects.filter(series=coming.series, on=was).exists()
    with pytest.raises(IntegrityError), transaction.atomic():
        LessonChange.objects.update(cause="weather")


def test_a_cancelled_lesson_keeps_its_hour_and_cause(cast, coming):
    actions.cancel_lesson(lesson=coming, cause=CancelCause.WEATHER, by=actor_of(cast.sam, TODAY), at=NOW)
    [change] = LessonChange.objects.all()
    assert (change.was_starts_at, change.is_cancellation, change.cause) == (coming.starts_at, True, "weather")
    with pytest.raises(actions.AlreadyCancelled):
        move(cast, coming, coming.on + timedelta(days=1))


def test_what_stands_in_the_way_of_moving_is_named(cast, coming):
    cases = {
        actions.SameDay: {"on": cast.lesson.on, "starts": time(23), "ends": time(23, 30)},
        actions.MovedToThePast: {"on": TODAY - timedelta(days=1)},
        actions.OutsideTheYear: {"on": date(2028, 1, 10)},
        actions.HourEndsBeforeItStarts: {"on": TODAY + timedelta(days=2), "starts": time(10), "ends": time(10)},
        actions.NoSchoolThatDay: {"on": TODAY + timedelta(days=9)},
        actions.NotMoved: {
            "on": coming.on,
            "starts": coming.starts_at.astimezone(AMSTERDAM).time(),
            "ends": coming.ends_at.astimezone(AMSTERDAM).time(),
        },
    }
    day = TODAY + timedelta(days=9)
    Holiday.objects.create(organisation=cast.amsterdam, name="Studiedag", sort="own", first_on=day, last_on=day)
    for refusal, asked in cases.items():
        with pytest.raises(refusal):
            move(cast, coming, **asked)
    assert not LessonChange.objects.exists()


def test_what_was_marked_does_not_move(cast, coming):
    mark = {"id": str(uuid4()), "device": str(uuid4()), "device_sequence": 1, "state": "absent", "corrects": []}
    mark |= {"lesson": str(coming.uid), "child": str(cast.amina.uid), "made_at": NOW.isoformat()}
    [receipt] = actions.receive_marks(batch=[mark], by=actor_of(cast.noor, TODAY), at=NOW)
    assert receipt.stored
    with pytest.raises(actions.HasMarks):
        move(cast, coming, coming.on + timedelta(days=1))


def test_a_teacher_is_not_given_two_lessons_at_once(cast, coming):
    other = actions.start_series(
        group=cast.group,
        weekday=(TODAY + timedelta(days=2)).weekday(),
        starts=time(9, 30),
        ends=time(10, 30),
        sections=[actions.NewSection("brass", teaching=coming.series.sections.get().teaching)],
        by=actor_of(cast.sam, TODAY),
        at=NOW,
    )
    actions.plan_lessons(series=other, by=actor_of(cast.sam, TODAY), at=NOW)
    with pytest.raises(actions.TeacherGivesAnother) as refused:
        move(cast, coming, TODAY + timedelta(days=2))
    assert cast.noor.name in str(refused.value)
    move(cast, coming, TODAY + timedelta(days=2), time(10, 30), time(11))


def test_the_page_moves_it_and_says_why_not(cast, coming, client):
    client.force_login(cast.sam)
    address = f"/lessons/{coming.uid}/move/"
    sent = {"on": TODAY - timedelta(days=3), "starts": "09:00", "ends": "10:00", "cause": "school_plans"}
    refused = client.post(address, sent)
    assert "That moment has passed." in refused.content.decode()
    assert client.post(address, sent | {"on": coming.on + timedelta(days=1)}).status_code == 302
    assert "Moved from Tuesday" in client.get(f"/lessons/{coming.uid}/").content.decode()
    client.force_login(cast.noor)
    assert "Moved from Tuesday" in client.get(f"/lessons/?from={coming.on}").content.decode()
    assert client.get(address).status_code == 404


# --- the feed ---------------------------------------------------------------------------------------------


def feed_of(client, cast):
    client.force_login(cast.noor)
    page = client.post("/lessons/calendar/", {"act": "make"}).content.decode()
    client.logout()
    [address] = {part.split(".ics")[0] for part in page.split("http://testserver")[1:] if ".ics" in part}
    return f"{address}.ics"


def unfolded(answer):
    return answer.content.decode().replace("\r\n ", "").split("\r\n")


def test_a_calendar_program_reads_the_lessons_of_one_teacher_and_no_child(cast, coming, client):
    Section.objects.update(room="Music, upstairs")
    address = feed_of(client, cast)
    answer = client.get(address)
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    lines = unfolded(answer)
    assert lines.count("BEGIN:VEVENT") == 2
    assert f"UID:{coming.uid}" in lines
    assert "DTSTART;TZID=Europe/Amsterdam:20261201T" in "".join(lines)
    assert any(line.startswith("LOCATION:Music\\, upstairs\\, De Regenboog") for line in lines)
    assert "Amina" not in "".join(lines)
    assert client.get(address, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_a_change_makes_the_same_event_newer(cast, coming, client):
    address = feed_of(client, cast)
    before = client.get(address)
    assert "SEQUENCE:1" not in unfolded(before)
    move(cast, coming, coming.on + timedelta(days=1))
    actions.cancel_lesson(lesson=coming, cause=CancelCause.WEATHER, by=actor_of(cast.sam, TODAY), at=NOW)
    after = unfolded(client.get(address, headers={"If-None-Match": before.headers["ETag"]}))
    event = after[after.index(f"UID:{coming.uid}") :]
    event = event[: event.index("END:VEVENT")]
    assert {"SEQUENCE:2", "STATUS:CANCELLED"} <= set(event)
    [told] = [line for line in event if line.startswith("DESCRIPTION:")]
    assert told.count("\\n") == 1


def test_a_link_ends_when_a_new_one_is_made_when_it_is_taken_back_and_with_the_posting(cast, client):
    first, second = feed_of(client, cast), feed_of(client, cast)
    assert client.get(first).status_code == 404
    assert client.get(second).status_code == 200
    cast.noor.postings.update(until_on=TODAY - timedelta(days=1))
    assert client.get(second).status_code == 404
    cast.noor.postings.update(until_on=None)
    client.force_login(cast.noor)
    client.post("/lessons/calendar/", {"act": "revoke"})
    assert client.get(second).status_code == 404
    with pytest.raises(IntegrityError), transaction.atomic():
        CalendarLink.objects.update(revoked_at=None)


def test_the_secret_is_kept_nowhere(cast, client):
    secret = feed_of(client, cast).rsplit("/", 1)[1].removesuffix(".ics")
    link = CalendarLink.objects.get()
    assert secret not in {str(value) for value in vars(link).values()}


def test_who_reads_too_often_waits_and_no_log_holds_the_secret(cast, client, monkeypatch, caplog):
    from leerorkest.lessons.views import calendar as views

    monkeypatch.setattr(views, "MOST_READS", 2)
    address = feed_of(client, cast)
    assert [client.get(address).status_code for _ in range(3)] == [200, 200, 429]
    assert address not in "".join(map(NamesNobody().format, caplog.records))


def test_ten_times_the_lessons_ask_as_often(cast, coming, client):
    address = feed_of(client, cast)
    client.get(address)  # the first read also begins to count reads
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    actions.plan_lessons(series=coming.series, by=actor_of(cast.sam, TODAY), at=NOW)
    with CaptureQueriesContext(connection) as many:
        assert unfolded(client.get(address)).count("BEGIN:VEVENT") > 20
    assert len(many) == len(few)


# --- the format -------------------------------------------------------------------------------------------


def event(start, **more):
    made = {"uid": "1", "sequence": 0, "changed_at": start, "summary": "x", "ends_at": start + timedelta(hours=1)}
    return Event(starts_at=start, **made | more)


def test_no_line_is_longer_than_75_bytes_and_no_letter_is_cut():
    text = calendar("é" * 60, "Europe/Amsterdam", [event(NOW, summary="ñ,;\\\n" * 40)])
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    assert ("ñ\\,\\;\\\\\\n" * 40) in text.replace("\r\n ", "")
    assert "\n" not in text.replace("\r\n", "")


@pytest.mark.parametrize("zone", ["Europe/Amsterdam", "America/Curacao", "America/Puerto_Rico", "Australia/Lord_Howe"])
def test_the_clock_of_the_zone_stands_in_the_file(zone):
    """Read back by the rules of the standard: the last observance that began before a wall-clock time gives it."""
    first, last = datetime(2026, 8, 24, 9, tzinfo=ZoneInfo(zone)), datetime(2027, 7, 9, 9, tzinfo=ZoneInfo(zone))
    lines = calendar("x", zone, [event(first), event(last)]).split("\r\n")
    observances = []
    for number, line in enumerate(lines):
        if line in {"BEGIN:STANDARD", "BEGIN:DAYLIGHT"}:
            found = dict(part.split(":", 1) for part in lines[number + 1 : number + 5])
            observances.append((datetime.strptime(found["DTSTART"], "%Y%m%dT%H%M%S"), found["TZOFFSETTO"]))  # noqa: DTZ007
    for day in range(0, 320, 3):
        wall = (first + timedelta(days=day)).replace(tzinfo=None)
        offset = [to for since, to in sorted(observances) if since <= wall][-1]
        assert wall.replace(tzinfo=ZoneInfo(zone)).strftime("%z") == offset, (zone, wall)
