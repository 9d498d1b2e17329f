from django import forms
from django.utils.translation import gettext_lazy as _


class StoryForm(forms.Form):
    """The secret of a giver's link. It stands in the fragment, which no server or proxy sees, until it is posted."""

    secret = forms.CharField(
        label=_("The code at the end of your link"),
        max_length=100,
        widget=forms.TextInput(attrs={"data-from-fragment": "", "autocomplete": "off", "spellcheck": "false"}),
    )
