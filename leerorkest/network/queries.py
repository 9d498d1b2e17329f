"""Questions about the calendar that every room above asks."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from . import rules
from .models import Holiday, Organisation


def holidays_between(organisation: Organisation, first_on: date, last_on: date) -> QuerySet[Holiday]:
    """Every holiday that has a day in this period, earliest first."""
    return Holiday.objects.filter(organisation=organisation, first_on__lte=last_on, last_on__gte=first_on).order_by(
        "first_on", "name"
    )


def days_off(organisation: Organisation, first_on: date, last_on: date) -> list[tuple[date, date]]:
    """The same as first and last days, for who plans many lessons at once (with `rules.is_free`)."""
    return list(holidays_between(organisation, first_on, last_on).values_list("first_on", "last_on"))


@dataclass(frozen=True)
class Month:
    first_on: date
    holidays: list[Holiday]


def calendar(organisation: Organisation, first_on: date, last_on: date) -> list[Month]:
    """The year as a list by month; a holiday stands in the month in which it begins (or in the first one shown)."""
    rows: Iterable[Holiday] = holidays_between(organisation, first_on, last_on)
    by_month: dict[date, list[Holiday]] = {month: [] for month in rules.months(first_on, last_on)}
    for holiday in rows:
        by_month[max(holiday.first_on, first_on).replace(day=1)].append(holiday)
    return [Month(month, holidays) for month, holidays in by_month.items()]
