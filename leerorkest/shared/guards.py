"""Rules the database keeps by itself: rows that may never be rewritten or deleted.

A room declares its guards beside its models with `declare(...)`; they are installed after every migration, because
Django rebuilds a SQLite table (and silently drops its triggers) when it alters one. `missing()` tells the tests
and `manage.py check --database default` whether one is gone.
"""

from dataclasses import dataclass

from django.db import connections


@dataclass(frozen=True)
class Guard:
    """One trigger. `sqlite` is the whole body between BEGIN and END; `postgresql` the plpgsql body before RETURN.

    `event`: for example "BEFORE UPDATE", "BEFORE DELETE". Refuse with RAISE(ABORT, '…') in SQLite and
    RAISE EXCEPTION '…' USING ERRCODE = 'integrity_constraint_violation' in PostgreSQL: both become IntegrityError.
    """

    name: str
    table: str
    event: str
    sqlite: str
    postgresql: str


GUARDS: dict[str, Guard] = {}


def declare(guard: Guard) -> None:
    GUARDS[guard.name] = guard


def refuse(*, name: str, table: str, event: str, sentence: str, when: str = "1 = 1") -> None:
    """Declare a guard that refuses `event` on `table` with `sentence` wherever `when` holds (SQL with OLD and NEW)."""
    declare(
        Guard(
            name=name,
            table=table,
            event=event,
            sqlite=f"SELECT RAISE(ABORT, '{sentence}') WHERE {when};",
            postgresql=(
                f"IF {when} THEN RAISE EXCEPTION '{sentence}' USING ERRCODE = 'integrity_constraint_violation'; END IF;"
            ),
        )
    )


def append_only(table: str, name: str) -> None:
    """Rows of `table` are written once: no update, no delete, by nobody."""
    refuse(
        name=f"{name}_never_changes",
        table=table,
        event="BEFORE UPDATE",
        sentence=f"{name} is never rewritten",
    )
    refuse(name=f"{name}_never_leaves", table=table, event="BEFORE DELETE", sentence=f"{name} is never deleted")


def install(using: str = "default", **kwargs: object) -> None:
    connection = connections[using]
    tables = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for guard in GUARDS.values():
            if guard.table not in tables:
                continue
            if connection.vendor == "sqlite":
                cursor.execute(f"DROP TRIGGER IF EXISTS {guard.name}")
                cursor.execute(
                    f"CREATE TRIGGER {guard.name} {guard.event} ON {guard.table} FOR EACH ROW BEGIN {guard.sqlite} END"
                )
            else:
                returned = "OLD" if "DELETE" in guard.event else "NEW"
                cursor.execute(
                    f"CREATE OR REPLACE FUNCTION {guard.name}() RETURNS trigger LANGUAGE plpgsql AS "
                    f"$guard$ BEGIN {guard.postgresql} RETURN {returned}; END $guard$"
                )
                cursor.execute(
                    f"CREATE OR REPLACE TRIGGER {guard.name} {guard.event} ON {guard.table} "
                    f"FOR EACH ROW EXECUTE FUNCTION {guard.name}()"
                )


def remove(using: str = "default") -> None:
    """Only for tests that empty whole tables between two runs."""
    connection = connections[using]
    with connection.cursor() as cursor:
        for guard in GUARDS.values():
            on_table = "" if connection.vendor == "sqlite" else f" ON {guard.table}"
            cursor.execute(f"DROP TRIGGER IF EXISTS {guard.name}{on_table}")


def missing(using: str = "default") -> set[str]:
    connection = connections[using]
    query = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if connection.vendor == "sqlite"
        else "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        return set(GUARDS) - {name for (name,) in cursor.fetchall()}
