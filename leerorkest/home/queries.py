"""What waits for whom. Each role has its own few worklists; somebody with two roles has both."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from leerorkest.depot import access as depot_access
from leerorkest.depot import queries as depot_queries
from leerorkest.depot.models import ShipmentItem
from leerorkest.depot.queries.children import without_instrument
from leerorkest.depot.queries.gifts import gifts_to_finish
from leerorkest.depot.queries.shipments import open_shipments
from leerorkest.lessons import access as lesson_access
from leerorkest.lessons.models import Lesson
from leerorkest.lessons.queries import Hour, missing_registers, registers_to_close, week
from leerorkest.network.models import Holiday
from leerorkest.people.access import Actor
from leerorkest.people.models import Account, Posting
from leerorkest.people.rules import Role
from leerorkest.schools import access as school_access
from leerorkest.schools.models import Group, Membership, RosterImport, Teaching

SOON = timedelta(days=30)
MOST = 1000  # a worklist is counted no further: "1000+" says the same to whoever has to begin


@dataclass(frozen=True)
class Todo:
    words: Any
    count: int | str
    address: str


def _counted(rows: QuerySet[Any]) -> int | str:
    count = rows.order_by()[: MOST + 1].count()
    return count if count <= MOST else f"{MOST}+"


def todos(actor: Actor, on: date) -> list[Todo]:
    """The worklists of the actor's roles that are not empty, most urgent first."""
    found = [todo for role, of_role in WORKLISTS.items() if role in actor.roles for todo in of_role(actor, on)]
    return [todo for todo in found if todo.count]


def of_teacher(actor: Actor, on: date) -> Iterator[Todo]:
    yield Todo(_("Registers to close"), _counted(registers_to_close(actor, until=on)), reverse("lessons:week"))
    yield _papers(actor)


def of_stock(actor: Actor, on: date) -> Iterator[Todo]:
    """What waits for who runs a stock: requests, boxes, loans."""
    run = actor.organisations(*depot_access.RUNS)
    yield Todo(
        _("Requests that wait for your answer"),
        _counted(depot_access.requests(actor).waiting().filter(asked_of__in=run)),
        reverse("depot:requests"),
    )
    under_way = open_shipments(depot_access.shipments(actor))
    yield Todo(
        _("Shipments to receive"),
        _counted(under_way.filter(to_site__organisation__in=run, expected_on__lte=on + timedelta(days=7))),
        reverse("depot:shipments"),
    )
    missing = ShipmentItem.objects.under_way().filter(short_at__isnull=False, shipment__organisation__in=run)
    yield Todo(_("Instruments missing from a shipment of yours"), _counted(missing), reverse("depot:shipments"))
    yield Todo(
        _("Loans from other cities that go home this month"),
        _counted(depot_access.loans_in(actor).filter(due_on__lte=on + SOON)),
        reverse("depot:loans"),
    )


def of_head(actor: Actor, on: date) -> Iterator[Todo]:
    yield Todo(
        _("Requests without an answer yet"),
        _counted(depot_access.requests(actor).waiting()),
        reverse("depot:requests"),
    )
    yield Todo(
        _("Shipments to receive"),
        _counted(open_shipments(depot_access.shipments(actor)).filter(expected_on__lte=on + timedelta(days=7))),
        reverse("depot:shipments"),
    )


def of_coordinator(actor: Actor, on: date) -> Iterator[Todo]:
    schools = school_access.schools_to_run(actor)
    this_year = Group.objects.filter(school__in=schools, school_year__first_on__lte=on, school_year__last_on__gte=on)
    yield Todo(_("Registers nobody closed"), _counted(missing_registers(actor, before=on)), reverse("lessons:missing"))
    yield Todo(
        _("Marks that wait for your decision"),
        lesson_access.quarantine(actor).filter(decided_at=None).count(),
        reverse("lessons:quarantine"),
    )
    yield Todo(
        _("Pupil lists looked at but not applied"),
        RosterImport.objects.filter(school__in=schools, state=RosterImport.PREVIEWED).count(),
        reverse("schools:schools"),
    )
    taught = Teaching.objects.on(on).filter(group=OuterRef("pk"))
    yield Todo(_("Groups without a teacher"), _counted(this_year.filter(~Exists(taught))), reverse("schools:schools"))
    # from the groups to their children: who plays in other organisations is not looked at
    in_groups = Membership.objects.filter(school_access.in_groups_to_run(actor, at="group__"))
    yield Todo(
        _("Children who play but have no instrument in care"),
        _counted(without_instrument(in_groups, on)),
        reverse("depot:children_without"),
    )


def of_depot_keeper(actor: Actor, on: date) -> Iterator[Todo]:
    instruments = depot_access.instruments_to_run(actor)
    yield Todo(
        _("Reservations to pick this week"),
        _counted(depot_access.reservations(actor).open().filter(from_on__lt=on + timedelta(days=7))),
        reverse("depot:reservations"),
    )
    yield from of_stock(actor, on)
    yield Todo(
        _("Instruments with children who left"),
        _counted(depot_queries.with_children_who_left(instruments, on)),
        reverse("depot:instruments") + "?state=left",
    )
    yield Todo(
        _("Instruments at a place that closed"),
        _counted(depot_queries.at_closed_places(instruments, on)),
        reverse("depot:instruments") + "?state=closed",
    )
    yield Todo(
        _("Instruments on the shelf of a depot"),
        _counted(instruments.not_retired().on_shelf().filter(custodies__site__sort="depot", custodies__ended_at=None)),
        reverse("depot:instruments") + "?state=shelf",
    )
    yield Todo(
        _("Messages of who found an instrument"),
        _counted(depot_access.found_notices(actor).waiting()),
        reverse("depot:found_notices"),
    )
    yield Todo(
        _("Instruments of which nobody knows where they are"),
        _counted(instruments.not_retired().lost()),
        reverse("depot:instruments") + "?state=lost",
    )
    yield Todo(_("Gifts that wait"), _counted(gifts_to_finish(depot_access.gifts(actor))), reverse("depot:gifts"))
    yield _open_stocktakes(actor)
    yield Todo(_("Instruments to clean"), _counted(depot_access.cleanings(actor)), reverse("depot:cleanings"))
    yield _papers(actor)


def _papers(actor: Actor) -> Todo:
    waiting = depot_access.acceptances(actor).filter(mark=None)
    return Todo(_("Loans that wait for their signed paper"), _counted(waiting), reverse("depot:desk"))


def _open_stocktakes(actor: Actor) -> Todo:
    return Todo(
        _("Stocktakes that are not finished"),
        depot_access.stocktakes(actor).open().count(),
        reverse("depot:stocktakes"),
    )


def of_office(actor: Actor, on: date) -> Iterator[Todo]:
    organisations = actor.organisations(Role.OFFICE)
    postings = Posting.objects.on(on).filter(organisation__in=organisations)
    never_in = Account.objects.filter(postings__in=postings, last_login=None, is_active=True).distinct()
    yield Todo(_("People who have not signed in yet"), _counted(never_in), reverse("people:accounts"))
    yield Todo(
        _("Postings that end within a month"),
        postings.filter(until_on__lte=on + SOON).count(),
        reverse("people:accounts"),
    )
    yield Todo(
        _("Holidays to confirm"),
        Holiday.objects.filter(organisation__in=organisations, is_confirmed=False, last_on__gte=on).count(),
        reverse("network:calendar"),
    )


WORKLISTS: dict[Role, Callable[[Actor, date], Iterator[Todo]]] = {
    Role.TEACHER: of_teacher,
    Role.COORDINATOR: of_coordinator,
    Role.DEPOT_KEEPER: of_depot_keeper,
    Role.OFFICE: of_office,
    Role.SCHOOL_HEAD: of_head,
}


@dataclass(frozen=True)
class Day:
    """Today as a teacher or a school sees it: the hour to go to now, and all hours."""

    next: Hour | None
    hours: list[Hour]


def day(actor: Actor, now: datetime, on: date) -> Day:
    hours = week(actor, first_on=on, last_on=on) if actor.roles & {Role.TEACHER, Role.SCHOOL_HEAD} else []
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
    lessons = lesson_access.lessons_to_run(actor).filter(on=on)
    taking_place = lessons.filter(cancelled_because="").aggregate(
        lessons=Count("pk"), schools=Count("series__group__school", distinct=True)
    )
    cancelled = lessons.exclude(cancelled_because="").order_by("starts_at", "pk")
    return Programme(**taking_place, cancelled=list(cancelled[:50]))
