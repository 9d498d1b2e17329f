"""Medians that say something on a machine that also does other things, and the table they end in."""

import gc
import os
import platform
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Turn:
    """Something timed; `first` comes before it, untimed."""

    first: Callable[[], object]
    timed: Callable[[], float | None]  # may return seconds that do not count


def medians(turns: list[Turn], *, clock: Callable[[], float], seconds: float = 1.0) -> list[float]:
    """The median duration of each. They take turns, so that a slow moment of the machine hits them all; the garbage
    collector stands still while one runs."""
    for turn in turns:  # caches warm, templates compiled
        turn.first()
        turn.timed()
    taken: list[list[float]] = [[] for _ in turns]
    until = time.perf_counter() + seconds
    while len(taken[0]) < 7 or (time.perf_counter() < until and len(taken[0]) < 200):
        gc.collect(0)
        gc.disable()
        for durations, turn in zip(taken, turns, strict=True):
            turn.first()
            start = clock()
            spared = turn.timed() or 0.0
            durations.append(clock() - start - spared)
        gc.enable()
    return [statistics.median(durations) for durations in taken]


@dataclass(frozen=True)
class Row:
    """One line of the table. `figure` stays below or at `bound`; no bound: told, not judged."""

    name: str
    figure: float
    bound: float | None
    words: str = ""  # what the figure is, and what stands beside it

    @property
    def is_missed(self) -> bool:
        return self.bound is not None and not self.figure <= self.bound


def show(title: str, rows: list[Row]) -> bool:
    """Print the rows; is no bound missed?"""
    print(f"\n{title}")
    width = max([len(row.name) for row in rows], default=0)
    for row in rows:
        bound = "" if row.bound is None else f"≤ {row.bound:g}"
        verdict = "" if row.bound is None else "MISS" if row.is_missed else "pass"
        print(f"  {row.name:<{width}}  {row.figure:>9.4g} {bound:>8}  {verdict:4}  {row.words}")
    return not any(row.is_missed for row in rows)


def machine(database: str) -> str:
    import django

    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{platform.machine()}, {os.cpu_count()} cores, {memory:.0f} GB · Python {platform.python_version()} · "
        f"Django {django.get_version()} · {database}"
    )


def clock() -> Callable[[], float]:
    """Processor time where the database is part of this process, else wall-clock time."""
    from django.db import connection

    return time.process_time if connection.vendor == "sqlite" else time.perf_counter


def database_version() -> str:
    from django.db import connection

    connection.ensure_connection()
    if connection.vendor == "sqlite":
        return f"SQLite {connection.Database.sqlite_version}"
    return f"PostgreSQL {connection.pg_version // 10000}.{connection.pg_version % 10000}"
