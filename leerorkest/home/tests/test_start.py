"""Everybody's start page: what waits, counted and linked, and nothing of anybody else's."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from leerorkest.home.queries import programme, todos
from leerorkest.people.access import actor_of
from leerorkest.schools.models import Enrolment, Membership
from tests import make
from tests.make import NOW, TODAY

pytestmark = pytest.mark.django_db


def waiting(account, on=TODAY):
    return {str(todo.words): todo.count for todo in todos(actor_of(account, on), NOW, on)}


def test_a_teacher_sees_the_next_lesson_with_one_button(cast, client):
    with time_machine.travel(NOW, tick=False):
        client.force_login(cast.noor)
        page = client.get(reverse("home:start")).content.decode()
    assert reverse("lessons:register", args=[cast.lesson.uid]) in page
    assert "De Regenboog" in page


def test_a_register_that_is_open_waits_for_its_teacher_and_tomorrow_for_the_coordinator(cast):
    assert waiting(cast.noor) == {"Registers to close": 1}
    assert "Registers nobody closed" not in waiting(cast.sam)
    assert waiting(cast.sam, TODAY + timedelta(days=1))["Registers nobody closed"] == 1


def test_a_teacher_of_another_school_has_none_of_it(cast):
    assert waiting(cast.eva) == {}


def test_the_coordinator_sees_who_plays_but_has_nothing_in_care(cast):
    assert waiting(cast.sam)["Children who play but have no instrument in care"] == 1
    assert waiting(cast.luca) == {"Groups without a teacher": 1}


def test_an_instrument_with_a_child_who_left_waits_for_the_depot(cast):
    from leerorkest.depot.actions import lend
    from leerorkest.shared.actions import System

    lend(
        instrument=cast.violin,
        child=cast.amina,
        by=System("test"),
        at=NOW,
        handover_id="5f0b9f3e-6f0c-4a8e-9a55-0d3f6a3c9a11",
    )
    assert "Instruments with children who left" not in waiting(cast.joost)
    Membership.objects.filter(child=cast.amina).update(until_on=TODAY)
    Enrolment.objects.filter(child=cast.amina).update(until_on=TODAY)
    assert waiting(cast.joost)["Instruments with children who left"] == 1


def test_the_start_page_costs_the_same_with_more_lessons(cast, client, django_assert_max_num_queries):
    client.force_login(cast.noor)
    with time_machine.travel(NOW, tick=False):
        with django_assert_max_num_queries(100) as one:
            client.get(reverse("home:start"))
        for _ in range(3):
            group = make.make_group(cast.regenboog, f"6{_}")
            make.make_child(group)
            make.make_lesson(group, teaching=make.make_teaching(cast.noors_teaching.posting, group))
        with django_assert_max_num_queries(len(one)):
            client.get(reverse("home:start"))


def test_who_has_no_posting_is_told_what_to_do(client, db):
    client.force_login(make.make_account("Niemand Nergens"))
    assert "Ask the office" in client.get(reverse("home:start"), headers={"Accept-Language": "en"}).content.decode()


def test_the_coordinator_sees_what_takes_place_today_and_what_is_cancelled(cast, client):
    group = make.make_group(cast.regenboog, "6A")
    cancelled = make.make_lesson(group)
    cancelled.cancelled_because = "teacher_ill"
    cancelled.save()
    of_sam = programme(actor_of(cast.sam, TODAY), TODAY)
    assert (of_sam.lessons, of_sam.schools, of_sam.cancelled) == (1, 1, [cancelled])
    assert programme(actor_of(cast.luca, TODAY), TODAY).lessons == 0
    assert programme(actor_of(cast.noor, TODAY), TODAY) is None
    with time_machine.travel(NOW, tick=False):
        client.force_login(cast.sam)
        page = client.get(reverse("home:start")).content.decode()
    assert reverse("lessons:register", args=[cancelled.uid]) in page


def test_a_worklist_is_counted_up_to_a_thousand_and_no_further(cast, monkeypatch):
    from leerorkest.home import queries
    from leerorkest.people.models import Account
    from leerorkest.shared.prepared import Prepared

    monkeypatch.setattr(queries, "MOST", 2)
    two = Prepared(lambda: queries._up_to_most(Account.objects.filter(pk__in=[cast.noor.pk, cast.sam.pk])))
    everybody = Prepared(lambda: queries._up_to_most(Account.objects.all()))
    assert queries._said(two.count()) == 2
    assert queries._said(everybody.count()) == "2+"
