"""Who owns instruments: written when one comes in, and changed by an act of its own."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from leerorkest.network.models import Organisation
from leerorkest.shared.actions import Actor, action

from ..models import Handover, Instrument, Ownership
from ..rules import HandoverSort
from .refusals import AlreadyOwns, OtherOrganisation, TooEarly


@dataclass(frozen=True)
class Owner:
    """One of the two: an organisation of ours, or a name."""

    organisation_id: int | None = None
    name: str = ""


def read_owner(text: str, organisation: Organisation) -> Owner:
    """A name as it is typed or stands in a list; nothing, or its own name, is the organisation itself."""
    name = " ".join(text.split())
    if not name or name.casefold() == organisation.name.casefold():
        return Owner(organisation.pk)
    return Owner(name=name)


def begin(rows: Sequence[Instrument], owners: Mapping[int, Owner], handover: Handover) -> None:
    Ownership.objects.bulk_create(
        Ownership(
            instrument=row,
            organisation_id=owners[row.pk].organisation_id,
            name=owners[row.pk].name,
            started_at=handover.at,
            began_with=handover,
        )
        for row in rows
    )


def own(rows: Sequence[Instrument], owners: Mapping[int, Owner], handover: Handover) -> int:
    """Each instrument of `rows` belongs to its owner (by its id) from this handover on; the number that changed."""
    now = {o.instrument_id: o for o in Ownership.objects.open().filter(instrument__in=owners)}
    changed = [row for row in rows if row.pk in owners and _changes(now.get(row.pk), owners[row.pk])]
    for row in changed:
        if row.pk in now and now[row.pk].started_at > handover.at:
            raise TooEarly(row)
    for start in range(0, len(changed), 500):
        some = changed[start : start + 500]
        ending = [now[row.pk].pk for row in some if row.pk in now]
        Ownership.objects.open().filter(pk__in=ending).update(ended_at=handover.at, ended_with=handover)
        begin(some, owners, handover)
    return len(changed)


def _changes(ownership: Ownership | None, owner: Owner) -> bool:
    return ownership is None or Owner(ownership.organisation_id, ownership.name) != owner


@action
def change_owner(
    *,
    instruments: Sequence[Instrument],
    owner: str,
    by: Actor,
    at: datetime,
    handover_id: uuid.UUID,
    note: str = "",
) -> Handover:
    """Instruments belong to somebody else from now on; who keeps and plays them stays the same.

    `owner`: a name; the organisation's own name, or nothing, is the organisation.
    """
    from .handovers import locked, write_handover  # that module ends with owners too, where a handover is undone

    rows = locked(instruments)
    organisation = rows[0].organisation
    handover, is_new = write_handover(
        HandoverSort.OWNER,
        organisation=organisation,
        instruments=[row.uid for row in rows],
        by=by,
        at=at,
        handover_id=handover_id,
        note=note,
        owner=owner,
    )
    if not is_new:
        return handover
    for row in rows:
        if row.organisation_id != organisation.pk:
            raise OtherOrganisation(row)
    if not own(rows, dict.fromkeys((row.pk for row in rows), read_owner(owner, organisation)), handover):
        raise AlreadyOwns(rows[0])
    return handover
