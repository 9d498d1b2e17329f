"""`./run messages`: collect every text for people into locale/; `check()` fails when a translation is missing.

The texts in the code are plain English. Dutch, Papiamento (Aruba) and Papiamentu (Curaçao, Bonaire) stand in locale/.
A translation nobody has read over yet keeps the note "draft: a speaker should read this": shown, counted, not an error.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = ["nl", "pap_AW", "pap_CW"]
DRAFT = "draft: a speaker should read this"
PLACEHOLDER = re.compile(r"%\([a-z_]+\)[sd]|%[sd]|\{[a-z_]*\}")
SKIPPED = {"tests", "bench", "migrations", ".venv", "var", "management"}


def sources() -> list[Path]:
    found = []
    for folder in ("leerorkest", "demo"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in {".py", ".html", ".txt"} and not SKIPPED & set(path.relative_to(ROOT).parts):
                found.append(path)
    return found


def collected() -> polib.POFile:
    """Every text in code and templates, with where it stands. Templates are read as Django's own makemessages does."""
    from django.utils.translation import template

    with tempfile.TemporaryDirectory() as folder:
        names = []
        for path in sources():
            copy = Path(folder) / path.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            text = path.read_text(encoding="utf-8")
            copy.write_text(text if path.suffix == ".py" else template.templatize(text), encoding="utf-8")
            names.append(str(path.relative_to(ROOT)))
        keywords = ["gettext_noop", "gettext_lazy", "ngettext_lazy:1,2", "pgettext:1c,2", "npgettext:1c,2,3"]
        keywords += ["pgettext_lazy:1c,2", "npgettext_lazy:1c,2,3", "_"]
        subprocess.run(
            [
                "xgettext",
                "--language=Python",
                "--from-code=UTF-8",
                "--add-comments=Translators",
                "--output=all.pot",
                "--sort-by-file",
                *(f"--keyword={word}" for word in keywords),
                *names,
            ],
            cwd=folder,
            check=True,
            stderr=subprocess.DEVNULL,
        )
        return polib.pofile(str(Path(folder) / "all.pot"), encoding="utf-8")


def catalogue(language: str) -> Path:
    return ROOT / "locale" / language / "LC_MESSAGES" / "django.po"


def collect() -> int:
    texts = collected()
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
        for entry in texts:
            old = kept.get((entry.msgid, entry.msgctxt))
            entry.occurrences = [(name, "") for name in dict.fromkeys(name for name, _ in entry.occurrences)]
            entry.flags = [flag for flag in entry.flags if flag != "fuzzy"]
            fresh.append(
                polib.POEntry(
                    msgid=entry.msgid,
                    msgid_plural=entry.msgid_plural,
                    msgctxt=entry.msgctxt,
                    occurrences=entry.occurrences,
                    flags=entry.flags,
                    comment=entry.comment,
                    tcomment=old.tcomment if old else "",
                    msgstr=old.msgstr if old else "",
                    msgstr_plural=(old.msgstr_plural if old else {}) or ({0: "", 1: ""} if entry.msgid_plural else {}),
                )
            )
        fresh.save(str(path))
        print(f"{language}: {len(fresh)} texts, {len(fresh.untranslated_entries())} without a translation")
    return 0


def differ(text: str, translation: str) -> bool:
    return sorted(PLACEHOLDER.findall(text)) != sorted(PLACEHOLDER.findall(translation))


def check() -> int:
    """0 when every text has a translation with the same placeholders in every language."""
    texts = {(entry.msgid, entry.msgctxt) for entry in collected()}
    faults = 0
    for language in LANGUAGES:
        book = {(entry.msgid, entry.msgctxt): entry for entry in polib.pofile(str(catalogue(language)))}
        drafts = sum(DRAFT in entry.tcomment for entry in book.values())
        for key in sorted(texts, key=str):
            entry = book.get(key)
            said = [entry.msgstr, *entry.msgstr_plural.values()] if entry else []
            said = [text for text in said if text] if entry and not entry.msgid_plural else said[1:]
            if not said or not all(said):
                print(f"{language}: no translation for “{key[0]}”")
                faults += 1
            elif not entry.msgid_plural and differ(key[0], said[0]):
                print(f"{language}: the placeholders differ in “{said[0]}”")
                faults += 1
        print(f"{language}: {len(texts)} texts, {drafts} drafts that a speaker should read")
    return bool(faults)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leerorkest.settings")
    import django

    django.setup()
    sys.exit(collect())
