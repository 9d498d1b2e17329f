"""Who can be asked to stand in, and one lesson of the coming days that needs somebody."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from leerorkest.lessons.actions.cover import report_absence, set_stand_in
from leerorkest.lessons.models import Lesson, Section
from leerorkest.network.models import Organisation
from leerorkest.people.access import actor_of
from leerorkest.people.actions import note_vog
from leerorkest.people.models import Account, Posting
from leerorkest.people.rules import Role
from leerorkest.shared.actions import Actor

WEEK = range(5)


def load(*, organisation: Organisation, freelancer: Posting, office: Actor, now: datetime) -> None:
    """Every teacher may be asked on every school day, and a freelancer for strings and woodwind. The strings teacher of
    another team cannot come tomorrow.
    """
    postings = Posting.objects.filter(organisation=organisation, role=Role.TEACHER.value).select_related("account")
    for posting in postings.order_by("pk"):
        note_vog(account=posting.account, seen_on=posting.from_on, by=office, at=now)
        teacher = actor_of(posting.account, organisation.day_at(now))
        families = ["strings", "woodwind"] if posting.pk == freelancer.pk else []
        set_stand_in(posting=posting, families=families, weekdays=WEEK, minutes_a_week=None, by=teacher, at=now)
    found = _next_of_another_team(organisation, now)
    if found is None:
        return
    lesson, section = found
    start = datetime.combine(lesson.on, time(), ZoneInfo(organisation.time_zone))
    account = section.teaching.posting.account
    report_absence(
        account=account,
        organisation=organisation,
        from_at=start,
        until_at=start + timedelta(days=1),
        by=actor_of(account, organisation.day_at(now)),
        at=now,
    )


def _next_of_another_team(organisation: Organisation, now: datetime) -> tuple[Lesson, Section] | None:
    """A strings section with a lesson tomorrow or later that is not given by the cast's own teacher."""
    known = Account.objects.filter(postings__organisation=organisation, name="Noor de Wit")
    lessons = Lesson.objects.filter(
        series__group__school__site__organisation=organisation,
        on__gt=organisation.day_at(now),
        cancelled_because="",
    ).order_by("starts_at", "pk")
    for lesson in lessons[:50]:
        sections = Section.objects.filter(series=lesson.series_id, family="strings").select_related(
            "teaching__posting__account"
        )
        for section in sections.exclude(teaching=None).exclude(teaching__posting__account__in=known):
            return lesson, section
    return None
