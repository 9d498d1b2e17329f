"""The list of pieces that teachers choose from."""

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from leerorkest.shared import clock
from leerorkest.shared.actions import Refused
from leerorkest.shared.pages import page_of

from .. import access, actions
from ..forms import PieceForm


@require_http_methods(["GET", "POST"])
def pieces(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """The pieces of the organisation of a lesson; a new one can be chosen in its register at once."""
    lesson, _cover = access.lesson_markable(request.actor, uid, clock.now())
    organisation = lesson.series.group.school.site.organisation
    section = request.GET.get("section", "")
    back = reverse("lessons:register", args=[uid]) + (f"?section={section}" if section.isdecimal() else "")
    form = PieceForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            actions.add_piece(organisation=organisation, by=request.actor, at=clock.now(), **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The piece is on the list."))
            return redirect(back)
    page = page_of(organisation.pieces.all(), request, order=("title", "pk"))
    return render(request, "lessons/pieces.html", {"form": form, "page": page, "lesson": lesson, "back": back})
