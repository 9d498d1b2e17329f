"""The forecast of kinds and sizes: pure, the same for one seed, and better than "as last year"."""

import random
from datetime import date, timedelta

import pytest

from leerorkest.depot.forecast import (
    GROWS,
    STOPS,
    STRENGTH,
    Rates,
    Spell,
    back_test,
    forecast,
    played,
    quarter_after,
    quarter_of,
    season,
)

LADDER = {"violin": [1, 2, 3], "flute": []}
TODAY = date(2026, 11, 24)


def town(years, seed=3, intake=lambda year: 40):
    """Children who begin in grade 5 each October with the smallest violin, grow about every two years, and leave."""
    chance, spells, child = random.Random(seed), [], 0
    for year in years:
        for _ in range(intake(year)):
            child += 1
            size, begun, leaves = 1, date(year, 9, 20), date(year + 4, 7, 15)
            day = begun
            while day < leaves:
                grows = day + timedelta(days=int(chance.uniform(400, 900)))
                stops = chance.random() < 0.15
                end = min(grows, leaves)
                spells.append(Spell(child, "violin", size, year - 4, day, end if end < TODAY else None))
                if end >= TODAY or (stops and end < leaves):
                    break
                day, size = end, min(3, size + 1)
    return [spell for spell in spells if spell.from_on <= TODAY]


def test_quarters_and_grades():
    assert quarter_of(TODAY) == date(2026, 10, 1)
    assert quarter_after(date(2026, 10, 1), 2) == date(2027, 4, 1)
    assert quarter_after(date(2026, 1, 1), -4) == date(2025, 1, 1)
    assert [season(date(2026, month, 1)) for month in (1, 4, 7, 10)] == [1, 2, 3, 4]
    spell = Spell(1, "violin", 1, 2022, date(2025, 9, 1))
    assert (spell.grade(date(2026, 7, 31)), spell.grade(date(2026, 8, 1))) == (4, 5)


def share(beta):
    return beta[0] / sum(beta)


def test_without_any_history_the_chances_are_the_prior():
    rates = Rates([], LADDER, TODAY)
    assert rates.stops("violin", 1, 5) == pytest.approx((STRENGTH * STOPS, STRENGTH * (1 - STOPS)))
    assert share(rates.grows("violin", 1, 8)) == pytest.approx(GROWS)


def test_a_small_cell_leans_on_its_kind_and_a_large_one_speaks_for_itself():
    growing = [Spell(n, "violin", 1, 2020, date(2026, 1, 1), date(2026, 5, 1)) for n in range(400)]
    growing += [Spell(n, "violin", 2, 2020, date(2026, 5, 1)) for n in range(400)]
    rates = Rates(growing, LADDER, date(2026, 7, 1))
    assert share(rates.grows("violin", 1, 0)) > 0.95
    assert share(rates.grows("violin", 1, 7)) > 0.9  # nobody had it so long
    assert share(rates.grows("flute", None, 0)) == pytest.approx(GROWS)  # of another kind nothing was learnt
    assert share(rates.stops("violin", 2, 6)) < 0.01
    assert rates.next_size("violin", 1) == 2
    assert rates.next_size("violin", 3) == 3  # nothing larger
    assert rates.next_size("flute", None) is None


def test_the_same_seed_gives_the_same_forecast_and_its_range_holds_the_mean():
    spells = town(range(2019, 2027))
    one, two = (forecast(spells, LADDER, TODAY, seed=5, runs=60) for _ in range(2))
    assert one == two
    assert one != forecast(spells, LADDER, TODAY, seed=6, runs=60)
    for expected in one.values():
        assert [e.on for e in expected] == [quarter_after(date(2026, 10, 1), n) for n in range(1, 5)]
        assert all(e.low <= e.mean <= e.high for e in expected)


def test_children_of_the_last_grade_leave_in_summer():
    eighth = [Spell(n, "flute", None, 2019, date(2026, 10, 1)) for n in range(50)]
    assert eighth[0].grade(TODAY) == 8
    expected = forecast(eighth, LADDER, TODAY, runs=40)["flute", None]
    assert expected[2].mean > 30  # 1 July
    assert expected[3].mean == 0  # 1 October


def test_nothing_that_comes_later_is_looked_at():
    spells = town(range(2019, 2026))
    later = [*spells, *(Spell(9000 + n, "violin", 3, 2020, date(2027, 1, 1)) for n in range(500))]
    assert forecast(spells, LADDER, TODAY, runs=20) == forecast(later, LADDER, TODAY, runs=20)


def test_where_the_programme_grows_it_beats_saying_as_last_year():
    spells = town(range(2017, 2027), intake=lambda year: 20 + 12 * (year - 2017))
    tested = back_test(spells, LADDER, TODAY, runs=120)
    assert tested.cells >= 12
    assert tested.error < 0.6 * tested.naive_error
    assert tested.within >= 0.4


def test_a_year_that_nobody_played_is_not_tested():
    assert back_test([Spell(1, "flute", None, None, TODAY)], LADDER, TODAY) is None
    assert back_test([], LADDER, TODAY) is None


def test_the_mean_follows_the_exact_expectation():
    """One cell, no beginners, rates known from very many: the mean is what multiplication says."""
    spells = [Spell(n, "flute", None, None, date(2025, 1, 1)) for n in range(900)]
    spells += [Spell(1000 + n, "flute", None, None, date(2025, 1, 1), date(2026, 5, 1)) for n in range(100)]
    rates = Rates(spells, LADDER, quarter_of(TODAY))
    left = 1.0
    for quarter in (4, 1, 2, 3):
        left *= 1 - share(rates.stops("flute", quarter, 0))
    expected = forecast(spells, LADDER, TODAY, runs=400)["flute", None][3]
    assert expected.mean == pytest.approx(played(spells, TODAY)["flute", None] * left, rel=0.02)
