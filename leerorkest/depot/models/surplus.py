"""What an organisation can spare. Others see kind, size, number and town; never an instrument, never its story."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from leerorkest.music.models import InstrumentKind, Size
from leerorkest.network.models import Organisation
from leerorkest.shared import guards


class Surpluses(models.QuerySet["Surplus"]):
    def open(self) -> "Surpluses":
        return self.filter(ended_at=None)


class Surplus(models.Model):
    """So many of one kind and size that another city may ask for, until somebody says otherwise."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)  # made by the client
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="surpluses")
    kind = models.ForeignKey(InstrumentKind, on_delete=models.PROTECT, related_name="+")
    size = models.ForeignKey(Size, on_delete=models.PROTECT, null=True, related_name="+")
    number = models.PositiveSmallIntegerField()
    made_at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True)
    by_key = models.CharField(max_length=40)
    ended_at = models.DateTimeField(null=True)
    objects = Surpluses.as_manager()

    class Meta:
        verbose_name_plural = "surpluses"
        constraints = [
            models.CheckConstraint(name="surplus_is_some", condition=Q(number__gt=0)),
            models.UniqueConstraint(
                fields=["organisation", "kind", "size"],
                condition=Q(ended_at=None, size__isnull=False),
                name="one_open_surplus_per_size",
            ),
            models.UniqueConstraint(
                fields=["organisation", "kind"],
                condition=Q(ended_at=None, size=None),
                name="one_open_surplus_per_kind",
            ),
        ]

    def __str__(self) -> str:
        return " ".join(str(part) for part in (self.number, "×", self.kind, self.size) if part)


guards.refuse(
    name="surplus_stays_what_it_was",
    table="depot_surplus",
    event="BEFORE UPDATE",
    sentence="a surplus is ended and offered anew, never rewritten",
    when=(
        "OLD.organisation_id <> NEW.organisation_id OR OLD.kind_id <> NEW.kind_id OR OLD.number <> NEW.number "
        "OR COALESCE(OLD.size_id, 0) <> COALESCE(NEW.size_id, 0) OR OLD.ended_at IS NOT NULL"
    ),
)
