"""Every night: open the maintenance that is due soon, note what is overdue, and erase what finders wrote too long ago.
Running it twice changes nothing."""

from typing import Any

from django.core.management.base import BaseCommand

from leerorkest.depot.actions import found, maintenance
from leerorkest.network.models import Organisation
from leerorkest.shared import clock
from leerorkest.shared.actions import System


class Command(BaseCommand):
    help = __doc__

    def handle(self, **options: Any) -> None:
        for organisation in Organisation.objects.order_by("key"):
            new = maintenance.open_jobs(organisation=organisation, by=System("maintenance"), at=clock.now())
            self.stdout.write(f"{organisation.key}: {new} new")
        erased = found.erase_unanswered(by=System("maintenance"), at=clock.now())
        self.stdout.write(f"messages of finders erased: {erased}")
