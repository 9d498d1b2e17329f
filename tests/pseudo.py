"""Finds text on a page that never went through translation.

In the made-up language of leerorkest/shared/translations.py every translated text stands in ⟦brackets⟧. What a page
shows outside of brackets must be data (it stands in a row of the database), a number, or a name of a language.
"""

import json
import re
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from typing import Any

from django.apps import apps
from django.conf import settings

from leerorkest.depot import terms
from leerorkest.depot.labels import SHEETS
from leerorkest.shared.translations import CLOSE, OPEN

SPOKEN = {"alt", "aria-label", "aria-description", "aria-roledescription", "aria-valuetext", "data-label"}
SPOKEN |= {"label", "placeholder", "summary", "title"}
SILENT = {"script", "style"}
FOR_A_SCRIPT = re.compile(r"^[A-Z][a-z]+|[^\W\d_]{2,} [^\W\d_]{2,}")  # "Present", "All marks are kept": no codes
WORD = re.compile(r"[^\W\d_]{2,}")
TAG = re.compile(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b")  # an instrument's tag as it is read
ALWAYS = {"Leerorkest", "Pseudo", *dict(settings.LANGUAGES).values()}  # names, the same in every language
ALWAYS |= {sheet.words for sheet in SHEETS.values()}
ROOMS = {"music", "network", "people", "schools", "depot", "lessons", "home", "shared"}


class Page(HTMLParser):
    """Collects what a page says: its texts in order, and the attributes that are read aloud."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.attributes: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag in SILENT:
            self._silent += 1
        given = dict(attributes)
        for name, value in attributes:
            if not value:
                continue
            if name in SPOKEN or (name == "value" and given.get("type") in {"submit", "button", "reset"}):
                self.attributes.append(value)
            elif name.startswith("data-"):
                self.attributes += filter(FOR_A_SCRIPT.search, texts_for_a_script(value))

    def handle_endtag(self, tag: str) -> None:
        if tag in SILENT:
            self._silent -= 1

    def handle_data(self, text: str) -> None:
        if not self._silent:
            self.texts.append(text)


def texts_for_a_script(value: str) -> list[str]:
    """The texts in a data- attribute, one by one where it holds JSON."""
    try:
        return list(texts_in(json.loads(value)))
    except ValueError:
        return [value]


def outside_brackets(texts: Iterable[str]) -> Iterator[str]:
    """The pieces of text at bracket depth zero; a translated sentence may be cut up by tags and hold another."""
    depth = 0
    for text in texts:
        piece = ""
        for letter in text:
            if letter == OPEN:
                depth += 1
            elif letter == CLOSE:
                depth -= 1
            elif depth == 0:
                piece += letter
        if piece.strip():
            yield " ".join(piece.split())


def data_in_rows() -> set[str]:
    """Every text in the database that is no code of a list of choices, and the parts of people's names."""
    found: set[str] = set()
    for model in apps.get_models():
        if model._meta.app_label not in ROOMS:
            continue
        fields = [field for field in model._meta.concrete_fields if not field.choices]
        for row in model._base_manager.values_list(*(field.attname for field in fields)):
            found |= {text for value in row for text in texts_in(value)}
    for model in ("people.Account", "people.Child"):
        for row in apps.get_model(model)._base_manager.all():
            found |= set(str(row).split())
    found |= {
        "EUR",
        "AWG",
        "XCG",
        "USD",
        *(language.name for language in terms.LANGUAGES.values()),
    }  # a language is named in itself
    for first in terms.FIRST.values():  # what an organisation signs until it publishes its own, in each language
        found |= set(texts_in(first.text))
    return {text for text in found if len(text) > 1}


SECRET_LINK = re.compile(r"http://testserver/\S+(?:#\S+|\.ics)")  # shown once, to be sent on


def texts_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield " ".join(value.split())
        yield from (" ".join(line.split()) for line in value.splitlines())
    elif isinstance(value, dict):
        for inner in value.values():
            yield from texts_in(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from texts_in(inner)


def untranslated(html: str, data: set[str]) -> list[str]:
    """What the page says outside of brackets that is no data."""
    page = Page()
    page.feed(html)
    page.close()
    pieces = list(outside_brackets(page.texts))
    for attribute in page.attributes:
        pieces += outside_brackets([attribute])
    known = sorted(data | ALWAYS, key=len, reverse=True)
    left = []
    for piece in pieces:
        rest = SECRET_LINK.sub(" ", TAG.sub(" ", piece))
        for text in known:
            if text.lower() in rest.lower():  # a register shouts its towns; the page does not
                rest = re.sub(rf"(?<!\w){re.escape(text)}(?!\w)", " ", rest, flags=re.IGNORECASE)
        if WORD.search(rest):
            left.append(piece)
    return left
