"""Offering to other cities what an organisation can spare."""

import uuid
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from leerorkest.network.models import Organisation
from leerorkest.people.models import Account
from leerorkest.shared.actions import Actor, Refused, action, record

from ..models import Surplus
from ..queries.reservations import stock_of
from .refusals import OtherContent
from .reservations import NeedsASize, NothingWanted, Wanted


class NotToSpare(Refused):
    sentence = _("Of %(pool)s you can spare %(free)s: the others are lent, or promised. Offer fewer.")


class NotOffered(Refused):
    sentence = _("This is not offered any more. Nothing changed.")


@action
def offer(*, organisation: Organisation, spare: Wanted, by: Actor, at: datetime, surplus_id: uuid.UUID) -> Surplus:
    """Other organisations see that so many can be had. What was offered of this kind and size before, ends."""
    known = Surplus.objects.filter(pk=surplus_id).first()
    if known:
        if (known.organisation_id, known.kind_id, known.size_id, known.number) != (
            organisation.pk,
            *spare.pool,
            spare.number,
        ):
            raise OtherContent
        record("depot.sent_again", subject=f"surplus:{known.pk}", organisation=organisation.key)
        return known
    if spare.number < 1:
        raise NothingWanted
    if spare.size is None and spare.kind.sizes.exists():
        raise NeedsASize(kind=spare.kind.name)
    today = organisation.day_at(at)
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)  # one offer at a time
    free = stock_of(organisation.pk, [spare.pool], today)[spare.pool].least_free(today, None)
    if spare.number > free:
        raise NotToSpare(pool=spare.name, free=max(0, free))
    Surplus.objects.open().filter(organisation=organisation, kind=spare.kind, size=spare.size).update(ended_at=at)
    made = Surplus.objects.create(
        id=surplus_id,
        organisation=organisation,
        kind=spare.kind,
        size=spare.size,
        number=spare.number,
        made_at=at,
        by=by if isinstance(by, Account) else getattr(by, "account", None),
        by_key=by.audit_key,
    )
    record("depot.offer", subject=f"surplus:{made.pk}", organisation=organisation.key, detail={"number": spare.number})
    return made


@action
def end_offer(*, surplus: Surplus, by: Actor, at: datetime) -> None:
    if not Surplus.objects.open().filter(pk=surplus.pk).update(ended_at=at):
        raise NotOffered
    record("depot.end_offer", subject=f"surplus:{surplus.pk}", organisation=surplus.organisation.key)
