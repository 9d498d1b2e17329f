"""What happened to a lesson after it was planned, and the link to a teacher's lessons for a calendar program."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from leerorkest.shared import guards

from .year import CAUSES, Lesson, values_of


class LessonChange(models.Model):
    """A lesson was moved or cancelled: from when, to when (none: it does not take place), and why. Written once."""

    lesson = models.ForeignKey(Lesson, on_delete=models.PROTECT, related_name="changes")
    was_on = models.DateField()
    was_starts_at = models.DateTimeField()
    was_ends_at = models.DateTimeField()
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    cause = models.CharField(max_length=12, choices=CAUSES)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="lesson_change_has_both_times_or_none",
                condition=Q(starts_at=None, ends_at=None) | Q(ends_at__gt=F("starts_at")),
            ),
            models.CheckConstraint(name="lesson_change_has_a_cause", condition=Q(cause__in=values_of(CAUSES))),
        ]

    @property
    def is_cancellation(self) -> bool:
        return self.starts_at is None


class CalendarLink(models.Model):
    """The capability to read the hours of a teacher, never a child's name. Only the hash of its secret is kept."""

    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="calendar_links")
    secret_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account"], condition=Q(revoked_at=None), name="one_open_calendar_link_per_account"
            )
        ]


guards.append_only("lessons_lessonchange", "lesson_change")
guards.refuse(
    name="calendar_link_stays_revoked",
    table="lessons_calendarlink",
    event="BEFORE UPDATE",
    sentence="a link that was taken back stays so",
    when="OLD.revoked_at IS NOT NULL OR OLD.secret_hash <> NEW.secret_hash OR OLD.account_id <> NEW.account_id",
)
