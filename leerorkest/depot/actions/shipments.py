"""Boxes from one place to another. Who sent them answers for them until the other side has received them."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from leerorkest.network.models import Organisation, Site
from leerorkest.people.models import Account
from leerorkest.shared.actions import Actor, Refused, action, record

from ..models import (
    FreightTime,
    Handover,
    Instrument,
    Loan,
    Pick,
    Reservation,
    Shipment,
    ShipmentExtra,
    ShipmentItem,
)
from ..models.custody import STOCK_PLACES
from ..queries.shipments import borrowed, freight_weeks
from ..rules import HandoverSort, Spot, Terms, Where
from . import kits, owners, places
from .capacity import take_from_stock
from .fitness import must_be_fit
from .handovers import _is_in_use as must_be_in_use
from .handovers import _nothing_later as nothing_later
from .handovers import _with_kits as with_kits
from .handovers import locked, move, must_be_open, write_handover
from .intake import retire
from .refusals import AlreadyLent, HandoverRefused, NotAtThisSite, OtherContent
from .reservations import NothingPicked


class OnLoan(HandoverRefused):
    sentence = _("%(instrument)s is on loan from %(organisation)s. It can only go back there.")


class NotOnLoan(HandoverRefused):
    sentence = _("%(instrument)s is not on loan from there. Leave it out.")


class WrongTerms(Refused):
    sentence = _("Between two organisations it is a loan, a gift or a return. Choose one.")


class DueTooEarly(Refused):
    sentence = _("A loan comes back after it left. Choose a later day.")


class NothingArrived(Refused):
    sentence = _("Nothing was scanned yet. Scan what came out of the boxes first.")


class AlreadySettled(Refused):
    sentence = _("This was settled already. Nothing changed.")


class NotInTheShipment(Refused):
    sentence = _("%(tag)s cannot join this shipment: it is not on the shelf of the place that sent it.")


def _account(by: Actor) -> Account | None:
    return by if isinstance(by, Account) else getattr(by, "account", None)


# --- sending ----------------------------------------------------------------------------------------------
@action
def send(
    *,
    instruments: Sequence[Instrument],
    to_site: Site,
    terms: Terms,
    due_on: date | None = None,
    boxes: int = 1,
    carrier: str = "",
    reference: str = "",
    sent_on: date | None = None,
    expected_on: date | None = None,
    by: Actor,
    at: datetime,
    shipment_id: uuid.UUID,
    reservation: Reservation | None = None,
) -> Shipment:
    """These instruments are on their way to `to_site`. Their keeper stays who sent them, and nobody can take them.

    `due_on`: the day a loan is to be back. `expected_on`: by the freight weeks of that place when it is not given.
    The same id with the same instruments comes back as the same shipment.
    """
    rows, companions = with_kits(instruments, apart=False)
    organisation = rows[0].organisation
    back: dict[str, Any] = {"due_on": due_on} if due_on else {}
    handover, is_new = write_handover(
        HandoverSort.SEND,
        organisation=organisation,
        instruments=[row.uid for row in rows],
        by=by,
        at=at,
        handover_id=shipment_id,
        note="",
        site=to_site.pk,
        terms=terms.value,
        **back,
    )
    if not is_new:
        return Shipment.objects.get(pk=shipment_id)
    rows += kits.on_the_same_shelf(companions, rows)
    must_be_open(to_site, at)
    _terms_fit(terms, organisation, to_site, due_on, sent_on or organisation.day_at(at))
    loans = borrowed(rows)
    for row in rows:
        must_be_in_use(row, organisation.pk)
        if row.holding:
            raise AlreadyLent(row)
        if row.keeper.sort not in STOCK_PLACES:
            raise NotAtThisSite(row, site=row.keeper.name)
        _loan_fits(row, loans.get(row.pk), to_site, terms)
    nothing_later(rows, at)
    if terms is not Terms.RETURN:  # what is broken goes home too
        must_be_fit(rows, at)
    take_from_stock(rows, to=to_site, handover=handover, at=at)
    places.put(rows, {row.pk: Spot(Where.TRANSIT, to_site.pk) for row in rows}, handover)
    left_on = sent_on or organisation.day_at(at)
    shipment = Shipment.objects.create(
        id=shipment_id,
        organisation=organisation,
        to_site=to_site,
        reservation=reservation,
        terms=terms.value,
        due_on=due_on if terms is Terms.LOAN else None,
        boxes=boxes,
        carrier=carrier,
        reference=reference,
        sent_on=left_on,
        expected_on=expected_on or left_on + timedelta(weeks=freight_weeks(organisation.pk, to_site)),
        sent_with=handover,
        by=_account(by),
    )
    ShipmentItem.objects.bulk_create(ShipmentItem(shipment=shipment, instrument=row, number=row.number) for row in rows)
    return shipment


def _terms_fit(terms: Terms, organisation: Organisation, to: Site, due_on: date | None, sent_on: date) -> None:
    is_home = organisation.pk == to.organisation_id
    if is_home != (terms is Terms.ISSUE):
        raise WrongTerms
    if terms is Terms.LOAN and (due_on is None or due_on <= sent_on):
        raise DueTooEarly


def _loan_fits(row: Instrument, loan: Loan | None, to: Site, terms: Terms) -> None:
    """What is here on loan goes within the house or home; what is not on loan from there does not go "home"."""
    if loan and to.organisation_id not in (row.organisation_id, loan.lender_id):
        raise OnLoan(row, organisation=loan.lender.name)
    if terms is Terms.RETURN and (loan is None or loan.lender_id != to.organisation_id):
        raise NotOnLoan(row)
    if loan and terms in (Terms.LOAN, Terms.GIFT):
        raise OnLoan(row, organisation=loan.lender.name)


@action
def send_reserved(
    *,
    reservation: Reservation,
    terms: Terms,
    due_on: date | None = None,
    boxes: int = 1,
    carrier: str = "",
    reference: str = "",
    by: Actor,
    at: datetime,
    shipment_id: uuid.UUID,
) -> Shipment:
    """Everything that was picked for this reservation goes into the boxes."""
    again = Shipment.objects.filter(pk=shipment_id).exists()
    picks = Pick.objects.filter(line__reservation=reservation, released_at=None)
    chosen = picks.filter(left_with=shipment_id) if again else picks.waiting()
    rows = [pick.instrument for pick in chosen.select_related("instrument")]
    if not rows:
        raise NothingPicked
    return send(
        instruments=rows,
        to_site=reservation.site,
        terms=terms,
        due_on=due_on,
        boxes=boxes,
        carrier=carrier,
        reference=reference,
        reservation=reservation,
        by=by,
        at=at,
        shipment_id=shipment_id,
    )


# --- receiving --------------------------------------------------------------------------------------------
@action
def unpack(
    *, shipment: Shipment, tag: str, condition: str = ShipmentItem.GOOD, remark: str = "", by: Actor, at: datetime
) -> ShipmentItem | ShipmentExtra:
    """A label came out of a box: on the list it is ticked off, with how it looks; otherwise it is noted as extra, and
    says nothing of whose it is. Scanning it again corrects the tick until the receipt is finished."""
    item = shipment.items.select_for_update(of=("self",)).filter(instrument__tag=tag).first()
    detail = {"shipment": str(shipment.pk), "condition": condition}
    if item is None:
        extra, _made = ShipmentExtra.objects.get_or_create(
            shipment=shipment, tag=tag, defaults={"noted_at": at, "by_key": by.audit_key}
        )
        record(
            "depot.unpack_extra", subject=f"tag:{tag}", organisation=shipment.to_site.organisation.key, detail=detail
        )
        return extra
    if item.outcome:
        raise AlreadySettled
    item.arrived_at, item.condition, item.remark = item.arrived_at or at, condition, remark
    item.save(update_fields=["arrived_at", "condition", "remark"])
    record("depot.unpack", subject=item.instrument, organisation=shipment.to_site.organisation.key, detail=detail)
    return item


@action
def receive(*, shipment: Shipment, by: Actor, at: datetime, handover_id: uuid.UUID) -> Handover:
    """The receipt: from now on `to_site` answers for what was ticked off, in one handover. What was not is short: who
    sent it still answers, and has to look for it. What comes in a later box is received later.

    Between organisations the instrument becomes one of the receiver's stock: on loan until its day, as a gift for
    good, or home again.
    """
    to_site = Site.objects.select_related("organisation").get(pk=shipment.to_site_id)
    open_items = list(
        ShipmentItem.objects.filter(shipment=shipment, outcome="").select_for_update(of=("self",)).order_by("pk")
    )
    known = Handover.objects.filter(pk=handover_id, items_received__shipment=shipment).first()
    if known:
        record("depot.sent_again", subject=f"handover:{known.pk}", organisation=to_site.organisation.key)
        return known
    arrived = [item for item in open_items if item.arrived_at]
    if not arrived:
        raise NothingArrived
    rows = locked(Instrument.objects.filter(pk__in=[item.instrument_id for item in arrived]))
    handover, is_new = write_handover(
        HandoverSort.RECEIVE,
        organisation=to_site.organisation,
        instruments=[row.uid for row in rows],
        by=by,
        at=at,
        handover_id=handover_id,
        note="",
        site=to_site.pk,
        shipment=shipment.pk,
    )
    if not is_new:
        raise OtherContent
    ShipmentItem.objects.filter(pk__in=[item.pk for item in arrived]).update(
        outcome=ShipmentItem.RECEIVED, received_with=handover
    )
    short = [item.pk for item in open_items if not item.arrived_at]
    ShipmentItem.objects.filter(pk__in=short, short_at=None).update(short_at=at)
    loans = borrowed(rows)

    def become_theirs() -> None:
        _become(rows, to_site.organisation, loans)

    move([(row.keeping, to_site) for row in rows], handover, become_theirs)
    places.put(rows, {row.pk: Spot(Where.SITE, to_site.pk) for row in rows}, handover)
    _agree(rows, shipment, to_site.organisation, loans, handover)
    return handover


def _become(rows: Sequence[Instrument], organisation: Organisation, loans: dict[int, Loan]) -> None:
    """They are of this organisation now. A number that is in use there gives way; home again it gets its own back."""
    for row in rows:
        if row.organisation_id == organisation.pk:
            continue
        loan = loans.get(row.pk)
        number = loan.number if loan and loan.lender_id == organisation.pk else row.number
        in_use = Instrument.objects.filter(organisation=organisation, kind=row.kind_id, number=number)
        if number and in_use.exclude(pk=row.pk).exists():
            number = ""
        Instrument.objects.filter(pk=row.pk).update(organisation=organisation, number=number)


def _agree(
    rows: Sequence[Instrument],
    shipment: Shipment,
    organisation: Organisation,
    loans: dict[int, Loan],
    handover: Handover,
) -> None:
    """The loan begins or ends; a gift has a new owner."""
    home = [loan.pk for loan in loans.values() if loan.lender_id == organisation.pk]
    Loan.objects.filter(pk__in=home).update(ended_with=handover)
    if shipment.terms == Terms.LOAN.value and shipment.due_on:
        Loan.objects.bulk_create(
            Loan(
                instrument=row,
                lender_id=shipment.organisation_id,
                borrower=organisation,
                due_on=shipment.due_on,
                number=row.number,
                began_with=handover,
            )
            for row in rows
        )
    elif shipment.terms == Terms.GIFT.value:
        owners.own(rows, dict.fromkeys((row.pk for row in rows), owners.Owner(organisation.pk)), handover)


@action
def report_short(*, shipment: Shipment, by: Actor, at: datetime) -> int:
    """Nothing (more) came: what was not received is missing, and who sent it looks for it. How many."""
    missing = (
        ShipmentItem.objects.under_way().filter(shipment=shipment, arrived_at=None, short_at=None).update(short_at=at)
    )
    record(
        "depot.report_short",
        subject=f"shipment:{shipment.pk}",
        organisation=shipment.to_site.organisation.key,
        detail={"missing": missing},
    )
    return missing


# --- what did not go as it should: the sender decides -----------------------------------------------------
@action
def settle(*, item: ShipmentItem, outcome: str, by: Actor, at: datetime) -> ShipmentItem:
    """FOUND: it stands here, it never left or came back. LOST: it is retired as lost; its story stays."""
    row = ShipmentItem.objects.select_for_update(of=("self",)).get(pk=item.pk)
    if row.outcome or row.arrived_at:
        raise AlreadySettled
    row.outcome = outcome
    row.save(update_fields=["outcome"])
    record(
        "depot.settle",
        subject=row.instrument,
        organisation=row.shipment.organisation.key,
        detail={"shipment": str(row.shipment_id), "outcome": outcome},
    )
    found = outcome == ShipmentItem.FOUND
    places.move(
        instruments=[row.instrument],
        where=Where.SITE if found else Where.UNKNOWN,
        site=Instrument.objects.with_parties().get(pk=row.instrument_id).keeper if found else None,
        by=by,
        at=at,
        handover_id=uuid.uuid4(),
    )
    if not found:
        retire(instrument=row.instrument, because="lost", by=by, at=at)
    return row


@action
def settle_extra(*, extra: ShipmentExtra, joins: bool, by: Actor, at: datetime) -> ShipmentExtra:
    """An instrument was in the box and not on the list. It joins the shipment, as if it had been on the list; or it is
    not one of the sender's, and the receiver asks whose it is."""
    row = ShipmentExtra.objects.select_for_update(of=("self",)).get(pk=extra.pk)
    if row.settled_at:
        raise AlreadySettled
    if joins:
        shipment = row.shipment
        ours = Instrument.objects.filter(organisation=shipment.organisation_id, tag=row.tag)
        found = locked(ours)[0] if ours.exists() else None
        if found is None or found.holding or found.retired_on or found.keeper.sort not in STOCK_PLACES:
            raise NotInTheShipment(tag=row.tag)
        _loan_fits(found, borrowed([found]).get(found.pk), shipment.to_site, Terms(shipment.terms))
        nothing_later([found], at)
        take_from_stock([found], to=shipment.to_site, handover=shipment.sent_with, at=at)
        ShipmentItem.objects.create(
            shipment=shipment,
            instrument=found,
            number=found.number,
            arrived_at=row.noted_at,
            condition=ShipmentItem.GOOD,
        )
    row.settled_at = at
    row.save(update_fields=["settled_at"])
    record(
        "depot.settle_extra",
        subject=f"tag:{row.tag}",
        organisation=row.shipment.organisation.key,
        detail={"shipment": str(row.shipment_id), "joins": joins},
    )
    return row


# --- how long the way is ----------------------------------------------------------------------------------
@action
def set_freight_time(
    *, organisation: Organisation, site: Site | None, weeks: int, by: Actor, at: datetime
) -> FreightTime:
    """A shipment to this organisation, or to this one place of it, takes so many weeks."""
    made, _new = FreightTime.objects.update_or_create(organisation=organisation, site=site, defaults={"weeks": weeks})
    record(
        "depot.freight",
        subject=f"freight:{made.pk}",
        organisation=organisation.key,
        detail={"site": site.pk if site else None, "weeks": weeks},
    )
    return made
