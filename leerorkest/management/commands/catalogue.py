from typing import Any

from django.core.management import BaseCommand

from leerorkest.catalogue import as_page


class Command(BaseCommand):
    help = "Print docs/privacy.md: every field, what for, who sees it, until when."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(as_page(), ending="")
