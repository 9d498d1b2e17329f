"""Parts on the shelf of a workshop. How many there are is the sum of what moved: no counter that can be wrong."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q, Sum
from django.db.models.functions import Coalesce

from leerorkest.music.models import InstrumentKind, Size
from leerorkest.network.models import Site
from leerorkest.shared import guards

from ..rules import PartMove
from .defects import DefectKind
from .repairs import Repair


class Parts(models.QuerySet["Part"]):
    def counted(self) -> "Parts":
        """With `stock`: the sum of the movements."""
        return self.annotate(stock=Coalesce(Sum("movements__quantity"), 0))

    def to_order(self) -> "Parts":
        return self.counted().filter(stock__lte=models.F("reorder_at"), is_used=True)  # type: ignore[misc]


class Part(models.Model):
    """A string, a pad, a reed: what a workshop keeps in its drawers."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="parts")
    name = models.CharField(max_length=80)
    kind = models.ForeignKey(InstrumentKind, on_delete=models.PROTECT, null=True, related_name="parts")  # None: any
    size = models.ForeignKey(Size, on_delete=models.PROTECT, null=True, related_name="parts")  # None: any
    mends = models.ManyToManyField(DefectKind, related_name="parts")
    reorder_at = models.PositiveSmallIntegerField(default=0)  # with so many left, order
    price = models.DecimalField(max_digits=8, decimal_places=2, null=True)
    currency = models.CharField(max_length=3, blank=True)
    is_used = models.BooleanField(default=True)  # False: no longer ordered
    objects = Parts.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["site", "name"], name="one_part_of_a_name_per_workshop"),
            models.CheckConstraint(
                name="part_price_has_a_currency",
                condition=Q(price=None, currency="") | (Q(price__gte=0) & ~Q(currency="")),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PartMovement(models.Model):
    """So many came in or went out. `id` is made by the client; a row is written once."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    part = models.ForeignKey(Part, on_delete=models.PROTECT, related_name="movements")
    sort = models.CharField(max_length=8)
    quantity = models.SmallIntegerField()  # below nought: they left the drawer
    repair = models.ForeignKey(Repair, on_delete=models.PROTECT, null=True, related_name="parts_used")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    price = models.DecimalField(max_digits=8, decimal_places=2, null=True)  # of one, then
    currency = models.CharField(max_length=3, blank=True)

    class Meta:
        ordering = ["-at", "pk"]
        constraints = [
            models.CheckConstraint(
                name="part_moves_for_a_reason", condition=Q(sort__in=[sort.value for sort in PartMove])
            ),
            models.CheckConstraint(name="part_moves_some", condition=~Q(quantity=0)),
            models.CheckConstraint(
                name="part_used_on_a_ticket",
                condition=Q(sort=PartMove.USED.value, repair__isnull=False) | ~Q(sort=PartMove.USED.value),
            ),
        ]
        indexes = [models.Index(fields=["part", "-at"], name="movement_by_part")]


guards.append_only("depot_partmovement", "part_movement")
guards.refuse(
    name="part_stock_is_never_below_nought",
    table="depot_partmovement",
    event="BEFORE INSERT",
    sentence="there are not so many of this part",
    when=(
        "NEW.quantity < 0 AND (SELECT COALESCE(SUM(m.quantity), 0) FROM depot_partmovement m "
        "WHERE m.part_id = NEW.part_id) + NEW.quantity < 0"
    ),
)
