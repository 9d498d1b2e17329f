from typing import Any, cast

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from leerorkest.network.models import Organisation, Site
from leerorkest.shared.lookup import Lookup

from .models import ROLES, Account
from .rules import Role


def day_field(**options: Any) -> forms.DateField:
    return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **options)


class PostingForm(forms.Form):
    role = forms.TypedChoiceField(label=_("Role"), choices=ROLES, coerce=Role)
    site = Lookup(
        Site.objects.none(),
        by=("name", "town"),
        label=_("Place"),
        required=False,
        empty_label=_("The whole organisation"),
        help_text=_("A school head needs a school. A teacher gets groups on the page of the school."),
    )
    from_on = day_field(label=_("From"))
    until_on = day_field(label=_("Until"), required=False, help_text=_("The first day it no longer holds."))

    def __init__(self, *args: Any, organisation: Organisation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        place = cast(forms.ModelChoiceField, self.fields["site"])
        place.queryset = organisation.sites.filter(closed_on=None)


class InvitationForm(PostingForm):
    name = forms.CharField(label=_("Name"), max_length=80)
    email = forms.EmailField(label=_("E-mail address"))
    field_order = ["name", "email", "role", "site", "from_on", "until_on"]


class EndPostingForm(forms.Form):
    until_on = day_field(label=_("Until"), help_text=_("The first day it no longer holds."))


class VogForm(forms.Form):
    seen_on = day_field(label=_("Certificate of conduct (VOG) seen on"), required=False)


class AcceptForm(forms.Form):
    """The code comes from the link's fragment; a script puts it here, or the person pastes it."""

    secret = forms.CharField(
        label=_("Code from your invitation"),
        max_length=200,
        help_text=_("It stands in the link after the # sign. Most of the time it is filled in for you."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "data-from-fragment": ""}),
    )
    password = forms.CharField(
        label=_("New password"),
        required=False,
        strip=False,
        help_text=_("At least 12 characters. Three or four unusual words are easy to remember."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=_("The same password again"),
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean_secret(self) -> str:
        return str(self.cleaned_data["secret"]).rpartition("#")[2].strip()

    def check_password(self, account: Account) -> None:
        password, again = self.cleaned_data.get("password", ""), self.cleaned_data.get("again", "")
        if not password:
            self.add_error("password", _("Choose a password, or go on with a passkey."))
        elif password != again:
            self.add_error("again", _("The two passwords differ. Type the same one twice."))
        else:
            try:
                validate_password(password, account)
            except ValidationError as errors:
                self.add_error("password", errors)
