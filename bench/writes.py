"""What people wait for when they write: a batch of marks, and the entry of the audit trail under everything.

Wall-clock time on the disk where the database is, against bare inserts of the same rows in one transaction: both wait
for the disk once.
"""

import hashlib
import json
import time
import uuid
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from random import Random
from typing import Any

from django.db import connection, transaction

from bench.fill import NOW, RECEIPT, TODAY, Sink
from bench.measure import Turn, database_version, medians
from bench.pages import group, lesson
from leerorkest.lessons.actions import receive_marks
from leerorkest.lessons.models import MarkEvent
from leerorkest.people.access import actor_of
from leerorkest.people.models import Account, Child
from leerorkest.shared import audit
from leerorkest.shared.actions import System, record_seen
from leerorkest.shared.models import AuditEntry

BATCH, MANY = 30, 1000
AUDIT = ["at", "actor", "act", "subject", "detail", "previous_hash", "hash"]


def main() -> None:
    sink = Sink(Random(int(time.time())))
    marks = medians([Turn(ready, send_marks()), Turn(ready, insert_marks(sink))], clock=time.perf_counter, seconds=4)
    one = medians([Turn(ready, see_child), Turn(ready, insert_entries(sink, 1))], clock=time.perf_counter, seconds=4)
    many = medians(
        [Turn(ready, append_many), Turn(ready, insert_entries(sink, MANY))], clock=time.perf_counter, seconds=4
    )
    print(json.dumps({"database": database_version(), "marks": marks, "one": one, "many": many}))


def ready() -> None:
    connection.ensure_connection()


def send_marks() -> Callable[[], None]:
    """A phone sends what a teacher tapped: the whole group, and second thoughts about five children."""
    actor = actor_of(Account.objects.get(email="noor@stad.example"), TODAY)
    shown, number, device = lesson(), count(), str(uuid.uuid4())
    children = list(Child.objects.filter(memberships__group=group()).order_by("pk"))
    children = (children * 2)[:BATCH]

    def batch() -> list[dict[str, Any]]:
        return [
            {
                "id": str(uuid.uuid4()),
                "device": device,
                "device_sequence": next(number),
                "lesson": str(shown.uid),
                "child": str(child.uid),
                "state": "present",
                "corrects": [],
                "made_at": NOW.isoformat(),
            }
            for child in children
        ]

    def send() -> None:
        receipts = receive_marks(batch=batch(), by=actor, at=NOW + timedelta(hours=1))
        assert all(receipt.stored for receipt in receipts), receipts

    return send


def insert_marks(sink: Sink) -> Callable[[], None]:
    shown, by, number, device = lesson().pk, Account.objects.latest("pk").pk, count(), sink.uid()
    children = list(Child.objects.filter(memberships__group=group()).order_by("pk").values_list("pk", flat=True))

    def insert() -> None:
        with transaction.atomic():
            sink.write(
                MarkEvent,
                ["id", "device", "device_sequence", "lesson_id", "child_id", "state", "by_id", *RECEIPT],
                [
                    (
                        sink.uid(),
                        device,
                        next(number),
                        shown,
                        child,
                        "present",
                        by,
                        f"{NOW:%Y-%m-%d %H:%M:%S}",
                        f"{NOW:%Y-%m-%d %H:%M:%S}",
                        "0" * 64,
                    )
                    for child in (children * 2)[:BATCH]
                ],
            )
            sink.write(AuditEntry, AUDIT, [entry(sink)])

    return insert


def see_child() -> None:
    record_seen(by=System("bench"), at=NOW, what="seen.child", subject="child:bench")


def append_many() -> None:
    with transaction.atomic():
        audit.append(
            [audit.entry(at=NOW, actor="system:bench", act="bench", subject="child:bench") for _ in range(MANY)]
        )


def entry(sink: Sink) -> tuple[Any, ...]:
    """Not a link of the chain: the database it goes into is thrown away."""
    first, second = (hashlib.sha256(sink.uid().encode()).hexdigest() for _ in range(2))
    return f"{NOW:%Y-%m-%d %H:%M:%S}", "system:bench", "bench", "child:bench", "{}", first, second


def insert_entries(sink: Sink, number: int) -> Callable[[], None]:
    return lambda: sink.write(AuditEntry, AUDIT, [entry(sink) for _ in range(number)])
