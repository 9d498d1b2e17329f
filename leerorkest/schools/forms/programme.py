from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from leerorkest.music.models import InstrumentKind, Size
from leerorkest.network.models import Organisation
from leerorkest.people.forms import day_field
from leerorkest.people.models import Posting
from leerorkest.shared.lookup import Lookup

from ..models import School
from ..queries.schools import postings_that_can_teach


class SchoolEntryForm(forms.Form):
    country = forms.ChoiceField(
        label=_("Country"),
        choices=[
            ("AW", _("Aruba")),
            ("CW", _("Curaçao")),
            ("BQ", _("Bonaire, Saba, Sint Eustatius")),
            ("SX", _("Sint Maarten")),
            ("NL", _("The Netherlands")),
        ],
    )
    name = forms.CharField(label=_("Name"), max_length=100)
    code = forms.CharField(
        label=_("Code"), max_length=20, help_text=_("Your own short code. The school's files can carry it.")
    )
    town = forms.CharField(label=_("Town"), max_length=80, required=False)
    street = forms.CharField(label=_("Street and number"), max_length=120, required=False)

    def __init__(self, *args: Any, organisation: Organisation, **kwargs: Any) -> None:
        super().__init__(*args, **{"initial": {"country": organisation.country}, **kwargs})


class SchoolYearForm(forms.Form):
    first_on = day_field(label=_("First day"))
    last_on = day_field(label=_("Last day"))


class PostingChoice(Lookup):
    def label_from_instance(self, posting: Posting) -> str:
        return f"{posting.account.name} · {posting.site.name}" if posting.site else posting.account.name


class TeachingForm(forms.Form):
    posting = PostingChoice(Posting.objects.none(), by=("account__name", "account__email"), label=_("Teacher"))
    from_on = day_field(label=_("From"))
    until_on = day_field(label=_("Until"), required=False, help_text=_("The first day without this teacher."))

    def __init__(self, *args: Any, school: School, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        teacher = cast(PostingChoice, self.fields["posting"])
        teacher.queryset = postings_that_can_teach(school, kwargs["initial"]["from_on"])


class EndTeachingForm(forms.Form):
    until_on = day_field(label=_("Until"))


class PlayingForm(forms.Form):
    """One list of instruments with their sizes, so that a size always fits its kind."""

    what = forms.ChoiceField(label=_("Instrument"))
    from_on = day_field(label=_("From"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.found: dict[str, tuple[InstrumentKind, Size | None]] = {}
        choices: list[Any] = []
        for kind in InstrumentKind.objects.filter(is_played=True).prefetch_related("sizes"):
            sizes = {f"{kind.code}:{size.code}": size for size in kind.sizes.all()}
            if sizes:
                self.found |= {code: (kind, size) for code, size in sizes.items()}
                choices.append((kind.name, [(code, f"{kind.name} {size}") for code, size in sizes.items()]))
            else:
                self.found[kind.code] = (kind, None)
                choices.append((kind.code, kind.name))
        cast(forms.ChoiceField, self.fields["what"]).choices = choices

    @property
    def kind_and_size(self) -> tuple[InstrumentKind, Size | None]:
        return self.found[self.cleaned_data["what"]]
