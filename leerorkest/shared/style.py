"""What the style page shows: one of everything, with invented words."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from .pages import Page

ICONS = [
    *["home", "lesson", "calendar", "clock", "history", "school", "child", "people", "depot"],
    *["violin", "cello", "clarinet", "trumpet", "drum"],
    *["scan", "label", "print", "upload", "download", "search", "filter", "add", "edit", "undo", "check", "close"],
    *["back", "next", "menu", "more", "settings", "key", "phone", "shield", "mail", "globe", "sign-out"],
    *["info", "warning"],
]

FAMILIES = ["strings", "woodwind", "brass", "percussion"]


class EveryField(forms.Form):
    """Every kind of input once."""

    name = forms.CharField(label=_("Name"), max_length=40, help_text=_("First name and last name."))
    email = forms.EmailField(label=_("E-mail address"))
    on = forms.DateField(label=_("From which day"), widget=forms.DateInput(attrs={"type": "date"}))
    kind = forms.ChoiceField(label=_("Instrument"), choices=[("violin", _("Violin")), ("trumpet", _("Trumpet"))])
    size = forms.ChoiceField(
        label=_("Size"), choices=[("1/2", "½"), ("3/4", "¾"), ("4/4", "4/4")], widget=forms.RadioSelect
    )
    days = forms.MultipleChoiceField(
        label=_("Days"),
        choices=[("mon", _("Monday")), ("tue", _("Tuesday"))],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    note = forms.CharField(label=_("Note"), widget=forms.Textarea(attrs={"rows": 3}), required=False)
    file = forms.FileField(label=_("File"), required=False)
    sure = forms.BooleanField(label=_("I counted the instruments myself"))

    def clean(self) -> dict[str, Any]:
        if self.errors:
            self.add_error(None, forms.ValidationError(_("Nothing is saved yet.")))
        return self.cleaned_data


WRONG_INPUT = {"name": "", "email": "noor at school", "on": "2026-02-31", "kind": "violin", "size": ""}
SAMPLES: dict[str, Any] = {
    "icons": ICONS,
    "families": FAMILIES,
    "page": Page(rows=[], next_link="?after=1", first_link="?"),
    "last_page": Page(rows=[], next_link="", first_link="?"),
    "todo": [
        {"words": _("Registers to close"), "count": 3, "address": "#lists"},
        {"words": _("Instruments back from repair"), "count": 5, "address": "#lists"},
        {"words": _("Labels to print"), "count": 0, "address": "#lists"},
    ],
    "steps": [
        {"words": _("Taken home by Amina"), "soft": _("3 October, by Noor"), "is_open": True},
        {"words": _("Class set of 24 to De Regenboog"), "soft": _("28 August, by Joost"), "is_open": False},
        {"words": _("Taken in at Depot Noord"), "soft": _("12 July, by Joost"), "is_open": False},
    ],
    "people": [
        (
            {"role": _("Teacher, strings"), "tries": _("Open today’s lesson and mark the group.")},
            {"uid": "1", "name": "Noor de Wit", "first_name": "Noor"},
        ),
        (
            {"role": _("Depot keeper, Amsterdam"), "tries": _("Print labels, issue a class set, lend number 17.")},
            {"uid": "2", "name": "Joost Bos", "first_name": "Joost"},
        ),
    ],
    "facts": [
        (_("Kind"), _("Violin")),
        (_("Size"), "½"),
        (_("Number"), "17"),
        (_("Owner"), "Leerorkest Amsterdam"),
        (_("Serial number"), ""),
    ],
}
