"""Puts the actor on the request, and the clock of their organisation in force."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from leerorkest.shared import clock

from .access import actor_of


class ActorOfRequest:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = None
        if not request.user.is_authenticated:
            return self.get_response(request)
        actor = actor_of(request.user, clock.today())
        request.actor = actor
        zone = actor.postings[0].organisation.time_zone if actor.postings else None
        with timezone.override(ZoneInfo(zone) if zone else None):
            return self.get_response(request)
