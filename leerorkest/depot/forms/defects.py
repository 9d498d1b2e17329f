"""Input of the pages about defects."""

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from ..models import DefectKind


class Report(forms.Form):
    """One of the kinds on the picture of this shape; `defect_id` is made by the page, so that twice is once."""

    defect_id = forms.UUIDField(widget=forms.HiddenInput)
    kind = forms.ModelChoiceField(DefectKind.objects.none())
    note = forms.CharField(max_length=200, required=False)

    def __init__(self, *data: Any, shape: str) -> None:
        super().__init__(*data)
        cast(forms.ModelChoiceField, self.fields["kind"]).queryset = DefectKind.objects.filter(shape=shape)


class Photo(forms.Form):
    photo = forms.FileField(
        label=_("Photo of what is wrong"),
        help_text=_("Only the instrument: no child in the picture."),
        widget=forms.FileInput(attrs={"accept": "image/*", "capture": "environment"}),
    )
