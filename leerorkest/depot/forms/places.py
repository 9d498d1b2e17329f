"""Input about places and owners."""

import re
from datetime import date
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from leerorkest.network.models import Organisation, Site
from leerorkest.shared.lookup import Lookup

from .. import labels, rules
from .instruments import Chosen, OnceForm, _limit, _offer_sites

YEARS = [
    ("", _("As for all schools")),
    ("1", _("At once")),
    ("2", _("From the second year")),
    ("3", _("From the third year")),
    ("0", _("Never: it stays at school")),
]


class OnAnyDate(forms.Form):
    on = forms.DateField(label=_("Date"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    time = forms.TimeField(
        label=_("Time"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )

    def __init__(self, *data: Any, latest: date) -> None:
        super().__init__(*data)
        self.latest = latest
        self.fields["on"].widget.attrs["max"] = latest.isoformat()

    def clean_on(self) -> date:
        on: date = self.cleaned_data["on"]
        if on > self.latest:
            raise forms.ValidationError(_("This day is still to come. Choose today or a day before."))
        if on.year < 1600:  # a moment in another zone would fall out of the calendar
            raise forms.ValidationError(_("This is not a date. Write for example 31-12-2025."))
        return on


class Move(Chosen):
    """Where to, and what. A hand scanner may read the label of a shelf into the box with the others."""

    PLACES = [
        ("site", _("On a shelf or in a room")),
        ("transit", _("On the way there")),
        ("home", _("At home with who has it")),
        ("unknown", _("Nobody knows where")),
    ]
    where = forms.ChoiceField(label=_("What sort of place"), choices=PLACES, initial="site")
    site = Lookup(Site.objects.none(), by=("name", "town"), label=_("Place"), required=False)
    shelf = forms.CharField(
        label=_("Shelf or room"),
        max_length=rules.MOST_OF_SHELF,
        required=False,
        widget=forms.TextInput(attrs={"list": "shelves", "autocomplete": "off"}),
    )
    field_order = ["handover_id", "where", "site", "shelf", "tags"]

    def __init__(self, data: Any = None, *, sites: QuerySet[Site], **options: Any) -> None:
        if data is not None:
            data = _with_scanned_shelf(data)
        super().__init__(data, **options)
        _offer_sites(self, sites)

    def clean_where(self) -> rules.Where:
        return rules.Where(self.cleaned_data["where"])

    def clean_shelf(self) -> str:
        return rules.read_shelf(self.cleaned_data["shelf"])

    def clean(self) -> dict[str, Any]:
        values = self.cleaned_data
        where = values.get("where")
        if where in (rules.Where.SITE, rules.Where.TRANSIT) and not values.get("site"):
            self.add_error("site", _("Choose the place."))
        if where in (rules.Where.HOME, rules.Where.UNKNOWN):
            values["site"], values["shelf"] = None, ""
        return values


def _with_scanned_shelf(data: Any) -> Any:
    """A line such as "https://…/depot/move/?site=3&shelf=A3" fills in place and shelf, and is no label of an
    instrument."""
    lines = re.split(r"[\r\n]+", data.get("tags", "")[:60_000])
    shelves = [line for line in lines if "shelf=" in line]
    if not shelves:
        return data
    data = data.copy()
    data["tags"] = "\n".join(line for line in lines if line not in shelves)
    asked = parse_qs(urlsplit(shelves[-1].strip()).query)
    data["where"] = "site"
    for name in ("site", "shelf"):
        if asked.get(name):
            data[name] = asked[name][0]
    return data


class ShelfLabels(forms.Form):
    site = Lookup(Site.objects.none(), by=("name", "town"), label=_("Place"))
    shelves = forms.CharField(
        label=_("Shelves"),
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("One on a line, for example A1."),
    )
    sheet = forms.ChoiceField(
        label=_("Sheet or roll"), choices=[(sheet.key, sheet.words) for sheet in labels.SHEETS.values()]
    )

    def __init__(self, *data: Any, sites: QuerySet[Site], **options: Any) -> None:
        super().__init__(*data, **options)
        _offer_sites(self, sites)

    def clean_shelves(self) -> list[str]:
        lines = [rules.read_shelf(line) for line in self.cleaned_data["shelves"].splitlines()]
        shelves = list(dict.fromkeys(line for line in lines if line))
        if not shelves:
            raise forms.ValidationError(_("Name at least one shelf."))
        if len(shelves) > 500:
            raise forms.ValidationError(_("These are more than 500 shelves. Print them in parts."))
        return shelves

    def clean_sheet(self) -> labels.Sheet:
        return labels.SHEETS[self.cleaned_data["sheet"]]


class ChangeOwner(OnceForm):
    owner = forms.CharField(
        label=_("Owner"),
        max_length=80,
        required=False,
        help_text=_("A city, a fund, a person. Leave it empty when it belongs to your own organisation."),
    )
    note = forms.CharField(label=_("Note"), max_length=200, required=False, help_text=_("About the instrument."))


class HomeRuleForm(forms.Form):
    organisation = forms.ModelChoiceField(Organisation.objects.none(), label=_("Organisation"), empty_label=None)
    site = Lookup(
        Site.objects.none(), by=("name", "town"), label=_("School"), required=False, empty_label=_("All schools")
    )
    home_from_year = forms.ChoiceField(label=_("It goes home"), choices=YEARS, required=False)

    def __init__(self, *data: Any, organisations: QuerySet[Organisation], sites: QuerySet[Site]) -> None:
        super().__init__(*data)
        _limit(self, "organisation", organisations)
        _limit(self, "site", sites)

    def clean_home_from_year(self) -> int | None:
        chosen = self.cleaned_data["home_from_year"]
        return int(chosen) if chosen else None

    def clean(self) -> dict[str, Any]:
        values = self.cleaned_data
        if values.get("home_from_year") is None and not values.get("site") and "home_from_year" in values:
            self.add_error("home_from_year", _("Choose from which year on."))
        return values
