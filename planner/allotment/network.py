"""Lexicographic min-cost flow with prices that prove it.

Levels are packed into one cost with a base that no exchange can outweigh: a simple cycle in the residual network
passes each of the `hubs` at most once and meets at most two other nodes beside each, so it changes a level by at most
`hubs` units. Base 4 × (hubs + 1) keeps every sum of two potentials apart too. Levels that do not fit into 62 bits
follow on the arcs that the first pack leaves free (reduced cost zero): the exact face of its optima.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from ortools.graph.python import min_cost_flow

Ints = npt.NDArray[np.int64]
ROOM = 2**61


@dataclass(frozen=True)
class Network:
    """Arcs by index; `supply` per node sums to zero. `hubs`: how many nodes bound an exchange (see above)."""

    tail: Ints
    head: Ints
    capacity: Ints
    supply: Ints
    hubs: int


@dataclass(frozen=True)
class Flow:
    """`potentials`: levels × nodes. `slack`: per arc, −1, 0 or 1: the sign of its reduced cost, lexicographically."""

    flow: Ints
    potentials: Ints
    slack: npt.NDArray[np.int8]


def solve(network: Network, costs: Sequence[Ints], spans: Sequence[int]) -> Flow:
    """`costs`: per level an integer per arc; `spans`: the most that one hub's exchange changes that level (counts: 1).
    Optimal lexicographically, with potentials that prove it. Raises ArithmeticError if no flow exists."""
    arcs, nodes = len(network.tail), len(network.supply)
    slack = np.zeros(arcs, np.int8)
    flow = np.zeros(arcs, np.int64)
    potentials = np.zeros((len(costs), nodes), np.int64)
    at = 0
    while at < len(costs):
        bases, until = _pack(network, spans, at, nodes)
        combined = np.zeros(arcs, np.int64)
        for level in range(at, until):
            combined = combined * bases[level - at] + costs[level]
        free = np.flatnonzero(slack == 0)
        forced = np.flatnonzero(slack < 0)
        supply = network.supply.copy()
        np.subtract.at(supply, network.tail[forced], network.capacity[forced])
        np.add.at(supply, network.head[forced], network.capacity[forced])
        tail, head, capacity, cost = network.tail[free], network.head[free], network.capacity[free], combined[free]
        found = _cheapest(tail, head, capacity, cost, supply)
        flow[:] = 0
        flow[forced] = network.capacity[forced]
        flow[free] = found
        distance = _distances(tail, head, capacity, cost, found, nodes)
        reduced = cost + distance[tail] - distance[head]
        slack[free] = np.sign(reduced)
        rest = distance
        for level in range(until - 1, at - 1, -1):
            base = bases[level - at] if level > at else 0
            digit = ((rest + base // 2) % base) - base // 2 if base else rest
            potentials[level] = digit
            rest = (rest - digit) // base if base else rest
        at = until
    return Flow(flow, potentials, slack)


def _pack(network: Network, spans: Sequence[int], at: int, nodes: int) -> tuple[list[int], int]:
    """The bases of the levels from `at` on that fit together, and the first level that does not."""
    bases: list[int] = []
    size = 1
    for span in spans[at:]:
        base = 4 * (network.hubs + 1) * max(1, span)
        grown = size * base
        if bases and grown * (nodes + 2) >= ROOM:
            break
        bases.append(base)
        size = grown
    return bases, at + len(bases)


def _cheapest(tail: Ints, head: Ints, capacity: Ints, cost: Ints, supply: Ints) -> Ints:
    solver = min_cost_flow.SimpleMinCostFlow()
    arcs = solver.add_arcs_with_capacity_and_unit_cost(tail, head, capacity, cost)
    solver.set_nodes_supplies(np.arange(len(supply)), supply)
    status = solver.solve()
    if status != solver.OPTIMAL:
        raise ArithmeticError(f"no flow: {status}")
    return np.asarray(solver.flows(arcs), np.int64)


def _distances(tail: Ints, head: Ints, capacity: Ints, cost: Ints, flow: Ints, nodes: int) -> Ints:
    """Shortest distances in the residual network from everywhere. Raises ArithmeticError on a negative cycle, that is,
    where the flow was not the cheapest: the solver is not taken at its word."""
    ahead, back = flow < capacity, flow > 0
    source = np.concatenate([tail[ahead], head[back]])
    target = np.concatenate([head[ahead], tail[back]])
    length = np.concatenate([cost[ahead], -cost[back]])
    order = np.argsort(target, kind="stable")
    source, target, length = source[order], target[order], length[order]
    distance = np.zeros(nodes, np.int64)
    if not len(target):
        return distance
    starts = np.flatnonzero(np.concatenate([[True], target[1:] != target[:-1]]))
    reached = target[starts]
    for _ in range(nodes + 1):
        nearer = np.minimum(distance[reached], np.minimum.reduceat(distance[source] + length, starts))
        if np.array_equal(nearer, distance[reached]):
            return distance
        distance[reached] = nearer
    raise ArithmeticError("a negative cycle: the flow is not the cheapest")
