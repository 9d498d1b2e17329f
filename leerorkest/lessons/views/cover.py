"""Somebody cannot come: report it, answer when asked, see who stands in."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from leerorkest.people.models import Account, Posting
from leerorkest.people.rules import Role
from leerorkest.shared import clock
from leerorkest.shared.actions import Refused
from leerorkest.shared.pages import page_of

from .. import access, queries
from ..actions import cover as acts
from ..forms import AwayForm, StandInForm

WHY_NOT = {
    "away": gettext_lazy("is away too"),
    "skill": gettext_lazy("does not teach these instruments"),
    "papers": gettext_lazy("no valid certificate of conduct"),
    "free": gettext_lazy("does not work on this day"),
    "time": gettext_lazy("gives another lesson, or cannot be there in time"),
    "hours": gettext_lazy("has no hours left this week"),
    "place": gettext_lazy("works at other schools only"),
}


@require_http_methods(["GET", "POST"])
def away(request: HttpRequest) -> HttpResponse:
    """ "I cannot come": two taps for today. A coordinator reports it for a teacher who called."""
    actor, now = request.actor, clock.now()
    teachers = access.teachers_to_run(actor) if Role.COORDINATOR in actor.roles else None
    if request.POST.get("act") == "withdraw":
        return _withdraw(request)
    form = AwayForm(request.POST if request.method == "POST" else None, teachers=teachers, initial={"on": actor.on})
    if form.is_valid():
        account = form.cleaned_data.get("who") or actor.account
        places = access.organisations_of_teacher(actor, account)
        try:
            found = acts.report_day(account=account, organisations=places, on=form.cleaned_data["on"], by=actor, at=now)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            _tell(request, found)
            return redirect("lessons:cover" if teachers is not None else "lessons:week")
    page = {"form": form, "absences": queries.absences_to_come(actor, now)}
    return render(request, "lessons/away.html", page)


def _tell(request: HttpRequest, found: list[acts.Reported]) -> None:
    lessons = sum(len(one.requests) for one in found)
    asked = sum(one.asked for one in found)
    text = ngettext("%(count)d lesson needs somebody.", "%(count)d lessons need somebody.", lessons)
    if asked:
        text += " " + ngettext("%(asked)d colleague is asked.", "%(asked)d colleagues are asked.", asked)
    else:
        text += " " + _("Nobody can be asked: the coordinator sees why.")
    messages.success(request, text % {"count": lessons, "asked": asked})


def _withdraw(request: HttpRequest) -> HttpResponse:
    actor, now, pk = request.actor, clock.now(), request.POST.get("absence", "")
    rows = queries.absences_to_come(actor, now)
    row = next((one for one in rows if str(one.pk) == pk), None)
    if row is None:
        raise Http404
    try:
        acts.withdraw_absence(absence=row, by=actor, at=now)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Good. The lessons are given as planned."))
    return redirect("lessons:away")


@require_http_methods(["GET", "POST"])
def asks(request: HttpRequest) -> HttpResponse:
    """Yes or no, one tap each."""
    actor, now = request.actor, clock.now()
    if request.method == "POST":
        uid = _uid(request)
        if uid is None:
            messages.error(request, _("Nothing was chosen. Press one of the buttons."))
            return redirect("lessons:asks")
        ask = access.ask(actor, uid)
        try:
            if request.POST.get("act") == "accept":
                acts.accept(request=ask.request, by=actor, at=now)
                messages.success(request, _("Thank you. The lesson stands in your week."))
                return redirect("lessons:week")
            acts.decline(ask=ask, by=actor, at=now)
            messages.success(request, _("Noted. Somebody else is asked."))
        except Refused as refusal:
            messages.info(request, str(refusal))
        return redirect("lessons:asks")
    return render(request, "lessons/asks.html", {"asks": queries.asks(actor, now)})


def _uid(request: HttpRequest) -> uuid.UUID | None:
    try:
        return uuid.UUID(request.POST.get("request", ""))
    except ValueError:
        return None


@require_http_methods(["GET"])
def cover(request: HttpRequest) -> HttpResponse:
    """Lessons of today and later without their teacher: who was asked, who stands in."""
    day = request.actor.on
    page = page_of(
        access.cover_requests(request.actor).filter(lesson__on__gte=day, absence__withdrawn_at=None),
        request,
        order=("lesson__starts_at", "pk"),
    )
    return render(request, "lessons/cover.html", {"page": page, "wanted": queries.wanted(page)})


@require_http_methods(["GET", "POST"])
def cover_request(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """One of them: ask the next, or give it to somebody who was called."""
    actor, now = request.actor, clock.now()
    row = access.cover_request(actor, uid)
    if request.method == "POST":
        try:
            if request.POST.get("act") == "next":
                acts.ask_next(request=row, by=actor, at=now)
                messages.success(request, _("The next colleagues are asked."))
            else:
                account = _chosen(row, request.POST.get("account", ""))
                acts.give_to(request=row, account=account, by=actor, at=now)
                messages.success(request, _("%(name)s stands in.") % {"name": account.name})
        except Refused as refusal:
            messages.error(request, str(refusal))
        return redirect("lessons:cover_request", uid=uid)
    [wanted] = queries.wanted([row])
    found = queries.options(row) if not row.closed_at else []
    return render(
        request,
        "lessons/cover_request.html",
        {
            "row": row,
            "wanted": wanted,
            "able": [option.account for option in found if not option.why_not],
            "others": [(option.account, WHY_NOT[option.why_not]) for option in found if option.why_not],
            "is_over": row.lesson.starts_at <= now,
        },
    )


def _chosen(row: Any, uid: str) -> Account:
    """Somebody on the page's list, by the id that it sent."""
    found = next((option.account for option in queries.options(row) if str(option.account.uid) == uid), None)
    if found is None:
        raise acts.NotAsked
    return found


@require_http_methods(["GET", "POST"])
def stand_in(request: HttpRequest) -> HttpResponse:
    """A teacher says for what she may be asked; one page for each posting, the first unless another is named."""
    actor = request.actor
    postings = [one for one in actor.postings if one.role == Role.TEACHER.value]
    named = request.GET.get("posting", "")
    posting = get_object_or_404(
        Posting.objects.select_related("organisation", "account", "stand_in"),
        pk__in=[one.pk for one in postings if named in ("", str(one.pk))][:1],
    )
    now = getattr(posting, "stand_in", None)
    initial = {}
    if now:
        hours = None if now.minutes_a_week is None else now.minutes_a_week / 60
        initial = {"families": now.families, "weekdays": now.weekdays, "hours_a_week": hours}
    form = StandInForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        hours = form.cleaned_data["hours_a_week"]
        acts.set_stand_in(
            posting=posting,
            families=form.cleaned_data["families"],
            weekdays=form.cleaned_data["weekdays"],
            minutes_a_week=None if hours is None else round(hours * 60),
            by=actor,
            at=clock.now(),
        )
        messages.success(request, _("Thank you. We ask you for these lessons only."))
        return redirect("lessons:week")
    return render(request, "lessons/stand_in.html", {"form": form, "posting": posting, "postings": postings})
