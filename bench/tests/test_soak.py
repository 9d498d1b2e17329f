"""50,000 acts of 64 clerks and a hundred kills on each database; `./run soak marks` does 1,000."""

import json
import os
import uuid

import pytest
from django.db import connection

from bench import databases

pytestmark = [pytest.mark.race, pytest.mark.django_db]
CLERKS, OPERATIONS = 64, 50_000
PHONES, KILLS = 50, 100


@pytest.fixture
def url(tmp_path):
    """An empty database of its own."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{tmp_path}/soak.sqlite3"
        return
    server, name = os.environ["DATABASE_URL"], f"soak_{uuid.uuid4().hex[:8]}"
    databases.create_database(server, name)
    yield f"{server.rpartition('/')[0]}/{name}"


@pytest.fixture
def figure(record_property):
    """A line at the end of the run."""
    return lambda line: record_property("figure", line)


def test_64_clerks_at_once_leave_nothing_double_and_nothing_orphan(url, figure):
    found = json.loads(databases.run("clerks", str(OPERATIONS), str(CLERKS), url=url))
    assert found["faults"] == {}
    done = sum(found["met"].get(name, 0) for name in ("lend", "give_back", "swap", "issue_class_set", "take_back"))
    assert done >= OPERATIONS // 4, found["met"]
    figure(f"soak: {OPERATIONS} operations by {CLERKS} clerks in {found['seconds']:.0f} s, {done} done, 0 faults")


def test_a_server_that_is_killed_a_hundred_times_loses_no_mark_that_it_acknowledged(url, figure):
    found = json.loads(databases.run("kills", str(KILLS), str(PHONES), url=url))
    assert found["faults"] == {}
    assert found["broken"] > KILLS  # it was killed while it had something to do
    assert found["marks"] > KILLS
    figure(
        f"kills: {KILLS} while {PHONES} phones sent {found['marks']} marks in {found['seconds']:.0f} s; "
        f"{found['broken']} posts broke off, 0 acknowledged marks lost"
    )
