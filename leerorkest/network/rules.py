"""What is decided without a database: which days a published holiday takes, and what a point on a map is."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

SCHOOL, PUBLIC = "school", "public"
BINDING = {"Kerstvakantie", "Meivakantie", "Zomervakantie"}  # set by the ministry; autumn and spring are advice
SAME_HOLIDAY = timedelta(days=21)  # a school holiday that somebody moved this little is still the same one


@dataclass(frozen=True)
class Free:
    """A run of days without lessons."""

    name: str
    sort: str
    first_on: date
    last_on: date

    @property
    def is_binding(self) -> bool:
        return self.sort == PUBLIC or self.name in BINDING


def runs(days: Mapping[date, str]) -> Iterator[Free]:
    """The days of the school holidays as periods: neighbours with the same name are one holiday."""
    name, first, last = "", date.min, date.min
    for day in sorted(days):
        if days[day] == name and day == last + timedelta(days=1):
            last = day
            continue
        if name:
            yield Free(name, SCHOOL, first, last)
        name, first, last = days[day], day, day
    if name:
        yield Free(name, SCHOOL, first, last)


def is_free(day: date, holidays: Iterable[tuple[date, date]]) -> bool:
    """Does this day lie in one of these holidays, of which the last day counts too?"""
    return any(first <= day <= last for first, last in holidays)


def months(first_on: date, last_on: date) -> list[date]:
    """The first day of every month from `first_on` to `last_on`."""
    count = (last_on.year - first_on.year) * 12 + last_on.month - first_on.month + 1
    at = [(first_on.year * 12 + first_on.month - 1 + step) for step in range(max(count, 0))]
    return [date(number // 12, number % 12 + 1, 1) for number in at]


def school_year_of(day: date) -> tuple[date, date]:
    """The school year around a day, as the calendar shows it: August to July."""
    start = day.year if day.month >= 8 else day.year - 1
    return date(start, 8, 1), date(start + 1, 7, 31)


POINT = re.compile(r"\s*(-?\d{1,2}(?:\.\d{1,15})?)\s*[,;\s]\s*(-?\d{1,3}(?:\.\d{1,15})?)\s*")
EXACT = Decimal("0.00001")  # a metre


def read_point(text: str) -> tuple[Decimal, Decimal] | None:
    """North and east in degrees (WGS 84), as a map on a phone copies them: "52.3731, 4.8922". None: it is no point."""
    found = POINT.fullmatch(text)
    if not found:
        return None
    north, east = (Decimal(number).quantize(EXACT) for number in found.groups())
    return (north, east) if is_on_earth(north, east) else None


def is_on_earth(north: Decimal, east: Decimal) -> bool:
    return abs(north) <= 90 and abs(east) <= 180
