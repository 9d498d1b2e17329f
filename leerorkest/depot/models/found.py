"""What strangers write who scanned the label of an instrument that is lost."""

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q

from leerorkest.network.models import Organisation

from ..rules import FOUND_IS_KEPT, FoundOutcome
from .custody import Instrument


class FoundNotices(models.QuerySet["FoundNotice"]):
    def waiting(self) -> "FoundNotices":
        return self.filter(handled_at=None)


class FoundNotice(models.Model):
    """One message. What the stranger wrote is erased when it is handled, or on its last day; that something was found
    stays."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)  # made by the page: a second press changes nothing
    tag = models.CharField(max_length=40)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="+")
    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, null=True, related_name="found_notices")
    message = models.CharField(max_length=500, blank=True)
    reply = models.CharField(max_length=200, blank=True)  # how to reach the stranger, if they left it
    made_at = models.DateTimeField()
    handled_at = models.DateTimeField(null=True)
    handled_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    outcome = models.CharField(max_length=10, blank=True)
    objects = FoundNotices.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="found_notice_handled_without_its_text",
                condition=Q(handled_at=None, outcome="")
                | Q(
                    Q(handled_by__isnull=False) | Q(outcome=FoundOutcome.UNANSWERED.value),
                    handled_at__isnull=False,
                    outcome__in=[outcome.value for outcome in FoundOutcome],
                    message="",
                    reply="",
                ),
            )
        ]
        indexes = [
            models.Index(fields=["organisation", "made_at"], name="found_notice_waiting", condition=Q(handled_at=None))
        ]

    def __str__(self) -> str:
        return f"found {self.pk}"

    @property
    def erased_at(self) -> datetime:
        """When what was written is erased at the latest."""
        return self.made_at + FOUND_IS_KEPT
