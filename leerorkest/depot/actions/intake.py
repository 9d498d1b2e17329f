"""How instruments enter the programme, one or a whole list, and how they leave it."""

import random
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from dataclasses import fields as dataclass_fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction

from leerorkest.music.models import InstrumentKind, Size
from leerorkest.network.models import Organisation, Site
from leerorkest.shared.actions import Actor, action, record

from .. import queries
from ..lists import InstrumentList, Line
from ..models import Custody, Handover, Instrument, InstrumentImport, Label, Loan
from ..queries import values
from ..rules import HandoverSort, Level, Spot, Where, new_tag
from . import owners, places
from .handovers import locked, must_be_here, must_be_open, write_handover
from .refusals import (
    AlreadyLent,
    AlreadyTakenIn,
    BorrowedFrom,
    NothingChosen,
    NothingNew,
    NumberTaken,
    Retired,
    SizeOfAnotherKind,
)


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


def new_tags(count: int) -> list[str]:
    chance = random.SystemRandom()
    tags: set[str] = set()
    while len(tags) < count:
        fresh = {new_tag(chance) for _ in range(count - len(tags))}
        fresh -= set(Label.objects.filter(tag__in=fresh).values_list("tag", flat=True))
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
    tags: Sequence[str] = (),
) -> Handover:
    """Instruments enter the programme; each gets a tag, and `site` answers for them.

    `tags`: those of labels that stick on them already, in the same order; else new ones are made.
    """
    if not instruments:
        raise NothingChosen
    must_be_open(site, at)
    organisation = site.organisation
    for new in instruments:
        if new.size and new.size.kind_id != new.kind.pk:
            raise SizeOfAnotherKind(size=new.size.label, kind=new.kind.name)
    facts: dict[str, Any] = {"tags": list(tags)} if tags else {}
    handover, is_new = write_handover(
        HandoverSort.INTAKE,
        organisation=organisation,
        instruments=[new.content for new in instruments],
        by=by,
        at=at,
        handover_id=handover_id,
        note=note,
        site=site.pk,
        **facts,
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
                purchase_value=new.purchase_value,
                currency=new.currency or organisation.currency,
                purchased_on=new.purchased_on,
                first_keeping_id=keeping,
            )
            for new, tag, keeping in zip(instruments, tags or new_tags(len(instruments)), keepings, strict=True)
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
        places.begin(rows, dict.fromkeys((row.pk for row in rows), Spot(Where.SITE, site.pk)), handover)
        owned = {row.pk: owners.read_owner(new.owner, organisation) for row, new in zip(rows, instruments, strict=True)}
        owners.begin(rows, owned, handover)

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


def _lost(row: Instrument, *, by: Actor, at: datetime) -> Handover:
    handover, _ = write_handover(
        HandoverSort.MOVE,
        organisation=row.organisation,
        instruments=[row.uid],
        by=by,
        at=at,
        handover_id=uuid.uuid4(),
        note="",
        where=Where.UNKNOWN.value,
    )
    return handover


@action
def retire(*, instrument: Instrument, because: str, by: Actor, at: datetime) -> Instrument:
    """It leaves use for good: broken beyond repair, lost, sold. Its story stays.

    This is the write-off: what it was worth on that day stands in the audit trail and follows from the rules of values.
    What is lost or stolen stands nowhere from now on. What is on loan goes home to be written off, unless it is gone.
    """
    (row,) = locked([instrument])
    if row.retired_on:
        raise Retired(row)
    if row.holding:
        raise AlreadyLent(row)
    must_be_here([row])
    is_gone = because in ("lost", "stolen")
    loan = Loan.objects.open().filter(instrument=row).select_related("lender").first()
    if loan and not is_gone:
        raise BorrowedFrom(row, organisation=loan.lender.name)
    row.retired_on = row.organisation.day_at(at)
    row.retired_because = because
    row.save(update_fields=["retired_on", "retired_because"])
    if is_gone:
        places.put([row], {row.pk: Spot(Where.UNKNOWN)}, _lost(row, by=by, at=at))
    worth = values.value_of(row, values.rules_of(row.organisation), row.retired_on)
    record(
        "depot.retire",
        subject=row,
        organisation=row.organisation.key,
        detail={"because": because, "value": "" if worth is None else str(worth), "currency": row.currency},
    )
    return row
