"""The one place where the clock is read: everything below a view is handed the time.

In the demo today is never a weekend, so that there is a lesson to open on a Sunday too: the demo's clock then stands
on the Friday before, and the page says so.
"""

from datetime import date, datetime, timedelta

from django.conf import settings
from django.utils import timezone


def now() -> datetime:
    moment = timezone.now()
    if settings.DEMO:
        local = timezone.localtime(moment)
        moment -= timedelta(days=max(0, local.weekday() - 4))
    return moment


def today(at: datetime | None = None) -> date:
    """The date at the place where the reader is (the active time zone)."""
    return timezone.localtime(at or now()).date()
