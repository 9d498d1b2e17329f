"""What travels together."""

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from leerorkest.shared import clock
from leerorkest.shared.actions import Refused

from .. import access
from ..actions import kits
from ..forms.kits import Join
from ..queries.kits import companions_of


@require_http_methods(["GET", "POST"])
def kit(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """The instruments that travel with this one: scan another to add it, untick one to leave it out."""
    row = access.instrument_to_run(request.actor, uid)
    companions = companions_of(row)
    form = Join(request.POST or None, instrument=row, instruments=access.instruments_to_run(request.actor))
    if request.method == "POST" and form.is_valid():
        inputs = {"handover_id": form.cleaned_data["handover_id"], "by": request.actor, "at": clock.now()}
        together = form.together()
        try:
            if len(together) == 1 and companions:
                kits.take_apart(instruments=[row], **inputs)
            else:
                kits.join(instruments=together, name=form.cleaned_data["name"], **inputs)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The kit is as you say."))
            return redirect("depot:instrument", row.uid)
    return render(request, "depot/kit_edit.html", {"row": row, "form": form, "companions": companions})
