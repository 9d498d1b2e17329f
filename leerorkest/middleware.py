"""Applies the policy file to every request."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from leerorkest.people.access import lacks_second_factor

from .policy import policy_of


class PolicyOfRoute:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        rule = policy_of(request.resolver_match.view_name)
        if rule is None or rule.closed:
            raise Http404
        if rule.public:
            return None
        if request.actor is None:
            return redirect_to_login(request.get_full_path())
        if not rule.on_the_way_in and lacks_second_factor(request.actor):
            return redirect("mfa_index")
        if rule.roles and not (rule.roles & request.actor.roles):
            raise Http404
        return None
