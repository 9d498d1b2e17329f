"""What waits for whom. Each role has its own few worklists; somebody with two roles has both."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from leerorkest.depot import access as depot_access
from leerorkest.depot import queries as depot_queries
from leerorkest.depot.models import (
    Acceptance,
    Cleaning,
    Defect,
    FoundNotice,
    Gift,
    Instrument,
    InstrumentRequest,
    Loan,
    MaintenanceJob,
    Part,
    Repair,
    RepairStep,
    Reservation,
    Shipment,
    ShipmentItem,
    Stocktake,
)
from leerorkest.depot.queries import loaners as loaner_queries
from leerorkest.depot.queries import repairs as repair_queries
from leerorkest.depot.queries.children import without_instrument
from leerorkest.depot.queries.gifts import gifts_to_finish
from leerorkest.depot.queries.shipments import open_shipments
from leerorkest.lessons import access as lesson_access
from leerorkest.lessons.models import Cover, CoverAsk, CoverRequest, Lesson, QuarantinedMark
from leerorkest.lessons.queries import (
    Hour,
    asks_to_answer,
    missing_registers,
    registers_to_close,
    stood_in_to_close,
    week,
)
from leerorkest.network.models import Holiday
from leerorkest.people.access import Actor
from leerorkest.people.models import Account, Posting
from leerorkest.people.rules import Role
from leerorkest.schools import access as school_access
from leerorkest.schools.models import Group, Membership, RosterImport, Teaching
from leerorkest.shared.prepared import prepared

SOON = timedelta(days=30)
MOST = 1000  # a worklist is counted no further: "1000+" says the same to whoever has to begin


@dataclass(frozen=True)
class Todo:
    words: Any
    count: int | str
    address: str


def _up_to_most(rows: QuerySet[Any]) -> QuerySet[Any, int]:
    return rows.order_by().values_list("pk", flat=True)[: MOST + 1]


def _said(count: int) -> int | str:
    return count if count <= MOST else f"{MOST}+"


def todos(actor: Actor, now: datetime, on: date) -> list[Todo]:
    """The worklists of the actor's roles that are not empty, most urgent first."""
    found = [
        Todo(
            _("Lessons for which you are asked to stand in"), _said(_asked.count(actor, now)), reverse("lessons:asks")
        ),
        Todo(_("Registers to close where you stand in"), _said(_stood_in.count(actor, now)), reverse("lessons:week")),
    ]
    found += [todo for role, of_role in WORKLISTS.items() if role in actor.roles for todo in of_role(actor, on)]
    return [todo for todo in found if todo.count]


@prepared
def _asked(actor: Actor, now: datetime) -> QuerySet[CoverAsk, int]:
    return _up_to_most(asks_to_answer(actor, now))


@prepared
def _stood_in(actor: Actor, now: datetime) -> QuerySet[Cover, int]:
    return _up_to_most(stood_in_to_close(actor, now))


def of_teacher(actor: Actor, on: date) -> Iterator[Todo]:
    yield from for_children_who_wait(actor, on)
    yield Todo(_("Registers to close"), _said(_registers_to_close.count(actor, on)), reverse("lessons:week"))
    yield _papers(actor)


@prepared
def _registers_to_close(actor: Actor, on: date) -> QuerySet[Lesson, int]:
    return _up_to_most(registers_to_close(actor, until=on))


def of_stock(actor: Actor, on: date) -> Iterator[Todo]:
    """What waits for who runs a stock: requests, boxes, loans."""
    yield Todo(_("Requests that wait for your answer"), _said(_to_answer.count(actor)), reverse("depot:requests"))
    yield Todo(_("Shipments to receive"), _said(_to_receive.count(actor, on)), reverse("depot:shipments"))
    yield Todo(
        _("Instruments missing from a shipment of yours"), _said(_missing_ones.count(actor)), reverse("depot:shipments")
    )
    yield Todo(
        _("Loans from other cities that go home this month"),
        _said(_going_home.count(actor, on)),
        reverse("depot:loans"),
    )


@prepared
def _to_answer(actor: Actor) -> QuerySet[InstrumentRequest, int]:
    asked = depot_access.requests(actor).waiting()
    return _up_to_most(asked.filter(asked_of__in=actor.organisations(*depot_access.RUNS)))


@prepared
def _to_receive(actor: Actor, on: date) -> QuerySet[Shipment, int]:
    to_us = Q(to_site__organisation__in=actor.organisations(*depot_access.RUNS))
    under_way = open_shipments(depot_access.shipments(actor)).filter(to_us, expected_on__lte=on + timedelta(days=7))
    return _up_to_most(under_way)


@prepared
def _missing_ones(actor: Actor) -> QuerySet[ShipmentItem, int]:
    ours = actor.organisations(*depot_access.RUNS)
    missing = ShipmentItem.objects.under_way().filter(short_at__isnull=False, shipment__organisation__in=ours)
    return _up_to_most(missing)


@prepared
def _going_home(actor: Actor, on: date) -> QuerySet[Loan, int]:
    return _up_to_most(depot_access.loans_in(actor).filter(due_on__lte=on + SOON))


def of_head(actor: Actor, on: date) -> Iterator[Todo]:
    yield Todo(_("Requests without an answer yet"), _said(_unanswered.count(actor)), reverse("depot:requests"))
    yield Todo(_("Shipments to receive"), _said(_to_expect.count(actor, on)), reverse("depot:shipments"))


@prepared
def _unanswered(actor: Actor) -> QuerySet[InstrumentRequest, int]:
    return _up_to_most(depot_access.requests(actor).waiting())


@prepared
def _to_expect(actor: Actor, on: date) -> QuerySet[Shipment, int]:
    return _up_to_most(open_shipments(depot_access.shipments(actor)).filter(expected_on__lte=on + timedelta(days=7)))


def of_coordinator(actor: Actor, on: date) -> Iterator[Todo]:
    yield Todo(_("Lessons without their teacher"), _said(_to_cover.count(actor)), reverse("lessons:cover"))
    yield from for_children_who_wait(actor, on)
    yield Todo(_("Registers nobody closed"), _said(_missing_registers.count(actor, on)), reverse("lessons:missing"))
    yield Todo(_("Marks that wait for your decision"), _said(_quarantined.count(actor)), reverse("lessons:quarantine"))
    yield Todo(_("Pupil lists looked at but not applied"), _said(_previewed.count(actor)), reverse("schools:schools"))
    yield Todo(_("Groups without a teacher"), _said(_without_teacher.count(actor, on)), reverse("schools:schools"))
    yield Todo(
        _("Children who play but have no instrument in care"),
        _said(_without_instrument.count(actor, on)),
        reverse("depot:children_without"),
    )


@prepared
def _to_cover(actor: Actor) -> QuerySet[CoverRequest, int]:
    return _up_to_most(lesson_access.cover_requests(actor).filter(closed_at=None, lesson__on__gte=actor.on))


@prepared
def _missing_registers(actor: Actor, on: date) -> QuerySet[Lesson, int]:
    return _up_to_most(missing_registers(actor, before=on))


@prepared
def _quarantined(actor: Actor) -> QuerySet[QuarantinedMark, int]:
    return _up_to_most(lesson_access.quarantine(actor).filter(decided_at=None))


@prepared
def _previewed(actor: Actor) -> QuerySet[RosterImport, int]:
    schools = school_access.schools_to_run(actor)
    return _up_to_most(RosterImport.objects.filter(school__in=schools, state=RosterImport.PREVIEWED))


@prepared
def _without_teacher(actor: Actor, on: date) -> QuerySet[Group, int]:
    schools = school_access.schools_to_run(actor)
    this_year = Group.objects.filter(school__in=schools, school_year__first_on__lte=on, school_year__last_on__gte=on)
    taught = Teaching.objects.on(on).filter(group=OuterRef("pk"))
    return _up_to_most(this_year.filter(~Exists(taught)))


@prepared
def _without_instrument(actor: Actor, on: date) -> QuerySet[Membership, int]:
    """From the groups to their children: who plays in other organisations is not looked at."""
    in_groups = Membership.objects.filter(school_access.in_groups_to_run(actor, at="group__"))
    return _up_to_most(without_instrument(in_groups, on))


def of_depot_keeper(actor: Actor, on: date) -> Iterator[Todo]:
    yield from for_children_who_wait(actor, on)
    yield Todo(
        _("Reservations to pick this week"),
        _said(_to_pick.count(actor, on)),
        reverse("depot:reservations"),
    )
    yield from of_stock(actor, on)
    yield Todo(
        _("Instruments with children who left"),
        _said(_with_children_who_left.count(actor, on)),
        reverse("depot:instruments") + "?state=left",
    )
    yield Todo(
        _("Instruments at a place that closed"),
        _said(_at_closed_places.count(actor, on)),
        reverse("depot:instruments") + "?state=closed",
    )
    yield Todo(
        _("Instruments on the shelf of a depot"),
        _said(_at_depots.count(actor)),
        reverse("depot:instruments") + "?state=shelf",
    )
    yield Todo(
        _("Messages of who found an instrument"),
        _said(_found.count(actor)),
        reverse("depot:found_notices"),
    )
    yield Todo(
        _("Instruments of which nobody knows where they are"),
        _said(_lost.count(actor)),
        reverse("depot:instruments") + "?state=lost",
    )
    yield Todo(_("Gifts that wait"), _said(_gifts.count(actor)), reverse("depot:gifts"))
    yield _open_stocktakes(actor)
    yield Todo(_("Instruments to clean"), _said(_to_clean.count(actor)), reverse("depot:cleanings"))
    yield _papers(actor)


def _papers(actor: Actor) -> Todo:
    return Todo(_("Loans that wait for their signed paper"), _said(_unsigned.count(actor)), reverse("depot:desk"))


@prepared
def _unsigned(actor: Actor) -> QuerySet[Acceptance, int]:
    return _up_to_most(depot_access.acceptances(actor).filter(mark=None))


@prepared
def _to_clean(actor: Actor) -> QuerySet[Cleaning, int]:
    return _up_to_most(depot_access.cleanings(actor))


def _open_stocktakes(actor: Actor) -> Todo:
    return Todo(
        _("Stocktakes that are not finished"),
        _said(_to_finish.count(actor)),
        reverse("depot:stocktakes"),
    )


@prepared
def _to_finish(actor: Actor) -> QuerySet[Stocktake, int]:
    return _up_to_most(depot_access.stocktakes(actor).open())


@prepared
def _found(actor: Actor) -> QuerySet[FoundNotice, int]:
    return _up_to_most(depot_access.found_notices(actor).waiting())


@prepared
def _lost(actor: Actor) -> QuerySet[Instrument, int]:
    return _up_to_most(depot_access.instruments_to_run(actor).not_retired().lost())


@prepared
def _gifts(actor: Actor) -> QuerySet[Gift, int]:
    return _up_to_most(gifts_to_finish(depot_access.gifts(actor)))


@prepared
def _with_children_who_left(actor: Actor, on: date) -> QuerySet[Instrument, int]:
    return _up_to_most(depot_queries.with_children_who_left(depot_access.instruments_to_run(actor), on))


@prepared
def _at_closed_places(actor: Actor, on: date) -> QuerySet[Instrument, int]:
    return _up_to_most(depot_queries.at_closed_places(depot_access.instruments_to_run(actor), on))


@prepared
def _at_depots(actor: Actor) -> QuerySet[Instrument, int]:
    on_shelf = depot_access.instruments_to_run(actor).not_retired().on_shelf()
    return _up_to_most(on_shelf.filter(custodies__site__sort="depot", custodies__ended_at=None))


@prepared
def _to_pick(actor: Actor, on: date) -> QuerySet[Reservation, int]:
    return _up_to_most(depot_access.reservations(actor).open().filter(from_on__lt=on + timedelta(days=7)))


def for_children_who_wait(actor: Actor, on: date) -> Iterator[Todo]:
    """Of who lends: who has nothing to play on, and what can go back to its child."""
    yield Todo(
        _("Children who have nothing to play on"),
        _said(_waiting.count(actor)),
        reverse("depot:waiting"),
    )
    yield Todo(
        _("Mended instruments that wait for their child"),
        _said(_to_hand_back.count(actor)),
        reverse("depot:to_settle"),
    )


@prepared
def _waiting(actor: Actor) -> QuerySet[Defect, int]:
    return _up_to_most(loaner_queries.waiting(depot_access.instruments_to_lend(actor)))


@prepared
def _to_hand_back(actor: Actor) -> QuerySet[Repair, int]:
    return _up_to_most(depot_access.repairs_to_settle(actor).to_hand_back())


def of_workshop(actor: Actor, on: date) -> Iterator[Todo]:
    """Of who repairs: own tickets, what nobody looked at yet, what is due, what runs out."""
    queue = reverse("depot:workshop")
    yield Todo(_("Tickets that are yours"), _said(_own_tickets.count(actor)), queue)
    yield Todo(_("Tickets in the workshop"), _said(_tickets.count(actor)), queue)
    yield Todo(_("New reports without a ticket"), _said(_new_reports.count(actor)), queue)
    yield Todo(_("Maintenance that is overdue"), _said(_overdue.count(actor, on)), reverse("depot:maintenance"))
    yield Todo(_("Parts to order"), _said(_to_order.count(actor)), reverse("depot:parts"))


@prepared
def _own_tickets(actor: Actor) -> QuerySet[Repair, int]:
    return _up_to_most(depot_access.repairs(actor).to_mend().filter(assigned_to=actor.account.pk))


@prepared
def _tickets(actor: Actor) -> QuerySet[Repair, int]:
    return _up_to_most(depot_access.repairs(actor).to_mend())


@prepared
def _new_reports(actor: Actor) -> QuerySet[Defect, int]:
    return _up_to_most(repair_queries.new_reports(depot_access.instruments_to_mend(actor)))


@prepared
def _overdue(actor: Actor, on: date) -> QuerySet[MaintenanceJob, int]:
    return _up_to_most(depot_access.jobs(actor).open().filter(due_on__lt=on))


@prepared
def _to_order(actor: Actor) -> QuerySet[Part, int]:
    return _up_to_most(depot_access.parts(actor).to_order())


def of_workshop_master(actor: Actor, on: date) -> Iterator[Todo]:
    yield Todo(_("Steps to sign"), _said(_to_sign.count(actor)), reverse("depot:workshop"))
    yield from of_workshop(actor, on)


@prepared
def _to_sign(actor: Actor) -> QuerySet[RepairStep, int]:
    mending = depot_access.repairs(actor).to_mend()
    return _up_to_most(RepairStep.objects.filter(repair__in=mending, done_at__isnull=False, signed_at=None))


def of_office(actor: Actor, on: date) -> Iterator[Todo]:
    yield Todo(
        _("People who have not signed in yet"), _said(_never_signed_in.count(actor, on)), reverse("people:accounts")
    )
    yield Todo(_("Postings that end within a month"), _said(_ending_soon.count(actor, on)), reverse("people:accounts"))
    yield Todo(_("Holidays to confirm"), _said(_to_confirm.count(actor, on)), reverse("network:calendar"))


@prepared
def _never_signed_in(actor: Actor, on: date) -> QuerySet[Account, int]:
    postings = Posting.objects.on(on).filter(organisation__in=actor.organisations(Role.OFFICE))
    return _up_to_most(Account.objects.filter(postings__in=postings, last_login=None, is_active=True).distinct())


@prepared
def _ending_soon(actor: Actor, on: date) -> QuerySet[Posting, int]:
    postings = Posting.objects.on(on).filter(organisation__in=actor.organisations(Role.OFFICE))
    return _up_to_most(postings.filter(until_on__lte=on + SOON))


@prepared
def _to_confirm(actor: Actor, on: date) -> QuerySet[Holiday, int]:
    holidays = Holiday.objects.filter(organisation__in=actor.organisations(Role.OFFICE))
    return _up_to_most(holidays.filter(is_confirmed=False, last_on__gte=on))


WORKLISTS: dict[Role, Callable[[Actor, date], Iterator[Todo]]] = {
    Role.TEACHER: of_teacher,
    Role.COORDINATOR: of_coordinator,
    Role.DEPOT_KEEPER: of_depot_keeper,
    Role.OFFICE: of_office,
    Role.SCHOOL_HEAD: of_head,
    Role.WORKSHOP_MASTER: of_workshop_master,
    Role.TRAINEE: of_workshop,
}


@dataclass(frozen=True)
class Day:
    """Today as a teacher or a school sees it: the hour to go to now, and all hours."""

    next: Hour | None
    hours: list[Hour]


def day(actor: Actor, now: datetime, on: date) -> Day:
    hours = week(actor, first_on=on, last_on=on, at=now) if actor.roles & {Role.TEACHER, Role.SCHOOL_HEAD} else []
    to_come = [hour for hour in hours if hour.is_mine and not hour.closing and not hour.lesson.cancelled_because]
    not_over = [hour for hour in to_come if hour.lesson.ends_at >= now]
    return Day(next=next(iter(not_over or to_come), None), hours=hours)


@dataclass(frozen=True)
class Programme:
    """Today at the schools of a coordinator."""

    lessons: int
    schools: int
    cancelled: list[Lesson]


def programme(actor: Actor, on: date) -> Programme | None:
    if Role.COORDINATOR not in actor.roles:
        return None
    lessons, schools = _taking_place.first(actor, on) or (0, 0)
    return Programme(lessons, schools, cancelled=_cancelled(actor, on))


@prepared
def _taking_place(actor: Actor, on: date) -> QuerySet[Lesson, tuple[int, int]]:
    """One row: how many lessons, at how many schools."""
    lessons = lesson_access.lessons_to_run(actor).filter(on=on, cancelled_because="").order_by().values("on")
    return lessons.annotate(lessons=Count("pk"), schools=Count("series__group__school", distinct=True)).values_list(
        "lessons", "schools"
    )


@prepared
def _cancelled(actor: Actor, on: date) -> QuerySet[Lesson]:
    cancelled = lesson_access.lessons_to_run(actor).filter(on=on).exclude(cancelled_because="")
    return cancelled.order_by("starts_at", "pk")[:50]
