"""What several of the depot's pages share."""

import uuid
from typing import Any

from django.http import Http404, HttpRequest

from leerorkest.people.rules import Role
from leerorkest.shared import clock
from leerorkest.shared.actions import record_seen

from .. import access
from ..models import Instrument

ORDER = ("kind_id", "number_length", "number", "pk")
ON_ONE_PAGE = 200  # instruments to tick for a class set


def may(request: HttpRequest, *roles: Role) -> bool:
    return bool(request.actor.roles & set(roles))


def label_holders(request: HttpRequest, rows: list[Instrument], subject: Any = "instruments") -> None:
    """Hang on each instrument how its holder stands on this reader's page, and note that names were seen."""
    custodies = [row.holding for row in rows if row.holding]
    labels = access.holder_labels(request.actor, custodies, request.actor.on)
    for row in rows:
        row.holder_label = labels.get(row.holding.pk) if row.holding else None
    seen = sum(1 for custody in custodies if custody.child_id and labels[custody.pk].words)
    if seen:
        record_seen(by=request.actor, at=clock.now(), what="seen.holders", subject=subject, detail={"children": seen})


def uuid_or_404(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise Http404 from None
