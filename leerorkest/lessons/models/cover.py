"""A teacher who cannot come, who is asked to stand in, and who does."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from leerorkest.network.models import Organisation
from leerorkest.people.models import Posting
from leerorkest.shared import guards

from .year import Lesson, Section


class StandIn(models.Model):
    """For what and when somebody may be asked to stand in, beyond the sections and days of the own lessons."""

    posting = models.OneToOneField(Posting, on_delete=models.CASCADE, related_name="stand_in")
    families = models.JSONField(default=list)  # can teach these too
    weekdays = models.JSONField(default=list)  # 0 is Monday
    minutes_a_week = models.PositiveSmallIntegerField(null=True, blank=True)  # at most; empty: nothing was agreed


class Absence(models.Model):
    """A teacher who cannot come for a while. Never why: that is nobody's business here."""

    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="absences")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="absences")
    from_at = models.DateTimeField()
    until_at = models.DateTimeField()
    made_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="absence_ends_after_start", condition=Q(until_at__gt=F("from_at"))),
            models.UniqueConstraint(
                fields=["account", "organisation", "from_at"],
                condition=Q(withdrawn_at=None),
                name="one_absence_per_beginning",
            ),
        ]


class CoverRequest(models.Model):
    """One section of one lesson that needs somebody. Closed when somebody was found, or nobody is needed any more."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    absence = models.ForeignKey(Absence, on_delete=models.PROTECT, related_name="requests")
    lesson = models.ForeignKey(Lesson, on_delete=models.PROTECT, related_name="cover_requests")
    section = models.ForeignKey(Section, on_delete=models.PROTECT, related_name="cover_requests")
    made_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["lesson", "section"], condition=Q(closed_at=None), name="one_open_cover_request"
            )
        ]


class CoverAsk(models.Model):
    """Somebody was asked; who says no is not asked again for the same lesson."""

    request = models.ForeignKey(CoverRequest, on_delete=models.PROTECT, related_name="asks")
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="cover_asks")
    asked_at = models.DateTimeField()
    declined_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["request", "account"], name="asked_once_for_a_lesson")]


class Cover(models.Model):
    """Somebody stands in for one section of one lesson. The database lets the first one through.

    It opens that lesson to them until `closes_at`, and nothing else.
    """

    request = models.ForeignKey(CoverRequest, on_delete=models.PROTECT, related_name="covers")
    lesson = models.ForeignKey(Lesson, on_delete=models.PROTECT, related_name="covers")
    section = models.ForeignKey(Section, on_delete=models.PROTECT, related_name="covers")
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="covers")
    taken_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)  # given back, or not needed any more

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["lesson", "section"], condition=Q(ended_at=None), name="one_stand_in_per_lesson_and_section"
            )
        ]
        indexes = [models.Index(fields=["account", "closes_at"], name="cover_by_account")]


guards.refuse(
    name="cover_is_never_rewritten",
    table="lessons_cover",
    event="BEFORE UPDATE",
    sentence="who stood in is never rewritten",
    when="OLD.ended_at IS NOT NULL OR OLD.account_id <> NEW.account_id OR OLD.lesson_id <> NEW.lesson_id"
    " OR OLD.section_id <> NEW.section_id OR OLD.taken_at <> NEW.taken_at",
)
guards.refuse(
    name="cover_never_leaves",
    table="lessons_cover",
    event="BEFORE DELETE",
    sentence="who stood in is never deleted",
)
