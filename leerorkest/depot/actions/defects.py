"""Somebody says what is wrong with an instrument; a photo may follow; a mistake is taken back."""

import uuid
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from leerorkest.people.models import Account
from leerorkest.shared.actions import Actor, Refused, action, record, unless_taken
from leerorkest.shared.files import Clean, store

from ..defect_kinds import shape_of
from ..models import Defect, DefectKind, Instrument, Loaner
from ..rules import hash_of_facts
from .refusals import HandoverRefused, NothingChosen, Retired


class OtherDefect(Refused):
    sentence = _("This report was already sent with other words. Open the page again and start anew.")


class AlreadyReported(HandoverRefused):
    sentence = _("“%(defect)s” is already reported for %(instrument)s. You need not do it again.")


class DefectOfAnotherShape(HandoverRefused):
    sentence = _("“%(defect)s” does not happen to %(instrument)s. Choose from its own picture.")


class DefectEnded(Refused):
    sentence = _("This defect is already settled. Nothing changed.")


class LoanerStays(HandoverRefused):
    sentence = _("A child plays %(instrument)s meanwhile. Open a ticket, and finish it as “Nothing was wrong”.")


class PhotoThere(Refused):
    sentence = _("There is already a photo of this defect. One is enough.")


def row_of(instrument: Instrument) -> Instrument:
    """The instrument as it is now, held until the transaction ends."""
    list(Instrument.objects.select_for_update(no_key=True).filter(pk=instrument.pk).values_list("pk"))
    row = Instrument.objects.filter(pk=instrument.pk).with_parties().first()
    if row is None:
        raise NothingChosen
    return row


@action
def report_defect(
    *, instrument: Instrument, kind: DefectKind, by: Actor, at: datetime, defect_id: uuid.UUID, note: str = ""
) -> Defect:
    """`defect_id` is made by the client: sent again with the same content, the defect of the first time comes back."""
    row = row_of(instrument)
    content = hash_of_facts(by.audit_key, instrument=row.uid, kind=kind.pk, note=note)
    known = Defect.objects.filter(pk=defect_id).first()
    if known:
        if known.content_hash != content:
            raise OtherDefect
        record("depot.sent_again", subject=f"defect:{known.pk}", organisation=row.organisation.key)
        return known
    if row.retired_on:
        raise Retired(row)
    if kind.shape != shape_of(row.kind):
        raise DefectOfAnotherShape(row, defect=str(kind))
    held = row.holding
    with unless_taken(AlreadyReported(row, defect=str(kind))):
        defect = Defect.objects.create(
            id=defect_id,
            instrument=row,
            kind=kind,
            stops_play=kind.stops_play,
            note=note,
            reported_at=at,
            by=by if isinstance(by, Account) else getattr(by, "account", None),
            by_key=by.audit_key,
            content_hash=content,
            holding=held if held and held.child_id and held.started_at <= at else None,
        )
    record(
        "depot.report_defect",
        subject=row,
        organisation=row.organisation.key,
        detail={"defect": str(defect.pk), "kind": kind.pk},
    )
    return defect


@action
def add_photo(*, defect: Defect, photo: Clean, by: Actor, at: datetime) -> Defect:
    """One photo of what is wrong, after the report: the report never waits for it."""
    row = Defect.objects.select_for_update(of=["self"]).get(pk=defect.pk)
    if row.photo_id:
        raise PhotoThere
    row.photo = store(photo, by=by, at=at)
    row.save(update_fields=["photo"])
    record("depot.photo_of_defect", subject=f"defect:{row.pk}")
    return row


@action
def withdraw_defect(*, defect: Defect, by: Actor, at: datetime) -> Defect:
    """It was a mistake: the instrument is as it was. The report stays in its story."""
    row_of(defect.instrument)
    loaner = Loaner.objects.open().filter(defect=defect).select_related("custody__instrument__kind").first()
    if loaner:  # only the end of a ticket asks whether it comes back
        raise LoanerStays(loaner.custody.instrument)
    if not Defect.objects.open().filter(pk=defect.pk).update(ended_at=at, ended_because=Defect.MISTAKE):
        raise DefectEnded
    record("depot.withdraw_defect", subject=f"defect:{defect.pk}")
    defect.refresh_from_db()
    return defect
