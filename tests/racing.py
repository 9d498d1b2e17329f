"""Threads that begin together, each with a connection of its own, for tests that commit."""

import threading
from collections.abc import Callable
from typing import Any

from django.db import connections


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """Each in a thread of its own, started together; what they gave back, in no order. The first failure is raised."""
    gate, given, failures = threading.Barrier(len(works)), [], []

    def run(work):
        try:
            gate.wait(timeout=60)
            given.append(work())
        except BaseException as error:
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    if failures:
        raise failures[0]
    return given
