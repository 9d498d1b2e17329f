"""Every minute: of lessons without a teacher that nobody answered for ten minutes, ask the next colleagues."""

from typing import Any

from django.core.management.base import BaseCommand

from leerorkest.lessons.actions.cover import ask_those_who_are_next
from leerorkest.shared import clock
from leerorkest.shared.actions import System


class Command(BaseCommand):
    help = __doc__

    def handle(self, **options: Any) -> None:
        self.stdout.write(f"{ask_those_who_are_next(by=System('cover'), at=clock.now())} asked")
