"""The week of a teacher, and a day of who sees whole schools."""

from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from leerorkest.people.rules import Role
from leerorkest.shared import clock

from .. import queries
from ..models import CAUSES
from ..rules import week_of


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
    hours = queries.week(actor, first_on=first_on, last_on=last_on, at=clock.now())
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
