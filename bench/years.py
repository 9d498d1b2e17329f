"""Ten years of lessons: 100 million marks in one organisation, beside the same organisation with one year of them.

`./run bench years [--marks 100000000]`, on PostgreSQL alone. Both databases hold the town of `fill.py` (800,000 marks).
In one of them nine years of groups that left are added by SQL of the server: schools, children, lessons with closed
registers and 40 marks each. While that is written the guards and foreign keys rest, and the indexes of the marks are
built afterwards; what is measured has them all.
"""

import sys
import time
from typing import Any

from django.db import connection

from bench.fill import LAST_YEAR

YEARS, WEEKS, CHILDREN = 9, 40, 25  # before last year; lessons of a group; children in it
GROUPS_OF_A_SCHOOL = 10  # in a year: so there are more schools in the second database, as there would be

SCHOOL_YEARS = """
    INSERT INTO schools_schoolyear (organisation_id, name, first_on, last_on)
    SELECT (SELECT id FROM network_organisation WHERE key = 'stad'), (%(first)s - n) || '-' || (%(first)s - n + 1),
           make_date(%(first)s - n, 8, 1), make_date(%(first)s - n + 1, 7, 31)
    FROM generate_series(1, %(years)s) n"""
SITES = """
    INSERT INTO network_site (id, organisation_id, name, sort, town, street)
    SELECT %(site)s + n, (SELECT id FROM network_organisation WHERE key = 'stad'), 'School O' || n, 'school', 'Stad', ''
    FROM generate_series(0, %(more)s - 1) n"""
SCHOOLS = """
    INSERT INTO schools_school (id, site_id, country, scheme, code, holiday_region)
    SELECT %(school)s + n, %(site)s + n, 'NL', 'own', 'O' || n, '' FROM generate_series(0, %(more)s - 1) n"""
GROUPS = """
    INSERT INTO schools_group (id, school_id, school_year_id, key, name)
    SELECT %(group)s + n, (%(schools)s)[1 + n %% cardinality(%(schools)s)],
           (%(school_years)s)[1 + n / %(each)s], 'O' || n, 'O' || n
    FROM generate_series(0, %(groups)s - 1) n"""
SERIES = """
    INSERT INTO lessons_lessonseries (id, group_id, weekday, starts, ends, first_on, last_on, tutti_every, tutti_room)
    SELECT g.id - %(group)s + %(series)s, g.id, 1, '09:00', '10:00', y.first_on, y.last_on, 0, ''
    FROM schools_group g JOIN schools_schoolyear y ON y.id = g.school_year_id WHERE g.id >= %(group)s"""
SECTIONS = """
    INSERT INTO lessons_section (id, series_id, family, room)
    SELECT %(section)s + id - %(series)s, id, 'strings', '' FROM lessons_lessonseries WHERE id >= %(series)s"""
LESSONS = """
    INSERT INTO lessons_lesson (id, uid, series_id, "on", starts_at, ends_at, cancelled_because, is_tutti, tutti_room)
    SELECT %(lesson)s + (s.id - %(series)s) * %(weeks)s + w, gen_random_uuid(), s.id, s.first_on + 24 + 7 * w,
           s.first_on + 24 + 7 * w + interval '7 hours', s.first_on + 24 + 7 * w + interval '8 hours', '', false, ''
    FROM lessons_lessonseries s, generate_series(0, %(weeks)s - 1) w WHERE s.id >= %(series)s"""
CLOSINGS = """
    INSERT INTO lessons_closing (id, lesson_id, section_id, by_id, at)
    SELECT gen_random_uuid(), id, %(section)s + series_id - %(series)s,
           (%(teachers)s)[1 + series_id %% cardinality(%(teachers)s)], ends_at
    FROM lessons_lesson WHERE series_id >= %(series)s"""
CHILDREN_LEFT = """
    INSERT INTO people_child (id, uid, organisation_id, first_name, prefix, last_name)
    SELECT %(child)s + n, gen_random_uuid(), (SELECT id FROM network_organisation WHERE key = 'stad'),
           'Kind' || n %% 977, '', 'Naam' || n %% 9973
    FROM generate_series(0, %(groups)s * %(children)s - 1) n"""
MEMBERSHIPS = """
    INSERT INTO schools_membership (child_id, group_id, school_year_id, from_on, until_on)
    SELECT %(child)s + (g.id - %(group)s) * %(children)s + c, g.id, g.school_year_id, y.first_on, y.last_on
    FROM schools_group g JOIN schools_schoolyear y ON y.id = g.school_year_id, generate_series(0, %(children)s - 1) c
    WHERE g.id >= %(group)s"""
ENROLMENTS = """
    INSERT INTO schools_enrolment (child_id, school_id, key, from_on, until_on)
    SELECT m.child_id, g.school_id, 'old' || m.child_id, m.from_on, m.until_on
    FROM schools_membership m JOIN schools_group g ON g.id = m.group_id WHERE g.id >= %(group)s"""
MARKS = """
    INSERT INTO lessons_markevent
        (id, device, device_sequence, lesson_id, child_id, state, corrects, by_id, made_at, received_at, content_hash)
    SELECT gen_random_uuid(), gen_random_uuid(), l.id, l.id,
           %(child)s + (l.series_id - %(series)s) * %(children)s + c,
           CASE WHEN (l.id + c) %% 17 = 0 THEN 'absent' ELSE 'present' END, '[]',
           (%(teachers)s)[1 + l.series_id %% cardinality(%(teachers)s)], l.starts_at, l.starts_at, repeat('0', 64)
    FROM lessons_lesson l, generate_series(0, %(children)s - 1) c
    WHERE l.series_id >= %(series)s + %(each)s * %(year)s AND l.series_id < %(series)s + %(each)s * (%(year)s + 1)"""
TABLES = (
    "network_site",
    "schools_school",
    "schools_group",
    "lessons_lessonseries",
    "lessons_section",
    "lessons_lesson",
    "people_child",
)


def main(marks: str) -> None:
    each = int(marks) // (YEARS * WEEKS * CHILDREN)  # groups of one year
    values = {"each": each, "groups": each * YEARS, "weeks": WEEKS, "children": CHILDREN, "years": YEARS}
    values |= {"first": LAST_YEAR[0].year}
    start = time.monotonic()
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica; SET maintenance_work_mem = '2GB'")
        cursor.execute(SCHOOL_YEARS, values)
        first_day = f"{LAST_YEAR[0].year}-08-01"
        values["more"] = max(0, each // GROUPS_OF_A_SCHOOL - counted(cursor, "schools_school"))
        values |= {
            "school_years": listed(cursor, "schools_schoolyear WHERE first_on < %s", [first_day]),
            "teachers": listed(cursor, "people_account", []),
        }
        for table, name in zip(
            TABLES, ("site", "school", "group", "series", "section", "lesson", "child"), strict=True
        ):
            cursor.execute(f"SELECT max(id) + 1 FROM {table}")
            values[name] = cursor.fetchone()[0]
        for sql in (SITES, SCHOOLS):
            cursor.execute(sql, values)
        values["schools"] = listed(cursor, "schools_school", [])
        for sql in (GROUPS, SERIES, SECTIONS, LESSONS, CLOSINGS, CHILDREN_LEFT, MEMBERSHIPS, ENROLMENTS):
            cursor.execute(sql, values)
        build = take_away_indexes(cursor)
        for year in range(YEARS):
            cursor.execute(MARKS, {**values, "year": year})
            print(
                f"{(year + 1) * each * WEEKS * CHILDREN:,} marks after {time.monotonic() - start:.0f} s",
                file=sys.stderr,
            )
        for sql in build:
            cursor.execute(sql)
        for table in TABLES:
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")
        cursor.execute("SET session_replication_role = origin")
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("SELECT count(*), pg_size_pretty(pg_database_size(current_database())) FROM lessons_markevent")
        count, size = cursor.fetchone()
    print(f"{count:,} marks, {size}, after {time.monotonic() - start:.0f} s", file=sys.stderr)
    print(count)


def counted(cursor: Any, table: str) -> int:
    cursor.execute(f"SELECT count(*) FROM {table}")
    return cursor.fetchone()[0]


def listed(cursor: Any, of: str, values: list[str]) -> list[int]:
    cursor.execute(f"SELECT array_agg(id ORDER BY id) FROM {of}", values)
    return cursor.fetchone()[0]


def take_away_indexes(cursor: Any) -> list[str]:
    """What builds the indexes of the marks anew, all but the primary key: 100 million rows go in faster without."""
    cursor.execute(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE conrelid = 'lessons_markevent'::regclass AND contype = 'u'"
    )
    unique = cursor.fetchall()
    for name, _definition in unique:
        cursor.execute(f'ALTER TABLE lessons_markevent DROP CONSTRAINT "{name}"')
    cursor.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'lessons_markevent' AND indexname !~ '_pkey$'"
    )
    indexes = cursor.fetchall()
    for name, _definition in indexes:
        cursor.execute(f'DROP INDEX "{name}"')
    again = [f'ALTER TABLE lessons_markevent ADD CONSTRAINT "{name}" {how}' for name, how in unique]
    return again + [definition for _name, definition in indexes]
