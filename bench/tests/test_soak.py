"""A small soak on each database: `./run soak` does the 50,000."""

import json
import os
import uuid

import pytest
from django.db import connection

from bench import databases

CLERKS, OPERATIONS = 64, 640


@pytest.fixture
def url(tmp_path):
    """An empty database of its own."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{tmp_path}/soak.sqlite3"
        return
    server, name = os.environ["DATABASE_URL"], f"soak_{uuid.uuid4().hex[:8]}"
    databases.create_database(server, name)
    yield f"{server.rpartition('/')[0]}/{name}"


@pytest.mark.race
def test_64_clerks_at_once_leave_nothing_double_and_nothing_orphan(url, request):
    found = json.loads(databases.run("clerks", str(OPERATIONS), str(CLERKS), url=url))
    assert found["faults"] == {}
    done = sum(found["met"].get(name, 0) for name in ("lend", "give_back", "swap", "issue_class_set", "take_back"))
    assert done >= OPERATIONS // 4, found["met"]
    request.config.figures = [
        *getattr(request.config, "figures", []),
        f"soak: {OPERATIONS} operations by {CLERKS} clerks in {found['seconds']:.0f} s, {done} done, 0 faults",
    ]
