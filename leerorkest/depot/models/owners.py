"""Who owns an instrument: another fact than who keeps it. A city's violin can be kept by a school for years."""

from django.db import models
from django.db.models import Q

from leerorkest.network.models import Organisation

from .periods import Period, guard_periods


class Ownership(Period):
    """A period in which one party owned an instrument: an organisation of ours, or whoever the name says."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="ownerships")
    name = models.CharField(max_length=80, blank=True)  # a city, a fund, a person who lends it to us

    class Meta(Period.Meta):
        constraints = [
            *Period.Meta.constraints,
            models.CheckConstraint(
                name="ownership_has_one_party",
                condition=(Q(organisation=None) & ~Q(name="")) | Q(organisation__isnull=False, name=""),
            ),
        ]

    def __str__(self) -> str:
        return self.organisation.name if self.organisation else self.name


guard_periods(
    "ownership",
    same="COALESCE(OLD.organisation_id, 0) = COALESCE(NEW.organisation_id, 0) AND OLD.name = NEW.name",
)
