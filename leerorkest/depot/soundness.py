"""What must hold of all custody, places and owners at every moment, asked of the database in plain SQL.

It knows nothing of the actions and models that keep it so: it is the second opinion of the tests and of `./run soak`.
Each statement counts what breaks a rule; all of them run on SQLite and PostgreSQL.
"""

from django.db import connection

_PERIODS = {"placement": "1", "ownership": "1", "custody": "c.level"}


def _overlaps(table: str, level: str) -> str:
    return f"""
        SELECT count(*) FROM (
            SELECT c.ended_at, lead(c.started_at) OVER (
                PARTITION BY c.instrument_id, {level} ORDER BY c.started_at, c.ended_at IS NULL, c.ended_at
            ) AS next_start, lead(c.id) OVER (
                PARTITION BY c.instrument_id, {level} ORDER BY c.started_at, c.ended_at IS NULL, c.ended_at
            ) AS next_id FROM depot_{table} c
        ) pairs WHERE next_id IS NOT NULL AND (ended_at IS NULL OR next_start < ended_at)"""


def _open(table: str, where: str, wrong: str) -> str:
    return f"""
        SELECT count(*) FROM (
            SELECT i.id, count(c.id) AS open_rows FROM depot_instrument i
            LEFT JOIN depot_{table} c ON c.instrument_id = i.id AND c.ended_at IS NULL {where}
            GROUP BY i.id
        ) counted WHERE {wrong}"""


def _gaps(table: str) -> str:
    return f"""
        SELECT count(*) FROM depot_{table} c WHERE c.ended_at IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM depot_{table} n WHERE n.instrument_id = c.instrument_id AND n.started_at = c.ended_at
            AND n.id <> c.id)"""


def _orphans(table: str) -> str:
    return f"""
        SELECT count(*) FROM depot_{table} c
        LEFT JOIN depot_instrument i ON i.id = c.instrument_id
        LEFT JOIN depot_handover b ON b.id = c.began_with_id
        LEFT JOIN depot_handover e ON e.id = c.ended_with_id
        WHERE i.id IS NULL OR b.id IS NULL OR (c.ended_at IS NOT NULL AND e.id IS NULL)
        OR b.at <> c.started_at OR (e.id IS NOT NULL AND e.at <> c.ended_at)"""


FAULTS = {
    "instruments without exactly one open keeper": _open("custody", "AND c.level = 'keeper'", "open_rows <> 1"),
    "instruments with two open holders": _open("custody", "AND c.level = 'holder'", "open_rows > 1"),
    "instruments without exactly one open place": _open("placement", "", "open_rows <> 1"),
    "instruments without exactly one open owner": _open("ownership", "", "open_rows <> 1"),
    "keepers whose chain is broken": """
        SELECT count(*) FROM depot_custody c LEFT JOIN depot_custody n ON n.id = c.followed_by_id
        WHERE c.level = 'keeper' AND c.ended_at IS NOT NULL AND (n.id IS NULL OR n.instrument_id <> c.instrument_id
        OR n.level <> 'keeper' OR n.started_at <> c.ended_at)""",
    "instruments whose first keeping is not the only beginning": """
        SELECT count(*) FROM depot_instrument i WHERE 1 <> (
            SELECT count(*) FROM depot_custody c WHERE c.instrument_id = i.id AND c.level = 'keeper'
            AND NOT EXISTS (SELECT 1 FROM depot_custody p WHERE p.followed_by_id = c.id)
            AND c.id = i.first_keeping_id)""",
    "handovers that did nothing": """
        SELECT count(*) FROM depot_handover h
        WHERE NOT EXISTS (SELECT 1 FROM depot_custody c WHERE c.began_with_id = h.id)
        AND NOT EXISTS (SELECT 1 FROM depot_custody c WHERE c.ended_with_id = h.id)
        AND NOT EXISTS (SELECT 1 FROM depot_placement c WHERE c.began_with_id = h.id)
        AND NOT EXISTS (SELECT 1 FROM depot_ownership c WHERE c.began_with_id = h.id)
        AND NOT EXISTS (SELECT 1 FROM depot_kitmembership c WHERE c.began_with_id = h.id)
        AND NOT EXISTS (SELECT 1 FROM depot_kitmembership c WHERE c.ended_with_id = h.id)""",
    **{f"{table} rows that overlap": _overlaps(table, level) for table, level in _PERIODS.items()},
    **{f"{table} rows with a gap after them": _gaps(table) for table in ("placement", "ownership")},
    **{f"{table} rows without their instrument or handover": _orphans(table) for table in _PERIODS},
}


def faults() -> dict[str, int]:
    """What is wrong, by its name, with how often; empty when all is sound. Reads whole tables."""
    found = {}
    with connection.cursor() as cursor:
        for name, statement in FAULTS.items():
            cursor.execute(statement)
            if count := cursor.fetchone()[0]:
                found[name] = count
    return found
