"""The engine on its own: `read FILE`, `fit FILE GROUP.json OUT/`, `check FILE OUT/`.

Exit code 0, or 2 with one plain sentence on the error stream. README.md documents the JSON.
"""

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

from . import check, group, listing, package, reading
from .model import Refused


def read(options: argparse.Namespace) -> None:
    """Findings and a note list as JSON on the output."""
    found = reading.read_file(options.file)
    json.dump(listing.reading(found), sys.stdout, ensure_ascii=False, indent=1 if options.pretty else None)
    sys.stdout.write("\n")


def fit(options: argparse.Namespace) -> None:
    """Parts for a group as MusicXML and PDF, the conductor's score, the certificate and the print set."""
    found = reading.read_file(options.file)
    wish = group.wish_of(group.read_file(options.group), found.score)
    certificate = package.save(found.score, wish, options.out, pdf=not options.no_pdf, ossia=not options.no_next)
    _tell(certificate)


def check_files(options: argparse.Namespace) -> None:
    """The certificate of files that were fitted before, found anew."""
    found = reading.read_file(options.file)
    certificate = check.certificate(found.score, options.out)
    json.dump(certificate, sys.stdout, ensure_ascii=False, indent=1)
    sys.stdout.write("\n")
    if not certificate["holds"]:
        broken = [claim["says"] for claim in certificate["claims"] if claim["broken"]]
        raise Refused("broken", f"This does not hold: {'; '.join(broken)}.")


def _tell(certificate: dict[str, Any]) -> None:
    sys.stdout.write(check.words(certificate) + "\n")
    if not certificate["holds"]:
        raise Refused("broken", "The certificate does not hold; see certificate.json.")


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> None:  # type: ignore[override]
        sys.stderr.write(f"{self.format_usage().strip()} ({message})\n")
        sys.exit(2)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m scores", description=__doc__)
    parser.add_argument("--trace", action="store_true", help="show where the engine failed, if it does")
    words = parser.add_subparsers(dest="word", required=True, parser_class=_Parser)
    one = words.add_parser("read", help=read.__doc__)
    one.add_argument("file", type=Path)
    one.add_argument("--pretty", action="store_true", help="one value a line")
    one.set_defaults(work=read)
    two = words.add_parser("fit", help=fit.__doc__)
    two.add_argument("file", type=Path)
    two.add_argument("group", type=Path)
    two.add_argument("out", type=Path)
    two.add_argument("--no-pdf", action="store_true", help="MusicXML and certificate only")
    two.add_argument("--no-next", action="store_true", help="without the next level of each part")
    two.set_defaults(work=fit)
    three = words.add_parser("check", help=check_files.__doc__)
    three.add_argument("file", type=Path)
    three.add_argument("out", type=Path)
    three.set_defaults(work=check_files)
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
    except Exception as error:
        if options.trace:
            raise
        what = type(error).__name__
        sys.stderr.write(f"This could not be done: the engine met something it does not know yet ({what}).\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
