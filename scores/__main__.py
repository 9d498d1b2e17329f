"""`python -m scores read FILE`. Exit code 0, or 2 with one plain sentence on the error stream."""

import argparse
import json
import os
import sys
from pathlib import Path

from . import listing, reading
from .model import Refused


def read(options: argparse.Namespace) -> None:
    """Findings and a note list as JSON on the output."""
    found = reading.read_file(options.file)
    json.dump(listing.reading(found), sys.stdout, ensure_ascii=False, indent=1 if options.pretty else None)
    sys.stdout.write("\n")


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> None:  # type: ignore[override]
        sys.stderr.write(f"{self.format_usage().strip()} ({message})\n")
        sys.exit(2)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m scores", description=__doc__)
    words = parser.add_subparsers(dest="word", required=True, parser_class=_Parser)
    one = words.add_parser("read", help=read.__doc__)
    one.add_argument("file", type=Path)
    one.add_argument("--pretty", action="store_true", help="one value a line")
    one.set_defaults(work=read)
    return parser


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        options.work(options)
    except Refused as refusal:
        sys.stderr.write(f"{refusal.sentence}\n")
        return 2
    except BrokenPipeError:  # who reads has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


if __name__ == "__main__":
    sys.exit(main())
