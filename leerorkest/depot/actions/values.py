"""What instruments are worth: what was paid, and how fast it falls."""

from datetime import date, datetime
from decimal import Decimal

from leerorkest.music.models import InstrumentKind
from leerorkest.network.models import Organisation
from leerorkest.shared.actions import Actor, action, record

from ..models import Instrument, ValueRule
from ..rules import Depreciation
from .refusals import KeepsItsCurrency


@action
def set_value_rule(
    *, organisation: Organisation, kind: InstrumentKind | None, rule: Depreciation | None, by: Actor, at: datetime
) -> None:
    """How fast a kind loses its value (`kind` None: all others); `rule` None: as proposed for its family."""
    if rule is None:
        ValueRule.objects.filter(organisation=organisation, kind=kind).delete()
    else:
        percents = {"yearly_percent": rule.yearly_percent, "floor_percent": rule.floor_percent}
        ValueRule.objects.update_or_create(organisation=organisation, kind=kind, defaults=percents)
    record(
        "depot.set_value_rule",
        subject=organisation,
        organisation=organisation.key,
        detail={"kind": kind.pk if kind else "", "rule": str(rule) if rule else ""},
    )


@action
def value_instrument(
    *,
    instrument: Instrument,
    purchase_value: Decimal,
    currency: str,
    purchased_on: date | None,
    by: Actor,
    at: datetime,
) -> Instrument:
    """What was paid for it, and when. An amount that stands there may be corrected, never put in another currency."""
    row = Instrument.objects.select_for_update(no_key=True).select_related("organisation").get(pk=instrument.pk)
    if row.purchase_value is not None and row.currency != currency:
        raise KeepsItsCurrency(row, currency=row.currency)
    before = "" if row.purchase_value is None else str(row.purchase_value)
    row.purchase_value, row.currency, row.purchased_on = purchase_value, currency, purchased_on
    row.save(update_fields=["purchase_value", "currency", "purchased_on"])
    record(
        "depot.value_instrument",
        subject=row,
        organisation=row.organisation.key,
        detail={"before": before, "now": str(purchase_value), "currency": currency},
    )
    return row
