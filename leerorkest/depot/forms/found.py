"""What a stranger writes, and what came of it."""

import uuid

from django import forms
from django.utils.translation import gettext_lazy as _

from ..rules import FoundOutcome

OUTCOMES = {
    FoundOutcome.BACK: _("It is back"),
    FoundOutcome.NOT_OURS: _("It is not ours"),
    FoundOutcome.NOTHING: _("Nothing to do"),
}


class Found(forms.Form):
    """`website` is a trap: people do not see it, machines fill it in."""

    notice_id = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    message = forms.CharField(
        label=_("Where is it, and how do we get it back?"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("For example: it lies at the desk of the library. Do not write who you are."),
    )
    reply = forms.CharField(
        label=_("How can we answer you?"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("Only if you like. We erase it when the instrument is back."),
    )
    website = forms.CharField(required=False, widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}))

    @property
    def is_by_a_machine(self) -> bool:
        return bool(self.cleaned_data.get("website"))


class Handled(forms.Form):
    outcome = forms.ChoiceField(choices=[(outcome.value, words) for outcome, words in OUTCOMES.items()])
