"""When a run stops: after so many iterations (the same plan every time), or when its owner says so."""

from collections.abc import Callable
from dataclasses import dataclass


def _never() -> bool:
    return False


@dataclass(frozen=True)
class Stop:
    """`iterations`: of the engine's own loop, reproducible. `seconds`: a limit handed to the exact solvers.
    `is_due`: asked now and then; the owner's clock or a pressed button. The best plan so far is kept."""

    iterations: int | None = None
    seconds: float | None = None
    is_due: Callable[[], bool] = _never
