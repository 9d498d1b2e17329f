"""Counting a place: opening, scanning, the phones, the end and the five lists."""

import csv
import json
import uuid
from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from leerorkest.music.models import InstrumentKind
from leerorkest.shared import clock
from leerorkest.shared.actions import Refused
from leerorkest.shared.pages import page_of
from leerorkest.shared.scanning import with_scanner

from .. import access
from ..actions import stocktakes as acts
from ..forms import stocktakes as forms
from ..models import Instrument, Stocktake
from ..queries import stocktakes as queries
from ..rules import ScanOutcome, name_of
from .instruments import _Echo, _safe_cell
from .parts import ORDER, label_holders

MOST_BYTES = 100_000
LIST_WORDS = {
    "missing": gettext_lazy("Missing"),
    "misplaced": gettext_lazy("Misplaced"),
    "unexpected": gettext_lazy("Unexpected"),
    "here": gettext_lazy("Here"),
    "out": gettext_lazy("Rightly out"),
}


@require_GET
def stocktakes(request: HttpRequest) -> HttpResponse:
    """Counts that are going on, and those that are over, the latest first."""
    rows = access.stocktakes(request.actor).select_related("site", "kind", "opened_by", "finished_by")
    finished = page_of(rows.filter(finished_at__isnull=False), request, order=("-finished_at", "pk"))
    going_on = [] if finished.first_link else list(rows.open().order_by("-opened_at", "pk"))  # one for a place, at most
    return render(request, "depot/stocktakes.html", {"open": going_on, "page": finished})


@require_http_methods(["GET", "POST"])
def open_stocktake(request: HttpRequest) -> HttpResponse:
    form = forms.OpenStocktake(request.POST or None, sites=access.places_to_count(request.actor).order_by("name"))
    if request.method == "POST" and form.is_valid():
        try:
            made = acts.open_stocktake(**form.cleaned_data, by=request.actor, at=clock.now())
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("depot:stocktake", made.pk)
    return render(request, "depot/open_stocktake.html", {"form": form})


@with_scanner
@require_http_methods(["GET", "POST"])
def stocktake(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Where people scan. The script keeps each scan on the phone and sends it; without one the form does."""
    row = access.stocktake(request.actor, pk)
    form = forms.OneScan(request.POST or None)
    if request.method == "POST" and form.is_valid():
        sent = {
            "id": str(form.cleaned_data["scan_id"]),
            "stocktake": str(row.pk),
            "text": form.cleaned_data["tag"],
            "device": str(form.cleaned_data["device"]),
            "device_sequence": 0,
            "made_at": clock.now().isoformat(),
        }
        (receipt,) = acts.receive_scans(batch=[sent], by=request.actor, at=clock.now())
        is_right = receipt.outcome == ScanOutcome.HERE.value and receipt.stored
        messages.add_message(request, messages.SUCCESS if is_right else messages.ERROR, receipt.sentence)
        return redirect("depot:stocktake", row.pk)
    if row.finished_at:
        return redirect("depot:stocktake_results", row.pk)
    return render(
        request,
        "depot/stocktake.html",
        {
            "stocktake": row,
            "progress": queries.progress(row),
            "phones": _phones(row),
            "scan_id": uuid.uuid4(),
            "device": uuid.uuid4(),
        },
    )


def _phones(row: Stocktake) -> list[dict[str, Any]]:
    waiting = set(queries.phones_to_wait_for(row, clock.now()).values_list("pk", flat=True))
    return [
        {
            "device": str(phone.device),
            "name": phone.by.name,
            "pending": phone.pending,
            "heard_at": phone.heard_at,
            "waits": phone.pk in waiting,
            "left": phone.left_at is not None,
            "written_off": phone.written_off_because,
        }
        for phone in queries.all_phones(row)
    ]


@require_GET
def expected(request: HttpRequest, pk: uuid.UUID) -> JsonResponse:
    """{"site": …, "tags": {tag: [name, why it is out or ""]}}: with it a phone answers at once, also without signal."""
    row = access.stocktake(request.actor, pk)
    kinds = {kind.code: kind.name for kind in InstrumentKind.objects.all()}
    about = ("instrument__tag", "instrument__number", "instrument__kind", "instrument__size__label", "why_out")
    tags = {
        tag: [name_of(kinds[kind], size or "", number, tag), why_out]
        for tag, number, kind, size, why_out in row.expected.order_by("pk").values_list(*about)
    }
    return JsonResponse({"site": row.site.name, "tags": tags})


@require_http_methods(["GET", "POST"])
def scans(request: HttpRequest) -> JsonResponse:
    """{"scans": [...]} → {"receipts": [...]}, one for each, in their order. A look: who is signed in, and the key."""
    account = str(request.actor.account.uid)
    if request.method == "GET":
        return JsonResponse({"account": account, "token": get_token(request)})
    if request.headers.get("X-Account", account) != account:
        return JsonResponse({"error": _("Somebody else is signed in. These scans wait for who made them.")}, status=403)
    try:
        length = int(request.headers.get("Content-Length") or 0)
        if request.content_type != "application/json":
            return JsonResponse({"error": _("Send the scans as JSON.")}, status=415)
        if length > MOST_BYTES or len(request.body) > MOST_BYTES:
            return JsonResponse({"error": _("This is too much at once. Send at most 100 scans.")}, status=413)
        sent = json.loads(request.body)
        batch = sent["scans"] if isinstance(sent, dict) else None
        if not isinstance(batch, list):
            raise ValueError
        receipts = acts.receive_scans(batch=batch, by=request.actor, at=clock.now())
    except acts.TooManyScans as refusal:
        return JsonResponse({"error": str(refusal)}, status=413)
    except (ValueError, KeyError, RecursionError):
        return JsonResponse({"error": _("This is not a list of scans.")}, status=400)
    return JsonResponse({"receipts": [receipt.__dict__ for receipt in receipts]})


@require_POST
def phone(request: HttpRequest, pk: uuid.UUID) -> JsonResponse:
    """A phone says how many scans it still holds, and hears how far everybody is."""
    row = access.stocktake(request.actor, pk)
    form = forms.SaidByPhone(request.POST)
    if not form.is_valid():
        return JsonResponse({"error": _("This phone said nothing that we understand.")}, status=400)
    acts.hear_phone(stocktake=row, **form.cleaned_data, by=request.actor, at=clock.now())
    phones = [{key: value for key, value in each.items() if key != "heard_at"} for each in _phones(row)]
    return JsonResponse({**queries.progress(row), "phones": phones, "finished": row.finished_at is not None})


@require_http_methods(["GET", "POST"])
def write_off_phone(request: HttpRequest, pk: uuid.UUID, device: uuid.UUID) -> HttpResponse:
    row = access.stocktake(request.actor, pk)
    one = get_object_or_404(row.phones.select_related("by"), device=device)
    form = forms.WriteOff(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            acts.write_off_phone(
                stocktake=row, device=device, because=form.cleaned_data["because"], by=request.actor, at=clock.now()
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The phone of %(name)s is written off.") % {"name": one.by.name})
            return redirect("depot:stocktake", row.pk)
    return render(request, "depot/write_off_phone.html", {"stocktake": row, "phone": one, "form": form})


@require_POST
def finish(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    row = access.stocktake(request.actor, pk)
    try:
        acts.finish_stocktake(stocktake=row, by=request.actor, at=clock.now())
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("depot:stocktake", row.pk)
    messages.success(request, _("The stocktake is finished. Nothing in it changes any more."))
    return redirect("depot:stocktake_results", row.pk)


@require_GET
def results(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The five lists, also while people still scan."""
    row = access.stocktake(request.actor, pk)
    chosen = request.GET.get("list", "missing")
    if chosen not in queries.LISTS:
        raise Http404
    counts = queries.counts(row)
    page = page_of(queries.listed(row, chosen).numbered().with_parties(), request, order=ORDER)
    label_holders(request, page.rows)
    whys = queries.whys(row, page.rows)
    for instrument in page.rows:
        instrument.why = whys.get(instrument.pk, "")
    return render(
        request,
        "depot/stocktake_results.html",
        {
            "stocktake": row,
            "counts": counts,
            "lists": [(name, words, getattr(counts, name)) for name, words in LIST_WORDS.items()],
            "chosen": chosen,
            "list_words": LIST_WORDS[chosen],
            "page": page,
            "labels": [(scan, queries.sentence(scan, "")) for scan in queries.labels_without_instrument(row)[:200]]
            if chosen == "unexpected"
            else [],
            "late": list(queries.late_scans(row)[:200]) if counts.late else [],
            "phones": [each for each in _phones(row) if each["written_off"]],
            "handover_id": uuid.uuid4(),
        },
    )


@require_GET
def export(request: HttpRequest, pk: uuid.UUID) -> StreamingHttpResponse:
    """All five lists in one file, for a spreadsheet. Who holds an instrument stays out of files."""
    row = access.stocktake(request.actor, pk)
    write = csv.writer(_Echo(), delimiter=";").writerow

    def lines() -> Iterator[str]:
        yield "\ufeff" + write([_("List"), _("Label"), _("Number"), _("Kind"), _("Size"), _("Kept by"), _("Remark")])
        for name, words in LIST_WORDS.items():
            after = 0
            while found := list(queries.listed(row, name).filter(pk__gt=after).order_by("pk").with_parties()[:500]):
                after, whys = found[-1].pk, queries.whys(row, found)
                for one in found:
                    cells: list[object] = [words, one.tag, one.number, one.kind.name, one.size and one.size.code]
                    yield write([_safe_cell(cell) for cell in [*cells, one.keeper, whys.get(one.pk, "")]])
        for scan in queries.labels_without_instrument(row).iterator(chunk_size=500):
            yield write(
                [_safe_cell(c) for c in [_("Unexpected"), scan.tag, "", "", "", "", queries.sentence(scan, "")]]
            )
        for scan in queries.late_scans(row).iterator(chunk_size=500):
            yield write([_safe_cell(cell) for cell in [_("After the end"), scan.tag, "", "", "", "", scan.by.name]])

    response = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="stocktake.csv"'
    return response


@require_POST
def lost(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Nobody knows where these are. Who keeps them stays the same, and answers for them."""
    row = access.stocktake(request.actor, pk)
    missing = queries.listed(row, "missing")
    mine = access.instruments_to_run(request.actor).filter(pk__in=missing.values("pk"))
    form = forms.Lost(request.POST, instruments=mine)
    if not form.is_valid():
        messages.error(request, _("No instrument was chosen. Tick at least one."))
    else:
        found: list[Instrument] = list(form.cleaned_data["instrument"])
        try:
            acts.mark_lost(
                stocktake=row,
                instruments=found,
                by=request.actor,
                at=clock.now(),
                handover_id=form.cleaned_data["handover_id"],
            )
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("They are marked as lost. Whoever keeps them still answers for them."))
    return redirect("depot:stocktake_results", row.pk)
