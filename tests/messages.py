"""`./run messages`: collect every text for people into locale/; `check()` fails when a translation is missing.

The texts in the code are plain English. Dutch, Papiamento (Aruba) and Papiamentu (Curaçao, Bonaire) stand in locale/.
A translation nobody has read over yet keeps the note "draft: a speaker should read this": shown, counted, not an error.
Python and templates are read by their own parsers, so no other program is needed; a text that is put together before
it is translated (an f-string, a sum) is a fault with its line, because no translator could ever see it.
"""

import ast
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import polib
from django.template import Engine, engines
from django.template.base import Lexer as TemplateLexer
from django.template.base import Node, Origin, Parser, Token, TokenType
from django.templatetags.i18n import BlockTranslateNode, TranslateNode

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = ["nl", "pap_AW", "pap_CW"]
DRAFT = "draft: a speaker should read this"
PLACEHOLDER = re.compile(r"%\([a-z_]+\)[sdr]|%[sd]|\{[a-z_]*\}|\[[a-z]+\]")
TAG = re.compile(r"</?[a-z]+")
SKIPPED = {"tests", "bench", "migrations", ".venv", "var", "management"}
ARGUMENTS = {  # function: which argument is the text, the plural, the context
    "_": (0, None, None),
    "gettext": (0, None, None),
    "gettext_lazy": (0, None, None),
    "gettext_noop": (0, None, None),
    "ngettext": (0, 1, None),
    "ngettext_lazy": (0, 1, None),
    "pgettext": (1, None, 0),
    "pgettext_lazy": (1, None, 0),
    "npgettext": (1, 2, 0),
    "npgettext_lazy": (1, 2, 0),
}
Key = tuple[str, str | None]  # msgid, context


@dataclass
class Text:
    msgid: str
    plural: str = ""
    context: str | None = None
    places: list[str] = field(default_factory=list)

    @property
    def key(self) -> Key:
        return (self.msgid, self.context)


@dataclass
class Collected:
    texts: dict[Key, Text] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def add(self, place: str, msgid: str, plural: str = "", context: str | None = None) -> None:
        text = self.texts.setdefault((msgid, context), Text(msgid, context=context))
        text.plural = text.plural or plural
        if place not in text.places:
            text.places.append(place)


def sources() -> Iterator[Path]:
    for folder in ("leerorkest", "demo"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in {".py", ".html", ".txt"} and not SKIPPED & set(path.relative_to(ROOT).parts):
                yield path


def collected() -> Collected:
    """Every text in code and templates, with where it stands."""
    found = Collected()
    for path in sources():
        place = path.relative_to(ROOT).as_posix()
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".py":
            read_python(text, place, found)
        elif "templates" in path.parts:
            read_template(text, place, found)
    return found


def read_python(text: str, place: str, found: Collected) -> None:
    for call in (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)):
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        if name not in ARGUMENTS or (name == "_" and len(call.args) != 1):
            continue
        values = [
            call.args[position].value  # type: ignore[attr-defined]
            if position is not None and position < len(call.args) and is_text(call.args[position])
            else None
            for position in ARGUMENTS[name]
        ]
        wanted = [position for position in ARGUMENTS[name] if position is not None]
        if call.args and isinstance(call.args[0], ast.Name | ast.Attribute | ast.Subscript):
            continue  # a text that stands elsewhere in gettext_noop(), kept as data and translated when it is read
        if sum(value is not None for value in values) < len(wanted):
            found.faults.append(f"{place}:{call.lineno}: {name}() needs its text in plain quotes, not put together")
        else:
            found.add(place, values[0], values[1] or "", values[2])


def is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


class Reader(Parser):
    """Django's parser of templates, which also hands over each node it makes."""

    seen: list[tuple[Node, int]]

    def extend_nodelist(self, nodelist: list, node: Node, token: Token) -> None:
        self.seen.append((node, token.lineno or 0))
        super().extend_nodelist(nodelist, node, token)


def read_template(text: str, place: str, found: Collected) -> None:
    engine: Engine = engines["django"].engine
    tokens = TemplateLexer(text).tokenize()
    reader = Reader(tokens[:], engine.template_libraries, engine.template_builtins, Origin(place))
    reader.seen = []
    reader.parse()
    for token in tokens:
        if token.token_type in (TokenType.VAR, TokenType.BLOCK):
            for _, msgid in re.findall(r"""_\((["'])(.*?)\1\)""", token.contents):
                found.add(place, msgid)
    for node, line in reader.seen:
        if isinstance(node, TranslateNode):
            variable = node.filter_expression.var
            msgid = variable if isinstance(variable, str) else variable.literal
            if not isinstance(msgid, str):
                found.faults.append(f"{place}:{line}: translate needs its text in plain quotes, not a variable")
                continue
            found.add(place, msgid, context=context_of(node))
        elif isinstance(node, BlockTranslateNode):
            msgid, _ = node.render_token_list(node.singular)
            plural = node.render_token_list(node.plural)[0] if node.plural else ""
            found.add(place, msgid, plural, context_of(node))


def context_of(node: TranslateNode | BlockTranslateNode) -> str | None:
    return node.message_context.resolve({}) if node.message_context else None


def catalogue(language: str) -> Path:
    return ROOT / "locale" / language / "LC_MESSAGES" / "django.po"


def collect() -> int:
    """Bring locale/ up to date: new texts come in empty, texts that left the code go, translations stay."""
    found = collected()
    for language in LANGUAGES:
        path = catalogue(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        book = polib.pofile(str(path)) if path.exists() else polib.POFile()
        kept = {(entry.msgid, entry.msgctxt): entry for entry in book}
        fresh = polib.POFile(wrapwidth=110)
        fresh.metadata = {
            "Language": language,
            "MIME-Version": "1.0",
            "Content-Type": "text/plain; charset=UTF-8",
            "Content-Transfer-Encoding": "8bit",
            "Plural-Forms": "nplurals=2; plural=(n != 1);",
        }
        for text in sorted(found.texts.values(), key=lambda text: (text.places[0], text.msgid, text.context or "")):
            old = kept.get(text.key)
            plurals = {0: "", 1: ""} if text.plural else {}
            fresh.append(
                polib.POEntry(
                    msgid=text.msgid,
                    msgid_plural=text.plural,
                    msgctxt=text.context,
                    occurrences=[(place, "") for place in text.places],
                    flags=["python-format"] if "%(" in text.msgid else [],
                    tcomment=old.tcomment if old else "",
                    msgstr=old.msgstr if old and not text.plural else "",
                    msgstr_plural=old.msgstr_plural if old and old.msgstr_plural and text.plural else plurals,
                )
            )
        fresh.save(str(path))
        print(f"{language}: {len(fresh)} texts, {len(fresh.untranslated_entries())} without a translation")
    print("\n".join(found.faults))
    return bool(found.faults)


def differ(text: str, translation: str) -> bool:
    """Placeholders and tags must stand in both."""
    return any(sorted(part.findall(text)) != sorted(part.findall(translation)) for part in (PLACEHOLDER, TAG))


def faults_of(entry: polib.POEntry | None, text: Text) -> str:
    """What is wrong with one translation, in one sentence; empty when nothing is."""
    if entry is None:
        return "is not in the catalogue: ./run messages"
    said = list(entry.msgstr_plural.values()) if text.plural else [entry.msgstr]
    if len(said) != (2 if text.plural else 1) or not all(said):
        return "has no translation"
    # One of a plural may say it in words: "een kind" for "%(count)s child".
    if differ(text.plural or text.msgid, said[-1]) or (not text.plural and differ(text.msgid, said[0])):
        return f"has other placeholders or tags in “{said[-1]}”"
    return ""


def check() -> int:
    """0 when every text has a translation with the same placeholders in every language."""
    found = collected()
    faults = list(found.faults)
    for language in LANGUAGES:
        book = {(entry.msgid, entry.msgctxt): entry for entry in polib.pofile(str(catalogue(language)))}
        for key, text in found.texts.items():
            fault = faults_of(book.get(key), text)
            if fault:
                faults.append(f"{language}: “{text.msgid}” ({text.places[0]}) {fault}")
        drafts = sum(DRAFT in entry.tcomment for entry in book.values())
        print(f"{language}: {len(found.texts)} texts, {drafts} drafts that a speaker should read")
    print("\n".join(faults))
    return bool(faults)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leerorkest.settings")
    import django

    django.setup()
    sys.exit(check() if sys.argv[1:] == ["check"] else collect())
