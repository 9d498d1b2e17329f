"""What instruments are worth: rules by age, lists for the insurer, write-off."""

import uuid
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from django.db import IntegrityError, transaction
from openpyxl import load_workbook

from leerorkest.depot import actions
from leerorkest.depot.actions.refusals import KeepsItsCurrency
from leerorkest.depot.actions.values import set_value_rule, value_instrument
from leerorkest.depot.models import Instrument, Placement
from leerorkest.depot.queries.values import totals, valued_on, written_off
from leerorkest.depot.rules import Depreciation, replacement_value
from leerorkest.shared import clock
from leerorkest.shared.actions import System
from leerorkest.shared.models import AuditEntry
from tests import make
from tests.make import NOW, TODAY

BY = {"by": System("test"), "at": NOW}


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.mark.parametrize(
    ("bought_on", "worth"),
    [
        (None, "200.00"),  # no day: as new
        (date(2026, 11, 25), "200.00"),  # bought tomorrow
        (date(2025, 11, 25), "200.00"),  # a year less a day
        (date(2025, 11, 24), "190.00"),
        (date(2016, 2, 29), "100.00"),  # ten years: the floor
        (date(1900, 1, 1), "100.00"),
    ],
)
def test_a_value_falls_by_whole_years_down_to_its_floor(bought_on, worth):
    rule = Depreciation(yearly_percent=5, floor_percent=50)
    assert replacement_value(Decimal(200), bought_on, TODAY, rule) == Decimal(worth)


@pytest.mark.django_db
def test_the_rule_of_a_kind_comes_before_that_of_all_and_that_before_the_proposal(cast):
    make.make_instrument(cast.depot, purchase_value=Decimal(100), purchased_on=date(2024, 1, 1))
    worth = lambda: valued_on(Instrument.objects.exclude(purchase_value=None), cast.amsterdam, TODAY)[0].value  # noqa: E731
    assert worth() == 94  # strings, 3 % a year
    set_value_rule(organisation=cast.amsterdam, kind=None, rule=Depreciation(10, 0), **BY)
    assert worth() == 80
    set_value_rule(organisation=cast.amsterdam, kind=cast.violin.kind, rule=Depreciation(1, 0), **BY)
    assert worth() == 98
    set_value_rule(organisation=cast.amsterdam, kind=cast.violin.kind, rule=None, **BY)
    assert worth() == 80


@pytest.mark.django_db
def test_amounts_of_two_currencies_are_never_added(cast):
    for currency in ("EUR", "EUR", "XCG"):
        row = make.make_instrument(cast.depot, purchase_value=Decimal(100))
        if currency != "EUR":
            Instrument.objects.filter(pk=row.pk).update(purchase_value=None)
            Instrument.objects.filter(pk=row.pk).update(purchase_value=50, currency=currency)
    found = totals(valued_on(Instrument.objects.all(), cast.amsterdam, TODAY))
    assert {key: (total.count, total.purchase) for key, total in found.by_currency.items()} == {
        "EUR": (3, Decimal(200)),
        "XCG": (1, Decimal(50)),
    }
    assert found.by_place["EUR", "Depot Noord"].without_value == 1


@pytest.mark.django_db
def test_an_amount_is_corrected_but_never_relabelled(cast):
    value = {"instrument": cast.violin, "purchased_on": None, **BY}
    value_instrument(purchase_value=Decimal(90), currency="USD", **value)
    value_instrument(purchase_value=Decimal(95), currency="USD", **value)
    with pytest.raises(KeepsItsCurrency):
        value_instrument(purchase_value=Decimal(95), currency="EUR", **value)
    with pytest.raises(IntegrityError), transaction.atomic():
        Instrument.objects.filter(pk=cast.violin.pk).update(currency="EUR")


@pytest.mark.django_db
def test_the_list_is_as_it_was_on_the_day_in_a_fixed_number_of_queries(cast, django_assert_num_queries):
    gone = make.make_instrument(cast.depot, purchase_value=Decimal(100))
    actions.retire(instrument=gone, because="stolen", **BY)
    actions.issue_class_set(instruments=[cast.violin], site=cast.regenboog.site, handover_id=uuid.uuid4(), **BY)
    with django_assert_num_queries(5):
        before = valued_on(Instrument.objects.all(), cast.amsterdam, TODAY - timedelta(days=1))
    assert {row.keeper for row in before} == {"Depot Noord"}
    assert len(before) == 2
    assert {row.keeper for row in valued_on(Instrument.objects.all(), cast.amsterdam, TODAY)} == {"De Regenboog"}
    assert valued_on(Instrument.objects.all(), cast.amsterdam, TODAY - timedelta(days=200)) == []
    for _ in range(3):
        make.make_instrument(cast.depot)
    with django_assert_num_queries(5):
        valued_on(Instrument.objects.all(), cast.amsterdam, TODAY)


@pytest.mark.django_db
def test_a_write_off_keeps_its_reason_and_what_it_was_worth(cast):
    row = make.make_instrument(cast.depot, purchase_value=Decimal(100))
    actions.retire(instrument=row, because="stolen", **BY)
    (left,) = written_off(Instrument.objects.all(), cast.amsterdam, TODAY, TODAY)
    assert (left.instrument.retired_because, left.value) == ("stolen", Decimal(100))
    assert AuditEntry.objects.get(act="depot.retire").detail["value"] == "100.00"
    assert Placement.objects.open().get(instrument=row).sort == "unknown"


@pytest.mark.django_db
def test_the_insurer_gets_a_list_in_which_no_text_is_a_formula_and_no_child_stands(client, cast):
    make.make_instrument(cast.depot, number="=1+1", serial_number='=HYPERLINK("x")', purchase_value=Decimal("99.50"))
    actions.issue_class_set(instruments=[cast.violin], site=cast.regenboog.site, handover_id=uuid.uuid4(), **BY)
    actions.lend(instrument=cast.violin, child=cast.amina, goes_home=True, handover_id=uuid.uuid4(), **BY)
    client.force_login(cast.ola)
    answer = client.get("/depot/values/instruments.xlsx", {"on": TODAY.isoformat()})
    sheet, sums = load_workbook(BytesIO(answer.content)).worksheets
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert "=1+1" in [cell.value for cell in cells]
    assert "f" not in {cell.data_type for cell in cells}
    assert "Amina" not in str([cell.value for cell in cells])
    assert 99.5 in [cell.value for cell in cells]
    assert sums.max_row == 4  # a head, two places, the whole
    assert client.get("/depot/values/instruments.pdf").content.startswith(b"%PDF")
    assert client.get("/depot/values/instruments.doc").status_code == 404
    page = client.get("/depot/values/").content.decode()
    assert "99" in page
    client.force_login(cast.noor)
    assert client.get("/depot/values/").status_code == 404
