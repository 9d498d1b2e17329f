"""What must be done before the site can start, and is quick when it was done already."""

import hashlib
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from .root_files import write_root_files
from .translations import compile_catalogues

CODE = settings.ROOT / "leerorkest"


def run(say: Callable[[str], None]) -> None:
    if compile_catalogues():
        say("Texts compiled.")
    write_root_files(
        settings.WHITENOISE_ROOT, contact=settings.CONTACT, address=settings.ADDRESS, at=datetime.now(tz=UTC)
    )
    stamp_file, stamp = settings.DATA / ".set-up", fingerprint()
    same = stamp_file.exists() and stamp_file.read_text() == stamp
    if not same or MigrationExecutor(connection).migration_plan(
        MigrationExecutor(connection).loader.graph.leaf_nodes()
    ):
        call_command("migrate", verbosity=0, interactive=False)
        call_command("createcachetable", verbosity=0)
        call_command("collectstatic", verbosity=0, interactive=False)
        close_to_others()
        stamp_file.write_text(stamp)
        say("Database and files are up to date.")


def fingerprint() -> str:
    """Changes when a file of the code does, or when the site moves to another database."""
    digest = hashlib.sha256(repr(sorted(connection.settings_dict.items(), key=lambda item: item[0])).encode())
    for folder, folders, names in os.walk(CODE):
        folders[:] = sorted(name for name in folders if name != "__pycache__")
        for name in sorted(names):
            found = os.stat(os.path.join(folder, name))
            digest.update(f"{folder}/{name} {found.st_size} {found.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def close_to_others() -> None:
    if connection.vendor == "sqlite":
        database = Path(connection.settings_dict["NAME"])
        for path in (database, Path(f"{database}-wal"), Path(f"{database}-shm")):
            if path.exists():
                path.chmod(0o600)
