"""How fast instruments lose their value: per kind, as an organisation chose."""

from django.db import models
from django.db.models import Q

from leerorkest.music.models import InstrumentKind
from leerorkest.network.models import Organisation
from leerorkest.shared import guards


class ValueRule(models.Model):
    """Of one kind, or (`kind` empty) of every kind without a rule of its own."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="value_rules")
    kind = models.ForeignKey(InstrumentKind, on_delete=models.CASCADE, null=True, related_name="+")
    yearly_percent = models.PositiveSmallIntegerField()  # of the purchase value, lost in each whole year
    floor_percent = models.PositiveSmallIntegerField()  # it never falls below this part of the purchase value

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "kind"], name="one_value_rule_per_kind"),
            models.UniqueConstraint(fields=["organisation"], condition=Q(kind=None), name="one_value_rule_for_others"),
            models.CheckConstraint(
                name="value_rule_in_percents", condition=Q(yearly_percent__lte=100, floor_percent__lte=100)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind_id or 'all'}: {self.yearly_percent} % a year"


guards.refuse(
    name="instrument_money_keeps_its_currency",
    table="depot_instrument",
    event="BEFORE UPDATE",
    sentence="an amount keeps the currency in which it was paid",
    when="OLD.purchase_value IS NOT NULL AND OLD.currency <> NEW.currency",
)
