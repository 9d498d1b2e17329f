"""A gift comes in, is assessed, refurbished and taken in; its giver gets a link to read how it fares."""

import uuid
from dataclasses import replace
from datetime import date, datetime

from leerorkest.music.models import InstrumentKind
from leerorkest.network.models import Organisation, Site
from leerorkest.people.rules import hash_of, new_link_secret
from leerorkest.shared.actions import Actor, action, record, unless_taken

from ..models import Donor, DonorLink, Gift, Instrument
from ..rules import Assessment
from .intake import NewInstrument, take_in
from .refusals import LinkGone, LinkJustMade, NotThisStep, SiteOfAnother


@action
def add_donor(
    *, organisation: Organisation, name: str, is_anonymous: bool, contact: str, by: Actor, at: datetime
) -> Donor:
    donor = Donor.objects.create(organisation=organisation, name=name, is_anonymous=is_anonymous, contact=contact)
    record("depot.add_donor", subject=donor, organisation=organisation.key)
    return donor


@action
def receive_gift(
    *, donor: Donor, kind: InstrumentKind, description: str, came_in_on: date, by: Actor, at: datetime
) -> Gift:
    """It stands on the table of the depot now; it is no instrument of the programme yet."""
    gift = Gift.objects.create(
        organisation=donor.organisation, donor=donor, kind=kind, description=description, came_in_on=came_in_on
    )
    record("depot.receive_gift", subject=gift, organisation=donor.organisation.key, detail={"kind": kind.pk})
    return gift


def _at_step(gift: Gift, *steps: str) -> Gift:
    row = Gift.objects.select_for_update(of=("self",)).select_related("organisation", "donor", "kind").get(pk=gift.pk)
    if row.step not in steps:
        raise NotThisStep
    return row


@action
def assess_gift(*, gift: Gift, assessment: Assessment, note: str, by: Actor, at: datetime) -> Gift:
    """A workshop looked at it: playable, with work, or not for children. May be judged anew until work began."""
    row = _at_step(gift, "assess", "declined", "refurbish", "take_in")
    if row.refurbished_on:
        raise NotThisStep
    row.assessed_on, row.assessment, row.assessment_note = row.organisation.day_at(at), assessment.value, note
    row.save(update_fields=["assessed_on", "assessment", "assessment_note"])
    record("depot.assess_gift", subject=row, organisation=row.organisation.key, detail={"assessment": assessment.value})
    return row


@action
def refurbish_gift(*, gift: Gift, by: Actor, at: datetime) -> Gift:
    """The work is done: it can be taken in."""
    row = _at_step(gift, "refurbish")
    row.refurbished_on = row.organisation.day_at(at)
    row.save(update_fields=["refurbished_on"])
    record("depot.refurbish_gift", subject=row, organisation=row.organisation.key)
    return row


@action
def take_in_gift(
    *, gift: Gift, site: Site, new: NewInstrument, by: Actor, at: datetime, handover_id: uuid.UUID
) -> Instrument:
    """The gift becomes an instrument of the organisation, kept by `site`; sent twice it becomes one."""
    row = Gift.objects.select_for_update(of=("self",)).select_related("organisation", "instrument").get(pk=gift.pk)
    if row.instrument and row.instrument.first_keeping.began_with_id == handover_id:
        record("depot.sent_again", subject=row, organisation=row.organisation.key)
        return row.instrument
    row = _at_step(gift, "take_in")
    if site.organisation_id != row.organisation_id:
        raise SiteOfAnother(site=site.name)
    made = take_in(
        site=site,
        instruments=[replace(new, kind=row.kind, owner="")],
        handover_id=handover_id,
        note=str(row),
        by=by,
        at=at,
    )
    row.instrument = Instrument.objects.of_handover(made).get()
    row.save(update_fields=["instrument"])
    record("depot.take_in_gift", subject=row, organisation=row.organisation.key)
    return row.instrument


# --- the giver's page -------------------------------------------------------------------------------------
@action
def make_donor_link(*, donor: Donor, by: Actor, at: datetime) -> str:
    """A new link; an older one stops working. Returns the secret, which is kept nowhere."""
    donor.links.filter(revoked_at=None).update(revoked_at=at)
    secret = new_link_secret()
    with unless_taken(LinkJustMade()):
        DonorLink.objects.create(donor=donor, secret_hash=hash_of(secret), made_at=at)
    record("depot.make_donor_link", subject=donor, organisation=donor.organisation.key)
    return secret


@action
def revoke_donor_link(*, donor: Donor, by: Actor, at: datetime) -> None:
    if not donor.links.filter(revoked_at=None).update(revoked_at=at):
        raise LinkGone
    record("depot.revoke_donor_link", subject=donor, organisation=donor.organisation.key)
