from datetime import date

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from leerorkest.network.models import Holiday, Site
from tests import make
from tests.counting import queries_of

CALENDAR = "/network/calendar/"


@pytest.fixture(autouse=True)
def on_a_tuesday(time_machine):
    time_machine.move_to(make.NOW)


def holiday(organisation, name="Studiedag", day=date(2027, 3, 1), **values):
    facts = {"sort": "own", "source": "us", "first_on": day, "last_on": day, **values}
    return Holiday.objects.create(organisation=organisation, name=name, **facts)


def test_everybody_sees_the_own_calendar_and_no_other(cast, client):
    holiday(cast.amsterdam)
    holiday(cast.curacao, "Vakansi")
    client.force_login(cast.noor)
    page = client.get(CALENDAR).content.decode()
    assert "Studiedag" in page
    assert "Vakansi" not in page
    assert reverse("network:add_holiday") not in page
    assert client.get(CALENDAR, {"organisation": "curacao"}).status_code == 404


@pytest.mark.parametrize("year", ["9" * 5000, "-1", "1", "abcd", "٢٠٢٦", "2101"])
def test_a_year_that_is_none_is_this_year(cast, client, year):
    client.force_login(cast.ola)
    assert client.get(CALENDAR, {"from": year}).context["first_on"].year == 2026
    assert client.post(reverse("network:load_holidays"), {"from": year}).status_code == 302


def test_the_office_fetches_the_published_holidays(cast, client):
    client.force_login(cast.ola)
    client.post(reverse("network:load_holidays"), {"from": "2026"})
    assert cast.amsterdam.holidays.filter(name="Kerstvakantie", first_on=date(2026, 12, 19)).exists()
    assert "Kerstvakantie" in client.get(CALENDAR).content.decode()


def test_the_office_adds_changes_confirms_and_removes_a_holiday(cast, client):
    client.force_login(cast.luca)
    facts = {"name": "Vakansi", "sort": "school", "first_on": "2027-02-08", "last_on": "2027-02-12"}
    client.post(reverse("network:add_holiday"), {**facts, "source": "ministry"})
    row = Holiday.objects.get(name="Vakansi")
    client.post(
        reverse("network:change_holiday", args=[row.pk]), {**facts, "last_on": "2027-02-14", "source": "ministry"}
    )
    client.post(reverse("network:confirm_holiday", args=[row.pk]))
    row.refresh_from_db()
    assert (row.last_on, row.is_confirmed) == (date(2027, 2, 14), True)
    client.post(reverse("network:remove_holiday", args=[row.pk]))
    assert not Holiday.objects.filter(pk=row.pk).exists()


def test_a_refusal_stands_in_the_form(cast, client):
    client.force_login(cast.ola)
    facts = {"name": "X", "sort": "own", "first_on": "2027-02-08", "last_on": "2027-02-01", "source": "us"}
    response = client.post(reverse("network:add_holiday"), facts)
    assert response.status_code == 200
    assert response.context["form"].non_field_errors()


@pytest.mark.parametrize("who", ["noor", "hanna", "joost", "luca", "wim"])
def test_nobody_else_changes_the_calendar(cast, client, who):
    row = holiday(cast.amsterdam)
    client.force_login(getattr(cast, who))
    for route in ("change_holiday", "confirm_holiday", "remove_holiday"):
        assert client.post(reverse(f"network:{route}", args=[row.pk])).status_code == 404


def test_the_grades_get_the_names_of_the_region(cast, client):
    client.force_login(cast.luca)
    names = {f"grade_{number}": f"klas {number}" for number in range(1, 9)}
    assert client.post(reverse("network:grades"), names).status_code == 302
    assert cast.curacao.grades.get(code="5").name == "klas 5"
    assert cast.amsterdam.grades.get(code="5").name == "groep 5"


@pytest.mark.parametrize("start", ["", "abc", "99999999999999", "0", "²"])
def test_an_odd_year_in_the_address_shows_this_year(cast, client, start):
    client.force_login(cast.noor)
    assert client.get(CALENDAR, {"from": start}).context["first_on"].year == 2026


def test_the_calendar_costs_the_same_with_one_holiday_and_with_three(cast, client):
    client.force_login(cast.noor)
    holiday(cast.amsterdam)
    queries_of(client, CALENDAR)
    with_one = queries_of(client, CALENDAR)
    holiday(cast.amsterdam, "B")
    holiday(cast.amsterdam, "C", date(2027, 4, 1))
    assert queries_of(client, CALENDAR) == with_one


def test_who_has_no_posting_sees_an_empty_calendar(cast, client):
    client.force_login(cast.wim)
    assert client.get(CALENDAR).status_code == 200


def test_who_is_in_charge_opens_a_depot_or_a_van_but_no_school(client, cast):
    client.force_login(cast.sam)
    page = client.get("/network/places/")
    assert "Depot Noord" in page.content.decode()
    assert "De Regenboog" not in page.content.decode()
    sent = {"sort": "van", "name": "Bus 1", "street": "", "town": "Amsterdam"}
    assert client.post("/network/places/", sent).status_code == 302
    assert Site.objects.get(name="Bus 1").sort == "van"
    assert "already a place" in client.post("/network/places/", sent).content.decode()
    assert client.post("/network/places/", {**sent, "name": "School X", "sort": "school"}).status_code == 200
    assert not Site.objects.filter(name="School X").exists()
    client.force_login(cast.noor)
    assert client.get("/network/places/").status_code == 404


def test_a_place_is_put_on_the_map_when_it_is_opened_and_later(client, cast):
    client.force_login(cast.sam)
    sent = {"sort": "van", "name": "Bus 1", "point": "52.3731, 4.8922"}
    assert client.post("/network/places/", sent).status_code == 302
    assert Site.objects.get(name="Bus 1").point == (52.3731, 4.8922)
    address = f"/network/places/{cast.regenboog.site_id}/"
    assert client.post(address, {"point": "-12.5 -68.123456"}).status_code == 302
    cast.regenboog.site.refresh_from_db()
    assert cast.regenboog.site.point == (-12.5, -68.12346)
    assert 'value="-12.50000, -68.12346"' in client.get(address).content.decode()
    for wrong in ("95, 4", "4", "x, y", "52.1, 181", "²,²", "1e2, 3"):
        assert "Write two numbers" in client.post(address, {"point": wrong}).content.decode()
    assert client.post(address, {"point": ""}).status_code == 302
    cast.regenboog.site.refresh_from_db()
    assert cast.regenboog.site.point is None


@pytest.mark.parametrize("where", [{"north": 95, "east": 4}, {"north": 5, "east": None}, {"north": None, "east": 5}])
def test_the_database_knows_where_the_earth_ends(cast, where):
    with pytest.raises(IntegrityError), transaction.atomic():
        Site.objects.filter(pk=cast.depot.pk).update(**where)
