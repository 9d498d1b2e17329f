"""What every page's frame needs."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from leerorkest import VERSION

from . import clock


def page(request: HttpRequest) -> dict[str, Any]:
    return {
        "is_demo": settings.DEMO,
        "today": clock.today(),
        "version": VERSION,
        "languages": settings.LANGUAGES,
        "actor": getattr(request, "actor", None),
    }
