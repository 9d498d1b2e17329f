"""The weekly hour of a group: series, sections, seats, and every lesson as a row."""

import uuid
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from leerorkest.music.models import FAMILIES
from leerorkest.people.models import Child
from leerorkest.schools.models import Group, Periods, Teaching, period_is_sound

from ..rules import CancelCause

CAUSES = [
    (CancelCause.HOLIDAY.value, _("Holiday")),
    (CancelCause.TEACHER_ILL.value, _("The teacher is ill")),
    (CancelCause.SCHOOL_PLANS.value, _("The school has other plans")),
    (CancelCause.WEATHER.value, _("Weather")),
    (CancelCause.OTHER.value, _("Another cause")),
]


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
    tutti_every = models.PositiveSmallIntegerField(default=0)  # each so-manieth lesson all sections are one; 0: never
    tutti_room = models.CharField(max_length=40, blank=True)

    class Meta:
        verbose_name_plural = "lesson series"
        constraints = [
            models.CheckConstraint(name="series_tutti_within_a_year", condition=Q(tutti_every__lte=52)),
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
    is_tutti = models.BooleanField(default=False)  # all sections are one orchestra
    tutti_room = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ["starts_at"]
        constraints = [
            models.UniqueConstraint(fields=["series", "on"], name="one_lesson_per_series_and_day"),
            models.CheckConstraint(name="lesson_ends_after_start", condition=Q(ends_at__gt=F("starts_at"))),
            models.CheckConstraint(name="lesson_room_of_a_tutti", condition=Q(is_tutti=True) | Q(tutti_room="")),
            models.CheckConstraint(
                name="lesson_cancelled_for_a_cause", condition=Q(cancelled_because__in=["", *values_of(CAUSES)])
            ),
        ]
        indexes = [models.Index(fields=["on", "series"], name="lesson_by_day")]
