"""What every action has in common: one transaction, an entry in the audit trail, a refusal by name.

    @action
    def lend(*, instrument, child, by, at):
        ...
        record("depot.lend", subject=instrument, detail={"child": child.uid})

An action is keyword-only and is handed who (`by`) and when (`at`). Actions may call actions: the outermost one opens
the transaction and writes all entries last. An action that returns without having recorded anything raised no
alarm and changed nothing: that is a mistake in the code and fails loudly.
"""

import fcntl
import functools
import inspect
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, cast

from django.db import IntegrityError, connection, transaction

from . import audit
from .models import AuditEntry


class Refused(Exception):
    """A rule says no. `sentence` is for the person: what is wrong, and what to do next."""

    sentence: Any = ""

    def __init__(self, sentence: Any = "", **facts: Any) -> None:
        self.sentence = sentence or self.sentence
        self.facts = facts
        super().__init__(type(self).__name__)

    def __str__(self) -> str:
        return str(self.sentence % self.facts if self.facts else self.sentence)


@contextmanager
def unless_taken(refusal: Refused) -> Iterator[None]:
    """Two people at the same instant: the database lets one through, the other hears the refusal by name."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise refusal from error


class Actor(Protocol):
    """Who acts: an account (its `audit_key` is "account:12") or a named part of the system."""

    @property
    def audit_key(self) -> str: ...


@dataclass(frozen=True)
class System:
    """A part of the system that acts by itself, such as the nightly roster or the demo."""

    name: str

    @property
    def audit_key(self) -> str:
        return f"system:{self.name}"


@dataclass
class _Act:
    by: Actor
    at: datetime
    entries: list[AuditEntry] = field(default_factory=list)


_running = threading.local()


def _current() -> _Act | None:
    return getattr(_running, "act", None)


@contextmanager
def write_transaction() -> Iterator[None]:
    """An atomic block; on SQLite behind a fair queue (SQLite's own busy handler sleeps, so that late comers win:
    p99 790 ms without the queue, 28 ms with it)."""
    if connection.vendor != "sqlite" or connection.in_atomic_block or "memory" in str(connection.settings_dict["NAME"]):
        with transaction.atomic():
            yield
        return
    with Path(f"{connection.settings_dict['NAME']}-queue").open("w") as queue:
        fcntl.flock(queue, fcntl.LOCK_EX)
        with transaction.atomic():
            yield


def action[F: Callable[..., Any]](function: F) -> F:
    parameters = inspect.signature(function).parameters
    assert all(p.kind is p.KEYWORD_ONLY for p in parameters.values()), f"{function.__name__}: keyword-only, please"
    assert {"by", "at"} <= set(parameters), f"{function.__name__} must be handed who (by) and when (at)"

    @functools.wraps(function)
    def run(*, by: Actor, at: datetime, **inputs: Any) -> Any:
        outer = _current()
        if outer is not None:
            return function(by=by, at=at, **inputs)
        act = _Act(by=by, at=at)
        _running.act = act
        try:
            with write_transaction():
                result = function(by=by, at=at, **inputs)
                assert act.entries, f"{function.__name__} recorded nothing: refuse by name or record what it did"
                audit.append(act.entries)
            return result
        finally:
            _running.act = None

    run.is_action = True  # type: ignore[attr-defined]
    return cast(F, run)


def key_of(subject: Any) -> str:
    """ "child:6f1c…" for a row with a public id, "group:7" for one without."""
    return f"{subject._meta.model_name}:{getattr(subject, 'uid', None) or subject.pk}"


def record(act: str, *, subject: Any = "", organisation: str = "", detail: dict[str, Any] | None = None) -> None:
    """Note one thing that was done. Only inside an action."""
    current = _current()
    assert current is not None, "record() belongs inside an action"
    current.entries.append(
        audit.entry(
            at=current.at,
            actor=current.by.audit_key,
            act=act,
            subject=subject if isinstance(subject, str) else key_of(subject),
            organisation=organisation,
            detail=detail,
        )
    )


def record_seen(*, by: Actor, at: datetime, what: str, subject: Any, detail: dict[str, Any] | None = None) -> None:
    """Note that somebody opened a page with children on it. `what`: "seen.child", "seen.group" …"""
    with write_transaction():
        audit.append(
            [
                audit.entry(
                    at=at,
                    actor=by.audit_key,
                    act=what,
                    subject=subject if isinstance(subject, str) else key_of(subject),
                    detail=detail,
                )
            ]
        )
