"""Labels for instruments: a QR code, the tag in letters, what it is. Never a name of a child.

Sheets are plain sizes in millimetres, as their makers print them on the pack. A label roll is a sheet of one label.
Pure: values in, PDF out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Literal

import segno
import typst

from leerorkest.shared.tables import quoted

PADDING = 1.6  # mm within each label that stays white: cutters and printers are not exact
QUIET = 2  # modules of white around a code; the label's own white does the rest


@dataclass(frozen=True)
class Sheet:
    """A sheet of labels. `x0`, `y0`: the first label's corner; `dx`, `dy`: from one label to the next."""

    key: str
    name: str
    width: float
    height: float
    columns: int = 1
    rows: int = 1
    x0: float = 0
    y0: float = 0
    dx: float = 0
    dy: float = 0
    paper: tuple[float, float] = (210, 297)

    @property
    def places(self) -> int:
        return self.columns * self.rows

    def corner(self, place: int) -> tuple[float, float]:
        """The top left corner of a place on the sheet, counted in reading order from 0."""
        return self.x0 + place % self.columns * self.dx, self.y0 + place // self.columns * self.dy

    @property
    def words(self) -> str:
        count = f" ({self.places})" if self.places > 1 else ""
        return f"{self.name}{count}: {self.width:g} × {self.height:g} mm"


def _roll(key: str, name: str, width: float, height: float) -> Sheet:
    return Sheet(key, name, width, height, paper=(width, height))


SHEETS = {
    sheet.key: sheet
    for sheet in (
        Sheet("avery-l7160", "Avery L7160", 63.5, 38.1, 3, 7, 7.25, 15.15, 66.04, 38.1),
        Sheet("avery-l7161", "Avery L7161", 63.5, 46.6, 3, 6, 7.25, 8.7, 66.04, 46.6),
        Sheet("avery-l7162", "Avery L7162", 99.1, 33.9, 2, 8, 4.65, 12.9, 101.6, 33.9),
        Sheet("avery-l7163", "Avery L7163", 99.1, 38.1, 2, 7, 4.65, 15.15, 101.6, 38.1),
        Sheet("avery-l7165", "Avery L7165", 99.1, 67.7, 2, 4, 4.65, 13.1, 101.6, 67.7),
        Sheet("avery-l7651", "Avery L7651", 38.1, 21.2, 5, 13, 4.7, 10.7, 40.64, 21.2),
        Sheet("zweckform-3474", "Avery Zweckform 3474", 70, 37, 3, 8, 0, 0, 70, 37),
        Sheet("zweckform-3475", "Avery Zweckform 3475", 70, 36, 3, 8, 0, 4.5, 70, 36),
        Sheet("zweckform-3490", "Avery Zweckform 3490", 70, 36, 3, 8, 0, 4.5, 70, 36),
        Sheet("zweckform-6091", "Avery Zweckform 6091", 64.6, 33.8, 3, 8, 8.1, 13.25, 64.6, 33.8),
        Sheet("herma-4097", "Herma 4097", 45.7, 21.2, 4, 12, 10, 22, 48.7, 21.2),
        Sheet("herma-4098", "Herma 4098", 63.5, 29.6, 3, 9, 7.8, 15.5, 66.5, 29.6),
        Sheet("herma-4099", "Herma 4099", 96, 50.8, 2, 5, 8, 21.5, 99, 50.8),
        Sheet("herma-4102", "Herma 4102", 48.3, 25.4, 4, 11, 8.5, 8.5, 48.3, 25.4),
        Sheet("herma-4103", "Herma 4103", 63.5, 38.1, 3, 7, 6.75, 15.5, 66.5, 38.1),
        Sheet("herma-4270", "Herma 4270", 38, 21.2, 5, 13, 9.5, 10.5, 38, 21.2),
        _roll("dymo-11352", "Dymo 11352", 54, 25),
        _roll("dymo-11354", "Dymo 11354", 57, 32),
        _roll("dymo-11355", "Dymo 11355", 51, 19),
        _roll("dymo-99012", "Dymo 99012", 89, 36),
        _roll("dymo-99014", "Dymo 99014", 101, 54),
        _roll("dymo-99010", "Dymo 99010", 89, 28),
        _roll("brother-dk-1201", "Brother DK-11201", 90, 29),
        _roll("brother-dk-1202", "Brother DK-11202", 100, 62),
        _roll("brother-dk-1208", "Brother DK-11208", 90, 38),
    )
}


@dataclass(frozen=True)
class Label:
    """What stands on one label."""

    address: str  # what the code opens: "https://…/i/K7M2Q9X4"
    tag: str  # as people read it: "K7M2-Q9X4"
    words: str  # "Violin ½"
    number: str  # "17"


def code_of(address: str) -> str:
    """The QR code as SVG. Level M reads through a scratch. Every reader reads every mask; weighing all eight for the
    prettiest takes five times as long."""
    svg = BytesIO()
    segno.make(address, error="m", micro=False, mask=3).save(
        svg, kind="svg", border=QUIET, xmldecl=False, svgns=True, omitsize=True, nl=False
    )
    return svg.getvalue().decode()


def _page(sheet: Sheet) -> str:
    side = min(sheet.height - 2 * PADDING, sheet.width * 0.46)
    text_width = sheet.width - side - 3 * PADDING
    big = min(10.0, text_width * 0.3, sheet.height * 0.24)  # mm of the number
    small = min(4.4, text_width / 6, sheet.height * 0.12)  # nine letters of the tag fit
    return f"""
#set document(title: "Labels")
#set page(width: {sheet.paper[0]}mm, height: {sheet.paper[1]}mm, margin: 0mm)
#set text(font: ("Libertinus Serif", "DejaVu Sans Mono"), size: {small * 1.1:.2f}mm, hyphenate: false)
#set par(leading: {small * 0.3:.2f}mm, spacing: {small * 0.5:.2f}mm)
#let label(x, y, code, tag, words, number) = place(top + left, dx: x * 1mm, dy: y * 1mm,
  box(width: {sheet.width}mm, height: {sheet.height}mm, clip: true, inset: {PADDING}mm,
    grid(columns: ({side:.2f}mm, {text_width:.2f}mm), column-gutter: {PADDING}mm, rows: 100%,
      align(horizon, image(bytes(code), format: "svg", width: {side:.2f}mm)),
      align(left + horizon, {{
        text(weight: "bold", words)
        if number != "" {{ parbreak(); text(size: {big:.2f}mm, weight: "bold", number) }}
        parbreak()
        text(font: "DejaVu Sans Mono", size: {small:.2f}mm, tag)
      }}))))
"""


def pdf(
    sheet: Sheet,
    labels: Sequence[Label],
    *,
    start: int = 0,
    shift: tuple[float, float] = (0, 0),
    form: Literal["pdf", "png"] = "pdf",
) -> bytes:
    """`start`: how many places of the first sheet are used already. `shift`: mm to the right and down, for a printer
    that feeds askew."""
    lines = [_page(sheet)]
    for position, label in enumerate(labels, start=start):
        page, place = divmod(position, sheet.places)
        if place == 0 and page and position > start:
            lines.append("#pagebreak()")
        x, y = sheet.corner(place)
        words = [quoted(part) for part in (code_of(label.address), label.tag, label.words, label.number)]
        lines.append(f"#label({x + shift[0]:.3f}, {y + shift[1]:.3f}, {', '.join(words)})")
    return typst.compile("\n".join(lines).encode(), format=form, ignore_system_fonts=True)
