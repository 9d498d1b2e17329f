"""Care that comes round: a rule for instruments of one kind or model, and a job for each instrument it is about."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from leerorkest.music.models import InstrumentKind, Size
from leerorkest.network.models import Organisation
from leerorkest.shared import guards

from .custody import Instrument
from .repairs import Repair


class MaintenanceRule(models.Model):
    """ "Restring every 12 months", or once: "look at every violin of model X before 1 March"."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="maintenance_rules")
    name = models.CharField(max_length=80)
    kind = models.ForeignKey(InstrumentKind, on_delete=models.PROTECT, related_name="maintenance_rules")
    size = models.ForeignKey(Size, on_delete=models.PROTECT, null=True, related_name="+")  # None: all
    brand = models.CharField(max_length=60, blank=True)  # empty: all
    model = models.CharField(max_length=60, blank=True)
    every_months = models.PositiveSmallIntegerField(null=True)  # None: a recall, once
    due_on = models.DateField()  # a recall: by then; else the first round
    blocks = models.BooleanField(default=False)  # overdue: not lent before it is done
    made_at = models.DateTimeField()
    by_key = models.CharField(max_length=40)
    ended_on = models.DateField(null=True)  # no new jobs from then on

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "name"], name="one_maintenance_rule_per_name"),
            models.CheckConstraint(
                name="maintenance_comes_round_in_months", condition=Q(every_months=None) | Q(every_months__gte=1)
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Jobs(models.QuerySet["MaintenanceJob"]):
    def open(self) -> "Jobs":
        return self.filter(done_at=None)

    def blocking(self) -> "Jobs":
        """Open, overdue, and of a rule that keeps the instrument on the shelf until it is done."""
        return self.open().filter(blocks_since__isnull=False)


class MaintenanceJob(models.Model):
    """One instrument, one round of a rule."""

    rule = models.ForeignKey(MaintenanceRule, on_delete=models.PROTECT, related_name="jobs")
    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="maintenance_jobs")
    due_on = models.DateField()
    opened_at = models.DateTimeField()
    blocks_since = models.DateTimeField(null=True)  # noted once, when it was found overdue
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    repair = models.ForeignKey(Repair, on_delete=models.PROTECT, null=True, related_name="maintenance_jobs")
    objects = Jobs.as_manager()

    class Meta:
        ordering = ["due_on", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["rule", "instrument", "due_on"], name="one_job_per_round"),
            models.UniqueConstraint(
                fields=["rule", "instrument"], condition=Q(done_at=None), name="one_open_job_per_rule"
            ),
            models.CheckConstraint(
                name="job_is_done_by_somebody",
                condition=Q(done_at=None, done_by=None) | Q(done_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                fields=["instrument"],
                condition=Q(done_at=None, blocks_since__isnull=False),
                name="job_open_and_blocking",
            ),
            models.Index(fields=["due_on"], condition=Q(done_at=None), name="job_open_by_day"),
        ]


guards.refuse(
    name="maintenance_job_stays_done",
    table="depot_maintenancejob",
    event="BEFORE UPDATE",
    sentence="a job that is done is never rewritten",
    when="OLD.done_at IS NOT NULL",
)
guards.refuse(
    name="maintenance_job_never_leaves",
    table="depot_maintenancejob",
    event="BEFORE DELETE",
    sentence="a job is never deleted",
)
