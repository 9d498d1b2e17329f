"""Words for pages: dates without Django's slow date filter."""

from datetime import date, datetime

from django import template
from django.utils import formats, timezone
from django.utils.translation import get_language

from ..scanning import reader_files

register = template.Library()
register.simple_tag(reader_files)


@register.filter
def when(value: date | datetime | None, form: str = "DATE_FORMAT") -> str:
    """A date or moment in the reader's language and the place's time zone."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = timezone.localtime(value)
    if "j F" in form and (get_language() or "").startswith("pap"):
        form = form.replace("j F", r"j \d\i F")  # djaluna 23 di novèmber
    return formats.date_format(value, form)
