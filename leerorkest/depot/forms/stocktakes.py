"""Input of the pages of a stocktake."""

import uuid
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from leerorkest.music.models import InstrumentKind
from leerorkest.network.models import Site
from leerorkest.shared.lookup import Lookup

from ..models import Instrument, Instruments
from ..rules import MOST_OF_SHELF


class OpenStocktake(forms.Form):
    stocktake_id = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    site = Lookup(Site.objects.none(), by=("name", "town"), label=_("Which place"))
    kind = forms.ModelChoiceField(
        InstrumentKind.objects, label=_("Only one kind"), required=False, empty_label=_("All")
    )
    shelf = forms.CharField(
        label=_("Only some shelves"),
        max_length=MOST_OF_SHELF,
        required=False,
        help_text=_("How their names begin. A counts A1, A2 and so on."),
    )

    def __init__(self, *data: Any, sites: QuerySet[Site], **options: Any) -> None:
        super().__init__(*data, **options)
        field = self.fields["site"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = sites
        first_two = list(sites[:2])
        if len(first_two) == 1:
            field.initial = first_two[0].pk


class OneScan(forms.Form):
    """What a phone without a script sends."""

    scan_id = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    device = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    tag = forms.CharField(max_length=300)


class SaidByPhone(forms.Form):
    device = forms.UUIDField()
    pending = forms.IntegerField(min_value=0, max_value=100_000)
    leaves = forms.BooleanField(required=False)


class WriteOff(forms.Form):
    because = forms.CharField(
        label=_("Why it will not come back"), max_length=200, help_text=_("Its scans are not waited for any more.")
    )


class Lost(forms.Form):
    """Missing instruments that were ticked."""

    handover_id = forms.UUIDField(label=_("Handover"), widget=forms.HiddenInput, initial=uuid.uuid4)
    instrument = forms.ModelMultipleChoiceField(Instrument.objects.none(), to_field_name="uid")

    def __init__(self, *data: Any, instruments: Instruments, **options: Any) -> None:
        super().__init__(*data, **options)
        field = self.fields["instrument"]
        assert isinstance(field, forms.ModelMultipleChoiceField)
        field.queryset = instruments
