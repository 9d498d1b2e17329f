"""What is noted in a lesson besides who was there: kept once, taken back knowingly, told to the depot."""

import itertools
import json
import random
import uuid
from datetime import timedelta
from functools import partial

import pytest
from django.db import IntegrityError, transaction

from leerorkest.depot.models import Custody, Defect
from leerorkest.depot.rules import HandoverSort, Level
from leerorkest.lessons import access, actions, queries
from leerorkest.lessons.log import Note, What, read_note, standing_notes
from leerorkest.lessons.models import Closing, MarkEvent, NoteEvent, Piece, QuarantinedMark
from leerorkest.lessons.rules import Decision, NotAMark
from leerorkest.people.access import actor_of
from leerorkest.people.rules import Role
from leerorkest.schools.models import Membership
from tests.make import (
    NOW,
    TODAY,
    make_account,
    make_child,
    make_handover,
    make_instrument,
    make_lesson,
    make_posting,
    make_teaching,
)
from tests.racing import at_once

from .test_marks import receive, sent

STRING = "bowed-string-broken"
PHONE = str(uuid.uuid4())
_sequence = itertools.count(1)


def noted(lesson, what, **values):
    child, instrument = values.pop("child", None), values.pop("instrument", None)
    return {
        "id": str(uuid.uuid4()),
        "device": PHONE,
        "device_sequence": next(_sequence),
        "lesson": str(lesson.uid),
        "what": what,
        "section": None,
        "child": str(child.uid) if child else None,
        "instrument": str(instrument.uid) if instrument else None,
        "word": "",
        "takes_back": [],
        "made_at": "2026-11-24T08:01:00.000+00:00",
        **values,
    }


@pytest.fixture
def held(cast):
    """Amina's violin."""
    Custody.objects.create(
        instrument=cast.violin,
        level=Level.HOLDER.value,
        child=cast.amina,
        started_at=NOW - timedelta(days=30),
        began_with=make_handover(cast.amsterdam, HandoverSort.LEND),
    )
    return cast.violin


@pytest.fixture
def piece(cast):
    return actions.add_piece(
        organisation=cast.amsterdam,
        title="Ode an die Freude",
        composer="Beethoven",
        by=actor_of(cast.noor, TODAY),
        at=NOW,
    )


def log(cast):
    return queries.log_of(cast.lesson, cast.lesson.series.sections.get())


def words(cast, child):
    return [one.words for one in log(cast).by_child.get(child.pk, ())]


def test_a_broken_string_opens_the_defect_of_the_own_instrument(cast, held):
    tap = noted(cast.lesson, "broken", child=cast.amina, instrument=held, word=STRING)
    [receipt] = receive(cast.noor, tap)
    assert receipt.stored
    defect = Defect.objects.get()
    assert (str(defect.pk), defect.instrument, defect.kind_id, defect.by) == (
        tap["id"],
        held,
        STRING,
        cast.noor,
    )
    assert defect.holding.child == cast.amina
    assert words(cast, cast.amina) == ["A string is broken"]
    assert receive(cast.noor, tap) == [receipt]
    assert Defect.objects.count() == NoteEvent.objects.count() == 1


def test_who_takes_it_back_takes_back_the_defect(cast, held):
    tap = noted(cast.lesson, "broken", child=cast.amina, instrument=held, word=STRING)
    receive(cast.noor, tap)
    receive(cast.noor, {**tap, "id": str(uuid.uuid4()), "device_sequence": 900, "takes_back": [tap["id"]]})
    assert Defect.objects.get().ended_because == Defect.MISTAKE
    assert words(cast, cast.amina) == []


def test_a_report_that_was_taken_back_before_it_came_never_reaches_the_depot(cast, held):
    tap = noted(cast.lesson, "broken", child=cast.amina, instrument=held, word=STRING)
    receive(cast.noor, {**tap, "id": str(uuid.uuid4()), "device_sequence": 900, "takes_back": [tap["id"]]})
    receive(cast.noor, tap)
    assert not Defect.objects.exists()
    assert NoteEvent.objects.count() == 2


def test_what_the_depot_knows_already_is_kept_and_not_reported_twice(cast, held):
    for account in (cast.noor, cast.sam):
        tap = noted(cast.lesson, "broken", child=cast.amina, instrument=held, word=STRING)
        assert receive(account, tap)[0].stored
    assert Defect.objects.count() == 1
    assert words(cast, cast.amina) == ["A string is broken"]


def test_a_piece_counts_for_its_section(cast, piece):
    section = cast.lesson.series.sections.get()
    other = cast.lesson.series.sections.create(family="brass")
    receive(cast.noor, noted(cast.lesson, "piece", word=str(piece.uid), section=section.pk))
    assert [one.words for one in queries.log_of(cast.lesson, section).pieces.values()] == ["Ode an die Freude"]
    assert queries.log_of(cast.lesson, other).pieces == {}
    receive(cast.noor, noted(cast.lesson, "piece", word=str(piece.uid)))
    assert list(queries.log_of(cast.lesson, other).pieces) == [piece.pk]


def test_pieces_to_choose_begin_with_those_of_the_group(cast, piece):
    for number in range(14):
        actions.add_piece(organisation=cast.amsterdam, title=f"Lied {number}", by=actor_of(cast.noor, TODAY), at=NOW)
    Piece.objects.create(organisation=cast.curacao, title="Tumba", added_at=NOW)
    receive(cast.noor, noted(cast.lesson, "piece", word=str(piece.uid)))
    titles = [one.title for one in queries.pieces_to_choose(cast.lesson)]
    assert titles[:2] == ["Ode an die Freude", "Lied 13"]
    assert len(titles) == 12
    assert "Tumba" not in titles


def test_a_piece_is_on_the_list_once(cast, piece):
    with pytest.raises(actions.PieceIsThere):
        actions.add_piece(
            organisation=cast.amsterdam,
            title=piece.title,
            composer=piece.composer,
            by=actor_of(cast.sam, TODAY),
            at=NOW,
        )


def test_a_tap_that_does_not_fit_waits_for_a_coordinator(cast, held):
    foreign = Piece.objects.create(organisation=cast.curacao, title="Tumba", added_at=NOW)
    other = make_instrument(cast.depot)
    batch = [
        noted(cast.lesson, "piece", word=str(foreign.uid)),
        noted(cast.lesson, "piece", word=str(uuid.uuid4())),
        noted(cast.lesson, "broken", child=cast.amina, instrument=other, word=STRING),
        noted(cast.lesson, "broken", child=cast.dilan, instrument=held, word=STRING),
        noted(cast.lesson, "broken", child=cast.amina, instrument=held, word="valves-valve-stuck"),
        noted(cast.lesson, "seen", child=cast.stranger, word="helped"),
        noted(cast.lesson, "seen", child=cast.amina, word="ill"),
        noted(cast.lesson, "seen", child=cast.amina, word="helped"),
    ]
    reasons = [receipt.reason and receipt.reason.value for receipt in receive(cast.noor, *batch)]
    assert reasons == [*["unknown_thing"] * 5, "not_in_lesson", "malformed", None]
    assert not Defect.objects.exists()
    assert words(cast, cast.amina) == ["Helped another"]
    [receipt] = receive(cast.eva, noted(cast.lesson, "seen", child=cast.amina, word="helped"))
    assert receipt.reason.value == "not_your_lesson"


def test_the_coordinator_lets_a_late_tap_count(cast, held):
    Membership.objects.filter(child=cast.amina).update(until_on=TODAY)
    receive(cast.noor, noted(cast.lesson, "broken", child=cast.amina, instrument=held, word=STRING))
    row = access.quarantine(actor_of(cast.sam, TODAY)).get()
    assert row.may_count
    assert row.says == "Instrument broken"
    actions.decide_quarantined(quarantined=row, decision=Decision.ACCEPT, by=actor_of(cast.sam, TODAY), at=NOW)
    assert NoteEvent.objects.get().by == cast.noor
    assert Defect.objects.get().by == cast.sam
    with pytest.raises(actions.AlreadyDecided):
        actions.decide_quarantined(quarantined=row, decision=Decision.ACCEPT, by=actor_of(cast.sam, TODAY), at=NOW)


def test_a_tap_that_names_nothing_we_know_can_only_be_left_out(cast):
    receive(cast.noor, noted(cast.lesson, "piece", word=str(uuid.uuid4())))
    row = QuarantinedMark.objects.get()
    with pytest.raises(actions.CannotBePlaced):
        actions.decide_quarantined(quarantined=row, decision=Decision.ACCEPT, by=actor_of(cast.sam, TODAY), at=NOW)


def test_an_id_is_one_thing_whichever_table_holds_it(cast):
    mark = sent(cast.lesson, cast.amina)
    receive(cast.noor, mark)
    [receipt] = receive(cast.noor, noted(cast.lesson, "seen", child=cast.amina, word="helped", id=mark["id"]))
    assert (receipt.stored, receipt.reason) == (False, "other_content")


def test_every_order_ends_in_the_same_place(cast):
    one = noted(cast.lesson, "seen", child=cast.amina, word="helped")
    two = noted(cast.lesson, "seen", child=cast.amina, word="helped")
    back = noted(cast.lesson, "seen", child=cast.amina, word="helped", takes_back=[one["id"]])
    strange = noted(cast.lesson, "seen", child=cast.dilan, word="helped", takes_back=[two["id"]])
    for order in itertools.permutations([one, two, back, strange]):
        with transaction.atomic():
            for tap in order:
                receive(cast.noor, tap)
            assert words(cast, cast.amina) == ["Helped another"]
            transaction.set_rollback(True)


def test_taps_are_never_rewritten(cast):
    receive(cast.noor, noted(cast.lesson, "not_here", child=cast.amina))
    with pytest.raises(IntegrityError), transaction.atomic():
        NoteEvent.objects.update(what="seen")
    with pytest.raises(IntegrityError), transaction.atomic():
        NoteEvent.objects.all().delete()


def test_the_table_refuses_a_tap_that_names_too_little(cast):
    values = {
        "device": uuid.uuid4(),
        "device_sequence": 1,
        "lesson": cast.lesson,
        "by": cast.noor,
        "made_at": NOW,
        "received_at": NOW,
    }
    for wrong in ({"what": "piece"}, {"what": "seen", "child": cast.amina}, {"what": "broken", "child": cast.amina}):
        with pytest.raises(IntegrityError), transaction.atomic():
            NoteEvent.objects.create(id=uuid.uuid4(), **values, **wrong)


def test_a_head_does_not_read_what_was_seen(cast, held, client):
    receive(
        cast.noor,
        noted(cast.lesson, "seen", child=cast.amina, word="more_time"),
        noted(cast.lesson, "not_here", child=cast.amina),
    )
    client.force_login(cast.hanna)
    page = client.get(f"/lessons/{cast.lesson.uid}/").content.decode()
    assert "Instrument not here" in page
    assert "Needs more time" not in page
    client.force_login(cast.noor)
    assert "Needs more time" in client.get(f"/lessons/{cast.lesson.uid}/").content.decode()


def test_without_a_script_the_form_of_the_register_notes_too(cast, held, piece, client):
    client.force_login(cast.noor)
    address = f"/lessons/{cast.lesson.uid}/"
    section = cast.lesson.series.sections.get().pk
    hidden = {"section": section, "device": str(uuid.uuid4()), "made_at": "2026-11-24T08:01:00.000+00:00", "keep": "1"}
    form = {
        **hidden,
        "piece": str(piece.uid),
        f"piece-was-{piece.uid}": f"{section} -",
        "instrument-child": f"{cast.amina.uid} {held.uid}",
        "instrument-word": STRING,
        "seen-child": f"{cast.dilan.uid} -",
        "seen-word": "helped",
    }
    for _twice in range(2):
        assert client.post(f"{address}close/", form).status_code == 302
    assert NoteEvent.objects.count() == 3
    assert not QuarantinedMark.objects.exists()
    assert Defect.objects.get().instrument == held
    [one] = log(cast).by_child[cast.dilan.pk]
    assert "Helped another" in client.get(address).content.decode()
    back = {**hidden, "take_back": f"{one.key} {one.taps}", "device": str(uuid.uuid4())}
    back[f"piece-was-{piece.uid}"] = f"{section} {log(cast).pieces[piece.pk].taps}"
    client.post(f"{address}close/", back)
    assert words(cast, cast.dilan) == []
    assert log(cast).pieces == {}
    assert not MarkEvent.objects.exists()


def test_a_teacher_adds_a_piece(cast, client):
    client.force_login(cast.noor)
    address = f"/lessons/{cast.lesson.uid}/pieces/"
    assert client.post(address, {}).status_code == 200
    answer = client.post(f"{address}?section=3", {"title": "Tumba", "composer": ""})
    assert answer.url == f"/lessons/{cast.lesson.uid}/?section=3"
    assert Piece.objects.get().organisation == cast.amsterdam
    page = client.post(address, {"title": "Tumba"}).content.decode()
    assert "is on the list already" in page


@pytest.mark.parametrize(
    "wrong",
    [
        {"what": "grade"},
        {"what": "piece", "word": "Ode"},
        {"what": "piece", "word": str(uuid.uuid4()), "child": str(uuid.uuid4())},
        {"what": "seen", "word": "helped"},
        {"what": "broken", "word": STRING, "child": str(uuid.uuid4())},
        {"what": "not_here", "child": str(uuid.uuid4()), "word": "ill"},
        {"what": "not_here", "child": str(uuid.uuid4()), "section": 2**40},
        {"what": "not_here", "child": str(uuid.uuid4()), "takes_back": [str(uuid.uuid4())] * 9},
        {"what": ["piece"]},
        {"what": "seen", "child": str(uuid.uuid4()), "word": ["helped"]},
    ],
)
def test_what_is_no_tap_is_told_apart(cast, wrong):
    with pytest.raises(NotAMark):
        read_note({**noted(cast.lesson, "seen"), **wrong})


def test_the_hash_is_that_of_the_phone(cast):
    tap = noted(cast.lesson, "seen", child=cast.amina, word="helped")
    assert json.loads(json.dumps(read_note(tap).as_sent())) == tap


def test_what_stands_depends_on_the_set_alone():
    chance = random.Random(4)
    ids = [uuid.UUID(int=number) for number in range(12)]
    taps = [
        Note(one, (What.SEEN, chance.randrange(3)), frozenset(chance.sample(ids, chance.choice([0, 0, 2]))))
        for one in ids
    ]
    expected = {about: set(by) for about, by in standing_notes(taps).items()}
    assert expected
    for _time in range(50):
        order = [*taps, *chance.sample(taps, 5)]
        chance.shuffle(order)
        assert {about: set(by) for about, by in standing_notes(order).items()} == expected


# --- closing on a phone -----------------------------------------------------------------------------------
def section_of(lesson):
    return lesson.series.sections.order_by("pk").first()


def test_a_register_that_was_closed_on_a_phone_closes_after_the_marks_that_came_with_it(cast):
    closing = noted(cast.lesson, "closed", section=section_of(cast.lesson).pk)
    batch = [closing, sent(cast.lesson, cast.amina, "late")]
    assert [receipt.stored for receipt in receive(cast.noor, *batch)] == [True, True]
    assert Closing.objects.get().by == cast.noor
    states = dict(MarkEvent.objects.values_list("child__first_name", "state"))
    assert states == {"Amina": "late", "Dilan": "present"}
    assert [receipt.stored for receipt in receive(cast.noor, *batch)] == [True, True]  # sent again
    assert MarkEvent.objects.count() == 2
    assert queries.groups_closed_by({closing["id"]}) == ["5A"]
    assert not log(cast).by_child


def test_a_lesson_to_come_is_not_closed_and_nobody_says_so(cast):
    later = make_lesson(cast.group, on=TODAY + timedelta(days=7))
    closing = noted(later, "closed", section=section_of(later).pk)
    assert receive(cast.noor, closing)[0].stored
    assert not Closing.objects.exists()
    assert queries.groups_closed_by({closing["id"]}) == []


def test_a_register_that_somebody_else_closed_stays_as_it_was(cast):
    section = section_of(cast.lesson)
    first = actions.close_register(lesson=cast.lesson, section=section, by=actor_of(cast.sam, TODAY), at=NOW)
    assert receive(cast.noor, noted(cast.lesson, "closed", section=section.pk))[0].stored
    assert Closing.objects.get() == first


def test_a_closing_of_a_cancelled_lesson_or_of_another_one_waits(cast):
    other = cast.lesson.series.sections.model.objects.create(series=make_lesson(cast.group).series, family="brass")
    assert not receive(cast.noor, noted(cast.lesson, "closed", section=other.pk))[0].stored
    cast.lesson.cancelled_because = "weather"
    cast.lesson.save()
    assert not receive(cast.noor, noted(cast.lesson, "closed", section=section_of(cast.lesson).pk))[0].stored
    assert set(QuarantinedMark.objects.values_list("reason", flat=True)) == {"unknown_thing", "lesson_cancelled"}
    assert not Closing.objects.exists()


@pytest.mark.parametrize(
    "odd", [{"section": None}, {"word": "x"}, {"takes_back": [str(uuid.uuid4())]}, {"child": str(uuid.uuid4())}]
)
def test_a_closing_names_a_section_and_nothing_else(cast, odd):
    with pytest.raises(NotAMark):
        read_note({**noted(cast.lesson, "closed", section=1), **odd})


def test_all_registers_of_the_whole_orchestra_close_at_once(cast):
    cast.lesson.series.sections.create(family="brass")
    actions.set_tutti(lesson=cast.lesson, is_tutti=True, by=actor_of(cast.sam, TODAY), at=NOW)
    receive(cast.noor, noted(cast.lesson, "closed", section=section_of(cast.lesson).pk))
    assert Closing.objects.count() == 2


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_eight_teachers_who_send_marks_and_close_at_once_all_get_their_receipts():
    from tests.cast import make_cast

    cast = make_cast()
    phones = []
    for number in range(8):
        account = make_account(f"Juf{number} Acht")
        make_teaching(make_posting(account, Role.TEACHER, cast.amsterdam), cast.group)
        section = cast.lesson.series.sections.create(family="brass", room=str(number))
        child = make_child(cast.group, f"Kind{number}")
        device = {"device": str(uuid.uuid4())}
        batch = [sent(cast.lesson, child, **device), noted(cast.lesson, "closed", section=section.pk, **device)]
        phones.append(partial(receive, account, *batch))
    receipts = at_once(*phones)
    assert [receipt.stored for batch in receipts for receipt in batch] == [True] * 16
    assert Closing.objects.count() == 8
