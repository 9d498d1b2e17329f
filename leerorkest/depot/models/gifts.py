"""Who gave an instrument, how it came in, and the link by which the giver reads its story."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext as _

from leerorkest.music.models import InstrumentKind
from leerorkest.network.models import Organisation
from leerorkest.shared import guards

from ..rules import Assessment
from .custody import Instrument


class Donor(models.Model):
    """A person, family or firm that gave instruments, by the name they want to be shown with."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="donors")
    name = models.CharField(max_length=80)
    is_anonymous = models.BooleanField(default=False)  # the name is for who thanks them, and for nobody else
    contact = models.CharField(max_length=120, blank=True)  # a mail address or a postal one, to thank them

    def __str__(self) -> str:
        return f"donor {self.uid}"  # a name never reaches a log by accident

    @property
    def shown_name(self) -> str:
        return _("Somebody who stays unnamed") if self.is_anonymous else self.name


class Gift(models.Model):
    """One instrument that is given: it comes in, is assessed, refurbished, and becomes an instrument."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="gifts")
    donor = models.ForeignKey(Donor, on_delete=models.PROTECT, related_name="gifts")
    kind = models.ForeignKey(InstrumentKind, on_delete=models.PROTECT, related_name="+")
    description = models.CharField(max_length=200, blank=True)  # of the instrument, and its story before
    came_in_on = models.DateField()
    assessed_on = models.DateField(null=True)
    assessment = models.CharField(max_length=8, blank=True)  # of `Assessment`
    assessment_note = models.CharField(max_length=200, blank=True)
    refurbished_on = models.DateField(null=True)
    instrument = models.OneToOneField(Instrument, on_delete=models.PROTECT, null=True, related_name="gift")

    class Meta:
        ordering = ["came_in_on", "pk"]
        constraints = [
            models.CheckConstraint(
                name="gift_is_assessed_with_a_verdict",
                condition=Q(assessed_on=None, assessment="")
                | Q(assessed_on__isnull=False, assessment__in=[verdict.value for verdict in Assessment]),
            ),
            models.CheckConstraint(
                name="gift_goes_step_by_step",
                condition=(Q(refurbished_on=None) | Q(assessment=Assessment.WORK.value))
                & (Q(instrument=None) | ~Q(assessment__in=["", Assessment.NO.value])),
            ),
            models.CheckConstraint(
                name="gift_is_assessed_after_it_came",
                condition=Q(assessed_on=None) | Q(assessed_on__gte=F("came_in_on")),
            ),
        ]
        indexes = [models.Index(fields=["organisation", "came_in_on", "id"], name="gift_by_day")]

    def __str__(self) -> str:
        return f"gift {self.uid}"

    @property
    def step(self) -> str:
        """The next thing to do: assess, refurbish, take_in; or where it ended: taken_in, declined."""
        if self.instrument_id:
            return "taken_in"
        if not self.assessment:
            return "assess"
        if self.assessment == Assessment.NO.value:
            return "declined"
        if self.assessment == Assessment.WORK.value and not self.refurbished_on:
            return "refurbish"
        return "take_in"


class DonorLink(models.Model):
    """The capability to read a donor's page. Only the hash of its secret is kept; it can be taken back."""

    donor = models.ForeignKey(Donor, on_delete=models.CASCADE, related_name="links")
    secret_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["donor"], condition=Q(revoked_at=None), name="one_open_link_per_donor")
        ]

    def __str__(self) -> str:
        return f"link of {self.donor_id}"


guards.refuse(
    name="donor_link_stays_revoked",
    table="depot_donorlink",
    event="BEFORE UPDATE",
    sentence="a link that was taken back stays so",
    when="OLD.revoked_at IS NOT NULL OR OLD.secret_hash <> NEW.secret_hash OR OLD.donor_id <> NEW.donor_id",
)
guards.refuse(
    name="gift_keeps_its_instrument",
    table="depot_gift",
    event="BEFORE UPDATE",
    sentence="a gift stays the instrument that it became",
    when="OLD.instrument_id IS NOT NULL AND (NEW.instrument_id IS NULL OR OLD.instrument_id <> NEW.instrument_id)",
)
