"""Keeping the vocabulary of accessories in the database."""

from typing import Any

from django.db import connections

from leerorkest.music.actions import load_vocabulary
from leerorkest.music.models import InstrumentKind

from ..models import AccessoryFit, AccessoryKind
from ..vocabulary import ACCESSORIES, FITS


def load_accessories(using: str = "default", **kwargs: Any) -> None:
    """Add the accessories that are missing; what stands there, also by a person's hand, is left alone.

    Runs after every migration. It is no act of a person, so it is not in the audit trail.
    """
    if AccessoryFit._meta.db_table not in connections[using].introspection.table_names():
        return
    load_vocabulary(using)  # an accessory goes with a kind
    kinds = AccessoryKind.objects.using(using)
    known = set(kinds.values_list("code", flat=True))
    kinds.bulk_create(
        AccessoryKind(
            code=row.code,
            name_nl=row.nl,
            name_en=row.en,
            name_pap_aw=row.pap_aw,
            name_pap_cw=row.pap_cw,
            is_consumable=row.is_consumable,
            replaced_after_months=row.months,
            position=position,
        )
        for position, row in enumerate(ACCESSORIES, start=1)
        if row.code not in known
    )
    fits = AccessoryFit.objects.using(using)
    known_fits = set(fits.values_list("accessory", "kind"))
    instruments = set(InstrumentKind.objects.using(using).values_list("code", flat=True))
    fits.bulk_create(
        AccessoryFit(accessory_id=fit.accessory, kind_id=kind, is_standard=fit.is_standard, sizes=list(fit.sizes))
        for kind, of_kind in FITS.items()
        for fit in of_kind
        if kind in instruments and (fit.accessory, kind) not in known_fits
    )
