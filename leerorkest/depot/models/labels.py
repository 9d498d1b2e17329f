"""Labels that are not simply the one on an instrument: printed ahead and on nothing yet, or replaced by a newer one.

An instrument carries one tag (`Instrument.tag`). Every tag it ever had stands here once it is replaced, so that an old
label in a case still leads to it. A tag names one instrument for ever.
"""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from leerorkest.network.models import Organisation
from leerorkest.shared import guards

from ..rules import readable
from .custody import Instrument


class LabelBatch(models.Model):
    """So many labels printed ahead. Printed again it has the same tags."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)  # made by the client: a repeat changes nothing
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="label_batches")
    made_at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["organisation", "-made_at"], name="label_batch_by_time")]

    def __str__(self) -> str:
        return f"labels {self.pk}"


class Labels(models.QuerySet["Label"]):
    def unclaimed(self) -> "Labels":
        return self.filter(instrument=None)


class Label(models.Model):
    """One tag with its history: printed, claimed by an instrument, replaced by a newer label."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="labels")
    tag = models.CharField(max_length=16, unique=True)
    batch = models.ForeignKey(LabelBatch, on_delete=models.PROTECT, null=True, related_name="labels")
    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, null=True, related_name="labels")
    claimed_at = models.DateTimeField(null=True)
    replaced_at = models.DateTimeField(null=True)  # a newer label is on the instrument since
    objects = Labels.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="label_claimed_at_a_moment",
                condition=Q(instrument=None, claimed_at=None, replaced_at=None)
                | Q(instrument__isnull=False, claimed_at__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["instrument"], condition=Q(replaced_at=None), name="one_label_in_use_per_instrument"
            ),
        ]
        indexes = [models.Index(fields=["batch"], condition=Q(instrument=None), name="label_unclaimed")]

    def __str__(self) -> str:
        return self.tag

    @property
    def readable_tag(self) -> str:
        return readable(self.tag)


_LABEL, _INSTRUMENT = "depot_label", "depot_instrument"
guards.refuse(name="label_never_leaves", table=_LABEL, event="BEFORE DELETE", sentence="a label is never deleted")
guards.refuse(
    name="label_stays_on_its_instrument",
    table=_LABEL,
    event="BEFORE UPDATE",
    sentence="a label is claimed once, replaced once, and never goes to another instrument",
    when=(
        "OLD.tag <> NEW.tag OR OLD.organisation_id <> NEW.organisation_id "
        "OR (OLD.instrument_id IS NOT NULL AND (NEW.instrument_id IS NULL OR OLD.instrument_id <> NEW.instrument_id)) "
        "OR (OLD.replaced_at IS NOT NULL AND (NEW.replaced_at IS NULL OR OLD.replaced_at <> NEW.replaced_at))"
    ),
)
for _event in ("INSERT", "UPDATE"):
    guards.refuse(
        name=f"label_names_one_instrument_{_event.lower()}",
        table=_LABEL,
        event=f"BEFORE {_event}",
        sentence="a tag names one instrument, of the organisation of the label",
        when=(
            f"EXISTS (SELECT 1 FROM {_INSTRUMENT} i WHERE i.tag = NEW.tag "
            "AND (NEW.instrument_id IS NULL OR i.id <> NEW.instrument_id)) "
            f"OR EXISTS (SELECT 1 FROM {_INSTRUMENT} i WHERE i.id = NEW.instrument_id "
            "AND i.organisation_id <> NEW.organisation_id)"
        ),
    )
guards.refuse(
    name="instrument_takes_no_label_of_another",
    table=_INSTRUMENT,
    event="BEFORE INSERT",
    sentence="a tag names one instrument, of the organisation of the label",
    when=(
        f"EXISTS (SELECT 1 FROM {_LABEL} l WHERE l.tag = NEW.tag "
        "AND (l.instrument_id IS NOT NULL OR l.organisation_id <> NEW.organisation_id))"
    ),
)
