"""What the code on a label opens, a stranger's message, and the list of messages for the depot."""

import uuid
from datetime import timedelta

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from leerorkest.shared import clock
from leerorkest.shared.actions import Refused, System
from leerorkest.shared.limits import one_more
from leerorkest.shared.pages import page_of

from .. import access
from ..actions import found as acts
from ..forms import found as forms
from ..queries import tags
from ..rules import FoundOutcome
from .parts import may

MOST_IN_AN_HOUR = 5  # messages from one address


@require_http_methods(["GET", "POST"])
def tag(request: HttpRequest, tag: str) -> HttpResponse:
    """Staff go to the instrument; anybody else reads how to give it back, and can write to us.

    The answer to a stranger is the same for every label, known or not: it says nothing of whose it is.
    """
    if request.actor is not None:
        current = tags.current_tag(tag)
        found = access.instruments(request.actor).filter(tag=current).first()
        if found:
            return redirect("depot:instrument", found.uid)
        if may(request, *access.RUNS) and access.labels(request.actor).unclaimed().filter(tag=current).exists():
            return redirect("depot:claim_label", current)
    form = forms.Found(request.POST or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        if form.is_by_a_machine:
            return _thanks(request)
        sender = get_adapter().get_client_ip(request)
        if one_more("found", sender, most=MOST_IN_AN_HOUR, within=timedelta(hours=1), at=clock.now()):
            written = {name: form.cleaned_data[name] for name in ("message", "reply", "notice_id")}
            acts.report_found(text=tag, **written, by=System("finder"), at=clock.now())
            return _thanks(request)
        form.add_error(None, _("There were many messages from here. Try again in an hour."))
        status = 429
    return render(request, "depot/tag.html", {"contact": settings.CONTACT, "form": form}, status=status)


def _thanks(request: HttpRequest) -> HttpResponse:
    return render(request, "depot/found_thanks.html")


@require_GET
def notices(request: HttpRequest) -> HttpResponse:
    """Messages of who found something, the oldest first."""
    rows = access.found_notices(request.actor).waiting().select_related("instrument__kind", "instrument__size")
    page = page_of(rows, request, order=("made_at", "pk"))
    return render(request, "depot/found_notices.html", {"page": page, "outcomes": forms.OUTCOMES.items()})


@require_POST
def handle(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    notice = access.found_notice(request.actor, pk)
    form = forms.Handled(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose what came of it."))
    else:
        try:
            acts.handle_found(
                notice=notice,
                outcome=FoundOutcome(form.cleaned_data["outcome"]),
                by=request.actor,
                at=clock.now(),
            )
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("Done. What the finder wrote is erased."))
    return redirect("depot:found_notices")
