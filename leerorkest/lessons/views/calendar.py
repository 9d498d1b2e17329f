"""A lesson that moves; and the hours of a teacher for a calendar program, under a secret address."""

import hashlib
import uuid
from datetime import timedelta
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from leerorkest.people.access import actor_at
from leerorkest.people.rules import Role
from leerorkest.shared import clock
from leerorkest.shared.actions import Refused
from leerorkest.shared.limits import one_more
from leerorkest.shared.templatetags.words import when

from .. import access, actions, queries
from ..forms import MoveForm
from ..icalendar import Event, calendar
from ..models import CalendarLink
from ..rules import CancelCause

BACK, AHEAD = timedelta(days=30), timedelta(days=400)
MOST_READS = 60  # of one link in an hour; programs ask once in one to twenty-four


@require_http_methods(["GET", "POST"])
def move(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    lesson = access.lesson_to_run(request.actor, uid)
    zone = ZoneInfo(lesson.series.group.school.site.organisation.time_zone)
    now_at = {"on": lesson.on, "starts": lesson.starts_at.astimezone(zone), "ends": lesson.ends_at.astimezone(zone)}
    form = MoveForm(request.POST if request.method == "POST" else None, initial=now_at)
    if form.is_valid():
        found = {**form.cleaned_data, "cause": CancelCause(form.cleaned_data["cause"])}
        try:
            actions.move_lesson(lesson=lesson, **found, by=request.actor, at=clock.now())
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The lesson is moved. Its teachers see it in their week and calendar."))
            return redirect("lessons:register", uid=uid)
    return render(request, "lessons/move.html", {"form": form, "lesson": lesson})


@require_http_methods(["GET", "POST"])
def link(request: HttpRequest) -> HttpResponse:
    """A teacher's own link: made, made anew, taken back. It is shown once, for only its hash is kept."""
    address = ""
    if request.method == "POST":
        try:
            if request.POST.get("act") == "revoke":
                actions.revoke_calendar_link(by=request.actor, at=clock.now())
                messages.success(request, _("The link does not work any more."))
                return redirect("lessons:calendar")
            secret = actions.make_calendar_link(by=request.actor, at=clock.now())
            address = request.build_absolute_uri(reverse("lessons:feed", args=[secret]))
        except Refused as refusal:
            messages.error(request, str(refusal))
            return redirect("lessons:calendar")
    page = {"address": address, "link": queries.open_link(request.actor)}
    return render(request, "lessons/calendar.html", page)


@require_GET
def feed(request: HttpRequest, secret: str) -> HttpResponse:
    """What the holder of the link teaches: school, group, section, room. Nothing of a child, and nobody else."""
    now, found = clock.now(), queries.link_of(secret)
    if found is None:
        raise Http404
    actor = actor_at(found.account, now)
    if Role.TEACHER not in actor.roles:
        raise Http404  # whose posting ended has no lessons here
    if not one_more("feed", str(found.pk), most=MOST_READS, within=timedelta(hours=1), at=now):
        return HttpResponse(_("This link was read too often. Try again in an hour."), status=429)
    hours = queries.appointments(actor, first_on=actor.on - BACK, last_on=actor.on + AHEAD)
    organisation = actor.postings[0].organisation
    with translation.override(organisation.language):  # a program that asks has no language of its own
        text = calendar(_("Orchestra lessons"), organisation.time_zone, [_event(hour, found) for hour in hours])
    etag = f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'
    answer = get_conditional_response(request, etag=etag)
    if answer is None:
        answer = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    answer.headers["ETag"], answer.headers["Cache-Control"] = etag, "private, no-cache"
    return answer


def _event(hour: queries.Appointment, found: CalendarLink) -> Event:
    lesson, site = hour.lesson, hour.lesson.series.group.school.site
    families = ", ".join(str(section.get_family_display()) for section in hour.sections)
    rooms = dict.fromkeys(section.room for section in hour.sections if section.room)
    if lesson.is_tutti:
        families, rooms = _("the whole orchestra"), {lesson.tutti_room: None}
    text = []
    for change in hour.changes:
        words = {"cause": change.get_cause_display(), "day": when(change.was_on, "l j F")}
        if change.is_cancellation:
            text.append(_("Cancelled. Cause: %(cause)s.") % words)
        else:
            text.append(_("Moved from %(day)s. Cause: %(cause)s.") % words)
    return Event(
        uid=str(lesson.uid),
        sequence=len(hour.changes),
        starts_at=lesson.starts_at,
        ends_at=lesson.ends_at,
        changed_at=max([found.made_at, *(change.at for change in hour.changes)]),
        summary=f"{lesson.series.group.name} · {site.name} · {families}",
        place=", ".join(part for part in [*rooms, site.name, site.street, site.town] if part),
        text="\n".join(text),
        is_cancelled=bool(lesson.cancelled_because),
    )
