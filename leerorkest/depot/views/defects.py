"""Something is wrong with an instrument: say so in three taps, look at it, add a photo, take a mistake back."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from leerorkest.shared import clock
from leerorkest.shared.actions import Refused
from leerorkest.shared.files import attachment, re_encode

from .. import access
from ..actions import defects as actions
from ..defect_kinds import SHAPES, shape_of
from ..forms import defects as forms
from ..models import Defect, Instrument
from ..queries import defects as queries
from ..queries import loaners
from .parts import label_holders


@require_http_methods(["GET", "POST"])
def report(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """The picture → what is wrong → done."""
    row = access.instrument_to_report(request.actor, uid)
    form = forms.Report(request.POST or None, shape=shape_of(row.kind))
    if request.method == "POST" and form.is_valid():
        try:
            defect = actions.report_defect(instrument=row, by=request.actor, at=clock.now(), **form.cleaned_data)
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            return redirect("depot:defect", defect.pk)
    shape = shape_of(row.kind)
    return render(
        request,
        "depot/defects/report.html",
        {
            "row": row,
            "shape": shape,
            "shape_words": SHAPES[shape],
            "spots": queries.spots(shape),
            "form": form,
            "note": request.POST.get("note", ""),
            "defect_id": uuid.uuid4(),
            "known": queries.open_defects(row),
        },
    )


@require_GET
def defect(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """What was reported, and what can be done now."""
    found = access.defect(request.actor, pk)
    row = access.instrument(request.actor, found.instrument.uid)
    label_holders(request, [row], subject=row)
    return render(request, "depot/defects/defect.html", _page(request, found, row))


def _page(request: HttpRequest, found: Any, row: Any) -> dict[str, Any]:
    return {
        "defect": found,
        "row": row,
        "photo": forms.Photo(),
        **_loaner(request, found, row),
        "may_withdraw": found.ended_at is None and access.may_change_defect(request.actor, found),
    }


def _loaner(request: HttpRequest, found: Defect, row: Instrument) -> dict[str, Any]:
    """What the child who waits could play meanwhile: the nearest and two more, or that somebody else must bring it."""
    child = loaners.waiting_child(found, request.actor.on)
    if child is None or not access.may_answer_defect(request.actor, found):
        return {"waits": child is not None}
    school = loaners.school_of(child, request.actor.on)
    own = access.instruments_to_lend(request.actor)
    near = list(loaners.proposals(own, row, school).with_parties()[:3]) if school else []
    return {"waits": True, "may_lend_loaner": True, "near": near, "handover_id": uuid.uuid4()}


@require_POST
def photo_of_defect(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    found = access.defect_to_change(request.actor, pk)
    form = forms.Photo(request.POST, request.FILES)
    if form.is_valid():
        try:
            clean = re_encode(form.cleaned_data["photo"].read())
            actions.add_photo(defect=found, photo=clean, by=request.actor, at=clock.now())
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("The photo is kept with the report."))
    else:
        messages.error(request, _("No photo was chosen. Take one, or leave it out."))
    return redirect("depot:defect", found.pk)


@require_GET
def defect_photo(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    found = get_object_or_404(access.defects(request.actor), pk=pk, photo__isnull=False)
    assert found.photo is not None  # asked for above
    return attachment(found.photo, f"defect-{found.instrument.tag}")


@require_POST
def withdraw_defect(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    found = access.defect_to_change(request.actor, pk)
    try:
        actions.withdraw_defect(defect=found, by=request.actor, at=clock.now())
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The report is taken back."))
    return redirect("depot:instrument", found.instrument.uid)
