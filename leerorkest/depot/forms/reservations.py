"""Input for reservations: where to, when, and lines of kind, size and number."""

import uuid
from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from leerorkest.music.models import InstrumentKind
from leerorkest.network.models import Site
from leerorkest.shared.lookup import Lookup

from .. import rules
from ..actions.reservations import Wanted
from ..models import Instrument, Instruments
from ..queries.tags import current_tag
from .instruments import _offer_sites as offer_sites

LINES = 2  # on an empty form; more can be asked for


def kinds_and_sizes() -> list[InstrumentKind]:
    return list(InstrumentKind.objects.prefetch_related("sizes"))


class KindAndSize(forms.ChoiceField):
    """ "Violin ½" as one choice, worth (kind, size)."""

    def offer(self, kinds: Iterable[InstrumentKind]) -> None:
        self.known: dict[str, tuple[Any, Any]] = {}
        choices: list[tuple[str, str]] = [("", "–")]
        for kind in kinds:
            sizes: list[Any] = list(kind.sizes.all())
            for size in sizes or [None]:
                value = f"{kind.pk}:{size.code if size else ''}"
                self.known[value] = (kind, size)
                choices.append((value, f"{kind} {size}" if size else str(kind)))
        self.choices = choices

    def clean(self, value: Any) -> tuple[Any, Any] | None:
        return self.known.get(super().clean(value))


class Line(forms.Form):
    number = forms.IntegerField(label=_("How many"), min_value=1, max_value=999, required=False)
    what = KindAndSize(label=_("Kind and size"), required=False)
    along = forms.CharField(label=_("What goes along"), max_length=60, required=False)

    def clean(self) -> dict[str, Any]:
        values = self.cleaned_data
        if values.get("number") and not values.get("what") and "what" not in self.errors:
            self.add_error("what", _("Choose what you need so many of."))
        if values.get("what") and not values.get("number") and "number" not in self.errors:
            self.add_error("number", _("Say how many you need."))
        return values


def lines(data: Any, count: int, initial: list[dict[str, Any]] | None = None) -> list[Line]:
    """So many line forms, each with its own prefix, that share one query for the kinds."""
    kinds = kinds_and_sizes()
    found = []
    for n in range(count):
        line = Line(data, prefix=f"line{n}", initial=(initial or [])[n] if n < len(initial or []) else None)
        field = line.fields["what"]
        assert isinstance(field, KindAndSize)
        field.offer(kinds)
        found.append(line)
    return found


def count_in(data: Any) -> int:
    """How many lines were sent."""
    return next((n for n in range(40) if f"line{n}-what" not in data), 40) or LINES


def wanted_in(forms_of_lines: list[Line]) -> list[Wanted] | None:
    """What the lines ask for; None when one of them has a mistake."""
    valid = [line.is_valid() for line in forms_of_lines]  # each shows its own mistake
    if not all(valid):
        return None
    return [
        Wanted(kind, size, number=line.cleaned_data["number"], along=line.cleaned_data["along"])
        for line in forms_of_lines
        if line.cleaned_data.get("what")
        for kind, size in [line.cleaned_data["what"]]
    ]


class Reserve(forms.Form):
    reservation_id = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    site = Lookup(Site.objects.none(), by=("name", "town"), label=_("For which place"))
    from_on = forms.DateField(
        label=_("From which day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    until_on = forms.DateField(
        label=_("Back on"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Leave this empty when they stay there."),
    )
    note = forms.CharField(label=_("Note"), max_length=200, required=False)

    def __init__(self, *data: Any, sites: QuerySet[Site], **options: Any) -> None:
        super().__init__(*data, **options)
        offer_sites(self, sites)


class Scan(forms.Form):
    """One scanned label. The id makes that a second press changes nothing."""

    pick_id = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    tag = forms.CharField(
        label=_("Scan or type a label"),
        max_length=200,
        widget=forms.TextInput(
            attrs={"autocapitalize": "characters", "autocomplete": "off", "spellcheck": "false", "inputmode": "text"}
        ),
    )

    def __init__(self, *data: Any, instruments: Instruments, **options: Any) -> None:
        super().__init__(*data, **options)
        self.instruments = instruments

    def clean_tag(self) -> Instrument:
        tag = current_tag(self.cleaned_data["tag"])
        found = self.instruments.filter(tag=tag).first()
        if found is None:
            if rules.tag_is_sound(tag):
                raise forms.ValidationError(_("%(tag)s is not a label of an instrument here."), params={"tag": tag})
            raise forms.ValidationError(_("%(tag)s is not a whole code. Read the label again."), params={"tag": tag})
        return found


def today_or_later(text: str, today: date) -> date:
    """A day out of an address; today for anything else."""
    try:
        return max(today, date.fromisoformat(text))
    except ValueError:
        return today
