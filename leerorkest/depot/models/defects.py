"""What is wrong with an instrument, from the moment somebody says so until it is mended."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext

from leerorkest.shared import guards
from leerorkest.shared.models import StoredFile

from .custody import Custody, Instrument


class StepKind(models.Model):
    """A thing one can learn to do in a workshop: "Change a string"."""

    code = models.SlugField(primary_key=True, max_length=40)
    name = models.CharField(max_length=80)  # as the code has it; `__str__` gives it in the reader's language
    difficulty = models.PositiveSmallIntegerField()
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.CheckConstraint(name="step_has_a_difficulty", condition=Q(difficulty__gte=1, difficulty__lte=3))
        ]

    def __str__(self) -> str:
        return gettext(self.name)


class DefectKind(models.Model):
    """What can be wrong with instruments of one shape, and where on its picture: see `defect_kinds.py`."""

    code = models.SlugField(primary_key=True, max_length=40)
    shape = models.CharField(max_length=12)
    spot = models.CharField(max_length=12)
    name = models.CharField(max_length=80)
    stops_play = models.BooleanField()  # with this it cannot be played
    position = models.PositiveSmallIntegerField()
    steps = models.ManyToManyField(StepKind, through="DefectStep")

    class Meta:
        ordering = ["shape", "position"]

    def __str__(self) -> str:
        return gettext(self.name)


class DefectStep(models.Model):
    """The steps that mend one kind of defect, in their order."""

    defect_kind = models.ForeignKey(DefectKind, on_delete=models.CASCADE, related_name="plan")
    step_kind = models.ForeignKey(StepKind, on_delete=models.CASCADE)
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["defect_kind", "position"]
        constraints = [
            models.UniqueConstraint(fields=["defect_kind", "step_kind"], name="one_step_of_a_kind_per_defect_kind")
        ]


class Defects(models.QuerySet["Defect"]):
    def open(self) -> "Defects":
        return self.filter(ended_at=None)

    def stopping(self) -> "Defects":
        """Open ones with which the instrument cannot be played."""
        return self.open().filter(stops_play=True)


class Defect(models.Model):
    """One thing that is wrong. `id` is made by the client: sent again it changes nothing."""

    MENDED, MISTAKE, RETIRED = "mended", "mistake", "retired"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="defects")
    kind = models.ForeignKey(DefectKind, on_delete=models.PROTECT, related_name="defects")
    stops_play = models.BooleanField()  # as its kind said then
    note = models.CharField(max_length=200, blank=True)  # about the instrument, never about people
    photo = models.OneToOneField(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")
    reported_at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    by_key = models.CharField(max_length=40)
    content_hash = models.CharField(max_length=64)
    # Who held it then: while that child has nothing to play on, it waits for this instrument.
    holding = models.ForeignKey(Custody, on_delete=models.PROTECT, null=True, related_name="defects")
    ended_at = models.DateTimeField(null=True)
    ended_because = models.CharField(max_length=8, blank=True)
    objects = Defects.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["instrument", "kind"], condition=Q(ended_at=None), name="one_open_defect_of_a_kind"
            ),
            models.CheckConstraint(
                name="defect_ends_after_start", condition=Q(ended_at=None) | Q(ended_at__gte=F("reported_at"))
            ),
            models.CheckConstraint(
                name="defect_ends_for_a_reason",
                condition=Q(ended_at=None, ended_because="")
                | Q(ended_at__isnull=False, ended_because__in=["mended", "mistake", "retired"]),
            ),
        ]
        indexes = [
            models.Index(
                fields=["instrument"], condition=Q(ended_at=None, stops_play=True), name="defect_open_and_stopping"
            ),
            models.Index(fields=["instrument", "-reported_at"], name="defect_by_instrument"),
        ]

    def __str__(self) -> str:
        return str(self.kind)


guards.refuse(
    name="defect_never_leaves",
    table="depot_defect",
    event="BEFORE DELETE",
    sentence="a defect is never deleted: it ends as a mistake",
)
guards.refuse(
    name="defect_never_rewritten",
    table="depot_defect",
    event="BEFORE UPDATE",
    sentence="a defect is never rewritten",
    when=(
        "OLD.id <> NEW.id OR OLD.instrument_id <> NEW.instrument_id OR OLD.kind_id <> NEW.kind_id "
        "OR OLD.stops_play <> NEW.stops_play OR OLD.reported_at <> NEW.reported_at OR OLD.by_key <> NEW.by_key "
        "OR (OLD.ended_at IS NOT NULL AND (NEW.ended_at IS NULL OR OLD.ended_at <> NEW.ended_at "
        "OR OLD.ended_because <> NEW.ended_because))"
    ),
)
