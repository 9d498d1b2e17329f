"""What counts, and which days have a lesson."""

import uuid
from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leerorkest.lessons.rules import (
    Conflict,
    MarkState,
    NotAMark,
    Tap,
    fold,
    lesson_days,
    moment,
    read_mark,
    seat,
)

AMINA, NOOR, EVA = 1, 10, 20
PHONE, LAPTOP, OTHER_PHONE = (uuid.UUID(int=n) for n in (1, 2, 3))
P, A, L, N = MarkState.PRESENT, MarkState.ABSENT, MarkState.LATE, MarkState.ANNOUNCED


def tap(number, state, *, by=NOOR, device=PHONE, corrects=()):
    return Tap(uuid.UUID(int=number), AMINA, state, by, device, number, frozenset(one.id for one in corrects))


def test_the_last_tap_on_a_phone_counts_in_whatever_order_they_arrive():
    taps = [tap(1, A), tap(2, L), tap(3, P)]
    assert fold(taps)[AMINA].state is P
    assert fold(reversed(taps))[AMINA].state is P


def test_two_people_who_agree_are_no_conflict():
    standing = fold([tap(1, A), tap(2, A, by=EVA, device=OTHER_PHONE)])[AMINA]
    assert (standing.state, standing.conflict, len(standing.taps)) == (A, None, 2)


@pytest.mark.parametrize(
    ("one", "other", "conflict"), [(P, A, Conflict.HARD), (P, L, Conflict.SOFT), (A, N, Conflict.SOFT)]
)
def test_two_people_who_differ_stand_side_by_side(one, other, conflict):
    standing = fold([tap(1, one), tap(2, other, by=EVA, device=OTHER_PHONE)])[AMINA]
    assert standing.state is None
    assert standing.conflict is conflict
    assert {(t.by, t.state) for t in standing.taps} == {(NOOR, one), (EVA, other)}


def test_who_names_both_marks_decides():
    noor, eva = tap(1, P), tap(2, A, by=EVA, device=OTHER_PHONE)
    decision = tap(3, L, by=99, device=LAPTOP, corrects=[noor, eva])
    assert fold([decision, eva, noor])[AMINA].state is L


def test_who_names_one_of_two_marks_decides_nothing():
    noor, eva = tap(1, P), tap(2, A, by=EVA, device=OTHER_PHONE)
    again = tap(3, L, by=99, device=LAPTOP, corrects=[noor])
    assert fold([noor, eva, again])[AMINA].conflict is Conflict.HARD


def test_a_correction_that_comes_before_what_it_corrects_still_replaces_it():
    wrong = tap(1, A)
    right = tap(2, P, device=LAPTOP, corrects=[wrong])
    assert fold([right])[AMINA].state is fold([right, wrong])[AMINA].state is P


def test_a_mark_replaced_twice_does_not_come_back():
    eva = tap(1, A, by=EVA, device=OTHER_PHONE)
    noor = tap(2, P, corrects=[eva])
    assert fold([eva, noor, tap(3, L)])[AMINA].state is L


def test_marks_that_name_each_other_do_not_make_both_vanish():
    first, second = uuid.UUID(int=1), uuid.UUID(int=2)
    circle = [
        Tap(first, AMINA, P, NOOR, PHONE, 1, frozenset({second})),
        Tap(second, AMINA, A, EVA, OTHER_PHONE, 1, frozenset({first})),
    ]
    assert fold(circle)[AMINA].conflict is Conflict.HARD


@st.composite
def histories(draw):
    taps = []
    for number in range(draw(st.integers(1, 12))):
        by = draw(st.sampled_from([NOOR, EVA, 30]))
        device = draw(st.sampled_from([PHONE, LAPTOP]))
        child = draw(st.sampled_from([1, 2]))
        named = draw(st.lists(st.sampled_from(taps), max_size=3)) if taps else []
        taps.append(
            Tap(
                uuid.UUID(int=number + 1),
                child,
                draw(st.sampled_from(list(MarkState))),
                by,
                device,
                number,
                frozenset(one.id for one in named),
            )
        )
    return taps


@settings(deadline=None)  # a busy machine is no counterexample
@given(histories(), st.randoms(use_true_random=False))
def test_every_order_and_doubling_of_the_same_marks_ends_in_the_same_place(taps, chance):
    delivered = taps + chance.choices(taps, k=len(taps))
    chance.shuffle(delivered)
    assert fold(delivered) == fold(taps)


@settings(deadline=None)
@given(histories())
def test_a_marked_child_always_has_something_that_stands(taps):
    standings = fold(taps)
    assert set(standings) == {tap.child for tap in taps}
    assert all(standing.taps for standing in standings.values())


@settings(deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=8,
    )
    | st.fixed_dictionaries(
        {
            "id": st.text() | st.integers() | st.uuids().map(str),
            "device": st.none() | st.uuids().map(str),
            "device_sequence": st.integers() | st.text() | st.booleans(),
            "lesson": st.uuids().map(str) | st.lists(st.text()),
            "child": st.uuids().map(str),
            "state": st.sampled_from([*MarkState, "sick"]) | st.lists(st.text()),
            "made_at": st.sampled_from(["2026-11-24T08:00Z", "0001-01-01T00:00+14:00", "yesterday"]) | st.integers(),
            "corrects": st.lists(st.text() | st.uuids().map(str)) | st.none(),
        }
    )
)
def test_whatever_is_sent_is_a_mark_or_is_not(item):
    try:
        mark = read_mark(item)
    except NotAMark:
        return
    assert read_mark(mark.as_sent()) == mark


def test_lessons_fall_on_their_weekday_and_not_on_days_off():
    days = lesson_days(
        weekday=1,
        first_on=date(2026, 12, 1),
        last_on=date(2027, 1, 12),
        days_off=[(date(2026, 12, 19), date(2027, 1, 3))],
    )
    assert list(days) == [date(2026, 12, day) for day in (1, 8, 15)] + [date(2027, 1, day) for day in (5, 12)]


def test_a_quarter_to_nine_stays_a_quarter_to_nine_when_summer_time_ends():
    clock = time(8, 45)
    assert moment(date(2026, 10, 20), clock, "Europe/Amsterdam") == datetime(2026, 10, 20, 6, 45, tzinfo=UTC)
    assert moment(date(2026, 10, 27), clock, "Europe/Amsterdam") == datetime(2026, 10, 27, 7, 45, tzinfo=UTC)
    islands = {moment(date(2026, 10, day), clock, "America/Curacao").time() for day in (20, 27)}
    assert islands == {time(12, 45)}


def test_children_sit_with_the_family_they_play_in_the_emptiest_section():
    sections = {1: "strings", 2: "strings", 3: "brass"}
    assert seat({11: "strings", 12: "strings", 13: "brass", 14: "woodwind"}, sections, {1: 1}) == {11: 2, 12: 1, 13: 3}
