from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from leerorkest.shared import backup, clock


class Command(BaseCommand):
    help = "Write a proven backup of the database and the files; the site may be running."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            manifest = backup.make(file, at=clock.now())
        except (backup.BackupRefused, OSError) as refusal:
            raise CommandError(str(refusal), returncode=2) from refusal
        self.stdout.write(f"{file}: {sum(manifest['rows'].values())} rows, {file.stat().st_size} bytes, proven sound.")
        if damaged := manifest["damaged_files"]:
            raise CommandError(f"But {len(damaged)} files on the disk are damaged: see ./run files.", returncode=1)
