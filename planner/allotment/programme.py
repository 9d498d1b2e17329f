"""Lexicographic integer programmes by HiGHS, in a process of their own.

The wheels of HiGHS and of OR-Tools each bring a library of the same name, and one process can load only one of them. So
`run` starts a child that loads HiGHS alone, hands it the model, and reads the answer: nothing else passes between them.
"""

import math
import os
import pickle
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
SMALL = 1e-6
LAST_GAP = 1e-4  # the last level (metres) may end this near its bound; it then says so
NODES = 20_000  # per integer programme: a limit that gives the same answer on every machine
HOME = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Programme:
    """min lexicographically costs[k]·x with lower ≤ A x ≤ upper, 0 ≤ x ≤ most, x whole. A by columns (starts, rows,
    values)."""

    costs: tuple[Floats, ...]
    most: Floats
    starts: Ints
    rows: Ints
    values: Floats
    lower: Floats
    upper: Floats


@dataclass(frozen=True)
class Answer:
    """`bounds`: per level, what nothing can go below while the levels before hold. x None: nothing found in time."""

    x: Ints | None
    reached: tuple[int, ...]
    bounds: tuple[int, ...]
    log: tuple[str, ...] = ()


def run(programme: Programme, seconds: float | None) -> Answer:
    """Raises RuntimeError when the child process fails."""
    command = [sys.executable, "-c", "from planner.allotment import programme; programme.serve()"]
    sent = pickle.dumps((programme, seconds))
    path = os.pathsep.join([str(HOME), *filter(None, [os.environ.get("PYTHONPATH")])])
    done = subprocess.run(  # noqa: S603 - our own words only
        command, input=sent, capture_output=True, check=False, env={**os.environ, "PYTHONPATH": path}
    )
    if done.returncode:
        raise RuntimeError(f"The solver process stopped: {done.stderr.decode(errors='replace')[-400:]}")
    answer: Answer = pickle.loads(done.stdout[done.stdout.index(b"\x80") :])  # noqa: S301 - from our own child
    return answer


def serve() -> None:
    sent, seconds = pickle.load(sys.stdin.buffer)  # noqa: S301 - from our own parent
    sys.stdout.buffer.write(pickle.dumps(_Chain(sent, seconds).solve()))


class _Chain:
    def __init__(self, programme: Programme, seconds: float | None):
        import highspy

        self.h: Any = highspy.Highs()  # type: ignore[no-untyped-call]
        self.highspy = highspy
        self.programme = programme
        self.seconds = seconds
        self.log: list[str] = []
        self._load()

    def _load(self) -> None:
        p, highspy = self.programme, self.highspy
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = len(p.most), len(p.lower)
        lp.col_cost_ = np.zeros(len(p.most))
        lp.col_lower_, lp.col_upper_ = np.zeros(len(p.most)), p.most
        lp.row_lower_, lp.row_upper_ = p.lower, p.upper
        lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = p.starts, p.rows, p.values
        self.h.setOptionValue("output_flag", False)
        self.h.setOptionValue("threads", 1)
        self.h.passModel(lp)
        self.columns = np.arange(len(p.most), dtype=np.int32)
        self.lower, self.upper = np.zeros(len(p.most)), p.most.astype(float).copy()
        self.row_lower, self.row_upper = p.lower.copy(), p.upper.copy()

    def _minimise(self, cost: Floats) -> float:
        self.h.changeColsCost(len(cost), self.columns, cost)
        self.h.run()
        self.log.append(
            f"{self.h.getRunTime():.2f}s {self.h.getInfo().simplex_iteration_count} it "
            f"{self.h.modelStatusToString(self.h.getModelStatus())}"
        )
        return float(self.h.getInfo().objective_function_value)

    def solve(self) -> Answer:
        p = self.programme
        weight, combined = 1.0, np.zeros(len(p.most))
        for cost in reversed(p.costs[:-1]):
            combined += weight * cost
            weight *= 24
        self._minimise(combined)  # only a warm start: near the answer on all levels at once
        bounds: list[int] = []
        for cost in p.costs:
            if not cost.any():
                bounds.append(0)
                continue
            least = self._minimise(cost)
            if self.h.getModelStatus() != self.highspy.HighsModelStatus.kOptimal:
                raise RuntimeError(self.log[-1])
            bounds.append(math.ceil(least - SMALL))
            self._keep_near(bounds[-1] - least)
            if bounds[-1] - least > SMALL:
                self._add_row(cost, bounds[-1])
        x = np.asarray(self.h.getSolution().col_value)
        whole = np.rint(x).astype(np.int64)
        if np.abs(x - whole).max(initial=0) < SMALL:
            return self._answer(whole, bounds)
        self._whole_numbers()
        self.h.setOptionValue("mip_rel_gap", LAST_GAP)
        self._minimise(p.costs[-1])
        if self._found():
            x = np.rint(np.asarray(self.h.getSolution().col_value)).astype(np.int64)
            return self._answer(x, bounds)
        return self._level_by_level(bounds)

    def _keep_near(self, gap: float) -> None:
        """Columns and rows whose price is more than the gap to the next whole number stay where they are: one step away
        would cost more than this level may. Without a gap that is exactly the face of its optima."""
        gap = max(gap, 0.0) + SMALL
        solution = self.h.getSolution()
        priced = np.flatnonzero(np.abs(np.asarray(solution.col_dual)) > gap).astype(np.int32)
        at = np.asarray(solution.col_value)[priced]
        nearest = np.where(at - self.lower[priced] <= self.upper[priced] - at, self.lower[priced], self.upper[priced])
        self.lower[priced] = self.upper[priced] = nearest
        self.h.changeColsBounds(len(priced), priced, nearest, nearest)
        rows = np.flatnonzero(np.abs(np.asarray(solution.row_dual)) > gap)
        activity = np.asarray(solution.row_value)
        for row in rows.tolist():
            if self.row_lower[row] != self.row_upper[row]:
                low = abs(activity[row] - self.row_lower[row]) <= abs(self.row_upper[row] - activity[row])
                bound = float(self.row_lower[row] if low else self.row_upper[row])
                self.row_lower[row] = self.row_upper[row] = bound
                self.h.changeRowBounds(row, bound, bound)

    def _add_row(self, cost: Floats, most: float) -> None:
        used = np.flatnonzero(cost).astype(np.int32)
        self.h.addRow(-self.highspy.kHighsInf, float(most), len(used), used, cost[used])
        self.row_lower = np.append(self.row_lower, -np.inf)
        self.row_upper = np.append(self.row_upper, float(most))

    def _whole_numbers(self) -> None:
        kinds = np.full(len(self.columns), int(self.highspy.HighsVarType.kInteger), np.uint8)
        self.h.changeColsIntegrality(len(self.columns), self.columns, kinds)
        self.h.setOptionValue("mip_rel_gap", 0.0)
        self.h.setOptionValue("mip_abs_gap", 0.999)  # every level is a whole number
        self.h.setOptionValue("mip_max_nodes", NODES)
        if self.seconds is not None:
            self.h.setOptionValue("time_limit", self.h.getRunTime() + self.seconds)

    def _found(self) -> bool:
        status = self.highspy.SolutionStatus.kSolutionStatusFeasible
        return bool(self.h.getInfo().primal_solution_status == status)

    def _level_by_level(self, lp_bounds: list[int]) -> Answer:
        """No whole answer is as good as the fractional one: each level in its turn, with its own bound."""
        p = self.programme
        self.h.clear()
        self._load()
        self._whole_numbers()
        x: Ints | None = None
        bounds: list[int] = []
        for k, cost in enumerate(p.costs):
            if not cost.any():
                bounds.append(0)
                continue
            self._minimise(cost)
            dual = self.h.getInfo().mip_dual_bound
            bounds.append(max(math.ceil(dual - SMALL), lp_bounds[k] if bounds == lp_bounds[:k] else 0))
            if not self._found():
                break
            x = np.rint(np.asarray(self.h.getSolution().col_value)).astype(np.int64)
            self._add_row(cost, float(cost @ x))
            self.h.setSolution(self.h.getSolution())
        bounds += [0] * (len(p.costs) - len(bounds))
        return Answer(None, (), tuple(bounds), tuple(self.log)) if x is None else self._answer(x, bounds)

    def _answer(self, x: Ints, bounds: list[int]) -> Answer:
        reached = tuple(round(float(cost @ x)) for cost in self.programme.costs)
        return Answer(x, reached, tuple(bounds), tuple(self.log))
