"""What a stocktake says: five lists, their counts, and whether every phone has sent what it holds."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, FilteredRelation, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from leerorkest.music.models import InstrumentKind
from leerorkest.network.models import Site

from ..models import Custody, Instrument, Instruments, Placement, Stocktake, StocktakePhone, StocktakeScan
from ..rules import REPEATABLE, SURPRISES, ScanOutcome, Spot, TagFound, Where, WhyOut, why_out
from . import tags

SILENCE = timedelta(minutes=2)  # a phone that takes part says every few seconds that it is there

SENTENCES = {
    ScanOutcome.HERE: _("%(instrument)s is here."),
    ScanOutcome.AGAIN: _("%(instrument)s was scanned already. Go on with the next one."),
    ScanOutcome.MISPLACED: _("%(instrument)s belongs at %(place)s. Put it aside."),
    ScanOutcome.CAME: _("%(instrument)s came here after the stocktake began. It is noted. Go on."),
    ScanOutcome.OTHER: _("%(instrument)s is of a kind that is not counted now. Put it back."),
    **{
        outcome: tags.SENTENCES[TagFound(outcome.value)]
        for outcome in (
            ScanOutcome.RETIRED,
            ScanOutcome.UNCLAIMED,
            ScanOutcome.ELSEWHERE,
            ScanOutcome.UNKNOWN,
            ScanOutcome.DAMAGED,
            ScanOutcome.NO_LABEL,
        )
    },
}
SENTENCES_OUT = {
    WhyOut.LENT: _("%(instrument)s is lent, and yet it is here. Put it aside and give it back first."),
    WhyOut.WORKSHOP: _("%(instrument)s should be in the workshop, and yet it is here. Put it aside."),
    WhyOut.ELSEWHERE: _("%(instrument)s should stand at another place, and yet it is here. Put it aside."),
    WhyOut.TRANSIT: _("%(instrument)s should be on its way, and yet it is here. Put it aside and receive it first."),
}
WHY_OUT = {
    WhyOut.LENT: _("Lent"),
    WhyOut.WORKSHOP: _("In the workshop"),
    WhyOut.TRANSIT: _("On its way"),
    WhyOut.ELSEWHERE: _("At another place"),
}
AGAIN_WITHOUT_INSTRUMENT = _("%(tag)s was scanned already. Go on with the next one.")


def sentence(scan: StocktakeScan, out: str) -> str:
    """What a scan says to the person, now and whenever it is sent again. `scan` with instrument and belongs_at."""
    outcome = ScanOutcome(scan.outcome)
    words: Any
    if outcome is ScanOutcome.OUT:
        words = SENTENCES_OUT[WhyOut(out)]
    elif outcome is ScanOutcome.AGAIN and scan.instrument is None:
        words = AGAIN_WITHOUT_INSTRUMENT
    else:
        words = SENTENCES[outcome]
    return str(words % {**tags.facts(scan.tag, scan.instrument), "place": right_place(scan)})


def right_place(scan: StocktakeScan) -> str:
    """ "Depot Noord, shelf A3": where a misplaced one belongs."""
    place = scan.belongs_at.name if scan.belongs_at else ""
    return (
        str(_("%(place)s, shelf %(shelf)s") % {"place": place, "shelf": scan.belongs_on}) if scan.belongs_on else place
    )


# --- what should be there ---------------------------------------------------------------------------------
@dataclass(frozen=True)
class ToExpect:
    instrument: int
    why_out: WhyOut | None
    shelf: str


def to_expect(site: Site, kind: InstrumentKind | None, shelf: str = "") -> list[ToExpect]:
    """What stands at a place or is kept by it, in use, in one query. `shelf`: only what stands on shelves so named."""
    placed = FilteredRelation("placements", condition=Q(placements__ended_at=None))
    everything: Any = Instrument.objects.not_retired()
    rows = everything.alias(place=placed)
    here = Q(place__site=site, place__sort=Where.SITE.value)
    if shelf:
        rows = rows.filter(here, place__shelf__istartswith=shelf)
    else:
        kept = Custody.objects.open().keepers().filter(site=site).values("instrument")
        rows = rows.filter(here | Q(pk__in=kept))
    if kind:
        rows = rows.of_kind(kind)
    found = rows.order_by("pk").values_list("pk", "place__sort", "place__site", "place__site__sort", "place__shelf")
    return [
        ToExpect(
            pk,
            why_out(
                Spot(Where(sort or Where.UNKNOWN), at), counted_at=site.pk, stands_in_workshop=of_site == Site.WORKSHOP
            ),
            stands_on or "",
        )
        for pk, sort, at, of_site, stands_on in found
    ]


def places_of(instruments: Iterable[int]) -> dict[int, Placement]:
    """{instrument: where it stands now}."""
    rows = Placement.objects.open().filter(instrument__in=list(instruments)).select_related("site")
    return {row.instrument_id: row for row in rows}


# --- what came of it --------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Counts:
    """How many are in each list; `expected` is what should be on the shelf."""

    expected: int
    here: int
    missing: int
    misplaced: int
    unexpected: int
    out: int
    late: int


def counts(stocktake: Stocktake) -> Counts:
    """Two queries, whatever the size: one over what was expected, one over what was scanned."""
    lines = expected(stocktake).aggregate(
        expected=Count("pk", filter=Q(why_out="")),
        missing=Count("pk", filter=Q(why_out="", was_scanned=False, has_moved=False)),
        out=Count("pk", filter=Q(was_scanned=False) & (Q(has_moved=True) | ~Q(why_out=""))),
    )
    scans = stocktake.scans.order_by().values_list("outcome", "is_late").annotate(count=Count("pk"))
    by_outcome: dict[str, int] = {}
    late = 0
    for outcome, is_late, count in scans:
        if is_late:
            late += count
        else:
            by_outcome[outcome] = count
    return Counts(
        **lines,
        here=by_outcome.get(ScanOutcome.HERE.value, 0),
        misplaced=by_outcome.get(ScanOutcome.MISPLACED.value, 0),
        unexpected=sum(by_outcome.get(outcome.value, 0) for outcome in SURPRISES),
        late=late,
    )


def progress(stocktake: Stocktake) -> dict[str, int]:
    """What a phone shows while scanning: two cheap counts."""
    scans = dict(stocktake.scans.in_time().order_by().values_list("outcome").annotate(count=Count("pk")))
    return {
        "here": scans.get(ScanOutcome.HERE.value, 0),
        "expected": stocktake.expected.filter(why_out="").count(),
        "aside": sum(scans.get(outcome.value, 0) for outcome in (*SURPRISES, ScanOutcome.MISPLACED)),
    }


def expected(stocktake: Stocktake) -> QuerySet[Any]:
    """The frozen set, with what happened to each: `was_scanned`, and `has_moved` (it changed hands meanwhile)."""
    until = stocktake.finished_at
    scanned = StocktakeScan.objects.in_time().filter(stocktake=stocktake, instrument=OuterRef("instrument"))
    began = Q(started_at__gt=stocktake.opened_at)
    ended = Q(ended_at__gt=stocktake.opened_at)
    if until:
        began, ended = began & Q(started_at__lte=until), ended & Q(ended_at__lte=until)
    handed = Custody.objects.filter(began | ended, instrument=OuterRef("instrument"))
    carried = Placement.objects.filter(began, instrument=OuterRef("instrument"))
    return stocktake.expected.annotate(was_scanned=Exists(scanned), has_moved=Exists(handed) | Exists(carried))


LISTS = ("missing", "misplaced", "unexpected", "here", "out")


def listed(stocktake: Stocktake, name: str) -> Instruments:
    """The instruments of one of the five lists."""
    lines, scans = expected(stocktake), StocktakeScan.objects.in_time().filter(stocktake=stocktake)
    chosen: Any
    match name:
        case "missing":
            chosen = lines.filter(why_out="", was_scanned=False, has_moved=False)
        case "out":
            chosen = lines.filter(Q(has_moved=True) | ~Q(why_out=""), was_scanned=False)
        case "misplaced":
            chosen = scans.filter(outcome=ScanOutcome.MISPLACED.value)
        case "unexpected":
            chosen = scans.filter(outcome__in=[outcome.value for outcome in SURPRISES], instrument__isnull=False)
        case _:
            chosen = scans.filter(outcome=ScanOutcome.HERE.value)
    return Instrument.objects.filter(pk__in=chosen.values("instrument"))


def labels_without_instrument(stocktake: Stocktake) -> QuerySet[StocktakeScan]:
    """Labels that were put aside: nobody's, somebody else's, or on no instrument yet."""
    outcomes = [outcome.value for outcome in SURPRISES]
    scans = StocktakeScan.objects.in_time().filter(stocktake=stocktake, instrument=None, outcome__in=outcomes)
    return scans.select_related("by").order_by("tag", "pk")


def late_scans(stocktake: Stocktake) -> QuerySet[StocktakeScan]:
    rows = StocktakeScan.objects.late().filter(stocktake=stocktake)
    return rows.select_related("by", "instrument__kind", "instrument__size", "belongs_at").order_by("received_at", "pk")


def whys(stocktake: Stocktake, instruments: Iterable[Instrument]) -> dict[int, str]:
    """{instrument: why it is in its list}, in two queries: lent, moved meanwhile, its right place."""
    ids = [row.pk for row in instruments]
    found: dict[int, str] = {}
    for line in expected(stocktake).filter(instrument__in=ids):
        if line.why_out:
            found[line.instrument_id] = str(WHY_OUT[WhyOut(line.why_out)])
        elif line.has_moved:
            found[line.instrument_id] = str(_("Changed hands or place during the stocktake"))
        elif line.shelf:
            found[line.instrument_id] = str(_("Shelf %(shelf)s") % {"shelf": line.shelf})
    scans = StocktakeScan.objects.in_time().filter(stocktake=stocktake, instrument__in=ids)
    for scan in scans.exclude(
        outcome__in=[ScanOutcome.HERE.value, *[outcome.value for outcome in REPEATABLE]]
    ).select_related("belongs_at"):
        if scan.belongs_at:
            found[scan.instrument_id or 0] = str(_("Belongs at %(place)s") % {"place": right_place(scan)})
        elif scan.outcome == ScanOutcome.OUT.value:
            out = found.get(scan.instrument_id or 0, "")
            found[scan.instrument_id or 0] = str(_("%(why)s, and yet here") % {"why": out})
        elif scan.outcome == ScanOutcome.RETIRED.value:
            found[scan.instrument_id or 0] = str(_("Retired"))
        elif scan.outcome == ScanOutcome.CAME.value:
            found[scan.instrument_id or 0] = str(_("Came after the stocktake began"))
    return found


# --- the phones -------------------------------------------------------------------------------------------
def phones_to_wait_for(stocktake: Stocktake, at: datetime) -> QuerySet[StocktakePhone]:
    """Phones that hold scans, or may: they went silent without saying goodbye."""
    silent = Q(left_at=None, heard_at__lt=at - SILENCE)
    rows = stocktake.phones.filter(Q(pending__gt=0) | silent, written_off_at=None)
    return rows.select_related("by").order_by("by__name", "pk")


def all_phones(stocktake: Stocktake) -> QuerySet[StocktakePhone]:
    return stocktake.phones.select_related("by", "written_off_by").order_by("by__name", "pk")
