"""Somebody cannot come at 7:10: who is asked, who is first, what that opens and for how long."""

from collections import Counter
from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from leerorkest.lessons import actions, queries
from leerorkest.lessons.actions import cover as acts
from leerorkest.lessons.models import Absence, Cover, CoverAsk, CoverRequest, Lesson, MarkEvent, Seat
from leerorkest.lessons.rules import CancelCause
from leerorkest.network.models import Holiday
from leerorkest.people.access import actor_of
from leerorkest.people.rules import Role
from leerorkest.shared import clock
from leerorkest.shared.actions import System
from tests import make
from tests.make import NOW, TODAY
from tests.racing import at_once

from .test_log import noted

EARLY = NOW.replace(hour=6, minute=10)  # 7:10 in Amsterdam; the lesson begins at 8:45
DAY = {"from_at": NOW.replace(hour=0), "until_at": NOW.replace(hour=22)}


def colleague(cast, name, *, families=("strings",), weekdays=(0, 1, 2, 3, 4), vog=TODAY, **values):
    account = make.make_account(name, vog_seen_on=vog)
    posting = make.make_posting(account, Role.TEACHER, cast.amsterdam)
    acts.set_stand_in(
        posting=posting,
        families=families,
        weekdays=weekdays,
        minutes_a_week=values.get("minutes"),
        by=actor_of(account, TODAY),
        at=EARLY,
    )
    return account


@pytest.fixture(autouse=True)
def _early(monkeypatch, settings):
    settings.SENDS_MAIL = True
    monkeypatch.setattr(clock, "now", lambda: EARLY)


@pytest.fixture
def four(cast):
    return [colleague(cast, f"{name} Invaller") for name in ("Ada", "Bea", "Cas", "Dia")]


def report(cast):
    noor = actor_of(cast.noor, TODAY)
    return acts.report_absence(account=cast.noor, organisation=cast.amsterdam, **DAY, by=noor, at=EARLY)


def accept(request, account, at=EARLY):
    return acts.accept(request=request, by=actor_of(account, TODAY), at=at)


def asked(request):
    return [ask.account.first_name for ask in request.asks.order_by("pk")]


# --- who is asked -----------------------------------------------------------------------------------------


def test_three_who_can_do_it_are_asked_and_nobody_hears_why_or_of_a_child(
    cast, four, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        found = report(cast)
    [request] = found.requests
    assert cast.noor not in [option.account for option in queries.options(request)]
    assert (request.lesson, asked(request), found.asked) == (cast.lesson, ["Ada", "Bea", "Cas"], 3)
    assert {letter.to[0] for letter in mail.outbox} == {account.email for account in four[:3]}
    assert "De Regenboog" in mail.outbox[0].body
    assert "Amina" not in mail.outbox[0].body
    with pytest.raises(acts.AlreadyAbsent):
        report(cast)
    assert Absence.objects.count() == 1


def test_who_says_no_is_followed_by_the_next_and_who_stays_silent_after_ten_minutes(cast, four):
    [request] = report(cast).requests
    ask = request.asks.get(account=four[0])
    acts.decline(ask=ask, by=actor_of(four[0], TODAY), at=EARLY)
    with pytest.raises(acts.AlreadyAnswered):  # a second tap asks nobody
        acts.decline(ask=ask, by=actor_of(four[0], TODAY), at=EARLY)
    assert asked(request) == ["Ada", "Bea", "Cas", "Dia"]
    colleague(cast, "Eef Later")
    assert acts.ask_those_who_are_next(by=System("cover"), at=EARLY + timedelta(minutes=9)) == 0
    assert acts.ask_those_who_are_next(by=System("cover"), at=EARLY + timedelta(minutes=10)) == 1
    with pytest.raises(acts.NobodyLeftToAsk):
        acts.ask_next(request=request, by=actor_of(cast.sam, TODAY), at=EARLY)


@pytest.mark.parametrize(
    ("why_not", "values"),
    [
        ("skill", {"families": ["brass"]}),
        ("papers", {"vog": None}),
        ("papers", {"vog": TODAY - timedelta(days=3 * 365)}),
        ("free", {"weekdays": [4]}),
        ("hours", {"minutes": 30}),
    ],
)
def test_why_somebody_cannot_is_said(cast, why_not, values):
    account = colleague(cast, "Ada Invaller", **values)
    [request] = report(cast).requests
    assert {option.account: option.why_not for option in queries.options(request)}[account] == why_not
    assert not request.asks.exists()


def test_a_posting_at_another_school_and_who_is_away_too_are_not_asked(cast, four):
    four[0].postings.update(site=cast.koraal.site)
    Absence.objects.create(account=four[1], organisation=cast.amsterdam, made_at=EARLY, **DAY)
    [request] = report(cast).requests
    found = {option.account: option.why_not for option in queries.options(request)}
    assert (found[four[0]], found[four[1]]) == ("place", "away")
    assert asked(request) == ["Cas", "Dia"]


def test_who_stood_in_least_is_asked_first(cast, four):
    [request] = report(cast).requests
    accept(request, four[0])
    other = make.make_lesson(make.make_group(cast.koraal, "8A"), on=TODAY + timedelta(days=1), children=[])
    Cover.objects.create(
        request=request,
        lesson=other,
        section=other.series.sections.get(),
        account=four[2],
        taken_at=EARLY,
        closes_at=EARLY,
    )
    next_day = CoverRequest(absence=request.absence, lesson=other, section=other.series.sections.get())
    ranked = [option.account.first_name for option in queries.options(next_day) if not option.why_not]
    assert ranked == ["Bea", "Dia", "Ada", "Cas"]


def test_nobody_is_asked_for_what_began_or_was_cancelled(cast, four):
    noor = actor_of(cast.noor, TODAY)
    with pytest.raises(acts.NothingToCover):
        acts.report_absence(account=cast.noor, organisation=cast.amsterdam, **DAY, by=noor, at=cast.lesson.starts_at)
    actions.cancel_lesson(lesson=cast.lesson, cause=CancelCause.WEATHER, by=actor_of(cast.sam, TODAY), at=EARLY)
    with pytest.raises(acts.NothingToCover):
        report(cast)


# --- who is first -----------------------------------------------------------------------------------------


def test_the_first_stands_in_and_the_others_hear_it(cast, four, django_capture_on_commit_callbacks):
    [request] = report(cast).requests
    with django_capture_on_commit_callbacks(execute=True):
        accept(request, four[1])
    assert sorted(letter.to[0] for letter in mail.outbox) == sorted(account.email for account in four[:3])
    with pytest.raises(acts.TakenBySomebodyElse):
        accept(request, four[0])
    with pytest.raises(acts.NotAsked):
        accept(request, four[3])
    with pytest.raises(IntegrityError), transaction.atomic():
        Cover.objects.create(
            request=request,
            lesson=request.lesson,
            section=request.section,
            account=four[0],
            taken_at=EARLY,
            closes_at=EARLY,
        )
    for change in ({"account": four[0]}, {"taken_at": NOW}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Cover.objects.update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        Cover.objects.all().delete()


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_a_hundred_who_say_yes_at_once_one_stands_in():
    from tests.cast import make_cast

    cast = make_cast()
    accounts = [colleague(cast, f"Invaller{number} X") for number in range(100)]
    [request] = report(cast).requests
    CoverAsk.objects.bulk_create(
        CoverAsk(request=request, account=account, asked_at=EARLY)
        for account in accounts
        if not request.asks.filter(account=account).exists()
    )

    def answer(account):
        try:
            accept(request, account)
        except acts.TakenBySomebodyElse:
            return "taken"
        return "yes"

    met = Counter(at_once(*(partial(answer, account) for account in accounts)))
    assert met == {"yes": 1, "taken": 99}
    assert Cover.objects.count() == 1


def another_at_that_time(cast):
    """Eva's lesson at 't Koraal, at the same hour: Eva cannot come either."""
    lesson = make.make_lesson(
        cast.stranger.memberships.get().group, teaching=cast.eva.postings.get().teachings.get(), children=[]
    )
    eva = actor_of(cast.eva, TODAY)
    acts.report_absence(account=cast.eva, organisation=cast.amsterdam, **DAY, by=eva, at=EARLY)
    return CoverRequest.objects.get(lesson=lesson)


def test_nobody_stands_in_at_two_places_at_once(cast, four):
    [request] = report(cast).requests
    other = another_at_that_time(cast)
    assert asked(other) == ["Ada", "Bea", "Cas"]  # nobody answered yet
    accept(request, four[0])
    with pytest.raises(acts.NotFreeAnyMore):
        accept(other, four[0])
    accept(other, four[1])


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_who_says_yes_to_two_at_the_same_moment_gets_one():
    from tests.cast import make_cast

    cast = make_cast()
    ada = colleague(cast, "Ada Invaller")
    [request] = report(cast).requests
    requests = [request, another_at_that_time(cast)]

    def answer(request):
        try:
            accept(request, ada)
        except acts.NotFreeAnyMore:
            return "busy"
        return "yes"

    assert sorted(at_once(*(partial(answer, one) for one in requests))) == ["busy", "yes"]


def test_who_reported_to_be_away_since_cannot_say_yes(cast, four):
    [request] = report(cast).requests
    Absence.objects.create(account=four[0], organisation=cast.amsterdam, made_at=EARLY, **DAY)
    with pytest.raises(acts.NotFreeAnyMore):
        accept(request, four[0])


# --- what ends it -----------------------------------------------------------------------------------------


def test_who_can_come_after_all_gives_the_lesson_and_the_stand_in_hears_it(
    cast, four, django_capture_on_commit_callbacks
):
    found = report(cast)
    accept(found.requests[0], four[0])
    with django_capture_on_commit_callbacks(execute=True):
        acts.withdraw_absence(absence=found.absence, by=actor_of(cast.noor, TODAY), at=EARLY)
    assert [letter.to for letter in mail.outbox] == [[four[0].email]]
    assert not Cover.objects.filter(ended_at=None).exists()
    with pytest.raises(acts.AbsenceOver):
        acts.withdraw_absence(absence=found.absence, by=actor_of(cast.noor, TODAY), at=EARLY)
    report(cast)  # and it can be reported again


def test_a_stand_in_who_cannot_come_either_is_followed_by_another(cast, four):
    [first] = report(cast).requests
    accept(first, four[0])
    ada = actor_of(four[0], TODAY)
    [second] = acts.report_absence(account=four[0], organisation=cast.amsterdam, **DAY, by=ada, at=EARLY).requests
    assert asked(second) == ["Bea", "Cas", "Dia"]
    accept(second, four[1])
    assert Cover.objects.get(ended_at=None).account == four[1]


def test_a_cancelled_lesson_needs_nobody(cast, four):
    [request] = report(cast).requests
    accept(request, four[0])
    actions.cancel_lesson(lesson=cast.lesson, cause=CancelCause.TEACHER_ILL, by=actor_of(cast.sam, TODAY), at=EARLY)
    assert not Cover.objects.filter(ended_at=None).exists()
    with pytest.raises(acts.NotWantedAnyMore):
        accept(request, four[1])


def test_a_new_day_off_cancels_the_lesson_and_nobody_is_needed(cast, four):
    coming = {name: getattr(cast.lesson, name) + timedelta(days=7) for name in ("starts_at", "ends_at")}
    lesson = Lesson.objects.create(series=cast.lesson.series, on=TODAY + timedelta(days=7), **coming)
    noor = actor_of(cast.noor, TODAY)
    day = {name: moment + timedelta(days=7) for name, moment in DAY.items()}
    [request] = acts.report_absence(account=cast.noor, organisation=cast.amsterdam, **day, by=noor, at=EARLY).requests
    accept(request, four[0])
    Holiday.objects.create(organisation=cast.amsterdam, name="Dag", sort="own", first_on=lesson.on, last_on=lesson.on)
    actions.plan_lessons(series=lesson.series, by=actor_of(cast.sam, TODAY), at=EARLY)
    assert not Cover.objects.filter(ended_at=None).exists()


def test_who_teaches_in_two_organisations_reports_one_day(cast, four, client):
    make.make_posting(cast.noor, Role.TEACHER, cast.curacao)  # without lessons there
    client.force_login(cast.noor)
    answer = client.post("/lessons/away/", {"on": TODAY}, follow=True)
    assert "1 lesson needs somebody. 3 colleagues are asked." in answer.content.decode()
    assert Absence.objects.count() == 1


def test_whose_lesson_is_taken_over_has_no_register_to_close(cast, four):
    [request] = report(cast).requests
    noor = actor_of(cast.noor, TODAY)
    assert queries.registers_to_close(noor, until=TODAY).count() == 1
    accept(request, four[0])
    assert not queries.registers_to_close(noor, until=TODAY).exists()
    [hour] = queries.week(noor, first_on=TODAY, last_on=TODAY, at=EARLY)
    assert (hour.is_mine, hour.cover.account) == (False, four[0])


def test_the_register_of_who_stands_in_is_theirs_to_close(cast, four, client, monkeypatch):
    [request] = report(cast).requests
    accept(request, four[0])
    client.force_login(four[0])
    words = "Registers to close where you stand in"
    assert words not in client.get("/").content.decode()  # it has not begun
    monkeypatch.setattr(clock, "now", lambda: NOW)
    assert words in client.get("/").content.decode()
    [missing] = queries.missing_registers(actor_of(cast.sam, TODAY), before=TODAY + timedelta(days=1))
    assert missing.teacher == four[0].name
    ada = actor_of(four[0], TODAY)
    actions.close_register(lesson=cast.lesson, section=request.section, by=ada, at=NOW)
    assert words not in client.get("/").content.decode()
    assert not queries.stood_in_to_close(ada, NOW).exists()


def test_the_start_page_counts_what_the_page_behind_it_shows(cast, four, client, monkeypatch):
    report(cast)
    client.force_login(four[0])
    asks = "/lessons/asks/"
    assert asks in client.get("/").content.decode()
    monkeypatch.setattr(clock, "now", lambda: NOW)  # the lesson has begun
    assert asks not in client.get("/").content.decode()
    assert "Nobody asks you now" in client.get(asks).content.decode()


# --- what it opens ----------------------------------------------------------------------------------------


def taps(lesson, child, state="absent"):
    mark = {"id": str(uuid4()), "device": str(uuid4()), "device_sequence": 1, "state": state, "corrects": []}
    return mark | {"lesson": str(lesson.uid), "child": str(child.uid), "made_at": NOW.isoformat()}


def test_the_pack_opens_one_section_of_one_lesson_until_a_day_after_it(cast, four, client, monkeypatch):
    brass = cast.lesson.series.sections.create(family="brass")
    Seat.objects.filter(child=cast.dilan).delete()
    Seat.objects.create(section=brass, series=cast.lesson.series, child=cast.dilan, from_on=make.YEAR_START)
    [request] = report(cast).requests
    page = f"/lessons/{cast.lesson.uid}/"
    client.force_login(four[0])
    assert client.get(page).status_code == 404
    client.post("/lessons/asks/", {"request": request.uid, "act": "accept"})
    shown = client.get(page).content.decode()
    assert "Amina" in shown
    assert "Dilan" not in shown
    assert f"/lessons/children/{cast.amina.uid}/" not in shown
    assert client.get(f"{page}?section={brass.pk}").status_code == 404
    assert client.get(f"/lessons/children/{cast.amina.uid}/").status_code == 404
    assert page in client.get("/lessons/").content.decode()
    at = cast.lesson.ends_at + timedelta(hours=23)
    monkeypatch.setattr(clock, "now", lambda: at)
    assert client.get(page).status_code == 200
    at = cast.lesson.ends_at + timedelta(hours=24)
    assert client.get(page).status_code == 404
    assert page not in client.get(f"/lessons/?from={TODAY}").content.decode()


def test_a_stand_in_marks_the_own_section_and_no_other(cast, four):
    brass = cast.lesson.series.sections.create(family="brass")
    Seat.objects.filter(child=cast.dilan).delete()
    Seat.objects.create(section=brass, series=cast.lesson.series, child=cast.dilan, from_on=make.YEAR_START)
    [request] = report(cast).requests
    batch = [taps(cast.lesson, cast.amina), taps(cast.lesson, cast.dilan)]
    before, _ = actions.receive_marks(batch=batch, by=actor_of(four[0], TODAY), at=NOW)
    assert before.reason == "not_your_lesson"
    accept(request, four[0])
    batch = [taps(cast.lesson, cast.amina), taps(cast.lesson, cast.dilan)]
    mine, other = actions.receive_marks(batch=batch, by=actor_of(four[0], TODAY), at=NOW)
    assert (mine.stored, other.reason) == (True, "not_your_lesson")
    closings = [noted(cast.lesson, "closed", section=section.pk) for section in (request.section, brass)]
    closed, refused = actions.receive_marks(batch=closings, by=actor_of(four[0], TODAY), at=NOW)
    assert (closed.stored, refused.reason) == (True, "not_your_lesson")
    assert [one.section for one in cast.lesson.closings.all()] == [request.section]
    late = NOW + timedelta(days=2)
    [after] = actions.receive_marks(batch=[taps(cast.lesson, cast.amina)], by=actor_of(four[0], late.date()), at=late)
    assert after.reason == "not_your_lesson"
    assert {event.by for event in MarkEvent.objects.all()} == {four[0]}


# --- pages ------------------------------------------------------------------------------------------------


def test_two_taps_on_the_phone_and_the_coordinator_sees_who_was_asked(cast, four, client):
    client.force_login(cast.noor)
    assert "/lessons/away/" in client.get("/lessons/").content.decode()
    assert client.post("/lessons/away/", {"on": TODAY}, follow=True).redirect_chain
    [request] = CoverRequest.objects.all()
    client.force_login(cast.sam)
    assert str(request.uid) in client.get("/lessons/cover/").content.decode()
    page = client.get(f"/lessons/cover/{request.uid}/").content.decode()
    assert "Ada Invaller" in page
    assert "does not teach these instruments" in page  # Eva
    client.post(f"/lessons/cover/{request.uid}/", {"act": "give", "account": four[3].uid})
    assert Cover.objects.get().account == four[3]
    client.force_login(four[0])
    answer = client.post("/lessons/asks/", {"request": request.uid, "act": "accept"}, follow=True)
    assert "Somebody else was faster" in answer.content.decode()


def test_a_coordinator_reports_it_for_who_called_and_only_for_the_own_teachers(cast, four, client):
    client.force_login(cast.sam)
    client.post("/lessons/away/", {"on": TODAY, "who": cast.noor.uid})
    assert CoverRequest.objects.get().absence.account == cast.noor
    client.force_login(cast.luca)
    assert client.post("/lessons/away/", {"on": TODAY, "who": cast.noor.uid}).status_code == 200
    assert Absence.objects.count() == 1


def test_forty_colleagues_ask_the_database_as_often_as_four(cast, four):
    [request] = report(cast).requests
    with CaptureQueriesContext(connection) as few:
        queries.options(request)
    for number in range(36):
        colleague(cast, f"Meer{number} Invaller")
    with CaptureQueriesContext(connection) as many:
        assert sum(not option.why_not for option in queries.options(request)) == 40
    assert len(many) == len(few)
