"""The demo's way in: choose who you are. These routes exist only in demo mode, on this machine."""

from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from .cast import people


@require_GET
def choose(request: HttpRequest) -> HttpResponse:
    return render(request, "demo/choose.html", {"people": people()})


@require_POST
def sign_in(request: HttpRequest) -> HttpResponse:
    account = next((account for _, account in people() if str(account.uid) == request.POST.get("who")), None)
    if account is None:
        raise Http404
    login(request, account, backend="leerorkest.people.signed_in.Backend")
    request.session["demo"] = True
    return redirect("home:start")
