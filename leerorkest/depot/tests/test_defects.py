"""Something is wrong with an instrument: who may say so, what follows, and what the database keeps."""

import uuid
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction

from leerorkest.depot import actions, defect_kinds
from leerorkest.depot.actions import defects, fitness
from leerorkest.depot.models import Defect, DefectKind, Instrument
from leerorkest.music.models import InstrumentKind
from leerorkest.shared import clock
from leerorkest.shared.actions import System
from tests import make
from tests.counting import queries_of
from tests.pictures import photo

pytestmark = pytest.mark.django_db
NOW = make.NOW
LATER = NOW + timedelta(hours=2)


@pytest.fixture(autouse=True)
def _clock(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(hours=3))


def kind(code="bowed-string-broken"):
    return DefectKind.objects.get(pk=code)


def report(cast, code="bowed-string-broken", *, by=None, at=LATER, defect_id=None, **values):
    return defects.report_defect(
        instrument=values.pop("instrument", cast.violin),
        kind=kind(code),
        by=by or cast.noor,
        at=at,
        defect_id=defect_id or uuid.uuid4(),
        **values,
    )


def act(action, at=NOW, **inputs):
    return action(by=System("test"), at=at, handover_id=uuid.uuid4(), **inputs)


@pytest.fixture
def lent(cast):
    act(actions.issue_class_set, instruments=[cast.violin], site=cast.regenboog.site)
    act(actions.lend, instrument=cast.violin, child=cast.amina)
    return cast.violin


def test_every_kind_of_instrument_has_a_picture_with_spots_and_kinds_of_defects():
    drawn = (defect_kinds.__file__).replace("defect_kinds.py", "static/depot/shapes.svg")
    with open(drawn) as file:
        picture = file.read()
    for one in InstrumentKind.objects.all():
        shape = defect_kinds.shape_of(one)
        assert f'<symbol id="{shape}"' in picture
        found = DefectKind.objects.filter(shape=shape)
        assert {row.spot for row in found} == {spot.code for spot in defect_kinds.SPOTS[shape]}
        assert found.filter(stops_play=True).exists()
        assert found.filter(stops_play=False).exists()
    for row in DefectKind.objects.prefetch_related("plan"):
        assert row.plan.last().step_kind_id == defect_kinds.LAST_STEP


def test_loading_the_kinds_again_changes_nothing_and_leaves_what_a_person_changed():
    DefectKind.objects.filter(pk="bowed-crack").update(stops_play=False)
    before = list(DefectKind.objects.values_list())
    defect_kinds.load_defect_kinds()
    assert list(DefectKind.objects.values_list()) == before


def test_a_broken_string_takes_a_violin_out_of_what_can_be_lent_and_a_dent_does_not(cast):
    assert cast.violin in Instrument.objects.available()
    report(cast, "bowed-dent")
    assert cast.violin in Instrument.objects.available()
    found = report(cast)
    assert cast.violin not in Instrument.objects.available()
    with pytest.raises(fitness.CannotBePlayed) as refused:
        act(actions.lend, at=LATER, instrument=cast.violin, child=cast.amina)
    assert "A string is broken" in str(refused.value)
    with pytest.raises(fitness.CannotBePlayed):
        act(actions.issue_class_set, at=LATER, instruments=[cast.violin], site=cast.regenboog.site)
    defects.withdraw_defect(defect=found, by=cast.noor, at=LATER)
    assert cast.violin in Instrument.objects.available()
    with pytest.raises(defects.DefectEnded):
        defects.withdraw_defect(defect=found, by=cast.noor, at=LATER)


def test_a_report_sent_twice_is_one_defect_and_with_other_words_it_is_refused(cast):
    one = uuid.uuid4()
    assert report(cast, defect_id=one) == report(cast, defect_id=one)
    assert Defect.objects.count() == 1
    with pytest.raises(defects.OtherDefect):
        report(cast, "bowed-peg-slips", defect_id=one)


def test_what_is_reported_already_need_not_be_said_again(cast):
    report(cast)
    with pytest.raises(defects.AlreadyReported):
        report(cast, by=cast.sam)


def test_a_violin_has_no_valves_and_a_retired_one_is_not_mended(cast):
    with pytest.raises(defects.DefectOfAnotherShape):
        report(cast, "valves-valve-stuck")
    actions.retire(instrument=cast.violin, because="lost", by=cast.joost, at=LATER)
    with pytest.raises(actions.Retired):
        report(cast)


def test_a_defect_remembers_who_held_the_instrument_then(cast, lent):
    found = report(cast)
    assert found.holding.child == cast.amina
    act(actions.give_back, at=LATER, instruments=[lent])
    assert report(cast, "bowed-crack").holding is None


@pytest.mark.parametrize(
    "change",
    [
        {"stops_play": False},
        {"kind_id": "bowed-crack"},
        {"reported_at": NOW},
        {"ended_at": NOW, "ended_because": "mended"},  # before it was reported
        {"ended_at": LATER, "ended_because": ""},
        {"ended_at": LATER, "ended_because": "weather"},
    ],
)
def test_the_database_refuses_to_rewrite_a_defect(cast, change):
    report(cast)
    with pytest.raises(IntegrityError), transaction.atomic():
        Defect.objects.update(**change)


def test_the_database_refuses_to_delete_a_defect_to_open_one_twice_and_to_open_an_ended_one(cast):
    found = report(cast)
    with pytest.raises(IntegrityError), transaction.atomic():
        Defect.objects.all().delete()
    with pytest.raises(IntegrityError), transaction.atomic():
        Defect.objects.create(
            instrument=cast.violin, kind=found.kind, stops_play=True, reported_at=LATER, by_key="x", content_hash="x"
        )
    defects.withdraw_defect(defect=found, by=cast.noor, at=LATER)
    with pytest.raises(IntegrityError), transaction.atomic():
        Defect.objects.update(ended_at=None, ended_because="")


# --- pages --------------------------------------------------------------------------------------------------
def test_noor_reports_on_the_picture_without_javascript(client, cast, lent):
    client.force_login(cast.noor)
    address = f"/depot/instruments/{lent.uid}/report/"
    assert address in client.get(f"/depot/instruments/{lent.uid}/").content.decode()
    assert address in client.get(f"/lessons/children/{cast.amina.uid}/").content.decode()
    page = client.get(address)
    body = page.content.decode()
    assert 'popovertarget="spot-strings"' in body
    assert 'name="kind" value="bowed-string-broken"' in body
    sent = {"defect_id": str(page.context["defect_id"]), "kind": "bowed-string-broken"}
    answer = client.post(address, sent)
    assert client.post(address, sent).url == answer.url  # the button pressed twice
    found = Defect.objects.get()
    assert answer.url == f"/depot/defects/{found.pk}/"
    assert found.by == cast.noor
    assert "A string is broken" in client.get(f"/depot/instruments/{lent.uid}/").content.decode()
    assert "Reported already" in client.get(address).content.decode()
    client.post(answer.url + "withdraw/")
    assert not Defect.objects.open().exists()


def test_a_photo_is_kept_without_its_metadata_and_only_once(client, cast, lent, settings, tmp_path):
    settings.FILES = tmp_path
    client.force_login(cast.noor)
    address = f"/depot/defects/{report(cast).pk}/"
    send = lambda: client.post(address + "photo/", {"photo": SimpleUploadedFile("a.jpg", photo())}, follow=True)  # noqa: E731
    assert "The photo is kept" in send().content.decode()
    assert "already a photo" in send().content.decode()
    answer = client.get(address + "photo.jpg")
    assert answer["Content-Disposition"].startswith("attachment")
    assert "No photo was chosen" in client.post(address + "photo/", follow=True).content.decode()


def test_the_page_of_an_instrument_costs_the_same_with_three_defects(client, cast):
    client.force_login(cast.joost)
    address = f"/depot/instruments/{cast.violin.uid}/"
    report(cast)
    one = queries_of(client, address)
    report(cast, "bowed-crack")
    report(cast, "bowed-dent")
    assert queries_of(client, address) == one
