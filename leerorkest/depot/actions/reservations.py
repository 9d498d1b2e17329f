"""Promising instruments by kind, size and number; picking them by scanning; handing them over."""

import hashlib
import json
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from leerorkest.music.models import InstrumentKind, Size
from leerorkest.network.models import Organisation, Site
from leerorkest.people.models import Account
from leerorkest.shared.actions import Actor, Refused, action, record

from ..models import Handover, Instrument, Pick, Reservation, ReservationLine
from ..models.custody import STOCK_PLACES
from ..queries.reservations import Pool, in_pools, reserved_for, stock_of
from ..rules import Clash, Taking, clash_of
from .capacity import ReservedForAnother, name_of, written
from .fitness import must_be_fit
from .handovers import issue_class_set, locked, must_be_here, must_be_open
from .refusals import AlreadyLent, HandoverRefused, NotAtThisSite, OtherContent, Retired, SizeOfAnotherKind


class NothingWanted(Refused):
    sentence = _("Nothing was asked for. Choose a kind and a number first.")


class InThePast(Refused):
    sentence = _("%(day)s is over. Choose today or a later day.")


class EndsBeforeStart(Refused):
    sentence = _("The last day lies before the first. Choose a later last day.")


class NeedsASize(Refused):
    sentence = _("A %(kind)s comes in sizes. Choose one of them.")


class AskedTwice(Refused):
    sentence = _("%(pool)s stands there twice. Put it on one line.")


class NotEnough(Refused):
    """`clash` says on which day and what is possible; `line` which of the lines it is about."""

    def __init__(self, clash: Clash, line: int, pool: str) -> None:
        self.clash, self.line, self.pool = clash, line, pool
        super().__init__(clash_in_words(clash, pool))


class AlreadyCancelled(Refused):
    sentence = _("This reservation was closed already. Nothing changed.")


class DoesNotFit(HandoverRefused):
    sentence = _("%(instrument)s does not fit. Still to pick: %(wanted)s.")


class NothingPicked(Refused):
    sentence = _("Nothing was picked yet. Scan the instruments first.")


class AlreadyPicked(HandoverRefused):
    sentence = _("%(instrument)s was picked already. Scan the next one.")


def clash_in_words(clash: Clash, pool: str) -> str:
    """ "9 of 12 violin ½ are free on 1 September; 3 come back on 4 September." """
    facts: dict[str, Any] = {"free": clash.free, "wanted": clash.wanted, "pool": pool, "day": written(clash.on)}
    words: Any
    if clash.free:
        words = ngettext(
            "%(free)s of %(wanted)s × %(pool)s is free on %(day)s",
            "%(free)s of %(wanted)s × %(pool)s are free on %(day)s",
            clash.free,
        )
    else:
        words = _("None of %(wanted)s × %(pool)s is free on %(day)s")
    if not clash.back_on:
        return str(words % facts) + "."
    back = ngettext("%(back)s comes back on %(day)s.", "%(back)s come back on %(day)s.", clash.back)
    return f"{words % facts}; {back % {'back': clash.back, 'day': written(clash.back_on)}}"


@dataclass(frozen=True)
class Wanted:
    """So many of one kind and size, and what goes along with each ("bow and case")."""

    kind: InstrumentKind
    size: Size | None
    number: int
    along: str = ""

    @property
    def pool(self) -> Pool:
        return self.kind.pk, self.size.pk if self.size else None

    @property
    def name(self) -> str:
        return name_of(self.kind, self.size)


@action
def reserve(
    *,
    organisation: Organisation,
    site: Site,
    wanted: Sequence[Wanted],
    from_on: date,
    until_on: date | None = None,
    by: Actor,
    at: datetime,
    reservation_id: uuid.UUID,
    note: str = "",
) -> Reservation:
    """Promise instruments out of the stock of `organisation` to `site`, from a day and until the day they come back
    (None: they stay). Refused (`NotEnough`) when on some day more would be promised than there is.

    The same id with the same content comes back as the same reservation.
    """
    content = _content(organisation, site, wanted, from_on, until_on, note, by)
    list(_lock_pools(organisation, [one.pool for one in wanted]))
    known = Reservation.objects.filter(pk=reservation_id).first()
    if known:
        return _known(known, content)
    is_sound(organisation, site, wanted, from_on, until_on, at)
    stock = stock_of(organisation.pk, [one.pool for one in wanted], organisation.day_at(at))
    for number, one in enumerate(wanted):
        clash = clash_of(stock[one.pool], Taking(one.number, from_on, until_on))
        if clash:
            raise NotEnough(clash, number, one.name)
    return _write(organisation, site, wanted, from_on, until_on, by, at, reservation_id, note, content)


@action
def reserve_instrument(
    *,
    instrument: Instrument,
    site: Site,
    from_on: date,
    until_on: date | None = None,
    by: Actor,
    at: datetime,
    reservation_id: uuid.UUID,
    note: str = "",
) -> Reservation:
    """This very instrument is for `site`: chosen at its return, or because a teacher knows it.

    It must stand on the shelf of a depot. Repeating it with the same id changes nothing.
    """
    organisation = instrument.organisation
    wanted = [Wanted(instrument.kind, instrument.size, 1)]
    content = _content(organisation, site, wanted, from_on, until_on, note, by, str(instrument.uid))
    list(_lock_pools(organisation, [wanted[0].pool]))
    known = Reservation.objects.filter(pk=reservation_id).first()
    if known:
        return _known(known, content)
    (row,) = locked([instrument])
    is_sound(organisation, site, wanted, from_on, until_on, at)
    _can_be_picked(row, at)
    stock = stock_of(organisation.pk, [wanted[0].pool], organisation.day_at(at))[wanted[0].pool]
    clash = clash_of(stock, Taking(1, from_on, until_on))
    if clash:
        raise NotEnough(clash, 0, wanted[0].name)
    made = _write(organisation, site, wanted, from_on, until_on, by, at, reservation_id, note, content)
    Pick.objects.create(line=made.lines.get(), instrument=row, made_at=at, by_key=by.audit_key)
    return made


def _content(
    organisation: Organisation,
    site: Site,
    wanted: Sequence[Wanted],
    from_on: date,
    until_on: date | None,
    note: str,
    by: Actor,
    instrument: str = "",
) -> str:
    lines = sorted([one.pool[0], str(one.pool[1]), one.number, one.along] for one in wanted)
    facts = [organisation.pk, site.pk, lines, str(from_on), str(until_on), note, by.audit_key, instrument]
    return hashlib.sha256(json.dumps(facts, ensure_ascii=False).encode()).hexdigest()


def _known(known: Reservation, content: str) -> Reservation:
    if known.content_hash != content:
        raise OtherContent
    record("depot.sent_again", subject=f"reservation:{known.pk}", organisation=known.organisation.key)
    return known


def _lock_pools(organisation: Organisation, pools: Iterable[Pool]) -> Iterable[tuple[int]]:
    """Nobody takes one of these away, and nobody else promises them, until this transaction ends."""
    rows = Instrument.objects.filter(in_pools(set(pools)), organisation=organisation, retired_on=None)
    return rows.select_for_update(no_key=True).order_by("pk").values_list("pk")


def is_sound(
    organisation: Organisation,
    site: Site,
    wanted: Sequence[Wanted],
    from_on: date,
    until_on: date | None,
    at: datetime,
) -> None:
    if not wanted:
        raise NothingWanted
    if from_on < organisation.day_at(at):
        raise InThePast(day=written(from_on))
    if until_on and until_on <= from_on:
        raise EndsBeforeStart
    must_be_open(site, at)
    seen: set[Pool] = set()
    for one in wanted:
        if one.number < 1:
            raise NothingWanted
        if one.size is None and one.kind.sizes.exists():
            raise NeedsASize(kind=one.kind.name)
        if one.size and one.size.kind_id != one.kind.pk:
            raise SizeOfAnotherKind(size=one.size.label, kind=one.kind.name)
        if one.pool in seen:
            raise AskedTwice(pool=one.name)
        seen.add(one.pool)


def _write(
    organisation: Organisation,
    site: Site,
    wanted: Sequence[Wanted],
    from_on: date,
    until_on: date | None,
    by: Actor,
    at: datetime,
    reservation_id: uuid.UUID,
    note: str,
    content: str,
) -> Reservation:
    try:
        with transaction.atomic():
            made = Reservation.objects.create(
                id=reservation_id,
                organisation=organisation,
                site=site,
                from_on=from_on,
                until_on=until_on,
                note=note,
                made_at=at,
                by=by if isinstance(by, Account) else getattr(by, "account", None),
                by_key=by.audit_key,
                content_hash=content,
            )
    except IntegrityError:  # the same id, sent twice in the same instant for kinds of which there are none
        return _known(Reservation.objects.get(pk=reservation_id), content)
    ReservationLine.objects.bulk_create(
        ReservationLine(reservation=made, kind=one.kind, size=one.size, number=one.number, along=one.along)
        for one in wanted
    )
    record(
        "depot.reserve",
        subject=f"reservation:{made.pk}",
        organisation=organisation.key,
        detail={"site": site.pk, "number": sum(one.number for one in wanted), "from": str(from_on)},
    )
    return made


@action
def cancel(*, reservation: Reservation, by: Actor, at: datetime) -> Reservation:
    """What has not left is not needed any more: it is free for others. What left stays where it is."""
    row = Reservation.objects.select_for_update(of=("self",)).get(pk=reservation.pk)
    lines = list(row.lines.open().select_for_update().order_by("pk"))
    if row.cancelled_at or not lines:
        raise AlreadyCancelled
    row.cancelled_at = at
    row.save(update_fields=["cancelled_at"])
    Pick.objects.waiting().filter(line__in=lines).update(released_at=at)
    ReservationLine.objects.filter(pk__in=[line.pk for line in lines]).update(closed_at=at)
    record("depot.cancel_reservation", subject=f"reservation:{row.pk}", organisation=row.organisation.key)
    return row


# --- picking ----------------------------------------------------------------------------------------------
def _can_be_picked(row: Instrument, at: datetime) -> None:
    if row.retired_on:
        raise Retired(row)
    if row.holding:
        raise AlreadyLent(row)
    if row.keeper.sort not in STOCK_PLACES:
        raise NotAtThisSite(row, site=row.keeper.name)
    must_be_here([row])
    must_be_fit([row], at)
    other = reserved_for(row)
    if other:
        raise ReservedForAnother(row, site=other.site.name, day=written(other.from_on))


@action
def pick(*, reservation: Reservation, instrument: Instrument, by: Actor, at: datetime, pick_id: uuid.UUID) -> Pick:
    """A scanned instrument assigns itself to the first line that it fits. It stays on the shelf until the handover,
    and nobody else can take it."""
    (row,) = locked([instrument])
    lines = list(reservation.lines.open().select_for_update(of=("self",)).order_by("pk"))
    known = Pick.objects.filter(pk=pick_id).first()
    if known:
        if known.instrument_id != row.pk or known.line.reservation_id != reservation.pk:
            raise OtherContent
        record("depot.sent_again", subject=f"pick:{known.pk}", organisation=reservation.organisation.key)
        return known
    if not lines:
        raise AlreadyCancelled
    if Pick.objects.waiting().filter(instrument=row, line__reservation=reservation).exists():
        raise AlreadyPicked(row)
    open_now = reservation.lines.open().counted().select_related("kind", "size")
    line = next(
        (line for line in open_now if line.to_pick and (line.kind_id, line.size_id) == (row.kind_id, row.size_id)),
        None,
    )
    if line is None or row.organisation_id != reservation.organisation_id:
        wanted = [f"{line.to_pick} × {name_of(line.kind, line.size)}" for line in open_now if line.to_pick]
        raise DoesNotFit(row, wanted=", ".join(wanted) or "0")
    _can_be_picked(row, at)
    made = Pick.objects.create(id=pick_id, line=line, instrument=row, made_at=at, by_key=by.audit_key)
    record("depot.pick", subject=row, organisation=row.organisation.key, detail={"reservation": str(reservation.pk)})
    return made


@action
def release(*, pick: Pick, by: Actor, at: datetime) -> None:
    """It goes back on the shelf: another one may be picked instead."""
    (row,) = locked([pick.instrument])
    released = Pick.objects.waiting().filter(pk=pick.pk).update(released_at=at)
    record(
        "depot.release", subject=row, organisation=row.organisation.key, detail={"pick": str(pick.pk), "rows": released}
    )


@action
def hand_over(*, reservation: Reservation, by: Actor, at: datetime, handover_id: uuid.UUID, note: str = "") -> Handover:
    """Everything that was picked goes to the place it is reserved for, in one handover."""
    again = Handover.objects.filter(pk=handover_id).exists()
    picks = Pick.objects.filter(line__reservation=reservation, released_at=None)
    chosen = picks.filter(left_with=handover_id) if again else picks.waiting()
    rows = [pick.instrument for pick in chosen.select_related("instrument")]
    if not rows:
        raise NothingPicked
    return issue_class_set(instruments=rows, site=reservation.site, by=by, at=at, handover_id=handover_id, note=note)


def offers_of(refusal: NotEnough) -> list[tuple[int, date | None]]:
    """What can be had instead: (number, from another day) or (fewer, None), the best first."""
    clash = refusal.clash
    found: list[tuple[int, date | None]] = [(clash.wanted, clash.later)] if clash.later else []
    return [*found, *([(clash.fewer, None)] if clash.fewer else [])]
