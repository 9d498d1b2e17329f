"""Without bounds on sections the fairest allotment is a flow: exact, part by part, and proved by its prices."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field

import numpy as np

from planner.allotment.network import Network, solve
from planner.allotment.pools import Pools, Type
from planner.allotment.problem import FOURTH, LEVELS, WITHOUT, Stock

RANK_LEVEL = {WITHOUT: 0, FOURTH: 1, 3: 2, 2: 3}
COUNTED = ("without", "fourth or worse", "third", "second", "disappointed again", "transport")
PLACE = [LEVELS.index(name) for name in COUNTED]


@dataclass
class Placed:
    """Per child (index) a stock, or None: without. `prices`: per stock, per level of COUNTED."""

    of: dict[int, Stock | None] = field(default_factory=dict)
    prices: dict[Stock, tuple[int, ...]] = field(default_factory=dict)


@dataclass
class _Arcs:
    tail: list[int] = field(default_factory=list)
    head: list[int] = field(default_factory=list)
    capacity: list[int] = field(default_factory=list)
    rank: list[int] = field(default_factory=list)
    sore: list[int] = field(default_factory=list)

    def add(self, tail: int, head: int, capacity: int, rank: int = 1, last_year: int = 1) -> None:
        self.tail.append(tail)
        self.head.append(head)
        self.capacity.append(capacity)
        self.rank.append(rank)
        self.sore.append((rank - 1) * (last_year - 1))


def place(pools: Pools, order: list[int]) -> Placed:
    """`order`: the draw, a place in the line per child; it decides between children who are alike."""
    placed = Placed()
    for part in pools.parts():
        _place_part(pools, part, order, placed)
    return placed


def _pooled(pools: Pools, part: list[Type]) -> dict[str, int]:
    """Depots that serve the same schools are one pool while only ranks count: depot → number of its pool."""
    reached = defaultdict(list)
    for n, reach in enumerate(dict.fromkeys(key[0] for key in part)):
        for depot in reach:
            reached[depot].append(n)
    numbers: dict[tuple[int, ...], int] = {}
    return {depot: numbers.setdefault(tuple(by), len(numbers)) for depot, by in reached.items()}


def _place_part(pools: Pools, part: list[Type], order: list[int], placed: Placed) -> None:
    pool_of = _pooled(pools, part)
    sink, nodes = 0, 1
    node_of_pool: dict[tuple[int, str, str, str], int] = {}
    stock_of: dict[tuple[int, str, str, str], list[Stock]] = {}
    arcs = _Arcs()

    def pool(stock: Stock) -> int:
        nonlocal nodes
        key = (pool_of[stock[0]], *stock[1:])
        if key not in node_of_pool:
            node_of_pool[key] = nodes
            stock_of[key] = []
            nodes += 1
        if stock not in stock_of[key]:
            stock_of[key].append(stock)
        return node_of_pool[key]

    hub_of: dict[tuple[object, object], tuple[int, dict[str, list[int]]]] = {}

    def hub(reach: tuple[str, ...], fit: tuple[str, tuple[str, ...], bool]) -> tuple[int, dict[str, list[int]]]:
        """The node of "any other kind that fits", and per kind the pools themselves."""
        nonlocal nodes
        known = hub_of.get((reach, fit))
        if known is None:
            by_kind: dict[str, list[int]] = {}
            for stock in pools.possible(reach, fit):
                at = by_kind.setdefault(stock[1], [])
                if (node := pool(stock)) not in at:
                    at.append(node)
            known = hub_of[reach, fit] = (nodes, by_kind)
            nodes += 1
        return known

    hubs = [hub(key[0], key[1]) for key in part]
    hubs_count = nodes
    plenty = sum(len(found) for key in part for found in pools.types[key].values())
    for node, by_kind in hub_of.values():
        for at in by_kind.values():
            for target in at:
                arcs.add(node, target, plenty)
    for at_pool, node in node_of_pool.items():
        arcs.add(node, sink, sum(pools.stock[stock] for stock in stock_of[at_pool]))
    bounded = len(arcs.tail)
    supply = [0] * nodes
    for key, (via, by_kind) in zip(part, hubs, strict=True):
        _, _, wishes, lock, last_year = key
        node, count = nodes, sum(map(len, pools.types[key].values()))
        nodes += 1
        supply.append(count)
        supply[sink] -= count
        arcs.add(node, sink, count, WITHOUT, last_year)
        if lock is not None:
            rank = wishes.index(lock) + 1 if lock in wishes else FOURTH
            for target in by_kind.get(lock, ()):
                arcs.add(node, target, count, rank, last_year)
            continue
        for rank, kind in enumerate(wishes, 1):
            for target in by_kind.get(kind, ()):
                arcs.add(node, target, count, rank, last_year)
        if by_kind:
            arcs.add(node, via, count, FOURTH, last_year)
    tail, head = np.array(arcs.tail, np.int64), np.array(arcs.head, np.int64)
    ranks = np.array(arcs.rank, np.int64)
    costs = [(ranks == rank).astype(np.int64) for rank in (WITHOUT, FOURTH, 3, 2)] + [np.array(arcs.sore, np.int64)]
    spans = [1, 1, 1, 1, max(arcs.sore, default=0)]
    network = Network(tail, head, np.array(arcs.capacity, np.int64), np.array(supply, np.int64), hubs_count)
    found = solve(network, costs, spans)
    is_hub = {node for node, _ in hub_of.values()}
    free_hub: dict[int, list[int]] = defaultdict(list)
    for n in np.flatnonzero(found.slack[:bounded] == 0).tolist():
        if arcs.head[n] != sink:
            free_hub[arcs.tail[n]].append(arcs.head[n])
    options: dict[int, list[int]] = defaultdict(list)
    for n in (bounded + np.flatnonzero(found.slack[bounded:] == 0)).tolist():
        target = arcs.head[n]
        options[arcs.tail[n]].extend(free_hub[target] if target in is_hub else [target])
    prices = {key: found.potentials[:, sink] - found.potentials[:, node] for key, node in node_of_pool.items()}
    first_type = nodes - len(part)
    _transport(
        pools,
        {key: tuple(sorted(set(options[first_type + n]))) for n, key in enumerate(part)},
        {node: stock_of[key] for key, node in node_of_pool.items()},
        {node: _sign(prices[key].tolist()) * tuple(prices[key].tolist()) for key, node in node_of_pool.items()},
        order,
        placed,
    )


def _sign(price: list[int]) -> int:
    """1 where the price counts, 0 where it is nothing or less (stock that nobody takes costs nothing)."""
    return int(tuple(price) > (0,) * len(price))


def _transport(
    pools: Pools,
    options: dict[Type, tuple[int, ...]],
    stocks: dict[int, list[Stock]],
    prices: dict[int, tuple[int, ...]],
    order: list[int],
    placed: Placed,
) -> None:
    """Among the allotments that are best by rank, the one with the fewest metres. `options`: per type the pools of
    equal worth (0: without); `prices`: per pool, () for one that is not scarce."""
    lines: dict[tuple[str, tuple[int, ...], tuple[str, ...]], list[int]] = defaultdict(list)
    for key, at in options.items():
        for school, children in pools.types[key].items():
            lines[school, at, key[0]].extend(children)
    metres = {school.id: school.metres for school in pools.problem.schools}
    sink, nodes = 0, 1
    node_of: dict[Stock, int] = {}
    arcs, cost = _Arcs(), list[int]()
    supply = [0]
    for pool, members in stocks.items():
        at_pool = nodes
        nodes += 1
        supply.append(0)
        whole = sum(pools.stock[stock] for stock in members)
        if prices[pool]:  # scarce: every one of them is used in every optimum
            supply[at_pool] -= whole
        else:
            arcs.add(at_pool, sink, whole)
            cost.append(0)
        for stock in members:
            node_of[stock] = nodes
            supply.append(0)
            arcs.add(nodes, at_pool, pools.stock[stock])
            cost.append(0)
            nodes += 1
    first = len(arcs.tail)
    by_node = {node: stock for stock, node in node_of.items()}
    hubs = nodes
    line_of: list[list[int]] = []
    for (school, at, reach), children in lines.items():
        supply.append(len(children))
        line_of.append(children)
        for pool in at:
            if pool == 0:
                arcs.add(nodes, sink, len(children))
                cost.append(0)
                continue
            for stock in stocks[pool]:
                if stock[0] in reach:
                    arcs.add(nodes, node_of[stock], len(children))
                    cost.append(metres[school][stock[0]])
        nodes += 1
    supply[sink] -= sum(supply)
    span = max(cost, default=0)
    tail, head, capacity = (np.array(values, np.int64) for values in (arcs.tail, arcs.head, arcs.capacity))
    network = Network(tail, head, capacity, np.array(supply, np.int64), hubs)
    found = solve(network, [np.array(cost, np.int64)], [span])
    for pool, members in stocks.items():
        for stock in members:
            far = int(found.potentials[0, sink] - found.potentials[0, node_of[stock]])
            placed.prices[stock] = (*prices[pool], far) if prices[pool] else (0,) * (len(COUNTED) - 1) + (max(0, far),)
    shares: dict[int, Counter[Stock | None]] = defaultdict(Counter)
    for n in (first + np.flatnonzero(found.flow[first:])).tolist():
        shares[arcs.tail[n] - hubs][by_node.get(arcs.head[n])] += int(found.flow[n])
    for n, share in shares.items():
        _share_out(pools, line_of[n], share, order, placed)


def _share_out(
    pools: Pools, children: list[int], share: Counter[Stock | None], order: list[int], placed: Placed
) -> None:
    """Children to whom the plan gives equal worth: last year's instrument if it is there, else by the draw."""
    if len(share) == 1:
        (stock,) = share
        placed.of.update(dict.fromkeys(children, stock))
        return
    rest = []
    for n in sorted(children, key=order.__getitem__):
        had = pools.problem.children[n].had
        stock = pools.instruments[had].stock if had in pools.instruments and had not in pools.kept else None
        if stock is not None and share[stock] > 0:
            share[stock] -= 1
            placed.of[n] = stock
        else:
            rest.append(n)
    line = [stock for stock in sorted(share, key=str) for _ in range(share[stock])]
    placed.of.update(zip(rest, line, strict=True))
