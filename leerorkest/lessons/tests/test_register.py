"""The year's lessons, seats, and the register from open to closed."""

import threading
import uuid
from datetime import date, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leerorkest.depot.models import Custody
from leerorkest.lessons import access, actions, queries
from leerorkest.lessons.models import Closing, Lesson, MarkEvent, Seat
from leerorkest.lessons.rules import CancelCause, MarkState
from leerorkest.network.models import Holiday
from leerorkest.people.access import actor_of
from leerorkest.schools.models import Membership, Playing
from tests.make import NOW, TODAY, make_child, make_handover, make_instrument, make_kind, make_lesson, make_playing

from .test_marks import receive, sent


def sam(cast):
    return actor_of(cast.sam, TODAY)


def noor(cast):
    return actor_of(cast.noor, TODAY)


def start(cast, **values):
    return actions.start_series(
        **{
            "group": cast.group,
            "weekday": 3,
            "starts": time(10),
            "ends": time(11),
            "sections": [
                actions.NewSection("strings", "aula", cast.noors_teaching),
                actions.NewSection("brass", "lokaal 2"),
            ],
            "by": sam(cast),
            "at": NOW,
            **values,
        }
    )


def test_a_year_of_lessons_leaves_out_the_holidays_and_is_planned_once(cast):
    Holiday.objects.create(
        organisation=cast.amsterdam, name="Kerst", sort="school", first_on=date(2026, 12, 19), last_on=date(2027, 1, 3)
    )
    series = start(cast)
    planned = actions.plan_lessons(series=series, by=sam(cast), at=NOW)
    days = list(Lesson.objects.filter(series=series).values_list("on", flat=True))
    assert planned.new == len(days) == 50
    assert {day.weekday() for day in days} == {3}
    assert not any(date(2026, 12, 19) <= day <= date(2027, 1, 3) for day in days)
    assert actions.plan_lessons(series=series, by=sam(cast), at=NOW) == actions.Planned(0, 0)


def test_a_lesson_to_come_on_a_new_day_off_is_cancelled_and_stays_visible(cast):
    series = start(cast)
    actions.plan_lessons(series=series, by=sam(cast), at=NOW)
    for day in (date(2026, 9, 3), date(2026, 12, 3)):
        Holiday.objects.create(organisation=cast.amsterdam, name="Studiedag", sort="own", first_on=day, last_on=day)
    assert actions.plan_lessons(series=series, by=sam(cast), at=NOW) == actions.Planned(0, 1)
    assert Lesson.objects.get(series=series, on=date(2026, 12, 3)).cancelled_because == "holiday"
    assert Lesson.objects.get(series=series, on=date(2026, 9, 3)).cancelled_because == ""


def test_an_hour_needs_a_section_and_a_sound_time(cast):
    with pytest.raises(actions.NoSection):
        start(cast, sections=[])
    with pytest.raises(actions.HourEndsBeforeItStarts):
        start(cast, ends=time(9))


def test_children_get_a_seat_by_what_they_play_and_move_when_that_changes(cast):
    series = start(cast)
    horn = make_kind("horn", family="brass")
    make_playing(cast.dilan, horn)
    make_child(cast.group, "Nog niets")
    assert actions.seat_children(series=series, on=TODAY, by=sam(cast), at=NOW) == actions.Seated(2, 1)
    assert actions.seat_children(series=series, on=TODAY, by=sam(cast), at=NOW) == actions.Seated(0, 1)
    Playing.objects.filter(child=cast.amina).update(kind=horn)
    Membership.objects.filter(child=cast.dilan).update(until_on=TODAY)
    assert actions.seat_children(series=series, on=TODAY, by=sam(cast), at=NOW).new == 1
    seats = {seat.child: seat.section.family for seat in Seat.objects.open().filter(series=series)}
    assert seats == {cast.amina: "brass"}


def test_a_cancelled_lesson_keeps_its_cause_and_has_no_register(cast):
    actions.cancel_lesson(lesson=cast.lesson, cause=CancelCause.TEACHER_ILL, by=sam(cast), at=NOW)
    with pytest.raises(actions.AlreadyCancelled):
        actions.cancel_lesson(lesson=cast.lesson, cause=CancelCause.OTHER, by=sam(cast), at=NOW)
    with pytest.raises(actions.LessonWasCancelled):
        close(cast)


def close(cast, lesson=None, by=None, at=NOW):
    lesson = lesson or cast.lesson
    return actions.close_register(lesson=lesson, section=lesson.series.sections.get(), by=by or noor(cast), at=at)


def test_closing_notes_present_for_everybody_nobody_touched(cast):
    receive(cast.noor, sent(cast.lesson, cast.dilan, "absent"))
    close(cast)
    states = {child: one.state for child, one in queries.standings(cast.lesson).items()}
    assert states == {cast.amina.pk: MarkState.PRESENT, cast.dilan.pk: MarkState.ABSENT}
    with pytest.raises(actions.AlreadyClosed):
        close(cast, by=sam(cast))
    with pytest.raises(actions.TookPlace):
        actions.cancel_lesson(lesson=cast.lesson, cause=CancelCause.OTHER, by=sam(cast), at=NOW)
    assert MarkEvent.objects.count() == 2


def test_who_corrects_after_the_closing_is_heard(cast):
    close(cast)
    seen = [str(event.id) for event in MarkEvent.objects.filter(child=cast.amina)]
    receive(cast.noor, sent(cast.lesson, cast.amina, "late", corrects=seen))
    assert queries.standings(cast.lesson)[cast.amina.pk].state is MarkState.LATE


def test_a_lesson_to_come_is_not_closed(cast):
    with pytest.raises(actions.NotYetTime):
        close(cast, at=NOW - timedelta(days=1))


def test_who_left_the_group_is_not_present(cast):
    Membership.objects.filter(child=cast.dilan).update(until_on=TODAY)
    close(cast)
    assert set(queries.standings(cast.lesson)) == {cast.amina.pk}


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_who_close_at_once_close_it_once():
    from tests.cast import make_cast

    cast = make_cast()
    refused, closed, ready = [], [], threading.Barrier(4)

    def press():
        try:
            ready.wait()
            closed.append(close(cast))
        except actions.AlreadyClosed as refusal:
            refused.append(refusal)
        finally:
            connection.close()

    threads = [threading.Thread(target=press) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(closed), len(refused)) == (1, 3)
    assert Closing.objects.count() == 1
    assert MarkEvent.objects.count() == 2


# --- what the pages read ---------------------------------------------------------------------------------


def hold(instrument, child):
    Custody.objects.create(
        instrument=instrument,
        level="holder",
        child=child,
        started_at=NOW - timedelta(days=9),
        began_with=make_handover(instrument.organisation),
    )


def the_register(cast):
    lesson = access.lesson(noor(cast), cast.lesson.uid)
    sections = queries.sections_of(lesson.series_id)
    return queries.register(noor(cast), lesson=lesson, section=sections[0], sections=sections)


def test_the_register_shows_what_each_child_has_in_care(cast):
    hold(cast.violin, cast.amina)
    lines = {line.child: line for line in the_register(cast).lines}
    assert (lines[cast.amina].instrument.kind.code, lines[cast.amina].instrument.number) == ("violin", "17")
    assert lines[cast.dilan].instrument is None
    assert {line.state for line in lines.values()} == {"present"}


def test_a_child_without_a_seat_is_shown_apart(cast):
    new = make_child(cast.group, "Nieuw")
    register = the_register(cast)
    assert [line.child for line in register.unplaced] == [new]
    assert new not in [line.child for line in register.lines]


def test_the_register_takes_as_many_queries_for_three_children_as_for_thirty(cast, client, settings):
    client.force_login(cast.noor)
    counts = []
    section = cast.lesson.series.sections.get()
    for size in (1, 28):
        for _ in range(size):
            child = make_child(cast.group, f"Kind {uuid.uuid4().hex[:5]}")
            Seat.objects.create(section=section, series=cast.lesson.series, child=child, from_on=date(2026, 8, 1))
            hold(make_instrument(cast.depot), child)
            receive(cast.noor, sent(cast.lesson, child))
        with CaptureQueriesContext(connection) as seen:
            assert client.get(f"/lessons/{cast.lesson.uid}/").status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_the_childs_page_counts_what_was_cancelled_and_why(cast):
    """Only lessons in which the child had a seat, and that should have been given by now."""
    series, hours = cast.lesson.series, {}
    for days, cause in ((-21, "weather"), (-14, "weather"), (-7, "teacher_ill"), (7, "holiday")):
        moved = {name: getattr(cast.lesson, name) + timedelta(days=days) for name in ("starts_at", "ends_at")}
        on = cast.lesson.on + timedelta(days=days)
        hours[days] = Lesson.objects.create(series=series, on=on, cancelled_because=cause, **moved)
    Seat.objects.filter(child=cast.amina).update(from_on=hours[-14].on)
    attendance = queries.marks_of(cast.amina, since=date(2026, 8, 1), at=NOW)
    assert attendance.causes == {"teacher_ill": 1, "weather": 1}
    assert attendance.hours_cancelled == 2.0


def test_the_childs_page_counts_hours_there_and_missed(cast):
    earlier = [make_lesson(cast.group, on=TODAY - timedelta(days=days)) for days in (7, 14, 21)]
    for lesson, state in zip([cast.lesson, *earlier], ["present", "late", "absent", "announced"], strict=True):
        receive(cast.noor, sent(lesson, cast.amina, state))
    receive(cast.sam, sent(earlier[2], cast.amina, "present"))
    attendance = queries.marks_of(cast.amina, since=date(2026, 8, 1), at=NOW)
    assert (attendance.hours_there, attendance.hours_missed, attendance.undecided) == (2, 1, 1)
    assert attendance.counts == {"present": 1, "absent": 1, "late": 1, "announced": 0}
    assert [one.lesson.on for one in attendance.lessons] == [TODAY - timedelta(days=days) for days in (0, 7, 14, 21)]


def test_a_register_nobody_closed_is_missing_from_the_next_day_on(cast):
    assert not queries.missing_registers(sam(cast), before=TODAY).exists()
    [missing] = queries.missing_registers(sam(cast), before=TODAY + timedelta(days=1))
    assert (missing.pk, missing.teacher, missing.family) == (cast.lesson.pk, "Noor de Wit", "strings")
    assert not queries.missing_registers(actor_of(cast.luca, TODAY), before=date(2027, 1, 1)).exists()
    assert queries.registers_to_close(noor(cast), until=TODAY).count() == 1
    close(cast)
    assert not queries.missing_registers(sam(cast), before=TODAY + timedelta(days=1)).exists()
    assert not queries.registers_to_close(noor(cast), until=TODAY).exists()


def test_each_open_section_of_a_lesson_is_one_missing_register(cast):
    series = start(cast, weekday=TODAY.weekday())
    actions.plan_lessons(series=series, by=sam(cast), at=NOW)
    missing = queries.missing_registers(sam(cast), before=TODAY + timedelta(days=1)).filter(on=TODAY, series=series)
    assert {(row.family, row.teacher) for row in missing} == {("strings", "Noor de Wit"), ("brass", None)}


def test_the_lessons_each_of_the_cast_may_open_and_mark(cast):
    def may(name):
        actor = actor_of(getattr(cast, name), TODAY)
        return access.lessons(actor).exists(), access.lessons_to_mark(actor).exists()

    assert {name: may(name) for name in ("noor", "sam", "hanna", "eva", "luca", "wim", "joost", "ola")} == {
        "noor": (True, True),
        "sam": (True, True),
        "hanna": (True, False),
        "eva": (False, False),
        "luca": (False, False),
        "wim": (False, False),
        "joost": (False, False),
        "ola": (False, False),
    }
