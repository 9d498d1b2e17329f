"""What a scanned label is, and what to do with it: one sentence for each case, for every page that scans."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from leerorkest.network.models import Organisation

from ..models import Instrument
from ..rules import TagFound, readable, what_it_is

SENTENCES = {
    TagFound.OURS: _("This is %(instrument)s."),
    TagFound.RETIRED: _("%(instrument)s is retired. Put it aside and ask who retired it."),
    TagFound.UNCLAIMED: _("%(tag)s is a new label. Say first which instrument it is on."),
    TagFound.ELSEWHERE: _("%(tag)s belongs to another leerorkest. Put it aside and tell your coordinator."),
    TagFound.UNKNOWN: _("%(tag)s is a whole code, but no instrument has it. Put it aside and print a new label."),
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


def facts(tag: str, instrument: Instrument | None) -> dict[str, str]:
    return {"tag": readable(tag), "instrument": instrument.name if instrument else ""}


def read_texts(organisation: Organisation | int, texts: Iterable[str]) -> dict[str, ReadTag]:
    """{text: what it is}, in a few queries for any number of texts. Instruments come with their parties.

    Of another organisation only that much is told: who scans it has the thing in hand and must know where to turn.
    """
    organisation_id = organisation if isinstance(organisation, int) else organisation.pk
    by_text = {text: what_it_is(text) for text in texts}
    sound = {tag for tag, problem in by_text.values() if problem is None}
    known = {row.tag: row for row in Instrument.objects.filter(tag__in=sound).with_parties()}

    def read(tag: str, problem: TagFound | None) -> ReadTag:
        row = known.get(tag)
        if problem is not None:
            return ReadTag(tag, problem)
        if row is None:
            return ReadTag(tag, TagFound.UNKNOWN)
        if row.organisation_id != organisation_id:
            return ReadTag(tag, TagFound.ELSEWHERE)
        return ReadTag(tag, TagFound.RETIRED if row.retired_on else TagFound.OURS, row)

    return {text: read(tag, problem) for text, (tag, problem) in by_text.items()}
