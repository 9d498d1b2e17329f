"""Input of the depot's pages → clean values. Every choice is limited to what came through a door."""

import uuid
from datetime import date
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from leerorkest.music.models import InstrumentKind, Size
from leerorkest.music.queries import vocabulary
from leerorkest.network.models import Site
from leerorkest.people.models import Account
from leerorkest.shared.lookup import Lookup

from .. import labels, queries, rules
from ..models import Instrument, Instruments

STATES = [
    ("", _("In use")),
    ("shelf", _("On the shelf")),
    ("lent", _("Lent")),
    ("left", _("With a child who left")),
    ("closed", _("At a place that closed")),
    ("lost", _("Nobody knows where")),
    ("retired", _("Retired")),
]
SORTS = {
    rules.HandoverSort.INTAKE: _("Taken in"),
    rules.HandoverSort.ISSUE: _("Issued"),
    rules.HandoverSort.LEND: _("Lent"),
    rules.HandoverSort.RETURN: _("Given back"),
    rules.HandoverSort.TAKE_BACK: _("Taken back"),
    rules.HandoverSort.SEND: _("Sent"),
    rules.HandoverSort.RECEIVE: _("Received"),
    rules.HandoverSort.REVERSAL: _("Undone"),
    rules.HandoverSort.SWAP: _("Swapped"),
    rules.HandoverSort.MOVE: _("Moved"),
    rules.HandoverSort.OWNER: _("Another owner"),
    rules.HandoverSort.KIT: _("Kit changed"),
}
COLUMN_WORDS = {
    "kind": _("kind"),
    "size": _("size"),
    "number": _("number"),
    "brand": _("brand"),
    "model": _("model"),
    "serial_number": _("serial number"),
    "owner": _("owner"),
    "purchase_value": _("value"),
    "currency": _("currency"),
    "purchased_on": _("date of purchase"),
}
REASONS = [
    ("broken", _("Broken beyond repair")),
    ("lost", _("Lost")),
    ("stolen", _("Stolen")),
    ("sold", _("Sold")),
    ("given", _("Given away")),
    ("mistake", _("Entered by mistake")),
]


def _limit(form: forms.Form, name: str, rows: QuerySet[Any]) -> None:
    cast(forms.ModelChoiceField, form.fields[name]).queryset = rows


def _offer_sites(form: forms.Form, sites: QuerySet[Site]) -> None:
    """These places, and the only one chosen already."""
    _limit(form, "site", sites)
    first_two = list(sites[:2])
    if len(first_two) == 1:
        form.fields["site"].initial = first_two[0].pk


class OnceForm(forms.Form):
    """Carries the id of the handover it will make, so that a second press of the button changes nothing."""

    handover_id = forms.UUIDField(label=_("Handover"), widget=forms.HiddenInput, initial=uuid.uuid4)


class Filter(forms.Form):
    """What the list of instruments shows; a wrong value shows the whole list."""

    kind = forms.ModelChoiceField(InstrumentKind.objects, label=_("Kind"), required=False, empty_label=_("All"))
    size = forms.ModelChoiceField(Size.objects.none(), label=_("Size"), required=False, empty_label=_("All"))
    keeper = Lookup(Site.objects.none(), by=("name", "town"), label=_("Kept by"), required=False, empty_label=_("All"))
    state = forms.ChoiceField(choices=STATES, label=_("State"), required=False)

    def __init__(self, data: Any, *, keepers: QuerySet[Site]) -> None:
        super().__init__(data)
        _limit(self, "keeper", keepers)
        if data.get("kind"):
            _limit(self, "size", Size.objects.filter(kind=data["kind"]))
        else:
            del self.fields["size"]

    def apply(self, instruments: Instruments, on: date) -> Instruments:
        self.is_valid()
        wanted = self.cleaned_data
        if kind := wanted.get("kind"):
            instruments = instruments.of_kind(kind, wanted.get("size"))
        if keeper := wanted.get("keeper"):
            instruments = instruments.kept_by(keeper)
        match wanted.get("state"):
            case "shelf":
                return instruments.on_shelf()
            case "lent":
                return instruments.lent()
            case "left":
                return queries.with_children_who_left(instruments, on)
            case "closed":
                return queries.at_closed_places(instruments, on)
            case "lost":
                return instruments.not_retired().lost()
            case "retired":
                return instruments.retired()
        return instruments.not_retired()


class Tags(forms.CharField):
    """A box for tags, one a line; a hand scanner types each with Enter."""

    widget = forms.Textarea(
        attrs={"rows": 4, "autocapitalize": "characters", "autocomplete": "off", "spellcheck": "false"}
    )

    def __init__(self, **options: Any) -> None:
        super().__init__(
            label=_("Labels"),
            help_text=_("Scan or type the code on each label, one on a line."),
            required=False,
            max_length=60_000,
            **options,
        )


class Chosen(OnceForm):
    """Instruments that were ticked in a list or scanned."""

    instrument = forms.ModelMultipleChoiceField(
        Instrument.objects.none(), to_field_name="uid", required=False, label=_("Instruments")
    )
    tags = Tags()

    def __init__(self, *data: Any, instruments: Instruments, **options: Any) -> None:
        super().__init__(*data, **options)
        self.instruments = instruments
        _limit(self, "instrument", instruments)

    def clean_tags(self) -> list[Instrument]:
        read = queries.read_tags(self.instruments, rules.read_tags(self.cleaned_data["tags"]))
        wrong = [
            forms.ValidationError(_("%(tag)s is not a whole code. Read the label again."), params={"tag": tag})
            for tag in read.mistyped[:5]
        ] + [
            forms.ValidationError(_("%(tag)s is not a label of an instrument here."), params={"tag": tag})
            for tag in read.unknown[:5]
        ]
        if wrong:
            raise forms.ValidationError(wrong)
        return read.instruments

    def chosen(self) -> list[Instrument]:
        ticked = {row.pk: row for row in self.cleaned_data["instrument"]}
        return list((ticked | {row.pk: row for row in self.cleaned_data["tags"]}).values())


class Issue(Chosen):
    site = Lookup(Site.objects.none(), by=("name", "town"), label=_("To which school"))

    def __init__(self, *data: Any, sites: QuerySet[Site], **options: Any) -> None:
        super().__init__(*data, **options)
        _offer_sites(self, sites)


class TakeBack(Issue):
    site = Lookup(Site.objects.none(), by=("name", "town"), label=_("To which depot"))
    field_order = ["handover_id", "tags", "site"]


class ListFile(forms.Form):
    site = Lookup(Site.objects.none(), by=("name", "town"), label=_("Where they stand"))
    file = forms.FileField(
        label=_("The list"),
        help_text=_("A CSV or XLSX file with a column for the kind, and one for the number or the serial number."),
    )

    def __init__(self, *data: Any, sites: QuerySet[Site], **options: Any) -> None:
        super().__init__(*data, **options)
        _offer_sites(self, sites)


class Labels(forms.Form):
    """Which labels, on which sheet, from which place on."""

    tags = Tags()
    sheet = forms.ChoiceField(
        label=_("Sheet or roll"), choices=[(sheet.key, sheet.words) for sheet in labels.SHEETS.values()]
    )
    start = forms.IntegerField(
        label=_("First free place on the sheet"),
        min_value=1,
        max_value=200,
        initial=1,
        help_text=_("Count from left to right, then down. 1 is a new sheet."),
    )
    right = forms.DecimalField(
        label=_("Move to the right (mm)"), min_value=-20, max_value=20, decimal_places=1, initial=0, required=False
    )
    down = forms.DecimalField(
        label=_("Move down (mm)"),
        min_value=-20,
        max_value=20,
        decimal_places=1,
        initial=0,
        required=False,
        help_text=_("Print one sheet on plain paper first and hold it against the labels."),
    )

    def __init__(self, *data: Any, instruments: Instruments, **options: Any) -> None:
        super().__init__(*data, **options)
        self.instruments = instruments

    clean_tags = Chosen.clean_tags

    def clean_sheet(self) -> labels.Sheet:
        return labels.SHEETS[self.cleaned_data["sheet"]]

    def clean(self) -> dict[str, Any]:
        values = self.cleaned_data
        if values.get("sheet") and values.get("start", 1) > values["sheet"].places:
            self.add_error(
                "start",
                forms.ValidationError(
                    _("This sheet has %(places)s places. Choose a lower number."),
                    params={"places": values["sheet"].places},
                ),
            )
        return values


class LendToAccount(OnceForm):
    account = Lookup(Account.objects.none(), by=("name", "email"), label=_("Member of staff"))

    def __init__(self, *data: Any, accounts: QuerySet[Account], **options: Any) -> None:
        super().__init__(*data, **options)
        _limit(self, "account", accounts)


class Retire(forms.Form):
    because = forms.ChoiceField(choices=REASONS, label=_("Why it leaves"))


class TakeIn(OnceForm):
    """One instrument; a list goes through the import."""

    site = Lookup(Site.objects.none(), by=("name", "town"), label=_("Place"))
    kind = forms.ModelChoiceField(InstrumentKind.objects, label=_("Kind"))
    size = forms.CharField(label=_("Size"), max_length=12, required=False, help_text=_("For example 1/2 or 14 inch."))
    number = forms.CharField(label=_("Number"), max_length=20, required=False)
    brand = forms.CharField(label=_("Brand"), max_length=60, required=False)
    model = forms.CharField(label=_("Model"), max_length=60, required=False)
    serial_number = forms.CharField(label=_("Serial number"), max_length=60, required=False)
    owner = forms.CharField(label=_("Owner"), max_length=80, required=False)
    purchase_value = forms.CharField(
        label=_("Value"), max_length=20, required=False, help_text=_("For example 250 or 1.250,50.")
    )
    purchased_on = forms.DateField(
        label=_("Bought on"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *data: Any, sites: QuerySet[Site], **options: Any) -> None:
        super().__init__(*data, **options)
        _offer_sites(self, sites)

    def clean_purchase_value(self) -> Decimal | None:
        written = self.cleaned_data["purchase_value"]
        if not written:
            return None
        try:
            return rules.read_amount(written)
        except ValueError:
            raise forms.ValidationError(_("This is not an amount. Write for example 250 or 1.250,50.")) from None

    def clean(self) -> dict[str, Any]:
        values = self.cleaned_data
        kind, written = values.get("kind"), values.get("size")
        values["size"] = None
        if kind and written:
            known = vocabulary()
            values["size"] = known.size(kind, written)
            if values["size"] is None:
                labels = ", ".join(size.label for size in kind.sizes.all())
                self.add_error(
                    "size",
                    forms.ValidationError(
                        _("A %(kind)s comes in these sizes: %(sizes)s."), params={"kind": kind.name, "sizes": labels}
                    )
                    if labels
                    else forms.ValidationError(
                        _("A %(kind)s has no sizes. Leave this empty."), params={"kind": kind.name}
                    ),
                )
        return values
