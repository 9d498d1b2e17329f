"""What belongs together: an instrument with the bow and the case of value that have a tag of their own."""

import uuid

from django.db import models

from leerorkest.network.models import Organisation

from .custody import Instrument
from .periods import Period, guard_periods


class Kit(models.Model):
    """Instruments that travel as one unit, unless somebody takes one along apart."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="kits")
    name = models.CharField(max_length=60, blank=True)
    members = models.ManyToManyField(Instrument, through="KitMembership", related_name="kits")

    def __str__(self) -> str:
        return self.name or f"kit {self.pk}"


class KitMembership(Period):
    """A period in which an instrument belonged to a kit; between two of them it belonged to none."""

    kit = models.ForeignKey(Kit, on_delete=models.PROTECT, related_name="memberships")

    class Meta(Period.Meta):
        indexes = [
            *Period.Meta.indexes,
            models.Index(fields=["kit"], condition=models.Q(ended_at=None), name="kitmembership_open_by_kit"),
        ]


guard_periods("kitmembership", same="OLD.kit_id = NEW.kit_id", may_pause=True)
