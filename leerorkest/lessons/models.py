"""Lesson series, sections, lessons, and the marks children get in them.

A mark is never a column that is overwritten: every tap is an event with an id made by the phone, and what counts is
worked out from the events (`rules.fold`). That is what makes offline, two phones and a lost answer harmless.
"""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from leerorkest.music.models import FAMILIES
from leerorkest.network.models import Organisation
from leerorkest.people.models import Child
from leerorkest.schools.models import Group, Periods, Teaching, period_is_sound
from leerorkest.shared import guards

from .rules import CancelCause, Decision, MarkState, QuarantineReason

STATES = [
    (MarkState.PRESENT.value, _("Present")),
    (MarkState.ABSENT.value, _("Absent")),
    (MarkState.LATE.value, _("Late")),
    (MarkState.ANNOUNCED.value, _("Announced")),
]
CAUSES = [
    (CancelCause.HOLIDAY.value, _("Holiday")),
    (CancelCause.TEACHER_ILL.value, _("The teacher is ill")),
    (CancelCause.SCHOOL_PLANS.value, _("The school has other plans")),
    (CancelCause.WEATHER.value, _("Weather")),
    (CancelCause.OTHER.value, _("Another cause")),
]
REASONS = [
    (QuarantineReason.OTHER_CONTENT.value, _("The same mark came before with another content.")),
    (QuarantineReason.SAME_SEQUENCE.value, _("This phone used the number of this mark before.")),
    (QuarantineReason.NOT_YOUR_LESSON.value, _("The sender does not teach this group now.")),
    (QuarantineReason.NOT_IN_LESSON.value, _("The child is not in this group on that day.")),
    (QuarantineReason.LESSON_CANCELLED.value, _("The lesson was cancelled.")),
    (QuarantineReason.UNKNOWN.value, _("The lesson does not exist.")),
    (QuarantineReason.MALFORMED.value, _("This cannot be read as a mark.")),
]
DECISIONS = [(Decision.ACCEPT.value, _("Accepted")), (Decision.LEAVE_OUT.value, _("Left out"))]


def values_of(choices: list[tuple[str, Any]]) -> list[str]:
    return [value for value, _words in choices]


class LessonSeries(models.Model):
    """The weekly hour of a group in a school year. Times are wall-clock times at the organisation."""

    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="series")
    weekday = models.PositiveSmallIntegerField()  # 0 is Monday
    starts = models.TimeField()
    ends = models.TimeField()
    first_on = models.DateField()
    last_on = models.DateField()

    class Meta:
        verbose_name_plural = "lesson series"
        constraints = [
            models.CheckConstraint(name="series_weekday", condition=Q(weekday__lte=6)),
            models.CheckConstraint(name="series_hour_ends_after_start", condition=Q(ends__gt=F("starts"))),
            models.CheckConstraint(name="series_ends_after_start", condition=Q(last_on__gte=F("first_on"))),
        ]


class Section(models.Model):
    """The 4–8 children of one instrument family in a lesson hour, with a teacher and a room."""

    series = models.ForeignKey(LessonSeries, on_delete=models.PROTECT, related_name="sections")
    family = models.CharField(max_length=12, choices=FAMILIES)
    room = models.CharField(max_length=40, blank=True)
    teaching = models.ForeignKey(Teaching, on_delete=models.PROTECT, related_name="sections", null=True)


class Seat(models.Model):
    """A child's place in a section."""

    section = models.ForeignKey(Section, on_delete=models.PROTECT, related_name="seats")
    series = models.ForeignKey(LessonSeries, on_delete=models.PROTECT, related_name="seats")
    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="seats")
    from_on = models.DateField()
    until_on = models.DateField(null=True, blank=True)
    objects = Periods["Seat"].as_manager()

    class Meta:
        constraints = [
            period_is_sound("seat_ends_after_start"),
            models.UniqueConstraint(
                fields=["series", "child"], condition=Q(until_on=None), name="one_section_per_child_and_hour"
            ),
        ]


class Lesson(models.Model):
    """One hour on one day. Each lesson is a row, because attendance hangs on it."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    series = models.ForeignKey(LessonSeries, on_delete=models.PROTECT, related_name="lessons")
    on = models.DateField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    cancelled_because = models.CharField(max_length=12, choices=CAUSES, blank=True)

    class Meta:
        ordering = ["starts_at"]
        constraints = [
            models.UniqueConstraint(fields=["series", "on"], name="one_lesson_per_series_and_day"),
            models.CheckConstraint(name="lesson_ends_after_start", condition=Q(ends_at__gt=F("starts_at"))),
            models.CheckConstraint(
                name="lesson_cancelled_for_a_cause", condition=Q(cancelled_because__in=["", *values_of(CAUSES)])
            ),
        ]
        indexes = [models.Index(fields=["on", "series"], name="lesson_by_day")]


class Closing(models.Model):
    """A teacher closed the register of a section in a lesson. Once; who comes after finds it closed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    lesson = models.ForeignKey(Lesson, on_delete=models.PROTECT, related_name="closings")
    section = models.ForeignKey(Section, on_delete=models.PROTECT, related_name="closings")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["lesson", "section"], name="one_closing_per_section_and_lesson")]


class MarkEvent(models.Model):
    """One tap: this child was there, absent, late or announced. Kept for ever as it came; the row is the receipt."""

    sequence = models.BigAutoField(primary_key=True)  # the server's order: clocks of phones lie
    id = models.UUIDField(unique=True)  # made by the phone
    device = models.UUIDField()
    device_sequence = models.PositiveBigIntegerField()
    lesson = models.ForeignKey(Lesson, on_delete=models.PROTECT, related_name="marks")
    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="marks")
    state = models.CharField(max_length=9, choices=STATES)
    # The marks this one replaces. No foreign key: a correction may arrive before what it corrects.
    corrects = models.JSONField(default=list)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)
    made_at = models.DateTimeField()  # the phone's clock: shown, never trusted
    received_at = models.DateTimeField()
    content_hash = models.CharField(max_length=64)

    class Meta:
        constraints = [
            # per person: who lends their phone, or guesses its id, cannot block another's marks
            models.UniqueConstraint(
                fields=["by", "device", "device_sequence"], name="one_mark_per_device_and_sequence"
            ),
            models.CheckConstraint(name="mark_has_a_known_state", condition=Q(state__in=values_of(STATES))),
        ]
        indexes = [
            models.Index(fields=["lesson", "child", "sequence"], name="mark_by_lesson"),
            models.Index(fields=["child", "-sequence"], name="mark_by_child"),
        ]


class QuarantinedMark(models.Model):
    """A mark that could not be placed: kept as it came, until a coordinator decides. Never dropped."""

    mark_id = models.UUIDField()
    content_hash = models.CharField(max_length=64)
    content = models.TextField()  # JSON as it came; as text, because a database's JSON refuses some of it
    reason = models.CharField(max_length=20, choices=REASONS)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True)  # whose coordinators decide
    lesson = models.ForeignKey(Lesson, on_delete=models.PROTECT, null=True, related_name="quarantined")
    child = models.ForeignKey(Child, on_delete=models.PROTECT, null=True, related_name="quarantined_marks")
    state = models.CharField(max_length=9, choices=STATES, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)
    received_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decision = models.CharField(max_length=12, choices=DECISIONS, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["by", "mark_id", "content_hash"], name="one_quarantine_per_content"),
            models.CheckConstraint(name="quarantine_has_a_reason", condition=Q(reason__in=values_of(REASONS))),
            models.CheckConstraint(
                name="quarantine_decided_by_somebody",
                condition=Q(decided_at=None, decided_by=None, decision="")
                | Q(decided_at__isnull=False, decided_by__isnull=False, decision__in=values_of(DECISIONS)),
            ),
        ]
        indexes = [models.Index(fields=["organisation", "id"], condition=Q(decided_at=None), name="quarantine_open")]


guards.append_only("lessons_markevent", "mark_event")
guards.refuse(
    name="quarantine_never_leaves",
    table="lessons_quarantinedmark",
    event="BEFORE DELETE",
    sentence="a mark in quarantine is never deleted before somebody decided",
    when="OLD.decided_at IS NULL",
)
