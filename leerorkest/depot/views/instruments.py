"""Lists, one instrument, and what a label opens."""

import csv
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from leerorkest.people.access import Actor
from leerorkest.shared.pages import page_of
from leerorkest.shared.prepared import prepared
from leerorkest.shared.scanning import with_scanner
from leerorkest.shared.templatetags.words import when

from .. import access, forms, queries
from ..models import Custody, Instruments
from ..queries import tags
from ..queries.defects import open_defects
from ..queries.gifts import gift_of
from ..queries.kits import companions_of
from ..queries.reservations import reserved_for
from ..queries.shipments import borrowed, under_way
from ..rules import read_tag
from .parts import ORDER, label_holders, may
from .places import any_date, place_words


@require_GET
def instruments(request: HttpRequest) -> HttpResponse:
    chosen = forms.Filter(request.GET, keepers=access.keepers_seen(request.actor))
    rows = chosen.apply(access.instruments(request.actor), request.actor.on).numbered().with_parties()
    page = page_of(rows, request, order=ORDER)
    label_holders(request, page.rows)
    query = request.GET.copy()
    query.pop("after", None)
    return render(
        request,
        "depot/instruments.html",
        {
            "page": page,
            "filter": chosen,
            "query": query.urlencode(),
            "may_run": may(request, *access.RUNS),
            "may_lend": may(request, *access.LENDS),
        },
    )


class _Echo:
    """What a CSV writer writes to when each line goes out at once."""

    def write(self, line: str) -> str:
        return line


def _safe_cell(value: object) -> str:
    """A spreadsheet takes a text that opens with one of these for a formula: an apostrophe keeps it a text."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


@require_GET
def export(request: HttpRequest) -> StreamingHttpResponse:
    """The list as it is filtered, for a spreadsheet. Who holds an instrument stays out of files."""
    chosen = forms.Filter(request.GET, keepers=access.keepers_seen(request.actor))
    rows = chosen.apply(access.instruments(request.actor), request.actor.on).numbered().with_parties().order_by(*ORDER)
    rows = rows.with_place().with_owner()
    write = csv.writer(_Echo(), delimiter=";").writerow
    head = [_("Label"), _("Number"), _("Kind"), _("Size"), _("Brand"), _("Model"), _("Serial number"), _("Owner")]
    head += [_("Value"), _("Currency"), _("Bought on"), _("Kept by"), _("State"), _("Retired on")]
    head += [_("Where it stands")]
    state = {True: _("Lent"), False: _("On the shelf")}

    def lines() -> Iterator[str]:
        yield "\ufeff" + write(head)  # the mark tells a spreadsheet that it is UTF-8
        for row in rows.iterator(chunk_size=500):
            cells: list[object] = [row.tag, row.number, row.kind.name, row.size and row.size.code, row.brand, row.model]
            cells += [row.serial_number, row.ownership, row.purchase_value, row.currency, row.purchased_on]
            cells += [row.keeper, "" if row.retired_on else state[bool(row.holding)], row.retired_on]
            cells += [row.place and place_words(row.place)]
            yield write([_safe_cell(cell) for cell in cells])

    response = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="instruments.csv"'
    return response


@with_scanner
@require_GET
def find(request: HttpRequest) -> HttpResponse:
    """The box into which a hand scanner types a label, or a person a number."""
    text = request.GET.get("tag", "")[:200]
    current = read_tag(text)
    found = access.scanned(request.actor, current)
    if found is None:  # perhaps an old label
        current = tags.current_tag(text)
        found = access.scanned(request.actor, current)
    if found:
        return redirect("depot:instrument", found.uid)
    if access.labels(request.actor).unclaimed().filter(tag=current).exists():
        return redirect("depot:claim_label", current)
    rows = _numbered(request.actor, text.strip()) if text.strip() else []
    if len(rows) == 1:
        return redirect("depot:instrument", rows[0].uid)
    label_holders(request, rows)
    problem = tags.what_is(text) if text.strip() and not rows else ""
    return render(request, "depot/find.html", {"text": text, "rows": rows, "problem": problem})


@prepared
def _numbered(actor: Actor, number: str) -> Instruments:
    return access.instruments(actor).filter(number=number).order_by("kind_id", "pk").with_parties()[:51]


@dataclass(frozen=True)
class Step:
    """One period on the path of an instrument."""

    words: str
    soft: str
    is_open: bool
    began_with: uuid.UUID | None  # None: another organisation's handover


def _steps(rows: list[Custody], labels: dict[uuid.UUID, access.HolderLabel], organisation_id: int) -> list[Step]:
    return [_step(row, labels, is_ours=row.began_with.organisation_id == organisation_id) for row in rows]


def _step(row: Custody, labels: dict[uuid.UUID, access.HolderLabel], *, is_ours: bool) -> Step:
    """What happened while another organisation had it: the places, and that somebody held it; nobody's name."""
    held = _held(row, labels) if is_ours else _("Lent")
    return Step(
        words=_kept(row) if row.site else held,
        soft=_since(row, name=row.began_with.by.name if is_ours and row.began_with.by else ""),
        is_open=row.ended_at is None,
        began_with=row.began_with_id if is_ours else None,
    )


def _kept(row: Custody) -> str:
    return _("Kept by %(site)s") % {"site": row.site}


def _held(row: Custody, labels: dict[uuid.UUID, access.HolderLabel]) -> str:
    """Who held it before is not told of a child: that name shows only while the instrument is lent."""
    label = labels.get(row.pk)
    if label and label.words:
        return _("Lent to %(holder)s") % {"holder": label.words}
    if row.account:
        return _("Lent to %(holder)s") % {"holder": row.account.name}
    return _("Lent to a child")


def _since(row: Custody, *, name: str) -> str:
    facts = {
        "start": when(row.started_at, "SHORT_DATETIME_FORMAT"),
        "end": when(row.ended_at, "SHORT_DATETIME_FORMAT"),
        "name": name,
    }
    if row.ended_at:
        return _("%(start)s – %(end)s") % facts
    return _("Since %(start)s, by %(name)s") % facts if facts["name"] else _("Since %(start)s") % facts


@require_GET
def instrument(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    row = access.instrument(request.actor, uid)
    label_holders(request, [row], subject=row)
    labels = {row.holding.pk: row.holder_label} if row.holding else {}
    now = queries.places.stands(row)
    may_run, may_lend = access.may_run(request.actor, row), access.may_lend(request.actor, row)
    facts = [
        (_("Owner"), str(now.owner or "")),
        (_("Brand"), row.brand),
        (_("Model"), row.model),
        (_("Serial number"), row.serial_number),
        (_("Label"), row.readable_tag),
    ]
    if gift := gift_of(row):
        facts.append((_("Given by"), gift.donor.shown_name))
    if row.retired_on:
        facts.append((_("Why it left"), str(dict(forms.REASONS).get(row.retired_because, ""))))
    if row.purchase_value is not None:
        facts.append((_("Value"), f"{row.currency} {number_format(row.purchase_value)}"))
    return render(
        request,
        "depot/instrument.html",
        {
            "row": row,
            "facts": facts,
            "steps": _steps(queries.history(row.pk), labels, row.organisation_id),
            "may_lend": may_lend and not row.retired_on,
            "may_run": may_run,
            "may_report": access.may_report(request.actor, row),
            "defects": open_defects(row),
            "handover_id": uuid.uuid4(),
            "reserved_for": reserved_for(row),
            "place": now.place and place_words(now.place),
            "companions": companions_of(row),
            "found_notices": may_run and row.found_notices.waiting().exists(),
            "earlier_labels": list(row.labels.filter(replaced_at__isnull=False).order_by("replaced_at")),
            "any_date": any_date(request, row, labels),
            "under_way": under_way(row),
            "loan": borrowed([row]).get(row.pk),
        },
    )
