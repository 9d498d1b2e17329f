"""Labels printed ahead, and the first scan that puts one on an instrument."""

import uuid
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from leerorkest.network.models import Organisation, Site
from leerorkest.people.models import Account
from leerorkest.shared.actions import Actor, Refused, action, record

from ..models import Handover, Instrument, Label, LabelBatch
from .handovers import locked
from .intake import NewInstrument, new_tags, take_in
from .refusals import HandoverRefused, Retired

MOST_AHEAD = 2000


class TooManyLabels(Refused):
    sentence = _("Print at most %(most)s labels at once.")


class LabelTaken(Refused):
    sentence = _("%(tag)s is on an instrument already. Scan it again to see which one.")


class OfAnotherOrganisation(HandoverRefused):
    sentence = _("This label is of another leerorkest than %(instrument)s. Take one of your own.")


@action
def print_ahead(*, organisation: Organisation, count: int, by: Actor, at: datetime, batch_id: uuid.UUID) -> LabelBatch:
    """`count` labels that are on nothing yet. The same id gives the same labels again."""
    known = LabelBatch.objects.filter(pk=batch_id, organisation=organisation).first()
    if known:
        record("depot.sent_again", subject=f"labels:{known.pk}", organisation=organisation.key)
        return known
    if not 0 < count <= MOST_AHEAD:
        raise TooManyLabels(most=MOST_AHEAD)
    account = by if isinstance(by, Account) else getattr(by, "account", None)
    made = LabelBatch.objects.create(id=batch_id, organisation=organisation, made_at=at, by=account)
    Label.objects.bulk_create(Label(organisation=organisation, tag=tag, batch=made) for tag in new_tags(count))
    record("depot.print_ahead", subject=f"labels:{made.pk}", organisation=organisation.key, detail={"labels": count})
    return made


@action
def claim_for_new(
    *, label: Label, new: NewInstrument, site: Site, by: Actor, at: datetime, handover_id: uuid.UUID
) -> Handover:
    """The label is on an instrument that comes in now, at `site`. Sent again with the same id it changes nothing."""
    row = _held(label)
    if site.organisation_id != row.organisation_id:
        raise LabelTaken(tag=row.tag)
    done = Handover.objects.filter(pk=handover_id).exists()
    if row.instrument_id and not done:
        raise LabelTaken(tag=row.tag)
    made = take_in(site=site, instruments=[new], tags=[row.tag], by=by, at=at, handover_id=handover_id)
    if not done:
        row.instrument, row.claimed_at = Instrument.objects.of_handover(made).get(), at
        row.save(update_fields=["instrument", "claimed_at"])
        record("depot.claim_label", subject=row.instrument, organisation=site.organisation.key)
    return made


@action
def claim_for_existing(*, label: Label, instrument: Instrument, by: Actor, at: datetime) -> Instrument:
    """An instrument gets a new label. The one it had still leads to it."""
    (instrument,) = locked([instrument])
    row = _held(label)
    if row.instrument_id:
        if row.instrument_id == instrument.pk and instrument.tag == row.tag:  # pressed twice
            record("depot.sent_again", subject=instrument, organisation=instrument.organisation.key)
            return instrument
        raise LabelTaken(tag=row.tag)
    if instrument.organisation_id != row.organisation_id:
        raise OfAnotherOrganisation(instrument)
    if instrument.retired_on:
        raise Retired(instrument)
    # The tag it came in with has no row yet; one that it got from us has.
    before, _made = Label.objects.get_or_create(
        tag=instrument.tag,
        defaults={
            "organisation_id": instrument.organisation_id,
            "instrument": instrument,
            "claimed_at": instrument.first_keeping.started_at,
        },
    )
    before.replaced_at = at
    before.save(update_fields=["replaced_at"])
    row.instrument, row.claimed_at = instrument, at
    row.save(update_fields=["instrument", "claimed_at"])
    instrument.tag = row.tag
    instrument.save(update_fields=["tag"])
    record(
        "depot.relabel",
        subject=instrument,
        organisation=instrument.organisation.key,
        detail={"before": before.tag, "now": row.tag},
    )
    return instrument


def _held(label: Label) -> Label:
    return Label.objects.select_for_update(no_key=True, of=("self",)).get(pk=label.pk)
