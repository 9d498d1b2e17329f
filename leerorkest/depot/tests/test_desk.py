"""The desk: what goes home is described and agreed, what comes back goes one way, and a repeat changes nothing."""

import hashlib
import io
import json
import uuid
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from pypdf import PdfReader

from leerorkest.depot import actions, agreements, rules, terms
from leerorkest.depot.actions import desk, refusals
from leerorkest.depot.actions.fitness import CannotBePlayed
from leerorkest.depot.models import (
    Acceptance,
    Cleaning,
    ConditionReport,
    Custody,
    Defect,
    Handover,
    Instrument,
    LoanTerms,
    PaperForm,
)
from leerorkest.depot.queries import desk as queries
from leerorkest.depot.rules import Condition, Outcome
from leerorkest.schools.models import Enrolment, Membership
from leerorkest.shared import clock, files
from leerorkest.shared.actions import System
from leerorkest.shared.models import AuditEntry, StoredFile
from tests import make, pictures

pytestmark = pytest.mark.django_db
NOW = make.NOW
LATER = NOW + timedelta(hours=3)


@pytest.fixture(autouse=True)
def _noon(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: LATER)


@pytest.fixture
def violin(cast):
    """Number 17 stands on the shelf of De Regenboog."""
    actions.issue_class_set(
        instruments=[cast.violin], site=cast.regenboog.site, by=System("test"), at=NOW, handover_id=uuid.uuid4()
    )
    return cast.violin


def hand_out(violin, child, **values):
    inputs = {
        "instrument": violin,
        "child": child,
        "version": 1,
        "language": "nl",
        "accessories": ["bow", "case"],
        "condition": Condition.GOOD,
        "picture": files.re_encode(pictures.photo()),
        "ink": files.signature(pictures.signature()),
        "act_hash": "a" * 64,
        "by": System("test"),
        "at": NOW + timedelta(minutes=5),
        "handover_id": uuid.uuid4(),
    }
    return desk.hand_out(**{**inputs, **values})


def take_return(violin, **values):
    inputs = {
        "instrument": violin,
        "accessories": ["case"],
        "condition": Condition.WORN,
        "outcome": Outcome.SHELF,
        "reservation": None,
        "picture": None,
        "note": "",
        "act_hash": "b" * 64,
        "by": System("test"),
        "at": NOW + timedelta(minutes=50),
        "handover_id": uuid.uuid4(),
    }
    return desk.take_return(**{**inputs, **values})


# --- handing out ------------------------------------------------------------------------------------------


def test_a_hand_out_is_a_loan_a_report_and_a_signature_in_one_act(cast, violin):
    made = hand_out(violin, cast.amina)
    held = Custody.objects.open().holders().get()
    assert (held.child, held.began_with) == (cast.amina, made)
    report = ConditionReport.objects.get(handover=made)
    assert report.accessories == ["case", "bow"]
    assert files.read(report.picture).startswith(b"\xff\xd8")
    accepted = made.acceptance
    assert (accepted.terms.version, accepted.terms.language, accepted.signed_on) == (1, "nl", "glass")
    assert AuditEntry.objects.filter(subject=f"handover:{made.pk}").count() == 2


def test_a_refused_hand_out_leaves_no_row_behind(cast, violin):
    with pytest.raises(desk.NotTheseTerms):
        hand_out(violin, cast.amina, language="tr")
    with pytest.raises(desk.NotTheseTerms):
        hand_out(violin, cast.amina, version=4)
    for model in (ConditionReport, Acceptance, StoredFile, LoanTerms):
        assert not model.objects.exists()
    assert not Custody.objects.open().holders().exists()


def test_the_same_act_twice_is_one_loan_and_another_act_under_its_id_is_refused(cast, violin):
    again = uuid.uuid4()
    first = hand_out(violin, cast.amina, handover_id=again)
    assert hand_out(violin, cast.amina, handover_id=again) == first
    assert (Handover.objects.filter(sort="lend").count(), StoredFile.objects.count()) == (1, 2)
    with pytest.raises(refusals.OtherContent):
        hand_out(violin, cast.amina, handover_id=again, act_hash="c" * 64)
    with pytest.raises(refusals.OtherContent):
        hand_out(violin, cast.amina, handover_id=again, by=System("somebody else"))


def test_signed_on_paper_waits_for_the_photo_of_the_paper(cast, violin):
    made = hand_out(violin, cast.amina, ink=None)
    (form,) = desk.print_forms(
        organisation=cast.amsterdam, children=[cast.amina], version=1, language="nl", by=System("test"), at=NOW
    )
    assert list(queries.waiting_for_paper(cast.amina)) == [made.acceptance]
    photo = files.re_encode(pictures.photo((1000, 1400)))
    assert desk.take_in_paper(form=form, picture=photo, by=System("test"), at=LATER) == [made.acceptance]
    made.acceptance.refresh_from_db()
    assert made.acceptance.mark.media_type == "image/jpeg"
    with pytest.raises(desk.NothingWaitsForPaper):
        desk.take_in_paper(form=form, picture=photo, by=System("test"), at=LATER)


def test_each_mistake_at_the_desk_has_its_own_sentence(cast, violin):
    Enrolment.objects.filter(child=cast.dilan).update(until_on=make.TODAY)
    with pytest.raises(refusals.ChildLeft) as left:
        hand_out(violin, cast.dilan)
    with pytest.raises(refusals.NeverLent) as never:
        take_return(violin)
    hand_out(violin, cast.amina)
    with pytest.raises(refusals.AlreadyLent) as lent:
        hand_out(violin, cast.amina)
    take_return(violin, outcome=Outcome.RETIRE)
    violin.refresh_from_db()
    with pytest.raises(refusals.Retired) as retired:
        hand_out(violin, cast.amina, at=LATER)
    other = make.make_instrument(cast.depot, number="18")
    actions.issue_class_set(
        instruments=[other], site=cast.regenboog.site, by=System("test"), at=NOW, handover_id=uuid.uuid4()
    )
    cast.regenboog.site.closed_on = make.TODAY
    cast.regenboog.site.save()
    with pytest.raises(refusals.SiteClosed) as closed:
        hand_out(other, cast.amina, at=LATER)
    said = [str(found.value) for found in (left, never, lent, retired, closed)]
    assert len(set(said)) == 5
    assert all(len(sentence.split(". ")) >= 2 for sentence in said)  # what is wrong, and the next thing to do


def test_what_was_seen_and_agreed_is_never_rewritten(cast, violin):
    made = hand_out(violin, cast.amina)
    desk.keep_document(acceptance=made.acceptance, by=System("test"), at=LATER)
    other = files.store(files.re_encode(pictures.photo()), by=System("test"), at=NOW)
    for rows, change in (
        (ConditionReport.objects, {"condition": "damaged"}),
        (LoanTerms.objects, {"text": "Pay for all"}),
        (Acceptance.objects, {"signer": "Eva"}),
        (Acceptance.objects, {"mark": other}),
        (Acceptance.objects, {"pdf": other}),
        (Acceptance.objects, {"pdf": None}),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**change)


# --- the agreement ----------------------------------------------------------------------------------------


def words_of(content):
    return " ".join("\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages).split())


def test_the_agreement_holds_what_was_agreed_and_is_the_same_every_time(cast, violin):
    made = hand_out(violin, cast.amina)
    document = queries.agreement(made.acceptance)
    content = agreements.pdf(document)
    assert content == agreements.pdf(queries.agreement(Acceptance.objects.get()))
    text = words_of(content)
    for part in (
        "Dit instrument is in jouw zorg",
        "er ontstaat geen schuld",
        "17",
        violin.readable_tag,
        "De Regenboog",
    ):
        assert part in text
    assert "Amina · 5A" in text
    assert "Bakker" not in text
    assert "1, Nederlands" in text
    assert str(made.pk) in text
    assert len(PdfReader(io.BytesIO(content)).pages[0].images) == 2  # the photo and the ink
    kept = desk.keep_document(acceptance=made.acceptance, by=System("test"), at=LATER)
    assert files.read(kept.pdf) == content
    assert desk.keep_document(acceptance=kept, by=System("test"), at=LATER).pdf == kept.pdf


@pytest.mark.parametrize("language", list(terms.FIRST))
def test_terms_of_every_language_can_be_signed_also_from_right_to_left(cast, violin, language):
    made = hand_out(violin, cast.amina, language=language)
    document = queries.agreement(made.acceptance)
    assert document.direction == ("rtl" if language == "ar" else "ltr")
    assert agreements.pdf(document).startswith(b"%PDF")


def test_words_of_people_cannot_become_commands_of_the_document(cast, violin):
    text = 'Title" #panic("x")\n\n#import "/etc/passwd": * $x$ \\ [_a_] `b`'
    desk.publish_terms(organisation=cast.amsterdam, texts={"nl": terms.Text(text)}, by=System("test"), at=NOW)
    made = hand_out(violin, cast.amina)
    assert '#import "/etc/passwd"' in words_of(agreements.pdf(queries.agreement(made.acceptance)))


def test_one_signature_for_a_class_set(cast):
    violins = [make.make_instrument(cast.depot, number=str(number)) for number in range(200, 224)]
    issued = actions.issue_class_set(
        instruments=violins, site=cast.regenboog.site, by=System("test"), at=NOW, handover_id=uuid.uuid4()
    )
    how = {"handover": issued, "version": 1, "language": "nl", "by": System("test"), "at": LATER}
    with pytest.raises(desk.NoSigner):
        desk.sign(signer=" ", ink=None, **how)
    signed = desk.sign(signer="Hanna Smit", ink=files.signature(pictures.signature()), **how)
    with pytest.raises(desk.AlreadySigned):
        desk.sign(signer="Hanna Smit", ink=None, **how)
    text = words_of(agreements.pdf(queries.agreement(signed)))
    assert all(violin.readable_tag in text for violin in violins)
    assert "Hanna Smit" in text


def test_the_agreement_of_a_class_set_costs_the_same_for_1_and_24(cast):
    def cost(count):
        violins = [make.make_instrument(cast.depot) for _ in range(count)]
        issued = actions.issue_class_set(
            instruments=violins, site=cast.regenboog.site, by=System("test"), at=NOW, handover_id=uuid.uuid4()
        )
        how = {"version": 1, "language": "nl", "by": System("test"), "at": LATER, "signer": "H", "ink": None}
        signed = desk.sign(handover=issued, **how)
        with CaptureQueriesContext(connection) as asked:
            queries.agreement(signed)
        return len(asked)

    assert cost(1) == cost(24)


# --- the terms --------------------------------------------------------------------------------------------


def test_a_new_version_counts_from_now_on_and_what_was_signed_stays(cast, violin):
    old = hand_out(violin, cast.amina).acceptance
    how = {"organisation": cast.amsterdam, "by": System("test"), "at": LATER}
    made = desk.publish_terms(texts={"nl": terms.Text("Nieuw\n\nZorg goed."), "en": terms.Text("")}, **how)
    assert [(row.version, row.language) for row in made] == [(2, "nl")]
    assert [row.version for row in queries.terms_in_force(cast.amsterdam)] == [2]
    old.refresh_from_db()
    assert old.terms.version == 1
    with pytest.raises(desk.NothingToPublish):
        desk.publish_terms(texts={"nl": terms.Text("Nieuw\n\nZorg goed.  ")}, **how)
    with pytest.raises(desk.NoText):
        desk.publish_terms(texts={"nl": terms.Text("  ")}, **how)
    with pytest.raises(desk.TooShort):
        desk.publish_terms(texts={"nl": terms.Text("Alleen een titel")}, **how)


def test_the_first_terms_say_that_there_is_no_debt():
    said = {"nl": "geen schuld", "en": "no debt", "pap-aw": "no tin debe", "pap-cw": "no tin debe", "ar": "دَين"}
    for language, words in said.items():
        assert words in terms.FIRST[language].text
        assert len(terms.FIRST[language].paragraphs) == 5
    assert {code for code, text in terms.FIRST.items() if text.is_draft} == {"pap-aw", "pap-cw", "ar"}


# --- taking back ------------------------------------------------------------------------------------------


def test_what_is_missing_is_noted_beside_what_went_out(cast, violin):
    hand_out(violin, cast.amina, accessories=["bow", "case", "rosin"])
    made = take_return(violin, accessories=["case"])
    report = made.reports.get()
    assert report.missing == ["bow"]  # rosin is used up: nobody asks for it back
    assert queries.report_before(report).accessories == ["case", "bow", "rosin"]
    text = words_of(agreements.pdf(queries.receipt(report)))
    assert "Bow" in text
    assert "never billed" in text
    assert "Amina" not in text


def test_the_state_follows_from_the_way_it_goes(cast, violin):
    hand_out(violin, cast.amina)
    take_return(violin, outcome=Outcome.CLEANING)
    with pytest.raises(refusals.NotClean):
        hand_out(violin, cast.dilan, at=LATER)
    cleaning = Cleaning.objects.open().get()
    desk.finish_cleaning(cleaning=cleaning, by=System("test"), at=LATER)
    with pytest.raises(desk.NotToClean):
        desk.finish_cleaning(cleaning=cleaning, by=System("test"), at=LATER)
    hand_out(violin, cast.dilan, at=LATER)
    take_return(violin, outcome=Outcome.RETIRE, at=LATER)
    violin.refresh_from_db()
    assert violin.retired_because == "broken"
    with pytest.raises(refusals.NeverLent):
        take_return(violin, at=LATER)


def test_what_goes_to_the_workshop_cannot_be_lent_until_it_is_mended(cast, violin):
    hand_out(violin, cast.amina)
    take_return(violin, outcome=Outcome.REPAIR, note="A peg slips")
    assert Defect.objects.stopping().get().note == "A peg slips"
    assert violin not in Instrument.objects.available()
    with pytest.raises(CannotBePlayed):
        hand_out(violin, cast.dilan, at=LATER)


def test_reserved_for_nobody_is_refused_before_anything_moves(cast, violin):
    hand_out(violin, cast.amina)
    with pytest.raises(desk.NoReservation):
        take_return(violin, outcome=Outcome.RESERVE)
    assert Custody.objects.open().holders().exists()


# --- what a phone sends -----------------------------------------------------------------------------------


def sent(cast, violin, **values):
    act = {
        "id": str(uuid.uuid4()),
        "sort": "hand_out",
        "tag": violin.tag,
        "group": cast.group.pk,
        "child": str(cast.amina.uid),
        "version": 1,
        "language": "nl",
        "accessories": ["bow"],
        "condition": "good",
        "signed_on": "glass",
        "made_at": (NOW + timedelta(minutes=5)).isoformat(timespec="milliseconds"),
        "device": str(uuid.uuid4()),
        "device_sequence": 1,
        **values,
    }
    return {key: value for key, value in act.items() if value is not None}


def post(client, act, **blobs):
    for name, content in blobs.items():
        act[f"{name}_sha256"] = hashlib.sha256(content).hexdigest()
    uploads = {name: SimpleUploadedFile(name, content) for name, content in blobs.items()}
    return client.post("/depot/desk/acts/", {"act": json.dumps(act), **uploads})


def receipt(answer):
    assert answer.status_code == 200, answer.content
    (found,) = answer.json()["receipts"]
    return found


def test_an_act_of_a_phone_counts_when_it_was_done_and_arrives_once(client, cast, violin):
    client.force_login(cast.noor)
    act, ink = sent(cast, violin), pictures.signature()
    first = receipt(post(client, act, picture=pictures.photo(), ink=ink))
    assert first["stored"]
    assert first["hash"] == rules.hash_of_act(act)
    assert Custody.objects.open().holders().get().started_at == NOW + timedelta(minutes=5)
    assert receipt(post(client, act, picture=pictures.photo(), ink=ink)) == first
    assert Handover.objects.filter(sort="lend").count() == 1
    changed = receipt(post(client, {**act, "accessories": []}, picture=pictures.photo(), ink=ink))
    assert changed["refused"]
    assert not changed["stored"]
    answer = client.get(first["link"])
    assert answer.content.startswith(b"%PDF")
    assert answer["Content-Disposition"].startswith("attachment")


def test_an_act_that_cannot_be_done_comes_back_with_its_sentence(client, cast, violin):
    client.force_login(cast.noor)
    unknown = rules.new_tag(__import__("random").Random(99))
    on_paper = {"signed_on": "paper"}
    cases = [
        (sent(cast, violin, tag="ABCD1234", **on_paper), "whole code"),
        (sent(cast, violin, tag=unknown, **on_paper), "not a label of ours"),
        (sent(cast, violin, child=str(cast.stranger.uid), **on_paper), "not at a school of ours"),
        (sent(cast, violin, child="nobody", **on_paper), "valid UUID"),
        (sent(cast, violin), "no signature"),
        (sent(cast, violin, sort="dance"), "not known here"),
        (sent(cast, violin, sort="take_return", outcome="shelf"), "not lent to anybody"),
        (sent(cast, violin, sort="take_return", outcome="retire"), "The depot decides"),
        (sent(cast, violin, sort="take_return"), "what happens with it next"),
    ]
    for act, words in cases:
        found = receipt(post(client, act))
        assert found["refused"], act
        assert words in found["sentence"]
    found = receipt(post(client, sent(cast, violin), ink=pictures.signature(ink=False)))
    assert "no signature" in found["sentence"]
    found = receipt(post(client, sent(cast, violin), picture=b"<svg/>", ink=pictures.signature()))
    assert "not a photo" in found["sentence"]
    assert not Custody.objects.open().holders().exists()


def test_a_photo_that_did_not_arrive_whole_is_sent_again(client, cast, violin):
    client.force_login(cast.noor)
    act = sent(cast, violin, picture_sha256="0" * 64)
    assert post(client, act).status_code == 422
    answer = client.post(
        "/depot/desk/acts/", {"act": json.dumps(act), "picture": SimpleUploadedFile("picture", pictures.photo())}
    )
    assert answer.status_code == 422


@pytest.mark.parametrize("act", ["", "{", "[]", "1", '{"a": {}}', '{"a": null}', "[" * 9000, "x" * 30_000])
def test_what_is_no_act_is_refused_as_a_whole(client, cast, act):
    client.force_login(cast.noor)
    assert client.post("/depot/desk/acts/", {"act": act}).status_code == 400


def test_another_account_on_the_phone_does_not_send_her_acts(client, cast, violin):
    client.force_login(cast.sam)
    answer = client.post(
        "/depot/desk/acts/", {"act": json.dumps(sent(cast, violin))}, headers={"X-Account": str(cast.noor.uid)}
    )
    assert answer.status_code == 403
    assert client.get("/depot/desk/acts/").json()["account"] == str(cast.sam.uid)


# --- who sees it ------------------------------------------------------------------------------------------


def test_the_depot_opens_an_agreement_only_while_the_loan_lasts(client, cast, violin):
    made = hand_out(violin, cast.amina)
    address = f"/depot/handovers/{made.pk}/agreement.pdf"
    expected = {cast.noor: 200, cast.sam: 200, cast.hanna: 200, cast.joost: 200, cast.eva: 404, cast.luca: 404}
    for who, status in expected.items():
        client.force_login(who)
        assert client.get(address).status_code == status, who
    client.force_login(cast.ola)
    assert client.get(address).status_code == 404
    take_return(violin)
    for who, status in {**expected, cast.joost: 404}.items():
        client.force_login(who)
        assert client.get(address).status_code == status, who


def test_without_a_script_the_same_form_hands_out_and_takes_back(client, cast, violin):
    client.force_login(cast.noor)
    page = client.get(f"/depot/desk/groups/{cast.group.pk}/")
    assert "Amina" in page.content.decode()
    values = {"id": uuid.uuid4(), "group": cast.group.pk, "tag": "17", "child": cast.amina.uid, "version": 1}
    values |= {"language": "en", "accessories": ["bow", "case"], "condition": "good", "signed_on": "paper"}
    answer = client.post(
        f"/depot/desk/groups/{cast.group.pk}/", {**values, "picture": SimpleUploadedFile("a.jpg", pictures.photo())}
    )
    assert answer.status_code == 302
    assert ConditionReport.objects.get().accessories == ["case", "bow"]
    values = {"id": uuid.uuid4(), "tag": violin.tag, "accessories": ["case"], "condition": "good", "outcome": "shelf"}
    answer = client.post("/depot/desk/return/", values)
    page = client.get(answer.url).content.decode()
    assert "Not there: Bow" in page
    assert client.get(f"{answer.url}receipt.pdf").content.startswith(b"%PDF")
    picture = client.get(f"/depot/reports/{ConditionReport.objects.first().pk}/picture/")
    assert picture["Content-Type"] == "image/jpeg"


def test_the_code_on_a_paper_form_opens_the_place_for_its_photo(client, cast, violin):
    client.force_login(cast.noor)
    answer = client.post(f"/depot/desk/groups/{cast.group.pk}/forms/", {"language": "ar"})
    assert len(PdfReader(io.BytesIO(answer.content)).pages) == 2
    form = PaperForm.objects.get(child=cast.amina)
    assert "No loan waits" in client.get(f"/depot/desk/forms/{form.pk}/").content.decode()
    hand_out(violin, cast.amina, ink=None)
    assert "Violin" in client.get(f"/depot/desk/forms/{form.pk}/").content.decode()
    sent = SimpleUploadedFile("form.jpg", pictures.photo((800, 1200)))
    assert client.post(f"/depot/desk/forms/{form.pk}/", {"picture": sent}).status_code == 302
    assert Acceptance.objects.get().pdf is not None
    for who in (cast.eva, cast.luca, cast.ola):
        client.force_login(who)
        assert client.get(f"/depot/desk/forms/{form.pk}/").status_code == 404


def test_the_office_publishes_terms_in_one_more_language(client, cast):
    client.force_login(cast.ola)
    page = client.get("/depot/desk/terms/?more=tr")
    assert 'dir="rtl"' in page.content.decode()
    assert "text_tr" in page.context["form"].fields
    values = {name: field.initial or "" for name, field in page.context["form"].fields.items()}
    values |= {"text_tr": "Bu enstrüman sana emanet\n\nBorç yok.", "draft_tr": "on", "more": "tr"}
    answer = client.post("/depot/desk/terms/", values)
    assert answer.status_code == 302
    assert set(LoanTerms.objects.values_list("version", "language")) == {(1, code) for code in [*terms.FIRST, "tr"]}
    again = client.post("/depot/desk/terms/", values)
    assert "hold already" in again.content.decode()


# --- what somebody could try ------------------------------------------------------------------------------


def test_nothing_is_signed_for_a_handover_of_another_page(cast, violin):
    how = {"by": System("test")}
    lent = actions.lend(instrument=violin, child=cast.amina, at=NOW, handover_id=uuid.uuid4(), **how)
    back = actions.give_back(instruments=[violin], at=NOW, handover_id=uuid.uuid4(), **how)
    with pytest.raises(refusals.OtherContent):
        hand_out(violin, cast.amina, handover_id=lent.pk)
    actions.lend(instrument=violin, child=cast.dilan, at=NOW, handover_id=uuid.uuid4(), **how)
    with pytest.raises(refusals.OtherContent):
        take_return(violin, handover_id=back.pk, outcome=Outcome.CLEANING)
    assert not ConditionReport.objects.exists()


def test_what_stands_on_the_paper_is_what_was_agreed(cast, violin):
    how = {"organisation": cast.amsterdam, "by": System("test"), "at": NOW}
    (form,) = desk.print_forms(children=[cast.amina], version=1, language="ar", **how)
    desk.publish_terms(texts={"nl": terms.Text("Nieuw\n\nZorg goed.")}, **how)
    made = hand_out(violin, cast.amina, ink=None, version=2)
    elsewhere = LoanTerms.objects.filter(version=1, language="en").get()
    with pytest.raises(IntegrityError), transaction.atomic():  # nothing was signed yet
        Acceptance.objects.update(terms=elsewhere)
    photo = files.re_encode(pictures.photo((1000, 1400)))
    desk.take_in_paper(form=form, picture=photo, by=System("test"), at=LATER)
    made.acceptance.refresh_from_db()
    assert (made.acceptance.terms.version, made.acceptance.terms.language) == (1, "ar")
    with pytest.raises(IntegrityError), transaction.atomic():  # now something was
        Acceptance.objects.update(terms=elsewhere)


def test_an_act_that_arrived_counts_as_arrived_also_when_the_child_has_left_since(client, cast, violin):
    client.force_login(cast.noor)
    act = sent(cast, violin, signed_on="paper")
    assert receipt(post(client, act))["stored"]
    Membership.objects.filter(child=cast.amina).update(until_on=make.TODAY)
    again = receipt(post(client, act))
    assert (again["stored"], again["refused"]) == (True, False)
    assert not receipt(post(client, {**act, "accessories": []}))["stored"]
    client.force_login(cast.sam)
    assert not receipt(post(client, act))["stored"]


@pytest.mark.parametrize("more", [{"tag": "\ud800"}, {"tag": "", "note": "half a smile \ud83d"}, {"id": "\ud800"}])
def test_half_a_letter_is_no_fault_of_ours(client, cast, violin, more):
    client.force_login(cast.noor)
    hand_out(violin, cast.amina)
    values = {"sort": "take_return", "outcome": "shelf", **more}
    found = receipt(post(client, sent(cast, violin, **{**values, "tag": values.get("tag") or violin.tag})))
    assert found["stored"] is ("note" in more)


@pytest.mark.parametrize("deep", [400, 990, 4000])
def test_an_act_of_many_floors_is_no_fault_of_ours(client, cast, deep):
    client.force_login(cast.noor)
    act = '{"a": ' + "[" * deep + "]" * deep + "}"
    assert client.post("/depot/desk/acts/", {"act": act}).status_code in (200, 400)


def test_the_desk_asks_for_the_school_where_there_are_more_and_not_a_teacher_of_one(client, cast):
    client.force_login(cast.noor)
    assert f"/depot/desk/groups/{cast.group.pk}/" in client.get("/depot/desk/").content.decode()
    client.force_login(cast.joost)
    page = client.get("/depot/desk/").content.decode()
    assert f"?school={cast.koraal.pk}" in page
    assert "/depot/desk/groups/" not in page
    page = client.get("/depot/desk/", {"school": cast.regenboog.pk}).content.decode()
    assert f"/depot/desk/groups/{cast.group.pk}/" in page
    assert "’t Koraal" not in page
    assert "/depot/desk/groups/" not in client.get("/depot/desk/", {"school": cast.kadushi.pk}).content.decode()


# --- what is wrong, said without a signal -----------------------------------------------------------------
def reported(violin, kind="bowed-string-broken", **values):
    made_at = (NOW + timedelta(minutes=5)).isoformat()
    act = {"id": str(uuid.uuid4()), "sort": "report", "instrument": str(violin.uid), "tag": violin.tag, "kind": kind}
    return {**act, "note": "", "made_at": made_at, "device": str(uuid.uuid4()), "device_sequence": 1, **values}


def test_a_report_of_a_phone_counts_when_it_was_made_and_arrives_once(client, cast, violin):
    client.force_login(cast.hanna)  # a school head: she lends nothing, and says what is wrong
    act = reported(violin)
    first = receipt(post(client, act))
    assert first["stored"], first
    defect = Defect.objects.get()
    assert (defect.reported_at, defect.kind_id) == (NOW + timedelta(minutes=5), "bowed-string-broken")
    assert first["link"] == f"/depot/defects/{defect.pk}/"
    assert receipt(post(client, act)) == first
    assert receipt(post(client, {**act, "note": "twice"}))["refused"]
    Defect.objects.update(ended_at=NOW + timedelta(minutes=6), ended_because=Defect.MISTAKE)
    Instrument.objects.update(retired_on=NOW.date(), retired_because="lost")
    late = receipt(post(client, act))
    assert late["stored"]
    assert not late["refused"]
    assert Defect.objects.count() == 1


@pytest.mark.parametrize(
    ("who", "values", "words"),
    [
        ("noor", {"instrument": str(uuid.uuid4())}, "out of your reach"),
        ("noor", {"instrument": "7"}, "out of your reach"),
        ("eva", {}, "out of your reach"),  # she teaches at another school
        ("noor", {"kind": "valve-stuck"}, "Select a valid choice"),
        ("noor", {"note": "x" * 201}, "at most 200"),
    ],
)
def test_a_report_that_cannot_be_kept_says_why_and_stays_on_the_phone(client, cast, violin, who, values, words):
    client.force_login(getattr(cast, who))
    answer = receipt(post(client, reported(violin, **values)))
    assert answer["refused"]
    assert not answer["stored"]
    assert words in answer["sentence"]
    assert not Defect.objects.exists()
