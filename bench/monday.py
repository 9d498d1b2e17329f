"""Monday, 15:30: every teacher's phone sends the marks of a whole group at the same moment. Runs inside the site.

The server is the one of `./run serve` (gunicorn, two workers of 32 threads) in a process of its own; the teachers are
threads that wait for each other and then post. Against it: the same rows in as many transactions, one after another, on
the bare driver and the same disk, with nobody in the way.
"""

import http.client
import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import threading
import time
from importlib import import_module
from random import Random
from typing import Any

from django.conf import settings
from django.contrib.auth import login
from django.core.management import call_command
from django.db import connections, transaction
from django.http import HttpRequest

from bench.fill import NOW, RECEIPT, Sink
from bench.kills import Phone
from bench.measure import database_version
from bench.writes import AUDIT, entry
from leerorkest.lessons.models import MarkEvent, QuarantinedMark
from leerorkest.people.rules import Role
from leerorkest.shared.models import AuditEntry
from tests import make

GROUPS = 40
BATCH = 30


def main(teachers: str) -> None:
    """Prints what came of it as JSON."""
    call_command("migrate", verbosity=0)
    stages = set_the_stage(int(teachers))
    connections.close_all()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        server = subprocess.Popen(gunicorn(port, folder), env=os.environ, stdout=sys.stderr)
        try:
            crew = [Teacher(number, port, stage) for number, stage in enumerate(stages)]
            wait_for(port)
            gate = threading.Barrier(len(crew) + 1)
            for one in crew:
                one.gate = gate
                one.start()
            gate.wait(timeout=300)
            start = time.monotonic()
            for one in crew:
                one.join(timeout=300)
            seconds = time.monotonic() - start
        finally:
            server.terminate()
            server.wait()
    stored, aside = MarkEvent.objects.count(), QuarantinedMark.objects.count()
    times = sorted(one.took for one in crew)
    print(
        json.dumps(
            {
                "database": database_version(),
                "teachers": len(crew),
                "errors": sum(one.failed for one in crew) + aside + len(crew) * BATCH - stored,
                "seconds": seconds,
                "raw": raw(stages),
                "p50": times[len(times) // 2],
                "p99": times[len(times) * 99 // 100],
            }
        )
    )


def gunicorn(port: int, folder: str) -> list[str]:
    return [
        *(sys.executable, "-m", "gunicorn", "leerorkest.wsgi", "--worker-class", "gthread", "--workers", "2"),
        *("--threads", "32", "--bind", f"127.0.0.1:{port}", "--log-level", "warning", "--worker-tmp-dir", folder),
        "--no-control-socket",
    ]


def wait_for(port: int) -> None:
    for _ in range(300):
        try:
            asked = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            asked.request("GET", "/lessons/marks/")
            asked.getresponse().read()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("The server does not start.")


def set_the_stage(teachers: int) -> list[dict[str, Any]]:
    """Teachers who are signed in, ten to a group of 30 children, each with a lesson of her own."""
    school = make.make_school()
    groups = [make.make_group(school, f"G{number}") for number in range(GROUPS)]
    children = {group.pk: [str(make.make_child(group, f"Kind{n}").uid) for n in range(BATCH)] for group in groups}
    stages = []
    for number in range(teachers):
        group = groups[number % GROUPS]
        account = make.make_account(f"Teacher{number} Les")
        teaching = make.make_teaching(make.make_posting(account, Role.TEACHER, school.site.organisation), group)
        lesson = make.make_lesson(group, teaching=teaching, children=[])
        request = HttpRequest()
        request.session = import_module(settings.SESSION_ENGINE).SessionStore()
        login(request, account, backend=settings.AUTHENTICATION_BACKENDS[0])
        request.session.save()
        cookie = f"{settings.SESSION_COOKIE_NAME}={request.session.session_key}"
        stages.append({"cookie": cookie, "lesson": str(lesson.uid), "children": children[group.pk]})
    return stages


class Teacher(Phone):
    """Posts once, as soon as everybody is ready."""

    gate: threading.Barrier

    def run(self) -> None:
        self.chance = random.Random(self.port + id(self))
        self.outbox = [{**self.mark(), "child": child} for child in self.stage["children"]]
        self.failed, self.took = 1, 0.0
        for attempt in range(5):  # whoever is signing in waits; only the post is measured
            try:
                self.headers = self.signed_in()
                break
            except (OSError, http.client.HTTPException, ValueError):
                time.sleep(0.2 * (attempt + 1))
        self.gate.wait(timeout=300)
        start = time.monotonic()
        try:
            self.send()
            self.failed = int(bool(self.outbox))
        except (OSError, http.client.HTTPException, ValueError) as error:
            print(repr(error), file=sys.stderr)
        self.took = time.monotonic() - start


def raw(stages: list[dict[str, Any]]) -> float:
    """Seconds for the same rows on the bare driver, in as many transactions of 30 marks and an entry of the trail."""
    sink = Sink(Random(int(time.time())))
    some = MarkEvent.objects.values_list("lesson", "child", "by").first()
    assert some is not None
    lesson, child, by = some
    written = [f"{NOW:%Y-%m-%d %H:%M:%S}"] * 2
    start = time.monotonic()
    for _stage in stages:
        device = sink.uid()
        with transaction.atomic():
            sink.write(
                MarkEvent,
                ["id", "device", "device_sequence", "lesson_id", "child_id", "state", "by_id", *RECEIPT],
                [
                    (sink.uid(), device, number, lesson, child, "present", by, *written, "0" * 64)
                    for number in range(BATCH)
                ],
            )
            sink.write(AuditEntry, AUDIT, [entry(sink)])
    return time.monotonic() - start
