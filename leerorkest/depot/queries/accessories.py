"""What goes with which instrument."""

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import QuerySet

from leerorkest.shared.prepared import prepared

from ..models import AccessoryFit, AccessoryKind, Instrument


def accessories_of(instruments: Iterable[Instrument], *, all_that_fit: bool = False) -> dict[int, list[AccessoryKind]]:
    """By the id of the instrument: what goes out with it as a rule, in a fixed order; one query for any number.

    `all_that_fit`: also what goes with it only sometimes. Instruments come with their size.
    """
    rows = list(instruments)
    fits = AccessoryFit.objects.filter(kind__in={row.kind_id for row in rows}).select_related("accessory")
    by_kind: dict[str, list[AccessoryFit]] = defaultdict(list)
    for fit in fits.order_by("accessory__position"):
        by_kind[fit.kind_id].append(fit)
    return {
        row.pk: [
            fit.accessory
            for fit in by_kind[row.kind_id]
            if (all_that_fit or fit.is_standard) and fit.is_for(row.size.code if row.size else "")
        ]
        for row in rows
    }


def accessories_for(instrument: Instrument, *, all_that_fit: bool = False) -> list[AccessoryKind]:
    return accessories_of([instrument], all_that_fit=all_that_fit)[instrument.pk]


def accessory_codes(kind: str, size: str) -> list[str]:
    """The codes of what goes out as a rule with an instrument of this kind and size ("1/2", or empty)."""
    return [fit.accessory_id for fit in _standard(kind) if fit.is_for(size)]


@prepared
def _standard(kind: str) -> QuerySet[AccessoryFit]:
    return AccessoryFit.objects.filter(kind=kind, is_standard=True).order_by("accessory__position")
