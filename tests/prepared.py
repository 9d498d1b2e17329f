"""Prepared reads against the same query set composed anew: the same SQL with the same values, or the test fails.

What was compared once for a read with these values is not composed again: it could only come out the same.
"""

from typing import Any

import pytest
from django.core.exceptions import EmptyResultSet
from django.db import connection

from leerorkest.shared.prepared import Composed, Prepared

_as_prepared = Prepared.__call__
_alike: dict[tuple[int, tuple[Any, ...]], Composed] = {}  # it holds what it names, so that no id is used twice


def _compared(self: Prepared, *inputs: Any, **named: Any) -> list[Any]:
    composed, values = self.composed(inputs, named)
    if composed is None:
        return list(self.compose(*inputs, **named))
    key = (id(composed), tuple(values))
    if key in _alike:
        return _as_prepared(self, *inputs, **named)
    try:
        sql, params = self.compose(*inputs, **named).query.get_compiler(connection=connection).as_sql()
    except EmptyResultSet:
        sql, params = "", ()
    name = f"{self.compose.__module__}.{self.compose.__name__}"
    assert sql == composed.sql, f"{name}: composed anew it is other SQL\n{sql}\n{composed.sql}"
    assert sorted(map(repr, params)) == sorted(map(repr, composed.filled(values))), f"{name}: other values\n{sql}"
    _alike[key] = composed
    return _as_prepared(self, *inputs, **named)


def compare(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Prepared, "__call__", _compared)


def compose_anew(patch: pytest.MonkeyPatch) -> None:
    """For tests that change what composes a query set: nothing is kept."""
    patch.setattr(Prepared, "__call__", lambda self, *inputs, **named: list(self.compose(*inputs, **named)))
