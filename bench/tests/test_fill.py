"""The generator of the bench must keep every rule of the site, or the bench measures something that cannot be."""

import pytest
from django.db import connection
from django.db.models import Count, Q

from bench import fill, pages
from leerorkest.depot.models import Custody, Instrument
from leerorkest.lessons.models import Lesson, MarkEvent
from leerorkest.people.access import actor_of
from leerorkest.people.models import Account, Child
from leerorkest.schools import access
from leerorkest.schools.models import Enrolment, Group, Membership, Playing, Teaching
from leerorkest.shared import audit, guards
from leerorkest.shared.models import AuditEntry

TINY = fill.Size(schools=2, marked_schools=1, audit_entries=50)


@pytest.fixture
def programme(db):
    fill.fill(TINY)


def test_the_sizes_are_what_the_bench_says():
    assert (fill.SIZES["town"].children, fill.SIZES["town"].instruments) == (20_000, 12_000)
    assert (fill.SIZES["national"].children, fill.SIZES["national"].instruments) == (250_000, 150_000)


def test_a_filled_database_has_every_row_it_promises(programme):
    town = Child.objects.filter(organisation__key="stad")
    assert town.count() == TINY.children == 400
    assert Instrument.objects.filter(organisation__key="stad").count() == TINY.instruments == 240
    marks = MarkEvent.objects.filter(child__in=town).values("child").annotate(marks=Count("pk"))
    assert sum(row["marks"] for row in marks) == 200 * 40 + 200 * 5
    assert Child.objects.count() == town.count() + 200


def test_a_filled_database_keeps_every_constraint_and_guard(programme):
    connection.check_constraints()
    assert guards.missing() == set()
    keepers = Instrument.objects.annotate(
        keepers=Count("custodies", filter=Q(custodies__level="keeper", custodies__ended_at=None))
    )
    assert set(keepers.values_list("keepers", flat=True)) == {1}
    assert Custody.objects.open().holders().count() == 3 * fill.LENT
    assert list(audit.broken_links()) == []
    assert AuditEntry.objects.count() == TINY.audit_entries + 1
    for model in (Child, Enrolment, Group, Membership, Playing, Teaching, Instrument, Lesson):
        for row in model.objects.order_by("?")[:5]:
            row.full_clean(exclude=["password"])


def test_new_rows_follow_after_the_filled_ones(programme):
    child = Child.objects.create(organisation=Child.objects.first().organisation, first_name="Nieuw")
    assert child.pk == Child.objects.order_by("-pk")[0].pk


def test_the_people_whose_pages_are_measured_see_what_they_should(programme):
    count = {
        name: access.children(actor_of(Account.objects.get(email=f"{name}@stad.example"), fill.TODAY)).count()
        for name in fill.STAFF
    }
    assert count == {"noor": 200, "sam": 400, "joost": 0, "hanna": 200, "ola": 0}


def test_what_is_measured_or_excused_is_a_page():
    names = set(pages.routes())
    assert {page.route for page in pages.PAGES} | set(pages.EXCUSED) <= names
