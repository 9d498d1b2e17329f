"""What people send: a batch of marks from a phone, the register as a plain form, a decision."""

import json
import uuid
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from leerorkest.music.models import FAMILIES

from .actions import NewSection
from .models import CAUSES
from .queries import GroupPlays, Line
from .rules import Decision

PARTS = ("has", "room", "teacher")
MOST_BYTES = 64 * 1024  # of a batch: a hundred marks are 40 kB


class NotABatch(ValueError):
    """The body is no JSON object with a list of marks."""


def read_batch(body: bytes) -> list[object]:
    try:
        marks = json.loads(body)["marks"]
    except (ValueError, TypeError, KeyError, RecursionError) as mistake:
        raise NotABatch from mistake
    if not isinstance(marks, list):
        raise NotABatch
    return marks


def was(line: Line) -> str:
    """What the page showed for a child, in a hidden field: an id for a new mark, the state, the marks it replaces.

    The id is made here, so that the same form sent twice is one mark.
    """
    return f"{uuid.uuid4()} {line.state or '-'} {line.seen or '-'}"


def changed_marks(form: QueryDict, *, lesson: uuid.UUID) -> list[object]:
    """The marks that differ from what the page showed, as a phone would send them."""
    fields = sorted(name for name in form if name.startswith("was-"))
    changed: list[object] = []
    for number, name in enumerate(fields):
        child = name.removeprefix("was-")
        state = form.get(f"mark-{child}", "")
        mark_id, shown, seen = [*form.get(name, "").split(" "), "", "", ""][:3]
        if not state or state == shown:
            continue
        changed.append(
            {
                "id": mark_id,
                "device": form.get("device", ""),
                "device_sequence": number,
                "lesson": str(lesson),
                "child": child,
                "state": state,
                "corrects": [other for other in seen.split(",") if other and other != "-"],
                "made_at": form.get("made_at", ""),
            }
        )
    return changed


class DecisionForm(forms.Form):
    decision = forms.TypedChoiceField(choices=[(one.value, one.value) for one in Decision], coerce=Decision)


class CancelForm(forms.Form):
    cause: Any = forms.ChoiceField(label=_("Why is there no lesson?"), choices=CAUSES)


class HourForm(forms.Form):
    """The weekly hour of a group: when, and which sections, each with a room and a teacher."""

    weekday = forms.TypedChoiceField(label=_("Day"), choices=list(WEEKDAYS.items()), coerce=int)
    starts = forms.TimeField(label=_("Starts at"), widget=forms.TimeInput({"type": "time"}))
    ends = forms.TimeField(label=_("Ends at"), widget=forms.TimeInput({"type": "time"}))

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

    def sections(self) -> list[NewSection]:
        clean = self.cleaned_data
        return [
            NewSection(family, clean[f"room_{family}"], self.teachings.get(clean[f"teacher_{family}"]))
            for family, _words in FAMILIES
            if clean[f"has_{family}"]
        ]
