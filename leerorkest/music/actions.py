"""Keeping the vocabulary in the database."""

from typing import Any

from django.db import connections

from .models import InstrumentKind, Size
from .vocabulary import KINDS, label_of


def load_vocabulary(using: str = "default", **kwargs: Any) -> None:
    """Add the kinds and sizes that are missing; what stands there, also by a person's hand, is left alone.

    Runs after every migration. It is no act of a person, so it is not in the audit trail.
    """
    if InstrumentKind._meta.db_table not in connections[using].introspection.table_names():
        return
    kinds = InstrumentKind.objects.using(using)
    known = set(kinds.values_list("code", flat=True))
    kinds.bulk_create(
        InstrumentKind(
            code=kind.code,
            family=kind.family.value,
            name_nl=kind.nl,
            name_en=kind.en,
            name_pap_aw=kind.pap_aw,
            name_pap_cw=kind.pap_cw,
            hornbostel_sachs=kind.hornbostel_sachs,
            position=position,
            is_played=kind.is_played,
        )
        for position, kind in enumerate(KINDS, start=1)
        if kind.code not in known
    )
    sizes = Size.objects.using(using)
    known_sizes = set(sizes.values_list("kind", "code"))
    sizes.bulk_create(
        Size(kind_id=kind.code, code=size, label=label_of(size), position=position)
        for kind in KINDS
        for position, size in enumerate(kind.sizes, start=1)
        if (kind.code, size) not in known_sizes
    )
