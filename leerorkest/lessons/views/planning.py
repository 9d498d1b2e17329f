"""The weekly hour of a group, and who sits where."""

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from leerorkest.shared import clock
from leerorkest.shared.actions import Refused
from leerorkest.shared.pages import page_of

from .. import access, actions, queries
from ..forms import HourForm


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
            hour = {key: form.cleaned_data[key] for key in ("weekday", "starts", "ends", "first_on", "count")}
            series = actions.plan_hour(
                group=group,
                sections=form.sections(),
                tutti=form.tutti(),
                on=clock.today(now),
                by=actor,
                at=now,
                **hour,
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
