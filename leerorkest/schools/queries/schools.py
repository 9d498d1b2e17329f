"""Schools, groups and children for the pages; every function takes rows that came through a door."""

from dataclasses import dataclass
from datetime import date

from django.db.models import BooleanField, Count, ExpressionWrapper, F, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from leerorkest.network.models import Organisation
from leerorkest.people.models import Child, Posting
from leerorkest.people.rules import Role
from leerorkest.shared.prepared import prepared

from ..models import (
    Enrolment,
    Group,
    Membership,
    Playing,
    PupilCount,
    RegisteredSchool,
    School,
    SchoolYear,
    Teaching,
)
from ..register.reading import searchable


@prepared
def school_years(organisation: int) -> QuerySet[SchoolYear]:
    """The latest first."""
    return SchoolYear.objects.filter(organisation=organisation).order_by("-first_on")


def year_of(years: list[SchoolYear], day: date) -> SchoolYear | None:
    """Of these years, the latest first: the one of this day; in a gap the next one, else the last one."""
    return next((year for year in reversed(years) if year.last_on >= day), next(iter(years), None))


def with_group_count(schools: QuerySet[School], day: date) -> QuerySet[School]:
    """Each school with `group_count`: its groups in the school year of this day."""
    groups = (
        Group.objects.filter(school=OuterRef("pk"), school_year__first_on__lte=day, school_year__last_on__gte=day)
        .order_by()
        .values("school")
        .annotate(number=Count("pk"))
        .values("number")
    )
    return schools.annotate(group_count=Coalesce(Subquery(groups), 0))


def with_child_count(groups: QuerySet[Group], day: date) -> QuerySet[Group]:
    """Each group with `child_count`: the children in it on this day."""
    here = Q(memberships__from_on__lte=day) & (Q(memberships__until_on=None) | Q(memberships__until_on__gt=day))
    return groups.annotate(child_count=Count("memberships", filter=here))


def with_playing(memberships: QuerySet[Membership], day: date) -> QuerySet[Membership]:
    """Each child of a group with `playing_now`: a list of at most one."""
    playing = Playing.objects.on(day).select_related("kind", "size")
    return memberships.prefetch_related(Prefetch("child__playings", queryset=playing, to_attr="playing_now"))


@prepared
def teachers_of(group: int, day: date) -> QuerySet[Teaching]:
    """Who teaches or taught the group; `holds`: now or soon, by a posting that has not ended."""
    holds = (Q(until_on=None) | Q(until_on__gt=day)) & (Q(posting__until_on=None) | Q(posting__until_on__gt=day))
    return (
        Teaching.objects.filter(group=group)
        .select_related("posting__account")
        .annotate(holds=ExpressionWrapper(holds, output_field=BooleanField()))
        .order_by("from_on", "pk")
    )


def postings_that_can_teach(school: School, day: date) -> QuerySet[Posting]:
    """Teachers' postings for this school that hold now or later."""
    return (
        Posting.objects.filter(
            Q(site=None) | Q(site=school.site_id),
            Q(until_on=None) | Q(until_on__gt=day),
            role=Role.TEACHER.value,
            organisation=school.site.organisation_id,
            account__is_active=True,
        )
        .select_related("account", "site")
        .order_by("account__name", "pk")
    )


@dataclass(frozen=True)
class ChildsRoad:
    """Where a child was and what it played, earliest first."""

    enrolments: list[Enrolment]
    memberships: list[Membership]
    playings: list[Playing]

    @property
    def school_now(self) -> Enrolment | None:
        return next((row for row in self.enrolments if row.until_on is None), None)

    @property
    def playing_now(self) -> Playing | None:
        return next((row for row in self.playings if row.until_on is None), None)


def road_of(child: Child) -> ChildsRoad:
    return ChildsRoad(
        enrolments=_enrolments(child.pk),
        memberships=_memberships(child.pk),
        playings=_playings(child.pk),
    )


@prepared
def _enrolments(child: int) -> QuerySet[Enrolment]:
    return Enrolment.objects.filter(child=child).select_related("school__site").order_by("from_on", "pk")


@prepared
def _memberships(child: int) -> QuerySet[Membership]:
    rows = Membership.objects.filter(child=child).select_related("group__school__site", "school_year", "grade")
    return rows.order_by("from_on", "pk")


@prepared
def _playings(child: int) -> QuerySet[Playing]:
    return Playing.objects.filter(child=child).select_related("kind", "size").order_by("from_on", "pk")


def named(children: QuerySet[Child], words: str) -> QuerySet[Child]:
    """Every word stands somewhere in the child's name."""
    for word in words.split():
        children = children.filter(
            Q(first_name__icontains=word) | Q(prefix__icontains=word) | Q(last_name__icontains=word)
        )
    return children


def registered(words: str, *, with_closed: bool = False) -> QuerySet[RegisteredSchool]:
    """Schools of the register by name, town, postal code or code: every word must begin somewhere in them."""
    found = RegisteredSchool.objects.all() if with_closed else RegisteredSchool.objects.filter(closed_on=None)
    for word in searchable(words).split():
        found = found.filter(Q(search_words__startswith=word) | Q(search_words__contains=f" {word}"))
    return found


def taking_part(rows: list[RegisteredSchool], organisations: QuerySet[Organisation]) -> dict[int, School]:
    """Which of these registered schools take part in one of these organisations."""
    schools = School.objects.filter(
        code__in=[row.code for row in rows], site__organisation__in=organisations
    ).select_related("site")
    by_key = {(school.country, school.scheme, school.code): school for school in schools}
    return {
        row.pk: by_key[row.country, row.scheme, row.code]
        for row in rows
        if (row.country, row.scheme, row.code) in by_key
    }


@prepared
def registered_as(country: str, scheme: str, code: str) -> QuerySet[RegisteredSchool]:
    """What the register knows of a school that takes part."""
    return RegisteredSchool.objects.filter(country=country, scheme=scheme, code=code)


@prepared
def pupil_counts(country: str, scheme: str, code: str) -> QuerySet[PupilCount]:
    """The last five counts the register knows of a school that takes part."""
    counts = PupilCount.objects.filter(school__country=country, school__scheme=scheme, school__code=code)
    return counts.order_by("-year")[:5]


def group_names_of(children: list[Child], day: date) -> dict[int, Membership]:
    """The group each child is in on this day."""
    rows = (
        Membership.objects.on(day)
        .filter(child__in=children)
        .annotate(school_name=F("group__school__site__name"))
        .select_related("group")
    )
    return {row.child_id: row for row in rows}
