"""What is still to do: registers to close, hours to plan."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from leerorkest.people.access import Actor
from leerorkest.schools.models import Group, Membership, Playing, Teaching

from .. import access
from ..models import Closing, Cover, Lesson

A_YEAR = timedelta(days=365)  # what was not closed by then is history


def open_registers(lessons: QuerySet[Lesson]) -> QuerySet[Lesson]:
    """One row per lesson and section (`section_id`, `family`, `room`, `teacher`: also who stands in) whose register
    nobody closed.
    """
    closed = Closing.objects.filter(lesson=OuterRef("pk"), section=OuterRef("section_id"))
    stands_in = Cover.objects.filter(lesson=OuterRef("pk"), section=OuterRef("series__sections"), ended_at=None)
    return (
        lessons.filter(cancelled_because="")
        .annotate(
            section_id=F("series__sections"),
            family=F("series__sections__family"),
            room=F("series__sections__room"),
            teacher=Coalesce(
                Subquery(stands_in.values("account__name")[:1]), "series__sections__teaching__posting__account__name"
            ),
            teacher_id=F("series__sections__teaching__posting__account"),
        )
        .filter(~Exists(closed), section_id__isnull=False)
        .order_by("on", "starts_at", "pk", "section_id")
    )


def missing_registers(actor: Actor, *, before: date) -> QuerySet[Lesson]:
    """For the coordinator: registers of earlier days that nobody closed, a year back."""
    return open_registers(access.lessons_to_run(actor).filter(on__gte=before - A_YEAR, on__lt=before))


def registers_to_close(actor: Actor, *, until: date) -> QuerySet[Lesson]:
    """For a teacher: her own registers of the last year, up to and with today, that are still open and that no stand-in
    took over.
    """
    own = Q(teacher_id=actor.account.pk) | Q(teacher_id=None)
    taken = Cover.objects.filter(lesson=OuterRef("pk"), section=OuterRef("section_id"), ended_at=None)
    return open_registers(access.lessons_to_mark(actor).filter(on__range=(until - A_YEAR, until))).filter(
        own, ~Exists(taken)
    )


def stood_in_to_close(actor: Actor, at: datetime) -> QuerySet[Cover]:
    """For who stands in: what has begun, is still open to them, and has no closed register."""
    closed = Closing.objects.filter(lesson=OuterRef("lesson"), section=OuterRef("section"))
    begun = access.covers(actor, at).filter(lesson__starts_at__lte=at, lesson__cancelled_because="")
    return begun.filter(~Exists(closed))


def groups_without_hour(actor: Actor) -> QuerySet[Group]:
    """For the coordinator: groups of this school year for which no weekly hour is planned."""
    return access.groups_to_plan(actor).filter(series=None).order_by("school__site__name", "name", "pk")


@dataclass(frozen=True)
class GroupPlays:
    """What planning an hour starts from: the families the group plays, and who teaches it."""

    families: dict[str, int]  # family → children
    teachings: list[Teaching]


def what_plays(group: Group, *, on: date) -> GroupPlays:
    members = Membership.objects.on(on).filter(group=group).values("child")
    families = Counter(Playing.objects.on(on).filter(child__in=members).values_list("kind__family", flat=True))
    teachings = Teaching.objects.filter(Q(until_on=None) | Q(until_on__gt=on), group=group).select_related(
        "posting__account"
    )
    return GroupPlays(dict(families), list(teachings.order_by("posting__account__name", "pk")))
