"""A stranger says where an instrument is; the depot answers and is done with it."""

import uuid
from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from leerorkest.network.models import Organisation
from leerorkest.people.access import Actor as PersonActing
from leerorkest.people.models import Posting
from leerorkest.people.rules import Role
from leerorkest.shared.actions import Actor, Refused, action, record
from leerorkest.shared.mail import mail_once_kept

from ..models import FoundNotice, Instrument, Label
from ..queries.tags import current_tag
from ..rules import FOUND_IS_KEPT, FoundOutcome, read_tag


class AlreadyHandled(Refused):
    sentence = _("%(name)s handled this message already. Nothing changed.")


@action
def report_found(*, text: str, message: str, reply: str, by: Actor, at: datetime, notice_id: uuid.UUID) -> None:
    """Keep what a stranger wrote, for the organisation whose label it is.

    A label that nobody knows goes to the only organisation there is, else to all: somebody must look.
    """
    tag = read_tag(text)[:40]
    instrument = Instrument.objects.filter(tag=current_tag(text)).select_related("organisation").first()
    label = None if instrument else Label.objects.filter(tag=tag).select_related("organisation").first()
    owner = instrument or label
    organisations = [owner.organisation] if owner else list(Organisation.objects.all()[:2])
    organisation = organisations[0] if len(organisations) == 1 else None
    try:
        with transaction.atomic():
            FoundNotice.objects.create(
                id=notice_id,
                tag=tag,
                organisation=organisation,
                instrument=instrument,
                message=message,
                reply=reply,
                made_at=at,
            )
    except IntegrityError:
        if not FoundNotice.objects.filter(pk=notice_id).exists():
            raise
    else:
        _tell(organisation, instrument, at)
    record("depot.report_found", subject=instrument or f"tag:{tag[:16]}")


def _tell(organisation: Organisation | None, instrument: Instrument | None, at: datetime) -> None:
    """By mail, to who keeps the stock: that somebody wrote. What they wrote stays here, where it is erased."""
    if organisation is None:
        return
    keepers = Posting.objects.on(organisation.day_at(at)).filter(
        organisation=organisation, role=Role.DEPOT_KEEPER.value, account__is_active=True
    )
    with translation.override(organisation.language):
        title = str(_("Somebody found an instrument"))
        lines = [instrument.name if instrument else "", str(_("Read the message, and answer who found it:"))]
        body = "\n\n".join([*filter(None, lines), f"{settings.ADDRESS}{reverse('depot:found_notices')}"])
    mail_once_kept(title, body, keepers.values_list("account__email", flat=True))


@action
def erase_unanswered(*, by: Actor, at: datetime) -> int:
    """What strangers wrote is erased on its last day, also when nobody was done with it. How many there were."""
    old = FoundNotice.objects.waiting().filter(made_at__lte=at - FOUND_IS_KEPT)
    count = old.update(handled_at=at, outcome=FoundOutcome.UNANSWERED.value, message="", reply="")
    record("depot.erase_found", detail={"messages": count})
    return count


@action
def handle_found(*, notice: FoundNotice, outcome: FoundOutcome, by: PersonActing, at: datetime) -> FoundNotice:
    """It is done: what the stranger wrote is erased, what came of it stays."""
    row = FoundNotice.objects.select_for_update(no_key=True, of=("self",)).get(pk=notice.pk)
    if row.handled_at:
        raise AlreadyHandled(name=row.handled_by.name if row.handled_by else "")
    row.handled_at, row.handled_by, row.outcome = at, by.account, outcome.value
    row.message = row.reply = ""
    row.save()
    record(
        "depot.handle_found",
        subject=row.instrument or f"tag:{row.tag[:16]}",
        organisation=row.organisation.key if row.organisation else "",
        detail={"outcome": outcome.value},
    )
    return row
