"""Lists that page by key: page 1,000 costs what page 1 costs, and a row added meanwhile shifts nothing.

The key of a page can hold a child's name, and addresses end in histories and logs: so it is encrypted.
"""

import base64
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
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
    queryset: QuerySet[M] | Callable[[], QuerySet[M]],
    request: HttpRequest,
    *,
    order: Sequence[str],
    size: int = PAGE_SIZE,
    first: Callable[[], list[M]] | None = None,
) -> Page[M]:
    """The page that `?after=` names. `order`: field paths ("-made_at": the latest first), unique as a whole with "pk".

    `first` reads the first page where that is prepared: the same rows in the same order, one more than `size`. Then a
    function for `queryset` spares composing it.
    """
    box = _box(f"{request.path} {' '.join(order)}")  # the key of another list opens nothing here
    after = _opened(box, request.GET.get("after", ""))
    if first and not after:
        rows = first()
    else:
        queryset = queryset() if callable(queryset) else queryset
        rows = list((queryset.filter(_beyond(order, after)) if after else queryset).order_by(*order)[: size + 1])
    query = request.GET.copy()
    query.pop("after", None)
    first_link = f"?{query.urlencode()}" if after else ""
    next_link = ""
    if len(rows) > size:
        rows = rows[:size]
        query["after"] = _sealed(box, [_value(rows[-1], path.removeprefix("-")) for path in order])
        next_link = f"?{query.urlencode()}"
    return Page(rows, next_link, first_link)


def sealed_words(path: str, words: str) -> str:
    """Words as they may stand in the address of a page: they can be a child's name. Only `path` opens them."""
    return _sealed(_box(f"{path} words"), [words])


def opened_words(path: str, token: str) -> str:
    """What `sealed_words` hid; nothing where the link is mangled."""
    (words,) = _opened(_box(f"{path} words"), token) or [""]
    return str(words)


def _box(of_list: str) -> Fernet:
    secret = hashlib.sha256(f"page:{of_list}:{settings.SECRET_KEY}".encode()).digest()
    return Fernet(base64.urlsafe_b64encode(secret))


def _sealed(box: Fernet, key: list[Any]) -> str:
    return box.encrypt(json.dumps(key).encode()).decode()


def _opened(box: Fernet, token: str) -> list[Any] | None:
    """The key in a link; a mangled link, or one of another list, shows the first page."""
    try:
        return json.loads(box.decrypt(token.encode())) if token else None
    except (InvalidToken, ValueError):
        return None


def _beyond(order: Sequence[str], after: Sequence[Any]) -> Q:
    """(a, b) > (x, y) as a > x or (a = x and b > y); the leading a >= x lets the index be used."""
    paths = [path.removeprefix("-") for path in order]
    beyond = ["lt" if path.startswith("-") else "gt" for path in order]
    condition = Q()
    for position, path in enumerate(paths):
        equal_so_far = Q(**dict(zip(paths[:position], after[:position], strict=True)))
        condition |= equal_so_far & Q(**{f"{path}__{beyond[position]}": after[position]})
    return Q(**{f"{paths[0]}__{beyond[0]}e": after[0]}) & condition


def _value(row: Model, path: str) -> Any:
    value: Any = row
    for name in path.split("__"):
        value = getattr(value, name)
    return value if isinstance(value, int | str) else str(value)
