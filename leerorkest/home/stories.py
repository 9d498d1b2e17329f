"""What a giver reads: counts and milestones of the instrument, never a name, a school, a place or a day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from leerorkest.depot.models import Donor
from leerorkest.depot.queries.gifts import Story, stories
from leerorkest.lessons.queries import lessons_during

FEW = 2  # of fewer children nothing is counted: one child's weeks would be told to somebody who may know the child
SCHOOL_YEAR_OF_LESSONS = 35


@dataclass(frozen=True)
class Told:
    title: str
    lines: list[str]


def told(donor: Donor, at: datetime) -> list[Told]:
    """One card for each gift, in the order in which they were given."""
    found = stories(donor, at)
    lessons = lessons_during([loan for story in found for loan in story.loans], at)
    return [
        Told(
            story.gift.instrument.kind.name if story.gift.instrument else story.gift.kind.name,
            list(_lines(story, sum(lessons.get(loan.pk, 0) for loan in story.loans))),
        )
        for story in found
    ]


def _lines(story: Story, lessons: int) -> Iterator[str]:
    match story.gift.step:
        case "assess":
            yield _("It came in. The workshop will look at it soon.")
        case "refurbish":
            yield _("The workshop makes it ready for a child.")
        case "take_in":
            yield _("It is ready, and gets its label.")
        case "declined":
            yield _("It could not be played by children. Thank you for thinking of them.")
        case "taken_in":
            yield from _of_children(story, lessons)


def _of_children(story: Story, lessons: int) -> Iterator[str]:
    if not story.children:
        yield _("It is ready, and waits for its first child.")
        return
    if story.children < FEW:
        yield _("It found its first child.")
        return
    yield ngettext("%(count)s child has played it.", "%(count)s children have played it.", story.children) % {
        "count": story.children
    }
    if story.weeks:
        yield ngettext("It was played for %(count)s week.", "It was played for %(count)s weeks.", story.weeks) % {
            "count": story.weeks
        }
    if lessons:
        yield ngettext("It was there in %(count)s lesson.", "It was there in %(count)s lessons.", lessons) % {
            "count": lessons
        }
    if lessons >= SCHOOL_YEAR_OF_LESSONS:
        yield _("That is more than a whole school year of lessons.")
    if story.visits:
        yield ngettext(
            "The workshop took care of it %(count)s time.",
            "The workshop took care of it %(count)s times.",
            story.visits,
        ) % {"count": story.visits}
