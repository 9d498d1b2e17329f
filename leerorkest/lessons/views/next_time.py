"""What a teacher leaves for who gives the next lesson of a section."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from leerorkest.shared import clock
from leerorkest.shared.actions import Refused

from .. import access, actions, queries
from ..forms import NextTimeForm
from .register import section_of, sections_open


@require_http_methods(["GET", "POST"])
def next_time(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    lesson, cover = access.lesson_markable(request.actor, uid, clock.now())
    section = section_of(lesson, sections_open(lesson, cover), request)
    if section is None:
        raise Http404
    back = f"{reverse('lessons:register', args=[uid])}?section={section.pk}"
    data = request.POST if request.method == "POST" else None
    form = NextTimeForm(data, initial={"text": queries.left_in(lesson, section)})
    if form.is_valid():
        try:
            text = form.cleaned_data["text"]
            note = actions.leave_note(lesson=lesson, section=section, text=text, by=request.actor, at=clock.now())
        except Refused as refusal:
            form.add_error("text", str(refusal))
        else:
            done = _("The next colleague reads it.") if note.text else _("The note is taken away.")
            messages.success(request, done)
            return redirect(back)
    page = {"form": form, "lesson": lesson, "section": section, "back": back}
    return render(request, "lessons/next_time.html", page)
