"""The worker that draws: one JSON request a line in, one JSON answer a line out. Run as `python -m scores.drawing`.

Verovio keeps the interpreter to itself while it draws and is sure of itself only in a main thread, so it gets a process
of its own (engrave.py starts it, waits with a limit, and ends it when it hangs). It draws and does nothing else: time
and pitch are the engine's own.
"""

import contextlib
import json
import resource
import sys
import tempfile
from pathlib import Path
from typing import Any

import typst
import verovio
from lxml import etree

from . import safe

UNICODE = {"eighth": "♪", "quarter": "♩"}
MOST_MEMORY = 4 * 2**30
PAGE = """
#set document(title: sys.inputs.title, date: none)
#set text(font: ("Libertinus Serif", "DejaVu Sans Mono"), lang: "en", size: 10pt)
#set page(width: 210mm, height: 297mm, margin: 0mm)
#let pages = int(sys.inputs.pages)
#for number in range(pages) {
  place(top + left, dx: 12mm, dy: 8mm, block(width: 186mm, grid(columns: (1fr, auto, 1fr), align: (left, center, right),
    text(size: 11pt, sys.inputs.left), text(size: 15pt, weight: "bold", sys.inputs.title),
    text(size: 11pt, sys.inputs.right))))
  place(top + left, dx: 0mm, dy: 17mm, image(bytes(sys.inputs.at("page" + str(number))), format: "svg", width: 210mm))
  place(bottom + left, dx: 12mm, dy: -7mm, block(width: 186mm, grid(columns: (1fr, auto), align: (left, right),
    text(size: 8pt, sys.inputs.foot), text(size: 8pt, str(number + 1) + " / " + str(pages)))))
  if number < pages - 1 { pagebreak() }
}
#if sys.inputs.last != "" {
  pagebreak()
  set page(margin: 18mm)
  set par(leading: 0.6em)
  for line in sys.inputs.last.split("\\n") {
    if line.starts-with("# ") { heading(line.slice(2)) }
    else if line.starts-with("- ") { list(line.slice(2)) }
    else { par(line) }
  }
}
"""


def readied(source: str) -> str:
    """The XML as verovio draws it best: tempo marks as words (their notes are no glyphs of a text font), and no name
    before the staff of a single part, whose page says it above."""
    if "<metronome" not in source and source.count("<score-part ") != 1:
        return source
    root = safe.parsed(source.encode())
    for mark in list(root.iter("metronome")):
        unit, minute = mark.findtext("beat-unit") or "", mark.findtext("per-minute") or ""
        above = mark.getparent()
        if above is None:
            continue
        if unit == "half" and minute.isdigit():
            unit, minute = "quarter", str(int(minute) * 2)
        dot = "." if mark.find("beat-unit-dot") is not None else ""
        if unit in UNICODE and minute:
            words = etree.Element("words")
            words.text = f"{UNICODE[unit]}{dot} = {minute}"
            above.replace(mark, words)
        else:
            above.remove(mark)
            if not len(above):
                direction = above.getparent()
                if direction is not None:
                    direction.remove(above)
    parts = root.findall("part-list/score-part")
    if len(parts) == 1:
        for name in (*parts[0].iterchildren("part-name"), *parts[0].iterchildren("part-abbreviation")):
            name.text = ""
    return etree.tostring(root, encoding="unicode")


def svgs(source: str, options: dict[str, Any]) -> list[str]:
    """One SVG a page. `options`: width and height in tenths of a millimetre of paper before it is scaled to fit."""
    toolkit = verovio.toolkit()
    toolkit.setOptions(
        {
            "pageWidth": options["width"],
            "pageHeight": options["height"],
            "pageMarginLeft": 120 * options["width"] // 2100,
            "pageMarginRight": 120 * options["width"] // 2100,
            "pageMarginTop": 20,
            "pageMarginBottom": 20,
            "adjustPageHeight": options.get("adjust", False),
            "scale": options.get("scale", 45),
            "breaks": "auto",
            "header": "none",
            "footer": "none",
            "xmlIdSeed": 1,
            "smuflTextFont": "none",
            "svgViewBox": True,
            "svgRemoveXlink": True,
            "lyricSize": 4.5,
            **options.get("more", {}),
        }
    )
    if not toolkit.loadData(readied(source)):
        raise ValueError("verovio cannot load this score")
    return [toolkit.renderToSVG(page) for page in range(1, toolkit.getPageCount() + 1)]


def pdf(request: dict[str, Any]) -> tuple[bytes, int]:
    """The PDF and how many pages it has."""
    pages = svgs(request["source"], request["options"])
    words = {key: str(request.get(key, "")) for key in ("title", "left", "right", "foot", "last")}
    inputs = {**words, "pages": str(len(pages)), **{f"page{number}": page for number, page in enumerate(pages)}}
    made: Any = typst.compile(PAGE.encode(), sys_inputs=inputs, ignore_system_fonts=True)
    return bytes(made), len(pages) + bool(words["last"])


def print_set(files: list[dict[str, Any]]) -> bytes:
    """One PDF of many, each as often as it is needed. What is there twice is stored once."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lines = []
        for number, file in enumerate(files):
            (folder / f"{number}.pdf").write_bytes(bytes.fromhex(file["hex"]))
            pages = [f'#image("{number}.pdf", page: {page}, width: 210mm)' for page in range(1, file["pages"] + 1)]
            lines += pages * file["copies"]
        head = "#set document(date: none)\n#set page(width: 210mm, height: 297mm, margin: 0mm)\n"
        (folder / "main.typ").write_text(head + "\n#pagebreak()\n".join(lines))
        made: Any = typst.compile(str(folder / "main.typ"), root=str(folder), ignore_system_fonts=True)
        return bytes(made)


def mei(source: str) -> str:
    """Canonical MEI of what is MEI or ABC."""
    toolkit = verovio.toolkit()
    toolkit.setOptions({"xmlIdSeed": 1})
    if not toolkit.loadData(source):
        raise ValueError("verovio cannot load this score")
    return str(toolkit.getMEI({"pageBased": False}))


def main() -> None:
    verovio.enableLog(verovio.LOG_OFF)
    with contextlib.suppress(OSError, ValueError):  # a score that wants more ends this process, not the machine
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    output = sys.stdout.buffer
    for line in sys.stdin.buffer:
        request = json.loads(line)
        try:
            if request["job"] == "pdf":
                data, pages = pdf(request)
                answer: dict[str, Any] = {"hex": data.hex(), "pages": pages}
            elif request["job"] == "print":
                answer = {"hex": print_set(request["files"]).hex()}
            elif request["job"] == "svg":
                answer = {"pages": svgs(request["source"], request["options"])}
            else:
                answer = {"mei": mei(request["source"])}
        except Exception as error:  # whatever the score does to it, the next one is drawn
            answer = {"error": f"{type(error).__name__}: {error}"[:300]}
        output.write(json.dumps(answer).encode() + b"\n")
        output.flush()


if __name__ == "__main__":
    main()
