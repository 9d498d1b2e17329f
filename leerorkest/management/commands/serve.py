import os
import sys
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from leerorkest.checks import faults
from leerorkest.shared import setup


class Command(BaseCommand):
    help = "Set up, check, and serve the site with gunicorn (behind a proxy that speaks https)."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--address", default="127.0.0.1:8000", help="host:port, or unix:/path/of/socket")
        parser.add_argument("--workers", type=int, default=2)
        parser.add_argument("--threads", type=int, default=32, help="per worker; 32 survive 48 slow phones")

    def handle(self, *args: Any, address: str, workers: int, threads: int, **options: Any) -> None:
        setup.run(self.stdout.write)
        found = faults()
        if found:
            raise CommandError("Leerorkest does not start:\n" + "\n".join(str(fault) for fault in found))
        self.stdout.flush()
        os.execv(  # noqa: S606  the server takes this process's place: a supervisor's signals reach it
            sys.executable,
            [
                sys.executable,
                *("-m", "gunicorn", "leerorkest.wsgi", "--worker-class", "gthread"),
                *("--workers", str(workers), "--threads", str(threads), "--bind", address),
                *("--max-requests", "20000", "--max-requests-jitter", "2000"),
                *("--worker-tmp-dir", "/dev/shm" if os.path.isdir("/dev/shm") else "/tmp"),  # noqa: S108
                "--no-control-socket",  # it would lie in the home folder
                *("--umask", "0077"),
            ],
        )
