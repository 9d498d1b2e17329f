"""Parts come into the drawers of a workshop and go out with a repair. The stock is the sum of its ledger."""

import uuid
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from leerorkest.music.models import InstrumentKind, Size
from leerorkest.network.models import Site
from leerorkest.shared.actions import Actor, Refused, action, record, unless_taken

from ..models import DefectKind, Part, PartMovement, Repair
from ..rules import PartMove
from .refusals import NotADepot, OtherContent
from .repairs import account_of, at_work, locked_repair


class PartThere(Refused):
    sentence = _("%(site)s has a part “%(name)s” already. Change that one.")


class TooFew(Refused):
    sentence = _("The list says that %(stock)s of “%(part)s” are left. Count the drawer and correct the list first.")


class NothingMoved(Refused):
    sentence = _("This changes nothing. Say how many.")


def _stock(part: Part) -> int:
    return part.movements.aggregate(stock=Sum("quantity"))["stock"] or 0


def _move(part: Part, sort: PartMove, quantity: int, by: Actor, at: datetime, key: uuid.UUID, **values: object) -> None:
    """One line of the ledger; the same id again changes nothing, with other figures it is refused."""
    Part.objects.select_for_update(no_key=True).get(pk=part.pk)
    known = PartMovement.objects.filter(pk=key).first()
    repair = values.get("repair")
    if known:
        if (known.part_id, known.sort) != (part.pk, sort.value) or known.repair_id != (repair and repair.pk):  # type: ignore[attr-defined]
            raise OtherContent
        if sort is not PartMove.COUNTED and known.quantity != quantity:  # what was counted is a difference by now
            raise OtherContent
        record("depot.sent_again", subject=f"part:{part.pk}", organisation=part.site.organisation.key)
        return
    if quantity == 0:
        raise NothingMoved
    if _stock(part) + quantity < 0:
        raise TooFew(stock=_stock(part), part=part.name)
    PartMovement.objects.create(
        id=key, part=part, sort=sort.value, quantity=quantity, at=at, by=account_of(by), **values
    )
    record(
        "depot.move_part",
        subject=f"part:{part.pk}",
        organisation=part.site.organisation.key,
        detail={"sort": sort.value, "quantity": quantity},
    )


@action
def add_part(
    *,
    site: Site,
    name: str,
    by: Actor,
    at: datetime,
    kind: InstrumentKind | None = None,
    size: Size | None = None,
    mends: Iterable[DefectKind] = (),
    reorder_at: int = 0,
    price: Decimal | None = None,
) -> Part:
    """A new sort of part for this workshop, with nothing in its drawer yet. `price` of one, in the organisation's
    currency."""
    if site.sort == Site.SCHOOL:
        raise NotADepot(site=site.name)
    with unless_taken(PartThere(site=site.name, name=name)):
        part = Part.objects.create(
            site=site,
            name=name,
            kind=kind,
            size=size,
            reorder_at=reorder_at,
            price=price,
            currency=site.organisation.currency if price is not None else "",
        )
    part.mends.set(mends)
    record("depot.add_part", subject=f"part:{part.pk}", organisation=site.organisation.key)
    return part


@action
def buy_part(*, part: Part, quantity: int, by: Actor, at: datetime, movement_id: uuid.UUID) -> None:
    """So many came in."""
    _move(part, PartMove.BOUGHT, quantity, by, at, movement_id)


@action
def use_part(*, part: Part, quantity: int, repair: Repair, by: Actor, at: datetime, movement_id: uuid.UUID) -> None:
    """So many went into the instrument of this ticket, at the price of today, while it is being worked on."""
    is_new = not PartMovement.objects.filter(pk=movement_id).exists()
    ticket = at_work(repair) if is_new else locked_repair(repair)
    _move(
        part,
        PartMove.USED,
        -quantity,
        by,
        at,
        movement_id,
        repair=ticket,
        price=part.price,
        currency=part.currency,
    )


@action
def count_part(*, part: Part, counted: int, by: Actor, at: datetime, movement_id: uuid.UUID) -> None:
    """Somebody counted the drawer: the difference becomes a line of the ledger."""
    Part.objects.select_for_update(no_key=True).get(pk=part.pk)
    _move(part, PartMove.COUNTED, counted - _stock(part), by, at, movement_id)
