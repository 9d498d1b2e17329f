"""Reads whose SQL is composed once.

Django composes the SQL of a query set anew each time it is read. That takes the processor ten times as long as
SQLite needs to answer a question about one row. What a page asks at every visit is therefore prepared:

    @prepared
    def _postings(account: int, on: date) -> QuerySet[Posting]:
        return Posting.objects.on(on).filter(account=account).select_related("organisation")

    _postings(account.pk, today)  # a list of Posting, as from list(query set)

The function runs once for each *shape* of its arguments, with made-up values in their place; where these come out
among the parameters of the SQL, the real ones go in. So it must build the same query set whatever the values are:

- numbers, texts, dates, moments and UUIDs are values; it may hand them on, and add days to a date, nothing else;
- None, booleans and enumerations belong to the shape, and so does how long a tuple or set is: it may ask for those;
- anything else takes itself apart, as the actor does (`Parts`).

A value that comes out of the SQL changed, such as a text with % around it, is refused the first time. Tests of every
page for every role compare each prepared read with the query set composed anew (tests/prepared.py).
"""

import copy
import functools
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from typing import Any, Protocol
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import QuerySet, prefetch_related_objects
from django.db.models.query import FlatValuesListIterable, ValuesListIterable
from django.http import Http404

MOST_SHAPES = 200  # of one read, then it starts again
MOST_VALUES = 60  # a longer list is composed anew: each length is a shape of its own
FIRST_NUMBER, FIRST_DAY, MARK = 1_900_000_000, date(1001, 1, 1), "\ue000"  # in no database
LARGEST = 2**31 - 1
DAYS_APART = 1000  # between two made-up dates: within half of that the function may move them


class Parts(Protocol):
    """An argument that knows which of its values belong to the shape."""

    def taken_apart(self) -> tuple[Any, tuple[Any, ...]]:
        """(shape, values): the shape can be a key, and `put_together` makes the like of it from other values."""

    @classmethod
    def put_together(cls, shape: Any, values: Iterator[Any]) -> Any: ...


def prepared[**P, Row](compose: Callable[P, QuerySet[Any, Row]]) -> "Prepared[P, Row]":
    """Called, it gives the rows as a list."""
    return Prepared(compose)


def prepared_row[**P, Row](compose: Callable[P, QuerySet[Any, Row]]) -> Callable[P, Row]:
    """Called, it gives the row; a page that does not exist when there is none."""
    rows = Prepared(compose)

    @functools.wraps(compose)
    def row(*inputs: P.args, **named: P.kwargs) -> Row:
        found = rows.first(*inputs, **named)
        if found is None:
            raise Http404
        return found

    return row


def prepared_test[**P](compose: Callable[P, QuerySet[Any, Any]]) -> Callable[P, bool]:
    """Called, it says whether there is a row."""
    rows = Prepared(lambda *inputs, **named: compose(*inputs, **named).values_list("pk", flat=True)[:1])

    @functools.wraps(compose)
    def test(*inputs: P.args, **named: P.kwargs) -> bool:
        return bool(rows(*inputs, **named))

    return test


class Prepared[**P, Row]:
    def __init__(self, compose: Callable[P, QuerySet[Any, Row]]) -> None:
        functools.update_wrapper(self, compose)
        self.compose = compose
        self._known: dict[Any, Composed] = {}

    def __call__(self, *inputs: P.args, **named: P.kwargs) -> list[Row]:
        composed, values = self.composed(inputs, named)
        if composed is None:
            return list(self.compose(*inputs, **named))
        return composed.rows(values)

    def count(self, *inputs: P.args, **named: P.kwargs) -> int:
        """How many rows; a query set that ends in [:n] counts no further than n."""
        composed, values = self.composed(inputs, named)
        return composed.count(values) if composed else self.compose(*inputs, **named).count()

    def first(self, *inputs: P.args, **named: P.kwargs) -> Row | None:
        return next(iter(self(*inputs, **named)), None)

    def composed(self, inputs: tuple[Any, ...], named: dict[str, Any]) -> tuple["Composed | None", list[Any]]:
        """The SQL for arguments of this shape, and the values among them. None: not worth keeping, or not possible."""
        values: list[Any] = []
        shape = tuple(_shape_of(argument, values) for argument in (*inputs, *named.values()))
        if len(values) > MOST_VALUES:
            return None, values
        for value in values:
            if type(value) is int and not -LARGEST <= value <= LARGEST:
                return None, values  # Django knows for which columns a number is too large
        key = (connection.vendor, tuple(named), shape)
        composed = self._known.get(key)
        if composed is None:
            made_up = [_made_up(value, position) for position, value in enumerate(values)]
            source = iter(made_up)
            like = [_like(part, source) for part in shape]
            options = dict(zip(named, like[len(inputs) :], strict=True))
            composed = Composed(self.compose(*like[: len(inputs)], **options), made_up)
            if len(self._known) >= MOST_SHAPES:
                self._known = {}
            self._known[key] = composed
        return composed, values


class Composed:
    """The SQL of one shape, and which value goes where."""

    def __init__(self, queryset: QuerySet[Any, Any], made_up: list[Any]) -> None:
        self.queryset = queryset
        self.compiler = queryset.query.get_compiler(connection=connection)
        try:
            self.sql, params = self.compiler.as_sql()
        except EmptyResultSet:
            self.sql, params = "", ()
        else:
            self.converters = self.compiler.get_converters([column[0] for column in self.compiler.select])
        self.is_flat = queryset._iterable_class is FlatValuesListIterable
        is_list = self.is_flat or queryset._iterable_class is ValuesListIterable
        self.is_plain = is_list and not queryset.query.distinct  # a row of the database is the answer
        sent = [_sent(value) for value in made_up]
        self.params = [_slot(param, made_up, sent) for param in params]

    def rows(self, values: list[Any]) -> list[Any]:
        if not self.sql:
            return []
        return self.plain_rows(values) if self.is_plain else self.model_rows(values)

    def plain_rows(self, values: list[Any]) -> list[Any]:
        with connection.cursor() as cursor:
            cursor.execute(self.sql, self.filled(values))
            rows = cursor.fetchall()
        if self.converters and rows:
            rows = [tuple(row) for row in self.compiler.apply_converters(rows, self.converters)]
        return [row[0] for row in rows] if self.is_flat else rows

    def model_rows(self, values: list[Any]) -> list[Any]:
        compiler = copy.copy(self.compiler)
        compiler.connection = connections[DEFAULT_DB_ALIAS]  # of this thread
        compiler.get_converters = lambda expressions: self.converters
        compiler.as_sql = lambda *args, **options: (self.sql, self.filled(values))
        query = copy.copy(self.queryset.query)
        query.get_compiler = lambda *args, **options: compiler  # type: ignore[method-assign]
        queryset: Any = type(self.queryset)(self.queryset.model, query)
        queryset.__dict__ |= self.queryset.__dict__ | {"_query": query}
        rows = list(queryset._iterable_class(queryset))
        if queryset._prefetch_related_lookups:
            prefetch_related_objects(rows, *queryset._prefetch_related_lookups)
        return rows

    def count(self, values: list[Any]) -> int:
        if not self.sql:
            return 0
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT COUNT(*) FROM ({self.sql}) counted", self.filled(values))
            return cursor.fetchone()[0]

    def filled(self, values: list[Any]) -> tuple[Any, ...]:
        return tuple(param(values) if isinstance(param, _Slot) else param for param in self.params)


class _Slot:
    """Where a value goes; a date perhaps some days off."""

    def __init__(self, position: int, days: timedelta | None = None) -> None:
        self.position, self.days = position, days

    def __call__(self, values: list[Any]) -> Any:
        value = values[self.position]
        if type(value) in (int, str):
            return value
        return _sent(value + self.days if self.days else value)


def _slot(param: Any, made_up: list[Any], sent: list[Any]) -> Any:
    """The place of the made-up value that `param` is; `param` itself when it is none."""
    if isinstance(param, bool) or not isinstance(param, int | str | date | UUID):
        return param
    for position, value in enumerate(sent):
        if type(value) is type(param) and value == param:
            return _Slot(position)
    if moved := _moved(param, made_up):
        return moved
    assert not (isinstance(param, str) and MARK in param), f"the SQL changes a value: {param!r}"
    return param


def _moved(param: Any, made_up: list[Any]) -> _Slot | None:
    try:
        day = date.fromisoformat(param) if isinstance(param, str) else param
    except ValueError:
        return None
    if type(day) is not date:
        return None
    for position, value in enumerate(made_up):
        if type(value) is date and abs(day - value) < timedelta(days=DAYS_APART / 2):
            return _Slot(position, day - value)
    return None


def _shape_of(argument: Any, values: list[Any]) -> Any:
    """What stays the same; the rest goes to `values`."""
    kind = type(argument)
    if kind in (int, str, date, datetime, UUID):
        values.append(argument)
        return kind
    if argument is None or kind is bool or isinstance(argument, Enum):
        return argument
    if kind in (tuple, list, set, frozenset):
        return (kind, tuple(_shape_of(item, values) for item in argument))
    shape, parts = argument.taken_apart()
    values += parts
    return (kind, shape)


def _like(shape: Any, values: Iterator[Any]) -> Any:
    """An argument of this shape from made-up values."""
    if shape is None or isinstance(shape, bool | Enum):
        return shape
    if isinstance(shape, type):
        return next(values)
    kind, parts = shape
    if kind in (tuple, list, set, frozenset):
        return kind(_like(part, values) for part in parts)
    return kind.put_together(parts, values)


def _made_up(value: Any, position: int) -> Any:
    """A value of the same type that stands in no database."""
    if isinstance(value, int):
        return FIRST_NUMBER + position
    if isinstance(value, str):
        return f"{MARK}{position}"
    if isinstance(value, UUID):
        return UUID(int=position)
    day = FIRST_DAY + position * timedelta(days=DAYS_APART)
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC) if isinstance(value, datetime) else day


def _sent(value: Any) -> Any:
    """As the database gets it."""
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    if isinstance(value, date):
        return connection.ops.adapt_datefield_value(value)
    if isinstance(value, UUID):
        return value if connection.features.has_native_uuid_field else value.hex
    return value
