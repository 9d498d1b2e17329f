"""The filled databases: SQLite files kept in var/bench/ between runs, or a private PostgreSQL for one run."""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from tests.postgres import PrivatePostgres, why_not

ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / "var" / "bench"


def environment(url: str) -> dict[str, str]:
    return {**os.environ, "DATABASE_URL": url, "LEERORKEST_DATA": str(KEPT / "site"), "LEERORKEST_DEMO": ""}


def fingerprint() -> str:
    """Of everything that decides what stands in a filled database."""
    sources = [ROOT / "bench" / "fill.py", *sorted(ROOT.glob("leerorkest/*/migrations/*.py"))]
    digest = hashlib.sha256()
    for path in sources:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def run(module: str, *arguments: str, url: str) -> str:
    """What the `main` of bench.MODULE prints, on the database of `url`, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.inside", module, *arguments],
        env=environment(url),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"bench.{module} {' '.join(arguments)} stopped with exit status {done.returncode}")
    return done.stdout


def fill(size: str, url: str) -> None:
    start = time.perf_counter()
    print(f"Filling a database of size {size} ...", end=" ", file=sys.stderr, flush=True)
    run("fill", size, url=url)
    print(f"{time.perf_counter() - start:.0f} s", file=sys.stderr)


def sqlite(size: str) -> str:
    """The address of the kept file, made when the schema or the generator changed since."""
    KEPT.mkdir(parents=True, exist_ok=True)
    path = KEPT / f"{size}-{fingerprint()}.sqlite3"
    if not path.exists():
        for old in KEPT.glob(f"{size}-*.sqlite3*"):
            old.unlink()
        unfinished = KEPT / f"{size}-unfinished.sqlite3"
        fill(size, f"sqlite:///{unfinished}")
        for leftover in KEPT.glob(f"{unfinished.name}-*"):
            leftover.unlink()
        unfinished.rename(path)
    return f"sqlite:///{path}"


@contextmanager
def filled(on: str, sizes: list[str], to_write: bool = False) -> Iterator[dict[str, str]]:
    """Addresses by size. `to_write`: copies, thrown away afterwards."""
    if on == "sqlite":
        kept = {size: sqlite(size) for size in sizes}
        if not to_write:
            yield kept
            return
        copies = {size: KEPT / f"{size}-copy.sqlite3" for size in sizes}
        try:
            for size, path in copies.items():
                shutil.copyfile(kept[size].removeprefix("sqlite:///"), path)
            yield {size: f"sqlite:///{path}" for size, path in copies.items()}
        finally:
            for leftover in KEPT.glob("*-copy.sqlite3*"):
                leftover.unlink()
        return
    if missing := why_not():
        raise SystemExit(missing)
    with PrivatePostgres() as url:
        addresses = {}
        for size in sizes:
            create_database(url, size)
            addresses[size] = url.removesuffix("leerorkest") + size
            fill(size, addresses[size])
        yield addresses


@contextmanager
def empty(on: str) -> Iterator[str]:
    """The address of a migrated database with nothing in it, thrown away afterwards."""
    if on == "postgresql":
        if missing := why_not():
            raise SystemExit(missing)
        with PrivatePostgres() as url:
            run("migrated", url=url)
            yield url
        return
    KEPT.mkdir(parents=True, exist_ok=True)
    path = KEPT / f"empty-{os.getpid()}.sqlite3"
    try:
        run("migrated", url=f"sqlite:///{path}")
        yield f"sqlite:///{path}"
    finally:
        for leftover in KEPT.glob(f"{path.name}*"):
            leftover.unlink()


def create_database(url: str, name: str) -> None:
    with psycopg.connect(url.replace("postgres://", "postgresql://"), autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
