"""Which lessons an actor may open, and which they may mark.

| actor       | opens                             | marks | decides about quarantine |
|-------------|-----------------------------------|-------|--------------------------|
| teacher     | lessons of groups taught now      | yes   | no                       |
| coordinator | lessons of the schools they run   | yes   | yes                      |
| school head | lessons of the own school         | no    | no                       |
| stand-in    | one section of one lesson, until  | yes   | no                       |
|             | a day after it                    |       |                          |
| others      | none                              | no    | no                       |

Groups and children come through `schools.access`; this room only follows them to their lessons. What may not be seen
does not exist: doors answer 404.
"""

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from django.db.models import Q, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from leerorkest.network.models import Organisation, Site
from leerorkest.people.access import Actor
from leerorkest.people.models import Account, Posting
from leerorkest.people.rules import Role
from leerorkest.schools import access as schools
from leerorkest.schools.models import Group
from leerorkest.shared.prepared import prepared_row, prepared_test

from .models import Absence, Cover, CoverAsk, CoverRequest, Lesson, QuarantinedMark


def _only_as(actor: Actor, *roles: Role) -> Actor:
    """The same person with these roles alone."""
    return replace(actor, postings=tuple(posting for posting in actor.postings if posting.role in roles))


def lessons(actor: Actor) -> QuerySet[Lesson]:
    return Lesson.objects.filter(schools.in_groups(actor, at="series__group__")).select_related(
        "series__group__school__site__organisation"
    )


@prepared_row
def lesson(actor: Actor, uid: uuid.UUID) -> QuerySet[Lesson]:
    return lessons(actor).filter(uid=uid)


def lessons_to_mark(actor: Actor) -> QuerySet[Lesson]:
    """A school head reads the register, and leaves the marking to the teacher."""
    return lessons(_only_as(actor, Role.TEACHER, Role.COORDINATOR))


def lesson_to_mark(actor: Actor, uid: uuid.UUID) -> Lesson:
    return get_object_or_404(lessons_to_mark(actor), uid=uid)


def may_mark(actor: Actor, lesson: Lesson) -> bool:
    return _is_to_mark(actor, lesson.pk)


@prepared_test
def _is_to_mark(actor: Actor, lesson: int) -> QuerySet[Lesson]:
    return lessons_to_mark(actor).filter(pk=lesson)


# --- standing in: a lesson is open to who stands in, until a day after it ------------------------------------


def covers(actor: Actor, at: datetime) -> QuerySet[Cover]:
    """What the actor stands in for and may still open at this moment. A posting as teacher must hold."""
    if Role.TEACHER not in actor.roles:
        return Cover.objects.none()
    return Cover.objects.filter(account=actor.account.pk, ended_at=None, closes_at__gt=at).select_related(
        "lesson__series__group__school__site__organisation", "section"
    )


def cover_to_open(actor: Actor, uid: uuid.UUID, at: datetime) -> Cover | None:
    """By the id of its lesson."""
    return covers(actor, at).filter(lesson__uid=uid).first()


def lesson_open_to(actor: Actor, uid: uuid.UUID, at: datetime) -> tuple[Lesson, Cover | None]:
    """A lesson as `lesson` gives it; else the one that the actor stands in for, with what opens it."""
    return _or_cover(lesson, actor, uid, at)


def lesson_markable(actor: Actor, uid: uuid.UUID, at: datetime) -> tuple[Lesson, Cover | None]:
    """The same for who marks."""
    return _or_cover(lesson_to_mark, actor, uid, at)


def _or_cover(
    door: Callable[[Actor, uuid.UUID], Lesson], actor: Actor, uid: uuid.UUID, at: datetime
) -> tuple[Lesson, Cover | None]:
    try:
        return door(actor, uid), None
    except Http404:
        if cover := cover_to_open(actor, uid, at):
            return cover.lesson, cover
        raise


def asks(actor: Actor) -> QuerySet[CoverAsk]:
    """What the actor was asked to stand in for, as long as nobody does."""
    if Role.TEACHER not in actor.roles:
        return CoverAsk.objects.none()
    return CoverAsk.objects.filter(account=actor.account.pk, request__closed_at=None)


def ask(actor: Actor, uid: uuid.UUID) -> CoverAsk:
    """By the id of its request; it stays to be read when somebody else was faster."""
    if Role.TEACHER not in actor.roles:
        raise Http404
    return get_object_or_404(CoverAsk.objects.select_related("request"), account=actor.account, request__uid=uid)


def teachers_to_run(actor: Actor) -> QuerySet[Account]:
    """Teachers with a posting today where the actor coordinates; one of the whole organisation counts everywhere."""
    organisations, sites = actor.organisations(Role.COORDINATOR), actor.sites(Role.COORDINATOR)
    near = Site.objects.filter(pk__in=sites).values("organisation")
    reach = Q(organisation__in=organisations) | Q(site__in=sites) | Q(site=None, organisation__in=near)
    postings = Posting.objects.on(actor.on).filter(reach, role=Role.TEACHER.value)
    return Account.objects.filter(pk__in=postings.values("account")).order_by("name", "pk")


def organisations_of_teacher(actor: Actor, account: Account) -> list[Organisation]:
    """Where a teacher is away: for oneself everywhere, else where the actor coordinates."""
    postings = Posting.objects.on(actor.on).filter(account=account, role=Role.TEACHER.value)
    organisations = Organisation.objects.filter(pk__in=postings.values("organisation")).order_by("pk")
    if account.pk == actor.account.pk:
        return list(organisations)
    run = {posting.organisation_id for posting in actor.postings if posting.role == Role.COORDINATOR.value}
    return list(organisations.filter(pk__in=run))


def absences(actor: Actor) -> QuerySet[Absence]:
    """One's own; and those with lessons at schools that the actor coordinates."""
    requests = cover_requests(actor).order_by().values("absence")
    return Absence.objects.filter(Q(account=actor.account.pk) | Q(pk__in=requests)).select_related(
        "account", "organisation"
    )


def cover_requests(actor: Actor) -> QuerySet[CoverRequest]:
    """Lessons without a teacher, at the schools that the actor coordinates."""
    ours = schools.in_groups(_only_as(actor, Role.COORDINATOR), at="lesson__series__group__")
    return CoverRequest.objects.filter(ours).select_related(
        "lesson__series__group__school__site__organisation", "section", "absence__account"
    )


def cover_request(actor: Actor, uid: uuid.UUID) -> CoverRequest:
    return get_object_or_404(cover_requests(actor), uid=uid)


def lessons_to_run(actor: Actor) -> QuerySet[Lesson]:
    """Lessons of the schools the actor coordinates."""
    return lessons(_only_as(actor, Role.COORDINATOR))


def lesson_to_run(actor: Actor, uid: uuid.UUID) -> Lesson:
    return get_object_or_404(lessons_to_run(actor), uid=uid)


def groups_to_plan(actor: Actor) -> QuerySet[Group]:
    """Groups of this school year whose weekly hour the actor may plan."""
    return Group.objects.filter(
        school__in=schools.schools_to_run(actor).values("pk"), school_year__last_on__gte=actor.on
    ).select_related("school__site__organisation", "school_year", "grade")


@prepared_row
def group_to_plan(actor: Actor, pk: int) -> QuerySet[Group]:
    return groups_to_plan(actor).filter(pk=pk)


def quarantine(actor: Actor) -> QuerySet[QuarantinedMark]:
    """Undecided marks of the schools the actor coordinates; a mark without a lesson goes to the whole organisation."""
    ours = schools.in_groups(_only_as(actor, Role.COORDINATOR), at="lesson__series__group__")
    homeless = Q(lesson=None, organisation__in=actor.organisations(Role.COORDINATOR))
    return QuarantinedMark.objects.filter(ours | homeless, decided_at=None)


def quarantined(actor: Actor, pk: int) -> QuarantinedMark:
    return get_object_or_404(quarantine(actor), pk=pk)
