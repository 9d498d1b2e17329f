"""Boxes on their way, at both ends; loans between cities; how long the way is."""

import uuid
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from leerorkest.network.models import Organisation, Site
from leerorkest.shared import clock
from leerorkest.shared.actions import Refused
from leerorkest.shared.pages import page_of
from leerorkest.shared.scanning import with_scanner

from .. import access, rules
from ..actions import shipments as acts
from ..forms import OnceForm
from ..forms import requests as forms
from ..models import FreightTime, Loan, Shipment, ShipmentExtra, ShipmentItem
from ..queries import shipments as queries
from ..rules import Terms
from .parts import may

ORDER = ("expected_on", "pk")
MOST = 500  # loans on one page


@require_GET
def shipments(request: HttpRequest) -> HttpResponse:
    rows = access.shipments(request.actor)
    everything = request.GET.get("state") == "all"
    page = page_of(queries.with_counts(rows if everything else queries.open_shipments(rows)), request, order=ORDER)
    for row in page.rows:
        row.comes_to_us = access.may_receive(request.actor, row)
    return render(
        request,
        "depot/shipments.html",
        {
            "page": page,
            "everything": everything,
            "today": request.actor.on,
            "may_run": may(request, *access.RUNS),
        },
    )


@require_http_methods(["GET", "POST"])
def send(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """What was picked for a reservation goes into boxes."""
    row = access.reservation(request.actor, pk)
    asked = getattr(row, "request", None)
    is_home = row.site.organisation_id == row.organisation_id
    initial = {"due_on": row.until_on, "terms": asked.terms if asked else Terms.LOAN.value}
    form = forms.Send(
        request.POST if request.method == "POST" else None,
        is_home=is_home,
        initial=None if is_home else initial,
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = acts.send_reserved(reservation=row, by=request.actor, at=clock.now(), **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The boxes are on their way. You answer for them until they are received."))
            return redirect("depot:shipment", made.pk)
    weeks = queries.freight_weeks(row.organisation_id, row.site)
    return render(request, "depot/send.html", {"row": row, "form": form, "weeks": weeks})


@with_scanner
@require_http_methods(["GET", "POST"])
def shipment(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One shipment. Its receiver scans it out; its sender settles what did not arrive."""
    row = access.shipment(request.actor, pk)
    may_receive, has_sent = access.may_receive(request.actor, row), access.has_sent(request.actor, row)
    act = request.POST.get("act")
    form = forms.Unpack(request.POST if act == "unpack" and may_receive else None)
    if request.method == "POST":
        try:
            answer = _at_the_door(request, row, form) if may_receive else None
            answer = answer or (_at_home(request, row) if has_sent else None)
        except Refused as refusal:
            if form.is_bound:
                form.add_error("tag", str(refusal))
            else:
                messages.error(request, str(refusal))
        else:
            if answer:
                return answer
    items = queries.items_of(row)
    arrived = [item for item in items if item.arrived_at and not item.outcome]
    missing = [item for item in items if not item.arrived_at and not item.outcome]
    return render(
        request,
        "depot/shipment.html",
        {
            "row": row,
            "items": items,
            "arrived": len(arrived),
            "missing": len(missing),
            "received": sum(item.outcome == ShipmentItem.RECEIVED for item in items),
            "extras": list(row.extras.filter(settled_at=None).order_by("noted_at")),
            "may_receive": may_receive and bool(arrived or missing),
            "has_sent": has_sent,
            "terms": forms.TERMS[Terms(row.terms)],
            "is_late": bool(missing) and row.expected_on < request.actor.on,
            "form": form if form.is_bound and form.errors else forms.Unpack(),
            "handover_id": uuid.uuid4(),
            "receive_words": ngettext("Receive %(count)s instrument", "Receive %(count)s instruments", len(arrived))
            % {"count": len(arrived)},
        },
    )


def _at_the_door(request: HttpRequest, row: Shipment, form: forms.Unpack) -> HttpResponse | None:
    inputs: dict[str, Any] = {"shipment": row, "by": request.actor, "at": clock.now()}
    match request.POST.get("act"):
        case "unpack" if form.is_valid():
            values = form.cleaned_data
            tag = rules.read_tag(values["tag"])
            if not rules.tag_is_sound(tag):
                form.add_error("tag", _("%(tag)s is not a whole code. Read the label again.") % {"tag": tag[:20]})
                return None
            found = acts.unpack(tag=tag, condition=values["condition"], remark=values["remark"], **inputs)
            if isinstance(found, ShipmentExtra):
                messages.warning(
                    request,
                    _("%(tag)s is not on the list. It is noted as extra: who sent it says what it is.")
                    % {"tag": rules.readable(tag)},
                )
            else:
                messages.success(request, _("%(instrument)s is here.") % {"instrument": found.instrument.name})
        case "receive":
            once = OnceForm(request.POST)
            if not once.is_valid():
                return None
            made = acts.receive(handover_id=once.cleaned_data["handover_id"], **inputs)
            messages.success(request, _("Received. From now on %(site)s answers for them.") % {"site": row.to_site})
            if row.to_site.organisation_id in request.actor.organisations(*access.RUNS):
                return redirect("depot:handover", made.pk)
        case "short":
            missing = acts.report_short(**inputs)
            messages.warning(
                request,
                ngettext("%(count)s is reported as missing.", "%(count)s are reported as missing.", missing)
                % {"count": missing},
            )
        case _:
            return None
    return redirect("depot:shipment", row.pk)


def _at_home(request: HttpRequest, row: Shipment) -> HttpResponse | None:
    inputs: dict[str, Any] = {"by": request.actor, "at": clock.now()}
    act, number = request.POST.get("act"), request.POST.get("row", "")
    pk = int(number) if number.isdecimal() and len(number) < 18 else 0
    match act:
        case ShipmentItem.FOUND | ShipmentItem.LOST:
            acts.settle(item=get_object_or_404(row.items, pk=pk), outcome=act, **inputs)
        case "joins" | "not_ours":
            acts.settle_extra(extra=get_object_or_404(row.extras, pk=pk), joins=act == "joins", **inputs)
        case _:
            return None
    return redirect("depot:shipment", row.pk)


# --- loans ------------------------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
def loans(request: HttpRequest) -> HttpResponse:
    """Which of ours are elsewhere, and which of others are here: tick those that go home."""
    here = access.loans_in(request.actor)
    lender = _lender(request, here)
    form = forms.SendBack(request.POST if request.method == "POST" and lender else None, sites=_depots_of(lender))
    if request.method == "POST" and lender and form.is_valid():
        chosen = here.filter(lender=lender, pk__in=_uuids(request.POST.getlist("loan")))
        rows = list(access.instruments_to_run(request.actor).filter(pk__in=chosen.values("instrument")))
        try:
            made = acts.send(
                instruments=rows, terms=Terms.RETURN, by=request.actor, at=clock.now(), **form.cleaned_data
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("depot:shipment", made.pk)
    out = queries.with_places(access.loans_out(request.actor)).order_by("due_on", "pk")[:MOST]
    inside = queries.with_places(here).order_by("lender", "due_on", "pk")[:MOST]
    return render(
        request,
        "depot/loans.html",
        {
            "out": list(out),
            "inside": [loan for loan in inside if lender is None or loan.lender_id == lender.pk],
            "lenders": list(Organisation.objects.filter(pk__in=here.values("lender"))),
            "lender": lender,
            "form": form,
            "today": request.actor.on,
            "may_run": may(request, *access.RUNS),
        },
    )


def _lender(request: HttpRequest, here: QuerySet[Loan]) -> Organisation | None:
    """Whose instruments go home: the one that was chosen, or the only one."""
    lenders = Organisation.objects.filter(pk__in=here.values("lender"))
    key = request.POST.get("lender") or request.GET.get("lender") or ""
    found = list((lenders.filter(key=key) if key else lenders)[:2])
    return found[0] if len(found) == 1 else None


def _depots_of(lender: Organisation | None) -> QuerySet[Site]:
    return Site.objects.filter(organisation=lender, sort=Site.DEPOT, closed_on=None) if lender else Site.objects.none()


def _uuids(texts: list[str]) -> list[uuid.UUID]:
    found = []
    for text in texts:
        try:
            found.append(uuid.UUID(text))
        except ValueError:
            continue
    return found


@require_http_methods(["GET", "POST"])
def freight(request: HttpRequest) -> HttpResponse:
    """How many weeks it takes to us, and to single places of ours."""
    stocks = list(access.stocks(request.actor).order_by("pk"))
    sites = access.keepers(request.actor)
    form = forms.Freight(request.POST if request.method == "POST" else None, sites=sites)
    if request.method == "POST" and form.is_valid() and stocks:
        site = form.cleaned_data["site"]
        acts.set_freight_time(
            organisation=site.organisation if site else stocks[0],
            site=site,
            weeks=form.cleaned_data["weeks"],
            by=request.actor,
            at=clock.now(),
        )
        messages.success(request, _("Saved. New shipments are expected accordingly."))
        return redirect("depot:freight")
    times = FreightTime.objects.filter(organisation__in=stocks).select_related("site", "organisation")
    return render(
        request, "depot/freight.html", {"form": form, "times": list(times.order_by("organisation", "site__name"))}
    )
