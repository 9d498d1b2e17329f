"""What will be needed, and what can be spared."""

import uuid
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from leerorkest.network.models import Organisation
from leerorkest.shared import clock
from leerorkest.shared.actions import Refused

from .. import access
from ..actions import surplus as acts
from ..forecast import Expected
from ..forms import demand as forms
from ..queries import demand as queries
from .parts import uuid_or_404

WIDTH, HEIGHT, LEFT, BELOW = 640, 240, 48, 36  # of the picture, and what its labels need


def _stock(request: HttpRequest) -> Organisation:
    """The organisation whose stock the actor runs; the one that was asked for where there are more."""
    stocks = access.stocks(request.actor).order_by("name", "pk")
    key = request.GET.get("organisation", "")
    found = (stocks.filter(key=key) if key else stocks).first()
    if found is None:
        raise Http404
    return found


@dataclass(frozen=True)
class Picture:
    """A range as an area, the mean as a line, the stock as a dashed line; in the units of the picture."""

    area: str
    line: str
    stock_y: int
    points: list[tuple[int, int, Expected]]
    top: int


def _picture(row: queries.Outlook) -> Picture:
    top = max([row.stock, row.now, *(one.high for one in row.expected), 1])

    def at(n: int) -> int:
        return LEFT + (WIDTH - 2 * LEFT) * n // 4

    def up(value: float) -> int:
        return round(HEIGHT - BELOW - (HEIGHT - 2 * BELOW) * value / top)

    points = [(at(n), up(one.mean), one) for n, one in enumerate(row.expected, start=1)]
    highs = [f"{at(n)},{up(one.high)}" for n, one in enumerate(row.expected, start=1)]
    lows = [f"{at(n)},{up(one.low)}" for n, one in enumerate(row.expected, start=1)]
    begin = f"{at(0)},{up(row.now)}"
    return Picture(
        area=" ".join([begin, *highs, *reversed(lows)]),
        line=" ".join([begin, *(f"{x},{y}" for x, y, _one in points)]),
        stock_y=up(row.stock),
        points=points,
        top=top,
    )


@require_GET
def outlook(request: HttpRequest) -> HttpResponse:
    organisation = _stock(request)
    rows, tested = queries.outlook(organisation, request.actor.on)
    value = request.GET.get("what", "")
    short = [row for row in rows if row.short]
    chosen = next((row for row in rows if row.value == value), None) or next(
        iter(sorted(short, key=lambda row: -row.short.number if row.short else 0) or rows), None
    )
    return render(
        request,
        "depot/outlook.html",
        {
            "organisation": organisation,
            "rows": rows,
            "short": short,
            "quarters": [one.on for one in next((row.expected for row in rows if row.expected), [])],
            "tested": tested,
            "within": round(tested.within * 100) if tested else 0,
            "chosen": chosen,
            "picture": _picture(chosen) if chosen and chosen.expected else None,
            "width": WIDTH,
            "height": HEIGHT,
        },
    )


@require_http_methods(["GET", "POST"])
def surplus(request: HttpRequest) -> HttpResponse:
    """What others can spare, with one tap to ask for it; what we offer, and what we could."""
    organisation = _stock(request)
    form = forms.Spare(request.POST if request.POST.get("act") == "offer" else None)
    if request.method == "POST":
        try:
            if _do(request, organisation, form):
                return redirect("depot:surplus")
        except Refused as refusal:
            if form.is_bound:
                form.add_error(None, str(refusal))
            else:
                messages.error(request, str(refusal))
    rows, _tested = queries.outlook(organisation, request.actor.on)
    ours = list(access.surpluses_run(request.actor).select_related("kind", "size").order_by("kind__position", "pk"))
    offered = {(row.kind_id, row.size_id) for row in ours}
    return render(
        request,
        "depot/surplus.html",
        {
            "offers": queries.offers(access.surpluses_of_others(request.actor)[:500]),
            "ours": ours,
            "spare": [row for row in rows if row.spare and (row.kind.pk, row.size and row.size.pk) not in offered],
            "form": form,
            "surplus_id": uuid.uuid4(),
        },
    )


def _do(request: HttpRequest, organisation: Organisation, form: forms.Spare) -> bool:
    inputs: dict[str, Any] = {"by": request.actor, "at": clock.now()}
    if form.is_bound and form.is_valid():
        acts.offer(organisation=organisation, spare=form.spare(), surplus_id=form.cleaned_data["surplus_id"], **inputs)
        messages.success(request, _("Other cities see this now: kind, size, number and town, nothing else."))
        return True
    if request.POST.get("act") == "end":
        pk = uuid_or_404(request.POST.get("surplus", ""))
        found = get_object_or_404(access.surpluses_run(request.actor), pk=pk)
        acts.end_offer(surplus=found, **inputs)
        return True
    return False
