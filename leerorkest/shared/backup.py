"""Backup and restore of everything the site keeps: the database and the folder with files.

A backup is one tar file: `manifest.json`, the database, `files/…`, `files.sha256` (what each file must be, as
`sha256sum -c` reads it), and after the tar's end one line with the SHA-256 of all before it. A backup that is cut
short, was changed anywhere or misses a file is refused before the live site is touched.
"""

import hashlib
import json
import os
import shutil
import sqlite3  # the sound one: settings have put it in place before
import subprocess
import tarfile
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from .files import disk
from .models import StoredFile

FORMAT = 1
MARK = b"\nLEERORKEST-BACKUP-SHA256 "
TRAILER = len(MARK) + 64 + 1
SQLITE_NAME, POSTGRES_NAME = "database.sqlite3", "database.dump"
FILE_SUMS = "files.sha256"


class BackupRefused(Exception):
    """One sentence: what is wrong with the backup or the place, and what to do."""


# --- making one -----------------------------------------------------------------------------------


def make(target: Path, *, at: datetime) -> dict[str, Any]:
    """Write a proven backup to `target`; what stood there is replaced only when all is well."""
    target = target.resolve()
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".backup-") as folder:
        work = Path(folder)
        name = SQLITE_NAME if connection.vendor == "sqlite" else POSTGRES_NAME
        copy_sqlite(work / name) if connection.vendor == "sqlite" else dump_postgres(work / name)
        damaged = sorted(name for name, _ in disk.faults())
        manifest = {
            "format": FORMAT,
            "made_at": at.astimezone(UTC).isoformat(timespec="seconds"),
            "database": name,
            "rows": counts(),
            # A file is on disk before its row: every row of the copy has its file, and stands in this list.
            "damaged_files": damaged,
        }
        write_sums(work / FILE_SUMS, leave_out=set(damaged))
        (work / "manifest.json").write_text(json.dumps(manifest, indent=1, sort_keys=True))
        whole = work / "whole.tar"
        with tarfile.open(whole, "w") as tar:
            tar.add(work / "manifest.json", "manifest.json")
            tar.add(work / name, name)
            tar.add(work / FILE_SUMS, FILE_SUMS)
            for file in sorted(settings.FILES.rglob("*")):
                if file.is_file() and not file.name.startswith("."):  # one that is just being written has no row yet
                    tar.add(file, Path("files") / file.relative_to(settings.FILES))
        digest = sha256_of(whole)
        with whole.open("ab") as tail:
            tail.write(MARK + digest.encode() + b"\n")
            tail.flush()
            os.fsync(tail.fileno())
        whole.chmod(0o600)
        whole.replace(target)
    return manifest


def copy_sqlite(target: Path) -> None:
    """A consistent copy beside a running site, proven sound."""
    live = sqlite3.connect(connection.settings_dict["NAME"], timeout=20)
    try:
        live.execute("VACUUM INTO ?", [str(target)])
    finally:
        live.close()
    why = fault_of_sqlite(target)
    if why:
        raise BackupRefused(f"The copy of the database is not sound ({why}). Is the disk failing?")


def dump_postgres(target: Path) -> None:
    run_postgres("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={target}")


def write_sums(target: Path, *, leave_out: set[str]) -> None:
    rows = StoredFile.objects.exclude(name__in=leave_out).order_by("pk").values_list("name", "sha256")
    with target.open("w") as file:
        file.writelines(f"{sha256}  files/{name[:2]}/{name}\n" for name, sha256 in rows.iterator(chunk_size=1000))


def prove_files(work: Path) -> None:
    """Every file that the backup promises is in it, as it was."""
    sums = work / FILE_SUMS
    for line in sums.read_text().splitlines() if sums.is_file() else []:
        sha256, name = line.split("  ")
        if not (work / name).is_file() or sha256_of(work / name) != sha256:
            raise BackupRefused(f"A file of the backup is missing or damaged ({name}). Use another backup.")


def counts() -> dict[str, int]:
    """Rows per table: what a person compares first."""
    with connection.cursor() as cursor:
        found = {}
        for table in sorted(connection.introspection.table_names(cursor)):
            cursor.execute(f"SELECT COUNT(*) FROM {connection.ops.quote_name(table)}")
            found[table] = cursor.fetchone()[0]
    return found


# --- putting one back -----------------------------------------------------------------------------


def verify(source: Path, work: Path) -> dict[str, Any]:
    """Unpack `source` into `work` when every byte of it is as it was written."""
    if not source.is_file():
        raise BackupRefused(f"There is no file {source.name}.")
    size = source.stat().st_size
    with source.open("rb") as file:
        file.seek(max(0, size - TRAILER))
        trailer = file.read()
    if size <= TRAILER or not trailer.startswith(MARK):
        raise BackupRefused(f"{source.name} is not a whole backup: it was cut short, or is something else.")
    if MARK + sha256_of(source, size - TRAILER).encode() + b"\n" != trailer:
        raise BackupRefused(f"{source.name} was changed after it was made. Use another backup.")
    try:
        with tarfile.open(source) as tar:
            tar.extractall(work, filter="data")  # nothing outside of `work`, no devices
        if any(path.is_symlink() for path in work.rglob("*")):
            raise tarfile.TarError("a link")
        prove_files(work)
        manifest: dict[str, Any] = json.loads((work / "manifest.json").read_text())
        manifest = {name: manifest[name] for name in ("format", "made_at", "database", "rows")}
    except (tarfile.TarError, OSError, ValueError, KeyError, TypeError) as error:
        raise BackupRefused(f"{source.name} holds something else than a backup of Leerorkest.") from error
    if manifest["format"] > FORMAT:
        raise BackupRefused(f"{source.name} was made by a newer version. Update Leerorkest first.")
    expected = SQLITE_NAME if connection.vendor == "sqlite" else POSTGRES_NAME
    if manifest["database"] != expected:
        raise BackupRefused(f"{source.name} was made from another kind of database. Set DATABASE_URL to match.")
    if expected == SQLITE_NAME:
        why = fault_of_sqlite(work / expected)
        if why:
            raise BackupRefused(f"The database in {source.name} is not sound ({why}). Use another backup.")
    else:
        run_postgres("pg_restore", "--list", str(work / expected), connect=False)
    return manifest


def restore(source: Path, *, at: datetime) -> tuple[dict[str, Any], list[Path]]:
    """Put a backup back; (its manifest, what was kept aside). A refused backup leaves the site as it was."""
    stamp = at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    with tempfile.TemporaryDirectory(dir=settings.DATA, prefix=".restore-") as folder:
        work = Path(folder)
        manifest = verify(source, work)
        connection.close()
        if connection.vendor == "sqlite":
            aside = [swap_sqlite(work / SQLITE_NAME, stamp)]
        else:
            aside = [settings.DATA / f"before-restore-{stamp}.dump"]
            dump_postgres(aside[0])
            run_postgres(
                "pg_restore",
                "--clean",
                "--if-exists",
                "--no-owner",
                "--single-transaction",
                "--exit-on-error",
                f"--dbname={connection.settings_dict['NAME']}",
                str(work / POSTGRES_NAME),
            )
        aside += swap_files(work / "files", stamp)
    return manifest, [path for path in aside if path.exists()]


def swap_sqlite(new: Path, stamp: str) -> Path:
    live = Path(connection.settings_dict["NAME"])
    aside = live.with_name(f"{live.name}.before-{stamp}")
    if live.exists():
        fold_log_in(live)
        live.rename(aside)
    for leftover in ("-wal", "-shm"):  # of the old database: beside the new one they would be read as its own
        live.with_name(live.name + leftover).unlink(missing_ok=True)
    new.chmod(0o600)
    shutil.move(new, live)
    folder = os.open(live.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)
    return aside


def fold_log_in(live: Path) -> None:
    """Merge the write-ahead log into the old database; it works only while nobody else has the database open."""
    old = sqlite3.connect(live, timeout=5)  # a server that was just stopped may still be closing
    try:
        old.execute("PRAGMA journal_mode=DELETE")
        old.execute("BEGIN EXCLUSIVE")
        old.rollback()
    except sqlite3.OperationalError as error:
        raise BackupRefused("The site is still running: stop it, then restore.") from error
    except sqlite3.DatabaseError:
        pass  # the live database is damaged: that is why somebody restores
    finally:
        old.close()


def swap_files(new: Path, stamp: str) -> list[Path]:
    files = settings.FILES
    aside = files.with_name(f"{files.name}.before-{stamp}")
    if files.exists():
        files.rename(aside)
    if new.is_dir():
        shutil.move(new, files)
    return [aside]


# --- what both need -------------------------------------------------------------------------------


def fault_of_sqlite(file: Path) -> str:
    """Empty for a sound database of this site."""
    try:
        database = sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)
        try:
            (found,) = database.execute("PRAGMA integrity_check(1)").fetchone()
            if found != "ok":
                return "integrity check failed"
            if database.execute("PRAGMA foreign_key_check").fetchone():
                return "a row points at nothing"
            database.execute("SELECT 1 FROM django_migrations LIMIT 1")
        finally:
            database.close()
    except sqlite3.DatabaseError:
        return "not a database of this site"
    return ""


def sha256_of(file: Path, length: int | None = None) -> str:
    digest = hashlib.sha256()
    left = file.stat().st_size if length is None else length
    with file.open("rb") as source:
        while left > 0 and (part := source.read(min(left, 1 << 20))):
            digest.update(part)
            left -= len(part)
    return digest.hexdigest()


def run_postgres(program: str, *arguments: str, connect: bool = True) -> None:
    """Run one of PostgreSQL's programs on our database; the password goes by the environment, not the process list."""
    path = shutil.which(program) or next(
        (str(found) for found in sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"), reverse=True)), None
    )
    if path is None:
        raise BackupRefused(f"{program} is not installed: apt install postgresql-client")
    database = connection.settings_dict
    wanted = {
        "PGHOST": database["HOST"],
        "PGPORT": str(database["PORT"] or ""),
        "PGUSER": database["USER"],
        "PGPASSWORD": database["PASSWORD"],
        "PGDATABASE": database["NAME"],
    }
    environment = {**os.environ, **({name: value for name, value in wanted.items() if value} if connect else {})}
    done = subprocess.run([path, *arguments], env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["no reason given"]
        raise BackupRefused(f"{program} failed: {lines[0]}")
