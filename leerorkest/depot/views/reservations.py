"""Promising instruments by kind and size, and picking them by scanning."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from leerorkest.shared import clock
from leerorkest.shared.actions import Refused
from leerorkest.shared.pages import page_of
from leerorkest.shared.scanning import with_scanner

from .. import access
from ..actions import reservations as acts
from ..forms import OnceForm
from ..forms import reservations as forms
from ..models import Pick, Reservation
from ..queries import reservations as queries
from .parts import uuid_or_404

ORDER = ("from_on", "pk")


@require_GET
def reservations(request: HttpRequest) -> HttpResponse:
    """What still has to leave, the first day first; or everything there ever was."""
    rows = access.reservations(request.actor)
    everything = request.GET.get("state") == "all"
    rows = rows if everything else rows.open()
    page = page_of(rows.with_lines(), request, order=ORDER)
    return render(
        request,
        "depot/reservations.html",
        {"page": page, "rows": queries.with_progress(page.rows), "everything": everything, "today": request.actor.on},
    )


@require_http_methods(["GET", "POST"])
def reserve(request: HttpRequest) -> HttpResponse:
    """Which place, which days, and lines of kind, size and number. A clash says what can be had instead."""
    data = _with_offer(request.POST) if request.method == "POST" else None
    count = forms.count_in(data) if data is not None else forms.LINES
    sites = access.keepers(request.actor)
    form = forms.Reserve(data, sites=sites, initial={"from_on": request.GET.get("from", "")})
    lines = forms.lines(data, count, initial=asked_for(request))
    offers: list[dict[str, Any]] = []
    if data is not None and "more" in data:
        lines = forms.lines(None, min(count + forms.LINES, 40), initial=as_initial(data, count))
        form = forms.Reserve(None, sites=sites, initial={name: data.get(name) for name in form.fields})
    elif data is not None:
        wanted = forms.wanted_in(lines)
        if form.is_valid() and wanted is not None:
            site = form.cleaned_data["site"]
            try:
                made = acts.reserve(
                    organisation=site.organisation,
                    wanted=wanted,
                    by=request.actor,
                    at=clock.now(),
                    **form.cleaned_data,
                )
            except acts.NotEnough as refusal:
                form.add_error(None, str(refusal))
                offers = _offers(refusal, lines)
            except Refused as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, _("This is reserved. Nobody else is promised the same instruments."))
                return redirect("depot:reservation", made.pk)
    return render(request, "depot/reserve.html", {"form": form, "lines": lines, "offers": offers})


def asked_for(request: HttpRequest) -> list[dict[str, Any]]:
    """ "?what=violin:1/2&number=12": a link from elsewhere fills the first line."""
    return [{"what": request.GET.get("what", ""), "number": request.GET.get("number", "")}]


def as_initial(data: QueryDict, count: int) -> list[dict[str, Any]]:
    names = ("number", "what", "along")
    return [{name: data.get(f"line{n}-{name}", "") for name in names} for n in range(count)]


def _with_offer(data: QueryDict) -> QueryDict:
    """The form as it was sent, with the offer that was chosen: "0:9" is nine on line 0, "0:12:2027-04-01" later."""
    parts = data.get("offer", "").split(":")
    if len(parts) < 2 or not parts[0].isdecimal() or not parts[1].isdecimal():
        return data
    changed = data.copy()
    changed[f"line{parts[0][:2]}-number"] = parts[1]
    if len(parts) > 2:
        changed["from_on"] = parts[2]
    return changed


def _offers(refusal: acts.NotEnough, lines: list[forms.Line]) -> list[dict[str, Any]]:
    filled = [n for n, line in enumerate(lines) if line.cleaned_data.get("what")]
    place = filled[refusal.line]
    return [
        {
            "value": f"{place}:{number}" + (f":{later.isoformat()}" if later else ""),
            "number": number,
            "later": later,
            "pool": refusal.pool,
        }
        for number, later in acts.offers_of(refusal)
    ]


@with_scanner
@require_http_methods(["GET", "POST"])
def reservation(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The pick list of one reservation: scan to tick off, hand over, or let it go."""
    row = access.reservation(request.actor, pk)
    scan = forms.Scan(
        request.POST if request.POST.get("act") == "pick" else None,
        instruments=access.instruments_to_run(request.actor),
    )
    if request.method == "POST":
        try:
            answer = _do(request, row, scan)
        except Refused as refusal:
            if scan.is_bound:
                scan.add_error("tag", str(refusal))
            else:
                messages.error(request, str(refusal))
        else:
            if answer:
                return answer
    return render(request, "depot/reservation.html", _page_of(request, row, scan))


def _do(request: HttpRequest, row: Reservation, scan: forms.Scan) -> HttpResponse | None:
    """Do what the button says; an address to go to when it was done."""
    inputs: dict[str, Any] = {"by": request.actor, "at": clock.now()}
    match request.POST.get("act"):
        case "pick" if scan.is_valid():
            picked = scan.cleaned_data["tag"]
            acts.pick(reservation=row, instrument=picked, pick_id=scan.cleaned_data["pick_id"], **inputs)
            messages.success(request, _("%(instrument)s is picked.") % {"instrument": picked.name})
        case "release":
            waiting = Pick.objects.waiting().filter(line__reservation=row).select_related("instrument")
            pick = get_object_or_404(waiting, pk=uuid_or_404(request.POST.get("pick", "")))
            acts.release(pick=pick, **inputs)
        case "hand_over":
            once = OnceForm(request.POST)
            if not once.is_valid():
                return None
            made = acts.hand_over(reservation=row, handover_id=once.cleaned_data["handover_id"], **inputs)
            return redirect("depot:handover", made.pk)
        case "cancel":
            acts.cancel(reservation=row, **inputs)
            messages.success(request, _("What did not leave is free for others again."))
            return redirect("depot:reservations")
        case _:
            return None
    return redirect("depot:reservation", row.pk)


def _page_of(request: HttpRequest, row: Reservation, scan: forms.Scan) -> dict[str, Any]:
    progress = queries.progress_of(row, clock.now())
    picked = sum(len([pick for pick in line.picks if pick.left_at is None]) for line in progress)
    return {
        "reservation": row,
        "progress": progress,
        "picked": picked,
        "to_pick": sum(line.line.to_pick for line in progress if line.line.closed_at is None),
        "is_open": any(line.line.closed_at is None for line in progress),
        "is_late": row.from_on < request.actor.on,
        "is_ours": row.site.organisation_id == row.organisation_id,
        "picked_words": ngettext("Hand over %(count)s instrument", "Hand over %(count)s instruments", picked)
        % {"count": picked},
        "scan": scan if scan.is_bound and scan.errors else forms.Scan(instruments=scan.instruments),
        "handover_id": uuid.uuid4(),
    }
