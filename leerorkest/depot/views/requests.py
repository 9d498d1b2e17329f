"""Requests between schools, depots and cities."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from leerorkest.network.actions import open_site
from leerorkest.network.models import Site
from leerorkest.shared import clock
from leerorkest.shared.actions import Refused
from leerorkest.shared.pages import page_of

from .. import access
from ..actions import requests as acts
from ..actions.reservations import NotEnough, Wanted, offers_of
from ..forms import requests as forms
from ..forms import reservations as line_forms
from ..models import InstrumentRequest
from ..queries.shipments import freight_weeks, leaves_on
from ..rules import Terms
from .reservations import as_initial, asked_for

ORDER = ("needed_on", "pk")


@require_GET
def requests(request: HttpRequest) -> HttpResponse:
    """What was asked of us, and what we asked; first what nobody answered."""
    rows = access.requests(request.actor)
    everything = request.GET.get("state") == "all"
    page = page_of((rows if everything else rows.waiting()).with_lines(), request, order=ORDER)
    run = request.actor.organisations(*access.RUNS)
    for row in page.rows:
        row.is_for_us = row.asked_of_id in run
    return render(request, "depot/requests.html", {"page": page, "everything": everything})


@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """A school asks its depot; who runs a stock may also ask the depot of another city."""
    sites = access.places_to_ask_for(request.actor)
    depots = access.depots_to_ask(request.actor)
    runs = access.stocks(request.actor).order_by("pk")
    data = request.POST if request.method == "POST" else None
    count = line_forms.count_in(data) if data is not None else line_forms.LINES
    limits: dict[str, Any] = {"sites": sites, "depots": depots, "may_ask_outside": runs.exists()}
    initial = {"asked_of": request.GET.get("of", ""), "needed_on": request.GET.get("from", "")}
    form = forms.Ask(data, initial=initial, **limits)
    lines = line_forms.lines(data, count, initial=asked_for(request))
    if data is not None and "more" in data:
        form = forms.Ask(None, initial={name: data.get(name) for name in form.fields}, **limits)
        lines = line_forms.lines(None, min(count + line_forms.LINES, 40), initial=as_initial(data, count))
    elif data is not None:
        wanted = line_forms.wanted_in(lines)
        if form.is_valid() and wanted is not None:
            try:
                made = _ask(request, form.cleaned_data, wanted)
            except Refused as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, _("%(name)s has your request.") % {"name": made.asked_of.name})
                return redirect("depot:request", made.pk)
    return render(request, "depot/ask.html", {"form": form, "lines": lines})


def _ask(request: HttpRequest, values: dict[str, Any], wanted: list[Wanted]) -> InstrumentRequest:
    at = clock.now()
    site = values.pop("site", None)
    outside = values.pop("outside", "")
    terms = Terms(values.pop("terms", "") or Terms.LOAN.value)
    if site is None:
        home = access.stocks(request.actor).order_by("pk").first()
        if home is None:
            raise Http404
        site = Site.objects.filter(organisation=home, name=outside.strip(), sort=Site.OUTSIDE).first() or open_site(
            organisation=home, name=outside, sort=Site.OUTSIDE, by=request.actor, at=at
        )
    return acts.ask(site=site, terms=terms, wanted=wanted, by=request.actor, at=at, **values)


@require_http_methods(["GET", "POST"])
def request_page(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One request: its answer, or the form to answer it."""
    row = access.instrument_request(request.actor, pk)
    is_open = row.answered_at is None and row.withdrawn_at is None
    may_answer = is_open and access.may_answer(request.actor, row)
    may_withdraw = is_open and access.may_withdraw(request.actor, row)
    act = request.POST.get("act")
    answers = forms.answers(request.POST if act == "answer" else None, row) if may_answer else []
    refused = ""
    offers: list[Any] = []
    if request.method == "POST":
        try:
            if act == "withdraw" and may_withdraw:
                acts.withdraw(request=row, by=request.actor, at=clock.now())
                messages.success(request, _("The request is withdrawn."))
                return redirect("depot:requests")
            if act == "answer" and answers and _all_valid(answers):
                acts.answer(
                    request=row,
                    grants=[answer.grant() for answer in answers],
                    by=request.actor,
                    at=clock.now(),
                    reservation_id=uuid.uuid4(),
                )
                messages.success(request, _("The answer is sent. What you give is reserved."))
                return redirect("depot:request", row.pk)
        except NotEnough as refusal:
            refused, offers = str(refusal), offers_of(refusal)
        except Refused as refusal:
            refused = str(refusal)
    shipments = []
    if row.reservation_id:
        shipments = list(access.shipments(request.actor).filter(reservation=row.reservation_id).order_by("sent_on"))
    return render(
        request,
        "depot/request.html",
        {
            "row": row,
            "lines": list(row.lines.all()),
            "answers": answers,
            "may_withdraw": may_withdraw,
            "may_pick": bool(row.reservation_id) and access.may_answer(request.actor, row),
            "refused": refused,
            "offers": offers,
            "terms": forms.TERMS[Terms(row.terms)],
            "leaves_on": leaves_on(row.asked_of_id, row.site, row.needed_on),
            "weeks": freight_weeks(row.asked_of_id, row.site),
            "shipments": shipments,
        },
    )


def _all_valid(answers: list[forms.Answer]) -> bool:
    valid = [answer.is_valid() for answer in answers]  # each shows its own mistake
    return all(valid)
