"""Every way in which an instrument changes hands. Each is one handover: who, when, which instruments, between whom.

The id of a handover is made by the client (a form, a phone without signal, the demo). The same id with the same content
comes back as the handover that was made the first time; with another content it is refused.

Instruments are locked in the order of their id before anything is read, so that of two clerks the second sees what the
first did. Were that ever forgotten, the constraints of `models.py` refuse, and the refusal gets its name here too.
"""

import random
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from dataclasses import fields as dataclass_fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Case, Q, Value, When
from django.utils.translation import gettext_lazy as _

from leerorkest.music.models import InstrumentKind, Size
from leerorkest.network.models import Organisation, Site
from leerorkest.people.models import Account, Child, Posting
from leerorkest.schools.models import Enrolment
from leerorkest.shared.actions import Actor, Refused, action, record, unless_taken

from . import queries
from .lists import InstrumentList, Line
from .models import Custody, Handover, Instrument, InstrumentImport
from .rules import HandoverSort, Level, content_hash, new_tag


# --- refusals ---------------------------------------------------------------------------------------------
class HandoverRefused(Refused):
    """`instrument` names the first instrument it is about, for a page that wants to point at it."""

    def __init__(self, instrument: Instrument | None = None, **facts: Any) -> None:
        self.instrument = instrument
        super().__init__(**({"instrument": instrument.name} if instrument else {}), **facts)


class NothingChosen(HandoverRefused):
    sentence = _("No instrument was chosen. Tick or scan at least one.")


class UnknownTag(HandoverRefused):
    sentence = _("%(tag)s is not a label of ours. Read the label again and type what stands under the code.")


class AlreadyLent(HandoverRefused):
    sentence = _("%(instrument)s is already lent. Take it back first.")


class NeverLent(HandoverRefused):
    sentence = _("%(instrument)s is not lent to anybody. There is nothing to give back.")


class NotAtThisSite(HandoverRefused):
    sentence = _("%(instrument)s is kept by %(site)s. Take it back to the depot first.")


class AlreadyThere(HandoverRefused):
    sentence = _("%(instrument)s is already kept by %(site)s. Leave it out.")


class Retired(HandoverRefused):
    sentence = _("%(instrument)s is retired. Choose another one.")


class ChildLeft(HandoverRefused):
    sentence = _("This child is not at a school of ours on that day. Look at the school’s list first.")


class NotOnStaff(HandoverRefused):
    sentence = _("%(name)s has no posting here on that day. Ask the office for a posting first.")


class SiteClosed(HandoverRefused):
    sentence = _("%(site)s is closed. Choose another place.")


class NotADepot(HandoverRefused):
    sentence = _("%(site)s is a school. Instruments go back to a depot or a workshop.")


class TooEarly(HandoverRefused):
    sentence = _("%(instrument)s changed hands after that moment. Choose a later time.")


class NumberTaken(HandoverRefused):
    sentence = _("There is already a %(kind)s with number %(number)s. Give it another number.")


class SizeOfAnotherKind(HandoverRefused):
    sentence = _("%(size)s is not a size of %(kind)s. Choose one of its own sizes.")


class OtherContent(HandoverRefused):
    sentence = _("This handover was already sent with other instruments. Open the page again and start anew.")


class CannotReverse(HandoverRefused):
    sentence = _("%(instrument)s changed hands again after this. Undo the later handover first.")


class AlreadyReversed(HandoverRefused):
    sentence = _("This handover was already undone. Nothing changed.")


class AlreadyTakenIn(HandoverRefused):
    sentence = _("This list was already taken in. Nothing changed.")


class NothingNew(HandoverRefused):
    sentence = _("Every instrument of this list is already here, or was refused. Nothing changed.")


class IntakeStays(HandoverRefused):
    sentence = _("An intake cannot be undone. Retire the instruments that are not there.")


# --- what all handovers share -----------------------------------------------------------------------------
def _locked(instruments: Iterable[Instrument]) -> list[Instrument]:
    """The instruments as they are now, in the order of their id, held until the transaction ends."""
    wanted = {instrument.pk for instrument in instruments}
    list(Instrument.objects.select_for_update(no_key=True).filter(pk__in=wanted).order_by("pk").values_list("pk"))
    found = list(Instrument.objects.filter(pk__in=wanted).order_by("pk").with_parties())
    if not found:
        raise NothingChosen
    return found


def _is_open(site: Site, at: datetime) -> None:
    if site.closed_on and site.closed_on <= site.organisation.day_at(at):
        raise SiteClosed(site=site.name)


def _is_ours(instrument: Instrument, organisation_id: int) -> None:
    if instrument.organisation_id != organisation_id:
        raise UnknownTag(tag=instrument.tag)  # what is of another organisation does not exist here


def _is_in_use(instrument: Instrument, organisation_id: int) -> None:
    _is_ours(instrument, organisation_id)
    if instrument.retired_on:
        raise Retired(instrument)


def _nothing_later(rows: Sequence[Instrument], at: datetime) -> None:
    """A handover never slips in before what already happened to the same instruments."""
    later = Custody.objects.filter(Q(started_at__gt=at) | Q(ended_at__gt=at), instrument__in=rows)
    pk = later.values_list("instrument", flat=True).first()
    if pk:
        raise TooEarly(next(row for row in rows if row.pk == pk))


def _handover(
    sort: HandoverSort,
    *,
    organisation: Organisation,
    instruments: Sequence[object],
    by: Actor,
    at: datetime,
    handover_id: uuid.UUID,
    note: str,
    reverses: Handover | None = None,
    **facts: object,
) -> tuple[Handover, bool]:
    """The handover, and whether it is new. A repeat is recorded as such and changes nothing."""
    content = content_hash(sort, by.audit_key, instruments, note=note, **facts)
    known = Handover.objects.filter(pk=handover_id).first()
    if known is None:
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
        except IntegrityError:  # the same id, sent twice in the same instant
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


def _move(keepings: Sequence[tuple[Custody, Site]], handover: Handover) -> None:
    """Close each keeper's row and open the next: two statements for each 500 instruments."""
    for start in range(0, len(keepings), 500):
        _move_some(keepings[start : start + 500], handover)


def _move_some(keepings: Sequence[tuple[Custody, Site]], handover: Handover) -> None:
    next_ids = {keeping.pk: uuid.uuid4() for keeping, _ in keepings}
    Custody.objects.filter(pk__in=next_ids).update(
        ended_at=handover.at,
        ended_with=handover,
        followed_by=Case(*[When(pk=pk, then=Value(next_id)) for pk, next_id in next_ids.items()]),
    )
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


# --- in and out of the programme --------------------------------------------------------------------------
@dataclass(frozen=True)
class NewInstrument:
    """What is known of an instrument when it comes in."""

    kind: InstrumentKind
    size: Size | None = None
    number: str = ""
    brand: str = ""
    model: str = ""
    serial_number: str = ""
    owner: str = ""
    purchase_value: Decimal | None = None
    currency: str = ""
    purchased_on: date | None = None

    @property
    def content(self) -> list[str]:
        """The same in every language and on every machine."""
        size = self.size.code if self.size else ""
        rest = (self.number, self.brand, self.model, self.serial_number, self.owner, self.purchase_value, self.currency)
        return [self.kind.pk, size, *map(str, rest), str(self.purchased_on)]


def _new_tags(count: int) -> list[str]:
    chance = random.SystemRandom()
    tags: set[str] = set()
    while len(tags) < count:
        fresh = {new_tag(chance) for _ in range(count - len(tags))}
        tags |= fresh - set(Instrument.objects.filter(tag__in=fresh).values_list("tag", flat=True))
    return list(tags)


@action
def take_in(
    *,
    site: Site,
    instruments: Sequence[NewInstrument],
    by: Actor,
    at: datetime,
    handover_id: uuid.UUID,
    note: str = "",
) -> Handover:
    """Instruments enter the programme; each gets a tag, and `site` answers for them."""
    if not instruments:
        raise NothingChosen
    _is_open(site, at)
    organisation = site.organisation
    for new in instruments:
        if new.size and new.size.kind_id != new.kind.pk:
            raise SizeOfAnotherKind(size=new.size.label, kind=new.kind.name)
    handover, is_new = _handover(
        HandoverSort.INTAKE,
        organisation=organisation,
        instruments=[new.content for new in instruments],
        by=by,
        at=at,
        handover_id=handover_id,
        note=note,
        site=site.pk,
    )
    if not is_new:
        return handover
    _numbers_are_free(organisation, instruments)
    keepings = [uuid.uuid4() for _ in instruments]

    def write() -> None:
        rows = Instrument.objects.bulk_create(
            Instrument(
                organisation=organisation,
                tag=tag,
                number=new.number,
                kind=new.kind,
                size=new.size,
                brand=new.brand,
                model=new.model,
                serial_number=new.serial_number,
                owner=new.owner or organisation.name,
                purchase_value=new.purchase_value,
                currency=new.currency or organisation.currency,
                purchased_on=new.purchased_on,
                first_keeping_id=keeping,
            )
            for new, tag, keeping in zip(instruments, _new_tags(len(instruments)), keepings, strict=True)
        )
        Custody.objects.bulk_create(
            Custody(
                id=keeping,
                instrument=row,
                level=Level.KEEPER.value,
                site=site,
                started_at=at,
                began_with=handover,
            )
            for row, keeping in zip(rows, keepings, strict=True)
        )

    try:
        with transaction.atomic():
            write()
    except IntegrityError:
        _numbers_are_free(organisation, instruments)  # somebody took one in the meantime
        raise
    return handover


def _numbers_are_free(organisation: Organisation, instruments: Sequence[NewInstrument]) -> None:
    numbers = [(new.kind, new.number) for new in instruments if new.number]
    in_use = Instrument.objects.filter(organisation=organisation, number__in={number for _, number in numbers})
    taken = set(in_use.values_list("kind", "number"))
    for kind, number in numbers:
        if (kind.pk, number) in taken:
            raise NumberTaken(kind=kind.name, number=number)
        taken.add((kind.pk, number))


@action
def preview_list(*, site: Site, content: InstrumentList, by: Actor, at: datetime) -> InstrumentImport:
    """Keep what a list says, so that a person can look before anything is taken in."""
    made = InstrumentImport.objects.create(
        site=site,
        by_key=by.audit_key,
        previewed_at=at,
        lines=[asdict(line) for line in content.lines],
        refused=[asdict(refusal) for refusal in content.refused],
        dropped=content.dropped,
    )
    record(
        "depot.preview_list",
        subject=f"list:{made.pk}",
        organisation=site.organisation.key,
        detail={"lines": len(content.lines), "refused": len(content.refused)},
    )
    return made


@action
def take_in_list(*, preview: InstrumentImport, by: Actor, at: datetime) -> Handover:
    """Take in what is new on a list, as it stands now: what came in since the preview is left out."""
    preview = InstrumentImport.objects.select_for_update().get(pk=preview.pk)
    if preview.applied_at:
        raise AlreadyTakenIn
    site = Site.objects.select_related("organisation").get(pk=preview.site_id)
    Organisation.objects.select_for_update(no_key=True).get(pk=site.organisation_id)  # one list at a time
    plan = queries.plan_of([Line(**line) for line in preview.lines], site.organisation)
    if not plan.new:
        raise NothingNew
    fields = [field.name for field in dataclass_fields(NewInstrument)]
    new = [NewInstrument(**{name: getattr(row, name) for name in fields}) for row in plan.new]
    handover = take_in(site=site, instruments=new, handover_id=preview.pk, by=by, at=at)
    preview.applied_at, preview.lines, preview.refused = at, [], []
    preview.save(update_fields=["applied_at", "lines", "refused"])
    return handover


@action
def retire(*, instrument: Instrument, because: str, by: Actor, at: datetime) -> Instrument:
    """It leaves use for good: broken beyond repair, lost, sold. Its story stays."""
    (row,) = _locked([instrument])
    if row.retired_on:
        raise Retired(row)
    if row.holding:
        raise AlreadyLent(row)
    row.retired_on = row.organisation.day_at(at)
    row.retired_because = because
    row.save(update_fields=["retired_on", "retired_because"])
    record("depot.retire", subject=row, organisation=row.organisation.key, detail={"because": because})
    return row


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
) -> Handover:
    """Instruments go from a depot to `site` (a school), which answers for them from now on."""
    rows = _locked(instruments)

    def may_move() -> None:
        for row in rows:
            _is_in_use(row, site.organisation_id)
            if row.keeper.pk == site.pk:
                raise AlreadyThere(row, site=site.name)
            if row.keeper.sort == Site.SCHOOL:
                raise NotAtThisSite(row, site=row.keeper.name)

    return _send(HandoverSort.ISSUE, rows, site, may_move, by=by, at=at, handover_id=handover_id, note=note)


@action
def take_back(
    *,
    instruments: Sequence[Instrument],
    site: Site,
    by: Actor,
    at: datetime,
    handover_id: uuid.UUID,
    note: str = "",
) -> Handover:
    """Instruments come back from a school to `site` (a depot or workshop)."""
    rows = _locked(instruments)

    def may_move() -> None:
        if site.sort == Site.SCHOOL:
            raise NotADepot(site=site.name)
        for row in rows:
            _is_ours(row, site.organisation_id)  # retired ones too: they come back to be taken apart
            if row.keeper.pk == site.pk:
                raise AlreadyThere(row, site=site.name)

    return _send(HandoverSort.TAKE_BACK, rows, site, may_move, by=by, at=at, handover_id=handover_id, note=note)


def _send(
    sort: HandoverSort,
    rows: list[Instrument],
    site: Site,
    may_move: Callable[[], None],
    *,
    by: Actor,
    at: datetime,
    handover_id: uuid.UUID,
    note: str,
) -> Handover:
    handover, is_new = _handover(
        sort,
        organisation=site.organisation,
        instruments=[row.uid for row in rows],
        by=by,
        at=at,
        handover_id=handover_id,
        note=note,
        site=site.pk,
    )
    if not is_new:
        return handover
    _is_open(site, at)
    may_move()
    for row in rows:
        if row.holding:
            raise AlreadyLent(row)
    _nothing_later(rows, at)
    with unless_taken(AlreadyThere(rows[0], site=site.name)):
        _move([(row.keeping, site) for row in rows], handover)
    return handover


# --- from hand to hand ------------------------------------------------------------------------------------
@action
def lend(
    *, instrument: Instrument, child: Child, by: Actor, at: datetime, handover_id: uuid.UUID, note: str = ""
) -> Handover:
    """A child has it in care from now on.

    It comes from the child's own school, or from a place that is no school (a depot or hall lends to children of a
    neighbourhood orchestra, who come from many schools). Never from another school: that school answers for it.
    """

    def may_hold(row: Instrument, day: date) -> None:
        _is_in_use(row, child.organisation_id)
        at_school = Enrolment.objects.on(day).filter(child=child).values_list("school__site", flat=True).first()
        if at_school is None:
            raise ChildLeft
        if row.keeper.sort == Site.SCHOOL and row.keeper.pk != at_school:
            raise NotAtThisSite(row, site=row.keeper.name)

    return _lend(instrument, may_hold, by=by, at=at, handover_id=handover_id, note=note, child=child)


@action
def lend_to_account(
    *, instrument: Instrument, account: Account, by: Actor, at: datetime, handover_id: uuid.UUID, note: str = ""
) -> Handover:
    """A member of staff has it in care from now on: a teacher who plays along, a conductor who tries it."""

    def may_hold(row: Instrument, day: date) -> None:
        _is_in_use(row, row.organisation_id)
        if not Posting.objects.on(day).filter(account=account, organisation=row.organisation).exists():
            raise NotOnStaff(name=account.name)

    return _lend(instrument, may_hold, by=by, at=at, handover_id=handover_id, note=note, account=account)


def _lend(
    instrument: Instrument,
    may_hold: Callable[[Instrument, date], None],
    *,
    by: Actor,
    at: datetime,
    handover_id: uuid.UUID,
    note: str,
    **holder: Child | Account,
) -> Handover:
    """`holder`: child=… or account=…"""
    (row,) = _locked([instrument])
    facts: dict[str, Any] = {name: who.uid for name, who in holder.items()}
    handover, is_new = _handover(
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
    may_hold(row, row.organisation.day_at(at))
    if row.holding:
        raise AlreadyLent(row)
    _nothing_later([row], at)
    with unless_taken(AlreadyLent(row)):
        Custody.objects.create(instrument=row, level=Level.HOLDER.value, started_at=at, began_with=handover, **holder)
    return handover


@action
def give_back(
    *,
    instruments: Sequence[Instrument],
    by: Actor,
    at: datetime,
    handover_id: uuid.UUID,
    note: str = "",
) -> Handover:
    """The holders give them back; they stand on the shelf of their keeper again."""
    rows = _locked(instruments)
    handover, is_new = _handover(
        HandoverSort.RETURN,
        organisation=rows[0].organisation,
        instruments=[row.uid for row in rows],
        by=by,
        at=at,
        handover_id=handover_id,
        note=note,
    )
    if not is_new:
        return handover
    for row in rows:
        _is_ours(row, rows[0].organisation_id)
        if not row.holding:
            raise NeverLent(row)
    _nothing_later(rows, at)
    _end([row.holding for row in rows if row.holding], handover)
    return handover


# --- a mistake --------------------------------------------------------------------------------------------
@action
def reverse(*, handover: Handover, by: Actor, at: datetime, handover_id: uuid.UUID, note: str = "") -> Handover:
    """Undo a handover by another one that stands beside it: who had the instruments before, has them again from now.

    The mistaken period stays in the story, with both handovers at its ends.
    """
    if handover.sort == HandoverSort.INTAKE.value:
        raise IntakeStays
    rows = _locked(Instrument.objects.of_handover(handover))
    reversal, is_new = _handover(
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
    _nothing_later(rows, at)
    moved = [
        (custody, custody.follows.site)
        for custody in begun
        if custody.level == Level.KEEPER.value and custody.follows.site
    ]
    for custody, site in moved:
        if by_pk[custody.instrument_id].holding:
            raise AlreadyLent(by_pk[custody.instrument_id])
        _is_open(site, at)
    _move(moved, reversal)
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
    return reversal
