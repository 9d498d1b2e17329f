"""Children and the instruments they do not have."""

from datetime import date

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from leerorkest.schools.models import Membership, Playing

from ..models import Custody


def without_instrument(memberships: QuerySet[Membership], on: date) -> QuerySet[Membership]:
    """Of these places in a group those of this school year whose child plays something and has nothing in care."""
    plays = Playing.objects.on(on).filter(child=OuterRef("child"))
    holds = Custody.objects.open().holders().filter(child=OuterRef("child"))
    return memberships.filter(Q(until_on=None) | Q(until_on__gt=on), from_on__lte=on).filter(
        Exists(plays), ~Exists(holds), group__school_year__first_on__lte=on, group__school_year__last_on__gte=on
    )


def with_what_they_play(memberships: QuerySet[Membership], on: date) -> QuerySet[Membership]:
    """With the child, the group, the school, and as `child.plays` what each plays: one more query for any number."""
    now = Playing.objects.on(on).select_related("kind", "size")
    return memberships.select_related("child", "group__school__site").prefetch_related(
        Prefetch("child__playings", queryset=now, to_attr="plays")
    )
