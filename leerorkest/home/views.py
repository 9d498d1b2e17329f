from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from leerorkest.depot import access as depot_access
from leerorkest.depot.queries.gifts import donor_of
from leerorkest.people.rules import Role
from leerorkest.shared import clock

from . import queries, stories
from .forms import StoryForm


@require_GET
def start(request: HttpRequest) -> HttpResponse:
    now = clock.now()
    on = clock.today(now)
    page = {
        "teaches": Role.TEACHER in request.actor.roles,
        "reports": bool(request.actor.roles & set(depot_access.REPORTS)),  # acts of theirs may wait on this phone
        "hour": timezone.localtime(now).hour,
        "todos": queries.todos(request.actor, now, on),
        "programme": queries.programme(request.actor, on),
        "day": queries.day(request.actor, now, on),
    }
    return render(request, "home/start.html", page)


@require_http_methods(["GET", "POST"])
def story(request: HttpRequest) -> HttpResponse:
    """A giver reads how their gift fares. Nothing is asked on GET: what previews links learns nothing."""
    form = StoryForm(request.POST or None)
    page: dict[str, Any] = {"form": form, "donor": None, "stories": []}
    if request.method == "POST" and form.is_valid():
        donor = donor_of(form.cleaned_data["secret"])
        if donor is None:
            form.add_error("secret", _("This link does not work any more. Ask the orchestra for a new one."))
        else:
            page |= {"donor": donor, "stories": stories.told(donor, clock.now())}
    return render(request, "home/story.html", page)
