"""CP-SAT as every engine here uses it: one worker, so that the same question gets the same answer."""

from ortools.sat.python import cp_model

from planner.stopping import Stop

EFFORT = 5.0  # of the solver's own count of work, near a second each: the same on every machine


def prover(stop: Stop | None) -> cp_model.CpSolver:
    """Bounded by `stop.seconds`; without that by EFFORT, which does not depend on the machine or its load."""
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 1
    if stop is not None and stop.seconds is not None:
        solver.parameters.max_time_in_seconds = stop.seconds
    else:
        solver.parameters.max_deterministic_time = EFFORT
    return solver
