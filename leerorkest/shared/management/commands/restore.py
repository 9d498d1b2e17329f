from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from leerorkest.shared import backup, clock


class Command(BaseCommand):
    help = "Put a backup back. Stop the site first. A damaged backup is refused and changes nothing."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            manifest, aside = backup.restore(file, at=clock.now())
        except (backup.BackupRefused, OSError) as refusal:
            raise CommandError(str(refusal), returncode=2) from refusal
        self.stdout.write(f"The site is as it was at {manifest['made_at']}. Now: ./run setup, then start it.")
        for path in aside:
            self.stdout.write(f"What stood there before is kept in {path.name}.")
