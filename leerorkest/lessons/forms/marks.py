"""What people send about marks: a batch from a phone, the register as a plain form, a decision."""

import json
import uuid

from django import forms
from django.http import QueryDict

from ..queries import Line
from ..rules import Decision

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
