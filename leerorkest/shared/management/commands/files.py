from datetime import timedelta
from typing import Any

from django.core.management import BaseCommand, CommandError

from leerorkest.shared import clock
from leerorkest.shared.files import disk
from leerorkest.shared.models import StoredFile


class Command(BaseCommand):
    help = "Prove every kept file against its row; remove what refused acts left behind more than a day ago."

    def handle(self, *args: Any, **options: Any) -> None:
        removed = 0
        for path in disk.left_behind(clock.now() - timedelta(days=1)):
            path.unlink()
            removed += 1
        wrong = list(disk.faults())
        for name, what in wrong:
            self.stderr.write(f"{name}: {what}")
        if wrong:
            raise CommandError(f"{len(wrong)} files are not as they were stored. Restore them from a backup.")
        self.stdout.write(
            f"{StoredFile.objects.count()} files, each as it was stored. Removed as left behind: {removed}."
        )
