"""Instruments that belong together: they travel as one unit, or apart where somebody says so."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime

from leerorkest.shared.actions import Actor, action

from ..models import Handover, Instrument, Kit, KitMembership
from ..queries.kits import members
from ..rules import HandoverSort
from .refusals import AlreadyAKit, NothingToJoin, NotInAKit, OtherOrganisation, Retired


def with_companions(instruments: Iterable[Instrument], *, apart: bool) -> list[Instrument]:
    """These, and what belongs to the same kits; only these where they travel `apart`."""
    chosen = list(instruments)
    return chosen if apart else list({*chosen, *members(tuple(row.pk for row in chosen))})


def on_the_same_shelf(companions: Iterable[Instrument], chosen: Sequence[Instrument]) -> list[Instrument]:
    """Of the other members of a kit those that can come along: what was given apart stays where it is."""
    keepers = {row.keeper.pk for row in chosen}
    return [row for row in companions if not row.holding and not row.retired_on and row.keeper.pk in keepers]


def in_the_same_hands(companions: Iterable[Instrument], chosen: Sequence[Instrument]) -> list[Instrument]:
    """Of the other members of a kit those that the same holder has."""
    hands = {(row.holding.child_id, row.holding.account_id) for row in chosen if row.holding}
    return [row for row in companions if row.holding and (row.holding.child_id, row.holding.account_id) in hands]


@action
def join(
    *,
    instruments: Sequence[Instrument],
    name: str = "",
    by: Actor,
    at: datetime,
    handover_id: uuid.UUID,
    note: str = "",
) -> Handover:
    """These belong together from now on. What was in another kit leaves that one; a kit of one is none.

    A kit that all of its members leave ends; the others stay together.
    """
    from .handovers import locked, write_handover  # that module asks this one what travels along

    rows = locked(with_companions(instruments, apart=False))
    wanted = {row.pk for row in instruments}
    chosen = [row for row in rows if row.pk in wanted]
    handover, is_new = write_handover(
        HandoverSort.KIT,
        organisation=chosen[0].organisation,
        instruments=[row.uid for row in chosen],
        by=by,
        at=at,
        handover_id=handover_id,
        note=note,
        name=name,
    )
    if not is_new:
        return handover
    if len(chosen) < 2:
        raise NothingToJoin
    for row in chosen:
        if row.organisation_id != chosen[0].organisation_id:
            raise OtherOrganisation(row)
        if row.retired_on:
            raise Retired(row)
    memberships = list(KitMembership.objects.open().filter(instrument__in=rows))
    kits = {row.kit_id for row in memberships if row.instrument_id in wanted}
    if len(kits) == 1 and {row.instrument_id for row in memberships} == wanted:
        raise AlreadyAKit(chosen[0])
    _leave(wanted, memberships, handover)
    kit = Kit.objects.create(organisation=handover.organisation, name=name)
    KitMembership.objects.bulk_create(
        KitMembership(kit=kit, instrument=row, started_at=at, began_with=handover) for row in chosen
    )
    return handover


@action
def take_apart(
    *, instruments: Sequence[Instrument], by: Actor, at: datetime, handover_id: uuid.UUID, note: str = ""
) -> Handover:
    """These leave their kits; what stays behind alone is no kit any more."""
    from .handovers import locked, write_handover

    rows = locked(with_companions(instruments, apart=False))
    wanted = {row.pk for row in instruments}
    chosen = [row for row in rows if row.pk in wanted]
    handover, is_new = write_handover(
        HandoverSort.KIT,
        organisation=chosen[0].organisation,
        instruments=[row.uid for row in chosen],
        by=by,
        at=at,
        handover_id=handover_id,
        note=note,
        take_apart=True,
    )
    if not is_new:
        return handover
    memberships = list(KitMembership.objects.open().filter(instrument__in=rows))
    for row in chosen:
        if row.pk not in {membership.instrument_id for membership in memberships}:
            raise NotInAKit(row)
    _leave(wanted, memberships, handover)
    return handover


def _leave(leaving: set[int], memberships: Sequence[KitMembership], handover: Handover) -> None:
    ended = {row.pk for row in memberships if row.instrument_id in leaving}
    for kit in {row.kit_id for row in memberships if row.pk in ended}:
        staying = {row.pk for row in memberships if row.kit_id == kit and row.pk not in ended}
        if len(staying) == 1:
            ended |= staying
    KitMembership.objects.open().filter(pk__in=ended).update(ended_at=handover.at, ended_with=handover)
