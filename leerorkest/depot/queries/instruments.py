"""Who has which instrument, now and at any moment before."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Exists, OuterRef, Q, QuerySet

from leerorkest.music.models import InstrumentKind, Size
from leerorkest.music.queries import Vocabulary, vocabulary
from leerorkest.network.models import Organisation, Site
from leerorkest.people.models import Child, Posting
from leerorkest.schools.models import Enrolment, Membership
from leerorkest.shared.prepared import prepared

from .. import lists
from ..lists import Line, Refusal
from ..models import Custody, Handover, Instrument, Instruments
from ..rules import Level, read_amount, tag_is_sound
from .tags import current_tags


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


@prepared
def history(instrument: int) -> QuerySet[Custody]:
    """All periods of one instrument, the latest first, in one query. Children's names do not come with it."""
    return (
        Custody.objects.filter(instrument=instrument)
        .select_related("site", "account", "began_with__by")
        .order_by("-started_at", "level", "-ended_at")
    )


@prepared
def _parties(instruments: tuple[int, ...]) -> QuerySet[Custody]:
    return Custody.objects.open().filter(instrument__in=instruments).select_related("site", "child", "account")


def hang_parties(instrument: Instrument) -> Instrument:
    """One instrument as from `with_parties()`."""
    return hang_all_parties([instrument])[0]


def hang_all_parties(instruments: list[Instrument]) -> list[Instrument]:
    """These as from `with_parties()`."""
    parties = defaultdict(list)
    for custody in _parties(tuple(row.pk for row in instruments)):
        parties[custody.instrument_id].append(custody)
    for row in instruments:
        row.parties = parties[row.pk]  # type: ignore[attr-defined]
    return instruments


def group_names(children: Iterable[int], on: date) -> dict[int, str]:
    """The name of each child's group on that day, in one query."""
    return dict(_group_names(tuple(dict.fromkeys(children)), on))


@prepared
def _group_names(children: tuple[int, ...], on: date) -> QuerySet[Membership, tuple[int, str]]:
    rows = Membership.objects.on(on).filter(child__in=children).order_by("from_on")
    return rows.values_list("child", "group__name")


@dataclass(frozen=True)
class TagsRead:
    """What came of a list of tags."""

    instruments: list[Instrument]
    unknown: list[str]  # sound, but not of ours (or not for this reader)
    mistyped: list[str]  # the check character says that it was read wrongly


def read_tags(instruments: Instruments, tags: list[str]) -> TagsRead:
    """The instruments behind these tags, in the order of the tags, out of those that the reader may see."""
    found = {row.tag: row for row in instruments.filter(tag__in=tags).with_parties()}
    now = current_tags(unknown) if (unknown := [tag for tag in tags if tag not in found]) else {}
    if now:
        found |= {row.tag: row for row in instruments.filter(tag__in=now.values()).with_parties()}
        tags = list(dict.fromkeys(now.get(tag, tag) for tag in tags))  # an old label and a new one are one instrument
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


def choices(rows: list[Membership]) -> list[Choice]:
    first_names = Counter(row.child.first_name for row in rows)
    held = _held(tuple(row.child_id for row in rows))
    holds = {custody.child_id: custody.instrument.name for custody in held}
    return [
        Choice(
            child=row.child,
            name=row.child.short_name if first_names[row.child.first_name] > 1 else row.child.first_name,
            holds=holds.get(row.child_id, ""),
        )
        for row in rows
    ]


@prepared
def _held(children: tuple[int, ...]) -> QuerySet[Custody]:
    held = Custody.objects.open().holders().filter(child__in=children)
    return held.select_related("instrument__kind", "instrument__size")


def kept_by_schools() -> QuerySet[Custody]:
    return Custody.objects.open().keepers().filter(site__sort=Site.SCHOOL)


def postings(organisation: Organisation, on: date) -> QuerySet[Posting]:
    return Posting.objects.on(on).filter(organisation=organisation)


def site_of(handover: Handover) -> Site | None:
    """The place that answers for the instruments since this handover, if it moved them."""
    moved = Custody.objects.keepers().filter(began_with=handover).select_related("site").first()
    return moved.site if moved else None


# --- what asks for somebody's attention -------------------------------------------------------------------
def with_children_who_left(instruments: Instruments, on: date) -> Instruments:
    """Still lent to a child who is at no school of ours any more."""
    enrolled = Enrolment.objects.on(on).filter(child=OuterRef("child"))
    held = Custody.objects.open().holders().filter(~Exists(enrolled), child__isnull=False)
    return instruments.filter(Exists(held.filter(instrument=OuterRef("pk"))))


def at_closed_places(instruments: Instruments, on: date) -> Instruments:
    kept = Custody.objects.open().keepers().filter(site__closed_on__lte=on)
    return instruments.filter(Exists(kept.filter(instrument=OuterRef("pk"))))


# --- a list of instruments --------------------------------------------------------------------------------
@dataclass(frozen=True)
class Planned:
    """One instrument of a list, understood."""

    line: int
    kind: InstrumentKind
    size: Size | None
    number: str
    brand: str
    model: str
    serial_number: str
    owner: str
    purchase_value: Decimal | None
    currency: str
    purchased_on: date | None


@dataclass
class ListPlan:
    new: list[Planned] = field(default_factory=list)
    known: list[Planned] = field(default_factory=list)  # already here: nothing happens
    refused: list[Refusal] = field(default_factory=list)


class _NotUnderstood(Exception):
    def __init__(self, reason: str, **facts: str | int) -> None:
        self.reason, self.facts = reason, facts
        super().__init__(reason)


def plan_of(lines: Iterable[Line], organisation: Organisation) -> ListPlan:
    """What taking in these lines would do now; four queries for any number of lines."""
    plan = ListPlan()
    known = vocabulary()
    understood: list[Planned] = []
    for line in lines:
        try:
            understood.append(_understand(line, known, organisation))
        except _NotUnderstood as problem:
            plan.refused.append(Refusal(line.line, problem.reason, problem.facts))
    here = Instrument.objects.filter(organisation=organisation, kind__in={row.kind for row in understood})
    by_number, by_serial = {}, {}
    for kind, number, serial in here.values_list("kind", "number", "serial_number"):
        by_number[kind, number] = serial
        by_serial[kind, serial.casefold()] = number
    lines_of: dict[tuple[str, str, str], int] = {}
    for row in understood:
        keys = [("number", row.kind.pk, row.number)] if row.number else []
        keys += [("serial", row.kind.pk, row.serial_number.casefold())] if row.serial_number else []
        earlier = next((lines_of[key] for key in keys if key in lines_of), None)
        lines_of |= {key: lines_of.get(key, row.line) for key in keys}
        number_here = by_serial.get((row.kind.pk, row.serial_number.casefold())) if row.serial_number else None
        serial_here = by_number.get((row.kind.pk, row.number)) if row.number else None
        if earlier is not None:
            plan.refused.append(Refusal(row.line, "twice", {"other": earlier}))
        elif serial_here and row.serial_number and serial_here.casefold() != row.serial_number.casefold():
            plan.refused.append(Refusal(row.line, "other_serial"))
        elif number_here and row.number and number_here != row.number:
            plan.refused.append(Refusal(row.line, "other_number"))
        elif serial_here is not None or number_here is not None:
            plan.known.append(row)
        else:
            plan.new.append(row)
    plan.refused.sort(key=lambda refusal: refusal.line)
    return plan


def _understand(line: Line, known: Vocabulary, organisation: Organisation) -> Planned:
    values = line.values
    kind, size = _kind_and_size(values.get("kind", ""), values.get("size", ""), known)
    amount, currency = _amount(values.get("purchase_value", ""), values.get("currency", ""), organisation)
    try:
        purchased_on = lists.read_date(values.get("purchased_on", ""))
    except ValueError:
        raise _NotUnderstood("date", value=values["purchased_on"]) from None
    if not values.get("number") and not values.get("serial_number"):
        raise _NotUnderstood("no_number")
    return Planned(
        line=line.line,
        kind=kind,
        size=size,
        purchase_value=amount,
        currency=currency,
        purchased_on=purchased_on,
        **{name: values.get(name, "") for name in ("number", "brand", "model", "serial_number", "owner")},
    )


def _kind_and_size(kind_text: str, size_text: str, known: Vocabulary) -> tuple[InstrumentKind, Size | None]:
    """Also "Viool 1/2" in one cell."""
    if not kind_text:
        raise _NotUnderstood("kind_missing")
    kind = known.kind(kind_text)
    if kind is None and " " in kind_text:
        words, last = kind_text.rsplit(" ", 1)
        kind = known.kind(words)
        if kind is not None and not size_text:
            size_text = last
        elif kind is not None:
            kind = None
    if kind is None:
        raise _NotUnderstood("kind_unknown", value=kind_text)
    if not size_text:
        return kind, None
    size = known.size(kind, size_text)
    if size is None:
        raise _NotUnderstood("size_unknown", value=size_text)
    return kind, size


def _amount(text: str, currency: str, organisation: Organisation) -> tuple[Decimal | None, str]:
    """Money keeps the currency it was written in: one that is not named is the organisation's."""
    named = lists.currency_in(currency) if currency else ""
    if named is None:
        raise _NotUnderstood("currency", value=currency)
    if not text:
        return None, named or organisation.currency
    beside = lists.currency_in(text)
    if beside and named and beside != named:
        raise _NotUnderstood("currencies")
    try:
        amount = read_amount(text)
    except ValueError:
        raise _NotUnderstood("amount", value=text) from None
    if beside is None:  # "f 250": a guilder, but of which island?
        raise _NotUnderstood("currency", value=text)
    if amount >= 10**8:
        raise _NotUnderstood("amount", value=text)
    return amount, named or beside or organisation.currency
