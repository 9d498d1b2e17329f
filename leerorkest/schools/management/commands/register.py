"""./run register preview FILE · ./run register apply FILE: the register of Dutch primary schools."""

import json
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone, translation

from leerorkest.schools.actions.register import Edition, load_register, preview_register
from leerorkest.schools.register import reading
from leerorkest.shared.actions import Refused, System


class Command(BaseCommand):
    help = "The register of Dutch primary schools: load DUO's file 02 (sites) and 06 (pupils per site)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("act", choices=["preview", "apply"])
        parser.add_argument("file", type=Path)
        parser.add_argument("--reference", type=date.fromisoformat, help="day of this edition (default: from the name)")
        parser.add_argument("--even-if-many-close", action="store_true")

    def handle(self, *args: Any, act: str, file: Path, **options: Any) -> None:
        with translation.override("en"):
            try:
                self.stdout.write(json.dumps(self._edition(act, file, options), ensure_ascii=False))
            except (reading.Unreadable, Refused) as refusal:
                self.stderr.write(str(refusal))
                raise SystemExit(2) from None

    def _edition(self, act: str, path: Path, options: dict[str, Any]) -> dict[str, Any]:
        try:
            if path.stat().st_size > reading.MAX_BYTES:
                raise reading.Unreadable("The file is larger than 64 MB: this is not the register of primary schools.")
            file = reading.read(path.read_bytes())
        except OSError as error:
            raise reading.Unreadable(f"The file {path.name} cannot be opened: {error.strerror}.") from None
        now = timezone.now()
        reference_on = options["reference"] or reading.edition_of(path.name) or timezone.localdate(now)
        if act == "preview":
            edition = preview_register(file, reference_on=reference_on)
        else:
            edition = load_register(
                file=file,
                reference_on=reference_on,
                even_if_many_close=options["even_if_many_close"],
                by=System("register"),
                at=now,
            )
        return _as_object(act, edition)


def _as_object(act: str, edition: Edition) -> dict[str, Any]:
    return {
        "act": act,
        "file": edition.file,
        "reference_on": edition.reference_on.isoformat(),
        "counts": edition.counts,
        "new": edition.new,
        "changed": edition.changed,
        "closed": edition.closed,
        "reopened": edition.reopened,
        "unchanged": edition.unchanged,
        "refused": edition.refused,
        "warnings": edition.warnings,
    }
