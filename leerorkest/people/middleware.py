"""Ends sessions that are too old, and puts the actor on the request with the clock of their organisation in force."""

import time
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth import logout
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from leerorkest.shared import clock

from .access import actor_at

IDLE = 3600  # seconds without a request
ABSOLUTE = 12 * 3600  # seconds after signing in
STAMP_EVERY = 60  # seconds: not every request writes its session


@receiver(user_logged_in, dispatch_uid="session_began")
def session_began(request: HttpRequest, **kwargs: Any) -> None:
    request.session["began_at"] = request.session["seen_at"] = int(time.time())


class SessionAge:
    """Signs out after an hour without a request, and after twelve hours whatever happened."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            now = int(time.time())
            began, seen = request.session.get("began_at", 0), request.session.get("seen_at", 0)
            if now - began > ABSOLUTE or now - seen > IDLE:
                logout(request)
            elif now - seen > STAMP_EVERY:
                request.session["seen_at"] = now
        return self.get_response(request)


class ActorOfRequest:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = None
        if not request.user.is_authenticated:
            return self.get_response(request)
        actor = actor_at(request.user, clock.now())
        request.actor = actor
        zone = actor.postings[0].organisation.time_zone if actor.postings else None
        with timezone.override(ZoneInfo(zone) if zone else None):
            return self.get_response(request)
