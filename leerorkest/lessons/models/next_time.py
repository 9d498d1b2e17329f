"""What the teacher of one lesson leaves for who gives the next."""

from django.conf import settings
from django.db import models

from leerorkest.shared import guards

from ..rules import MOST_LEFT
from .year import Lesson, Section


class NextTime(models.Model):
    """Three lines at most, about the lesson and never about a child. The newest of a lesson counts; empty: nothing."""

    lesson = models.ForeignKey(Lesson, on_delete=models.PROTECT, related_name="left")
    section = models.ForeignKey(Section, on_delete=models.PROTECT, related_name="left")
    text = models.CharField(max_length=MOST_LEFT, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["section", "-id"], name="next_time_by_section")]


guards.append_only("lessons_nexttime", "next_time")
