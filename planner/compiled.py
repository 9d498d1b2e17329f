"""Compiles the inner loops with numba where it is there; without it the same functions run as they are, slowly."""

import importlib.util
import os
from collections.abc import Callable
from typing import Any

IS_COMPILED = (
    importlib.util.find_spec("numba") is not None and os.environ.get("LEERORKEST_PLANNER_COMPILED", "1") == "1"
)


def compiled[F: Callable[..., Any]](function: F) -> F:
    """Kept on disk beside the module after the first time."""
    if not IS_COMPILED:
        return function
    import numba

    made: Any = numba.njit(cache=True)(function)
    return made  # type: ignore[no-any-return]


def draw_from(chance: Any) -> int:
    """The next number below 2³¹ − 1 of Park and Miller's generator: the same compiled and not, on every machine."""
    chance[0] = (chance[0] * 48271) % 2147483647
    return int(chance[0])


draw = compiled(draw_from)
