"""What a coordinator decides about a mark that did not fit."""

import json
import uuid
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from leerorkest.people.access import Actor
from leerorkest.shared.actions import Refused, action, record

from ..models import MarkEvent, QuarantinedMark
from ..rules import Decision, read_mark


class AlreadyDecided(Refused):
    sentence = _("Somebody decided about this mark already.")


class CannotBePlaced(Refused):
    sentence = _("This mark names no lesson or child that we know. It can only be left out.")


@action
def decide_quarantined(*, quarantined: QuarantinedMark, decision: Decision, by: Actor, at: datetime) -> None:
    """A coordinator lets the mark count, or leaves it out. What came in stays as it was either way."""
    row = QuarantinedMark.objects.select_for_update().get(pk=quarantined.pk)
    if row.decided_at:
        raise AlreadyDecided
    if decision is Decision.ACCEPT:
        if row.lesson_id is None or row.child_id is None or not row.state:
            raise CannotBePlaced
        _accept(row, row.lesson_id, row.child_id, at)
    row.decided_at, row.decided_by, row.decision = at, by.account, decision.value
    row.save(update_fields=["decided_at", "decided_by", "decision"])
    record("lessons.decide_quarantined", subject=row, detail={"decision": decision.value, "reason": row.reason})


def _accept(row: QuarantinedMark, lesson: int, child: int, at: datetime) -> None:
    """The mark of who sent it, under an id and a device of its own: those it came with may be taken.

    Two people may have sent the same id with the same content: then there are two such marks.
    """
    mark = read_mark(json.loads(row.content))
    MarkEvent.objects.create(
        id=uuid.uuid5(row.mark_id, f"{row.by_id} {row.content_hash}"),
        device=uuid.uuid5(row.mark_id, "quarantine"),
        device_sequence=row.pk,
        lesson_id=lesson,
        child_id=child,
        state=row.state,
        corrects=[str(other) for other in mark.corrects],
        by_id=row.by_id,
        made_at=mark.made_at,
        received_at=at,
        content_hash=row.content_hash,
    )
