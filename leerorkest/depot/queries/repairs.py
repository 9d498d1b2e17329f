"""The queue of a workshop, a ticket with everything on it, and what somebody has learnt there."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Case, Count, Exists, IntegerField, OuterRef, Prefetch, Q, QuerySet, Value, When

from leerorkest.people.models import Account, Posting
from leerorkest.people.rules import Role

from ..models import Defect, Instruments, Part, Parts, Repair, RepairDefect, RepairEvent, Repairs, RepairStep
from ..rules import RepairAct
from .loaners import child_waits_for

ORDER = ("calm", "due_on", "pk")  # a child who waits comes first, then what is due


def queue(repairs: Repairs) -> Repairs:
    """With `calm` (0: a child waits), how far the steps are, and what they are about."""
    about = Prefetch("about", RepairDefect.objects.select_related("defect__kind"), to_attr="on_ticket")
    return repairs.annotate(
        calm=Case(When(child_waits_for("instrument"), then=Value(0)), default=Value(1), output_field=IntegerField()),
        all_steps=Count("steps"),
        done_steps=Count("steps", filter=Q(steps__done_at__isnull=False)),
        to_sign=Count("steps", filter=Q(steps__done_at__isnull=False, steps__signed_at=None)),
    ).prefetch_related(about)


def new_reports(instruments: Instruments) -> QuerySet[Defect]:
    """What was reported and is on no ticket, of these instruments; those for which a child waits first."""
    open_ticket = Repair.objects.open().filter(about__defect=OuterRef("pk"))
    found = Defect.objects.open().filter(~Exists(open_ticket), instrument__in=instruments)
    calm = Case(When(child_waits_for("instrument"), then=Value(0)), default=Value(1), output_field=IntegerField())
    return (
        found.annotate(calm=calm)
        .select_related("kind", "instrument__kind", "instrument__size", "by")
        .order_by("calm", "reported_at", "pk")
    )


def steps_of(repair: Repair) -> list[RepairStep]:
    return list(repair.steps.select_related("kind", "done_by", "signed_by"))


def state_of(repair: Repair, events: Iterable[RepairEvent]) -> RepairAct:
    """What its events say, the last word first: is it on its way, waiting for a part, mended, settled?"""
    found = RepairAct.OPENED
    for event in events:
        act = RepairAct(event.act)
        if act in (RepairAct.WAITS, RepairAct.GOES_ON, RepairAct.RECEIVED, RepairAct.MENDED):
            found = act
        elif act in (RepairAct.HANDED_BACK, RepairAct.LOANER_STAYS, RepairAct.SHELVED):
            return act
    return found


@dataclass(frozen=True)
class Sum:
    """What a ticket took: minutes, and money per currency."""

    minutes: int
    money: dict[str, Decimal]


def sum_of(repair: Repair, steps: Iterable[RepairStep]) -> Sum:
    money: dict[str, Decimal] = {}
    if repair.cost is not None:
        money[repair.currency] = repair.cost
    for used in repair.parts_used.exclude(price=None):
        money[used.currency] = money.get(used.currency, Decimal(0)) - used.quantity * (used.price or Decimal(0))
    return Sum(sum(step.minutes or 0 for step in steps), money)


def fitting_parts(parts: Parts, repair: Repair) -> Parts:
    """Parts of this workshop that mend what is on the ticket and fit the instrument, then all others that fit it."""
    row = repair.instrument
    fits = Q(kind=None) | Q(kind=row.kind_id, size=None) | Q(kind=row.kind_id, size=row.size_id)
    mends = Part.mends.through.objects.filter(part=OuterRef("pk"), defectkind__in=repair.about.values("defect__kind"))
    far = Case(When(Exists(mends), then=Value(0)), default=Value(1), output_field=IntegerField())
    here = parts.filter(fits, site=repair.workshop_id, is_used=True)
    return here.counted().annotate(far=far).order_by("far", "name", "pk")


def workers(repair: Repair, on: date) -> QuerySet[Account]:
    """Who can do the work: masters and trainees of the workshop."""
    posted = Posting.objects.on(on).filter(
        Q(site=None) | Q(site=repair.workshop_id),
        organisation=repair.workshop.organisation_id,
        role__in=[Role.TRAINEE.value, Role.WORKSHOP_MASTER.value],
    )
    return Account.objects.filter(pk__in=posted.values("account"), is_active=True).order_by("name", "pk")


# --- what somebody has learnt -------------------------------------------------------------------------------
@dataclass(frozen=True)
class Skill:
    """One step, as often as it was done and signed."""

    step: str
    difficulty: int
    times: int
    minutes: int
    first_on: date
    last_on: date
    signed_by: tuple[str, ...]


def skills_of(account: Account) -> list[Skill]:
    """Signed steps of one person, the hardest first, in one query. No instrument and no child is named."""
    rows = RepairStep.objects.filter(done_by=account, signed_at__isnull=False).select_related(
        "kind", "signed_by", "repair__workshop__organisation"
    )
    by_kind: dict[str, list[RepairStep]] = {}
    for row in rows.order_by("-kind__difficulty", "kind__position", "signed_at"):
        by_kind.setdefault(row.kind_id, []).append(row)
    return [
        Skill(
            step=str(found[0].kind),
            difficulty=found[0].kind.difficulty,
            times=len(found),
            minutes=sum(row.minutes or 0 for row in found),
            first_on=_day(found[0].signed_at, found[0]),
            last_on=_day(found[-1].signed_at, found[-1]),
            signed_by=tuple(dict.fromkeys(row.signed_by.name for row in found if row.signed_by)),
        )
        for found in by_kind.values()
    ]


def _day(moment: datetime | None, row: RepairStep) -> date:
    assert moment is not None
    return row.repair.workshop.organisation.day_at(moment)
