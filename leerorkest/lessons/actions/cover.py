"""Somebody cannot come at 7:10: who is asked, who takes it, who is told.

Each ask, answer and acceptance is an action. What the database decides alone is who was first
(`one_stand_in_per_lesson_and_section`).
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from leerorkest.network.models import Organisation
from leerorkest.people.access import Actor
from leerorkest.people.models import Account, Posting
from leerorkest.shared.actions import Actor as AnyActor
from leerorkest.shared.actions import Refused, action, record, unless_taken
from leerorkest.shared.mail import mail_once_kept
from leerorkest.shared.templatetags.words import when

from ..models import Absence, Cover, CoverAsk, CoverRequest, Lesson, StandIn
from ..queries.cover import options, sections_of_absent
from ..rules import AFTER_LESSON, ASKED_AT_ONCE, PATIENCE


class NothingToCover(Refused):
    sentence = _("There are no lessons in that time. Nobody needs to be asked.")


class AlreadyAbsent(Refused):
    sentence = _("This was reported already. The colleagues are being asked.")


class AbsenceOver(Refused):
    sentence = _("This was taken back already, or the lessons are over.")


class TakenBySomebodyElse(Refused):
    sentence = _("Somebody else was faster and stands in. Thank you for offering.")


class NotWantedAnyMore(Refused):
    sentence = _("Nobody is needed for this lesson any more. Thank you for offering.")


class NotAsked(Refused):
    sentence = _("This lesson is not yours to take. Ask the coordinator.")


class AlreadyAnswered(Refused):
    sentence = _("You said no already. Somebody else is asked.")


class CannotStandIn(Refused):
    sentence = _("%(name)s cannot take this lesson. Choose somebody from the list.")


class NotFreeAnyMore(Refused):
    sentence = _("You give another lesson at that time now, or cannot take this one any more. Ask the coordinator.")


class NobodyLeftToAsk(Refused):
    sentence = _("Everybody who can do it was asked. Choose somebody yourself, or cancel the lesson.")


class LessonIsOver(Refused):
    sentence = _("This lesson is over. Nobody can stand in any more.")


QUESTION = (_("Can you stand in?"), _("Say yes or no in Leerorkest. The first who says yes gives the lesson."))
YOURS = (_("You stand in"), _("Thank you. The lesson stands in your week, with the way and the names."))
TAKEN = (_("Somebody stands in"), _("The lesson is taken. Thank you for thinking about it."))
NOT_NEEDED = (_("You need not stand in"), _("The lesson is given by its own teacher, moved or cancelled."))


@dataclass(frozen=True)
class Reported:
    """What came of it: the absence, the lessons that need somebody, and how many colleagues were asked."""

    absence: Absence
    requests: list[CoverRequest]
    asked: int


@action
def set_stand_in(
    *,
    posting: Posting,
    families: Iterable[str],
    weekdays: Iterable[int],
    minutes_a_week: int | None,
    by: Actor,
    at: datetime,
) -> StandIn:
    """For what and when somebody may be asked, beside the own lessons."""
    said = {
        "families": sorted(set(families)),
        "weekdays": sorted(set(weekdays)),
        "minutes_a_week": minutes_a_week,
    }
    row, _made = StandIn.objects.update_or_create(posting=posting, defaults=said)
    record("lessons.set_stand_in", subject=posting.account, organisation=posting.organisation.key)
    return row


@action
def report_absence(
    *,
    account: Account,
    organisation: Organisation,
    from_at: datetime,
    until_at: datetime,
    by: AnyActor,
    at: datetime,
) -> Reported:
    """Every lesson of the account in this time needs somebody; the first three colleagues are asked for each.

    Lessons that began are left as they are. Nothing says why somebody cannot come.
    """
    lost = [
        (lesson, section)
        for lesson, section in sections_of_absent(account, organisation, max(from_at, at), until_at)
        if lesson.starts_at > at
    ]
    if not lost:
        raise NothingToCover
    with unless_taken(AlreadyAbsent()):
        absence = Absence.objects.create(
            account=account, organisation=organisation, from_at=from_at, until_at=until_at, made_at=at
        )
    Cover.objects.filter(account=account, ended_at=None, lesson__in=[lesson.pk for lesson, _section in lost]).update(
        ended_at=at
    )
    requests, asked = [], set()
    for lesson, section in lost:
        with unless_taken(AlreadyAbsent()):
            request = CoverRequest.objects.create(absence=absence, lesson=lesson, section=section, made_at=at)
        requests.append(request)
        asked |= {ask.account_id for ask in _ask(request, at)}
    detail = {"lessons": [str(lesson.uid) for lesson, _section in lost], "asked": len(asked)}
    record("lessons.report_absence", subject=account, organisation=organisation.key, detail=detail)
    return Reported(absence, requests, len(asked))


@action
def report_day(
    *, account: Account, organisations: Iterable[Organisation], on: date, by: AnyActor, at: datetime
) -> list[Reported]:
    """The account cannot come on this day, by the calendar of each of these organisations; of those with lessons, what
    came of it. All or nothing."""
    found = []
    for organisation in organisations:
        begin = datetime.combine(on, time(), ZoneInfo(organisation.time_zone))
        day = {"from_at": begin, "until_at": begin + timedelta(days=1)}
        with suppress(NothingToCover):
            found.append(report_absence(account=account, organisation=organisation, **day, by=by, at=at))
    if not found:
        raise NothingToCover
    return found


@action
def withdraw_absence(*, absence: Absence, by: AnyActor, at: datetime) -> None:
    """Somebody comes after all: open requests are closed, and who took one is told that it is not needed."""
    locked = Absence.objects.select_for_update().get(pk=absence.pk)
    if locked.withdrawn_at or locked.until_at <= at:
        raise AbsenceOver
    Absence.objects.filter(pk=absence.pk).update(withdrawn_at=at)
    for request in CoverRequest.objects.filter(absence=absence, lesson__starts_at__gt=at).select_for_update():
        _close(request, at)
    record("lessons.withdraw_absence", subject=absence.account, organisation=absence.organisation.key)


@action
def ask_next(*, request: CoverRequest, by: AnyActor, at: datetime) -> list[CoverAsk]:
    """The next colleagues who can do it, at most three."""
    locked = _open(request, at)
    asked = _ask(locked, at)
    if not asked:
        raise NobodyLeftToAsk
    record("lessons.ask_next", subject=request.lesson, detail={"asked": len(asked)})
    return asked


def ask_those_who_are_next(*, by: AnyActor, at: datetime) -> int:
    """For every lesson of which nobody answered for ten minutes, ask the next colleagues. How many were asked."""
    fresh = CoverAsk.objects.filter(request=OuterRef("pk"), asked_at__gt=at - PATIENCE, declined_at=None)
    waiting = CoverRequest.objects.filter(~Exists(fresh), closed_at=None, lesson__starts_at__gt=at)
    count = 0
    for request in waiting.select_related("lesson__series__group__school__site__organisation", "section"):
        try:
            count += len(ask_next(request=request, by=by, at=at))
        except Refused:  # taken in this moment, or nobody is left: the coordinator sees it
            continue
    return count


@action
def decline(*, ask: CoverAsk, by: Actor, at: datetime) -> None:
    """No; the next colleague is asked at once."""
    if not CoverAsk.objects.filter(pk=ask.pk, declined_at=None).update(declined_at=at):
        raise AlreadyAnswered
    record("lessons.decline_cover", subject=ask.request.lesson)
    request = CoverRequest.objects.select_for_update().get(pk=ask.request_id)
    if not request.closed_at and request.lesson.starts_at > at:
        _ask(request, at, most=1)


@action
def accept(*, request: CoverRequest, by: Actor, at: datetime) -> Cover:
    """Yes. The first one stands in; everybody else hears that it is taken."""
    if not CoverAsk.objects.filter(request=request, account=by.account).exists():
        raise NotAsked
    return _take(request, by.account, at, NotFreeAnyMore())


@action
def give_to(*, request: CoverRequest, account: Account, by: Actor, at: datetime) -> Cover:
    """The coordinator called somebody, who can do it."""
    return _take(request, account, at, CannotStandIn(name=account.name))


def _take(request: CoverRequest, account: Account, at: datetime, unable: Refused) -> Cover:
    """Whoever takes it must be able to now: since they were asked, they may have taken another lesson."""
    with unless_taken(TakenBySomebodyElse()):
        locked = _open(request, at)
        lesson = locked.lesson
        Account.objects.select_for_update(no_key=True).get(pk=account.pk)  # one yes of theirs after the other
        if account not in [option.account for option in options(locked) if not option.why_not]:
            raise unable
        cover = Cover.objects.create(
            request=locked,
            lesson=lesson,
            section=locked.section,
            account=account,
            taken_at=at,
            closes_at=lesson.ends_at + AFTER_LESSON,
        )
        CoverRequest.objects.filter(pk=locked.pk).update(closed_at=at)
    record("lessons.take_cover", subject=lesson, detail={"account": account.pk, "section": locked.section_id})
    asked = Account.objects.filter(cover_asks__request=locked, cover_asks__declined_at=None)
    _tell(locked, asked.exclude(pk=account.pk), *TAKEN)
    _tell(locked, [account], *YOURS)
    return cover


def _open(request: CoverRequest, at: datetime) -> CoverRequest:
    """Locked, and still in need of somebody."""
    locked = (
        CoverRequest.objects.select_for_update(of=("self",))
        .select_related("lesson__series__group__school__site__organisation", "section")
        .get(pk=request.pk)
    )
    if locked.closed_at:
        raise TakenBySomebodyElse if locked.covers.filter(ended_at=None).exists() else NotWantedAnyMore
    if locked.lesson.starts_at <= at:
        raise LessonIsOver
    if locked.lesson.cancelled_because:
        raise NotWantedAnyMore
    return locked


def _ask(request: CoverRequest, at: datetime, most: int = ASKED_AT_ONCE) -> list[CoverAsk]:
    before = set(CoverAsk.objects.filter(request=request).values_list("account", flat=True))
    able = [option.account for option in options(request) if not option.why_not and option.account.pk not in before]
    asks = CoverAsk.objects.bulk_create(
        [CoverAsk(request=request, account=account, asked_at=at) for account in able[:most]]
    )
    _tell(request, able[:most], *QUESTION)
    return asks


def close_requests(lesson: Lesson, at: datetime) -> None:
    """The lesson is cancelled or moved: nobody is needed at that time any more."""
    for request in CoverRequest.objects.filter(lesson=lesson).select_for_update():
        _close(request, at)


def _close(request: CoverRequest, at: datetime) -> None:
    stand_ins = Account.objects.filter(covers__request=request, covers__ended_at=None)
    _tell(request, list(stand_ins), *NOT_NEEDED)
    Cover.objects.filter(request=request, ended_at=None).update(ended_at=at)
    CoverRequest.objects.filter(pk=request.pk, closed_at=None).update(closed_at=at)


def _tell(request: CoverRequest, accounts: Iterable[Account], subject: object, text: object) -> None:
    """By mail, after all is kept: when and where, never a child. Without mail it stands on their start page alone."""
    lesson, section = request.lesson, request.section
    organisation = lesson.series.group.school.site.organisation
    with translation.override(organisation.language), timezone.override(organisation.time_zone):
        hours = f"{when(lesson.starts_at, 'TIME_FORMAT')}–{when(lesson.ends_at, 'TIME_FORMAT')}"
        place = f"{lesson.series.group.name}, {section.get_family_display()} · {lesson.series.group.school.site.name}"
        facts = f"{when(lesson.on, 'l j F')}, {hours} · {place}"
        title, body = str(subject), f"{facts}\n\n{text}"
    mail_once_kept(title, body, [account.email for account in accounts])
