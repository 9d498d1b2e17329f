"""Three lines for the next colleague."""

from django import forms
from django.utils.translation import gettext_lazy as _

from ..rules import MOST_LEFT


class NextTimeForm(forms.Form):
    text = forms.CharField(
        label=_("For the next lesson"),
        widget=forms.Textarea({"rows": 3, "maxlength": MOST_LEFT}),
        required=False,
        help_text=_("Three lines at most. Never name a child: what you saw of a child is noted in the register."),
    )
