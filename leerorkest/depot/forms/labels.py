"""Input of the page that prints labels ahead."""

import uuid
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from leerorkest.network.models import Organisation

from ..actions.labels import MOST_AHEAD
from ..models import Instrument
from .instruments import Labels


class Ahead(Labels):
    """How many, for whom, and on which sheet."""

    batch_id = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    organisation = forms.ModelChoiceField(Organisation.objects.none(), label=_("For"))
    count = forms.IntegerField(label=_("How many"), min_value=1, max_value=MOST_AHEAD, initial=500)
    field_order = ["batch_id", "organisation", "count", "sheet", "start", "right", "down"]

    def __init__(self, *data: Any, organisations: QuerySet[Organisation], **options: Any) -> None:
        super().__init__(*data, instruments=Instrument.objects.none(), **options)
        del self.fields["tags"]
        field = self.fields["organisation"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = organisations
        first_two = list(organisations[:2])
        if len(first_two) == 1:
            field.initial = first_two[0].pk
            field.widget = forms.HiddenInput()
