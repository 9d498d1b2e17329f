"""A PostgreSQL of our own for one test run: a private folder, a private socket, gone afterwards."""

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

ROOM = 4 * 2**30  # bytes


def programs() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parent.parent.name))
    if found:
        return found[-1].parent
    initdb = shutil.which("initdb")
    return Path(initdb).resolve().parent if initdb else None


def why_not() -> str:
    """Empty when PostgreSQL can be started; else a sentence that names the package."""
    folder = programs()
    if folder is None:
        return "PostgreSQL is not installed: apt install postgresql (15 or newer)"
    if os.getuid() == 0 and "postgres" not in {user.pw_name for user in pwd.getpwall()}:
        return "PostgreSQL does not run as root and there is no user postgres: apt install postgresql"
    return ""


def in_memory() -> Path | None:
    """Where files lie in memory, if there is room: a test database is made and emptied a hundred times."""
    memory = Path("/dev/shm")
    return memory if os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > ROOM else None


class PrivatePostgres:
    def __init__(self, *, on_disk: bool = False) -> None:
        self.place = None if on_disk else in_memory()

    def __enter__(self) -> str:
        self.folder = Path(tempfile.mkdtemp(prefix="leerorkest-pg-", dir=self.place))
        self.bin = programs()
        self.user = "postgres" if os.getuid() == 0 else None  # PostgreSQL refuses to run as root
        if self.user:
            shutil.chown(self.folder, self.user)
        self._run("initdb", "-D", str(self.folder / "data"), "-U", "leerorkest", "-A", "trust", "-E", "UTF8", "-N")
        options = f"-k {self.folder} -c listen_addresses='' -c max_connections=200 -c shared_buffers=256MB"
        options += " -c fsync=off -c synchronous_commit=off -c full_page_writes=off"  # nothing is kept
        # the access matrix is one transaction with a savepoint for each request that writes
        options += " -c max_locks_per_transaction=1024"
        self._run(
            "pg_ctl",
            "-D",
            str(self.folder / "data"),
            "-l",
            str(self.folder / "log"),
            "-w",
            "-o",
            options,
            "start",
        )
        self._run("createdb", "-h", str(self.folder), "-U", "leerorkest", "leerorkest")
        return f"postgres://leerorkest@{str(self.folder).replace('/', '%2F')}/leerorkest"

    def __exit__(self, *exception: object) -> None:
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [str(self.bin / program), *arguments],
            user=self.user,
            cwd=self.folder,
            check=True,
            stdout=subprocess.DEVNULL,
        )
