"""The log says what went wrong and where, and names nobody."""

import logging
import re
from typing import Any

# Whoever has the address of a calendar can read it.
CALENDAR = re.compile(r"(?<=/calendar/)[^/\s]+(?=\.ics)")
# PostgreSQL adds the row that it refused ("Failing row contains (7, Amina, …)") or the value that was there already.
ROW = re.compile(r"^(DETAIL|CONTEXT): .*$", re.MULTILINE)


class NamesNobody(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return CALENDAR.sub("(left out)", super().format(record))

    def formatException(self, ei: Any) -> str:  # noqa: N802  the name is the library's
        return ROW.sub(r"\1: (left out: it can hold a name)", super().formatException(ei))
