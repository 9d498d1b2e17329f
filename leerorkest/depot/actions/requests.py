"""Asking a depot for instruments, and its answer line by line."""

import hashlib
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from leerorkest.music.models import Size
from leerorkest.network.models import Organisation, Site
from leerorkest.people.models import Account
from leerorkest.shared.actions import Actor, Refused, action, record

from ..models import InstrumentRequest, RequestLine
from ..queries.shipments import leaves_on
from ..rules import Terms
from .refusals import OtherContent, SizeOfAnotherKind
from .reservations import Wanted, is_sound, reserve


class LoanNeedsAnEnd(Refused):
    sentence = _("A loan to another organisation ends. Say on which day they come back.")


class AlreadyAnswered(Refused):
    sentence = _("This request was answered or withdrawn already. Nothing changed.")


class NeedsAReason(Refused):
    sentence = _("%(line)s gets nothing. Say why, in a few words.")


class MoreThanAsked(Refused):
    sentence = _("%(number)s were asked for. Do not grant more.")


@dataclass(frozen=True)
class Grant:
    """What one line gets: so many, of this size; nought with a reason."""

    line: RequestLine
    number: int
    size: Size | None
    reason: str = ""


@action
def ask(
    *,
    asked_of: Organisation,
    site: Site,
    wanted: Sequence[Wanted],
    terms: Terms,
    needed_on: date,
    until_on: date | None = None,
    by: Actor,
    at: datetime,
    request_id: uuid.UUID,
    note: str = "",
) -> InstrumentRequest:
    """Ask the depot of `asked_of` for instruments at `site`, on the day they are needed there.

    Within one organisation the terms are ISSUE, whatever was said; between two, LOAN (with an end) or GIFT.
    """
    terms = Terms.ISSUE if asked_of.pk == site.organisation_id else terms
    lines = sorted([one.pool[0], str(one.pool[1]), one.number, one.along] for one in wanted)
    facts = [asked_of.pk, site.pk, lines, terms.value, str(needed_on), str(until_on), note, by.audit_key]
    content = hashlib.sha256(json.dumps(facts, ensure_ascii=False).encode()).hexdigest()
    known = InstrumentRequest.objects.filter(pk=request_id).first()
    if known:
        return _known(known, content)
    is_sound(asked_of, site, wanted, needed_on, until_on, at)
    if terms is Terms.LOAN and until_on is None:
        raise LoanNeedsAnEnd
    try:
        with transaction.atomic():
            made = InstrumentRequest.objects.create(
                id=request_id,
                asked_of=asked_of,
                organisation=site.organisation,
                site=site,
                terms=terms.value,
                needed_on=needed_on,
                until_on=until_on,
                note=note,
                made_at=at,
                by=by if isinstance(by, Account) else getattr(by, "account", None),
                by_key=by.audit_key,
                content_hash=content,
            )
    except IntegrityError:  # sent twice in the same instant
        return _known(InstrumentRequest.objects.get(pk=request_id), content)
    RequestLine.objects.bulk_create(
        RequestLine(request=made, kind=one.kind, size=one.size, number=one.number, along=one.along) for one in wanted
    )
    record(
        "depot.ask",
        subject=f"request:{made.pk}",
        organisation=site.organisation.key,
        detail={"of": asked_of.key, "number": sum(one.number for one in wanted), "terms": terms.value},
    )
    return made


def _known(known: InstrumentRequest, content: str) -> InstrumentRequest:
    if known.content_hash != content:
        raise OtherContent
    record("depot.sent_again", subject=f"request:{known.pk}", organisation=known.organisation.key)
    return known


@action
def withdraw(*, request: InstrumentRequest, by: Actor, at: datetime) -> InstrumentRequest:
    """Not needed any more. Only while nobody answered: later, cancel what was reserved."""
    row = InstrumentRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
    if row.answered_at or row.withdrawn_at:
        raise AlreadyAnswered
    row.withdrawn_at = at
    row.save(update_fields=["withdrawn_at"])
    record("depot.withdraw", subject=f"request:{row.pk}", organisation=row.organisation.key)
    return row


@action
def answer(
    *, request: InstrumentRequest, grants: Sequence[Grant], by: Actor, at: datetime, reservation_id: uuid.UUID
) -> InstrumentRequest:
    """Say what each line gets. What is granted is reserved at once, from the day it has to leave to be there in time;
    where there are too few, `NotEnough` says how many there are, and nothing is answered."""
    row = InstrumentRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
    if row.answered_at or row.withdrawn_at:
        raise AlreadyAnswered
    wanted: dict[tuple[str, int | None], Wanted] = {}
    for grant in grants:
        line = grant.line
        if grant.number > line.number:
            raise MoreThanAsked(number=line.number)
        if grant.number == 0 and not grant.reason:
            raise NeedsAReason(line=str(line))
        if grant.size and grant.size.kind_id != line.kind_id:
            raise SizeOfAnotherKind(size=grant.size.label, kind=line.kind.name)
        if grant.number:
            one = Wanted(line.kind, grant.size, grant.number, line.along)
            before = wanted.get(one.pool)
            wanted[one.pool] = Wanted(one.kind, one.size, one.number + (before.number if before else 0), one.along)
    if wanted:
        today = row.asked_of.day_at(at)
        row.reservation = reserve(
            organisation=row.asked_of,
            site=row.site,
            wanted=list(wanted.values()),
            from_on=max(today, leaves_on(row.asked_of_id, row.site, row.needed_on)),
            until_on=row.until_on,
            by=by,
            at=at,
            reservation_id=reservation_id,
        )
    for grant in grants:
        RequestLine.objects.filter(pk=grant.line.pk).update(
            granted=grant.number, granted_size=grant.size if grant.number else None, reason=grant.reason
        )
    row.answered_at, row.answered_by_key = at, by.audit_key
    row.save(update_fields=["answered_at", "answered_by_key", "reservation"])
    record(
        "depot.answer",
        subject=f"request:{row.pk}",
        organisation=row.asked_of.key,
        detail={"granted": sum(grant.number for grant in grants), "asked": sum(g.line.number for g in grants)},
    )
    return row
