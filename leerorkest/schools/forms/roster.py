"""Input of the roster pages."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from leerorkest.schools.roster.table import FIELDS


class UploadForm(forms.Form):
    file = forms.FileField(
        label=_("The school's pupil export"),
        help_text=_("EDEXML, OneRoster (zip), CSV or Excel (.xlsx). You see what it will do before anything changes."),
        widget=forms.FileInput(attrs={"accept": ".xml,.zip,.csv,.txt,.tsv,.xlsx"}),
    )
    choose_columns = forms.BooleanField(
        label=_("I want to say which column holds what (CSV and Excel)"), required=False
    )


FIELD_LABELS = {
    "first_name": _("First name"),
    "prefix": _("Prefix (van, de la)"),
    "last_name": _("Last name"),
    "full_name": _("Whole name in one column"),
    "group": _("Group"),
    "grade": _("Grade"),
    "key": _("The school's key of the child"),
}
FIELD_HELP = {
    "full_name": _("Only when there is no column with the first name."),
    "grade": _("Without it, the grade is read from the group's name when that tells it: 5A."),
    "key": _("With it a child who moves to another group stays the same child. Never the BSN."),
}


class ColumnsForm(forms.Form):
    rows = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, columns: tuple[str, ...], examples: Mapping[str, list[str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices: list[tuple[str, Any]] = [("", _("no column"))]
        for column in columns:
            values = ", ".join(examples.get(column, []))
            choices.append((column, f"{column}: {values}" if values else column))
        for field in FIELDS:
            self.fields[field] = forms.ChoiceField(
                label=FIELD_LABELS[field],
                help_text=FIELD_HELP.get(field, ""),
                choices=choices,
                required=field == "group",
            )


class ApplyForm(forms.Form):
    """What a person still decides about a preview; each question only when it is one."""

    def __init__(self, *, counts: Mapping[str, int], warned: set[str]) -> None:
        super().__init__(initial={"end_gone": "many_gone" not in warned})
        if counts.get("gone"):
            self.fields["end_gone"] = forms.BooleanField(
                label=_("The children who are not in the file have left the school"), required=False
            )
        if "other_school" in warned:
            self.fields["is_the_right_school"] = forms.BooleanField(label=_("I checked it: this file is right"))
