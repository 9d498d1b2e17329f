"""Which lessons an actor may open, and which they may mark.

| actor       | opens                             | marks | decides about quarantine |
|-------------|-----------------------------------|-------|--------------------------|
| teacher     | lessons of groups taught now      | yes   | no                       |
| coordinator | lessons of the schools they run   | yes   | yes                      |
| school head | lessons of the own school         | no    | no                       |
| others      | none                              | no    | no                       |

Groups and children come through `schools.access`; this room only follows them to their lessons. What may not be seen
does not exist: doors answer 404.
"""

import uuid
from dataclasses import replace

from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404

from leerorkest.people.access import Actor
from leerorkest.people.rules import Role
from leerorkest.schools import access as schools
from leerorkest.schools.models import Group
from leerorkest.shared.prepared import prepared_row, prepared_test

from .models import Lesson, QuarantinedMark


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
