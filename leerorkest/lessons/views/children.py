"""The hours of one child."""

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from leerorkest.depot import access as depot
from leerorkest.schools import access as schools
from leerorkest.shared import clock
from leerorkest.shared.actions import record_seen

from .. import queries
from ..models import CAUSES, STATES


@require_GET
def child(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Hours received and missed in this school year, and the lessons one by one."""
    actor, now = request.actor, clock.now()
    one = schools.child(actor, uid)
    year = one.organisation.school_years.filter(first_on__lte=clock.today(now)).order_by("-first_on").first()
    attendance = queries.marks_of(one, since=year.first_on if year else clock.today(now), at=now)
    record_seen(by=actor, at=now, what="seen.child", subject=one, detail={"page": "lessons"})
    words = dict(STATES)
    return render(
        request,
        "lessons/child.html",
        {
            "child": one,
            "year": year,
            "attendance": attendance,
            "causes": [(dict(CAUSES)[cause], count) for cause, count in attendance.causes.items()],
            "held": depot.held_by(actor, one.pk),
            "counts": [(words[state], count) for state, count in attendance.counts.items()],
            "lessons": [
                (each.lesson, words[each.standing.state] if each.standing.state else _("People differ about it"))
                for each in attendance.lessons
            ],
        },
    )
