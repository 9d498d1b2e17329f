"""What the instruments are worth: totals on a page, lists for the insurer, and the rules behind them."""

import uuid
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from leerorkest.music.models import FAMILIES
from leerorkest.shared import clock, tables
from leerorkest.shared.actions import Refused

from .. import access, forms
from ..actions import values as value_actions
from ..forms.values import OnDay, ValueForm, ValueRuleForm
from ..models import ValueRule
from ..queries import values
from ..rules import DEPRECIATION
from .places import place_words

YEAR = timedelta(days=365)


def _chosen(request: HttpRequest) -> tuple[OnDay, Any, date]:
    asked = {"on": request.actor.on.isoformat(), **request.GET.dict()}
    form = OnDay(asked, organisations=access.organisations_seen(request.actor), today=request.actor.on)
    organisation, on = form.chosen()
    if organisation is None:
        raise Http404
    return form, organisation, on


def _money(amount: Decimal | None) -> str:
    return "" if amount is None else number_format(amount, decimal_pos=2, force_grouping=True)


@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """Totals per currency and place on a day, and what left in the year before it."""
    form, organisation, on = _chosen(request)
    found = values.totals(values.valued_on(access.instruments(request.actor), organisation, on))
    return render(
        request,
        "depot/values.html",
        {
            "form": form,
            "organisation": organisation,
            "on": on,
            "by_currency": sorted(found.by_currency.items()),
            "by_place": sorted(found.by_place.items()),
            "left": values.written_off(access.instruments(request.actor), organisation, on - YEAR, on)[:200],
            "reasons": dict(forms.REASONS),
            "may_change": access.stocks(request.actor).filter(pk=organisation.pk).exists(),
        },
    )


def _list(rows: list[values.Valued]) -> tuple[list[str], list[list[Any]]]:
    head = [_("Label"), _("Number"), _("Kind"), _("Size"), _("Brand"), _("Model"), _("Serial number"), _("Owner")]
    head += [_("Kept by"), _("Where it stands"), _("Bought on"), _("Cost"), _("Replacement value"), _("Currency")]
    lines = []
    for row in rows:
        one = row.instrument
        lines.append(
            [
                *(one.readable_tag, one.number, one.kind.name, str(one.size or ""), one.brand, one.model),
                *(one.serial_number, row.owner, row.keeper, place_words(row.place) if row.place else ""),
                *(one.purchased_on, one.purchase_value, row.value, one.currency),
            ]
        )
    return head, lines


def _totals(rows: list[values.Valued]) -> list[list[Any]]:
    found = values.totals(rows)
    head = [_("Currency"), _("Kept by"), _("Instruments"), _("Without a value"), _("Cost"), _("Replacement value")]
    lines: list[list[Any]] = [head]
    for (currency, place), total in sorted(found.by_place.items()):
        lines.append([currency, place, total.count, total.without_value, total.purchase, total.value])
    for currency, total in sorted(found.by_currency.items()):
        lines.append([currency, _("all places"), total.count, total.without_value, total.purchase, total.value])
    return lines


@require_GET
def insurer_list(request: HttpRequest, form: str) -> HttpResponse:
    """`form`: pdf or xlsx. No child stands in it: what is with a child is “at home”."""
    _form, organisation, on = _chosen(request)
    rows = values.valued_on(access.instruments(request.actor), organisation, on)
    head, lines = _list(rows)
    title = _("Instruments of %(organisation)s") % {"organisation": organisation.name}
    if form == "xlsx":
        cells = [[_number(cell) for cell in line] for line in lines]
        totals = [[_number(cell) for cell in line] for line in _totals(rows)]
        content = tables.xlsx(_("Instruments"), head, cells, totals)
        sort = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    elif form == "pdf":
        under = _("As it was on %(day)s") % {"day": date_format(on, "DATE_FORMAT")}
        content = tables.pdf(
            title,
            under,
            head,
            [[_text(c) for c in line] for line in lines],
            [[_text(c) for c in t] for t in _totals(rows)],
        )
        sort = "application/pdf"
    else:
        raise Http404
    response = HttpResponse(content, content_type=sort)
    response["Content-Disposition"] = f'attachment; filename="instruments-{on.isoformat()}.{form}"'
    return response


def _number(cell: Any) -> Any:
    """Amounts and counts as numbers that a spreadsheet can add; days as everybody writes them."""
    if isinstance(cell, Decimal):
        return float(cell)
    return cell.isoformat() if isinstance(cell, date) else cell


def _text(cell: Any) -> str:
    if isinstance(cell, Decimal):
        return _money(cell)
    if isinstance(cell, date):
        return date_format(cell, "SHORT_DATE_FORMAT")
    return "" if cell is None else str(cell)


@require_http_methods(["GET", "POST"])
def value_rules(request: HttpRequest) -> HttpResponse:
    organisations = access.stocks(request.actor)
    form = ValueRuleForm(request.POST or None, organisations=organisations)
    if request.method == "POST" and form.is_valid():
        value_actions.set_value_rule(
            organisation=form.cleaned_data["organisation"],
            kind=form.cleaned_data["kind"],
            rule=form.rule(),
            by=request.actor,
            at=clock.now(),
        )
        messages.success(request, _("From now on values are worked out like this."))
        return redirect("depot:value_rules")
    chosen = ValueRule.objects.filter(organisation__in=organisations).select_related("kind", "organisation")
    families = [(dict(FAMILIES)[family], rule) for family, rule in DEPRECIATION.items()]
    return render(
        request, "depot/value_rules.html", {"form": form, "rules": chosen.order_by("pk"), "families": families}
    )


@require_http_methods(["GET", "POST"])
def value(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    row = access.instrument_to_run(request.actor, uid)
    cost = "" if row.purchase_value is None else str(row.purchase_value)
    initial = {"purchase_value": cost, "currency": row.currency, "purchased_on": row.purchased_on}
    form = ValueForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            value_actions.value_instrument(instrument=row, **form.cleaned_data, by=request.actor, at=clock.now())
        except Refused as refusal:
            form.add_error("currency", str(refusal))
        else:
            messages.success(request, _("The value is noted."))
            return redirect("depot:instrument", row.uid)
    return render(request, "depot/value.html", {"row": row, "form": form})
