"""Input of the pages of the workshop."""

from datetime import date, timedelta
from typing import Any, cast

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from leerorkest.music.models import InstrumentKind, Size
from leerorkest.network.models import Organisation, Site
from leerorkest.people.models import Account

from ..models import DefectKind, StepKind
from ..rules import Mending

OUTCOMES = [
    (Mending.MENDED.value, _("Mended")),
    (Mending.ELSEWHERE.value, _("Mended by somebody outside")),
    (Mending.NOTHING.value, _("Nothing was wrong")),
    (Mending.BEYOND.value, _("Beyond repair: it leaves for good")),
]


EARLIEST = date(2000, 1, 1)  # no programme is older


def _rows(form: forms.Form, name: str, rows: QuerySet[Any]) -> None:
    cast(forms.ModelChoiceField, form.fields[name]).queryset = rows


def _day(**options: Any) -> forms.DateField:
    return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **options)


class Open(forms.Form):
    repair_id = forms.UUIDField(widget=forms.HiddenInput)
    workshop = forms.ModelChoiceField(Site.objects.none(), label=_("Workshop"))
    on_site = forms.BooleanField(label=_("The workshop comes to the instrument"), required=False)

    def __init__(self, *data: Any, workshops: QuerySet[Site]) -> None:
        super().__init__(*data)
        _rows(self, "workshop", workshops)


class Minutes(forms.Form):
    minutes = forms.IntegerField(label=_("Minutes"), min_value=1, max_value=600, initial=10)


class Assign(forms.Form):
    to = forms.ModelChoiceField(Account.objects.none(), label=_("Who does the work"))

    def __init__(self, *data: Any, workers: QuerySet[Account]) -> None:
        super().__init__(*data)
        _rows(self, "to", workers)


class AddStep(forms.Form):
    kind = forms.ModelChoiceField(StepKind.objects.all(), label=_("One more step"))


class Finish(forms.Form):
    outcome = forms.TypedChoiceField(label=_("How it ended"), choices=OUTCOMES, coerce=Mending)
    cost = forms.DecimalField(
        label=_("Bill from outside"), min_value=0, max_digits=10, decimal_places=2, required=False
    )


class Movement(forms.Form):
    movement_id = forms.UUIDField()
    quantity = forms.IntegerField(min_value=0, max_value=999)


class NewPart(forms.Form):
    site = forms.ModelChoiceField(Site.objects.none(), label=_("Workshop"))
    name = forms.CharField(label=_("Part"), max_length=80)
    kind = forms.ModelChoiceField(InstrumentKind.objects, label=_("For which kind"), required=False)
    size = forms.CharField(label=_("Size"), max_length=12, required=False, help_text=_("For example 1/2."))
    mends = forms.ModelMultipleChoiceField(DefectKind.objects, label=_("What it mends"), required=False)
    reorder_at = forms.IntegerField(label=_("Order when so many are left"), min_value=0, max_value=999, initial=2)
    price = forms.DecimalField(label=_("Price of one"), min_value=0, max_digits=8, decimal_places=2, required=False)

    def __init__(self, *data: Any, workshops: QuerySet[Site]) -> None:
        super().__init__(*data)
        _rows(self, "site", workshops)

    def clean(self) -> dict[str, Any]:
        values = self.cleaned_data
        written, values["size"] = values.get("size"), None
        if written:
            kind = values.get("kind")
            values["size"] = Size.objects.filter(kind=kind, code=written).first() if kind else None
            if values["size"] is None:
                self.add_error("size", _("This kind has no such size. Write for example 1/2, or leave it empty."))
        return values


class Rule(forms.Form):
    organisation = forms.ModelChoiceField(Organisation.objects.none(), label=_("Organisation"))
    name = forms.CharField(label=_("What has to be done"), max_length=80, help_text=_("For example: new strings."))
    kind = forms.ModelChoiceField(InstrumentKind.objects, label=_("Kind"))
    brand = forms.CharField(label=_("Brand"), max_length=60, required=False)
    model = forms.CharField(label=_("Model"), max_length=60, required=False)
    every_months = forms.IntegerField(
        label=_("Every so many months"),
        min_value=1,
        max_value=120,
        required=False,
        help_text=_("Leave it empty to call them back once."),
    )
    due_on = _day(label=_("First time before"))
    blocks = forms.BooleanField(label=_("Not lent while it is overdue"), required=False)

    def __init__(self, *data: Any, organisations: QuerySet[Organisation]) -> None:
        super().__init__(*data)
        _rows(self, "organisation", organisations)
        self.fields["organisation"].initial = organisations.values_list("pk", flat=True).first()


class Between(forms.Form):
    """Two days; without them the four weeks before today."""

    first = _day(label=_("From"), required=False)
    until = _day(label=_("Until"), required=False, help_text=_("The first day that no longer counts."))

    def days(self, today: date, first: date) -> tuple[date, date]:
        self.is_valid()
        values = getattr(self, "cleaned_data", {})
        start = max(values.get("first") or first, EARLIEST)
        end = min(values.get("until") or today, today + timedelta(days=1))  # nobody is without anything yet
        return (start, end) if start < end else (first, today)
