"""The register of a section: look, mark, close; and calling the lesson off."""

import uuid
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from leerorkest.people.rules import Role
from leerorkest.shared import clock
from leerorkest.shared.actions import Refused, record_seen

from .. import access, actions, queries
from ..forms import CancelForm, TuttiForm, changed_marks, new_notes, piece_was, was
from ..models import SEEN, STATES, Cover, Lesson, Section
from ..rules import CancelCause

ICONS = ["check", "close", "clock", "mail"]
CHOICES = [(state, words, icon) for (state, words), icon in zip(STATES, ICONS, strict=True)]


def section_of(lesson: Lesson, sections: list[Section], request: HttpRequest) -> Section | None:
    """The asked section; else the reader's own; else the first."""
    asked = request.GET.get("section") or request.POST.get("section") or ""
    if asked:
        return next((section for section in sections if str(section.pk) == asked), None)
    own = [section for section in sections if queries.is_taught_by(section, request.actor)]
    return next(iter(own or sections), None)


def sections_open(lesson: Lesson, cover: Cover | None) -> list[Section]:
    """All of the hour; of who stands in only the one section."""
    sections = queries.sections_of(lesson.series_id)
    return [section for section in sections if cover is None or section.pk == cover.section_id]


@require_GET
def register(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    actor, now = request.actor, clock.now()
    lesson, cover = access.lesson_open_to(actor, uid, now)
    sections = sections_open(lesson, cover)
    section = section_of(lesson, sections, request)
    if section is None:
        raise Http404
    shown = queries.register(actor, lesson=lesson, section=section, sections=sections)
    may_mark = cover is not None or access.may_mark(actor, lesson)
    log = queries.log_of(lesson, section)
    if not may_mark:
        log = log.without_what_was_seen()
    record_seen(by=actor, at=now, what="seen.group", subject=lesson.series.group, detail={"lesson": str(lesson.uid)})
    return render(
        request,
        "lessons/register.html",
        {
            "register": shown,
            "lesson": lesson,
            "parts": [
                (title, [(line, was(line), log.by_child.get(line.child.pk, ())) for line in lines])
                for title, lines in [
                    *((one.get_family_display() if one else "", lines) for one, lines in shown.by_section),
                    (_("In no section yet"), shown.unplaced),
                ]
                if lines
            ],
            "choices": CHOICES,
            "may_mark": not lesson.cancelled_because and may_mark,
            **_log(lesson, section, shown, log),
            "is_mine": cover is not None or queries.is_taught_by(section, actor),
            "cover": cover,
            "moved_from": next(reversed(queries.changes_of([lesson.pk]).get(lesson.pk, [])), None),
            "is_to_come": lesson.on > clock.today(now),
            "cancel_form": CancelForm() if Role.COORDINATOR in actor.roles and not shown.closing else None,
            "tutti_form": TuttiForm({"room": lesson.tutti_room}) if Role.COORDINATOR in actor.roles else None,
            "may_seat": bool(shown.unplaced) and Role.COORDINATOR in actor.roles,
            "left": queries.left_for([(lesson, section)]).get((lesson.pk, section.pk)),
            "left_here": queries.left_in(lesson, section),
            "device": uuid.uuid4(),
            "made_at": now.isoformat(timespec="milliseconds"),
        },
    )


def _log(lesson: Lesson, section: Section, shown: queries.Register, log: queries.Log) -> dict[str, Any]:
    everybody = [*shown.lines, *shown.unplaced]
    pieces = [(piece, log.pieces.get(piece.pk)) for piece in queries.pieces_to_choose(lesson)]
    return {
        "log": log,
        "everybody": everybody,
        "pieces": [(piece, piece_was(section.pk, noted), noted is not None) for piece, noted in pieces],
        "defects": queries.defects_to_choose(everybody),
        "seen_words": SEEN,
    }


@require_POST
def close(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Keep what the plain form changed, and close the register if it is still open."""
    actor, now = request.actor, clock.now()
    lesson, cover = access.lesson_markable(actor, uid, now)
    section = section_of(lesson, sections_open(lesson, cover), request)
    if section is None:
        raise Http404
    page = f"{reverse('lessons:register', args=[uid])}?section={section.pk}"
    try:
        changed = changed_marks(request.POST, lesson=lesson.uid) + new_notes(request.POST, lesson=lesson.uid)
        kept = actions.receive_marks(batch=changed, by=actor, at=now) if changed else []
        _tell_aside(request, kept)
        if len(kept) < len(changed):
            raise actions.TooManyAside(wait=timedelta(hours=1))
        if "keep" in request.POST or "take_back" in request.POST:
            messages.success(request, _("Your changes are kept."))
            return redirect(page)
        actions.close_register(lesson=lesson, section=section, whole=cover is None, by=actor, at=now)
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
def tutti(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """All sections are one orchestra in this lesson, or each is by itself again."""
    lesson = access.lesson_to_run(request.actor, uid)
    form = TuttiForm(request.POST)
    if not form.is_valid():
        messages.error(request, str(next(iter(form.errors.values()))[0]))
        return redirect("lessons:register", uid=uid)
    together = "apart" not in request.POST
    try:
        actions.set_tutti(
            lesson=lesson, is_tutti=together, room=form.cleaned_data["room"], by=request.actor, at=clock.now()
        )
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        if together:
            messages.success(request, _("The whole orchestra plays together in this lesson."))
        else:
            messages.success(request, _("Each section is by itself again."))
    return redirect("lessons:register", uid=uid)


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
