"""A choice out of rows that can be many: a select while they are few, else words to search by.

A select with every school of the organisation makes each page that has one slower with every school, and nobody finds
the own school in it with a thumb. Beyond FEW rows the same field takes a part of the name instead. The form itself is
the search: one row that fits is the choice; more than one come back as buttons to choose from. It needs no script.
"""

from collections.abc import Sequence
from functools import cached_property, reduce
from operator import or_
from typing import Any, cast

from django import forms
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext_lazy as _

FEW = 30  # rows: as many as a person still looks through


class Words(str):
    """What somebody typed, where another would choose a row."""

    __slots__ = ()


class LookupInput(forms.Widget):
    """Sends `name` (the key of a row) or `name_words`; `name_for` are the words to which the buttons belong."""

    template_name = "shared/parts/lookup.html"
    field: "Lookup"

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        words = data.get(f"{name}_words", "").strip()[:200]
        key = data.get(name)
        return key if key and data.get(f"{name}_for", words) == words else Words(words)

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return name not in data and f"{name}_words" not in data

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> Any:
        if self.field.has_few:
            few = [(row.pk, self.field.label_from_instance(row)) for row in self.field.few]
            empty = [("", self.field.empty_label)] if self.field.empty_label is not None else []
            return forms.Select(self.attrs, choices=[*empty, *few]).render(name, value, attrs, renderer)
        return super().render(name, value, attrs, renderer)

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        words, found = value or "", []
        if isinstance(value, Words):
            found = [(row.pk, self.field.label_from_instance(row)) for row in self.field.found(value)]
        elif value:
            row = self.field.row_of(value)
            words = self.field.label_from_instance(row) if row else ""
        return {**context, "words": words, "found": found if len(found) > 1 else []}


class Lookup(forms.ModelChoiceField):
    """`by`: the fields in which the words are looked for, the one that names a row first."""

    widget = LookupInput
    default_error_messages = {
        "several": _("More than one fits. Choose one, or write more of the name."),
        "none": _("Nothing here has that name. Write a part of it."),
    }

    def __init__(self, queryset: QuerySet[Any], *, by: Sequence[str], **options: Any) -> None:
        self.by = by
        super().__init__(queryset, **options)
        cast(LookupInput, self.widget).field = self

    def __deepcopy__(self, memo: dict[int, Any]) -> "Lookup":
        copied: Any = super().__deepcopy__(memo)
        copied.widget.field = copied
        copied.__dict__.pop("few", None)
        return copied

    @cached_property
    def few(self) -> list[Any]:
        """All rows, or one more than are shown at once."""
        return list(self.rows[: FEW + 1])

    @property
    def rows(self) -> QuerySet[Any]:
        return cast(QuerySet[Any], self.queryset)

    @property
    def has_few(self) -> bool:
        return len(self.few) <= FEW

    def row_of(self, key: Any) -> Model | None:
        try:
            return super().to_python(key)
        except forms.ValidationError:
            return None

    def found(self, words: str) -> list[Any]:
        """Rows in which every word stands; the one whose name is just this goes before all others."""
        if not words:
            return []
        named = list(self.rows.filter(**{f"{self.by[0]}__iexact": words})[:FEW])
        if named:
            return named
        rows = self.rows
        for word in words.split():
            rows = rows.filter(reduce(or_, (Q(**{f"{field}__icontains": word}) for field in self.by)))
        return list(rows[:FEW])

    def to_python(self, value: Any) -> Any:
        if not isinstance(value, Words):
            return super().to_python(value)
        if not value:
            return None
        found = self.found(value)
        if len(found) != 1:
            raise forms.ValidationError(self.error_messages["several" if found else "none"])
        return found[0]
