"""Who has which instrument, now and at any moment before."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, QuerySet

from leerorkest.people.models import Child
from leerorkest.schools.models import Membership

from .models import Custody, Instrument, Instruments
from .rules import Level, tag_is_sound


@dataclass(frozen=True)
class Parties:
    """Who answered for an instrument at one moment."""

    keeper: Custody | None  # None: it was not in the programme yet
    holder: Custody | None  # None: it stood on the keeper's shelf


def parties_at(instrument: Instrument, at: datetime) -> Parties:
    """Both responsible parties at `at`; a period holds from its start up to its end."""
    rows = Custody.objects.filter(
        Q(ended_at=None) | Q(ended_at__gt=at), instrument=instrument, started_at__lte=at
    ).select_related("site", "child", "account")
    by_level = {row.level: row for row in rows}
    return Parties(by_level.get(Level.KEEPER.value), by_level.get(Level.HOLDER.value))


def history(instrument: Instrument) -> QuerySet[Custody]:
    """All periods of one instrument, the latest first, in one query. Children's names do not come with it."""
    return (
        Custody.objects.filter(instrument=instrument)
        .select_related("site", "account", "began_with__by", "ended_with__by")
        .order_by("-started_at", "level", "-ended_at")
    )


def held_by(child: Child) -> QuerySet[Custody]:
    """What a child has in care now."""
    return (
        Custody.objects.open()
        .holders()
        .filter(child=child)
        .select_related("instrument__kind", "instrument__size", "began_with")
    )


def group_names(children: Iterable[int], on: date) -> dict[int, str]:
    """The name of each child's group on that day, in one query."""
    rows = Membership.objects.on(on).filter(child__in=set(children)).values_list("child", "group__name")
    return dict(rows.order_by("from_on"))


@dataclass(frozen=True)
class TagsRead:
    """What came of a list of tags."""

    instruments: list[Instrument]
    unknown: list[str]  # sound, but not of ours (or not for this reader)
    mistyped: list[str]  # the check character says that it was read wrongly


def read_tags(instruments: Instruments, tags: list[str]) -> TagsRead:
    """The instruments behind these tags, in the order of the tags, out of those that the reader may see."""
    found = {row.tag: row for row in instruments.filter(tag__in=tags).with_parties()}
    missing = [tag for tag in tags if tag not in found]
    return TagsRead(
        instruments=[found[tag] for tag in tags if tag in found],
        unknown=[tag for tag in missing if tag_is_sound(tag)],
        mistyped=[tag for tag in missing if not tag_is_sound(tag)],
    )
