"""A stranger who scans a lost instrument can write to us; the page says nothing, and asks for nobody's name."""

import random
import re
import uuid
from datetime import timedelta

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.urls import reverse

from leerorkest.depot import rules
from leerorkest.depot.actions import found, labels
from leerorkest.depot.models import FoundNotice
from leerorkest.shared import clock
from leerorkest.shared.actions import System
from leerorkest.shared.models import AuditEntry
from tests.counting import queries_of
from tests.make import NOW

from .test_stocktakes import actor

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _clock(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)


def written(**more):
    return {"notice_id": str(uuid.uuid4()), "message": "It lies at the library.", "reply": "", "website": "", **more}


def plain(answer):
    """The page without what is new each time."""
    text = re.sub(r'nonce="[^"]*"|value="[^"]*"', "", answer.content.decode())
    return re.sub(r"/i/[A-Z0-9]+", "/i/", text)


def report(cast, tag, **more):
    values = {"message": "Here", "reply": "", "notice_id": uuid.uuid4(), **more}
    found.report_found(text=tag, by=System("finder"), at=NOW, **values)
    return FoundNotice.objects.latest("made_at")


def test_every_label_opens_the_same_page_and_gets_the_same_thanks(client, cast):
    batch = labels.print_ahead(organisation=cast.amsterdam, count=1, by=System("t"), at=NOW, batch_id=uuid.uuid4())
    tags = [cast.violin.tag, rules.new_tag(random.Random(8)), "KAPOT", batch.labels.get().tag]
    pages = {plain(client.get(reverse("depot:tag", args=[tag]))) for tag in tags}
    thanks = {plain(client.post(reverse("depot:tag", args=[tag]), written())) for tag in tags}
    assert len(pages) == len(thanks) == 1
    assert "Violin" not in pages.pop()
    assert [notice.instrument for notice in FoundNotice.objects.order_by("pk") if notice.instrument] == [cast.violin]


def test_a_second_press_is_one_message(client, cast):
    once = written()
    for _ in range(2):
        assert client.post(reverse("depot:tag", args=[cast.violin.tag]), once).status_code == 200
    assert FoundNotice.objects.count() == 1


def test_a_machine_is_thanked_and_not_heard(client, cast):
    answer = client.post(reverse("depot:tag", args=[cast.violin.tag]), written(website="https://spam.example"))
    assert "Thank you" in answer.content.decode()
    assert not FoundNotice.objects.exists()


def test_one_address_cannot_fill_the_list(client, cast):
    address = reverse("depot:tag", args=[cast.violin.tag])
    answers = [client.post(address, written()).status_code for _ in range(7)]
    assert answers == [200, 200, 200, 200, 200, 429, 429]
    assert client.post(address, written(), REMOTE_ADDR="10.1.2.3").status_code == 200
    assert FoundNotice.objects.count() == 6


def test_the_depot_reads_it_and_what_was_written_is_erased_when_it_is_done(client, cast):
    client.post(reverse("depot:tag", args=[cast.violin.tag]), written(reply="piet@example.org"))
    notice = FoundNotice.objects.get()
    assert (notice.organisation, notice.instrument) == (cast.amsterdam, cast.violin)
    client.force_login(cast.joost)
    assert "It lies at the library." in client.get(reverse("depot:found_notices")).content.decode()
    assert (
        "Somebody wrote that they found it."
        in client.get(reverse("depot:instrument", args=[cast.violin.uid])).content.decode()
    )
    assert "Messages of who found an instrument" in client.get("/").content.decode()
    client.post(reverse("depot:handle_found", args=[notice.pk]), {"outcome": "back"})
    notice.refresh_from_db()
    assert (notice.message, notice.reply, notice.outcome, notice.handled_by) == ("", "", "back", cast.joost)
    assert "library" not in str(list(AuditEntry.objects.values_list("detail", "subject")))
    again = client.post(reverse("depot:handle_found", args=[notice.pk]), {"outcome": "back"}, follow=True)
    assert "Joost Bos handled this message already." in again.content.decode()
    with pytest.raises(IntegrityError), transaction.atomic():
        FoundNotice.objects.filter(pk=notice.pk).update(message="It lies at the library.")


def test_who_keeps_the_stock_gets_a_mail_without_what_was_written(
    client, cast, settings, django_capture_on_commit_callbacks
):
    settings.SENDS_MAIL = True
    sent = written(reply="piet@example.org")
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("depot:tag", args=[cast.violin.tag]), sent)
        client.post(reverse("depot:tag", args=[cast.violin.tag]), sent)  # the same, pressed twice
    (letter,) = mail.outbox
    assert letter.to == [cast.joost.email]
    assert "Violin 17" in letter.body or "Viool 17" in letter.body
    assert reverse("depot:found_notices") in letter.body
    assert "library" not in letter.body
    assert "piet" not in letter.body


def test_what_nobody_answered_is_erased_on_its_last_day(cast):
    old = report(cast, cast.violin.tag)
    FoundNotice.objects.filter(pk=old.pk).update(made_at=NOW - rules.FOUND_IS_KEPT)
    new = report(cast, cast.violin.tag)
    FoundNotice.objects.filter(pk=new.pk).update(made_at=NOW - rules.FOUND_IS_KEPT + timedelta(minutes=1))
    call_command("maintenance")  # it asks the clock
    assert found.erase_unanswered(by=System("maintenance"), at=NOW) == 0
    old.refresh_from_db()
    new.refresh_from_db()
    assert (old.message, old.outcome, old.handled_at, old.handled_by) == ("", "unanswered", NOW, None)
    assert (new.message, new.handled_at) == ("Here", None)
    with pytest.raises(IntegrityError), transaction.atomic():
        FoundNotice.objects.filter(pk=new.pk).update(handled_at=NOW, outcome="back", message="", reply="")


def test_a_label_of_nobody_reaches_everybody_who_could_know_it(cast):
    notice = report(cast, "KAPOT")
    assert notice.organisation is None
    from leerorkest.depot import access

    sees = {
        name: access.found_notices(actor(getattr(cast, name))).exists() for name in ("joost", "luca", "noor", "hanna")
    }
    assert sees == {"joost": True, "luca": True, "noor": False, "hanna": False}


def test_the_list_costs_as_many_queries_for_one_as_for_three(client, cast):
    client.force_login(cast.joost)
    report(cast, cast.violin.tag)
    one = queries_of(client, reverse("depot:found_notices"))
    report(cast, cast.violin.tag)
    report(cast, "KAPOT")
    assert queries_of(client, reverse("depot:found_notices")) == one
