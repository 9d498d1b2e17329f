"""Input about gifts and their givers."""

from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from leerorkest.music.models import InstrumentKind
from leerorkest.network.models import Organisation, Site

from ..models import Donor
from ..rules import Assessment
from .instruments import TakeIn, _limit

ASSESSMENTS = [
    (Assessment.PLAYABLE.value, _("Playable as it is")),
    (Assessment.WORK.value, _("Playable after some work")),
    (Assessment.NO.value, _("Not for children to play")),
]
STEPS = {
    "assess": _("To be assessed"),
    "refurbish": _("In the workshop"),
    "take_in": _("Ready to be taken in"),
    "taken_in": _("Taken in"),
    "declined": _("Not taken in"),
}


class NewGift(forms.Form):
    """A gift, of somebody who gave before or of somebody new."""

    donor = forms.ModelChoiceField(
        Donor.objects.none(), label=_("Gave before"), required=False, empty_label=_("Somebody new"), to_field_name="uid"
    )
    organisation = forms.ModelChoiceField(Organisation.objects.none(), label=_("Given to"), empty_label=None)
    name = forms.CharField(label=_("Name of the giver"), max_length=80, required=False)
    is_anonymous = forms.BooleanField(label=_("Wants to stay unnamed"), required=False)
    contact = forms.CharField(
        label=_("Where to thank them"), max_length=120, required=False, help_text=_("A mail address, for example.")
    )
    kind = forms.ModelChoiceField(InstrumentKind.objects, label=_("Kind"))
    description = forms.CharField(
        label=_("What it is"), max_length=200, required=False, help_text=_("The instrument, and its story before.")
    )
    came_in_on = forms.DateField(
        label=_("Came in on"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *data: Any, donors: QuerySet[Donor], organisations: QuerySet[Organisation], today: date) -> None:
        super().__init__(*data)
        self.fields["came_in_on"].initial = today
        self.today = today
        _limit(self, "donor", donors)
        self.fields["donor"].label_from_instance = lambda donor: donor.name  # type: ignore[attr-defined]
        _limit(self, "organisation", organisations)

    def clean_came_in_on(self) -> date:
        on: date = self.cleaned_data["came_in_on"]
        if not date(1900, 1, 1) <= on <= self.today:
            raise forms.ValidationError(_("Choose today or a day before."))
        return on

    def clean(self) -> dict[str, Any]:
        values = self.cleaned_data
        if not values.get("donor") and not values.get("name"):
            self.add_error("name", _("Write who gives it. They can still stay unnamed."))
        return values


class Assess(forms.Form):
    assessment = forms.ChoiceField(label=_("How it is"), choices=ASSESSMENTS)
    note = forms.CharField(label=_("Note"), max_length=200, required=False, help_text=_("About the instrument."))

    def clean_assessment(self) -> Assessment:
        return Assessment(self.cleaned_data["assessment"])


class TakeInGift(TakeIn):
    """As any instrument; its kind and its owner are known."""

    def __init__(self, *data: Any, kind: InstrumentKind, sites: QuerySet[Site], **options: Any) -> None:
        super().__init__(*data, sites=sites, **options)
        self.known_kind = kind
        del self.fields["owner"], self.fields["kind"]

    def clean(self) -> dict[str, Any]:
        self.cleaned_data["kind"] = self.known_kind
        return super().clean()
