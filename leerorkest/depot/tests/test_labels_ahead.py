"""Labels printed ahead: the first scan claims one, an old label still leads to its instrument."""

import io
import random
import uuid

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from pypdf import PdfReader

from leerorkest.depot import queries
from leerorkest.depot.actions import labels
from leerorkest.depot.actions.intake import NewInstrument
from leerorkest.depot.models import Instrument, Label
from leerorkest.depot.queries.tags import read_texts
from leerorkest.depot.rules import new_tag
from leerorkest.shared.actions import System
from tests import make
from tests.make import NOW

from .test_stocktakes import actor, scan, start

pytestmark = pytest.mark.django_db
BY = System("test")


@pytest.fixture
def pile(cast):
    return labels.print_ahead(organisation=cast.amsterdam, count=3, by=BY, at=NOW, batch_id=uuid.uuid4())


@pytest.fixture
def joost(client, cast):
    client.force_login(cast.joost)
    return client


def test_five_hundred_labels_are_printed_ahead_and_again(joost, cast):
    form = {"batch_id": uuid.uuid4(), "organisation": cast.amsterdam.pk, "count": 500, "sheet": "avery-l7651"}
    form |= {"start": 1, "right": 0, "down": 0}
    address = reverse("depot:labels_ahead")
    for _ in range(2):
        answer = joost.post(address, form)
        assert answer["Content-Type"] == "application/pdf"
        assert len(PdfReader(io.BytesIO(answer.content)).pages) == 8
    assert Label.objects.unclaimed().count() == 500
    assert "500 of 500 are on nothing yet" in joost.get(address).content.decode()
    again = joost.get(address + f"?batch={form['batch_id']}").content.decode()
    assert str(form["batch_id"]) in again


def test_the_first_scan_of_a_new_label_asks_which_instrument_it_is_on(joost, cast, pile):
    tag = pile.labels.first().tag
    claim = reverse("depot:claim_label", args=[tag])
    assert joost.get(reverse("depot:tag", args=[tag])).url == claim
    assert joost.get(reverse("depot:find"), {"tag": f"https://x.example/i/{tag}"}).url == claim
    page = joost.get(claim, {"q": "17"}).content.decode()
    assert "Violin 17" in page
    old = cast.violin.tag
    assert joost.post(claim, {"instrument": cast.violin.uid}).url == reverse("depot:instrument", args=[cast.violin.uid])
    cast.violin.refresh_from_db()
    assert cast.violin.tag == tag
    for scanned in (tag, old):  # the label in the case, and the one on the instrument
        assert joost.get(reverse("depot:tag", args=[scanned])).url.endswith(f"{cast.violin.uid}/")
        assert joost.get(reverse("depot:find"), {"tag": scanned}).status_code == 302
    assert f"{old[:4]}-{old[4:]}" in joost.get(reverse("depot:instrument", args=[cast.violin.uid])).content.decode()
    assert joost.get(claim).status_code == 404  # it is on something now


def test_a_new_label_takes_a_new_instrument_in(joost, cast, pile):
    tag = pile.labels.first().tag
    form = {"handover_id": uuid.uuid4(), "site": cast.depot.pk, "kind": "violin", "number": "88"}
    joost.post(reverse("depot:claim_label", args=[tag]), form)
    row = Instrument.objects.get(number="88")
    assert row.tag == tag
    assert Label.objects.get(tag=tag).instrument == row


def test_a_label_is_claimed_once(cast, pile):
    first, second = pile.labels.order_by("pk")[:2]
    other = make.make_instrument(cast.depot)
    labels.claim_for_existing(label=first, instrument=cast.violin, by=BY, at=NOW)
    labels.claim_for_existing(label=first, instrument=cast.violin, by=BY, at=NOW)  # pressed twice
    with pytest.raises(labels.LabelTaken):
        labels.claim_for_existing(label=first, instrument=other, by=BY, at=NOW)
    new = {"new": NewInstrument(kind=make.make_kind()), "site": cast.depot, "by": BY, "at": NOW}
    with pytest.raises(labels.LabelTaken):
        labels.claim_for_new(label=first, handover_id=uuid.uuid4(), **new)
    once = uuid.uuid4()
    made = labels.claim_for_new(label=second, handover_id=once, **new)
    assert labels.claim_for_new(label=second, handover_id=once, **new) == made
    labels.claim_for_existing(label=pile.labels.last(), instrument=cast.violin, by=BY, at=NOW)
    assert Label.objects.filter(instrument=cast.violin, replaced_at=None).count() == 1
    assert Label.objects.filter(instrument=cast.violin).count() == 3


def test_a_label_of_another_organisation_is_refused(cast, pile):
    abroad = make.make_instrument(make.make_site(organisation=cast.curacao, sort="depot"))
    with pytest.raises(labels.OfAnotherOrganisation):
        labels.claim_for_existing(label=pile.labels.first(), instrument=abroad, by=BY, at=NOW)


def test_what_never_becomes_true_in_the_database(cast, pile):
    label = pile.labels.first()
    labels.claim_for_existing(label=label, instrument=cast.violin, by=BY, at=NOW)
    other, old = make.make_instrument(cast.depot), Label.objects.exclude(batch=pile).get()
    same = {"organisation": cast.amsterdam, "kind": other.kind, "currency": "EUR", "first_keeping_id": uuid.uuid4()}
    for change in (
        lambda: Instrument.objects.filter(pk=other.pk).update(tag=new_tag(random.Random(5))),
        lambda: Instrument.objects.filter(pk=other.pk).update(tag=old.tag),
        lambda: Label.objects.filter(pk=label.pk).update(instrument=other),
        lambda: Label.objects.filter(pk=old.pk).update(replaced_at=None),
        lambda: Label.objects.filter(pk=label.pk).delete(),
        lambda: Label.objects.create(organisation=cast.amsterdam, tag=other.tag),
        lambda: Label.objects.create(organisation=cast.curacao, tag="X", instrument=other, claimed_at=NOW),
        lambda: Instrument.objects.create(**{**same, "tag": old.tag}),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


def test_old_labels_are_read_in_every_box(cast, pile):
    old = cast.violin.tag
    labels.claim_for_existing(label=pile.labels.first(), instrument=cast.violin, by=BY, at=NOW)
    by = actor(cast.joost)
    counting = start(cast.depot, by)
    unclaimed = pile.labels.unclaimed().first().tag
    said = scan(counting, old, pile.labels.first().tag, unclaimed, by=by)
    assert [receipt.outcome for receipt in said] == ["here", "again", "unclaimed"]
    assert "Say first which instrument it is on." in said[2].sentence
    abroad = labels.print_ahead(organisation=cast.curacao, count=1, by=BY, at=NOW, batch_id=uuid.uuid4())
    text = abroad.labels.get().tag
    assert read_texts(cast.amsterdam, [text])[text].found == "elsewhere"
    read = queries.read_tags(Instrument.objects.all(), [old, Label.objects.get(batch=pile, instrument=cast.violin).tag])
    assert read.instruments == [Instrument.objects.get(pk=cast.violin.pk)]
