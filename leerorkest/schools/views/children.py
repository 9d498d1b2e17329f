"""One child, and the coordinator's search for one. Every look at a child is noted."""

import uuid
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from leerorkest.shared import clock
from leerorkest.shared.actions import Refused, record_seen
from leerorkest.shared.pages import opened_words, page_of, sealed_words

from .. import access, actions
from ..forms.programme import PlayingForm
from ..queries import schools as queries

SHORTEST_SEARCH, LONGEST_SEARCH = 2, 120


@require_http_methods(["GET", "POST"])
def children(request: HttpRequest) -> HttpResponse:
    """The words travel in a form and stand encrypted in the address of what was found."""
    if request.method == "POST":
        words = request.POST.get("sought", "").strip()[:LONGEST_SEARCH]
        return redirect(f"{request.path}?{urlencode({'of': sealed_words(request.path, words)})}")
    sought = opened_words(request.path, request.GET.get("of", ""))
    page = None
    if len(sought) >= SHORTEST_SEARCH:
        here = {posting.organisation_id for posting in request.actor.postings}  # so that the index is used
        found = queries.named(access.children_to_run(request.actor).filter(organisation__in=here), sought)
        page = page_of(found, request, order=("first_name", "last_name", "pk"))
        groups = queries.group_names_of(page.rows, request.actor.on)
        for child in page.rows:
            child.membership_now = groups.get(child.pk)
        if page.rows:  # the keys, never the words that were typed
            seen = {"children": [str(child.uid) for child in page.rows]}
            record_seen(by=request.actor, at=clock.now(), what="seen.children", subject="search", detail=seen)
    return render(request, "schools/children.html", {"page": page, "sought": sought})


@require_GET
def child(request: HttpRequest, child: uuid.UUID) -> HttpResponse:
    row = access.child(request.actor, child)
    record_seen(by=request.actor, at=clock.now(), what="seen.child", subject=row)
    return render(
        request,
        "schools/child.html",
        {
            "child": row,
            "road": queries.road_of(row),
            "may_see_key": access.may_see_school_key(request.actor, row),
            "may_teach": access.may_teach(request.actor, row.pk),
        },
    )


@require_http_methods(["GET", "POST"])
def playing(request: HttpRequest, child: uuid.UUID) -> HttpResponse:
    row = access.child_to_teach(request.actor, child)
    form = PlayingForm(request.POST or None, initial={"from_on": request.actor.on})
    if request.method == "POST" and form.is_valid():
        kind, size = form.kind_and_size
        try:
            actions.record_playing(
                child=row,
                kind=kind,
                size=size,
                from_on=form.cleaned_data["from_on"],
                by=request.actor,
                at=clock.now(),
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(
                request, _("%(name)s plays %(kind)s.") % {"name": row.first_name, "kind": kind.name.lower()}
            )
            return redirect("schools:child", row.uid)
    record_seen(by=request.actor, at=clock.now(), what="seen.child", subject=row)
    return render(request, "schools/playing.html", {"form": form, "child": row})
