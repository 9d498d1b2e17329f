"""Gifts on their way to a child, and the link for who gave them. What the giver reads is a page of the home room."""

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from leerorkest.shared import clock
from leerorkest.shared.actions import Refused
from leerorkest.shared.pages import page_of

from .. import access
from ..actions import NewInstrument
from ..actions import gifts as acts
from ..forms.gifts import STEPS, Assess, NewGift, TakeInGift
from ..queries.gifts import gifts_to_finish


@require_GET
def gifts(request: HttpRequest) -> HttpResponse:
    """What waits first; `?all` shows what was taken in or declined too."""
    rows = access.gifts(request.actor).select_related("donor", "kind", "instrument")
    shows_all = "all" in request.GET
    page = page_of(rows if shows_all else gifts_to_finish(rows), request, order=("came_in_on", "pk"))
    for row in page.rows:
        row.words = STEPS[row.step]
    return render(request, "depot/gifts.html", {"page": page, "shows_all": shows_all})


@require_http_methods(["GET", "POST"])
def new_gift(request: HttpRequest) -> HttpResponse:
    form = NewGift(
        request.POST or None,
        donors=access.donors(request.actor).order_by("name"),
        organisations=access.stocks(request.actor),
        today=request.actor.on,
    )
    if request.method == "POST" and form.is_valid():
        values, acting = form.cleaned_data, {"by": request.actor, "at": clock.now()}
        donor = values["donor"] or acts.add_donor(
            **{name: values[name] for name in ("organisation", "name", "is_anonymous", "contact")}, **acting
        )
        made = acts.receive_gift(
            donor=donor, **{name: values[name] for name in ("kind", "description", "came_in_on")}, **acting
        )
        messages.success(request, _("The gift is noted. Let the workshop look at it next."))
        return redirect("depot:gift", made.uid)
    return render(request, "depot/gift_new.html", {"form": form})


@require_http_methods(["GET", "POST"])
def gift(request: HttpRequest, gift: uuid.UUID) -> HttpResponse:
    """Where it is on its way, with the one next thing to do."""
    row = access.gift_to_run(request.actor, gift)
    data, acting = request.POST or None, {"by": request.actor, "at": clock.now()}
    sites = access.depots(request.actor).filter(organisation=row.organisation_id)
    form = {
        "assess": lambda: Assess(data),
        "refurbish": lambda: None,
        "take_in": lambda: TakeInGift(data, kind=row.kind, sites=sites),
    }.get(row.step, lambda: None)()
    if request.method == "POST" and (form is None or form.is_valid()):
        try:
            if isinstance(form, Assess):
                acts.assess_gift(gift=row, **form.cleaned_data, **acting)
            elif isinstance(form, TakeInGift):
                values = dict(form.cleaned_data)
                made = acts.take_in_gift(
                    gift=row,
                    site=values.pop("site"),
                    handover_id=values.pop("handover_id"),
                    new=NewInstrument(**values),
                    **acting,
                )
                messages.success(
                    request, _("%(instrument)s is taken in. Print its label next.") % {"instrument": made.name}
                )
                return redirect("depot:instrument", made.uid)
            else:
                acts.refurbish_gift(gift=row, **acting)
        except Refused as refusal:
            messages.error(request, str(refusal))
        return redirect("depot:gift", row.uid)
    has_link = row.donor.links.filter(revoked_at=None).exists()
    return render(
        request, "depot/gift.html", {"gift": row, "form": form, "step_words": STEPS[row.step], "has_link": has_link}
    )


@require_POST
def donor_link(request: HttpRequest, donor: uuid.UUID) -> HttpResponse:
    """A new link for the giver, shown once; the old one stops working."""
    row = access.donor_to_run(request.actor, donor)
    try:
        secret = acts.make_donor_link(donor=row, by=request.actor, at=clock.now())
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("depot:gifts")
    link = f"{request.build_absolute_uri(reverse('home:story'))}#{secret}"
    return render(request, "depot/donor_link.html", {"donor": row, "link": link})


@require_POST
def revoke_link(request: HttpRequest, donor: uuid.UUID) -> HttpResponse:
    row = access.donor_to_run(request.actor, donor)
    try:
        acts.revoke_donor_link(donor=row, by=request.actor, at=clock.now())
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The link does not work any more."))
    return redirect("depot:gifts")
