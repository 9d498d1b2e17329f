"""Who can stand in: the day of an organisation as a problem for the planner, and what it answers."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from leerorkest.depot.rules import distance
from leerorkest.network.models import Organisation, Site
from leerorkest.people.access import Actor
from leerorkest.people.models import Account, Posting
from leerorkest.people.rules import Role
from leerorkest.shared.prepared import prepared
from planner.cover import problem as planner
from planner.cover.rank import Candidate, rank

from .. import access
from ..models import Absence, Cover, CoverAsk, CoverRequest, Lesson, Section
from ..rules import VOG_HOLDS, minutes_between, week_of

DAY_LONG = ((0, 24 * 60),)


@dataclass(frozen=True)
class Option:
    """A colleague, and why not (empty: can be asked). Best first in a list of them."""

    account: Account
    why_not: str


def options(request: CoverRequest) -> list[Option]:
    """Every colleague of the absent teacher with a posting that day. As many queries for a town as for a village."""
    lesson, absent = request.lesson, request.absence.account_id
    day = _Day(lesson.series.group.school.site.organisation, lesson.on)
    name = day.name_of(lesson.pk, request.section_id)
    ranked = [one for one in rank(day.problem(name))[name] if one.teacher != str(absent)]
    return [Option(day.accounts[int(one.teacher)], _why_not(one, day, lesson)) for one in ranked]


def _why_not(one: Candidate, day: "_Day", lesson: Lesson) -> str:
    """A posting at one school reaches no other."""
    places = day.reach[int(one.teacher)]
    if None not in places and lesson.series.group.school.site_id not in places:
        return "place"
    return one.why_not


class _Day:
    """All that one organisation gives on one day, and who is there."""

    def __init__(self, organisation: Organisation, on: date) -> None:
        self.on, self.zone = on, ZoneInfo(organisation.time_zone)
        postings = list(
            Posting.objects.on(on)
            .filter(organisation=organisation, role=Role.TEACHER.value, account__is_active=True)
            .select_related("account", "stand_in")
            .order_by("account__name", "pk")
        )
        self.accounts = {posting.account_id: posting.account for posting in postings}
        self.reach: defaultdict[int, set[int | None]] = defaultdict(set)
        self.posted: defaultdict[int, list[Posting]] = defaultdict(list)
        for posting in postings:
            self.reach[posting.account_id].add(posting.site_id)
            self.posted[posting.account_id].append(posting)
        begin = datetime.combine(on, time(), tzinfo=self.zone)
        self.absences = list(
            Absence.objects.filter(
                organisation=organisation,
                withdrawn_at=None,
                from_at__lt=begin + timedelta(days=1),
                until_at__gt=begin,
            )
        )
        monday, sunday = week_of(on)
        self.lessons = list(
            Lesson.objects.filter(
                series__group__school__site__organisation=organisation, on__range=(monday, sunday), cancelled_because=""
            ).select_related("series__group__school__site")
        )
        sections = Section.objects.filter(series__in={lesson.series_id for lesson in self.lessons})
        self.sections: defaultdict[int, list[Section]] = defaultdict(list)
        for section in sections.select_related("teaching__posting").order_by("pk"):
            self.sections[section.series_id].append(section)
        covers = Cover.objects.filter(lesson__in=self.lessons, ended_at=None)
        self.covered = {(cover.lesson_id, cover.section_id): cover.account_id for cover in covers}
        year_ago = begin - timedelta(days=365)
        self.stood_in = Counter(
            Cover.objects.filter(account__in=self.accounts, ended_at=None, taken_at__gt=year_ago).values_list(
                "account", flat=True
            )
        )

    @staticmethod
    def name_of(lesson: int, section: int) -> str:
        return f"{lesson}/{section}"

    def problem(self, lost: str) -> planner.Problem:
        """`lost`: the lesson that needs somebody, whoever was to give it; nobody else's day changes."""
        minutes: Counter[int] = Counter()
        own: defaultdict[int, set[str]] = defaultdict(set)
        works_on: defaultdict[int, set[int]] = defaultdict(set)
        today = []
        for lesson in self.lessons:
            for section in self.sections[lesson.series_id]:
                planned = section.teaching.posting.account_id if section.teaching else None
                who = self.covered.get((lesson.pk, section.pk), planned)
                if planned is not None:
                    own[planned].add(section.family)
                    works_on[planned].add(lesson.series.weekday)
                if who is not None:
                    minutes[who] += round((lesson.ends_at - lesson.starts_at).total_seconds() / 60)
                if lesson.on == self.on:
                    today.append(self._lesson(lesson, section, who, lost))
        teachers = tuple(self._teacher(pk, own[pk], works_on[pk], minutes[pk]) for pk in self.accounts)
        # Who was to give it may be there, and give other lessons: for the planner it is somebody who is away.
        missing = (planner.Teacher(id="", sections=(), home="", free=()),)
        return planner.Problem(
            teachers=(*teachers, *missing),
            lessons=tuple(today),
            absences=(planner.Absence(""), *map(self._absence, self.absences)),
            travel=self._travel(),
        )

    def _lesson(self, lesson: Lesson, section: Section, who: int | None, lost: str) -> planner.Lesson:
        name = self.name_of(lesson.pk, section.pk)
        return planner.Lesson(
            id=name,
            place=str(lesson.series.group.school.site_id),
            section=section.family,
            start=self._minute(lesson.starts_at),
            end=self._minute(lesson.ends_at),
            teacher="" if name == lost else str(who or "nobody"),
        )

    def _teacher(self, pk: int, own: set[str], works_on: set[int], minutes: int) -> planner.Teacher:
        said = [posting.stand_in for posting in self.posted[pk] if hasattr(posting, "stand_in")]
        days = works_on.union(*(stand_in.weekdays for stand_in in said))
        agreed = [stand_in.minutes_a_week for stand_in in said if stand_in.minutes_a_week is not None]
        account = self.accounts[pk]
        seen_on = account.vog_seen_on
        return planner.Teacher(
            id=str(pk),
            sections=tuple(sorted(own)),
            also=tuple(sorted(set().union(*(stand_in.families for stand_in in said)) - own)),
            home="",
            free=DAY_LONG if self.on.weekday() in days else (),
            minutes_left=max(0, max(agreed) - minutes) if agreed else 7 * 24 * 60,
            covers=self.stood_in[pk],
            may_teach=seen_on is not None and seen_on <= self.on < seen_on + VOG_HOLDS,
            name=account.name,
        )

    def _absence(self, absence: Absence) -> planner.Absence:
        start, end = (max(0, min(24 * 60, self._minute(at))) for at in (absence.from_at, absence.until_at))
        return planner.Absence(str(absence.account_id), start, end)

    def _minute(self, at: datetime) -> int:
        """Of this day by the clock of the place; before it is negative, after it more than 1440."""
        local = at.astimezone(self.zone)
        return (local.date() - self.on).days * 24 * 60 + local.hour * 60 + local.minute

    def _travel(self) -> dict[str, dict[str, int]]:
        sites: dict[int, Site] = {
            lesson.series.group.school.site_id: lesson.series.group.school.site
            for lesson in self.lessons
            if lesson.on == self.on
        }
        return {
            str(a.pk): {
                str(b.pk): minutes_between(distance(a.point, b.point) if a.point and b.point else None)
                for b in sites.values()
                if a.pk != b.pk
            }
            for a in sites.values()
        }


def absences_to_come(actor: Actor, at: datetime) -> list[Absence]:
    """That can still be taken back: the actor's own, and those of teachers whom the actor coordinates."""
    return list(access.absences(actor).filter(withdrawn_at=None, until_at__gt=at).order_by("from_at", "pk")[:100])


def asks_to_answer(actor: Actor, at: datetime) -> QuerySet[CoverAsk]:
    """What the actor was asked and has not answered."""
    return access.asks(actor).filter(declined_at=None, request__lesson__starts_at__gt=at)


def asks(actor: Actor, at: datetime) -> list[CoverAsk]:
    """The same with its lesson, the first one first."""
    return list(
        asks_to_answer(actor, at)
        .select_related("request__lesson__series__group__school__site__organisation", "request__section")
        .order_by("request__lesson__starts_at", "pk")
    )


@dataclass(frozen=True)
class Wanted:
    """A request as the coordinator sees it."""

    request: CoverRequest
    asked: list[CoverAsk]
    cover: Cover | None


def wanted(requests: Iterable[CoverRequest]) -> list[Wanted]:
    """Two queries for all of them."""
    requests = list(requests)
    asked: defaultdict[int, list[CoverAsk]] = defaultdict(list)
    for ask in CoverAsk.objects.filter(request__in=requests).select_related("account").order_by("pk"):
        asked[ask.request_id].append(ask)
    covers = {
        cover.request_id: cover
        for cover in Cover.objects.filter(request__in=requests, ended_at=None).select_related("account")
    }
    return [Wanted(request, asked[request.pk], covers.get(request.pk)) for request in requests]


def covers_of(lessons: Iterable[int]) -> dict[tuple[int, int], Cover]:
    """{(lesson, section): who stands in}."""
    return {(cover.lesson_id, cover.section_id): cover for cover in _standing(tuple(lessons))}


@prepared
def _standing(lessons: tuple[int, ...]) -> QuerySet[Cover]:
    return Cover.objects.filter(lesson__in=lessons, ended_at=None).select_related("account")


def sections_of_absent(
    account: Account, organisation: Organisation, from_at: datetime, until_at: datetime
) -> list[tuple[Lesson, Section]]:
    """The lessons that somebody was to give in this time, also as a stand-in, by section."""
    lessons = Lesson.objects.filter(
        Q(series__sections__teaching__posting__account=account) | Q(covers__account=account, covers__ended_at=None),
        series__group__school__site__organisation=organisation,
        starts_at__lt=until_at,
        ends_at__gt=from_at,
        cancelled_because="",
    ).select_related("series__group__school__site__organisation")
    found = {lesson.pk: lesson for lesson in lessons}
    covers = covers_of(found)
    sections = Section.objects.filter(series__in={lesson.series_id for lesson in found.values()}).select_related(
        "teaching__posting"
    )
    result = []
    for lesson in sorted(found.values(), key=lambda one: (one.starts_at, one.pk)):
        for section in sections:
            if section.series_id != lesson.series_id:
                continue
            cover = covers.get((lesson.pk, section.pk))
            planned = section.teaching.posting.account_id if section.teaching else None
            if (cover.account_id if cover else planned) == account.pk:
                result.append((lesson, section))
    return result
