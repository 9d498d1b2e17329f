"""The SQLite profile: what is set, and what happens where SQLite is too old."""

import sqlite3
import sys
import threading
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.db import connection

from leerorkest.shared import sqlite_version
from leerorkest.shared.actions import System, action, record, write_transaction
from leerorkest.shared.models import AuditEntry
from tests.make import NOW

only_sqlite = pytest.mark.skipif(
    not settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"), reason="about SQLite only"
)


def pragma(name: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA {name}")
        return cursor.fetchone()[0]


@only_sqlite
@pytest.mark.django_db
def test_the_pragmas_are_in_force():
    assert pragma("journal_mode") == ("wal" if settings.SOUND_SQLITE else "delete")
    assert pragma("synchronous") == 2  # FULL
    assert pragma("foreign_keys") == 1
    assert pragma("recursive_triggers") == 1
    assert pragma("mmap_size") in (None, 0)
    assert connection.transaction_mode == "IMMEDIATE"


@only_sqlite
def test_the_library_in_use_is_the_sound_one():
    assert sys.modules["sqlite3"].sqlite_version_info >= sqlite_version.FIRST_SOUND or not settings.SOUND_SQLITE


def test_an_older_sqlite_without_a_newer_one_at_hand_gives_up_the_log(monkeypatch):
    monkeypatch.setattr(sqlite_version, "sqlite3", SimpleNamespace(sqlite_version_info=(3, 51, 2)))
    monkeypatch.setitem(sys.modules, "pysqlite3", None)
    assert sqlite_version.use_sound_sqlite() == (False, {})


def test_a_wheel_that_is_too_old_itself_is_not_taken(monkeypatch):
    monkeypatch.setattr(sqlite_version, "sqlite3", SimpleNamespace(sqlite_version_info=(3, 40, 1)))
    old = SimpleNamespace(sqlite_version_info=(3, 51, 2), dbapi2=sqlite3)
    monkeypatch.setitem(sys.modules, "pysqlite3", old)
    before = sys.modules["sqlite3"]
    assert sqlite_version.use_sound_sqlite() == (False, {})
    assert sys.modules["sqlite3"] is before


def test_a_sound_library_is_left_alone(monkeypatch):
    monkeypatch.setattr(sqlite_version, "sqlite3", SimpleNamespace(sqlite_version_info=(3, 51, 3)))
    assert sqlite_version.use_sound_sqlite() == (True, {})


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_many_writers_all_get_their_turn_and_the_chain_stays_one_line():
    from leerorkest.shared import audit

    @action
    def note(*, by, at, number):
        record("test.note", detail={"n": number})

    failures, barrier = [], threading.Barrier(8)

    def clerk(number):
        barrier.wait()
        try:
            for turn in range(12):
                note(by=System("test"), at=NOW, number=number * 100 + turn)
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=clerk, args=(n,)) for n in range(8)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert failures == []
    assert AuditEntry.objects.count() == 96
    assert list(audit.broken_links()) == []


@pytest.mark.django_db
def test_a_write_transaction_within_another_needs_no_turn():
    with write_transaction(), write_transaction():
        pass
