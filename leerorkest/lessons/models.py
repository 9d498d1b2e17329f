"""Lesson series, sections, lessons, and the marks children get in them.

A mark is never a column that is overwritten: every tap is an event with an id made by the phone, and what counts is
worked out from the events (`rules.fold`). That is what makes offline, two phones and a lost answer harmless.
"""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from leerorkest.music.models import FAMILIES
from leerorkest.people.models import Child
from leerorkest.schools.models import Group, Periods, Teaching, period_is_sound
from leerorkest.shared import guards

from .rules import MarkState, QuarantineReason

STATES = [state.value for state in MarkState]


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
    cancelled_because = models.CharField(max_length=12, blank=True)

    class Meta:
        ordering = ["starts_at"]
        constraints = [
            models.UniqueConstraint(fields=["series", "on"], name="one_lesson_per_series_and_day"),
            models.CheckConstraint(name="lesson_ends_after_start", condition=Q(ends_at__gt=F("starts_at"))),
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
    state = models.CharField(max_length=9)
    corrects = models.ForeignKey("self", on_delete=models.PROTECT, null=True, to_field="id", related_name="corrections")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)
    made_at = models.DateTimeField()  # the phone's clock: shown, never trusted
    received_at = models.DateTimeField()
    content_hash = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["device", "device_sequence"], name="one_mark_per_device_and_sequence"),
            models.CheckConstraint(name="mark_has_a_known_state", condition=Q(state__in=STATES)),
        ]
        indexes = [
            models.Index(fields=["lesson", "child", "sequence"], name="mark_by_lesson"),
            models.Index(fields=["child", "-sequence"], name="mark_by_child"),
        ]


class QuarantinedMark(models.Model):
    """A mark that could not be placed: kept as it came, until a coordinator decides. Never dropped."""

    mark_id = models.UUIDField()
    content_hash = models.CharField(max_length=64)
    content = models.JSONField()
    reason = models.CharField(max_length=20)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)
    received_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decision = models.CharField(max_length=12, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["mark_id", "content_hash"], name="one_quarantine_per_content"),
            models.CheckConstraint(
                name="quarantine_has_a_reason", condition=Q(reason__in=[r.value for r in QuarantineReason])
            ),
        ]


guards.append_only("lessons_markevent", "mark_event")
