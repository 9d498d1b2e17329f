"""Every way in which an instrument changes hands. Each is one handover: who, when, which instruments, between whom.

The id of a handover is made by the client (a form, a phone without signal, the demo). The same id with the same content
comes back as the handover that was made the first time; with another content it is refused.

Instruments are locked in the order of their id before anything is read, so that of two clerks the second sees what the
first did. Were that ever forgotten, the constraints of `models.py` refuse, and the refusal gets its name here too.
"""

import uuid
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Case, Q, QuerySet, Value, When

from leerorkest.network.models import Organisation, Site
from leerorkest.people.models import Account, Child, Posting
from leerorkest.schools.models import Enrolment
from leerorkest.shared.actions import Actor, action, record, unless_taken
from leerorkest.shared.prepared import prepared

from ..models import Custody, Handover, Instrument, Instruments, Ownership, Placement, Repair, ShipmentItem
from ..queries import hang_all_parties
from ..queries import places as place_queries
from ..rules import HandoverSort, Level, Spot, Where, content_hash
from . import kits, owners, places
from .capacity import put_back, take_from_stock
from .fitness import must_be_fit
from .refusals import (
    AlreadyLent,
    AlreadyReversed,
    AlreadyThere,
    CannotReverse,
    ChildLeft,
    IntakeStays,
    KitStays,
    NeverLent,
    NotADepot,
    NotAtThisSite,
    NothingChosen,
    NotOnStaff,
    OtherContent,
    ReceiptStays,
    Retired,
    SiteClosed,
    TicketIsClosed,
    TooEarly,
    UnderWay,
    UnknownTag,
)


# --- what all handovers share -----------------------------------------------------------------------------
def locked(instruments: Iterable[Instrument]) -> list[Instrument]:
    """The instruments as they are now, in the order of their id, held until the transaction ends."""
    wanted = tuple(sorted({instrument.pk for instrument in instruments}))
    if connection.features.has_select_for_update:  # SQLite has one writer at a time anyway
        _lock(wanted)
    found = hang_all_parties(_rows(wanted))
    if not found:
        raise NothingChosen
    return found


@prepared
def _lock(instruments: tuple[int, ...]) -> QuerySet[Instrument, tuple[int]]:
    rows = Instrument.objects.filter(pk__in=instruments).order_by("pk")
    return rows.select_for_update(no_key=True).values_list("pk")


@prepared
def _rows(instruments: tuple[int, ...]) -> Instruments:
    rows = Instrument.objects.filter(pk__in=instruments).order_by("pk")
    return rows.select_related("kind", "size", "organisation")


def _with_kits(instruments: Iterable[Instrument], *, apart: bool) -> tuple[list[Instrument], list[Instrument]]:
    """The locked instruments, and the locked other members of their kits."""
    wanted = {row.pk for row in instruments}
    rows = locked(kits.with_companions(instruments, apart=apart))
    return [row for row in rows if row.pk in wanted], [row for row in rows if row.pk not in wanted]


def _when_apart(apart: bool) -> dict[str, Any]:
    """A fact of the handover only where it was chosen, so that what was sent before kits is known again."""
    return {"apart": True} if apart else {}


def must_be_open(site: Site, at: datetime) -> None:
    if site.closed_on and site.closed_on <= site.organisation.day_at(at):
        raise SiteClosed(site=site.name)


def must_be_here(rows: Sequence[Instrument]) -> None:
    """None of them is in a box on its way."""
    boxed = _boxed.first(tuple(row.pk for row in rows))
    if boxed:
        raise UnderWay(next(row for row in rows if row.pk == boxed.instrument_id), site=boxed.shipment.to_site.name)


@prepared
def _boxed(instruments: tuple[int, ...]) -> QuerySet[ShipmentItem]:
    boxed = ShipmentItem.objects.under_way().filter(instrument__in=instruments)
    return boxed.select_related("shipment__to_site").order_by("pk")[:1]


def _is_ours(instrument: Instrument, organisation_id: int) -> None:
    if instrument.organisation_id != organisation_id:
        raise UnknownTag(tag=instrument.tag)  # what is of another organisation does not exist here


def _is_in_use(instrument: Instrument, organisation_id: int) -> None:
    _is_ours(instrument, organisation_id)
    if instrument.retired_on:
        raise Retired(instrument)


def _nothing_later(rows: Sequence[Instrument], at: datetime) -> None:
    """A handover never slips in before what already happened to the same instruments, nor into a box on its way."""
    must_be_here(rows)
    pk = _later.first(tuple(row.pk for row in rows), at)
    if pk:
        raise TooEarly(next(row for row in rows if row.pk == pk))


@prepared
def _later(instruments: tuple[int, ...], at: datetime) -> QuerySet[Custody, int]:
    later = Custody.objects.filter(Q(started_at__gt=at) | Q(ended_at__gt=at), instrument__in=instruments)
    return later.values_list("instrument", flat=True)[:1]


def write_handover(
    sort: HandoverSort,
    *,
    organisation: Organisation,
    instruments: Collection[object],
    by: Actor,
    at: datetime,
    handover_id: uuid.UUID,
    note: str,
    reverses: Handover | None = None,
    **facts: object,
) -> tuple[Handover, bool]:
    """The handover, and whether it is new. A repeat is recorded as such and changes nothing."""
    content = content_hash(sort, by.audit_key, instruments, note=note, **facts)
    try:
        with transaction.atomic():
            made = Handover.objects.create(
                id=handover_id,
                organisation=organisation,
                sort=sort.value,
                at=at,
                by=by if isinstance(by, Account) else getattr(by, "account", None),
                by_key=by.audit_key,
                note=note,
                content_hash=content,
                reverses=reverses,
            )
    except IntegrityError:  # the same id, sent before or in the same instant
        known = Handover.objects.filter(pk=handover_id).first()
        if known is None:
            raise
    else:
        record(
            f"depot.{sort.value}",
            subject=f"handover:{made.pk}",
            organisation=organisation.key,
            detail={"instruments": len(instruments), **{key: str(value) for key, value in facts.items()}},
        )
        return made, True
    if known.content_hash != content:
        raise OtherContent
    record("depot.sent_again", subject=f"handover:{known.pk}", organisation=organisation.key)
    return known, False


def move(
    keepings: Sequence[tuple[Custody, Site]], handover: Handover, between: Callable[[], object] | None = None
) -> None:
    """Close each keeper's row and open the next: two statements for each 500 instruments. `between` is done while no
    keeper is open: only then may an instrument change organisation."""
    for start in range(0, len(keepings), 500):
        _move_some(keepings[start : start + 500], handover, between)


def _move_some(
    keepings: Sequence[tuple[Custody, Site]], handover: Handover, between: Callable[[], object] | None
) -> None:
    next_ids = {keeping.pk: uuid.uuid4() for keeping, _ in keepings}
    Custody.objects.filter(pk__in=next_ids).update(
        ended_at=handover.at,
        ended_with=handover,
        followed_by=Case(*[When(pk=pk, then=Value(next_id)) for pk, next_id in next_ids.items()]),
    )
    if between:
        between()
    Custody.objects.bulk_create(
        Custody(
            id=next_ids[keeping.pk],
            instrument_id=keeping.instrument_id,
            level=Level.KEEPER.value,
            site=site,
            started_at=handover.at,
            began_with=handover,
        )
        for keeping, site in keepings
    )


def _end(holdings: Iterable[Custody], handover: Handover) -> None:
    ended = Custody.objects.open().filter(pk__in=[custody.pk for custody in holdings])
    ended.update(ended_at=handover.at, ended_with=handover)


# --- from place to place ----------------------------------------------------------------------------------
@action
def issue_class_set(
    *,
    instruments: Sequence[Instrument],
    site: Site,
    by: Actor,
    at: datetime,
    handover_id: uuid.UUID,
    note: str = "",
    apart: bool = False,
) -> Handover:
    """Instruments go from a depot to `site` (a school), which answers for them from now on.

    Here and below, what belongs to the same kit and stands on the same shelf comes along, unless `apart`.
    """
    rows, companions = _with_kits(instruments, apart=apart)
    rows += kits.on_the_same_shelf(companions, rows)

    def may_move() -> None:
        for row in rows:
            _is_in_use(row, site.organisation_id)
            if row.keeper.pk == site.pk:
                raise AlreadyThere(row, site=site.name)
            if row.keeper.sort == Site.SCHOOL:
                raise NotAtThisSite(row, site=row.keeper.name)
        must_be_fit(rows, at)

    return _send(
        HandoverSort.ISSUE, rows, site, may_move, instruments, apart, by=by, at=at, handover_id=handover_id, note=note
    )


@action
def take_back(
    *,
    instruments: Sequence[Instrument],
    site: Site,
    by: Actor,
    at: datetime,
    handover_id: uuid.UUID,
    note: str = "",
    apart: bool = False,
) -> Handover:
    """Instruments come back from a school to `site` (a depot or workshop)."""
    rows, companions = _with_kits(instruments, apart=apart)
    rows += kits.on_the_same_shelf(companions, rows)

    def may_move() -> None:
        if site.sort == Site.SCHOOL:
            raise NotADepot(site=site.name)
        for row in rows:
            _is_ours(row, site.organisation_id)  # retired ones too: they come back to be taken apart
            if row.keeper.pk == site.pk:
                raise AlreadyThere(row, site=site.name)

    return _send(
        HandoverSort.TAKE_BACK,
        rows,
        site,
        may_move,
        instruments,
        apart,
        by=by,
        at=at,
        handover_id=handover_id,
        note=note,
    )


def _send(
    sort: HandoverSort,
    rows: list[Instrument],
    site: Site,
    may_move: Callable[[], None],
    chosen: Sequence[Instrument],
    apart: bool,
    *,
    by: Actor,
    at: datetime,
    handover_id: uuid.UUID,
    note: str,
) -> Handover:
    handover, is_new = write_handover(
        sort,
        organisation=site.organisation,
        instruments={row.uid for row in chosen},
        by=by,
        at=at,
        handover_id=handover_id,
        note=note,
        site=site.pk,
        **_when_apart(apart),
    )
    if not is_new:
        return handover
    must_be_open(site, at)
    may_move()
    for row in rows:
        if row.holding:
            raise AlreadyLent(row)
    _nothing_later(rows, at)
    take_from_stock(rows, to=site, handover=handover, at=at)
    with unless_taken(AlreadyThere(rows[0], site=site.name)):
        move([(row.keeping, site) for row in rows], handover)
    places.put(rows, {row.pk: Spot(Where.SITE, site.pk) for row in rows}, handover)
    return handover


# --- from hand to hand ------------------------------------------------------------------------------------
@action
def lend(
    *,
    instrument: Instrument,
    child: Child,
    by: Actor,
    at: datetime,
    handover_id: uuid.UUID,
    note: str = "",
    goes_home: bool | None = None,
    apart: bool = False,
) -> Handover:
    """A child has it in care from now on. `goes_home`: it stands at the child's home, or stays where it stands; None:
    as the home rule of the school says.

    It comes from the child's own school, or from a place that is no school (a depot or hall lends to children of a
    neighbourhood orchestra, who come from many schools). Never from another school: that school answers for it.
    """

    def may_hold(row: Instrument, day: date) -> None:
        _is_in_use(row, child.organisation_id)
        at_school = _school_site.first(child.pk, day)
        if at_school is None:
            raise ChildLeft
        if row.keeper.sort == Site.SCHOOL and row.keeper.pk != at_school:
            raise NotAtThisSite(row, site=row.keeper.name)

    def is_taken_home(row: Instrument, day: date) -> bool:
        return place_queries.goes_home(row.keeper, child, day)

    return _lend(
        instrument,
        may_hold,
        goes_home,
        is_taken_home,
        apart,
        by=by,
        at=at,
        handover_id=handover_id,
        note=note,
        child=child,
    )


@prepared
def _school_site(child: int, day: date) -> QuerySet[Enrolment, int]:
    return Enrolment.objects.on(day).filter(child=child).order_by("pk").values_list("school__site", flat=True)[:1]


@action
def lend_to_account(
    *,
    instrument: Instrument,
    account: Account,
    by: Actor,
    at: datetime,
    handover_id: uuid.UUID,
    note: str = "",
    goes_home: bool | None = None,
    apart: bool = False,
) -> Handover:
    """A member of staff has it in care from now on: a teacher who plays along, a conductor who tries it.

    It stays where it stands, unless `goes_home`.
    """

    def may_hold(row: Instrument, day: date) -> None:
        _is_in_use(row, row.organisation_id)
        if not Posting.objects.on(day).filter(account=account, organisation=row.organisation).exists():
            raise NotOnStaff(name=account.name)

    return _lend(
        instrument,
        may_hold,
        goes_home,
        lambda row, day: False,
        apart,
        by=by,
        at=at,
        handover_id=handover_id,
        note=note,
        account=account,
    )


def _lend(
    instrument: Instrument,
    may_hold: Callable[[Instrument, date], None],
    goes_home: bool | None,
    is_taken_home: Callable[[Instrument, date], bool],
    apart: bool,
    *,
    by: Actor,
    at: datetime,
    handover_id: uuid.UUID,
    note: str,
    **holder: Child | Account,
) -> Handover:
    """`holder`: child=… or account=…; `is_taken_home` is asked where the choice was left open."""
    (row,), companions = _with_kits([instrument], apart=apart)
    facts: dict[str, Any] = {name: who.uid for name, who in holder.items()} | _when_apart(apart)
    if goes_home is not None:
        facts["goes_home"] = goes_home
    handover, is_new = write_handover(
        HandoverSort.LEND,
        organisation=row.organisation,
        instruments=[row.uid],
        by=by,
        at=at,
        handover_id=handover_id,
        note=note,
        **facts,
    )
    if not is_new:
        return handover
    day = row.organisation.day_at(at)
    may_hold(row, day)
    if row.holding:
        raise AlreadyLent(row)
    rows = [row, *kits.on_the_same_shelf(companions, [row])]
    must_be_fit(rows, at)
    _nothing_later(rows, at)
    take_from_stock(rows, to=None, handover=handover, at=at)
    with unless_taken(AlreadyLent(row)):
        Custody.objects.bulk_create(
            Custody(instrument=one, level=Level.HOLDER.value, started_at=at, began_with=handover, **holder)
            for one in rows
        )
    if is_taken_home(row, day) if goes_home is None else goes_home:
        places.put(rows, {one.pk: Spot(Where.HOME) for one in rows}, handover)
    return handover


@action
def give_back(
    *,
    instruments: Sequence[Instrument],
    by: Actor,
    at: datetime,
    handover_id: uuid.UUID,
    note: str = "",
    apart: bool = False,
) -> Handover:
    """The holders give them back; they stand on the shelf of their keeper again."""
    rows, companions = _with_kits(instruments, apart=apart)
    handover, is_new = write_handover(
        HandoverSort.RETURN,
        organisation=rows[0].organisation,
        instruments=[row.uid for row in rows],
        by=by,
        at=at,
        handover_id=handover_id,
        note=note,
        **_when_apart(apart),
    )
    if not is_new:
        return handover
    for row in rows:
        _is_ours(row, rows[0].organisation_id)
        if not row.holding:
            raise NeverLent(row)
    rows += kits.in_the_same_hands(companions, rows)
    _nothing_later(rows, at)
    _end([row.holding for row in rows if row.holding], handover)
    places.back_on_site(rows, handover)
    return handover


# --- a mistake --------------------------------------------------------------------------------------------
@action
def reverse(*, handover: Handover, by: Actor, at: datetime, handover_id: uuid.UUID, note: str = "") -> Handover:
    """Undo a handover by another one that stands beside it: who had the instruments before, has them again from now.

    The mistaken period stays in the story, with both handovers at its ends.
    """
    if handover.sort == HandoverSort.INTAKE.value:
        raise IntakeStays
    if handover.sort == HandoverSort.KIT.value:
        raise KitStays
    if Repair.objects.filter(closed_with=handover).exists():
        raise TicketIsClosed
    if handover.sort in (HandoverSort.SEND.value, HandoverSort.RECEIVE.value):
        raise ReceiptStays
    rows = locked(Instrument.objects.of_handover(handover))
    reversal, is_new = write_handover(
        HandoverSort.REVERSAL,
        organisation=handover.organisation,
        instruments=[row.uid for row in rows],
        by=by,
        at=at,
        handover_id=handover_id,
        note=note,
        reverses=None if Handover.objects.filter(reverses=handover).exists() else handover,
        reverse=handover.pk,
    )
    if not is_new:
        return reversal
    if reversal.reverses_id is None:
        raise AlreadyReversed
    by_pk = {row.pk: row for row in rows}
    begun = list(Custody.objects.filter(began_with=handover).select_related("follows__site__organisation"))
    given_back = list(Custody.objects.holders().filter(ended_with=handover))
    for custody in begun:
        if custody.ended_at:
            raise CannotReverse(by_pk[custody.instrument_id])
    for custody in given_back:
        row = by_pk[custody.instrument_id]
        if row.holding or row.retired_on or custody.forgotten_at:
            raise CannotReverse(row)
    _same_keepers(given_back, by_pk)
    _nothing_later(rows, at)
    moved = [
        (custody, custody.follows.site)
        for custody in begun
        if custody.level == Level.KEEPER.value and custody.follows.site
    ]
    for custody, site in moved:
        holding = by_pk[custody.instrument_id].holding
        if holding and holding.began_with_id != handover.pk:
            raise AlreadyLent(by_pk[custody.instrument_id])
        must_be_open(site, at)
    move(moved, reversal)
    put_back(handover, at=at)
    _end([custody for custody in begun if custody.level == Level.HOLDER.value], reversal)
    Custody.objects.bulk_create(
        Custody(
            instrument_id=custody.instrument_id,
            level=Level.HOLDER.value,
            child_id=custody.child_id,
            account_id=custody.account_id,
            started_at=at,
            began_with=reversal,
        )
        for custody in given_back
    )
    _undo_place(rows, {custody.instrument_id: site for custody, site in moved}, handover, reversal)
    _undo_owner(rows, handover, reversal)
    return reversal


def _same_keepers(given_back: Sequence[Custody], by_pk: dict[int, Instrument]) -> None:
    """Who had it has it again only while the same place answers for it: no other school, no other city."""
    kept = Custody.objects.keepers().filter(instrument__in=[custody.instrument_id for custody in given_back])
    for custody in given_back:
        row = by_pk[custody.instrument_id]
        before = [
            one.site_id
            for one in kept
            if one.instrument_id == row.pk
            and one.started_at <= custody.started_at
            and (one.ended_at is None or (custody.ended_at and one.ended_at >= custody.ended_at))
        ]
        if row.keeper.pk not in before:
            raise CannotReverse(row)


def _undo_place(rows: list[Instrument], keepers: dict[int, Site], handover: Handover, reversal: Handover) -> None:
    """They stand where they stood, unless somebody moved them since; then with the keeper who has them again."""
    begun = Placement.objects.filter(began_with=handover)
    still = set(begun.open().values_list("instrument", flat=True))
    if handover.sort == HandoverSort.MOVE.value:
        for row in rows:
            if row.pk not in still:
                raise CannotReverse(row)
    spots = {pk: Spot(Where.SITE, site.pk) for pk, site in keepers.items()}
    before = Placement.objects.filter(ended_with=handover, instrument__in=still)
    places.put(rows, spots | {place.instrument_id: place.spot for place in before}, reversal)


def _undo_owner(rows: list[Instrument], handover: Handover, reversal: Handover) -> None:
    if handover.sort != HandoverSort.OWNER.value:
        return
    still = set(Ownership.objects.filter(began_with=handover).open().values_list("instrument", flat=True))
    for row in rows:
        if row.pk not in still:
            raise CannotReverse(row)
    before = Ownership.objects.filter(ended_with=handover)
    owners.own(rows, {row.instrument_id: owners.Owner(row.organisation_id, row.name) for row in before}, reversal)
