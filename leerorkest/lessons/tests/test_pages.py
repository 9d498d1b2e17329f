"""The pages and the address that phones post to, each as one of the cast."""

import json
import re
import uuid
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from leerorkest.depot.actions import lend
from leerorkest.lessons import queries
from leerorkest.lessons.models import Closing, MarkEvent, QuarantinedMark
from leerorkest.people.access import actor_of
from leerorkest.schools.models import Membership
from leerorkest.shared import clock
from leerorkest.shared.actions import System
from leerorkest.shared.models import AuditEntry
from tests.make import NOW, TODAY, make_child, make_group, make_lesson, make_playing, make_teaching

from .test_marks import receive, sent


@pytest.fixture(autouse=True)
def _stopped_clock(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def as_(client, cast):
    def sign_in(name):
        client.force_login(getattr(cast, name))
        return client

    return sign_in


def register_of(cast):
    return f"/lessons/{cast.lesson.uid}/"


def fields_of(page):
    """What a browser without scripts would send."""
    form = page.content.decode()
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))
    fields |= dict(re.findall(r'<input type="radio" name="([^"]+)" value="([^"]*)" checked', form))
    return fields


def names_on(page):
    return {line.child.first_name for _title, lines in page.context["parts"] for line, *_rest in lines}


def test_an_earlier_register_shows_only_whom_its_reader_may_still_see(as_, cast):
    earlier = TODAY - timedelta(days=28)
    lesson = make_lesson(cast.group, on=earlier, teaching=cast.noors_teaching)
    left = Membership.objects.filter(child=cast.dilan)
    page = f"/lessons/{lesson.uid}/"
    assert names_on(as_("noor").get(page)) == {"Amina", "Dilan"}
    left.update(until_on=TODAY - timedelta(days=13))
    assert names_on(as_("noor").get(page)) == {"Amina", "Dilan"}
    left.update(until_on=TODAY - timedelta(days=14))
    assert [names_on(as_(who).get(page)) for who in ("noor", "hanna")] == [{"Amina"}, {"Amina"}]
    assert names_on(as_("sam").get(page)) == {"Amina", "Dilan"}


def post(client, body, **headers):
    data = body if isinstance(body, str) else json.dumps(body)
    return client.post("/lessons/marks/", data, **{"content_type": "application/json", **headers})


def test_a_teacher_sees_today_and_the_week_with_what_is_open(as_, cast):
    make_lesson(cast.group, on=TODAY + timedelta(days=1), teaching=cast.noors_teaching)
    page = as_("noor").get("/lessons/")
    text = page.content.decode()
    assert [hour.lesson.on for hour in page.context["todays"] + page.context["others"]] == [
        TODAY,
        TODAY + timedelta(days=1),
    ]
    assert page.context["todays"][0].children == 2
    assert "lokaal 4" in text
    assert "8:45" in text
    assert as_("noor").get("/lessons/?from=2026-12-01").context["others"] == []


@pytest.mark.parametrize("start", ["yesterday", "9999-12-31", "0001-01-01", ""])
def test_a_mangled_week_shows_this_week(as_, cast, start):
    assert as_("noor").get("/lessons/", {"from": start}).status_code == 200


def test_a_coordinator_and_a_head_see_the_day(as_, cast):
    for name in ("sam", "hanna"):
        page = as_(name).get("/lessons/")
        assert [hour.section.room for hour in page.context["todays"]] == ["lokaal 4"]


@pytest.mark.parametrize("who", ["eva", "luca", "wim", "joost", "ola"])
def test_a_register_and_a_childs_hours_do_not_exist_for_who_may_not_see_them(as_, cast, who):
    client = as_(who)
    for address in (register_of(cast), f"/lessons/children/{cast.amina.uid}/"):
        assert client.get(address).status_code == 404
    assert client.post(f"{register_of(cast)}close/").status_code == 404


def test_opening_a_register_or_a_childs_page_is_on_record(as_, cast):
    client = as_("noor")
    client.get(register_of(cast))
    client.get(f"/lessons/children/{cast.amina.uid}/")
    acts = list(AuditEntry.objects.order_by("id").values_list("act", "subject"))
    assert acts == [("seen.group", f"group:{cast.group.pk}"), ("seen.child", f"child:{cast.amina.uid}")]


def test_a_childs_page_names_what_it_has_in_care(as_, cast):
    address = f"/lessons/children/{cast.amina.uid}/"
    assert "No instrument in care" in as_("noor").get(address).content.decode()
    lend(instrument=cast.violin, child=cast.amina, by=System("test"), at=NOW, handover_id=uuid.uuid4())
    assert cast.violin.readable_tag in as_("sam").get(address).content.decode()


def test_the_register_shows_short_names_only(as_, cast):
    text = as_("noor").get(register_of(cast)).content.decode()
    assert "Amina B." in text
    assert "Bakker" not in text


def test_a_head_reads_the_register_and_cannot_change_it(as_, cast):
    client = as_("hanna")
    page = client.get(register_of(cast))
    assert page.context["may_mark"] is False
    assert b"register.js" not in page.content
    assert client.post(f"{register_of(cast)}close/").status_code == 404


def test_without_a_script_one_form_marks_and_closes(as_, cast):
    client = as_("noor")
    fields = fields_of(client.get(register_of(cast)))
    fields[f"mark-{cast.dilan.uid}"] = "announced"
    for _ in range(2):  # pressed twice
        answer = client.post(f"{register_of(cast)}close/", fields)
        assert answer.status_code == 302
    assert sorted(MarkEvent.objects.values_list("child", "state")) == sorted(
        [(cast.amina.pk, "present"), (cast.dilan.pk, "announced")]
    )
    assert Closing.objects.count() == 1
    assert not QuarantinedMark.objects.exists()


def test_after_the_closing_the_same_form_corrects(as_, cast):
    client = as_("noor")
    client.post(f"{register_of(cast)}close/", fields_of(client.get(register_of(cast))))
    fields = fields_of(client.get(register_of(cast)))
    fields |= {f"mark-{cast.amina.uid}": "late", "keep": "1"}
    client.post(f"{register_of(cast)}close/", fields)
    assert client.get(register_of(cast)).context["register"].lines[0].state == "late"


def test_a_stale_form_does_not_undo_what_a_colleague_marked_meanwhile(as_, cast):
    client = as_("noor")
    fields = fields_of(client.get(register_of(cast)))
    receive(cast.sam, sent(cast.lesson, cast.amina, "absent"))
    client.post(f"{register_of(cast)}close/", fields)
    assert list(MarkEvent.objects.filter(child=cast.amina).values_list("state", flat=True)) == ["absent"]


def test_people_who_differ_are_shown_side_by_side_until_one_chooses(as_, cast):
    receive(cast.noor, sent(cast.lesson, cast.amina, "present"))
    receive(cast.sam, sent(cast.lesson, cast.amina, "absent"))
    client = as_("sam")
    page = client.get(register_of(cast))
    line = page.context["register"].lines[0]
    assert line.state == ""
    assert line.said == (("Noor de Wit", "present"), ("Sam Visser", "absent"))
    fields = fields_of(page)
    assert f"mark-{cast.amina.uid}" not in fields
    client.post(f"{register_of(cast)}close/", {**fields, f"mark-{cast.amina.uid}": "absent"})
    assert client.get(register_of(cast)).context["register"].lines[0].state == "absent"


def test_a_mangled_form_is_answered_and_loses_nothing(as_, cast):
    client = as_("noor")
    fields = {f"was-{cast.amina.uid}": "x", f"mark-{cast.amina.uid}": "ill", "was-": "", "mark-": "\x07", "keep": "1"}
    assert client.post(f"{register_of(cast)}close/", fields).status_code == 302
    assert client.post(f"{register_of(cast)}close/", {"section": "99999"}).status_code == 404
    assert QuarantinedMark.objects.count() == 2


# --- what phones post ------------------------------------------------------------------------------------


def test_each_posted_mark_gets_its_answer(as_, cast):
    mark = sent(cast.lesson, cast.amina)
    answer = post(as_("noor"), {"marks": [mark, sent(cast.lesson, cast.stranger), 7]})
    receipts = answer.json()["receipts"]
    assert [receipt["stored"] for receipt in receipts] == [True, False, False]
    assert receipts[0]["id"] == mark["id"]
    assert [receipt.get("reason") for receipt in receipts] == [None, "not_in_lesson", "malformed"]
    assert all(receipt["sentence"] for receipt in receipts[1:])


def test_a_lesson_of_others_and_no_lesson_answer_alike(as_, cast):
    one = sent(cast.lesson, cast.amina)
    other = {**sent(cast.lesson, cast.amina), "lesson": str(uuid.uuid4())}
    answers = post(as_("eva"), {"marks": [one, other]}).json()["receipts"]
    assert {(answer["reason"], answer["sentence"]) for answer in answers} == {("unknown", answers[0]["sentence"])}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (" ", 400),
        ("[]", 400),
        ('{"marks": {}}', 400),
        ("{" * 5000, 400),
        ("[" * 30000, 400),
        ('{"marks": [' + "1" * 5000 + "]}", 400),
        ("\udcff".encode("utf-8", "surrogatepass").decode("latin-1"), 400),
        ('{"marks": [' + ",".join(["1"] * 101) + "]}", 413),
        ('{"marks": ["' + "x" * 70000 + '"]}', 413),
        ('{"marks": []}', 200),
        ('{"marks": [NaN, 1e999, "\\u0000", "\\ud800"]}', 200),
    ],
)
def test_whatever_is_posted_is_answered(as_, cast, body, status):
    assert post(as_("noor"), body).status_code == status


def test_only_json_is_read(as_, cast):
    assert as_("noor").post("/lessons/marks/", {"marks": "[]"}).status_code == 415


def test_a_phone_asks_who_is_signed_in_and_for_a_key(as_, cast):
    answer = as_("noor").get("/lessons/marks/").json()
    assert answer["account"] == str(cast.noor.uid)
    assert Client().get("/lessons/marks/").status_code == 302
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.noor)
    key = client.get("/lessons/marks/").json()["token"]
    assert post(client, {"marks": []}, headers={"X-CSRFToken": key}).status_code == 200


def test_marks_of_who_is_not_signed_in_any_more_are_not_taken(as_, cast):
    batch = {"marks": [sent(cast.lesson, cast.amina)]}
    assert post(as_("noor"), batch, headers={"X-Account": str(cast.eva.uid)}).status_code == 403
    assert not MarkEvent.objects.exists()
    assert post(as_("noor"), batch, headers={"X-Account": str(cast.noor.uid)}).status_code == 200
    assert MarkEvent.objects.count() == 1


def test_a_post_from_another_site_is_refused(cast):
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.noor)
    assert post(client, {"marks": [sent(cast.lesson, cast.amina)]}).status_code == 403
    assert not MarkEvent.objects.exists()


# --- for the coordinator ---------------------------------------------------------------------------------


def test_the_coordinator_decides_about_marks_that_did_not_fit(as_, cast):
    receive(cast.wim, sent(cast.lesson, cast.amina, "late"), "nonsense")
    client = as_("sam")
    page = client.get("/lessons/quarantine/")
    assert b"Amina B." in page.content
    looked = AuditEntry.objects.get(act="seen.children")
    assert (looked.actor, looked.detail) == (cast.sam.audit_key, {"children": [str(cast.amina.uid)]})
    leave, accept = sorted(page.context["page"].rows, key=lambda row: row.state)
    client.post(f"/lessons/quarantine/{accept.pk}/", {"decision": "accept"})
    client.post(f"/lessons/quarantine/{leave.pk}/", {"decision": "leave_out"})
    assert MarkEvent.objects.get().by == cast.wim
    assert client.get("/lessons/quarantine/").context["page"].rows == []
    assert client.post(f"/lessons/quarantine/{accept.pk}/", {"decision": "accept"}).status_code == 404


def test_another_organisation_decides_nothing_here(as_, cast):
    receive(cast.wim, sent(cast.lesson, cast.amina))
    row = QuarantinedMark.objects.get()
    assert as_("luca").post(f"/lessons/quarantine/{row.pk}/", {"decision": "accept"}).status_code == 404


def test_registers_of_earlier_days_that_stay_open_are_listed(as_, cast):
    for days in (1, 7, 8):
        make_lesson(cast.group, on=TODAY - timedelta(days=days), teaching=cast.noors_teaching)
    page = as_("sam").get("/lessons/missing/")
    assert [lesson.on for lesson in page.context["page"].rows] == [
        date(2026, 11, 16),
        date(2026, 11, 17),
        date(2026, 11, 23),
    ]


def test_a_coordinator_cancels_a_lesson_with_its_cause(as_, cast):
    client = as_("sam")
    client.post(f"{register_of(cast)}cancel/", {"cause": "weather"})
    client.post(f"{register_of(cast)}cancel/", {"cause": "boredom"})
    cast.lesson.refresh_from_db()
    assert cast.lesson.cancelled_because == "weather"
    page = client.get(register_of(cast))
    assert page.context["may_mark"] is False
    assert as_("noor").post(f"{register_of(cast)}cancel/", {"cause": "weather"}).status_code == 404


def test_a_coordinator_plans_the_hour_of_a_new_group_and_everything_follows(as_, cast):
    new = make_group(cast.regenboog, "6A", grade="6")
    teaching = make_teaching(cast.noors_teaching.posting, new)
    make_playing(make_child(new, "Milan"))
    client = as_("sam")
    assert [group.name for group in client.get("/lessons/groups/").context["page"].rows] == ["6A", "6B"]
    address = f"/lessons/groups/{new.pk}/"
    assert client.get(address).context["form"]["has_strings"].initial is True
    hour = {"weekday": "1", "starts": "10:00", "ends": "11:00"}
    assert b"needs at least one section" in client.post(address, hour).content
    hour |= {"has_strings": "on", "room_strings": "aula", "teacher_strings": str(teaching.pk)}
    assert b"ends before it starts" in client.post(address, {**hour, "ends": "09:00"}).content
    assert client.post(address, hour).status_code == 302
    assert "already: Tuesday, 10:00–11:00" in client.get(address).content.decode()
    section = new.series.get().sections.get()
    assert (section.room, section.teaching, section.seats.count()) == ("aula", teaching, 1)
    hours = as_("noor").get("/lessons/").context["todays"]
    assert [(hour.lesson.series.group.name, hour.children) for hour in hours] == [("5A", 2), ("6A", 1)]


def test_a_coordinator_gives_new_children_a_seat_from_the_register(as_, cast):
    milan = make_child(cast.group, "Milan")
    make_playing(milan)
    client = as_("sam")
    assert client.get(register_of(cast)).context["may_seat"]
    client.post(f"{register_of(cast)}seats/")
    assert [line.child for line in client.get(register_of(cast)).context["register"].unplaced] == []
    assert as_("noor").post(f"{register_of(cast)}seats/").status_code == 404


def test_another_organisation_plans_nothing_here(as_, cast):
    assert as_("luca").get(f"/lessons/groups/{cast.group.pk}/").status_code == 404


@pytest.mark.parametrize("address", ["/lessons/", "/lessons/groups/", "/lessons/missing/", "/lessons/quarantine/"])
def test_lists_take_as_many_queries_for_one_row_as_for_three(as_, cast, address):
    client, counts = as_("sam"), []
    for days in ((1,), (2, 3)):
        for day in days:
            lesson = make_lesson(cast.group, on=TODAY - timedelta(days=day), teaching=cast.noors_teaching)
            make_lesson(cast.group, teaching=cast.noors_teaching)
            make_group(cast.koraal, f"G{day}")
            receive(cast.wim, sent(lesson, cast.amina))
        with CaptureQueriesContext(connection) as seen:
            assert client.get(address).status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_a_phone_that_sends_too_much_that_fits_nowhere_is_asked_to_wait(as_, cast, monkeypatch):
    monkeypatch.setattr("leerorkest.lessons.actions.marks.MOST_ASIDE", 1)
    client = as_("noor")
    assert post(client, {"marks": ["what?"]}).status_code == 200
    answer = post(client, {"marks": ["and this?"]})
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "3600")
    assert "Keep them on this phone" in answer.json()["error"]


def test_what_nobody_closed_a_year_ago_is_history(cast):
    for days in (1, 365, 366):
        make_lesson(cast.group, on=TODAY - timedelta(days=days), teaching=cast.noors_teaching)
    missing = queries.missing_registers(actor_of(cast.sam, TODAY), before=TODAY)
    assert [TODAY - lesson.on for lesson in missing] == [timedelta(days=365), timedelta(days=1)]
    own = queries.registers_to_close(actor_of(cast.noor, TODAY), until=TODAY)
    assert [TODAY - lesson.on for lesson in own] == [timedelta(days=days) for days in (365, 1, 0)]
