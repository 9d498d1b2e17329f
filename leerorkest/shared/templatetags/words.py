"""Words for pages: dates without Django's slow date filter."""

from datetime import date, datetime

from django import template
from django.utils import formats, timezone

register = template.Library()


@register.filter
def when(value: date | datetime | None, form: str = "DATE_FORMAT") -> str:
    """A date or moment in the reader's language and the place's time zone."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = timezone.localtime(value)
    return formats.date_format(value, form)
