"""The week, the register, what phones send, and what coordinators decide."""

import uuid
from datetime import date, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from leerorkest.depot import access as depot
from leerorkest.people.access import Actor
from leerorkest.people.rules import Role
from leerorkest.schools import access as schools
from leerorkest.shared import clock
from leerorkest.shared.actions import Refused, record_seen
from leerorkest.shared.pages import PAGE_SIZE, page_of
from leerorkest.shared.prepared import prepared

from . import access, actions, queries
from .forms import MOST_BYTES, CancelForm, DecisionForm, HourForm, NotABatch, changed_marks, read_batch, was
from .models import CAUSES, REASONS, STATES, Lesson, QuarantinedMark, Section
from .rules import CancelCause, QuarantineReason, week_of

ICONS = ["check", "close", "clock", "mail"]
CHOICES = [(state, words, icon) for (state, words), icon in zip(STATES, ICONS, strict=True)]


@require_GET
def week(request: HttpRequest) -> HttpResponse:
    """A teacher's week; one day at a time for who sees whole schools."""
    actor, today = request.actor, clock.today()
    by_week = Role.TEACHER in actor.roles
    try:
        day = date.fromisoformat(request.GET.get("from", ""))
        first_on, last_on = week_of(day) if by_week else (day, day)
        before, after = first_on - timedelta(days=7 if by_week else 1), last_on + timedelta(days=1)
    except (ValueError, OverflowError):
        first_on, last_on = week_of(today) if by_week else (today, today)
        before, after = first_on - timedelta(days=7 if by_week else 1), last_on + timedelta(days=1)
    hours = queries.week(actor, first_on=first_on, last_on=last_on)
    return render(
        request,
        "lessons/week.html",
        {
            "by_week": by_week,
            "first_on": first_on,
            "last_on": last_on,
            "before": before,
            "after": after,
            "is_now": first_on <= today <= last_on,
            "may_plan": Role.COORDINATOR in actor.roles,
            "todays": [hour for hour in hours if hour.lesson.on == today],
            "others": [hour for hour in hours if hour.lesson.on != today],
            "causes": dict(CAUSES),
        },
    )


def _section(lesson: Lesson, sections: list[Section], request: HttpRequest) -> Section | None:
    """The asked section; else the reader's own; else the first."""
    asked = request.GET.get("section") or request.POST.get("section") or ""
    if asked:
        return next((section for section in sections if str(section.pk) == asked), None)
    own = [section for section in sections if queries.is_taught_by(section, request.actor)]
    return next(iter(own or sections), None)


@require_GET
def register(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    actor, now = request.actor, clock.now()
    lesson = access.lesson(actor, uid)
    sections = queries.sections_of(lesson.series_id)
    section = _section(lesson, sections, request)
    if section is None:
        raise Http404
    shown = queries.register(actor, lesson=lesson, section=section, sections=sections)
    record_seen(by=actor, at=now, what="seen.group", subject=lesson.series.group, detail={"lesson": str(lesson.uid)})
    return render(
        request,
        "lessons/register.html",
        {
            "register": shown,
            "lesson": lesson,
            "parts": [
                (title, [(line, was(line)) for line in lines])
                for title, lines in [("", shown.lines), (_("In no section yet"), shown.unplaced)]
                if lines
            ],
            "choices": CHOICES,
            "may_mark": not lesson.cancelled_because and access.may_mark(actor, lesson),
            "is_mine": queries.is_taught_by(section, actor),
            "is_to_come": lesson.on > clock.today(now),
            "cancel_form": CancelForm() if Role.COORDINATOR in actor.roles and not shown.closing else None,
            "may_seat": bool(shown.unplaced) and Role.COORDINATOR in actor.roles,
            "device": uuid.uuid4(),
            "made_at": now.isoformat(timespec="milliseconds"),
        },
    )


@require_POST
def close(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Keep what the plain form changed, and close the register if it is still open."""
    actor, now = request.actor, clock.now()
    lesson = access.lesson_to_mark(actor, uid)
    section = _section(lesson, queries.sections_of(lesson.series_id), request)
    if section is None:
        raise Http404
    page = f"{reverse('lessons:register', args=[uid])}?section={section.pk}"
    try:
        changed = changed_marks(request.POST, lesson=lesson.uid)
        kept = actions.receive_marks(batch=changed, by=actor, at=now) if changed else []
        _tell_aside(request, kept)
        if len(kept) < len(changed):
            raise actions.TooManyAside(wait=timedelta(hours=1))
        if "keep" in request.POST:
            messages.success(request, _("Your changes are kept."))
            return redirect(page)
        actions.close_register(lesson=lesson, section=section, by=actor, at=now)
    except actions.AlreadyClosed as refusal:
        messages.info(request, str(refusal))
        return redirect(page)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect(page)
    messages.success(
        request,
        _("The register of %(group)s is closed. Thank you.") % {"group": lesson.series.group.name},
    )
    return redirect(f"{reverse('lessons:week')}?from={lesson.on}")


def _tell_aside(request: HttpRequest, receipts: list[actions.Receipt]) -> None:
    aside = sum(not receipt.stored for receipt in receipts)
    if aside:
        messages.warning(
            request,
            ngettext(
                "%(count)d mark could not be placed. A coordinator looks at it.",
                "%(count)d marks could not be placed. A coordinator looks at them.",
                aside,
            )
            % {"count": aside},
        )


@require_POST
def cancel(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    lesson = access.lesson_to_run(request.actor, uid)
    form = CancelForm(request.POST)
    if form.is_valid():
        try:
            cause = CancelCause(form.cleaned_data["cause"])
            actions.cancel_lesson(lesson=lesson, cause=cause, by=request.actor, at=clock.now())
            messages.success(request, _("The lesson is cancelled."))
        except Refused as refusal:
            messages.error(request, str(refusal))
    else:
        messages.error(request, _("Choose a cause from the list."))
    return redirect("lessons:register", uid=uid)


# --- what phones send ----------------------------------------------------------------------------------------

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


# --- a child -------------------------------------------------------------------------------------------------


@require_GET
def child(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Hours received and missed in this school year, and the lessons one by one."""
    actor, now = request.actor, clock.now()
    one = schools.child(actor, uid)
    year = one.organisation.school_years.filter(first_on__lte=clock.today(now)).order_by("-first_on").first()
    attendance = queries.marks_of(one, since=year.first_on if year else clock.today(now))
    record_seen(by=actor, at=now, what="seen.child", subject=one, detail={"page": "lessons"})
    words = dict(STATES)
    return render(
        request,
        "lessons/child.html",
        {
            "child": one,
            "year": year,
            "attendance": attendance,
            "held": depot.held_by(actor, one.pk),
            "counts": [(words[state], count) for state, count in attendance.counts.items()],
            "lessons": [
                (each.lesson, words[each.standing.state] if each.standing.state else _("People differ about it"))
                for each in attendance.lessons
            ],
        },
    )


# --- planning ------------------------------------------------------------------------------------------------


@require_GET
def groups(request: HttpRequest) -> HttpResponse:
    page = page_of(queries.groups_without_hour(request.actor), request, order=("school__site__name", "name", "pk"))
    return render(request, "lessons/groups.html", {"page": page})


@require_http_methods(["GET", "POST"])
def plan(request: HttpRequest, pk: int) -> HttpResponse:
    """When a group has its lesson, in which sections. The lessons of the year and the seats follow."""
    actor, now = request.actor, clock.now()
    group = access.group_to_plan(actor, pk)
    plays = queries.what_plays(group, on=clock.today(now))
    form = HourForm(request.POST or None, plays=plays)
    if form.is_valid():
        try:
            hour = {key: form.cleaned_data[key] for key in ("weekday", "starts", "ends")}
            series = actions.plan_hour(
                group=group, sections=form.sections(), on=clock.today(now), by=actor, at=now, **hour
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            first = series.lessons.filter(starts_at__gte=now).first()
            messages.success(
                request,
                _("The lessons of %(group)s are planned: %(count)d in this school year.")
                % {"group": group.name, "count": series.lessons.count()},
            )
            return redirect(f"{reverse('lessons:week')}?from={first.on}" if first else "lessons:groups")
    planned = [(WEEKDAYS[hour.weekday], hour) for hour in group.series.order_by("weekday", "starts")]
    return render(request, "lessons/plan.html", {"form": form, "group": group, "planned": planned})


@require_POST
def seats(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """A seat for the children of the group who have none, by what they play."""
    lesson, now = access.lesson_to_run(request.actor, uid), clock.now()
    seated = actions.seat_children(series=lesson.series, on=clock.today(now), by=request.actor, at=now)
    if seated.without:
        messages.warning(
            request,
            ngettext(
                "%(count)d child has no seat yet: it plays nothing, or there is no section for it.",
                "%(count)d children have no seat yet: they play nothing, or there is no section for them.",
                seated.without,
            )
            % {"count": seated.without},
        )
    else:
        messages.success(request, _("Every child of the group has a seat."))
    return redirect("lessons:register", uid=uid)


# --- for the coordinator -------------------------------------------------------------------------------------


@require_GET
def missing(request: HttpRequest) -> HttpResponse:
    open_before_today = queries.missing_registers(request.actor, before=clock.today())
    page = page_of(open_before_today, request, order=("on", "starts_at", "pk", "section_id"))
    return render(request, "lessons/missing.html", {"page": page})


def _aside(actor: Actor) -> QuerySet[QuarantinedMark]:
    return access.quarantine(actor).select_related("by", "lesson__series__group__school__site", "child")


@prepared
def _first_aside(actor: Actor) -> QuerySet[QuarantinedMark]:
    return _aside(actor).order_by("pk")[: PAGE_SIZE + 1]


@require_GET
def quarantine(request: HttpRequest) -> HttpResponse:
    page = page_of(partial(_aside, request.actor), request, order=("pk",), first=partial(_first_aside, request.actor))
    seen = set(schools.seen_among(request.actor, tuple(row.child_id for row in page if row.child_id)))
    names = [str(row.child.uid) for row in page if row.child_id in seen]
    if names:
        now, detail = clock.now(), {"children": names}
        record_seen(by=request.actor, at=now, what="seen.children", subject="quarantine", detail=detail)
    return render(request, "lessons/quarantine.html", {"page": page, "seen": seen})


@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    row = access.quarantined(request.actor, pk)
    form = DecisionForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose to accept the mark or to leave it out."))
        return redirect("lessons:quarantine")
    decision = form.cleaned_data["decision"]
    try:
        actions.decide_quarantined(quarantined=row, decision=decision, by=request.actor, at=clock.now())
        messages.success(request, _("It is decided."))
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("lessons:quarantine")
