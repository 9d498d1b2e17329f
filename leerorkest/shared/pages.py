"""Lists that page by key: page 1,000 costs what page 1 costs, and a row added meanwhile shifts nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest

PAGE_SIZE = 50


@dataclass(frozen=True)
class Page[M: Model]:
    rows: list[M]
    next_link: str  # "?kind=violin&after=…", empty on the last page
    first_link: str  # empty on the first page

    def __iter__(self) -> Any:
        return iter(self.rows)

    def __bool__(self) -> bool:
        return bool(self.rows)


def page_of[M: Model](
    queryset: QuerySet[M], request: HttpRequest, *, order: Sequence[str], size: int = PAGE_SIZE
) -> Page[M]:
    """The page that `?after=` names. `order`: ascending field paths, unique as a whole (end with "pk")."""
    try:
        after = signing.loads(request.GET["after"], salt="page") if "after" in request.GET else None
    except signing.BadSignature:
        after = None  # a mangled link shows the first page
    rows = list((queryset.filter(_beyond(order, after)) if after else queryset).order_by(*order)[: size + 1])
    query = request.GET.copy()
    query.pop("after", None)
    first_link = f"?{query.urlencode()}" if after else ""
    next_link = ""
    if len(rows) > size:
        rows = rows[:size]
        query["after"] = signing.dumps([_value(rows[-1], path) for path in order], salt="page", compress=True)
        next_link = f"?{query.urlencode()}"
    return Page(rows, next_link, first_link)


def _beyond(order: Sequence[str], after: Sequence[Any]) -> Q:
    """(a, b) > (x, y) as a > x or (a = x and b > y); the leading a >= x lets the index be used."""
    condition = Q()
    for position, path in enumerate(order):
        equal_so_far = Q(**dict(zip(order[:position], after[:position], strict=True)))
        condition |= equal_so_far & Q(**{f"{path}__gt": after[position]})
    return Q(**{f"{order[0]}__gte": after[0]}) & condition


def _value(row: Model, path: str) -> Any:
    value: Any = row
    for name in path.split("__"):
        value = getattr(value, name)
    return value if isinstance(value, int | str) else str(value)
