"""Counting a place: opened with what should be there, scanned by many phones, finished when every phone is empty.

A scan has an id that its phone made; the same scan may come twice. One that comes after the end is kept aside, shown,
and counts nowhere: nothing that somebody scanned is lost, and nothing that was finished changes.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from leerorkest.music.models import InstrumentKind
from leerorkest.network.models import Site
from leerorkest.people.access import Actor
from leerorkest.people.models import Account
from leerorkest.shared.actions import Refused, action, record, write_transaction

from .. import access
from ..models import ExpectedInstrument, Handover, Instrument, Placement, Stocktake, StocktakePhone, StocktakeScan
from ..queries import stocktakes as queries
from ..queries.tags import ReadTag, read_texts
from ..rules import REPEATABLE, NotAScan, ScanOutcome, SentScan, TagFound, Where, act_hash, read_scan, read_shelf
from . import places
from .handovers import must_be_open

MOST_SCANS = 100  # in one batch


class AlreadyOpen(Refused):
    sentence = _("%(site)s is being counted already. Join that stocktake, or finish it first.")


class NothingToCount(Refused):
    sentence = _("%(site)s keeps no instrument of this choice. Choose another place or kind.")


class AlreadyFinished(Refused):
    sentence = _("%(name)s finished this stocktake already. Nothing changed.")


class PhonesNotSynced(Refused):
    """`phones` are those to wait for."""

    sentence = _("Not every scan has arrived: %(phones)s. Open the page on that phone, or write the phone off.")

    def __init__(self, phones: Sequence[StocktakePhone]) -> None:
        self.phones = phones
        super().__init__(phones=", ".join(sorted({phone.by.name for phone in phones})))


class TooManyScans(Refused):
    sentence = _("These are too many scans at once. Send at most %(most)s.")


class NotFinished(Refused):
    sentence = _("People still count here. Finish the stocktake first: then you see what stays missing.")


class NoReason(Refused):
    sentence = _("Say why this phone will not come back, for example: it fell and is broken.")


# --- opening ----------------------------------------------------------------------------------------------
@action
def open_stocktake(
    *,
    site: Site,
    kind: InstrumentKind | None = None,
    shelf: str = "",
    by: Actor,
    at: datetime,
    stocktake_id: uuid.UUID,
) -> Stocktake:
    """Freeze what `site` should have: of one kind or all, on the shelves that begin with `shelf` or all of them.

    That is what stands there, and what the place keeps while it is rightly elsewhere.
    """
    shelf = read_shelf(shelf)
    known = Stocktake.objects.filter(pk=stocktake_id, site=site, kind=kind, shelf=shelf).first()
    if known:
        record("depot.sent_again", subject=f"stocktake:{known.pk}", organisation=site.organisation.key)
        return known
    must_be_open(site, at)
    try:
        with transaction.atomic():
            made = Stocktake.objects.create(
                id=stocktake_id,
                organisation=site.organisation,
                site=site,
                kind=kind,
                shelf=shelf,
                opened_by=getattr(by, "account", None),
            )
    except IntegrityError as error:
        raise AlreadyOpen(site=site.name) from error
    lines = ExpectedInstrument.objects.bulk_create(
        [
            ExpectedInstrument(
                stocktake=made,
                instrument_id=row.instrument,
                why_out=row.why_out.value if row.why_out else "",
                shelf=row.shelf,
            )
            for row in queries.to_expect(site, kind, shelf)
        ],
        batch_size=1000,
    )
    if not lines:
        raise NothingToCount(site=site.name)
    made.opened_at = at
    made.save(update_fields=["opened_at"])
    record(
        "depot.open_stocktake",
        subject=f"stocktake:{made.pk}",
        organisation=site.organisation.key,
        detail={"expected": len(lines), "out": sum(bool(line.why_out) for line in lines)},
    )
    return made


# --- scanning ---------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Receipt:
    """What became of one scan that was sent.

    `stored`: it counts. `refused`: it can never be taken as it is, and stays on the phone.
    """

    id: str
    hash: str
    stored: bool
    sentence: str
    outcome: str = ""
    refused: bool = False


_NOT_READ = _("This is not a scan that we can read. Write the code on the label down.")
_NOT_YOURS = _("You do not count at this place any more. Give the code on the label to your coordinator.")
_OTHER_CONTENT = _("This scan was sent before with another label. Scan it again.")
_LATE = _("The stocktake was finished before this scan arrived. It is kept aside, and shown with the results.")


@action
def receive_scans(*, batch: Sequence[object], by: Actor, at: datetime) -> list[Receipt]:
    """Keep every scan of the batch, each by itself: one bad scan never touches the rest. Receipts in the same order."""
    if len(batch) > MOST_SCANS:
        raise TooManyScans(most=MOST_SCANS)
    read: list[SentScan | Receipt] = []
    for item in batch:
        try:
            read.append(read_scan(item))
        except NotAScan:
            sent_id = str(item.get("id", ""))[:80] if isinstance(item, dict) else ""
            read.append(Receipt(sent_id, act_hash(item), stored=False, sentence=str(_NOT_READ), refused=True))
    sent = [scan for scan in read if isinstance(scan, SentScan)]
    mine = access.stocktakes(by).filter(pk__in={scan.stocktake for scan in sent})
    # In the order of their ids, and held: finishing waits for this batch, and this batch for finishing.
    held = Stocktake.objects.select_for_update(no_key=True).filter(pk__in=mine.values("pk")).order_by("pk")
    stocktakes = {row.pk: row for row in held}
    receipts: dict[int, Receipt] = {}
    for stocktake in stocktakes.values():
        of_this = [scan for scan in sent if scan.stocktake == stocktake.pk]
        receipts |= _receive(stocktake, of_this, by.account, at)
    for stocktake in stocktakes.values():
        record(
            "depot.scan_stock",
            subject=f"stocktake:{stocktake.pk}",
            detail={"scans": sum(scan.stocktake == stocktake.pk for scan in sent)},
        )
    if not stocktakes:
        record("depot.scan_stock", subject=f"account:{by.account.pk}", detail={"refused": len(batch)})

    def receipt_of(scan: SentScan | Receipt) -> Receipt:
        if isinstance(scan, Receipt):
            return scan
        not_yours = Receipt(str(scan.id), scan.hash, stored=False, sentence=str(_NOT_YOURS), refused=True)
        return receipts.get(id(scan), not_yours)

    return [receipt_of(scan) for scan in read]


def _receive(stocktake: Stocktake, sent: Sequence[SentScan], by: Account, at: datetime) -> dict[int, Receipt]:
    """{id(scan): receipt} for the scans of one stocktake, which is held."""
    stored = {scan.pk: scan for scan in _with_words(StocktakeScan.objects.filter(pk__in=[scan.id for scan in sent]))}
    new: dict[uuid.UUID, SentScan] = {}
    for scan in sent:
        if scan.id not in stored:
            new.setdefault(scan.id, scan)
    tags = read_texts(stocktake.organisation_id, [scan.text for scan in new.values()])
    instruments = [tag.instrument.pk for tag in tags.values() if tag.instrument]
    why_out = dict(stocktake.expected.filter(instrument__in=instruments).values_list("instrument", "why_out"))
    counted = _counted(stocktake, tags.values())
    places = queries.places_of(set(instruments) - why_out.keys())
    rows = []
    for scan in new.values():
        row = _scan_of(stocktake, scan, tags[scan.text], why_out, places, counted)
        row.by, row.received_at, row.is_late = by, at, stocktake.finished_at is not None
        counted |= {row.tag, row.instrument_id or row.tag}
        rows.append(row)
    StocktakeScan.objects.bulk_create(rows)
    stored |= {row.pk: row for row in rows}
    reasons = dict(
        stocktake.expected.filter(instrument__in=[row.instrument_id for row in stored.values()]).values_list(
            "instrument", "why_out"
        )
    )
    return {id(scan): _receipt(scan, stored[scan.id], by, reasons) for scan in sent}


def _with_words(rows: QuerySet[StocktakeScan]) -> QuerySet[StocktakeScan]:
    return rows.select_related("instrument__kind", "instrument__size", "belongs_at")


def _counted(stocktake: Stocktake, tags: Iterable[ReadTag]) -> set[object]:
    """Tags and instruments of these that were scanned before in this stocktake."""
    named = list(tags)
    scans = StocktakeScan.objects.in_time().filter(stocktake=stocktake)
    scans = scans.exclude(outcome__in=[outcome.value for outcome in REPEATABLE])
    by_tag = scans.filter(tag__in={tag.tag for tag in named}).values_list("tag", flat=True)
    by_instrument = scans.filter(instrument__in={tag.instrument.pk for tag in named if tag.instrument})
    return {*by_tag, *by_instrument.values_list("instrument", flat=True)}


def _scan_of(
    stocktake: Stocktake,
    scan: SentScan,
    tag: ReadTag,
    why_out: dict[int, str],
    places: dict[int, Placement],
    counted: set[object],
) -> StocktakeScan:
    row = StocktakeScan(
        id=scan.id,
        stocktake=stocktake,
        tag=tag.tag,
        instrument=tag.instrument,
        device=scan.device,
        device_sequence=scan.device_sequence,
        made_at=scan.made_at,
        content_hash=scan.hash,
    )
    outcome = ScanOutcome(tag.found.value) if tag.found is not TagFound.OURS else None
    if outcome not in REPEATABLE and (tag.tag in counted or (tag.instrument and tag.instrument.pk in counted)):
        outcome = ScanOutcome.AGAIN
    if outcome is None and tag.instrument and tag.instrument.pk in why_out:
        outcome = ScanOutcome.OUT if why_out[tag.instrument.pk] else ScanOutcome.HERE
    elif outcome is None and tag.instrument:
        outcome = _not_expected(stocktake, tag.instrument, places.get(tag.instrument.pk), row)
    assert outcome is not None
    row.outcome = outcome.value
    return row


def _not_expected(
    stocktake: Stocktake, instrument: Instrument, place: Placement | None, row: StocktakeScan
) -> ScanOutcome:
    """An instrument of ours that is not in the frozen set: of another place or shelf, another kind, or new here."""
    stands_at = place.site if place and place.sort == Where.SITE.value and place.site else instrument.keeper
    if stands_at.pk != stocktake.site_id:
        row.belongs_at, row.belongs_on = stands_at, place.shelf if place else ""
        return ScanOutcome.MISPLACED
    if stocktake.kind_id not in (None, instrument.kind_id):
        return ScanOutcome.OTHER
    if place and not place.shelf.casefold().startswith(stocktake.shelf.casefold()):
        row.belongs_at, row.belongs_on = stands_at, place.shelf
        return ScanOutcome.MISPLACED
    return ScanOutcome.CAME


def _receipt(scan: SentScan, row: StocktakeScan, by: Account, why_out: dict[int, str]) -> Receipt:
    if row.content_hash != scan.hash or row.by_id != by.pk:
        return Receipt(str(scan.id), scan.hash, stored=False, sentence=str(_OTHER_CONTENT), refused=True)
    words = queries.sentence(row, why_out.get(row.instrument_id or 0, ""))
    receipt = Receipt(str(scan.id), scan.hash, stored=True, sentence=words, outcome=row.outcome)
    return replace(receipt, stored=False, sentence=str(_LATE)) if row.is_late else receipt


# --- the phones -------------------------------------------------------------------------------------------
def hear_phone(
    *, stocktake: Stocktake, device: uuid.UUID, pending: int, leaves: bool = False, by: Actor, at: datetime
) -> None:
    """A phone says how many scans it has not sent. Only that it joins, or comes back, is an act worth noting.

    After the end nothing changes: the stocktake no longer waits for anybody.
    """
    said = {"pending": pending, "heard_at": at, "left_at": at if leaves else None, "by": by.account}
    with write_transaction():
        phones = StocktakePhone.objects.filter(stocktake=stocktake, device=device, written_off_at=None)
        if phones.filter(stocktake__finished_at=None).update(**said):
            return
    join_phone(stocktake=stocktake, device=device, said=said, by=by, at=at)


@action
def join_phone(*, stocktake: Stocktake, device: uuid.UUID, said: dict[str, Any], by: Actor, at: datetime) -> None:
    """A phone takes part from now on, or comes back after it was written off."""
    row = Stocktake.objects.select_for_update(no_key=True).get(pk=stocktake.pk)
    if row.finished_at:
        record("depot.phone_after_the_end", subject=f"stocktake:{row.pk}", detail={"pending": said["pending"]})
        return
    back = {"written_off_at": None, "written_off_by": None, "written_off_because": ""}
    StocktakePhone.objects.update_or_create(stocktake=row, device=device, defaults={**said, **back})
    record("depot.phone_joins", subject=f"stocktake:{row.pk}", detail={"phone": str(device)})


@action
def write_off_phone(
    *, stocktake: Stocktake, device: uuid.UUID, because: str, by: Actor, at: datetime
) -> StocktakePhone:
    """A phone that will not come back: what it holds is not waited for. By name, with a reason."""
    row = _held(stocktake)
    if not because.strip():
        raise NoReason
    phone = StocktakePhone.objects.select_related("by").get(stocktake=row, device=device)
    phone.written_off_at, phone.written_off_by, phone.written_off_because = at, by.account, because.strip()[:200]
    phone.save()
    record(
        "depot.write_off_phone",
        subject=f"stocktake:{row.pk}",
        organisation=row.organisation.key,
        detail={"phone": str(device), "of": f"account:{phone.by_id}", "pending": phone.pending},
    )
    return phone


# --- the end ----------------------------------------------------------------------------------------------
@action
def finish_stocktake(*, stocktake: Stocktake, by: Actor, at: datetime) -> Stocktake:
    """It is frozen from now on. Refused while a phone holds scans, or went silent and may hold some."""
    row = _held(stocktake)
    waiting = list(queries.phones_to_wait_for(row, at))
    if waiting:
        raise PhonesNotSynced(waiting)
    row.finished_at, row.finished_by = at, by.account
    row.save(update_fields=["finished_at", "finished_by"])
    found = queries.counts(row)
    record(
        "depot.finish_stocktake",
        subject=f"stocktake:{row.pk}",
        organisation=row.organisation.key,
        detail={"here": found.here, "missing": found.missing, "misplaced": found.misplaced},
    )
    return row


@action
def mark_lost(
    *, stocktake: Stocktake, instruments: Sequence[Instrument], by: Actor, at: datetime, handover_id: uuid.UUID
) -> Handover:
    """Nobody knows where these are that a finished stocktake misses. Their keeper stays, and answers for them."""
    if stocktake.finished_at is None:
        raise NotFinished
    return places.move(instruments=instruments, where=Where.UNKNOWN, by=by, at=at, handover_id=handover_id)


def _held(stocktake: Stocktake) -> Stocktake:
    row = Stocktake.objects.select_for_update(no_key=True).get(pk=stocktake.pk)
    if row.finished_at:
        raise AlreadyFinished(name=row.finished_by.name if row.finished_by else _("Somebody"))
    return row
