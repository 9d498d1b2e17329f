"""Keeps SQLite's write-ahead log sound on older systems.

SQLite 3.7.0–3.51.2 can corrupt a WAL database that two connections write and checkpoint at once (fixed in
3.51.3, March 2026). Python often brings an older one, so the `pysqlite3` package, which ships a newer SQLite,
takes its place. Where neither is new enough the settings fall back to the rollback journal.
"""

import sqlite3
import sys
from typing import Any

FIRST_SOUND = (3, 51, 3)


def use_sound_sqlite() -> tuple[bool, dict[str, Any]]:
    """(is WAL safe, options for sqlite3.connect); swaps in pysqlite3 if it must. Call before Django loads."""
    if sqlite3.sqlite_version_info >= FIRST_SOUND:
        return True, {}
    try:
        import pysqlite3
        from pysqlite3 import dbapi2
    except ImportError:
        return False, {}
    if pysqlite3.sqlite_version_info < FIRST_SOUND:
        return False, {}

    class Connection(dbapi2.Connection):
        """Django asks a connection for its limits, which pysqlite3 cannot tell: these are what it is built with."""

        def getlimit(self, category: int) -> int:
            return {pysqlite3.SQLITE_LIMIT_COLUMN: 2000, pysqlite3.SQLITE_LIMIT_VARIABLE_NUMBER: 250_000}[category]

    pysqlite3.SQLITE_LIMIT_COLUMN, pysqlite3.SQLITE_LIMIT_VARIABLE_NUMBER = 2, 9  # their numbers in sqlite3.h
    sys.modules["sqlite3"] = pysqlite3
    sys.modules["sqlite3.dbapi2"] = dbapi2
    return True, {"factory": Connection}
