"""Input about what belongs together, and how it goes out."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ..models import Instrument
from .instruments import Chosen, _limit

STANDS = [("", _("As this school does")), ("yes", _("It goes home")), ("no", _("It stays where it is"))]


class GoesOut(forms.Form):
    """How an instrument goes to its holder. Nothing chosen: as the school does, with the rest of its kit."""

    goes_home = forms.ChoiceField(label=_("Where it will be"), choices=STANDS, required=False)
    apart = forms.BooleanField(label=_("Without the rest of its kit"), required=False)

    def __init__(self, *data: Any, in_a_kit: bool) -> None:
        super().__init__(*data)
        if not in_a_kit:
            del self.fields["apart"]

    def choices(self) -> dict[str, Any]:
        """What was chosen, for the action. A wrong value is no choice."""
        self.is_valid()
        chosen = {"yes": True, "no": False}.get(self.cleaned_data.get("goes_home", ""))
        return {"goes_home": chosen, "apart": self.cleaned_data.get("apart", False)}


class Join(Chosen):
    """What belongs with an instrument: its own members stay ticked, others are scanned."""

    name = forms.CharField(label=_("Name of the kit"), max_length=60, required=False)
    field_order = ["handover_id", "tags", "name"]

    def __init__(self, *data: Any, instrument: Instrument, **options: Any) -> None:
        super().__init__(*data, **options)
        _limit(self, "instrument", self.instruments)
        self.of = instrument

    def together(self) -> list[Instrument]:
        return list({row.pk: row for row in [self.of, *self.chosen()]}.values())
