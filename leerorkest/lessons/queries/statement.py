"""What a teacher gave in a month, as the registers say: the base of an invoice."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q

from leerorkest.network.models import Organisation
from leerorkest.people.models import Account

from ..models import Closing, Cover, Lesson, Section
from .cover import covers_of

GIVEN, OPEN, CANCELLED, AWAY = "given", "open", "cancelled", "away"


@dataclass(frozen=True)
class Line:
    """One section of one lesson. `state`: given (its register is closed: it counts), open (nobody closed it: it does
    not count yet), cancelled, or away (somebody else stood in, or was looked for)."""

    lesson: Lesson
    section: Section
    state: str
    is_stand_in: bool = False

    @property
    def minutes(self) -> int:
        """That count, by the clock of the lesson; 0 for what was not given."""
        length = self.lesson.ends_at - self.lesson.starts_at
        return round(length / timedelta(minutes=1)) if self.state == GIVEN else 0


@dataclass(frozen=True)
class Statement:
    account: Account
    organisation: Organisation
    first_on: date
    last_on: date
    lines: Sequence[Line]

    @property
    def minutes(self) -> int:
        return sum(line.minutes for line in self.lines)

    @property
    def still_open(self) -> int:
        return sum(line.state == OPEN for line in self.lines)


def statement(
    account: Account, organisation: Organisation, *, first_on: date, last_on: date, at: datetime
) -> Statement:
    """Every lesson until now that was the account's to give, its own and as a stand-in. Four queries, whatever the
    size. A lesson counts for who gave it: the stand-in where there is one, else the teacher of the section.
    """
    lessons = list(
        Lesson.objects.filter(
            Q(series__sections__teaching__posting__account=account) | Q(covers__account=account),
            series__group__school__site__organisation=organisation,
            on__range=(first_on, last_on),
            starts_at__lte=at,
        )
        .select_related("series__group__school__site")
        .distinct()
        .order_by("starts_at", "pk")
    )
    covers = covers_of([lesson.pk for lesson in lessons])
    closed = set(Closing.objects.filter(lesson__in=lessons).values_list("lesson", "section"))
    sections: defaultdict[int, list[Section]] = defaultdict(list)
    for section in (
        Section.objects.filter(series__in={lesson.series_id for lesson in lessons})
        .select_related("teaching__posting")
        .order_by("pk")
    ):
        sections[section.series_id].append(section)
    lines = [
        line
        for lesson in lessons
        for section in sections[lesson.series_id]
        if (line := _line(account, lesson, section, covers.get((lesson.pk, section.pk)), closed))
    ]
    return Statement(account, organisation, first_on, last_on, lines)


def _line(
    account: Account,
    lesson: Lesson,
    section: Section,
    cover: Cover | None,
    closed: set[tuple[int, int]],
) -> Line | None:
    planned = section.teaching is not None and section.teaching.posting.account_id == account.pk
    stands_in = cover is not None and cover.account_id == account.pk
    if not planned and not stands_in:
        return None
    if lesson.cancelled_because:
        return Line(lesson, section, CANCELLED)
    if cover is not None and not stands_in:
        return Line(lesson, section, AWAY)
    state = GIVEN if (lesson.pk, section.pk) in closed else OPEN
    return Line(lesson, section, state, is_stand_in=stands_in)
