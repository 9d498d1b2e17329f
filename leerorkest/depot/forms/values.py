"""Input about values."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from leerorkest.music.models import InstrumentKind
from leerorkest.network.models import Organisation

from .. import rules
from ..lists import CURRENCIES
from .instruments import _limit


class OnDay(forms.Form):
    """Of which organisation, on which day. Without a choice: the first one, today."""

    organisation = forms.ModelChoiceField(
        Organisation.objects.none(), label=_("Organisation"), required=False, empty_label=None, to_field_name="key"
    )
    on = forms.DateField(
        label=_("On"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, data: Any, *, organisations: QuerySet[Organisation], today: date) -> None:
        super().__init__(data, initial={"on": today})
        _limit(self, "organisation", organisations)
        self.today, self.organisations = today, organisations
        if not organisations[1:2]:
            self.fields["organisation"].widget = forms.HiddenInput()

    def chosen(self) -> tuple[Organisation | None, date]:
        self.is_valid()
        wanted = self.cleaned_data
        on = wanted.get("on") or self.today
        return wanted.get("organisation") or self.organisations.first(), min(max(on, date(1900, 1, 1)), self.today)


class ValueRuleForm(forms.Form):
    organisation = forms.ModelChoiceField(Organisation.objects.none(), label=_("Organisation"), empty_label=None)
    kind = forms.ModelChoiceField(
        InstrumentKind.objects, label=_("Kind"), required=False, empty_label=_("All other kinds")
    )
    yearly_percent = forms.IntegerField(label=_("Falls each year by (%)"), min_value=0, max_value=100)
    floor_percent = forms.IntegerField(
        label=_("Never below (%)"), min_value=0, max_value=100, help_text=_("Part of what it cost.")
    )

    def __init__(self, *data: Any, organisations: QuerySet[Organisation]) -> None:
        super().__init__(*data)
        _limit(self, "organisation", organisations)

    def rule(self) -> rules.Depreciation:
        return rules.Depreciation(self.cleaned_data["yearly_percent"], self.cleaned_data["floor_percent"])


class ValueForm(forms.Form):
    purchase_value = forms.CharField(
        label=_("What it cost"), max_length=20, help_text=_("For example 250 or 1.250,50.")
    )
    currency = forms.ChoiceField(label=_("Currency"), choices=[(code, code) for code in CURRENCIES])
    purchased_on = forms.DateField(
        label=_("Bought on"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def clean_purchase_value(self) -> Decimal:
        try:
            return rules.read_amount(self.cleaned_data["purchase_value"])
        except ValueError:
            raise forms.ValidationError(_("This is not an amount. Write for example 250 or 1.250,50.")) from None

    def clean_purchased_on(self) -> date | None:
        on = self.cleaned_data["purchased_on"]
        if on and not 1600 <= on.year <= 2200:
            raise forms.ValidationError(_("This is not a date. Write for example 31-12-2025."))
        return on
