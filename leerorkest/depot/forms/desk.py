"""What a desk sends: from a phone as an act with its files, or from a plain form."""

import hashlib
import json
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from leerorkest.shared import files
from leerorkest.shared.actions import Refused

from ..models import LoanTerms, Reservation
from ..queries.desk import CONDITIONS, OUTCOMES
from ..rules import Condition, Outcome, SignedOn, hash_of_act
from ..terms import LANGUAGES, Text

MOST_CODES = 20
LONGEST_ACT = 20_000


class NotAnAct(Exception):
    """It cannot be read as an act of a desk at all."""


class BadFile(Exception):
    """A file did not arrive as it was sent: the phone sends it again."""


def read_act(text: str, sent: Mapping[str, UploadedFile]) -> tuple[dict[str, Any], str]:
    """(the act, its hash) as shared/outbox.js packs it; each file is the one that the act names."""
    if len(text) > LONGEST_ACT:
        raise NotAnAct
    try:
        act = json.loads(text)
    except (ValueError, RecursionError):
        raise NotAnAct from None
    if not isinstance(act, dict) or not all(isinstance(value, str | int | list) for value in act.values()):
        raise NotAnAct
    for name in ("picture", "ink"):
        named = act.get(f"{name}_sha256", "")
        file = sent.get(name)
        if bool(named) != bool(file):
            raise BadFile
        if file and hashlib.sha256(file.read()).hexdigest() != named:
            raise BadFile
        if file:
            file.seek(0)
    act_hash = hash_of_act(act)
    whole = {name: _in_whole_letters(value) if isinstance(value, str) else value for name, value in act.items()}
    return whole, act_hash


def _in_whole_letters(text: str) -> str:
    """Half a letter, as of an emoji that a field cut in two, is written as "?": no database takes it."""
    return text.encode("utf-8", "replace").decode()


def moment_of(act: dict[str, Any]) -> datetime | None:
    """When the phone says that it was done."""
    try:
        found = parse_datetime(act.get("made_at", ""))
    except (TypeError, ValueError, OverflowError):
        return None
    return found if found and found.tzinfo else None


class Codes(forms.Field):
    """A list of short codes; what is not known is dropped by the action."""

    widget = forms.MultipleHiddenInput

    def clean(self, value: Any) -> list[str]:
        found = value if isinstance(value, list | tuple) else []
        return [code for code in found[:MOST_CODES] if isinstance(code, str) and len(code) <= 40]


class _Act(forms.Form):
    """What hand-out and return share. `files` may hold picture and ink."""

    id = forms.UUIDField(initial=uuid.uuid4, widget=forms.HiddenInput)
    tag = forms.CharField(max_length=200, error_messages={"required": _("Scan or type the label first.")})
    accessories = Codes(required=False)
    condition = forms.ChoiceField(choices=[(c.value, words) for c, words in CONDITIONS.items()], initial="good")
    picture = forms.FileField(required=False, allow_empty_file=True)

    def clean_condition(self) -> Condition:
        return Condition(self.cleaned_data["condition"])

    def clean_picture(self) -> files.Clean | None:
        return _clean(self.cleaned_data["picture"], files.re_encode)


def _clean(sent: UploadedFile | None, by: Any) -> files.Clean | None:
    if sent is None:
        return None
    try:
        return cast(files.Clean, by(sent.read(files.pictures.MOST_BYTES + 1)))
    except Refused as refusal:
        raise forms.ValidationError(str(refusal)) from None


class HandOut(_Act):
    group = forms.IntegerField(min_value=1, max_value=2**62)
    child = forms.UUIDField(error_messages={"required": _("Choose the child first.")})
    version = forms.IntegerField(min_value=1, max_value=30_000)
    language = forms.ChoiceField(choices=[(code, language.name) for code, language in LANGUAGES.items()])
    signed_on = forms.ChoiceField(choices=[(one.value, one.value) for one in SignedOn], initial=SignedOn.PAPER.value)
    ink = forms.FileField(required=False, allow_empty_file=True)

    def clean_ink(self) -> files.Clean | None:
        return _clean(self.cleaned_data["ink"], files.signature)

    def clean(self) -> dict[str, Any]:
        values = self.cleaned_data
        if values.get("signed_on") == SignedOn.GLASS.value and "ink" in values and values["ink"] is None:
            raise forms.ValidationError(_("There is no signature yet. Sign with a finger, or choose to sign on paper."))
        if values.get("signed_on") == SignedOn.PAPER.value:
            values["ink"] = None
        return values


class TakeReturn(_Act):
    outcome = forms.ChoiceField(
        choices=[(one.value, words) for one, words in OUTCOMES.items()],
        error_messages={"required": _("Choose what happens with it next.")},
    )
    reservation = forms.ModelChoiceField(Reservation.objects.none(), required=False, empty_label="—")
    note = forms.CharField(max_length=200, required=False)

    def __init__(self, *data: Any, reservations: QuerySet[Reservation], **options: Any) -> None:
        super().__init__(*data, **options)
        cast(forms.ModelChoiceField, self.fields["reservation"]).queryset = reservations

    def clean_outcome(self) -> Outcome:
        return Outcome(self.cleaned_data["outcome"])


class Photo(forms.Form):
    """The photo of a signed paper."""

    picture = forms.FileField(
        label=_("Photo of the signed paper"),
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": "image/*", "capture": "environment"}),
    )

    def clean_picture(self) -> files.Clean:
        return cast(files.Clean, _clean(self.cleaned_data["picture"], files.re_encode))


class Sign(forms.Form):
    """One signature for a whole handover; without a script it is signed on paper."""

    language = forms.ChoiceField(label=_("Language of the terms"))
    version = forms.IntegerField(min_value=1, max_value=30_000, widget=forms.HiddenInput)
    signer = forms.CharField(label=_("Who signs, by name"), max_length=80, required=False)
    ink = forms.FileField(required=False, allow_empty_file=True)

    def __init__(self, *data: Any, terms: list[LoanTerms], **options: Any) -> None:
        super().__init__(*data, **options)
        cast(forms.ChoiceField, self.fields["language"]).choices = [(row.language, row.spoken.name) for row in terms]
        self.fields["version"].initial = terms[0].version

    clean_ink = HandOut.clean_ink


class Publish(forms.Form):
    """A text for each language: those that hold now, and one more."""

    def __init__(self, *data: Any, terms: list[LoanTerms], languages: list[str], more: str, **options: Any) -> None:
        super().__init__(*data, **options)
        held = {row.language: row for row in terms}
        self.codes = list(dict.fromkeys([*languages, *held, *([more] if more in LANGUAGES else [])]))
        self.codes = [code for code in self.codes if code in LANGUAGES]
        for code in self.codes:
            spoken, now = LANGUAGES[code], held.get(code)
            self.fields[f"text_{code}"] = forms.CharField(
                label=spoken.name,
                required=False,
                max_length=8000,
                initial=now.text if now else "",
                widget=forms.Textarea(attrs={"rows": 14, "lang": code, "dir": spoken.direction}),
            )
            self.fields[f"draft_{code}"] = forms.BooleanField(
                label=_("A draft: no speaker has read it yet"), required=False, initial=now.is_draft if now else True
            )

    def texts(self) -> dict[str, Text]:
        values = self.cleaned_data
        return {code: Text(values[f"text_{code}"], values[f"draft_{code}"]) for code in self.codes}
