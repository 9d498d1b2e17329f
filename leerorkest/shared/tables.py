"""A list to take along, as a PDF and as a spreadsheet. Pure: rows in, bytes out."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any

import typst
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

Cell = str | int | float | None


def quoted(text: str) -> str:
    """As a string of typst's: nothing in it can become a command."""
    plain = "".join(letter for letter in text if letter.isprintable())
    return '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'


def xlsx(title: str, head: Sequence[str], rows: Sequence[Sequence[Cell]], totals: Sequence[Sequence[Cell]]) -> bytes:
    """A workbook with the list on one sheet and the totals on another.

    Every text is stored as a text: one that opens with "=" is no formula, whoever typed it into a list.
    """
    book = Workbook(write_only=True)
    for name, lines in ((title, [head, *rows]), (f"{title} Σ"[:31], totals)):
        sheet = book.create_sheet(name[:31])
        for number, line in enumerate(lines):
            sheet.append([_cell(sheet, value, is_head=not number) for value in line])
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _cell(sheet: Any, value: Cell, *, is_head: bool) -> Any:
    text = "".join(letter for letter in value if letter.isprintable()) if isinstance(value, str) else value
    cell = WriteOnlyCell(sheet, value=text)
    if isinstance(text, str):
        cell.data_type = "s"
        cell.quotePrefix = True  # stays a text when somebody edits it
    if is_head:
        cell.font = Font(bold=True)
    return cell


def pdf(
    title: str, under: str, head: Sequence[str], rows: Sequence[Sequence[str]], totals: Sequence[Sequence[str]]
) -> bytes:
    """A4 across, the head repeated on each page, the totals first."""
    widths = ", ".join(["auto"] * len(head))
    lines = [
        '#set page(paper: "a4", flipped: true, margin: 14mm, numbering: "1 / 1")',
        '#set text(font: "Libertinus Serif", size: 8pt, hyphenate: false)',
        "#set table(stroke: (bottom: 0.3pt + luma(160)), inset: (x: 2pt, y: 2.5pt))",
        f"#set document(title: {quoted(title)})",
        f'#text(size: 14pt, weight: "bold", {quoted(title)})',
        f"#parbreak()#text({quoted(under)})",
        _table(totals[0], totals[1:], ", ".join(["auto"] * len(totals[0]))),
        "#v(6mm)",
        _table(head, rows, widths),
    ]
    return typst.compile("\n".join(lines).encode(), format="pdf", ignore_system_fonts=True)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], widths: str) -> str:
    cells = ", ".join(f'text(weight: "bold", {quoted(name)})' for name in head)
    body = ",\n".join(", ".join(f"text({quoted(cell)})" for cell in row) for row in rows)
    return f"#table(columns: ({widths}), table.header({cells}),\n{body})"
