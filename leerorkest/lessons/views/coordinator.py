"""What coordinators still have to do: registers that are open, marks that did not fit."""

from functools import partial

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from leerorkest.people.access import Actor
from leerorkest.schools import access as schools
from leerorkest.shared import clock
from leerorkest.shared.actions import Refused, record_seen
from leerorkest.shared.pages import PAGE_SIZE, page_of
from leerorkest.shared.prepared import prepared

from .. import access, actions, queries
from ..forms import DecisionForm
from ..models import QuarantinedMark


@require_GET
def missing(request: HttpRequest) -> HttpResponse:
    open_before_today = queries.missing_registers(request.actor, before=clock.today())
    page = page_of(open_before_today, request, order=("on", "starts_at", "pk", "section_id"))
    return render(request, "lessons/missing.html", {"page": page})


@require_GET
def patterns(request: HttpRequest) -> HttpResponse:
    """Children who missed three lessons in a row, for a gentle question at school or at home."""
    actor, now = request.actor, clock.now()
    found = queries.patterns(actor, on=actor.on)
    if found:
        detail = {"children": [str(one.child.uid) for one in found]}
        record_seen(by=actor, at=now, what="seen.children", subject="patterns", detail=detail)
    return render(request, "lessons/patterns.html", {"patterns": found})


def _aside(actor: Actor) -> QuerySet[QuarantinedMark]:
    return access.quarantine(actor).select_related("by", "lesson__series__group__school__site", "child")


@prepared
def _first_aside(actor: Actor) -> QuerySet[QuarantinedMark]:
    return _aside(actor).order_by("pk")[: PAGE_SIZE + 1]


@require_GET
def quarantine(request: HttpRequest) -> HttpResponse:
    page = page_of(partial(_aside, request.actor), request, order=("pk",), first=partial(_first_aside, request.actor))
    seen = set(schools.seen_among(request.actor, tuple(row.child_id for row in page if row.child_id)))
    names = [str(row.child.uid) for row in page if row.child_id in seen]
    if names:
        now, detail = clock.now(), {"children": names}
        record_seen(by=request.actor, at=now, what="seen.children", subject="quarantine", detail=detail)
    return render(request, "lessons/quarantine.html", {"page": page, "seen": seen})


@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    row = access.quarantined(request.actor, pk)
    form = DecisionForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose to accept the mark or to leave it out."))
        return redirect("lessons:quarantine")
    decision = form.cleaned_data["decision"]
    try:
        actions.decide_quarantined(quarantined=row, decision=decision, by=request.actor, at=clock.now())
        messages.success(request, _("It is decided."))
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("lessons:quarantine")
