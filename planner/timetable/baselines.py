"""What a timetable is compared with: last year's plan where it holds, and the first teacher who can for the rest."""

from planner.timetable.kernel import put
from planner.timetable.problem import Plan, Problem
from planner.timetable.solve import Board


def greedy(problem: Problem) -> Plan:
    """Class after class, seat after seat, as it is done by hand now."""
    board = Board(problem)
    board.lay(problem.last or Plan({}, {}))
    for n, group in enumerate(problem.groups):
        for r in range(len(group.seats)):
            if board.state[1][n, r] < 0:
                for t in range(len(problem.teachers)):
                    if board.step(put(n, r, t, board.model, board.state)):
                        break
    return board.plan(*board.state[:2])
