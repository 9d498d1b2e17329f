"""Who has which instrument, now and at any moment before."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, QuerySet

from leerorkest.network.models import Organisation, Site
from leerorkest.people.models import Child, Posting
from leerorkest.schools.models import Membership

from .models import Custody, Handover, Instrument, Instruments
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


@dataclass(frozen=True)
class Choice:
    """A child to hand an instrument to: a first name, with an initial only where two would read the same."""

    child: Child
    name: str
    holds: str  # "Violin ½ number 3": what the child has already


def choices(memberships: QuerySet[Membership]) -> list[Choice]:
    rows = list(memberships)
    first_names = Counter(row.child.first_name for row in rows)
    held = Custody.objects.open().holders().filter(child__in=[row.child_id for row in rows])
    holds = {
        custody.child_id: custody.instrument.name
        for custody in held.select_related("instrument__kind", "instrument__size")
    }
    return [
        Choice(
            child=row.child,
            name=row.child.short_name if first_names[row.child.first_name] > 1 else row.child.first_name,
            holds=holds.get(row.child_id, ""),
        )
        for row in rows
    ]


def kept_by_schools() -> QuerySet[Custody]:
    return Custody.objects.open().keepers().filter(site__sort=Site.SCHOOL)


def postings(organisation: Organisation, on: date) -> QuerySet[Posting]:
    return Posting.objects.on(on).filter(organisation=organisation)


def site_of(handover: Handover) -> Site | None:
    """The place that answers for the instruments since this handover, if it moved them."""
    moved = Custody.objects.keepers().filter(began_with=handover).select_related("site").first()
    return moved.site if moved else None
