import csv
from datetime import date

import pytest

from leerorkest.network import actions, queries
from leerorkest.network.models import Holiday
from leerorkest.network.published import published_holidays
from leerorkest.network.rules import Free, is_free, months, runs, school_year_of
from leerorkest.shared.actions import System
from leerorkest.shared.models import AuditEntry
from tests import make

BY = {"by": System("test"), "at": make.NOW}


def rows(folder, name):
    with (folder / "calendar" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_dutch_school_holidays_are_those_of_the_published_table(shared_data):
    table = rows(shared_data, "nl-schoolvakanties-2024-2030.csv")
    for region in ("Noord", "Midden", "Zuid"):
        ours = {
            (free.name, free.first_on.isoformat(), free.last_on.isoformat())
            for free in published_holidays(country="NL", region=region, language="nl", years=range(2025, 2030))
            if free.sort == "school"
        }
        theirs = {
            (row["naam"], row["eerste_dag"], row["laatste_dag"])
            for row in table
            if row["regio"] == region and (row["eerste_dag"][:4] < "2030" and row["laatste_dag"][:4] > "2024")
        }
        assert ours == theirs


@pytest.mark.parametrize(
    ("country", "region", "language"),
    [("NL", "", "nl"), ("AW", "", "pap-aw"), ("CW", "", "pap-cw"), ("SX", "", "en")]
    + [("BQ", island, "en") for island in ("BON", "SAB", "STA")],
)
def test_public_holidays_are_those_of_the_published_table(shared_data, country, region, language):
    table = rows(shared_data, "feestdagen-nl-aw-cw-bq-sx-2025-2030.csv")
    theirs = {
        row["datum"]
        for row in table
        if row["land"] == country and row["deel"] in ("", region) and row["categorie"] == "public"
    }
    ours = {
        free.first_on.isoformat()
        for free in published_holidays(country=country, region=region, language=language, years=range(2025, 2031))
        if free.sort == "public"
    }
    assert ours == theirs


def test_public_holidays_have_the_name_of_the_place():
    curacao = published_holidays(country="CW", region="", language="pap-cw", years=[2027])
    assert Free("Aña Nobo", "public", date(2027, 1, 1), date(2027, 1, 1)) in curacao


def test_a_country_nobody_published_has_no_holidays():
    assert published_holidays(country="XX", region="", language="nl", years=[2027]) == []


def test_neighbouring_days_with_one_name_are_one_holiday():
    days = {date(2027, 1, day): "A" for day in (1, 2, 3, 9)} | {date(2027, 1, 4): "B"}
    assert [(free.name, free.first_on.day, free.last_on.day) for free in runs(days)] == [
        ("A", 1, 3),
        ("B", 4, 4),
        ("A", 9, 9),
    ]


def test_months_run_over_the_turn_of_the_year():
    assert months(date(2026, 11, 3), date(2027, 2, 1)) == [
        date(2026, 11, 1),
        date(2026, 12, 1),
        date(2027, 1, 1),
        date(2027, 2, 1),
    ]


def test_july_belongs_to_the_school_year_before():
    assert school_year_of(date(2027, 7, 31)) == (date(2026, 8, 1), date(2027, 7, 31))


def test_loading_twice_changes_nothing(cast):
    actions.load_holidays(organisation=cast.amsterdam, years=[2026, 2027], **BY)
    before = list(Holiday.objects.values())
    again = actions.load_holidays(organisation=cast.amsterdam, years=[2026, 2027], **BY)
    assert (again.added, again.moved) == (0, 0)
    assert list(Holiday.objects.values()) == before


def test_what_people_moved_stays_moved(cast):
    actions.load_holidays(organisation=cast.amsterdam, years=[2027], **BY)
    spring = cast.amsterdam.holidays.get(name="Voorjaarsvakantie")
    actions.change_holiday(
        holiday=spring,
        name=spring.name,
        sort=spring.sort,
        first_on=date(2027, 2, 13),
        last_on=date(2027, 2, 21),
        source="our board",
        is_confirmed=True,
        **BY,
    )
    again = actions.load_holidays(organisation=cast.amsterdam, years=[2027], **BY)
    assert (again.added, again.moved) == (0, 0)
    assert cast.amsterdam.holidays.get(name="Voorjaarsvakantie").first_on == date(2027, 2, 13)


def test_public_holidays_are_not_doubled_when_the_language_of_the_letters_changes(cast):
    actions.load_holidays(organisation=cast.curacao, years=[2027], **BY)
    cast.curacao.languages = ["nl"]
    assert actions.load_holidays(organisation=cast.curacao, years=[2027], **BY).added == 0


def test_advice_is_not_certain_and_law_is(cast):
    actions.load_holidays(organisation=cast.amsterdam, years=[2027], **BY)
    certain = dict(cast.amsterdam.holidays.filter(sort="school").values_list("name", "is_confirmed"))
    assert certain == {
        "Kerstvakantie": True,
        "Voorjaarsvakantie": False,
        "Meivakantie": True,
        "Zomervakantie": True,
        "Herfstvakantie": False,
    }


def test_a_day_in_a_holiday_is_a_day_off_only_for_that_organisation(cast):
    actions.add_holiday(
        organisation=cast.curacao,
        name="Vakansi di Karnaval",
        sort="school",
        first_on=date(2027, 2, 8),
        last_on=date(2027, 2, 12),
        source="ministry",
        **BY,
    )
    off = queries.days_off(cast.curacao, date(2027, 2, 1), date(2027, 2, 28))
    assert [is_free(date(2027, 2, day), off) for day in (7, 8, 12, 13)] == [False, True, True, False]
    assert queries.days_off(cast.amsterdam, date(2027, 2, 8), date(2027, 2, 8)) == []


@pytest.mark.parametrize(
    ("first_on", "last_on", "refusal"),
    [
        (date(2027, 3, 2), date(2027, 3, 1), actions.HolidayRunsBackwards),
        (date(2027, 3, 2), date(2028, 3, 1), actions.HolidayTooLong),
        (date(2027, 5, 1), date(2027, 5, 1), actions.HolidayExists),
    ],
)
def test_a_holiday_that_cannot_be_is_refused_by_name(cast, first_on, last_on, refusal):
    facts = {"name": "Vakansi", "sort": "own", "source": "us"}
    actions.add_holiday(organisation=cast.curacao, first_on=date(2027, 5, 1), last_on=date(2027, 5, 7), **facts, **BY)
    with pytest.raises(refusal):
        actions.add_holiday(organisation=cast.curacao, first_on=first_on, last_on=last_on, **facts, **BY)


def test_an_organisation_starts_with_what_its_country_uses(db):
    aruba = actions.start_organisation(key="aruba", name="Orkesta", country="AW", **BY)
    saba = actions.start_organisation(key="saba", name="Saba", country="BQ", holiday_region="SAB", **BY)
    assert (aruba.currency, aruba.time_zone, aruba.languages[0]) == ("AWG", "America/Aruba", "pap-aw")
    assert [grade.name for grade in aruba.grades.all()] == [f"klas {number}" for number in range(1, 7)]
    assert saba.grades.first().name == "Grade 1"


def test_a_second_organisation_with_the_same_key_is_refused(cast):
    with pytest.raises(actions.OrganisationExists):
        actions.start_organisation(key="amsterdam", name="Again", country="NL", **BY)


def test_an_unknown_holiday_region_is_refused_with_the_known_ones(db):
    with pytest.raises(actions.UnknownRegion) as refusal:
        actions.start_organisation(key="x", name="X", country="NL", holiday_region="Oost", **BY)
    assert "Noord, Midden, Zuid" in str(refusal.value)


def test_a_change_of_the_calendar_is_on_record_with_what_it_was(cast):
    holiday = actions.add_holiday(
        organisation=cast.curacao,
        name="Vakansi",
        sort="school",
        first_on=date(2027, 2, 8),
        last_on=date(2027, 2, 12),
        source="ministry",
        **BY,
    )
    actions.remove_holiday(holiday=holiday, **BY)
    entry = AuditEntry.objects.order_by("-id").first()
    assert (entry.act, entry.organisation, entry.detail["first_on"]) == (
        "network.remove_holiday",
        "curacao",
        "2027-02-08",
    )
