"""The depot's pages, as each member of the cast meets them."""

import re
import uuid
from datetime import timedelta

import pytest

from leerorkest.depot import actions
from leerorkest.depot.models import Custody, Handover, Instrument
from leerorkest.shared import clock
from leerorkest.shared.actions import System
from leerorkest.shared.models import AuditEntry
from tests import make

pytestmark = pytest.mark.django_db
NOW = make.NOW


@pytest.fixture(autouse=True)
def _noon(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(hours=3))


def act(action, at=NOW, **inputs):
    return action(by=System("test"), at=at, handover_id=uuid.uuid4(), **inputs)


@pytest.fixture
def lent(cast):
    """Number 17 is kept by De Regenboog and lent to Amina."""
    act(actions.issue_class_set, instruments=[cast.violin], site=cast.regenboog.site)
    act(actions.lend, instrument=cast.violin, child=cast.amina, at=NOW + timedelta(hours=1))
    return cast.violin


def url(instrument, end=""):
    return f"/depot/instruments/{instrument.uid}/{end}"


def test_the_depot_keeper_issues_the_first_24_violins_on_the_shelf(client, cast):
    for number in range(100, 130):
        make.make_instrument(cast.depot, number=str(number))
    client.force_login(cast.joost)
    page = client.get("/depot/issue/", {"kind": "violin", "count": "24"})
    assert page.content.decode().count(" checked") == 24
    form = page.context["form"]
    ticked = [str(row.uid) for row in page.context["rows"] if row.is_ticked]
    sent = {
        "handover_id": str(form["handover_id"].value()),
        "instrument": ticked,
        "tags": "",
        "site": cast.regenboog.site_id,
    }
    answer = client.post("/depot/issue/", sent)
    made = Handover.objects.get(sort="issue")
    assert answer.url == f"/depot/handovers/{made.pk}/"
    assert Instrument.objects.kept_by(cast.regenboog.site).count() == 24
    client.post("/depot/issue/", sent)  # the button pressed twice
    assert Handover.objects.filter(sort="issue").count() == 1
    page = client.get(answer.url)
    assert "De Regenboog" in page.content.decode()
    client.post(answer.url, {"handover_id": str(uuid.uuid4())})
    assert Instrument.objects.kept_by(cast.regenboog.site).count() == 0


def test_labels_are_scanned_and_mistakes_are_named(client, cast):
    client.force_login(cast.joost)
    sent = {"handover_id": str(uuid.uuid4()), "site": cast.regenboog.site_id}
    wrong = client.post("/depot/issue/", {**sent, "tags": f"https://x/i/{cast.violin.tag}\nQQQQQQQ2\n"})
    assert "QQQQQQQ2 is not" in wrong.content.decode()
    assert not Handover.objects.filter(sort="issue").exists()
    answer = client.post(
        "/depot/issue/", {**sent, "tags": f"https://x/i/{cast.violin.tag}\r\n{cast.violin.tag.lower()}"}
    )
    assert answer.status_code == 302
    nothing = client.post("/depot/issue/", {**sent, "handover_id": str(uuid.uuid4()), "tags": ""})
    assert "No instrument was chosen" in nothing.content.decode()


def test_the_depot_keeper_lends_number_17_to_amina_by_first_name_only(client, cast):
    act(actions.issue_class_set, instruments=[cast.violin], site=cast.regenboog.site)
    client.force_login(cast.joost)
    groups = client.get(url(cast.violin, "lend/")).content.decode()
    assert "5A" in groups
    assert "Koraal" not in groups  # another school
    page = client.get(url(cast.violin, "lend/"), {"group": cast.group.pk}).content.decode()
    assert "Amina" in page
    assert "Bakker" not in page
    sent = {"group": cast.group.pk, "child": str(cast.amina.uid), "handover_id": str(uuid.uuid4())}
    assert client.post(url(cast.violin, "lend/"), sent).status_code == 302
    page = client.get(url(cast.violin)).content.decode()
    assert "Amina · 5A" in page
    assert "De Regenboog" in page
    assert "Bakker" not in page
    again = client.post(
        url(cast.violin, "lend/"), {**sent, "child": str(cast.dilan.uid), "handover_id": str(uuid.uuid4())}
    )
    assert "already lent" in again.content.decode()
    client.post("/depot/give-back/", {"handover_id": str(uuid.uuid4()), "instrument": str(cast.violin.uid)})
    page = client.get(url(cast.violin)).content.decode()
    assert "Amina" not in page  # only while it is lent
    assert "Lent to a child" in page


def test_two_children_of_one_first_name_show_an_initial(client, cast):
    make.make_child(cast.group, "Amina", "Zwart")
    client.force_login(cast.joost)
    page = client.get(url(cast.violin, "lend/"), {"group": cast.group.pk}).content.decode()
    assert "Amina B." in page
    assert "Amina Z." in page


def test_a_child_of_another_organisation_or_school_cannot_be_lent_to(client, cast):
    act(actions.issue_class_set, instruments=[cast.violin], site=cast.regenboog.site)
    client.force_login(cast.joost)
    for group, child in [
        (cast.islander.memberships.get().group, cast.islander),
        (cast.stranger.memberships.get().group, cast.stranger),
        (cast.group, cast.stranger),
    ]:
        sent = {"group": group.pk, "child": str(child.uid), "handover_id": str(uuid.uuid4())}
        assert client.post(url(cast.violin, "lend/"), sent).status_code == 404
    assert not Custody.objects.holders().exists()


@pytest.mark.parametrize(
    ("who", "sees", "names_the_child"),
    [
        ("joost", True, True),
        ("sam", True, True),
        ("noor", True, True),
        ("hanna", True, True),
        ("ola", True, False),
        ("eva", False, False),
        ("luca", False, False),
        ("wim", False, False),
    ],
)
def test_who_sees_a_lent_instrument_and_its_holder(client, cast, lent, who, sees, names_the_child):
    client.force_login(getattr(cast, who))
    answer = client.get(url(lent))
    assert answer.status_code == (200 if sees else 404)
    assert ("Amina" in answer.content.decode()) == names_the_child
    assert "Bakker" not in answer.content.decode()
    seen = AuditEntry.objects.filter(act="seen.holders", actor=getattr(cast, who).audit_key)
    assert seen.exists() == names_the_child
    listed = client.get("/depot/")
    if listed.status_code == 200:
        assert (lent.readable_tag in listed.content.decode()) == sees
        assert ("Amina" in listed.content.decode()) == names_the_child
    found = client.get("/depot/find/", {"tag": lent.tag})
    assert (found.status_code == 302) == sees


def test_a_teacher_lends_at_the_own_school_only(client, cast, lent):
    other = make.make_instrument(cast.depot)
    client.force_login(cast.noor)
    assert client.get(url(lent, "lend/")).status_code == 200
    assert client.get(url(other, "lend/")).status_code == 404
    assert client.get("/depot/issue/").status_code == 404
    back = client.post("/depot/give-back/", {"handover_id": str(uuid.uuid4()), "tags": lent.tag})
    assert back.status_code == 302
    assert not Custody.objects.open().holders().exists()


def test_a_label_tells_a_stranger_nothing_and_staff_everything_that_is_theirs(client, cast, lent, settings):
    settings.CONTACT = "found@example.org"
    known, unknown = client.get(f"/i/{lent.tag}"), client.get("/i/23456789")
    assert known.status_code == unknown.status_code == 200

    def plain(answer):
        page = answer.content.decode().replace(lent.tag, "").replace("23456789", "").split("</header>", 1)[1]
        return re.sub(r'value="[^"]*"', "", page)  # keys against forged and doubled forms

    assert plain(known) == plain(unknown)
    assert "found@example.org" in plain(known)
    client.force_login(cast.joost)
    assert client.get(f"/i/{lent.tag}").url == url(lent)
    client.force_login(cast.luca)
    assert client.get(f"/i/{lent.tag}").status_code == 200


def test_the_list_takes_the_same_queries_for_one_and_for_three(client, cast, lent, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.force_login(cast.sam)
    client.get("/depot/")
    with CaptureQueriesContext(
        connection,
    ) as one:
        client.get("/depot/")
    for child in (cast.dilan, cast.stranger):
        act(actions.lend, instrument=make.make_instrument(cast.depot), child=child, at=NOW + timedelta(hours=1))
    with CaptureQueriesContext(connection) as three:
        page = client.get("/depot/")
    assert len(page.context["page"].rows) == 3
    assert len(one) == len(three)


def test_the_list_sorts_numbers_as_people_do_and_filters(client, cast):
    for number in ("2", "100", "9"):
        make.make_instrument(cast.depot, number=number)
    make.make_instrument(cast.depot, number="5", kind=make.make_kind("cello"))
    client.force_login(cast.joost)
    page = client.get("/depot/")
    assert [row.number for row in page.context["page"].rows] == ["5", "2", "9", "17", "100"]
    page = client.get("/depot/", {"kind": "cello", "state": "shelf", "keeper": cast.depot.pk})
    assert [row.number for row in page.context["page"].rows] == ["5"]
    page = client.get("/depot/", {"state": "lent"})
    assert page.context["page"].rows == []
    assert client.get("/depot/", {"kind": "nonsense", "keeper": "x", "state": "zzz", "size": "q"}).status_code == 200


def test_the_exported_list_cannot_start_a_formula_and_names_no_child(client, cast, lent):
    Instrument.objects.filter(pk=lent.pk).update(brand="=cmd|' /C calc'!A0")
    client.force_login(cast.joost)
    text = b"".join(client.get("/depot/instruments.csv")).decode("utf-8-sig")
    assert "'=cmd" in text
    assert "Amina" not in text
    assert "De Regenboog" in text
    client.force_login(cast.noor)
    assert client.get("/depot/instruments.csv").status_code == 404


def test_an_instrument_is_taken_in_by_hand_and_retired(client, cast):
    client.force_login(cast.joost)
    sent = {"handover_id": str(uuid.uuid4()), "site": cast.depot.pk, "kind": "violin", "number": "77"}
    wrong = client.post("/depot/take-in/", {**sent, "size": "9/4"})
    assert "comes in these sizes" in wrong.content.decode()
    for amount in ("100000000", "9" * 20):
        assert "not an amount" in client.post("/depot/take-in/", {**sent, "purchase_value": amount}).content.decode()
    answer = client.post(
        "/depot/take-in/", {**sent, "size": "½", "purchase_value": "1.250,50", "purchased_on": "2026-01-02"}
    )
    row = Instrument.objects.get(number="77")
    assert answer.url == url(row)
    assert str(row.purchase_value) == "1250.50"
    taken = client.post("/depot/take-in/", {**sent, "handover_id": str(uuid.uuid4())})
    assert "already a" in taken.content.decode()
    assert client.post(url(row, "retire/"), {"because": "broken"}).status_code == 302
    assert Instrument.objects.get(number="77").retired_on


def test_a_member_of_staff_takes_an_instrument_home(client, cast):
    client.force_login(cast.joost)
    sent = {"handover_id": str(uuid.uuid4()), "account": cast.noor.pk}
    assert client.post(url(cast.violin, "lend/"), sent).status_code == 302
    assert "Noor de Wit" in client.get(url(cast.violin)).content.decode()


def test_what_asks_for_attention_can_be_listed(client, cast, lent):
    from leerorkest.network.models import Site
    from leerorkest.schools.models import Enrolment

    client.force_login(cast.joost)
    for state in ("left", "closed"):
        assert client.get("/depot/", {"state": state}).context["page"].rows == []
    Enrolment.objects.filter(child=cast.amina).update(until_on=NOW.date())
    Site.objects.filter(pk=cast.depot.pk).update(closed_on=NOW.date())
    other = make.make_instrument(cast.depot)
    assert client.get("/depot/", {"state": "left"}).context["page"].rows == [lent]
    assert client.get("/depot/", {"state": "closed"}).context["page"].rows == [other]


@pytest.mark.parametrize("page", ["take-in", "lists", "take-back"])
def test_the_only_depot_is_chosen_already_and_one_of_two_is_not(client, cast, page):
    type(cast.workshop).objects.filter(pk=cast.workshop.pk).update(closed_on=NOW.date())
    client.force_login(cast.joost)
    chosen = f'<option value="{cast.depot.pk}" selected>'
    assert chosen in client.get(f"/depot/{page}/").content.decode()
    make.make_site("Depot Zuid", organisation=cast.amsterdam, sort="depot")
    assert chosen not in client.get(f"/depot/{page}/").content.decode()


def test_what_may_be_done_with_an_instrument_is_what_the_doors_say(cast, lent, django_assert_num_queries):
    from leerorkest.depot import access
    from leerorkest.people.access import actor_of

    for who in ("joost", "sam", "noor", "hanna", "ola", "eva", "luca"):
        actor = actor_of(getattr(cast, who), NOW.date())
        for row in Instrument.objects.with_parties():
            assert access.may_run(actor, row) == access.instruments_to_run(actor).filter(pk=row.pk).exists(), who
            assert access.may_lend(actor, row) == access.instruments_to_lend(actor).filter(pk=row.pk).exists(), who
    keeper, row = actor_of(cast.joost, NOW.date()), Instrument.objects.with_parties().get(pk=lent.pk)
    with django_assert_num_queries(0):
        assert access.may_run(keeper, row)
        assert access.may_lend(keeper, row)
