"""The hours that a teacher gave in a month: a page, a PDF and a spreadsheet, for an invoice."""

import uuid
from datetime import date, timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from leerorkest.people.models import Account
from leerorkest.people.rules import Role
from leerorkest.shared import clock, tables
from leerorkest.shared.templatetags.words import when

from .. import access, queries
from ..queries.statement import AWAY, CANCELLED, GIVEN, OPEN

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_GET
def statement(request: HttpRequest) -> HttpResponse:
    found = _asked(request)
    before = found.first_on - timedelta(days=1)
    after = found.last_on + timedelta(days=1)
    return render(
        request,
        "lessons/statement.html",
        {
            "found": found,
            "lines": [(line, _state(line)) for line in found.lines],
            "hours": _hours(found.minutes),
            "before": before,
            "after": after if after <= request.actor.on else None,
            "teachers": access.teachers_to_run(request.actor) if Role.COORDINATOR in request.actor.roles else [],
            "organisations": access.organisations_of_teacher(request.actor, found.account),
            "query": f"teacher={found.account.uid}&organisation={found.organisation.key}",
        },
    )


@require_GET
def statement_file(request: HttpRequest, form: str) -> HttpResponse:
    found = _asked(request)
    title = _("Hours of %(name)s") % {"name": found.account.name}
    head = [_("Day"), _("Starts at"), _("Ends at"), _("Group"), _("School"), _("Section"), _("State"), _("Minutes")]
    rows: list[list[tables.Cell]] = [
        [
            when(line.lesson.on, "SHORT_DATE_FORMAT"),
            when(line.lesson.starts_at, "TIME_FORMAT"),
            when(line.lesson.ends_at, "TIME_FORMAT"),
            line.lesson.series.group.name,
            line.lesson.series.group.school.site.name,
            str(line.section.get_family_display()),
            _state(line),
            line.minutes,
        ]
        for line in found.lines
    ]
    totals: list[list[Any]] = [
        [_("Minutes"), _("Hours"), _("Registers still open")],
        [found.minutes, round(found.minutes / 60, 2), found.still_open],
    ]
    if form == "xlsx":
        content, sort = tables.xlsx(_("Hours"), head, rows, totals), XLSX
    elif form == "pdf":
        under = f"{found.organisation.name} · {when(found.first_on, 'F Y')}"
        texts = [totals[0], [str(found.minutes), _hours(found.minutes), str(found.still_open)]]
        content, sort = (
            tables.pdf(title, under, head, [[str(cell) for cell in row] for row in rows], texts),
            "application/pdf",
        )
    else:
        raise Http404
    response = HttpResponse(content, content_type=sort)
    response["Content-Disposition"] = f'attachment; filename="hours-{found.first_on:%Y-%m}.{form}"'
    return response


def _asked(request: HttpRequest) -> queries.Statement:
    """Whose, where and which month: the reader's own of this month unless named. A coordinator also reads others'."""
    actor = request.actor
    account = _account(request)
    places = access.organisations_of_teacher(actor, account)
    named = request.GET.get("organisation", "")
    organisation = next((place for place in places if named in ("", place.key)), None)
    if organisation is None:
        raise Http404
    try:
        day = date.fromisoformat(f"{request.GET.get('month', '')}-01")
    except ValueError:
        day = actor.on.replace(day=1)
    last_on = (day + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return queries.statement(account, organisation, first_on=day, last_on=last_on, at=clock.now())


def _account(request: HttpRequest) -> Account:
    actor, named = request.actor, request.GET.get("teacher", "")
    if named in ("", str(actor.account.uid)):
        if not named and Role.TEACHER not in actor.roles:
            first = access.teachers_to_run(actor).first()
            if first is None:
                raise Http404
            return first
        return actor.account
    try:
        uid = uuid.UUID(named)
    except ValueError as error:
        raise Http404 from error
    return get_object_or_404(access.teachers_to_run(actor), uid=uid)


def _state(line: Any) -> str:
    if line.state == GIVEN:
        return _("given as a stand-in") if line.is_stand_in else _("given")
    if line.state == CANCELLED:
        return _("cancelled: %(cause)s") % {"cause": line.lesson.get_cancelled_because_display()}
    return {OPEN: _("register still open"), AWAY: _("somebody else stood in")}[line.state]


def _hours(minutes: int) -> str:
    return number_format(round(minutes / 60, 2), decimal_pos=2)
