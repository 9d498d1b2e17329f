"""Where instruments stand: moved with a scan, and looked up for any date."""

import uuid
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from leerorkest.shared import clock
from leerorkest.shared.actions import Refused
from leerorkest.shared.templatetags.words import when

from .. import access, forms, queries, rules
from .. import labels as printing
from ..actions import owners, places
from ..forms import places as place_forms
from ..models import Custody, Handover, Instrument, Ownership, Placement


def place_words(place: Placement) -> str:
    match rules.Where(place.sort):
        case rules.Where.HOME:
            return _("At home with who has it")
        case rules.Where.UNKNOWN:
            return _("Nobody knows where")
        case rules.Where.TRANSIT:
            return _("On the way to %(site)s") % {"site": place.site}
        case rules.Where.SITE:
            return f"{place.site}, {place.shelf}" if place.shelf else str(place.site)


# --- on any date ------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Fact:
    """One of the four facts at a moment, and how it came about."""

    title: str
    words: str
    how: str = ""
    handover: uuid.UUID | None = None


@dataclass(frozen=True)
class AnyDate:
    form: place_forms.OnAnyDate
    at: datetime | None = None
    facts: tuple[Fact, ...] = ()


def any_date(request: HttpRequest, instrument: Instrument, labels: dict[uuid.UUID, access.HolderLabel]) -> AnyDate:
    """The keeper, holder, place and owner at the end of the chosen day, or at the chosen time on it."""
    asked = {name: request.GET[name] for name in ("on", "time") if request.GET.get(name)}
    form = place_forms.OnAnyDate(asked or None, latest=request.actor.on)
    if not asked or not form.is_valid():
        return AnyDate(form)
    zone = ZoneInfo(instrument.organisation.time_zone)
    at = datetime.combine(form.cleaned_data["on"], form.cleaned_data["time"] or time.max, zone)
    at = min(at, clock.now())
    found = queries.places.facts_at(instrument, at)
    nothing, us = _("It was not here yet."), instrument.organisation_id
    return AnyDate(
        form,
        at,
        (
            _fact(_("Kept by"), found.keeper, str(found.keeper.site) if found.keeper else nothing, us),
            _fact(_("In care of"), found.holder, _holder(found, labels, us), us),
            _fact(_("Where it stood"), found.place, _stood(found.place, us) if found.place else nothing, us),
            _fact(_("Owner"), found.owner, str(found.owner or nothing), us),
        ),
    )


def _holder(found: queries.places.Facts, labels: dict[uuid.UUID, access.HolderLabel], us: int) -> str:
    """Who held it before is not told of a child: that name shows only while the instrument is lent. Of another
    organisation nobody's name is told."""
    if found.holder is None:
        return _("Nobody") if found.keeper else _("It was not here yet.")
    if not _is_of(us, found.holder):
        return _("Lent")
    label = labels.get(found.holder.pk)
    if label and label.words:
        return label.words
    return found.holder.account.name if found.holder.account else _("A child")


def _stood(place: Placement, us: int) -> str:
    """The shelves of another organisation are its own affair."""
    return place_words(place) if _is_of(us, place) or not place.site else str(place.site)


def _is_of(organisation: int, row: Custody | Placement | Ownership) -> bool:
    return row.began_with.organisation_id == organisation


def _fact(title: str, row: Custody | Placement | Ownership | None, words: str, us: int) -> Fact:
    if row is None:
        return Fact(title, words)
    if not _is_of(us, row):
        return Fact(title, words, how_it_began(row.began_with, name=""))
    return Fact(title, words, how_it_began(row.began_with), row.began_with_id)


def how_it_began(handover: Handover, name: str | None = None) -> str:
    """ "Issued, 3 September 2026 09:00, by Joost Bos": which handover, when and by whom."""
    facts = {
        "sort": forms.SORTS[rules.HandoverSort(handover.sort)],
        "at": when(handover.at, "SHORT_DATETIME_FORMAT"),
        "name": (handover.by.name if handover.by else "") if name is None else name,
    }
    return _("%(sort)s, %(at)s, by %(name)s") % facts if facts["name"] else _("%(sort)s, %(at)s") % facts


# --- from shelf to shelf ----------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
def move(request: HttpRequest) -> HttpResponse:
    """Scan a shelf, scan instruments: they stand there. The label of a shelf opens this page with the shelf filled."""
    sites = access.keepers(request.actor)
    form = place_forms.Move(
        request.POST or None,
        instruments=access.instruments_to_run(request.actor),
        sites=sites,
        initial={name: request.GET.get(name, "")[:200] for name in ("site", "shelf", "tags") if request.GET.get(name)},
    )
    if request.method == "POST" and form.is_valid():
        rows, site, shelf = form.chosen(), form.cleaned_data["site"], form.cleaned_data["shelf"]
        try:
            places.move(
                instruments=rows,
                where=form.cleaned_data["where"],
                site=site,
                shelf=shelf,
                handover_id=form.cleaned_data["handover_id"],
                by=request.actor,
                at=clock.now(),
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            moved = ngettext(
                "%(count)s instrument has its new place.", "%(count)s instruments have their new place.", len(rows)
            )
            messages.success(request, moved % {"count": len(rows)})
            if site is None:
                return redirect("depot:instrument", rows[0].uid) if len(rows) == 1 else redirect("depot:move")
            return redirect(f"{reverse('depot:move')}?{urlencode({'site': site.pk, 'shelf': shelf})}")
    chosen = form["site"].value()
    site = sites.filter(pk=chosen).first() if str(chosen or "").isdecimal() and len(str(chosen)) < 18 else None
    return render(
        request,
        "depot/move.html",
        {"form": form, "site": site, "shelves": queries.places.shelves(site) if site else []},
    )


@require_http_methods(["GET", "POST"])
def shelf_labels(request: HttpRequest) -> HttpResponse:
    """A PDF with a label for each shelf: its code opens the page to move instruments there."""
    form = place_forms.ShelfLabels(request.POST or None, sites=access.keepers(request.actor))
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        home = settings.ADDRESS or request.build_absolute_uri("/").rstrip("/")
        content = printing.pdf(
            values["sheet"],
            [
                printing.Label(
                    address=f"{home}{reverse('depot:move')}?{urlencode({'site': values['site'].pk, 'shelf': shelf})}",
                    tag=shelf,
                    words=str(values["site"]),
                    number="",
                )
                for shelf in values["shelves"]
            ],
            start=0,
            shift=(0.0, 0.0),
        )
        response = HttpResponse(content, content_type="application/pdf")
        response["Content-Disposition"] = 'attachment; filename="shelves.pdf"'
        return response
    return render(request, "depot/shelf_labels.html", {"form": form})


@require_http_methods(["GET", "POST"])
def change_owner(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    row = access.instrument_to_run(request.actor, uid)
    form = place_forms.ChangeOwner(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            owners.change_owner(
                instruments=[row],
                owner=form.cleaned_data["owner"],
                note=form.cleaned_data["note"],
                handover_id=form.cleaned_data["handover_id"],
                by=request.actor,
                at=clock.now(),
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("%(instrument)s has another owner now.") % {"instrument": row.name})
            return redirect("depot:instrument", row.uid)
    return render(request, "depot/change_owner.html", {"row": row, "form": form})


@require_http_methods(["GET", "POST"])
def home_rules(request: HttpRequest) -> HttpResponse:
    """From which year on instruments go home: for all schools, and otherwise at one school."""
    sites = access.keepers(request.actor).filter(sort="school").order_by("organisation", "name")
    organisations = access.stocks(request.actor)
    form = place_forms.HomeRuleForm(request.POST or None, organisations=organisations, sites=sites)
    if request.method == "POST" and form.is_valid():
        values: dict[str, Any] = form.cleaned_data
        site = values["site"]
        places.set_home_rule(
            organisation=site.organisation if site else values["organisation"],
            site=site,
            home_from_year=values["home_from_year"],
            by=request.actor,
            at=clock.now(),
        )
        messages.success(request, _("From now on a hand-out proposes this."))
        return redirect("depot:home_rules")
    rules_now = queries.places.home_rules(sites, organisations.values("pk")).select_related("site", "organisation")
    return render(request, "depot/home_rules.html", {"form": form, "rules": rules_now.order_by("site__name")})
