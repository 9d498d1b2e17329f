"""The vocabulary all rooms share: which instruments exist and in which sizes."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from leerorkest.shared.names import own_name

from .rules import Family

FAMILIES = [
    (Family.STRINGS.value, _("Strings")),
    (Family.WOODWIND.value, _("Woodwind")),
    (Family.BRASS.value, _("Brass")),
    (Family.PERCUSSION.value, _("Percussion")),
]


class InstrumentKind(models.Model):
    """Violin, trumpet, tambú: what an instrument is. Its size and its owner are other facts."""

    code = models.SlugField(primary_key=True, max_length=40)
    family = models.CharField(max_length=12, choices=FAMILIES)
    name_nl = models.CharField(max_length=60)
    name_en = models.CharField(max_length=60)
    name_pap_aw = models.CharField(max_length=60)
    name_pap_cw = models.CharField(max_length=60)
    hornbostel_sachs = models.CharField(max_length=30, blank=True)  # MIMO revision of 2011
    position = models.PositiveSmallIntegerField()  # the order of a score, top to bottom
    is_played = models.BooleanField(default=True)  # False: a bow or a case, an object with a tag that nobody plays

    class Meta:
        ordering = ["position"]
        constraints = [
            models.CheckConstraint(
                name="instrument_kind_has_a_family",
                condition=models.Q(family__in=[family.value for family in Family]),
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return own_name(self)


class Size(models.Model):
    """½, ¾, 4/4; only kinds that come in sizes have them."""

    kind = models.ForeignKey(InstrumentKind, on_delete=models.CASCADE, related_name="sizes")
    code = models.CharField(max_length=12)  # as it is written in lists: "1/2"
    label = models.CharField(max_length=12)  # as it is read: "½"
    position = models.PositiveSmallIntegerField()  # small to large

    class Meta:
        ordering = ["kind", "position"]
        constraints = [models.UniqueConstraint(fields=["kind", "code"], name="one_size_of_a_kind_per_code")]

    def __str__(self) -> str:
        return self.label
