"""What goes with an instrument and has no tag of its own."""

from django.db import models

from leerorkest.music.models import InstrumentKind
from leerorkest.shared.names import own_name


class AccessoryKind(models.Model):
    """Bow, case, rosin, reed: what it is called and how it is used up."""

    code = models.SlugField(primary_key=True, max_length=40)
    name_nl = models.CharField(max_length=60)
    name_en = models.CharField(max_length=60)
    name_pap_aw = models.CharField(max_length=60)
    name_pap_cw = models.CharField(max_length=60)
    is_consumable = models.BooleanField(default=False)  # used up: it need not come back
    replaced_after_months = models.PositiveSmallIntegerField(null=True, blank=True)
    position = models.PositiveSmallIntegerField()
    fits = models.ManyToManyField(InstrumentKind, through="AccessoryFit", related_name="accessories")

    class Meta:
        ordering = ["position"]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return own_name(self)


class AccessoryFit(models.Model):
    """An accessory with one kind of instrument."""

    accessory = models.ForeignKey(AccessoryKind, on_delete=models.CASCADE, related_name="with_kinds")
    kind = models.ForeignKey(InstrumentKind, on_delete=models.CASCADE, related_name="accessory_fits")
    is_standard = models.BooleanField(default=True)  # it goes out with each of them
    sizes = models.JSONField(default=list)  # codes of sizes that it fits; empty: all

    class Meta:
        ordering = ["accessory__position"]
        constraints = [models.UniqueConstraint(fields=["accessory", "kind"], name="one_fit_per_accessory_and_kind")]

    def __str__(self) -> str:
        return f"{self.accessory_id} with {self.kind_id}"

    def is_for(self, size: str) -> bool:
        """`size`: a code such as "1/2", or nothing."""
        return not self.sizes or not size or size in self.sizes
