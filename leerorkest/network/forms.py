from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from . import rules
from .models import Holiday, Organisation, Site


class HolidayForm(forms.ModelForm):
    class Meta:
        model = Holiday
        fields = ["name", "sort", "first_on", "last_on", "source", "is_confirmed"]
        labels = {
            "name": _("Name"),
            "sort": _("Kind of holiday"),
            "first_on": _("First day"),
            "last_on": _("Last day"),
            "source": _("Where the dates come from"),
            "is_confirmed": _("The dates are certain"),
        }
        help_texts = {"source": _("For example: circular of the ministry, 3 March.")}
        widgets = {
            "first_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "last_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        }

    def clean_source(self) -> str:
        source = str(self.cleaned_data["source"])
        if source.startswith("holidays "):  # the mark of what the package gave
            raise forms.ValidationError(_("Say who or what gave you these dates."))
        return source

    def validate_constraints(self) -> None:
        """The actions refuse by name, in words a person can use."""


class GradesForm(forms.Form):
    """One field per grade of the organisation."""

    def __init__(self, *args: Any, organisation: Organisation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for grade in organisation.grades.all():
            self.fields[f"grade_{grade.code}"] = forms.CharField(
                label=_("Grade %(code)s") % {"code": grade.code}, max_length=30, initial=grade.name
            )

    @property
    def names(self) -> dict[str, str]:
        return {field.removeprefix("grade_"): value for field, value in self.cleaned_data.items()}


class PointField(forms.CharField):
    """Two numbers as a map copies them, or nothing; cleaned to north and east."""

    def __init__(self, **options: Any) -> None:
        usual: dict[str, Any] = {
            "label": _("On the map"),
            "help_text": _("North and east as a map copies them, for example 52.3731, 4.8922."),
            "max_length": 60,
            "required": False,
        }
        super().__init__(**usual | options)

    def clean(self, value: Any) -> tuple[Decimal, Decimal] | None:
        text = super().clean(value)
        point = rules.read_point(text) if text else None
        if text and point is None:
            raise forms.ValidationError(_("Write two numbers with a comma between them: 52.3731, 4.8922."))
        return point


class PointForm(forms.Form):
    """Where a place lies; empty takes it off the map."""

    point = PointField()


class SiteForm(forms.Form):
    """A place that is no school: a school comes with its code in the register."""

    sort = forms.ChoiceField(
        label=_("What it is"), choices=[(sort, words) for sort, words in Site.SORTS if sort != Site.SCHOOL]
    )
    name = forms.CharField(label=_("Name"), max_length=120)
    street = forms.CharField(label=_("Street and number"), max_length=120, required=False)
    town = forms.CharField(label=_("Town"), max_length=80, required=False)
    point = PointField()
