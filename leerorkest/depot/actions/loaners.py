"""A child plays on while its own instrument cannot be played: a loaner goes out, and comes back or stays.

Each is one handover of the sort `swap`: what the child hands in and what it gets change hands in the same transaction.
The instrument that goes out belongs to the child's school from then on: whoever teaches there takes it back.
"""

import uuid
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from leerorkest.network.models import Site
from leerorkest.people.models import Child
from leerorkest.shared.actions import Actor, Refused, action, record, unless_taken

from ..models import Custody, Defect, Handover, Instrument, Loaner, Repair
from ..queries import loaners as queries
from ..queries import places as place_queries
from ..rules import HandoverSort, Level, RepairAct, Spot, Where
from . import places
from .capacity import take_from_stock
from .defects import DefectEnded
from .fitness import must_be_fit, must_be_playable
from .handovers import _end as end_holdings
from .handovers import _is_in_use as must_be_in_use
from .handovers import _nothing_later as nothing_later
from .handovers import locked, write_handover
from .handovers import move as move_keepers
from .refusals import AlreadyLent, ChildLeft, HandoverRefused
from .repairs import TicketClosed, locked_repair, note_event


class NobodyWaits(HandoverRefused):
    sentence = _("No child waits for %(instrument)s. Lend an instrument in the usual way.")


class NotTheSame(HandoverRefused):
    sentence = _("%(instrument)s is another kind or size than the one that broke. Choose an equal one.")


class NotMendedYet(HandoverRefused):
    sentence = _("%(instrument)s is not mended yet. Finish the work on its ticket first.")


class NoLoanerOut(Refused):
    sentence = _("No loaner is out for this ticket any more. Look at it again.")


def _school_of(child: Child, at: datetime) -> Site:
    school = queries.school_of(child, child.organisation.day_at(at))
    if school is None:
        raise ChildLeft
    return school


def _hand(row: Instrument, child: Child, school: Site, handover: Handover) -> Custody:
    """The instrument goes to the child; the school answers for it."""
    if row.keeper.pk != school.pk:
        take_from_stock([row], to=school, handover=handover, at=handover.at)
        move_keepers([(row.keeping, school)], handover)
    custody = Custody.objects.create(
        instrument=row, level=Level.HOLDER.value, child=child, started_at=handover.at, began_with=handover
    )
    goes_home = place_queries.goes_home(school, child, school.organisation.day_at(handover.at))
    spot = Spot(Where.HOME) if goes_home else Spot(Where.SITE, school.pk)
    places.put([row], {row.pk: spot}, handover)
    return custody


@action
def lend_loaner(
    *, defect: Defect, loaner: Instrument, by: Actor, at: datetime, handover_id: uuid.UUID, note: str = ""
) -> Handover:
    """The child who waits for what `defect` is about hands it in and gets `loaner`, of the same kind and size."""
    rows = {row.pk: row for row in locked([defect.instrument, loaner])}
    own, other = rows[defect.instrument_id], rows[loaner.pk]
    handover, is_new = write_handover(
        HandoverSort.SWAP,
        organisation=own.organisation,
        instruments=[own.uid, other.uid],
        by=by,
        at=at,
        handover_id=handover_id,
        note=note,
        defect=defect.pk,
        loaner=other.uid,
    )
    if not is_new:
        return handover
    defect = Defect.objects.select_related("holding__child__organisation").get(pk=defect.pk)
    if defect.ended_at:
        raise DefectEnded
    child = queries.waiting_child(defect, own.organisation.day_at(at))
    if child is None:
        raise NobodyWaits(own)
    must_be_in_use(other, own.organisation_id)
    if (other.kind_id, other.size_id) != (own.kind_id, own.size_id):
        raise NotTheSame(other)
    if other.holding:
        raise AlreadyLent(other)
    must_be_fit([other], at)
    school = _school_of(child, at)
    nothing_later(list(rows.values()), at)
    if own.holding and own.holding.child_id == child.pk:
        end_holdings([own.holding], handover)
        places.back_on_site([own], handover)
    with unless_taken(AlreadyLent(other)):
        custody = _hand(other, child, school, handover)
    Loaner.objects.create(custody=custody, instead_of=own, defect=defect)
    return handover


@action
def hand_back(*, repair: Repair, by: Actor, at: datetime, handover_id: uuid.UUID) -> Handover:
    """What was mended returns to its child, and the loaner, where one is out, comes back: the ticket is closed."""
    known = Handover.objects.filter(pk=handover_id).exists()
    ticket = locked_repair(repair)
    loaner = queries.loaner_of(ticket)
    returns = loaner.custody.instrument if loaner and not known else None
    if known and ticket.closed_with_id == handover_id:  # the same tap, sent again
        involved = list(Instrument.objects.of_handover(Handover.objects.get(pk=handover_id)))
    else:
        involved = [ticket.instrument, *([returns] if returns else [])]
    rows = {row.pk: row for row in locked(involved)}
    own = rows[ticket.instrument_id]
    handover, is_new = write_handover(
        HandoverSort.SWAP,
        organisation=own.organisation,
        instruments=[row.uid for row in rows.values()],
        by=by,
        at=at,
        handover_id=handover_id,
        note="",
        repair=ticket.pk,
    )
    if not is_new:
        return handover
    if ticket.closed_at:
        raise TicketClosed
    if ticket.mended_at is None:
        raise NotMendedYet(own)
    child = queries.child_of(ticket, own.organisation.day_at(at))
    if child is None:
        raise NobodyWaits(own)
    must_be_in_use(own, own.organisation_id)
    if own.holding:
        raise AlreadyLent(own)
    must_be_playable([own])
    school = _school_of(child, at)
    nothing_later(list(rows.values()), at)
    if loaner and returns:
        end_holdings([loaner.custody], handover)
        places.back_on_site([rows[returns.pk]], handover)
    with unless_taken(AlreadyLent(own)):
        _hand(own, child, school, handover)
    ticket.closed_at, ticket.closed_with = at, handover
    ticket.save(update_fields=["closed_at", "closed_with"])
    note_event(ticket, RepairAct.HANDED_BACK, by, at)
    return handover


@action
def keep_loaner(*, repair: Repair, by: Actor, at: datetime) -> Repair:
    """The child keeps what it got meanwhile; its old instrument stays on the shelf. The ticket is closed."""
    ticket = locked_repair(repair)
    if ticket.closed_at:
        raise TicketClosed
    if ticket.mended_at is None:
        raise NotMendedYet(ticket.instrument)
    loaner = queries.loaner_of(ticket)
    if loaner is None:
        raise NoLoanerOut
    locked([loaner.custody.instrument])
    if not Loaner.objects.open().filter(pk=loaner.pk).update(kept_at=at, kept_by_key=by.audit_key):
        raise NoLoanerOut
    ticket.closed_at = at
    ticket.save(update_fields=["closed_at"])
    note_event(ticket, RepairAct.LOANER_STAYS, by, at)
    record("depot.keep_loaner", subject=ticket.instrument, organisation=ticket.instrument.organisation.key)
    return ticket
