"""A stored file as an answer: to save, never to run. The view has gone through a door of its own room first."""

import logging

from django.http import Http404, HttpResponse
from django.utils.http import content_disposition_header

from leerorkest.shared.models import StoredFile

from .disk import read
from .pictures import SUFFIXES

log = logging.getLogger(__name__)


def attachment(stored: StoredFile, name: str) -> HttpResponse:
    """`name`: what it is called when it is saved, without its ending."""
    try:
        content = read(stored)
    except OSError:
        log.error("the file %s is not on the disk", stored.name)
        raise Http404 from None
    return to_save(content, stored.media_type, name)


def to_save(content: bytes, media_type: str, name: str) -> HttpResponse:
    """Also for what was only just made and is kept nowhere."""
    response = HttpResponse(content, content_type=media_type)
    response["Content-Disposition"] = content_disposition_header(True, f"{name}.{SUFFIXES[media_type]}")
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store"
    return response
