"""What phones send and keep."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from leerorkest.shared import clock

from .. import actions, queries
from ..forms import MOST_BYTES, NotABatch, read_batch
from ..models import REASONS
from ..rules import QuarantineReason

NOT_YOURS = {QuarantineReason.NOT_YOUR_LESSON, QuarantineReason.UNKNOWN}  # forbidden and absent answer alike


@require_http_methods(["GET", "HEAD", "POST"])
def marks(request: HttpRequest) -> JsonResponse:
    """{"marks": [...]} → {"receipts": [...]}, one for each mark, in the same order.

    A look answers with who is signed in and the key for a post: signing in again makes the one in the page useless.
    """
    account = str(request.actor.account.uid)
    if request.method != "POST":
        return JsonResponse({"account": account, "token": get_token(request)})
    if request.headers.get("X-Account", account) != account:  # the phone changed hands while the page stood open
        return _refuse(403, _("Somebody else is signed in. These marks wait for who made them."))
    if request.content_type != "application/json":
        return _refuse(415, _("Send the marks as JSON."))
    try:
        length = int(request.headers.get("Content-Length") or 0)
    except ValueError:
        return _refuse(400, _("This is not a list of marks."))
    if length > MOST_BYTES or len(request.body) > MOST_BYTES:
        return _refuse(413, _("This is too much at once. Send at most 100 marks."))
    try:
        batch = read_batch(request.body)
        receipts = actions.receive_marks(batch=batch, by=request.actor, at=clock.now())
    except NotABatch:
        return _refuse(400, _("This is not a list of marks."))
    except actions.TooManyMarks as refusal:
        return _refuse(413, str(refusal))
    except actions.TooManyAside as refusal:
        answer = _refuse(429, str(refusal))
        answer["Retry-After"] = str(int(refusal.wait.total_seconds()))
        return answer
    for group in queries.groups_closed_by({receipt.id for receipt in receipts if receipt.stored}):
        messages.success(request, _("The register of %(group)s is closed. Thank you.") % {"group": group})
    return JsonResponse({"receipts": [_answer(receipt) for receipt in receipts]})


def _refuse(status: int, sentence: str) -> JsonResponse:
    return JsonResponse({"error": sentence}, status=status)


def _answer(receipt: actions.Receipt) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "id": receipt.id,
        "stored": receipt.stored,
        "hash": receipt.hash,
        "received_at": receipt.received_at.isoformat(),
    }
    if receipt.reason:
        reason = QuarantineReason.UNKNOWN if receipt.reason in NOT_YOURS else receipt.reason
        answer |= {"reason": reason.value, "sentence": str(dict(REASONS)[reason.value])}
    return answer


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The script that keeps lessons and the desk on a phone. It also looks after the start page and who signs out."""
    answer = render(request, "lessons/worker.js", {"files": settings.STATIC_URL}, content_type="text/javascript")
    answer.headers["Service-Worker-Allowed"] = reverse("home:start")
    return answer
