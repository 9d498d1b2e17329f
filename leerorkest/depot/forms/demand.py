"""Offering what can be spared."""

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ..actions.reservations import Wanted
from .reservations import KindAndSize, kinds_and_sizes


class Spare(forms.Form):
    surplus_id = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    number = forms.IntegerField(label=_("How many"), min_value=1, max_value=999)
    what = KindAndSize(label=_("Kind and size"))

    def __init__(self, *data: Any, **options: Any) -> None:
        super().__init__(*data, **options)
        field = self.fields["what"]
        assert isinstance(field, KindAndSize)
        field.offer(kinds_and_sizes())

    def spare(self) -> Wanted:
        kind, size = self.cleaned_data["what"]
        return Wanted(kind, size, self.cleaned_data["number"])
