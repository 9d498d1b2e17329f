"""The switch of language, and the answer to the operator's monitor."""

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from . import scanning
from .style import SAMPLES, WRONG_INPUT, EveryField


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Keep the chosen language in a cookie for a year and go back to where the reader was."""
    there = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(
        there, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        there = "/"
    response = HttpResponseRedirect(there)  # redirect() would take a word without a slash for the name of a route
    chosen = request.POST.get("language", "")
    if chosen in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            chosen,
            max_age=365 * 86400,
            secure=settings.LANGUAGE_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
    return response


@require_GET
def about(request: HttpRequest) -> HttpResponse:
    return render(request, "shared/about.html")


@scanning.with_scanner
@require_GET
def style(request: HttpRequest) -> HttpResponse:
    """The living style page: every part of a page in every state, for people and for the browser tests."""
    return render(
        request, "shared/style.html", {"form": EveryField(), "wrong_form": EveryField(WRONG_INPUT), **SAMPLES}
    )


@require_GET
def health(request: HttpRequest) -> JsonResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"ok": True})


@require_POST
def scan(request: HttpRequest) -> JsonResponse:
    """A JPEG in the body → {"text": what its QR code says, or ""}. Nothing is kept."""
    try:
        length = int(request.headers.get("Content-Length") or 0)
    except ValueError:
        length = 0
    if not 0 < length <= scanning.MOST_BYTES:
        return JsonResponse({"text": ""}, status=413)
    picture = request.read(scanning.MOST_BYTES)
    if not scanning.TURNS.take(request.actor.account.pk):
        return JsonResponse({"text": ""}, status=429, headers={"Retry-After": "1"})
    try:
        return JsonResponse({"text": scanning.read_code(picture)})
    except scanning.NotAPicture:
        return JsonResponse({"text": ""}, status=400)
    finally:
        scanning.TURNS.give_back()
