from typing import Any

from django.core.management import BaseCommand

from leerorkest.shared import setup


class Command(BaseCommand):
    help = "Bring the database, the static files and the translations up to date. Quick when they are."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        setup.run(self.stdout.write)
