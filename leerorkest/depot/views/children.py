"""Children who wait for an instrument."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from leerorkest.schools import access as schools_access
from leerorkest.schools.models import Membership
from leerorkest.shared import clock
from leerorkest.shared.actions import record_seen
from leerorkest.shared.pages import page_of

from ..queries.children import with_what_they_play, without_instrument

ORDER = ("group__school__site__name", "group__name", "child__first_name", "pk")


@require_GET
def children_without(request: HttpRequest) -> HttpResponse:
    """By school and group, with what each plays, so that the right instruments can be found for them."""
    on = request.actor.on
    theirs = Membership.objects.filter(schools_access.in_groups_to_run(request.actor, at="group__"))
    page = page_of(with_what_they_play(without_instrument(theirs, on), on), request, order=ORDER)
    if page.rows:
        seen = {"children": len(page.rows)}
        record_seen(by=request.actor, at=clock.now(), what="seen.children", subject="without_instrument", detail=seen)
    return render(request, "depot/children_without.html", {"page": page})
