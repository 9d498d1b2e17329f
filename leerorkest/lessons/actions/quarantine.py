"""What a coordinator decides about a mark that did not fit."""

import json
import uuid
from dataclasses import replace
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from leerorkest.people.access import Actor
from leerorkest.shared.actions import Refused, action, record

from ..models import MarkEvent, NoteEvent, QuarantinedMark
from ..rules import Decision
from . import log
from .items import read
from .marks import event_of


class AlreadyDecided(Refused):
    sentence = _("Somebody decided about this mark already.")


class CannotBePlaced(Refused):
    sentence = _("This mark names no lesson or child that we know. It can only be left out.")


@action
def decide_quarantined(*, quarantined: QuarantinedMark, decision: Decision, by: Actor, at: datetime) -> None:
    """A coordinator lets the mark count, or leaves it out. What came in stays as it was either way."""
    row = (
        QuarantinedMark.objects.select_for_update(of=("self",))
        .select_related("lesson__series__group__school__site", "by")
        .get(pk=quarantined.pk)
    )
    if row.decided_at:
        raise AlreadyDecided
    if decision is Decision.ACCEPT:
        _accept(row, by, at)
    row.decided_at, row.decided_by, row.decision = at, by.account, decision.value
    row.save(update_fields=["decided_at", "decided_by", "decision"])
    record("lessons.decide_quarantined", subject=row, detail={"decision": decision.value, "reason": row.reason})


def _accept(row: QuarantinedMark, by: Actor, at: datetime) -> None:
    """What its sender sent, under an id and a device of its own: those it came with may be taken.

    Two people may have sent the same id with the same content: then there are two such marks.
    """
    item = read(json.loads(row.content))
    if row.lesson is None or item.sent is None or (item.sent.child and row.child_id is None):
        raise CannotBePlaced
    [item] = log.with_things([replace(item, lesson=row.lesson, child=row.child_id)])
    if item.reason:
        raise CannotBePlaced
    event: MarkEvent | NoteEvent = event_of(item, row.by, at) if item.mark else log.event_of(item, row.by, at)
    event.id = uuid.uuid5(row.mark_id, f"{row.by_id} {row.content_hash}")
    event.device = uuid.uuid5(row.mark_id, "quarantine")
    event.device_sequence = row.pk
    event.save(force_insert=True)
    log.follow_up([event], by=by, at=at)
