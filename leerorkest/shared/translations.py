"""From the catalogues people write (.po) to those the site reads (.mo), and a made-up language to test pages with."""

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings

LOCALE = Path(__file__).resolve().parent.parent.parent / "locale"
PSEUDO = "ar-xb"  # a tag of ours: right to left, every text longer and in brackets
OPEN, CLOSE = "⟦", "⟧"
LONGER_BY = 0.35  # Dutch and Papiamento take up to a third more room than English
PADDING = "ابجدهوز "  # real right-to-left letters, so that the browser really turns the line


def compile_catalogues(folder: Path = LOCALE) -> list[Path]:
    """Compile every .po whose .mo is absent or of another moment; the .mo files that were written."""
    written = []
    for po in sorted(folder.glob("*/LC_MESSAGES/django.po")):
        mo = po.with_suffix(".mo")
        moment = po.stat().st_mtime_ns
        if mo.exists() and mo.stat().st_mtime_ns == moment:
            continue
        import polib  # only when there is something to do: it costs more than the looking

        _replace(mo, polib.pofile(str(po)).to_binary())
        os.utime(mo, ns=(moment, moment))
        written.append(mo)
    if PSEUDO in dict(settings.LANGUAGES):
        written.append(write_pseudo_catalogue(settings.LOCALE_PATHS[-1]))
    return written


def write_pseudo_catalogue(folder: Path, texts: Iterable[tuple[str, str, str | None]] | None = None) -> Path:
    """The made-up language as a catalogue below `folder`. `texts`: (msgid, plural, context); else those of locale/."""
    import polib

    if texts is None:
        dutch = polib.pofile(str(LOCALE / "nl" / "LC_MESSAGES" / "django.po"))
        texts = [(entry.msgid, entry.msgid_plural, entry.msgctxt) for entry in dutch]
    book = polib.POFile()
    book.metadata = {
        "Content-Type": "text/plain; charset=UTF-8",
        "Plural-Forms": "nplurals=2; plural=(n != 1);",
    }
    for text, plural, context in texts:
        entry = polib.POEntry(msgid=text, msgctxt=context, msgid_plural=plural)
        if plural:
            entry.msgstr_plural = {0: pseudo(text), 1: pseudo(plural)}
        else:
            entry.msgstr = pseudo(text)
        book.append(entry)
    path = folder / "ar_XB" / "LC_MESSAGES" / "django.mo"
    path.parent.mkdir(parents=True, exist_ok=True)
    _replace(path, book.to_binary())
    return path


def pseudo(text: str) -> str:
    """The same text, a third longer and in brackets; placeholders and tags stay as they are."""
    wanted = max(1, round(len(text) * LONGER_BY))
    padding = (PADDING * (wanted // len(PADDING) + 1))[:wanted].rstrip() or PADDING[0]
    return f"{OPEN}{text} {padding}{CLOSE}"


def _replace(path: Path, content: bytes) -> None:
    """At once or not at all: two processes that start together must not read half a file."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    Path(name).chmod(0o644)
    Path(name).replace(path)
