"""What a scanned label is, and what to do with it: one sentence for each case, for every page that scans."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.db.models import FilteredRelation, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from leerorkest.network.models import Organisation
from leerorkest.shared.names import own_name

from ..models import Instrument, Instruments, Label
from ..rules import Level, TagFound, name_of, read_tag, readable, what_it_is

SENTENCES = {
    TagFound.OURS: _("This is %(instrument)s."),
    TagFound.RETIRED: _("%(instrument)s is retired. Put it aside and ask who retired it."),
    TagFound.UNCLAIMED: _("%(tag)s is a new label. Say first which instrument it is on."),
    TagFound.ELSEWHERE: _("%(tag)s belongs to another leerorkest. Put it aside and tell your coordinator."),
    TagFound.UNKNOWN: _("%(tag)s is a whole code, but no instrument here has it. Put it aside and print a new label."),
    TagFound.DAMAGED: _("%(tag)s was not read well. Clean the label and scan again, or type what stands under it."),
    TagFound.NO_LABEL: _("This code is not a label of ours. Look for the label with eight letters and figures."),
}


@dataclass(frozen=True)
class ReadTag:
    """What one scanned text is, for one organisation."""

    tag: str
    found: TagFound
    instrument: Instrument | None = None  # only of this organisation

    @property
    def sentence(self) -> str:
        return str(SENTENCES[self.found] % facts(self.tag, self.instrument))


class Scanned(NamedTuple):
    """What a desk must know of a label before the next step: one row, and no model is made of it."""

    uid: uuid.UUID
    tag: str
    number: str
    retired_on: date | None
    kind: str  # its code
    name_nl: str
    name_en: str
    name_pap_aw: str
    name_pap_cw: str
    size: str | None  # as it is read: "½"
    size_code: str | None
    holding: uuid.UUID | None  # the custody of who holds it

    @property
    def name(self) -> str:
        """As `Instrument.name`."""
        return name_of(own_name(self), self.size or "", self.number, self.tag)


_COLUMNS = (
    *("uid", "tag", "number", "retired_on", "kind_id"),
    *("kind__name_nl", "kind__name_en", "kind__name_pap_aw", "kind__name_pap_cw", "size__label", "size__code"),
    "held__pk",
)


def as_scanned(instruments: Instruments) -> QuerySet[Instrument, tuple[object, ...]]:
    """The rows of `Scanned`, for a door to prepare: Scanned._make(row)."""
    holds = Q(custodies__ended_at=None, custodies__level=Level.HOLDER.value)
    return instruments.annotate(held=FilteredRelation("custodies", condition=holds)).order_by().values_list(*_COLUMNS)


def facts(tag: str, instrument: Instrument | None) -> dict[str, str]:
    return {"tag": readable(tag), "instrument": instrument.name if instrument else ""}


def current_tags(tags: Iterable[str]) -> dict[str, str]:
    """{old tag: the tag that the same instrument has now}, for those of `tags` that were replaced."""
    replaced = Label.objects.filter(tag__in=list(tags), replaced_at__isnull=False)
    return dict(replaced.values_list("tag", "instrument__tag"))


def current_tag(text: str) -> str:
    """The tag in a scanned or typed text, or the newer one of the same instrument."""
    tag = read_tag(text)
    return current_tags([tag]).get(tag, tag)


def read_texts(organisation: Organisation | int, texts: Iterable[str]) -> dict[str, ReadTag]:
    """{text: what it is}, in a few queries for any number of texts. Instruments come with their parties.

    Of another organisation only that much is told: who scans it has the thing in hand and must know where to turn.
    """
    organisation_id = organisation if isinstance(organisation, int) else organisation.pk
    by_text = {text: what_it_is(text) for text in texts}
    sound = {tag for tag, problem in by_text.values() if problem is None}
    now = {tag: tag for tag in sound} | current_tags(sound)
    rows = {row.tag: row for row in Instrument.objects.filter(tag__in=now.values()).with_parties()}
    known = {tag: rows[current] for tag, current in now.items() if current in rows}
    ahead = Label.objects.unclaimed().filter(tag__in=sound - known.keys()).values_list("tag", "organisation")
    unclaimed = dict(ahead) if len(known) < len(sound) else {}

    def read(tag: str, problem: TagFound | None) -> ReadTag:
        row = known.get(tag)
        if problem is not None:
            return ReadTag(tag, problem)
        if tag in unclaimed:
            return ReadTag(tag, TagFound.UNCLAIMED if unclaimed[tag] == organisation_id else TagFound.ELSEWHERE)
        if row is None:
            return ReadTag(tag, TagFound.UNKNOWN)
        if row.organisation_id != organisation_id:
            return ReadTag(tag, TagFound.ELSEWHERE)
        return ReadTag(tag, TagFound.RETIRED if row.retired_on else TagFound.OURS, row)

    return {text: read(tag, problem) for text, (tag, problem) in by_text.items()}


def what_is(text: str) -> str:
    """What is wrong with a text that leads to no instrument of this reader; empty when it is no code at all.

    Whose a whole code is, is not said: that is told only to who counts a place.
    """
    tag, problem = what_it_is(text)
    if problem is TagFound.NO_LABEL and "/" not in text:
        return ""  # a number, a name
    return ReadTag(tag, problem or TagFound.UNKNOWN).sentence
