"""`./run`: set up, load the invented year once, start the site on this machine, and say where it is."""

import os
import socket
import sys
from datetime import date
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone, translation

from demo import cast, year
from leerorkest.lessons.models import Lesson
from leerorkest.network.models import Organisation


class Command(BaseCommand):
    help = "Shows the product with its demo year. Needs LEERORKEST_DEMO=1, which ./run sets."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--load-only", action="store_true", help="load the year, do not start the site")

    def handle(self, *args: Any, **options: Any) -> None:
        from django.conf import settings

        if not settings.DEMO:
            raise CommandError("The demo runs in demo mode only: ./run demo")
        call_command("setup", verbosity=0)
        if not Organisation.objects.exists():
            self.stdout.write("Loading the demo year: invented schools, children, instruments and lessons ...")
            year.load(now=timezone.now(), say=self.stdout.write)
        if options["load_only"]:
            return
        os.environ["LEERORKEST_DEMO_DAYS_BACK"] = str(days_back(timezone.localdate()))
        port = free_port(options["port"])
        self.stdout.write(f"\nLeerorkest runs at http://127.0.0.1:{port}/   (Ctrl-C stops it)\n\nSign in as:")
        with translation.override("en"):  # the sentences around it are English too
            for part, account in cast.people():
                self.stdout.write(f"  {account.name:<18} {part.role}")
        self.stdout.flush()
        command = [sys.executable, "-m", "gunicorn", "leerorkest.wsgi", "--bind", f"127.0.0.1:{port}"]
        command += ["--workers", "1", "--worker-class", "gthread", "--threads", "16", "--log-level", "warning"]
        command += ["--no-control-socket"]
        os.execv(sys.executable, command)


def days_back(today: date) -> int:
    """How far the demo's clock stands back: on its day the first teacher has a lesson."""
    first = Lesson.objects.filter(
        series__sections__teaching__posting__account__email=cast.PARTS[0].email, on__lte=today, cancelled_because=""
    )
    last = first.order_by("-on").values_list("on", flat=True).first()
    return (today - last).days if last else 0


def free_port(wanted: int) -> int:
    """The wanted port, or the next one that nobody uses."""
    for port in range(wanted, wanted + 50):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port
    raise CommandError(f"No free port from {wanted} to {wanted + 49}: say --port.")
