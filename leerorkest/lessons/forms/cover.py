"""Who cannot come, and for what somebody may be asked."""

from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from leerorkest.music.models import FAMILIES
from leerorkest.people.models import Account


class AwayForm(forms.Form):
    """Whom: a coordinator chooses; a teacher reports herself only, and sees no choice."""

    who: Any = forms.ModelChoiceField(label=_("Who cannot come?"), queryset=Account.objects.none(), to_field_name="uid")
    on: Any = forms.DateField(label=_("Day"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))

    def __init__(self, *arguments: Any, teachers: Any = None, **values: Any) -> None:
        super().__init__(*arguments, **values)
        if teachers is None:
            del self.fields["who"]
        else:
            self.fields["who"].queryset = teachers  # type: ignore[attr-defined]


class StandInForm(forms.Form):
    families = forms.MultipleChoiceField(
        label=_("Which instruments can you teach, beside those of your own lessons?"),
        choices=FAMILIES,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    weekdays = forms.TypedMultipleChoiceField(
        label=_("On which days may we ask you, beside those of your own lessons?"),
        choices=list(WEEKDAYS.items())[:6],
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    hours_a_week = forms.DecimalField(
        label=_("How many hours of lessons a week at most?"),
        help_text=_("Leave it empty when nothing was agreed."),
        min_value=0,
        max_value=60,
        decimal_places=2,
        required=False,
    )
