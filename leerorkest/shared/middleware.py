"""Headers and language for every answer, and room to make it in."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, QueryDict
from django.utils import translation

Respond = Callable[[HttpRequest], HttpResponse]


class Roomy:
    """Whatever an answer calls fits into one piece of the interpreter's stack.

    CPython takes its stack from the system in pieces of 16 KiB and, before its releases of spring 2026, gives a piece
    back as soon as the call that needed it returns (github.com/python/cpython/issues/142183). Templates call deep: with
    a loop of theirs on an edge, a page spends half of its time with the system. A call that asks for 128 KiB is given a
    piece of 256, and the rest of it serves all the calls within.
    """

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    __call__.__code__ = __call__.__code__.replace(co_stacksize=128 * 1024 // 8)


class SecurityHeaders:
    """The same headers on every answer, also when an inner middleware refused. Nothing personal is ever kept."""

    HEADERS = {
        "Cross-Origin-Embedder-Policy": "require-corp",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(self), microphone=(), geolocation=(), payment=(), usb=(), interest-cohort=()",
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
    }

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for header, value in self.HEADERS.items():
            response.headers.setdefault(header, value)
        if not request.path.startswith(settings.STATIC_URL):
            response.headers.setdefault("Cache-Control", "no-store")
        return response


class KnownMethods:
    """No page uses PUT, PATCH, DELETE or anything else: they are refused before a session is even looked at."""

    METHODS = ("GET", "HEAD", "POST", "OPTIONS")

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in self.METHODS:
            return HttpResponseNotAllowed(self.METHODS)
        return self.get_response(request)


class NoNulls:
    """A character NUL stands in nothing that a person writes, and PostgreSQL refuses it wherever it comes: so do we."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\0" in request.path_info or _holds_nul(request.GET) or "\0" in "".join(request.COOKIES.values()):
            raise BadRequest("a NUL in the address or in a cookie")
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        if request.method == "POST" and _holds_nul(request.POST):
            raise BadRequest("a NUL in a form")


def _holds_nul(fields: QueryDict) -> bool:
    return any("\0" in name or "\0" in value for name, values in fields.lists() for value in values)


class Language:
    """The reader's choice (a cookie), else the browser's, else Dutch."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        known = dict(settings.LANGUAGES)
        language = chosen if chosen in known else translation.get_language_from_request(request)
        with translation.override(language):
            request.LANGUAGE_CODE = translation.get_language() or settings.LANGUAGE_CODE
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", request.LANGUAGE_CODE)
        return response
