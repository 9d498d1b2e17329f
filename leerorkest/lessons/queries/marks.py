"""What stands in a lesson."""

import uuid
from collections.abc import Iterable

from django.db.models import QuerySet

from leerorkest.people.models import Account
from leerorkest.shared.prepared import prepared

from ..models import Lesson, MarkEvent
from ..rules import MarkState, Standing, Tap, fold


def tap_of(event: MarkEvent) -> Tap:
    return Tap(
        id=event.id,
        child=event.child_id,
        state=MarkState(event.state),
        by=event.by_id,
        device=event.device,
        device_sequence=event.device_sequence,
        corrects=frozenset(uuid.UUID(other) for other in event.corrects),
    )


def standings(lesson: Lesson) -> dict[int, Standing]:
    """Child → what stands for it in this lesson."""
    return fold(tap_of(event) for event in _events(lesson.pk))


@prepared
def _events(lesson: int) -> QuerySet[MarkEvent]:
    return MarkEvent.objects.filter(lesson=lesson)


def names_of(accounts: Iterable[int]) -> dict[int, str]:
    return dict(_names(tuple(sorted(set(accounts)))))


@prepared
def _names(accounts: tuple[int, ...]) -> QuerySet[Account, tuple[int, str]]:
    return Account.objects.filter(pk__in=accounts).values_list("pk", "name")
