"""Asking a depot for instruments, and answering line by line."""

import uuid
from typing import Any, cast

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from leerorkest.music.models import Size
from leerorkest.network.models import Organisation, Site
from leerorkest.shared.lookup import Lookup

from ..actions.requests import Grant
from ..models import InstrumentRequest, RequestLine
from ..rules import Terms
from .instruments import _offer_sites as offer_sites

TERMS = {
    Terms.ISSUE: _("Issue"),
    Terms.LOAN: _("Loan: they come back on a day"),
    Terms.GIFT: _("Gift: they belong to the other side"),
    Terms.RETURN: _("Return of a loan"),
}
DAY: dict[str, Any] = {"attrs": {"type": "date"}, "format": "%Y-%m-%d"}


class Ask(forms.Form):
    request_id = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    site = forms.ModelChoiceField(
        Site.objects.none(), label=_("Where they are needed"), required=False, empty_label="–"
    )
    outside = forms.CharField(
        label=_("Or for a programme of somebody else"),
        required=False,
        max_length=120,
        help_text=_("Its name, when it does not work with Leerorkest. You ask and receive for them."),
    )
    asked_of = forms.ModelChoiceField(
        Organisation.objects.none(), label=_("Whose depot"), to_field_name="key", empty_label=None
    )
    terms = forms.ChoiceField(
        label=_("On what terms"),
        choices=[(Terms.LOAN.value, TERMS[Terms.LOAN]), (Terms.GIFT.value, TERMS[Terms.GIFT])],
        help_text=_("Only between two cities. Within one it is simply issued."),
        required=False,
    )
    needed_on = forms.DateField(label=_("Needed there on"), widget=forms.DateInput(**DAY))
    until_on = forms.DateField(
        label=_("Back on"),
        required=False,
        widget=forms.DateInput(**DAY),
        help_text=_("Leave this empty when they stay there."),
    )
    note = forms.CharField(
        label=_("Note"), max_length=200, required=False, help_text=_("About the instruments, never about a child.")
    )

    def __init__(
        self, *data: Any, sites: QuerySet[Site], depots: QuerySet[Organisation], may_ask_outside: bool, **options: Any
    ) -> None:
        super().__init__(*data, **options)
        offer_sites(self, sites)
        cast(forms.ModelChoiceField, self.fields["asked_of"]).queryset = depots
        if not may_ask_outside:
            del self.fields["outside"]
            self.fields["site"].required = True
        if len(depots[:2]) < 2:
            del self.fields["terms"]

    def clean(self) -> dict[str, Any]:
        values = self.cleaned_data
        if not values.get("site") and not values.get("outside") and "site" not in self.errors:
            self.add_error("site", _("Choose a place, or write the name of a programme."))
        return values


class Answer(forms.Form):
    """One line: how many, in which size, and why not all."""

    number = forms.IntegerField(label=_("You give"), min_value=0, max_value=999)
    size = forms.ModelChoiceField(Size.objects.none(), label=_("Size"), required=False, empty_label="–")
    reason = forms.CharField(label=_("Why fewer, or another size"), max_length=120, required=False)

    def __init__(self, data: Any, *, line: RequestLine) -> None:
        super().__init__(
            data,
            prefix=f"line{line.pk}",
            initial={"number": line.number, "size": line.size_id},
        )
        self.line = line
        sizes = list(line.kind.sizes.all())
        if sizes:
            field = cast(forms.ModelChoiceField, self.fields["size"])
            field.queryset = Size.objects.filter(kind=line.kind_id)
            field.required = True
        else:
            del self.fields["size"]

    def grant(self) -> Grant:
        values = self.cleaned_data
        return Grant(self.line, values["number"], values.get("size"), values["reason"])


def answers(data: Any, request: InstrumentRequest) -> list[Answer]:
    return [Answer(data, line=line) for line in request.lines.all()]


class Send(forms.Form):
    """What goes with the boxes."""

    shipment_id = forms.UUIDField(label=_("Shipments"), widget=forms.HiddenInput, initial=uuid.uuid4)
    terms = forms.ChoiceField(label=_("On what terms"), choices=[])
    due_on = forms.DateField(label=_("Back on"), required=False, widget=forms.DateInput(**DAY))
    boxes = forms.IntegerField(label=_("Boxes"), min_value=1, max_value=500, initial=1)
    carrier = forms.CharField(label=_("Carrier"), max_length=60, required=False)
    reference = forms.CharField(label=_("Its number for the carrier"), max_length=60, required=False)

    def __init__(self, *data: Any, is_home: bool, **options: Any) -> None:
        super().__init__(*data, **options)
        offered = [Terms.ISSUE] if is_home else [Terms.LOAN, Terms.GIFT]
        cast(forms.ChoiceField, self.fields["terms"]).choices = [(one.value, TERMS[one]) for one in offered]
        if is_home:
            self.fields["terms"].widget = forms.HiddenInput()
            self.fields["terms"].initial = Terms.ISSUE.value
            del self.fields["due_on"]

    def clean(self) -> dict[str, Any]:
        values = self.cleaned_data
        if values.get("terms"):
            values["terms"] = Terms(values["terms"])
        return values


class Unpack(forms.Form):
    """One label out of a box, and how the instrument looks."""

    tag = forms.CharField(
        label=_("Scan or type a label"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocapitalize": "characters", "autocomplete": "off", "spellcheck": "false"}),
    )
    condition = forms.ChoiceField(
        label=_("How it looks"),
        choices=[("good", _("Good")), ("damaged", _("Damaged"))],
        widget=forms.RadioSelect,
        initial="good",
    )
    remark = forms.CharField(label=_("What is damaged"), max_length=200, required=False)


class SendBack(forms.Form):
    """Loans that go home."""

    shipment_id = forms.UUIDField(label=_("Shipments"), widget=forms.HiddenInput, initial=uuid.uuid4)
    to_site = Lookup(Site.objects.none(), by=("name", "town"), label=_("To which depot"), empty_label=None)
    boxes = forms.IntegerField(label=_("Boxes"), min_value=1, max_value=500, initial=1)
    carrier = forms.CharField(label=_("Carrier"), max_length=60, required=False)
    reference = forms.CharField(label=_("Its number for the carrier"), max_length=60, required=False)

    def __init__(self, *data: Any, sites: QuerySet[Site], **options: Any) -> None:
        super().__init__(*data, **options)
        cast(forms.ModelChoiceField, self.fields["to_site"]).queryset = sites


class Freight(forms.Form):
    site = forms.ModelChoiceField(
        Site.objects.none(), label=_("To which place"), required=False, empty_label=_("All our places")
    )
    weeks = forms.IntegerField(label=_("Weeks under way"), min_value=0, max_value=52)

    def __init__(self, *data: Any, sites: QuerySet[Site], **options: Any) -> None:
        super().__init__(*data, **options)
        cast(forms.ModelChoiceField, self.fields["site"]).queryset = sites
