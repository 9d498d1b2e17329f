"""Tickets of the workshop: what is done to an instrument, by whom, signed by whom; and what a child plays meanwhile."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from leerorkest.network.models import Site
from leerorkest.shared import guards

from ..rules import Mending, RepairAct
from .custody import Custody, Handover, Instrument
from .defects import Defect, StepKind


class Repairs(models.QuerySet["Repair"]):
    def open(self) -> "Repairs":
        return self.filter(closed_at=None)

    def to_mend(self) -> "Repairs":
        """Open, and the work is not done yet."""
        return self.open().filter(mended_at=None)

    def to_hand_back(self) -> "Repairs":
        """The work is done; the instrument waits for the child it belongs with."""
        return self.open().filter(mended_at__isnull=False)


class Repair(models.Model):
    """A ticket: one instrument, from the day the workshop knows until it is settled. `id` is made by the client.

    What happened to it stands in its events; the two moments here end its two parts, the work and the way back.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="repairs")
    workshop = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="repairs")  # whose ticket it is
    on_site = models.BooleanField(default=False)  # the workshop comes to the instrument
    defects = models.ManyToManyField(Defect, related_name="repairs", through="RepairDefect")
    due_on = models.DateField()
    opened_at = models.DateTimeField()
    by_key = models.CharField(max_length=40)
    content_hash = models.CharField(max_length=64)
    assigned_to = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    mended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=10, blank=True)
    cost = models.DecimalField(max_digits=10, decimal_places=2, null=True)  # a bill from outside; parts have their own
    currency = models.CharField(max_length=3, blank=True)
    closed_at = models.DateTimeField(null=True)
    closed_with = models.OneToOneField(Handover, on_delete=models.PROTECT, null=True, related_name="closed_repair")
    objects = Repairs.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["instrument"], condition=Q(closed_at=None), name="one_open_repair"),
            models.CheckConstraint(
                name="repair_is_mended_with_an_outcome",
                condition=Q(mended_at=None, outcome="")
                | Q(mended_at__isnull=False, outcome__in=[outcome.value for outcome in Mending]),
            ),
            models.CheckConstraint(
                name="repair_closes_after_the_work",
                condition=Q(closed_at=None)
                | Q(mended_at__isnull=False, mended_at__gte=F("opened_at"), closed_at__gte=F("mended_at")),
            ),
            models.CheckConstraint(
                name="repair_cost_has_a_currency",
                condition=Q(cost=None, currency="") | (Q(cost__gte=0) & ~Q(currency="")),
            ),
        ]
        indexes = [
            models.Index(fields=["workshop", "due_on"], condition=Q(closed_at=None), name="repair_open_by_workshop"),
        ]

    def __str__(self) -> str:
        return f"repair {self.pk}"


class RepairDefect(models.Model):
    """Which defects a ticket is about."""

    repair = models.ForeignKey(Repair, on_delete=models.PROTECT, related_name="about")
    defect = models.ForeignKey(Defect, on_delete=models.PROTECT, related_name="tickets")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["repair", "defect"], name="one_defect_once_on_a_ticket")]


class RepairEvent(models.Model):
    """What happened to a ticket, in order. Written once."""

    repair = models.ForeignKey(Repair, on_delete=models.PROTECT, related_name="events")
    act = models.CharField(max_length=12)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    note = models.CharField(max_length=200, blank=True)  # about the instrument, never about people

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(name="repair_event_is_known", condition=Q(act__in=[act.value for act in RepairAct]))
        ]


class RepairStep(models.Model):
    """One step of the work. Who learns does it; the master signs that it is well done."""

    repair = models.ForeignKey(Repair, on_delete=models.PROTECT, related_name="steps")
    kind = models.ForeignKey(StepKind, on_delete=models.PROTECT, related_name="done")
    position = models.PositiveSmallIntegerField()
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="steps")
    minutes = models.PositiveSmallIntegerField(null=True)
    signed_at = models.DateTimeField(null=True)
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["repair", "position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["repair", "kind"], name="one_step_of_a_kind_per_repair"),
            models.CheckConstraint(
                name="step_is_done_by_somebody",
                condition=Q(done_at=None, done_by=None, minutes=None)
                | Q(done_at__isnull=False, done_by__isnull=False, minutes__isnull=False),
            ),
            models.CheckConstraint(
                name="step_is_signed_after_it_is_done",
                condition=Q(signed_at=None, signed_by=None)
                | Q(signed_at__isnull=False, signed_by__isnull=False, done_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["done_by"], condition=Q(signed_at__isnull=False), name="step_signed_by_learner")
        ]


class Loaners(models.QuerySet["Loaner"]):
    def open(self) -> "Loaners":
        """The child still has it, and it is still a loaner."""
        return self.filter(custody__ended_at=None, kept_at=None)


class Loaner(models.Model):
    """What a child plays while its own instrument cannot be played.

    It is a loaner as long as the custody it is about is open and nobody said that the child keeps it: giving it back by
    any other way ends it too, without a second row to keep right.
    """

    custody = models.OneToOneField(Custody, on_delete=models.PROTECT, primary_key=True, related_name="loaner")
    instead_of = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="loaners")
    defect = models.ForeignKey(Defect, on_delete=models.PROTECT, related_name="loaners")
    kept_at = models.DateTimeField(null=True)
    kept_by_key = models.CharField(max_length=40, blank=True)
    objects = Loaners.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="loaner_is_kept_by_a_decision",
                condition=Q(kept_at=None, kept_by_key="") | (Q(kept_at__isnull=False) & ~Q(kept_by_key="")),
            ),
        ]
        indexes = [models.Index(fields=["instead_of"], condition=Q(kept_at=None), name="loaner_by_own")]


guards.append_only("depot_repairevent", "repair_event")
guards.refuse(
    name="repair_never_leaves",
    table="depot_repair",
    event="BEFORE DELETE",
    sentence="a ticket is never deleted, only closed",
)
guards.refuse(
    name="repair_stays_closed",
    table="depot_repair",
    event="BEFORE UPDATE",
    sentence="a ticket that is closed stays closed",
    when=(
        "OLD.instrument_id <> NEW.instrument_id OR OLD.opened_at <> NEW.opened_at "
        "OR (OLD.mended_at IS NOT NULL AND (NEW.mended_at IS NULL OR OLD.mended_at <> NEW.mended_at "
        "OR OLD.outcome <> NEW.outcome)) "
        "OR (OLD.closed_at IS NOT NULL AND (NEW.closed_at IS NULL OR OLD.closed_at <> NEW.closed_at))"
    ),
)
guards.refuse(
    name="signed_step_stays_signed",
    table="depot_repairstep",
    event="BEFORE UPDATE",
    sentence="a step that was signed is never rewritten",
    when="OLD.signed_at IS NOT NULL",
)
guards.refuse(
    name="signed_step_never_leaves",
    table="depot_repairstep",
    event="BEFORE DELETE",
    sentence="a step that was signed is never deleted",
    when="OLD.signed_at IS NOT NULL",
)
guards.refuse(
    name="loaner_is_lent_to_a_child",
    table="depot_loaner",
    event="BEFORE INSERT",
    sentence="a loaner is another instrument that a child has in care",
    when=(
        "NOT EXISTS (SELECT 1 FROM depot_custody c WHERE c.id = NEW.custody_id AND c.child_id IS NOT NULL "
        "AND c.instrument_id <> NEW.instead_of_id)"
    ),
)
guards.refuse(
    name="loaner_never_rewritten",
    table="depot_loaner",
    event="BEFORE UPDATE",
    sentence="a loaner is never rewritten",
    when=(
        "OLD.custody_id <> NEW.custody_id OR OLD.instead_of_id <> NEW.instead_of_id OR OLD.defect_id <> NEW.defect_id "
        "OR (OLD.kept_at IS NOT NULL AND (NEW.kept_at IS NULL OR OLD.kept_at <> NEW.kept_at))"
    ),
)
guards.refuse(
    name="loaner_never_leaves",
    table="depot_loaner",
    event="BEFORE DELETE",
    sentence="a loaner is never deleted",
)
