"""Where instruments are: set by every handover by itself, and by hand where only the place changes."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db.models import QuerySet

from leerorkest.network.models import Organisation, Site
from leerorkest.shared.actions import Actor, action, record
from leerorkest.shared.prepared import prepared

from ..models import Handover, HomeRule, Instrument, Placement
from ..rules import HandoverSort, Spot, Where, read_shelf
from .refusals import AlreadyStandsThere, NobodyHasItAtHome, OtherOrganisation, TooEarly


def put(
    rows: Sequence[Instrument], spots: Mapping[int, Spot], handover: Handover, *, unless_on_site: bool = False
) -> int:
    """Each instrument of `rows` stands at its spot (by its id) from this handover on; the number that moved.

    What stands there already is left alone, and `unless_on_site` what stands at any site of ours. Two statements for
    each 500 instruments that move, and one to look.
    """
    open_places = {place.instrument_id: place for place in _open_places(tuple(spots))}
    if unless_on_site:
        spots = {pk: spot for pk, spot in spots.items() if pk not in open_places or not open_places[pk].is_on_site}
    moved = [row for row in rows if row.pk in spots and _moves(open_places.get(row.pk), spots[row.pk])]
    for row in moved:
        if row.pk in open_places and open_places[row.pk].started_at > handover.at:
            raise TooEarly(row)
    for start in range(0, len(moved), 500):
        some = moved[start : start + 500]
        ending = [open_places[row.pk].pk for row in some if row.pk in open_places]
        Placement.objects.open().filter(pk__in=ending).update(ended_at=handover.at, ended_with=handover)
        begin(some, spots, handover)
    return len(moved)


@prepared
def _open_places(instruments: tuple[int, ...]) -> QuerySet[Placement]:
    return Placement.objects.open().filter(instrument__in=instruments)


def begin(rows: Sequence[Instrument], spots: Mapping[int, Spot], handover: Handover) -> None:
    Placement.objects.bulk_create(
        Placement(
            instrument=row,
            sort=spots[row.pk].where.value,
            site_id=spots[row.pk].site,
            shelf=spots[row.pk].shelf,
            started_at=handover.at,
            began_with=handover,
        )
        for row in rows
    )


def _moves(place: Placement | None, spot: Spot) -> bool:
    return place is None or place.spot != spot


def back_on_site(rows: Sequence[Instrument], handover: Handover) -> None:
    """What a holder gave back stands with its keeper; what stood in a place all along stays on its shelf there."""
    put(rows, {row.pk: Spot(Where.SITE, row.keeper.pk) for row in rows}, handover, unless_on_site=True)


@action
def move(
    *,
    instruments: Sequence[Instrument],
    where: Where,
    site: Site | None = None,
    shelf: str = "",
    by: Actor,
    at: datetime,
    handover_id: uuid.UUID,
    note: str = "",
) -> Handover:
    """Instruments change place, and only that: to a shelf or a room of `site`, on the way to it, home, or lost.

    Keeper, holder and owner stay who they are. What stands there already is left alone; where nothing moves the act
    is refused.
    """
    from .handovers import (  # that module puts instruments in their places
        locked,
        must_be_here,
        must_be_open,
        write_handover,
    )

    rows = locked(instruments)
    spot = Spot(where, site.pk if site else None, read_shelf(shelf) if where is Where.SITE else "")
    handover, is_new = write_handover(
        HandoverSort.MOVE,
        organisation=rows[0].organisation,
        instruments=[row.uid for row in rows],
        by=by,
        at=at,
        handover_id=handover_id,
        note=note,
        where=where.value,
        site=spot.site or "",
        shelf=spot.shelf,
    )
    if not is_new:
        return handover
    must_be_here(rows)
    for row in rows:
        if row.organisation_id != rows[0].organisation_id or (site and site.organisation_id != row.organisation_id):
            raise OtherOrganisation(row)
        if where is Where.HOME and not row.holding:
            raise NobodyHasItAtHome(row)
    if site:
        must_be_open(site, at)
    if not put(rows, {row.pk: spot for row in rows}, handover):
        raise AlreadyStandsThere(rows[0])
    return handover


@action
def set_home_rule(
    *, organisation: Organisation, site: Site | None, home_from_year: int | None, by: Actor, at: datetime
) -> None:
    """From which year of a child on an instrument goes home: for all (`site` None) or for one school.

    `home_from_year`: 1 at once, 2 from the second year, 0 never; None: as for all schools.
    """
    if home_from_year is None:
        HomeRule.objects.filter(organisation=organisation, site=site).delete()
    else:
        HomeRule.objects.update_or_create(
            organisation=organisation, site=site, defaults={"home_from_year": home_from_year}
        )
    record(
        "depot.set_home_rule",
        subject=site or organisation,
        organisation=organisation.key,
        detail={"home_from_year": home_from_year},
    )
