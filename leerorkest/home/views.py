from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from leerorkest.people.rules import Role
from leerorkest.shared import clock

from . import queries


@require_GET
def start(request: HttpRequest) -> HttpResponse:
    now = clock.now()
    on = clock.today(now)
    page = {
        "teaches": Role.TEACHER in request.actor.roles,
        "hour": timezone.localtime(now).hour,
        "todos": queries.todos(request.actor, on),
        "programme": queries.programme(request.actor, on),
        "day": queries.day(request.actor, now, on),
    }
    return render(request, "home/start.html", page)
