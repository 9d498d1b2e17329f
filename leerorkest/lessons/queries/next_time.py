"""What the previous colleague left."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import QuerySet

from leerorkest.shared.prepared import prepared

from ..models import Lesson, NextTime, Section

HOW_LONG = timedelta(weeks=10)  # over the longest holiday; who finds an older note learns nothing from it


def left_for(hours: Iterable[tuple[Lesson, Section]]) -> dict[tuple[int, int], NextTime]:
    """(lesson, section) → the note of the last lesson before it that has one. One query for a whole week."""
    hours = list(hours)
    if not hours:
        return {}
    starts = [lesson.starts_at for lesson, _section in hours]
    sections = tuple(sorted({section.pk for _lesson, section in hours}))
    notes = _notes(sections, min(starts) - HOW_LONG, max(starts))
    found: dict[tuple[int, int], NextTime] = {}
    for lesson, section in hours:
        before = [note for note in notes if note.section_id == section.pk and note.lesson.starts_at < lesson.starts_at]
        if before and before[-1].text:
            found[lesson.pk, section.pk] = before[-1]
    return found


@prepared
def _notes(sections: tuple[int, ...], since: datetime, before: datetime) -> QuerySet[NextTime]:
    return (
        NextTime.objects.filter(section__in=sections, lesson__starts_at__gte=since, lesson__starts_at__lt=before)
        .select_related("lesson", "by")
        .order_by("lesson__starts_at", "pk")
    )


def left_in(lesson: Lesson, section: Section) -> str:
    """What stands for after this lesson."""
    note = _left.first(lesson.pk, section.pk)
    return note.text if note else ""


@prepared
def _left(lesson: int, section: int) -> QuerySet[NextTime]:
    return NextTime.objects.filter(lesson=lesson, section=section).order_by("-pk")[:1]
