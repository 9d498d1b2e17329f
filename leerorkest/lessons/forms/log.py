"""The log as a plain form: what was chosen, as a phone would send it. And a new piece for the list."""

import uuid
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from ..log import What
from ..queries import Noted


def new_notes(form: QueryDict, *, lesson: uuid.UUID) -> list[object]:
    """What differs from what the page showed, as a phone would send it. The same form sent twice is the same taps."""
    notes = [*_pieces(form), *_chosen(form), *_taken_back(form)]
    return [_sent(form, lesson, note) for note in notes]


def piece_was(section: int, noted: Noted | None) -> str:
    """What the page showed of a piece, in a hidden field: its section, and the taps that say it was played."""
    return f"{(noted.section if noted else section) or '-'} {noted.taps if noted else '-'}"


def _pieces(form: QueryDict) -> list[dict[str, Any]]:
    chosen = set(form.getlist("piece"))
    notes: list[dict[str, Any]] = []
    for name in sorted(name for name in form if name.startswith("piece-was-")):
        word = name.removeprefix("piece-was-")
        section, taps = [*form.get(name, "").split(" "), "", ""][:2]
        if (word in chosen) == (taps != "-"):
            continue
        note = {"what": What.PIECE.value, "section": int(section) if section.isdecimal() else None, "word": word}
        notes.append(note if taps == "-" else {**note, "takes_back": taps.split(",")})
    return notes


def _chosen(form: QueryDict) -> list[dict[str, Any]]:
    notes = []
    for name in ("instrument", "seen"):
        child, instrument = [*form.get(f"{name}-child", "").split(" "), ""][:2]
        word = form.get(f"{name}-word", "")
        if not child or not word:
            continue
        if name == "seen":
            notes.append({"what": What.SEEN.value, "child": child, "word": word})
        elif word == "-":
            notes.append({"what": What.NOT_HERE.value, "child": child})
        else:
            notes.append({"what": What.BROKEN.value, "child": child, "instrument": instrument, "word": word})
    return notes


def _taken_back(form: QueryDict) -> list[dict[str, Any]]:
    parts = form.get("take_back", "").split(" ")
    if len(parts) != 5:
        return []
    what, child, instrument, word, taps = parts
    note = {"what": what, "child": child, "instrument": instrument, "word": word, "takes_back": taps.split(",")}
    return [{key: value for key, value in note.items() if value != "-"}]


def _sent(form: QueryDict, lesson: uuid.UUID, note: dict[str, Any]) -> dict[str, Any]:
    device = form.get("device", "")
    whole = {"section": None, "child": None, "instrument": None, "word": "", "takes_back": [], **note}
    name = uuid.uuid5(uuid.NAMESPACE_OID, f"{device} {sorted((key, str(value)) for key, value in whole.items())}")
    return {
        **whole,
        "id": str(name),
        "device": device,
        "device_sequence": name.int >> 76,  # any number that the same form gives again
        "lesson": str(lesson),
        "made_at": form.get("made_at", ""),
    }


class PieceForm(forms.Form):
    title = forms.CharField(label=_("Title"), max_length=80)
    composer = forms.CharField(label=_("Composer"), max_length=80, required=False)
