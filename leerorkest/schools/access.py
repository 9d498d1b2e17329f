"""The only doors to schools, groups and children. A page never fetches a child any other way.

| actor       | schools              | children                                       | fields                      |
|-------------|----------------------|------------------------------------------------|-----------------------------|
| teacher     | of the groups taught | of the groups taught now (14 days either side) | name, group, grade, playing |
| coordinator | of the posting       | of those schools, also who left                | the same, the school's key  |
| school head | the own school       | enrolled there now                             | name, group, grade, playing |
| depot       | of the posting       | those of its schools, to hand an instrument to | first name, group           |
| office      | of the posting       | none                                           |                             |

What may not be seen does not exist: doors answer 404.
"""

import uuid
from datetime import date, timedelta
from functools import reduce
from operator import or_

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from leerorkest.network.models import Organisation
from leerorkest.people.access import Actor
from leerorkest.people.models import Child
from leerorkest.people.rules import Role
from leerorkest.shared.prepared import prepared, prepared_row, prepared_test

from .models import Enrolment, Group, Membership, School, Teaching
from .queries.schools import with_child_count

TEACHING_GRACE = timedelta(days=14)


def _in_charge(actor: Actor, *roles: Role, at: str = "") -> Q:
    """Schools of the actor's organisations or single sites in these roles, as a condition on the row from which `at`
    leads to the school ("school__"). It joins: a list of all schools in a subquery would grow with the organisation.
    """
    organisations, sites = actor.organisations(*roles), actor.sites(*roles)
    reach = [Q((f"{at}site__organisation__in", organisations))] if organisations else []
    return _any_of(*reach, *([Q((f"{at}site__in", sites))] if sites else []))


def _any_of(*conditions: Q) -> Q:
    """A door asks only about the roles its actor has: each part less makes the page a millisecond faster."""
    return reduce(or_, conditions, Q()) if conditions else Q(pk__in=[])


def _taught_groups(actor: Actor) -> QuerySet[Teaching, int]:
    """Ids of the groups taught now, 14 days either side; the posting itself must hold today."""
    return Teaching.objects.filter(
        Q(until_on=None) | Q(until_on__gt=actor.on - TEACHING_GRACE),
        posting__in=actor.postings_as(Role.TEACHER),
        from_on__lte=actor.on + TEACHING_GRACE,
    ).values_list("group", flat=True)


def schools(actor: Actor) -> QuerySet[School]:
    in_charge = {Role.COORDINATOR, Role.SCHOOL_HEAD, Role.DEPOT_KEEPER, Role.OFFICE}
    reach = [_in_charge(actor, *in_charge)] if actor.roles & in_charge else []
    if Role.TEACHER in actor.roles:
        reach.append(Q(pk__in=Group.objects.filter(pk__in=_taught_groups(actor)).values("school")))
    return School.objects.filter(_any_of(*reach)).select_related("site__organisation")


@prepared_row
def school(actor: Actor, pk: int) -> QuerySet[School]:
    return schools(actor).filter(pk=pk)


def schools_to_run(actor: Actor) -> QuerySet[School]:
    """Schools whose roster and groups the actor may change."""
    return School.objects.filter(_in_charge(actor, Role.COORDINATOR)).select_related("site__organisation")


@prepared_row
def school_to_run(actor: Actor, pk: int) -> QuerySet[School]:
    return schools_to_run(actor).filter(pk=pk)


def in_groups(actor: Actor, at: str = "") -> Q:
    """What `groups` gives, as a condition on the row from which `at` leads to the group ("series__group__")."""
    reach = []
    if actor.roles & {Role.COORDINATOR, Role.SCHOOL_HEAD}:
        reach.append(_in_charge(actor, Role.COORDINATOR, Role.SCHOOL_HEAD, at=f"{at}school__"))
    if Role.TEACHER in actor.roles:
        reach.append(Q((f"{at}in", _taught_groups(actor))) if at else Q(pk__in=_taught_groups(actor)))
    return _any_of(*reach)


def groups(actor: Actor) -> QuerySet[Group]:
    """Groups whose children the actor may see."""
    return Group.objects.filter(in_groups(actor)).select_related("school__site", "school_year", "grade")


@prepared
def groups_of_year(actor: Actor, school: int, school_year: int) -> QuerySet[Group]:
    """The groups of a school of which the actor may see the children, each with `child_count`."""
    here = groups(actor).filter(school=school, school_year=school_year)
    return with_child_count(here, actor.on).order_by("grade__position", "name")


@prepared_row
def group(actor: Actor, pk: int) -> QuerySet[Group]:
    return groups(actor).filter(pk=pk)


def memberships(actor: Actor, *, group: Group, on: date) -> QuerySet[Membership]:
    """The children of a group that came through the door above, by name, as it was on a day.

    Of a day gone by, a coordinator sees everybody; others whom they may still see: who is in the group, or left it
    less than 14 days ago.
    """
    found = Membership.objects.on(on).filter(group=group)
    site = group.school.site
    if not (site.organisation_id in actor.organisations(Role.COORDINATOR) or site.pk in actor.sites(Role.COORDINATOR)):
        found = found.filter(Q(until_on=None) | Q(until_on__gt=actor.on - TEACHING_GRACE))
    return found.select_related("child", "grade").order_by("child__first_name", "child__last_name", "pk")


def _enrolled(actor: Actor, role: Role, **now: None) -> Q:
    """Asked of each child on its own: a list of all children would grow with the organisation."""
    at_school = _in_charge(actor, role, at="school__")
    return Q(Exists(Enrolment.objects.filter(at_school, child=OuterRef("pk"), **now)))


def _taught(actor: Actor) -> Q:
    taught = Membership.objects.on(actor.on).filter(group__in=_taught_groups(actor))
    return Q(pk__in=taught.values("child"))


def children(actor: Actor) -> QuerySet[Child]:
    """Every child the actor may see today."""
    reach = []
    if Role.COORDINATOR in actor.roles:
        reach.append(_enrolled(actor, Role.COORDINATOR))
    if Role.SCHOOL_HEAD in actor.roles:
        reach.append(_enrolled(actor, Role.SCHOOL_HEAD, until_on=None))
    if Role.TEACHER in actor.roles:
        reach.append(_taught(actor))
    return Child.objects.filter(_any_of(*reach))


@prepared
def seen_among(actor: Actor, ids: tuple[int, ...]) -> QuerySet[Child, int]:
    """Which of these children the actor may see today."""
    return children(actor).filter(pk__in=ids).values_list("pk", flat=True)


@prepared_row
def child(actor: Actor, uid: uuid.UUID) -> QuerySet[Child]:
    return children(actor).filter(uid=uid)


def may_see_school_key(actor: Actor, child: Child) -> bool:
    """The key by which the school's own system knows the child: coordinators only."""
    return Role.COORDINATOR in actor.roles and _is_child_to_run(actor, child.pk)


@prepared_test
def _is_child_to_run(actor: Actor, child: int) -> QuerySet[Enrolment]:
    return Enrolment.objects.filter(_in_charge(actor, Role.COORDINATOR, at="school__"), child=child)


def groups_to_hand_out_in(actor: Actor) -> QuerySet[Group]:
    """Groups to whose children the actor may hand an instrument: also those of the schools a depot serves."""
    reach = [_in_charge(actor, Role.DEPOT_KEEPER, at="school__")] if Role.DEPOT_KEEPER in actor.roles else []
    return Group.objects.filter(_any_of(*reach, in_groups(actor))).select_related(
        "school__site__organisation", "school_year", "grade"
    )


def memberships_to_hand_out_to(actor: Actor, *, group: Group, on: date) -> QuerySet[Membership]:
    """The children of such a group, for a choice by first name: a page shows no more of them than that."""
    allowed = groups_to_hand_out_in(actor).filter(pk=group.pk).values("pk")
    return (
        Membership.objects.on(on).filter(group__in=allowed).select_related("child").order_by("child__first_name", "pk")
    )


def organisations_to_run(actor: Actor) -> QuerySet[Organisation]:
    """Organisations whose programme the actor may extend: add a school, open a year."""
    return Organisation.objects.filter(pk__in=actor.organisations(Role.COORDINATOR, Role.OFFICE))


def organisation_to_run(actor: Actor, key: str = "") -> Organisation:
    """The one with this key; without a key the first one (nearly everybody has one)."""
    for organisation in _organisations_to_run(actor):
        if key in ("", organisation.key):
            return organisation
    raise Http404


@prepared
def _organisations_to_run(actor: Actor) -> QuerySet[Organisation]:
    """`organisations_to_run`, as a list."""
    return organisations_to_run(actor)


def in_groups_to_run(actor: Actor, at: str = "") -> Q:
    """What `groups_to_run` gives, as a condition on the row from which `at` leads to the group."""
    return _in_charge(actor, Role.COORDINATOR, at=f"{at}school__")


def may_run(actor: Actor, school: School) -> bool:
    """Would `schools_to_run` give it? Asked of a row with its site, without the database."""
    is_wide = school.site.organisation_id in actor.organisations(Role.COORDINATOR)
    return is_wide or school.site_id in actor.sites(Role.COORDINATOR)


def groups_to_run(actor: Actor) -> QuerySet[Group]:
    """Groups to which the actor may assign teachers."""
    return Group.objects.filter(in_groups_to_run(actor)).select_related(
        "school__site__organisation", "school_year", "grade"
    )


@prepared_row
def group_to_run(actor: Actor, pk: int) -> QuerySet[Group]:
    return groups_to_run(actor).filter(pk=pk)


def teaching_to_run(actor: Actor, pk: int) -> Teaching:
    return get_object_or_404(
        Teaching.objects.filter(_in_charge(actor, Role.COORDINATOR, at="group__school__")).select_related(
            "posting__account", "group__school__site__organisation"
        ),
        pk=pk,
    )


def children_to_run(actor: Actor) -> QuerySet[Child]:
    """Children of the schools the actor coordinates, also those who left."""
    return Child.objects.filter(_enrolled(actor, Role.COORDINATOR))


@prepared_test
def may_teach(actor: Actor, child: int) -> QuerySet[Child]:
    """Would `children_to_teach` give it?"""
    return children_to_teach(actor).filter(pk=child)


def children_to_teach(actor: Actor) -> QuerySet[Child]:
    """Children for whom the actor may note what they play: taught now, or of a school that the actor coordinates."""
    reach = [_enrolled(actor, Role.COORDINATOR)] if Role.COORDINATOR in actor.roles else []
    if Role.TEACHER in actor.roles:
        reach.append(_taught(actor))
    return Child.objects.filter(_any_of(*reach)).select_related("organisation")


@prepared_row
def child_to_teach(actor: Actor, uid: uuid.UUID) -> QuerySet[Child]:
    return children_to_teach(actor).filter(uid=uid)
