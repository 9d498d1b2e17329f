"""The desk: terms in many languages, handing out with a signature, taking back and deciding what comes next.

What a phone did is sent as it was done, perhaps hours later and perhaps twice: `act_hash` is the hash of the whole act.
The same id with the same act comes back as what was made the first time; with another act it is refused.
"""

import logging
import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from leerorkest.network.models import Organisation, Site
from leerorkest.people.models import Child
from leerorkest.shared import files
from leerorkest.shared.actions import Actor, Refused, action, record, unless_taken
from leerorkest.shared.files import Clean

from .. import agreements, terms
from ..defect_kinds import OTHER, shape_of
from ..models import (
    Acceptance,
    AccessoryKind,
    Cleaning,
    ConditionReport,
    Defect,
    DefectKind,
    Handover,
    Instrument,
    LoanTerms,
    PaperForm,
    Reservation,
)
from ..queries import desk as queries
from ..queries.accessories import accessories_for
from ..rules import Condition, HandoverSort, Outcome, SignedOn, missing
from . import reservations
from .defects import report_defect
from .handovers import give_back, lend, locked, must_be_open
from .intake import retire
from .refusals import HandoverRefused, OtherContent

log = logging.getLogger(__name__)


class NothingToPublish(Refused):
    sentence = _("These are the terms that hold already. Change a text before you publish.")


class NoText(Refused):
    sentence = _("There is no text yet. Write the terms in at least one language.")


class TooShort(Refused):
    sentence = _("The text in %(language)s is too short. It needs a title and at least one paragraph.")


class NotTheseTerms(Refused):
    sentence = _("These terms are not there in this language. Open the page again and choose another language.")


class AlreadySigned(HandoverRefused):
    sentence = _("This handover is already signed. Nothing changed.")


class NoSigner(HandoverRefused):
    sentence = _("Write the name of who signs for the school.")


class NothingToSign(HandoverRefused):
    sentence = _("Only what goes to a school or to a child is signed for.")


class NothingWaitsForPaper(HandoverRefused):
    sentence = _(
        "No loan of this child waits for a paper. Hand the instrument out first, and choose “signed on paper”."
    )


class NoReservation(HandoverRefused):
    sentence = _("Choose for whom %(instrument)s is reserved, or another place.")


class NotToClean(HandoverRefused):
    sentence = _("%(instrument)s was cleaned already. Nothing changed.")


# --- the terms --------------------------------------------------------------------------------------------
@action
def publish_terms(
    *, organisation: Organisation, texts: Mapping[str, terms.Text], by: Actor, at: datetime
) -> list[LoanTerms]:
    """A new version in each of these languages. It counts for who signs from now on; what was signed stays."""
    wanted = {
        language: terms.Text("\n".join(line.rstrip() for line in text.text.strip().splitlines()), text.is_draft)
        for language, text in texts.items()
        if text.text.strip()
    }
    if not wanted:
        raise NoText
    for language, text in wanted.items():
        if not text.paragraphs:
            raise TooShort(language=terms.LANGUAGES[language].name)
    held = list(queries.terms_in_force(organisation))
    if held[0].pk and {row.language: row.reading for row in held} == wanted:
        raise NothingToPublish
    version = held[0].version + 1 if held[0].pk else 1
    return _publish(organisation, version, wanted, by, at)


def _publish(
    organisation: Organisation, version: int, texts: Mapping[str, terms.Text], by: Actor, at: datetime
) -> list[LoanTerms]:
    with unless_taken(NothingToPublish()):
        made = LoanTerms.objects.bulk_create(
            LoanTerms(
                organisation=organisation,
                version=version,
                language=language,
                text=text.text,
                is_draft=text.is_draft,
                published_at=at,
                by_key=by.audit_key,
            )
            for language, text in texts.items()
        )
    record(
        "depot.publish_terms",
        subject=f"terms:{organisation.key}:{version}",
        organisation=organisation.key,
        detail={"languages": sorted(texts)},
    )
    return made


def _terms(organisation: Organisation, version: int, language: str, by: Actor, at: datetime) -> LoanTerms:
    """What was shown. The first texts count as published from the first signature on."""
    found = LoanTerms.objects.filter(organisation=organisation, version=version, language=language).first()
    if found is None and version == 1 and not LoanTerms.objects.filter(organisation=organisation).exists():
        made = _publish(organisation, 1, terms.FIRST, by, at)
        found = next((row for row in made if row.language == language), None)
    if found is None:
        raise NotTheseTerms
    return found


# --- handing out ------------------------------------------------------------------------------------------
@action
def hand_out(
    *,
    instrument: Instrument,
    child: Child,
    version: int,
    language: str,
    accessories: Sequence[str],
    condition: Condition,
    picture: Clean | None,
    ink: Clean | None,
    act_hash: str,
    by: Actor,
    at: datetime,
    handover_id: uuid.UUID,
) -> Handover:
    """A child takes an instrument home: lent, described and accepted in one act. `ink` None: signed on paper."""
    (row,) = locked([instrument])
    known = _sent_before(handover_id, act_hash, by)
    if known:
        return known
    if row.keeper.sort == Site.SCHOOL:
        must_be_open(row.keeper, at)
    handover = lend(instrument=row, child=child, by=by, at=at, handover_id=handover_id)
    _report(handover, row, accessories, condition, picture, act_hash, by, at)
    _accept(handover, _terms(row.organisation, version, language, by, at), ink, "", by, at)
    return handover


def _sent_before(handover_id: uuid.UUID, act_hash: str, by: Actor) -> Handover | None:
    report = ConditionReport.objects.filter(handover=handover_id).select_related("handover__organisation").first()
    if report is None:
        if Handover.objects.filter(pk=handover_id).exists():  # of another page: nothing is signed for it afterwards
            raise OtherContent
        return None
    if report.content_hash != act_hash or report.handover.by_key != by.audit_key:
        raise OtherContent
    record("depot.sent_again", subject=f"handover:{handover_id}", organisation=report.handover.organisation.key)
    return report.handover


def _report(
    handover: Handover,
    row: Instrument,
    accessories: Iterable[str],
    condition: Condition,
    picture: Clean | None,
    act_hash: str,
    by: Actor,
    at: datetime,
    **of_a_return: object,
) -> ConditionReport:
    known = [kind.code for kind in accessories_for(row, all_that_fit=True)]
    with unless_taken(OtherContent()):
        return ConditionReport.objects.create(
            handover=handover,
            instrument=row,
            condition=condition.value,
            accessories=[code for code in known if code in set(accessories)],
            picture=files.store(picture, by=by, at=at) if picture else None,
            content_hash=act_hash,
            **of_a_return,
        )


def _accept(
    handover: Handover, agreed: LoanTerms, ink: Clean | None, signer: str, by: Actor, at: datetime
) -> Acceptance:
    with unless_taken(AlreadySigned()):
        made = Acceptance.objects.create(
            handover=handover,
            terms=agreed,
            at=at,
            signed_on=(SignedOn.GLASS if ink else SignedOn.PAPER).value,
            signer=signer,
            mark=files.store(ink, by=by, at=at) if ink else None,
            by_key=by.audit_key,
        )
    record(
        "depot.accept",
        subject=f"handover:{handover.pk}",
        organisation=handover.organisation.key,
        detail={"version": agreed.version, "language": agreed.language, "on": made.signed_on},
    )
    return made


@action
def sign(
    *,
    handover: Handover,
    version: int,
    language: str,
    signer: str,
    ink: Clean | None,
    by: Actor,
    at: datetime,
) -> Acceptance:
    """One signature for everything in a handover: 24 violins that a school takes over, or a loan made without one.

    `signer`: who signs for a school, by name; for a child nobody's name is kept.
    """
    if handover.sort not in (HandoverSort.ISSUE.value, HandoverSort.LEND.value):
        raise NothingToSign
    if handover.sort == HandoverSort.ISSUE.value and not signer.strip():
        raise NoSigner
    if Acceptance.objects.filter(handover=handover).exists():
        raise AlreadySigned
    signed_by = signer.strip() if handover.sort == HandoverSort.ISSUE.value else ""
    return _accept(handover, _terms(handover.organisation, version, language, by, at), ink, signed_by, by, at)


@action
def print_forms(
    *, organisation: Organisation, children: Sequence[Child], version: int, language: str, by: Actor, at: datetime
) -> list[PaperForm]:
    """A form for each child, to sign on paper; the code on it opens the place for its photo."""
    agreed = _terms(organisation, version, language, by, at)
    made = PaperForm.objects.bulk_create(
        PaperForm(child=child, terms=agreed, printed_at=at, by_key=by.audit_key) for child in children
    )
    record(
        "depot.print_forms",
        subject=f"terms:{organisation.key}:{agreed.version}",
        organisation=organisation.key,
        detail={"forms": len(made), "language": language},
    )
    return made


@action
def take_in_paper(*, form: PaperForm, picture: Clean, by: Actor, at: datetime) -> list[Acceptance]:
    """The photo of a signed form completes every loan of that child that waits for a paper.

    What was agreed is what stands on the paper, also where the desk showed another language or a newer version.
    """
    waiting = list(
        queries.waiting_for_paper(form.child)
        .filter(handover__organisation=form.terms.organisation_id)
        .select_for_update(of=("self",))
        .select_related("handover__organisation")
    )
    if not waiting:
        raise NothingWaitsForPaper
    for acceptance in waiting:
        acceptance.mark, acceptance.terms = files.store(picture, by=by, at=at), form.terms
        acceptance.save(update_fields=["mark", "terms"])
        record(
            "depot.take_in_paper",
            subject=f"handover:{acceptance.handover_id}",
            organisation=acceptance.handover.organisation.key,
            detail={"version": form.terms.version, "language": form.terms.language},
        )
    return waiting


@action
def keep_document(*, acceptance: Acceptance, by: Actor, at: datetime) -> Acceptance:
    """The agreement as a PDF, made once and kept as it was. A paper that is still awaited comes first."""
    acceptance = Acceptance.objects.select_for_update(of=("self",)).get(pk=acceptance.pk)
    record("depot.keep_document", subject=f"handover:{acceptance.pk}")
    if acceptance.pdf_id is None and acceptance.mark_id is not None:
        acceptance.pdf = files.store(files.document(agreements.pdf(queries.agreement(acceptance))), by=by, at=at)
        acceptance.save(update_fields=["pdf"])
    return acceptance


def document_at_once(handover: Handover, *, by: Actor, at: datetime) -> None:
    """After the act, so that nobody waits for it and nothing is lost by it: who opens it later makes it then."""
    try:
        keep_document(acceptance=handover.acceptance, by=by, at=at)
    except Exception:
        log.exception("the document of handover %s was not made; it is made when it is opened", handover.pk)


# --- taking back ------------------------------------------------------------------------------------------
@action
def take_return(
    *,
    instrument: Instrument,
    accessories: Sequence[str],
    condition: Condition,
    outcome: Outcome,
    reservation: Reservation | None,
    picture: Clean | None,
    note: str,
    act_hash: str,
    by: Actor,
    at: datetime,
    handover_id: uuid.UUID,
) -> Handover:
    """It comes back and goes one way: shelf, repair, cleaning, reserved, or out of use. What is missing is noted."""
    (row,) = locked([instrument])
    known = _sent_before(handover_id, act_hash, by)
    if known:
        return known
    if outcome is Outcome.RESERVE and reservation is None:
        raise NoReservation(row)
    went_out = queries.report_at_issue(row)
    handover = give_back(instruments=[row], by=by, at=at, handover_id=handover_id)
    _report(
        handover,
        row,
        accessories,
        condition,
        picture,
        act_hash,
        by,
        at,
        outcome=outcome.value,
        note=note,
        missing=missing(_to_come_back(went_out.accessories), accessories) if went_out else [],
    )
    match outcome:
        case Outcome.REPAIR:
            _to_workshop(row, note, by, at, handover_id)
        case Outcome.CLEANING:
            with unless_taken(OtherContent()):
                Cleaning.objects.create(instrument=row, asked_with=handover, asked_at=at)
        case Outcome.RETIRE:
            retire(instrument=row, because="broken", by=by, at=at)
        case Outcome.RESERVE if reservation:
            reservations.pick(
                reservation=reservation,
                instrument=row,
                by=by,
                at=at,
                pick_id=uuid.uuid5(handover_id, "pick"),
            )
    return handover


def _to_workshop(row: Instrument, note: str, by: Actor, at: datetime, handover_id: uuid.UUID) -> None:
    """What stops play and was reported already is enough; else it is something that somebody still has to name."""
    if Defect.objects.stopping().filter(instrument=row).exists():
        return
    kind = DefectKind.objects.filter(shape=shape_of(row.kind), spot=OTHER.code, stops_play=True).first()
    if kind:
        report_defect(instrument=row, kind=kind, note=note, by=by, at=at, defect_id=uuid.uuid5(handover_id, "defect"))


def _to_come_back(codes: Iterable[str]) -> list[str]:
    """Without what is used up."""
    used_up = set(AccessoryKind.objects.filter(is_consumable=True, code__in=codes).values_list("code", flat=True))
    return [code for code in codes if code not in used_up]


@action
def finish_cleaning(*, cleaning: Cleaning, by: Actor, at: datetime) -> None:
    row = cleaning.instrument
    done = Cleaning.objects.open().filter(pk=cleaning.pk).update(done_at=at, done_by_key=by.audit_key)
    if not done:
        raise NotToClean(row)
    record("depot.finish_cleaning", subject=row, organisation=row.organisation.key)
