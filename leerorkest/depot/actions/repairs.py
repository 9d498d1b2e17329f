"""A ticket of the workshop: opened, worked on step by step, signed, mended, settled."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from leerorkest.network.models import Site
from leerorkest.people.models import Account, Posting
from leerorkest.people.rules import Role
from leerorkest.shared.actions import Actor, Refused, action, record, unless_taken

from ..defect_kinds import LAST_STEP
from ..models import Defect, DefectStep, Repair, RepairDefect, RepairEvent, RepairStep, StepKind
from ..queries import loaners as loaner_queries
from ..rules import Mending, RepairAct, due_on, hash_of_facts
from .defects import row_of
from .handovers import give_back, take_back
from .intake import retire
from .refusals import HandoverRefused, NotADepot, NothingChosen, OtherContent, Retired, SiteClosed, SiteOfAnother


class HasTicket(HandoverRefused):
    sentence = _("%(instrument)s has an open ticket already. Add what is wrong to that one.")


class TicketClosed(Refused):
    sentence = _("This ticket is closed. Report again what is wrong; then a new one can be opened.")


class WorkIsDone(Refused):
    sentence = _("The work on this ticket is done. Nothing can be added to it.")


class StepDone(Refused):
    sentence = _("%(name)s has already done this step.")


class StepNotDone(Refused):
    sentence = _("This step is not done yet. First somebody does it, then you sign.")


class AlreadySigned(Refused):
    sentence = _("%(name)s has already signed this step.")


class StepThere(Refused):
    sentence = _("This step is on the ticket already.")


class StepsOpen(Refused):
    sentence = _("“%(step)s” is not signed yet. Sign it, or take it off the ticket.")


class LoanerIsOut(Refused):
    sentence = _("A child plays %(loaner)s meanwhile. Say first: does it come back, or does the child keep it?")


class NotInThisWorkshop(Refused):
    sentence = _("%(name)s does not work in %(site)s now. Choose somebody who does.")


class AlreadyHere(HandoverRefused):
    sentence = _("%(instrument)s is already kept by %(site)s.")


def account_of(by: Actor) -> Account | None:
    return by if isinstance(by, Account) else getattr(by, "account", None)


def locked_repair(repair: Repair) -> Repair:
    """The ticket as it is now, held until the transaction ends; its instrument is locked before it."""
    row_of(repair.instrument)
    related = Repair.objects.select_related("instrument__kind", "instrument__organisation", "workshop__organisation")
    return related.select_for_update(of=["self"]).get(pk=repair.pk)


def at_work(repair: Repair) -> Repair:
    """The ticket, locked, while there is work to do on it."""
    ticket = locked_repair(repair)
    if ticket.closed_at:
        raise TicketClosed
    if ticket.mended_at:
        raise WorkIsDone
    return ticket


def note_event(ticket: Repair, act: RepairAct, by: Actor, at: datetime, note: str = "") -> None:
    RepairEvent.objects.create(repair=ticket, act=act.value, at=at, by=account_of(by), note=note)


def _record(ticket: Repair, act: str, **detail: object) -> None:
    record(
        f"depot.{act}",
        subject=f"repair:{ticket.pk}",
        organisation=ticket.instrument.organisation.key,
        detail={name: str(value) for name, value in detail.items()},
    )


@action
def open_repair(
    *,
    defects: Sequence[Defect],
    workshop: Site,
    by: Actor,
    at: datetime,
    repair_id: uuid.UUID,
    on_site: bool = False,
    due: date | None = None,
) -> Repair:
    """A ticket about open defects of one instrument, with the steps that mend them. `due`: a day, or as the rule says:
    7 days when a child waits, 14 otherwise. `on_site`: the workshop comes to the instrument."""
    if not defects:
        raise NothingChosen
    row = row_of(defects[0].instrument)
    content = hash_of_facts(
        by.audit_key, defects=sorted(str(d.pk) for d in defects), workshop=workshop.pk, on_site=on_site
    )
    known = Repair.objects.filter(pk=repair_id).first()
    if known:
        if known.content_hash != content:
            raise OtherContent
        record("depot.sent_again", subject=f"repair:{known.pk}", organisation=row.organisation.key)
        return known
    if row.retired_on:
        raise Retired(row)
    if workshop.sort == Site.SCHOOL:
        raise NotADepot(site=workshop.name)
    if workshop.organisation_id != row.organisation_id:
        raise SiteOfAnother(site=workshop.name)
    today = row.organisation.day_at(at)
    if workshop.closed_on and workshop.closed_on <= today:
        raise SiteClosed(site=workshop.name)
    about = list(Defect.objects.open().filter(pk__in=[d.pk for d in defects], instrument=row).order_by("reported_at"))
    if not about:
        raise NothingChosen
    child_waits = loaner_queries.stopping_for_waiting_children().filter(instrument=row).exists()
    with unless_taken(HasTicket(row)):
        ticket = Repair.objects.create(
            id=repair_id,
            instrument=row,
            workshop=workshop,
            on_site=on_site,
            due_on=due or due_on(today, child_waits),
            opened_at=at,
            by_key=by.audit_key,
            content_hash=content,
        )
    _take_on(ticket, about)
    note_event(ticket, RepairAct.OPENED, by, at)
    _record(ticket, "open_repair", instrument=row.uid, defects=len(about))
    return ticket


def _take_on(ticket: Repair, defects: Sequence[Defect]) -> None:
    """These defects and the steps that mend them; what stands on the ticket already is left alone."""
    RepairDefect.objects.bulk_create(RepairDefect(repair=ticket, defect=defect) for defect in defects)
    there = set(RepairStep.objects.filter(repair=ticket).values_list("kind", flat=True))
    plans = DefectStep.objects.filter(defect_kind__in={defect.kind_id for defect in defects})
    wanted = dict.fromkeys(plans.order_by("position", "step_kind__position").values_list("step_kind", flat=True))
    ordered = [step for step in wanted if step != LAST_STEP] + [step for step in wanted if step == LAST_STEP]
    RepairStep.objects.bulk_create(
        RepairStep(repair=ticket, kind_id=step, position=len(there) + number + (100 if step == LAST_STEP else 0))
        for number, step in enumerate((step for step in ordered if step not in there), start=1)
    )


@action
def add_defects(*, repair: Repair, by: Actor, at: datetime) -> Repair:
    """What was reported since also comes on the ticket."""
    ticket = at_work(repair)
    new = list(Defect.objects.open().filter(instrument=ticket.instrument).exclude(tickets__repair=ticket))
    if not new:
        raise NothingChosen
    _take_on(ticket, new)
    _record(ticket, "add_defects", defects=len(new))
    return ticket


@action
def assign_repair(*, repair: Repair, to: Account, by: Actor, at: datetime) -> Repair:
    """Who does the work: a trainee or a master of that workshop."""
    ticket = at_work(repair)
    today = ticket.instrument.organisation.day_at(at)
    posted = Posting.objects.on(today).filter(
        account=to,
        role__in=[Role.TRAINEE.value, Role.WORKSHOP_MASTER.value],
        organisation=ticket.workshop.organisation_id,
    )
    if not posted.filter(site=None).exists() and not posted.filter(site=ticket.workshop_id).exists():
        raise NotInThisWorkshop(name=to.name, site=ticket.workshop.name)
    ticket.assigned_to = to
    ticket.save(update_fields=["assigned_to"])
    note_event(ticket, RepairAct.ASSIGNED, by, at)
    _record(ticket, "assign_repair", to=to.audit_key)
    return ticket


@action
def receive_repair(*, repair: Repair, by: Actor, at: datetime, handover_id: uuid.UUID) -> Repair:
    """It lies on the bench: who held it gives it back, and the workshop answers for it from now on."""
    ticket = at_work(repair)
    row = row_of(ticket.instrument)
    if row.keeper.pk == ticket.workshop_id and not row.holding:
        raise AlreadyHere(row, site=ticket.workshop.name)
    if row.holding:
        give_back(instruments=[row], by=by, at=at, handover_id=uuid.uuid5(handover_id, "back"))
    if row.keeper.pk != ticket.workshop_id:
        take_back(instruments=[row], site=ticket.workshop, by=by, at=at, handover_id=handover_id)
    note_event(ticket, RepairAct.RECEIVED, by, at)
    _record(ticket, "receive_repair")
    return ticket


@action
def pause_repair(*, repair: Repair, waits: bool, by: Actor, at: datetime, note: str = "") -> Repair:
    """It waits for a part, or goes on."""
    ticket = at_work(repair)
    note_event(ticket, RepairAct.WAITS if waits else RepairAct.GOES_ON, by, at, note)
    _record(ticket, "pause_repair", waits=waits)
    return ticket


# --- steps --------------------------------------------------------------------------------------------------
def _step(step: RepairStep) -> RepairStep:
    at_work(step.repair)
    return RepairStep.objects.select_related("repair__instrument__organisation", "done_by", "signed_by", "kind").get(
        pk=step.pk
    )


@action
def do_step(*, step: RepairStep, minutes: int, by: Actor, at: datetime, is_master: bool = False) -> RepairStep:
    """Done, in so many minutes. What a master does needs nobody else to sign."""
    row = _step(step)
    if row.done_by:
        raise StepDone(name=row.done_by.name)
    account = account_of(by)
    assert account is not None, "a step is done by a person"
    row.done_at, row.done_by, row.minutes = at, account, minutes
    if is_master:
        row.signed_at, row.signed_by = at, account
    row.save(update_fields=["done_at", "done_by", "minutes", "signed_at", "signed_by"])
    _record(row.repair, "do_step", step=row.kind_id, minutes=minutes)
    return row


@action
def undo_step(*, step: RepairStep, by: Actor, at: datetime) -> RepairStep:
    """It was not done, or not well: whoever learns does it again."""
    row = _step(step)
    if row.signed_by:
        raise AlreadySigned(name=row.signed_by.name)
    if not row.done_by:
        raise StepNotDone
    row.done_at = row.done_by = row.minutes = None
    row.save(update_fields=["done_at", "done_by", "minutes"])
    _record(row.repair, "undo_step", step=row.kind_id)
    return row


@action
def sign_step(*, step: RepairStep, by: Actor, at: datetime) -> RepairStep:
    """A master signs: it is well done, and who did it has learnt it."""
    row = _step(step)
    if row.signed_by:
        raise AlreadySigned(name=row.signed_by.name)
    if not row.done_by:
        raise StepNotDone
    row.signed_at, row.signed_by = at, account_of(by)
    row.save(update_fields=["signed_at", "signed_by"])
    _record(row.repair, "sign_step", step=row.kind_id)
    return row


@action
def add_step(*, repair: Repair, kind: StepKind, by: Actor, at: datetime) -> RepairStep:
    ticket = at_work(repair)
    with unless_taken(StepThere()):
        made = RepairStep.objects.create(repair=ticket, kind=kind, position=50)  # before playing it
    _record(ticket, "add_step", step=kind.pk)
    return made


@action
def drop_step(*, step: RepairStep, by: Actor, at: datetime) -> None:
    """Not needed after all."""
    row = _step(step)
    if row.signed_by:
        raise AlreadySigned(name=row.signed_by.name)
    _record(row.repair, "drop_step", step=row.kind_id)
    row.delete()


# --- the end ------------------------------------------------------------------------------------------------
@action
def finish_repair(
    *, repair: Repair, outcome: Mending, by: Actor, at: datetime, cost: Decimal | None = None, currency: str = ""
) -> Repair:
    """The work is over. When a child waits for it, the ticket stays open until the instrument is handed back, or the
    child keeps its loaner; otherwise it closes now. `cost`: a bill from outside, in `currency`."""
    ticket = at_work(repair)
    if outcome is Mending.MENDED:
        unsigned = ticket.steps.filter(signed_at=None).select_related("kind").first()
        if unsigned:
            raise StepsOpen(step=str(unsigned.kind))
    ticket.mended_at, ticket.outcome = at, outcome.value
    ticket.cost, ticket.currency = cost, currency or (ticket.workshop.organisation.currency if cost is not None else "")
    because = {Mending.NOTHING: Defect.MISTAKE, Mending.BEYOND: Defect.RETIRED}.get(outcome, Defect.MENDED)
    ticket.save(update_fields=["mended_at", "outcome", "cost", "currency"])
    Defect.objects.open().filter(tickets__repair=ticket).update(ended_at=at, ended_because=because)
    ticket.maintenance_jobs.open().update(done_at=at, done_by=account_of(by))
    if outcome is Mending.BEYOND:
        retire(instrument=ticket.instrument, because="broken", by=by, at=at)
    note_event(ticket, RepairAct.MENDED, by, at)
    _record(ticket, "finish_repair", outcome=outcome.value)
    goes_on = loaner_queries.loaner_of(ticket) or (
        outcome is not Mending.BEYOND
        and loaner_queries.child_of(ticket, ticket.instrument.organisation.day_at(at)) is not None
    )
    if not goes_on:
        ticket.closed_at = at
        ticket.save(update_fields=["closed_at"])
    return ticket


@action
def shelve_repair(*, repair: Repair, by: Actor, at: datetime) -> Repair:
    """Nobody gets it back: it stays on the shelf for the next child. Refused while a loaner is out."""
    ticket = locked_repair(repair)
    if ticket.closed_at:
        raise TicketClosed
    if ticket.mended_at is None:
        raise StepsOpen(step=_("The work"))
    loaner = loaner_queries.loaner_of(ticket)
    if loaner:
        raise LoanerIsOut(loaner=loaner.custody.instrument.name)
    ticket.closed_at = at
    ticket.save(update_fields=["closed_at"])
    note_event(ticket, RepairAct.SHELVED, by, at)
    _record(ticket, "shelve_repair")
    return ticket
