"""The loan agreement, the receipt of a return and the paper form, as PDFs. Pure: values in, the same bytes out.

A document holds what was agreed (text, version, language), what went along, how it looked, and who agreed. It is set
from the side its language begins.
"""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import typst

from leerorkest.shared.tables import quoted

from .labels import code_of
from .terms import Text

RED, SOFT = "#8a1f2d", "#635d55"
PAPER = f"""
#set document(title: title, date: none)
#set page(paper: "a4", margin: (x: 20mm, top: 16mm, bottom: 18mm), footer: context [
  #set text(8pt, fill: rgb("{SOFT}"))
  #reference #h(1fr) #counter(page).display("1 / 1", both: true)
])
#set text(font: ("Libertinus Serif", "DejaVu Sans Mono"), size: 10.5pt, lang: lang, dir: dir)
#set par(leading: 0.62em, spacing: 0.9em)
#let soft(body) = text(9pt, fill: rgb("{SOFT}"), body)
#let fact(name, value) = (soft(name), value)
#let title-line(body) = block(below: 1em, text(19pt, weight: "bold", body))
#let part(body) = block(above: 1.5em, below: 0.6em, text(12pt, weight: "bold", fill: rgb("{RED}"), body))
#let picture(path, height) = box(stroke: 0.4pt + rgb("#cfc6b8"), image(path, height: height, fit: "contain"))
"""


@dataclass(frozen=True)
class Item:
    """One instrument of a handover, in words of the document's language."""

    name: str  # "Violin ½ number 17"
    tag: str  # "K7M2-Q9X4"
    serial: str
    condition: str
    accessories: str  # "bow, case"


@dataclass(frozen=True)
class Picture:
    words: str  # "At the hand-out"
    content: bytes  # JPEG


@dataclass(frozen=True)
class Document:
    """Everything that stands in one agreement or receipt. `facts`: (name, value) pairs in their order."""

    title: str
    language: str  # "nl", "ar"
    direction: str  # "ltr" or "rtl"
    reference: str  # at the foot of each page
    facts: Sequence[tuple[str, str]]
    items: Sequence[Item]
    heads: Mapping[str, str]  # words of the columns and parts, in the document's language
    text: Text | None = None
    text_note: str = ""  # "Version 3, Nederlands"
    pictures: Sequence[Picture] = ()
    mark: bytes = b""  # the ink as PNG, or the photo of the paper as JPEG
    mark_words: str = ""
    is_paper: bool = False
    notes: Sequence[str] = field(default_factory=tuple)


def pdf(document: Document) -> bytes:
    """The same document gives the same bytes, on every machine: only fonts that come with the program."""
    files = {f"picture{number}.jpg": one.content for number, one in enumerate(document.pictures)}
    if document.mark:
        files["mark.jpg" if document.is_paper else "mark.png"] = document.mark
    return _compile([*_head(document), *_body(document)], files)


def _head(document: Document) -> list[str]:
    return [
        f"#let title = {quoted(document.title)}",
        f"#let reference = {quoted(document.reference)}",
        f"#let lang = {quoted(document.language.split('-')[0])}",
        f"#let dir = {document.direction}",
        PAPER,
    ]


def _body(document: Document) -> list[str]:
    lines = ["#title-line(title)", _facts(document.facts)]
    if document.items:
        lines.append(_table(document))
    lines += [f"#par({quoted(note)})" for note in document.notes]
    if document.text:
        lines.append(f"#part({quoted(document.text.title)})")
        lines += [f"#par({quoted(paragraph)})" for paragraph in document.text.paragraphs]
        lines.append(f"#soft({quoted(document.text_note)})")
    if document.pictures:
        shown = ", ".join(
            f'stack(spacing: 4pt, picture("picture{number}.jpg", 52mm), soft({quoted(one.words)}))'
            for number, one in enumerate(document.pictures)
        )
        lines.append(f"#v(0.8em)\n#grid(columns: {len(document.pictures)}, column-gutter: 8mm, {shown})")
    if document.mark:
        name, height = ("mark.jpg", "90mm") if document.is_paper else ("mark.png", "18mm")
        drawn = f'image("{name}", height: {height}, fit: "contain")'
        lines.append(
            f"#block(breakable: false, above: 1.4em)[#{drawn}\n#line(length: 80mm, stroke: 0.5pt)\n"
            f"#soft({quoted(document.mark_words)})]"
        )
    elif document.mark_words:
        lines.append(f"#par(soft({quoted(document.mark_words)}))")
    return lines


def _facts(facts: Sequence[tuple[str, str]]) -> str:
    cells = ", ".join(f"..fact({quoted(name)}, {quoted(value)})" for name, value in facts if value)
    return f"#grid(columns: (auto, 1fr), column-gutter: 6mm, row-gutter: 5pt, {cells})"


def _table(document: Document) -> str:
    columns = ("name", "tag", "condition", "accessories")
    heads = ", ".join(f"soft({quoted(document.heads[column])})" for column in columns)
    rows = []
    for item in document.items:
        name = f"{item.name} ({item.serial})" if item.serial else item.name
        rows += [quoted(name), f'text(font: "DejaVu Sans Mono", 9pt, {quoted(item.tag)})']
        rows += [quoted(item.condition), quoted(item.accessories)]
    return (
        "#v(0.4em)\n#table(columns: (1.4fr, auto, auto, 1.6fr), inset: (x: 0pt, y: 3.5pt), column-gutter: 5mm, "
        f'stroke: (x, y) => (bottom: 0.4pt + rgb("#cfc6b8")), table.header({heads}), {", ".join(rows)})'
    )


@dataclass(frozen=True)
class Form:
    """One child's paper form: the terms, room to write, and a code that opens the place for its photo."""

    address: str
    child: str  # "Amina · 5A"
    text: Text


def forms_pdf(
    forms: Sequence[Form], *, title: str, language: str, direction: str, note: str, words: Mapping[str, str]
) -> bytes:
    """A page for each child. `words`: of the lines to write on: instrument, accessories, date, signature, scan."""
    document = Document(title, language, direction, note, (), (), {})
    lines = _head(document)
    for number, form in enumerate(forms):
        if number:
            lines.append("#pagebreak()")
        code = f'image(bytes({quoted(code_of(form.address))}), format: "svg", width: 30mm)'
        lines += [
            f"#grid(columns: (1fr, 30mm), column-gutter: 8mm, [#title-line({quoted(form.child)})\n"
            f'#text(13pt, weight: "bold", {quoted(form.text.title)})], {code})',
            *[f"#par({quoted(paragraph)})" for paragraph in form.text.paragraphs],
            "#v(1em)",
        ]
        for key in ("instrument", "accessories", "date", "signature"):
            height = "16mm" if key == "signature" else "9mm"
            lines.append(
                f"#block(height: {height}, width: 100%, below: 3mm, align(bottom)[#soft({quoted(words[key])})"
                "\n#line(length: 100%, stroke: 0.5pt)])"
            )
        lines.append(f"#v(1em)\n#par(soft({quoted(words['scan'])}))")
    return _compile(lines, {})


def _compile(lines: Sequence[str], files: Mapping[str, bytes]) -> bytes:
    with tempfile.TemporaryDirectory(prefix="leerorkest-") as folder:
        root = Path(folder)
        for name, content in files.items():
            (root / name).write_bytes(content)
        main = root / "main.typ"
        main.write_text("\n".join(lines), encoding="utf-8")
        made: bytes = typst.compile(main, root=root, format="pdf", ignore_system_fonts=True, timestamp=0)
    return made
