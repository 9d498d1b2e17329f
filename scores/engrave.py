"""Pages of scores: SVG for screens, PDF for paper. The work is done by processes of drawing.py."""

import json
import os
import selectors
import subprocess
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from .model import Refused

SECONDS = 120.0  # for one request
A4 = (2100, 2700)  # in tenths of a millimetre; the rest of the page is for the words above and below


def paper(staves: int = 1, *, large: bool = False) -> dict[str, Any]:
    """The page that so many staves fit on: 7 mm staves for a part, 11 mm in large print, smaller in a full score."""
    width, height = A4
    if large:
        return {"width": width * 2 // 3, "height": height * 2 // 3}
    if staves > 2:
        grown = max(height * 4 // 3, staves * 175 + 400)
        return {"width": grown * width // height, "height": grown}
    return {"width": width, "height": height}


PHONE = {"width": 1080, "height": 60000, "adjust": True, "scale": 36}  # one long page, 360 px wide and more


@dataclass(frozen=True)
class Sheet:
    """A score on paper and what stands around it."""

    source: bytes
    title: str
    left: str = ""
    right: str = ""
    foot: str = ""
    last: str = ""  # a page of words behind it; lines, "# " heads and "- " lists
    staves: int = 1
    large: bool = False


@dataclass(frozen=True)
class Printed:
    """A PDF and the number of its pages."""

    data: bytes
    pages: int


class Engraver:
    """One worker process. Not for two threads at once; use `draw_all` for many sheets."""

    def __init__(self, seconds: float = SECONDS):
        self.seconds = seconds
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Engraver":
        return self

    def __exit__(
        self, sort: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def _worker(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            root = str(Path(__file__).resolve().parent.parent)
            path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH", ""))))
            self._process = subprocess.Popen(
                [sys.executable, "-m", "scores.drawing"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={**os.environ, "PYTHONPATH": path},
            )
        return self._process

    def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        """Raises Refused when it cannot be drawn, or not in time."""
        worker = self._worker()
        assert worker.stdin
        assert worker.stdout
        try:
            worker.stdin.write(json.dumps(request).encode() + b"\n")
            worker.stdin.flush()
            line = self._line(worker)
        except OSError:
            line = b""
        if not line:
            self.close()
            raise Refused("not-drawn", "This score cannot be drawn: the engraver stopped or took too long.")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise Refused("not-drawn", "This score cannot be drawn by the engraver.")
        return answer

    def _line(self, worker: subprocess.Popen[bytes]) -> bytes:
        assert worker.stdout
        pieces: list[bytes] = []
        with selectors.DefaultSelector() as selector:
            selector.register(worker.stdout, selectors.EVENT_READ)
            while selector.select(self.seconds):
                piece = os.read(worker.stdout.fileno(), 1 << 20)
                if not piece:
                    return b""
                pieces.append(piece)
                if piece.endswith(b"\n"):
                    return b"".join(pieces)
        return b""

    def svg(self, source: bytes, options: dict[str, Any]) -> list[str]:
        """The pages as SVG; `id`s are those of the source."""
        pages: list[str] = self.ask({"job": "svg", "source": source.decode(), "options": options})["pages"]
        return pages

    def pdf(self, sheet: Sheet) -> "Printed":
        words = {key: getattr(sheet, key) for key in ("title", "left", "right", "foot", "last")}
        options = paper(sheet.staves, large=sheet.large)
        answer = self.ask({"job": "pdf", "source": sheet.source.decode(), "options": options, **words})
        return Printed(bytes.fromhex(answer["hex"]), answer["pages"])

    def mei(self, source: str) -> bytes:
        made: str = self.ask({"job": "mei", "source": source})["mei"]
        return made.encode()


def draw_all(sheets: Sequence[Sheet], workers: int | None = None) -> list[Printed]:
    """The PDFs of many sheets, in their order, by as many workers as there are cores. Equal sheets are drawn once."""
    different = list(dict.fromkeys(sheets))
    count = max(1, min(workers or os.cpu_count() or 1, 4, len(different)))
    shares = [different[first::count] for first in range(count)]
    with ThreadPoolExecutor(count) as pool:  # the threads only wait
        made = dict(pair for share in pool.map(_share, shares) for pair in share)
    return [made[sheet] for sheet in sheets]


def _share(sheets: Iterable[Sheet]) -> list[tuple[Sheet, Printed]]:
    with Engraver() as engraver:
        return [(sheet, engraver.pdf(sheet)) for sheet in sheets]


def print_set(copies: Sequence[tuple[Printed, int]]) -> bytes:
    """One PDF with each as often as it is needed, in their order. Raises Refused when nothing is asked for."""
    files = [{"hex": part.data.hex(), "pages": part.pages, "copies": count} for part, count in copies if count > 0]
    if not files:
        raise Refused("nothing-to-print", "Nobody needs a part on paper: all numbers of copies are 0.")
    with Engraver() as engraver:
        return bytes.fromhex(engraver.ask({"job": "print", "files": files})["hex"])
