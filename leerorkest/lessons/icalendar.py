"""Writes a calendar that calendar programs subscribe to (RFC 5545, with the names of RFC 7986).

`calendar(name, zone, events)` gives the whole file as text with CRLF. Times are wall-clock times in one zone, whose
rules stand in the file as the changes of its clock that matter (VTIMEZONE): a program needs to know no zone by name.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

LONGEST_LINE = 75  # bytes, without the end of the line
REFRESH = "PT1H"


@dataclass(frozen=True)
class Event:
    uid: str
    sequence: int  # grows with every change
    starts_at: datetime
    ends_at: datetime
    changed_at: datetime
    summary: str
    place: str = ""
    text: str = ""
    is_cancelled: bool = False


def calendar(name: str, zone: str, events: Sequence[Event]) -> str:
    """`events` in any order; none is a calendar too. Raises nothing on any text."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Leerorkest//Lessons//EN",
        "CALSCALE:GREGORIAN",
        f"NAME:{_text(name)}",
        f"X-WR-CALNAME:{_text(name)}",
        f"REFRESH-INTERVAL;VALUE=DURATION:{REFRESH}",
        f"X-PUBLISHED-TTL:{REFRESH}",
    ]
    if events:
        first, last = min(event.starts_at for event in events), max(event.ends_at for event in events)
        lines += _zone(ZoneInfo(zone), first, last)
    for event in events:
        lines += _event(event, ZoneInfo(zone))
    lines.append("END:VCALENDAR")
    return "".join(f"{folded}\r\n" for line in lines for folded in _folded(line))


def _event(event: Event, zone: ZoneInfo) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{event.uid}"
    yield f"SEQUENCE:{event.sequence}"
    yield f"DTSTAMP:{event.changed_at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    yield f"LAST-MODIFIED:{event.changed_at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    yield f"DTSTART;TZID={zone.key}:{event.starts_at.astimezone(zone):%Y%m%dT%H%M%S}"
    yield f"DTEND;TZID={zone.key}:{event.ends_at.astimezone(zone):%Y%m%dT%H%M%S}"
    yield f"SUMMARY:{_text(event.summary)}"
    if event.place:
        yield f"LOCATION:{_text(event.place)}"
    if event.text:
        yield f"DESCRIPTION:{_text(event.text)}"
    yield f"STATUS:{'CANCELLED' if event.is_cancelled else 'CONFIRMED'}"
    yield f"TRANSP:{'TRANSPARENT' if event.is_cancelled else 'OPAQUE'}"
    yield "END:VEVENT"


def _zone(zone: ZoneInfo, first: datetime, last: datetime) -> Iterator[str]:
    """The clock as it stood a year before the first event, and each change of it until after the last one."""
    yield "BEGIN:VTIMEZONE"
    yield f"TZID:{zone.key}"
    begin = (first - timedelta(days=366)).astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    before = begin.astimezone(zone)
    yield from _observance(before, before.utcoffset())
    for moment in _changes(zone, begin, last + timedelta(days=1)):
        yield from _observance(moment.astimezone(zone), (moment - timedelta(seconds=1)).astimezone(zone).utcoffset())
    yield "END:VTIMEZONE"


def _observance(since: datetime, offset_before: timedelta | None) -> Iterator[str]:
    kind = "DAYLIGHT" if since.dst() else "STANDARD"
    by_the_clock_before = (since.astimezone(UTC) + (offset_before or timedelta())).replace(tzinfo=None)
    yield f"BEGIN:{kind}"
    yield f"DTSTART:{by_the_clock_before:%Y%m%dT%H%M%S}"
    yield f"TZOFFSETFROM:{_offset(offset_before)}"
    yield f"TZOFFSETTO:{_offset(since.utcoffset())}"
    yield f"TZNAME:{since.tzname()}"
    yield f"END:{kind}"


def _changes(zone: ZoneInfo, first: datetime, last: datetime) -> Iterator[datetime]:
    """The hours (UTC) at which the clock of the zone is put forward or back. No zone does it within an hour today."""
    day = first
    while day < last:
        after = day + timedelta(days=1)
        if day.astimezone(zone).utcoffset() != after.astimezone(zone).utcoffset():
            hours = (day + timedelta(hours=hour) for hour in range(1, 25))
            yield next(
                hour for hour in hours if hour.astimezone(zone).utcoffset() == after.astimezone(zone).utcoffset()
            )
        day = after


def _offset(offset: timedelta | None) -> str:
    minutes = round((offset or timedelta()).total_seconds() / 60)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}{abs(minutes) % 60:02}"


def _text(text: str) -> str:
    for letter, written in [("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\r", ""), ("\n", "\\n")]:
        text = text.replace(letter, written)
    return text


def _folded(line: str) -> Iterable[str]:
    """At most 75 bytes, and no letter of several bytes is cut: what goes on begins with a space."""
    part = b""
    for letter in line:
        more = letter.encode()
        if len(part) + len(more) > LONGEST_LINE:
            yield part.decode()
            part = b" "
        part += more
    yield part.decode()
