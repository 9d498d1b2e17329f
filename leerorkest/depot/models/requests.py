"""What schools and other cities ask of a depot, and what it answers, line by line."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from leerorkest.music.models import InstrumentKind, Size
from leerorkest.network.models import Organisation, Site
from leerorkest.shared import guards

from ..rules import Terms
from .reservations import Reservation


class Requests(models.QuerySet["InstrumentRequest"]):
    def waiting(self) -> "Requests":
        """Nobody answered yet."""
        return self.filter(answered_at=None, withdrawn_at=None)

    def with_lines(self) -> "Requests":
        lines = RequestLine.objects.select_related("kind", "size", "granted_size").order_by("pk")
        return self.select_related("asked_of", "organisation", "site__organisation", "by").prefetch_related(
            models.Prefetch("lines", queryset=lines)
        )


class InstrumentRequest(models.Model):
    """ "6 quarter-size violins and 2 cellos for De Regenboog before 1 September"."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)  # made by the client
    asked_of = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="requests_got")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="requests_made")  # who asks
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="requests")  # where they are needed
    terms = models.CharField(max_length=6)  # as it was asked: of `Terms`
    needed_on = models.DateField()
    until_on = models.DateField(null=True, blank=True)
    note = models.CharField(max_length=200, blank=True)  # about the instruments, never about people
    made_at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True)
    by_key = models.CharField(max_length=40)
    content_hash = models.CharField(max_length=64)
    withdrawn_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    answered_by_key = models.CharField(max_length=40, blank=True)
    reservation = models.OneToOneField(Reservation, on_delete=models.PROTECT, null=True, related_name="request")
    objects = Requests.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="request_ends_after_start", condition=Q(until_on=None) | Q(until_on__gt=F("needed_on"))
            ),
            models.CheckConstraint(
                name="request_has_terms", condition=Q(terms__in=[Terms.ISSUE.value, Terms.LOAN.value, Terms.GIFT.value])
            ),
            models.CheckConstraint(
                name="loan_is_asked_until_a_day", condition=~Q(terms=Terms.LOAN.value) | Q(until_on__isnull=False)
            ),
            models.CheckConstraint(
                name="request_is_answered_or_withdrawn", condition=Q(answered_at=None) | Q(withdrawn_at=None)
            ),
        ]
        indexes = [
            models.Index(fields=["asked_of", "needed_on", "id"], name="request_got_by_day"),
            models.Index(fields=["organisation", "needed_on", "id"], name="request_made_by_day"),
        ]

    def __str__(self) -> str:
        return f"request {self.pk}"


class RequestLine(models.Model):
    """So many of one kind and size, and what became of it. Fewer, of another size, or none with a reason."""

    request = models.ForeignKey(InstrumentRequest, on_delete=models.PROTECT, related_name="lines")
    kind = models.ForeignKey(InstrumentKind, on_delete=models.PROTECT, related_name="+")
    size = models.ForeignKey(Size, on_delete=models.PROTECT, null=True, related_name="+")
    number = models.PositiveSmallIntegerField()
    along = models.CharField(max_length=60, blank=True)
    granted = models.PositiveSmallIntegerField(null=True)  # None: not answered
    granted_size = models.ForeignKey(Size, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="request_line_is_for_some", condition=Q(number__gt=0)),
            models.CheckConstraint(
                name="request_line_grants_no_more", condition=Q(granted=None) | Q(granted__lte=F("number"))
            ),
            models.CheckConstraint(
                name="request_refused_with_reason", condition=Q(granted=None) | Q(granted__gt=0) | ~Q(reason="")
            ),
        ]

    def __str__(self) -> str:
        return " ".join(str(part) for part in (self.number, "×", self.kind, self.size) if part)

    @property
    def is_other_size(self) -> bool:
        return bool(self.granted) and self.granted_size_id != self.size_id


guards.refuse(
    name="request_is_answered_once",
    table="depot_requestline",
    event="BEFORE UPDATE",
    sentence="a request is answered once, and what was asked stays",
    when=(
        "OLD.request_id <> NEW.request_id OR OLD.kind_id <> NEW.kind_id OR OLD.number <> NEW.number "
        "OR COALESCE(OLD.size_id, 0) <> COALESCE(NEW.size_id, 0) OR OLD.granted IS NOT NULL"
    ),
)
