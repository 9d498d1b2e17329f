"""The one place where the clock is read: everything below a view is handed the time.

The demo's clock can stand some days back, so that there is a lesson to open on a Sunday and in a holiday too; the page
says which day it shows.
"""

from datetime import date, datetime, timedelta

from django.conf import settings
from django.utils import timezone


def now() -> datetime:
    return timezone.now() - timedelta(days=settings.DEMO_DAYS_BACK)


def today(at: datetime | None = None) -> date:
    """The date at the place where the reader is (the active time zone)."""
    return timezone.localtime(at or now()).date()
