"""The weekly hour of a group, and the lesson that is cancelled."""

from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from leerorkest.music.models import FAMILIES

from ..actions import NewSection, Tutti
from ..models import CAUSES
from ..queries import GroupPlays

PARTS = ("has", "room", "teacher")


class CancelForm(forms.Form):
    cause: Any = forms.ChoiceField(label=_("Why is there no lesson?"), choices=CAUSES)


class MoveForm(forms.Form):
    on: Any = forms.DateField(label=_("Day"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    starts = forms.TimeField(label=_("Starts at"), widget=forms.TimeInput({"type": "time"}, format="%H:%M"))
    ends = forms.TimeField(label=_("Ends at"), widget=forms.TimeInput({"type": "time"}, format="%H:%M"))
    cause: Any = forms.ChoiceField(label=_("Why is the lesson moved?"), choices=CAUSES[1:], initial="school_plans")


class TuttiForm(forms.Form):
    room = forms.CharField(label=_("Where the whole orchestra plays"), max_length=40, required=False)


class HourForm(forms.Form):
    """The weekly hour of a group: when, and which sections, each with a room and a teacher."""

    weekday = forms.TypedChoiceField(label=_("Day"), choices=list(WEEKDAYS.items()), coerce=int)
    starts = forms.TimeField(label=_("Starts at"), widget=forms.TimeInput({"type": "time"}))
    ends = forms.TimeField(label=_("Ends at"), widget=forms.TimeInput({"type": "time"}))
    first_on: Any = forms.DateField(
        label=_("From"),
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Empty: from today."),
    )
    count = forms.IntegerField(
        label=_("How many lessons"),
        required=False,
        min_value=1,
        max_value=60,
        help_text=_("For a block, such as 8 or 12. Empty: until the school year ends."),
    )
    tutti_every: Any = forms.TypedChoiceField(
        label=_("Whole orchestra"),
        choices=[
            (0, _("Never")),
            (2, _("Every second lesson")),
            (4, _("Every fourth lesson")),
            (1, _("Every lesson")),
        ],
        coerce=int,
        required=False,
    )
    tutti_room = forms.CharField(label=_("Where the whole orchestra plays"), max_length=40, required=False)

    def __init__(self, *arguments: Any, plays: GroupPlays, **values: Any) -> None:
        super().__init__(*arguments, **values)
        self.plays = plays
        self.teachings = {str(teaching.pk): teaching for teaching in plays.teachings}
        teachers = [("", _("Nobody yet")), *((pk, one.posting.account.name) for pk, one in self.teachings.items())]
        for family, words in FAMILIES:
            self.fields[f"has_{family}"] = forms.BooleanField(
                label=words, required=False, initial=family in plays.families
            )
            self.fields[f"room_{family}"] = forms.CharField(label=_("Room"), max_length=40, required=False)
            self.fields[f"teacher_{family}"] = forms.ChoiceField(label=_("Teacher"), choices=teachers, required=False)

    def by_family(self) -> list[tuple[str, int, list[forms.BoundField]]]:
        return [
            (family, self.plays.families.get(family, 0), [self[f"{part}_{family}"] for part in PARTS])
            for family, _words in FAMILIES
        ]

    def tutti(self) -> Tutti:
        return Tutti(self.cleaned_data["tutti_every"] or 0, self.cleaned_data["tutti_room"])

    def sections(self) -> list[NewSection]:
        clean = self.cleaned_data
        return [
            NewSection(family, clean[f"room_{family}"], self.teachings.get(clean[f"teacher_{family}"]))
            for family, _words in FAMILIES
            if clean[f"has_{family}"]
        ]
