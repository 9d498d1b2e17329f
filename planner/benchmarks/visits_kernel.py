"""The inner loop for days of visits that need one or two people at once: annealing on an order and who goes.

A solution is an order of visits and a person per service; visits are laid on routes in that order, each as early as it
can be. All times are whole thousandths of a minute. `m` holds the problem, `s` the solution and what is known after
each place of the order, so that a change is only laid anew from the first place it touches.
"""

import math
from typing import Any

from planner.compiled import compiled, draw

NEVER = 1 << 60


@compiled
def lay(order: Any, who: Any, first: Any, m: Any, s: Any, limit: Any, keep: Any) -> Any:
    """The cost of this order and these people, laid from place `first` on; NEVER as soon as it must exceed `limit`.
    `keep`: remember what is known after each place."""
    double, duration, opens, closes, kind, gap, distance = m[:7]
    at, ready, way, late, worst, now_at, now_ready = s[:7]
    people = len(now_at)
    total, sore, most = way[first], late[first], worst[first]
    for c in range(people):
        now_at[c] = at[first, c]
        now_ready[c] = ready[first, c]
    for n in range(first, len(order)):
        p = order[n]
        c = who[p, 0]
        step = distance[now_at[c], p + 1]
        total += step
        begin = max(now_ready[c] + step, opens[p])
        if double[p]:
            e = who[p, 1]
            step = distance[now_at[e], p + 1]
            total += step
            other = max(now_ready[e] + step, opens[p])
            if kind[p] == 0:
                begin = max(begin, other)
                other = begin
            else:
                other = max(other, begin + gap[p, 0])
                begin = max(begin, other - gap[p, 1])
            now_at[e] = p + 1
            now_ready[e] = other + duration[p, 1]
            over = other - closes[p]
            if over > 0:
                sore += over
                most = max(most, over)
        now_at[c] = p + 1
        now_ready[c] = begin + duration[p, 0]
        over = begin - closes[p]
        if over > 0:
            sore += over
            most = max(most, over)
        if total + sore + most > limit:
            return NEVER
        if keep:
            way[n + 1], late[n + 1], worst[n + 1] = total, sore, most
            for c2 in range(people):
                at[n + 1, c2] = now_at[c2]
                ready[n + 1, c2] = now_ready[c2]
    for c in range(people):
        total += distance[now_at[c], 0]
    if total + sore + most > limit:
        return NEVER
    return total + sore + most


@compiled
def relocate(order: Any, place: Any, i: Any, j: Any) -> None:
    """What stands at i goes to j; those between move up."""
    p = order[i]
    step = 1 if j > i else -1
    n = i
    while n != j:
        order[n] = order[n + step]
        place[order[n]] = n
        n += step
    order[j] = p
    place[p] = j


@compiled
def anneal(m: Any, s: Any, best: Any, cost: Any, best_cost: Any, chance: Any, moves: Any, hot: Any, cold: Any) -> Any:
    """`moves` tries while the temperature falls from `hot` to `cold`; `best` (order, people) is kept up to date."""
    double = m[0]
    able, able_count, near, near_count, can = m[7], m[8], m[9], m[10], m[11]
    order, who, place = s[7], s[8], s[9]
    visits = len(order)
    temperature = hot
    for n in range(moves):
        if n % 64 == 0:
            temperature = hot * (cold / hot) ** (n / moves)
        luck = (draw(chance) + 1) / 2147483648.0
        limit = cost - int(temperature * math.log(luck))
        kind = draw(chance) % 16
        p = draw(chance) % visits
        i = place[p]
        j = i
        q, r, old, old2 = p, -1, -1, -1
        if kind < 7:  # behind or before a neighbour, with the neighbour's person
            q = near[p, draw(chance) % near_count[p]]
            r = draw(chance) % 2 if double[p] else 0
            x = draw(chance) % 2 if double[q] else 0
            c = who[q, x]
            if not can[p, r, c] or (double[p] and who[p, 1 - r] == c):
                continue
            old = who[p, r]
            if kind < 5:
                j = place[q] + draw(chance) % 2
                if j > i:
                    j -= 1
            if c == old and j == i:
                continue
            who[p, r] = c
        elif kind < 10:  # elsewhere in the order
            reach = 1 + visits // 8
            j = i + draw(chance) % (2 * reach + 1) - reach
            j = min(visits - 1, max(0, j))
            if j == i:
                continue
        elif kind < 13:  # somebody else
            r = draw(chance) % 2 if double[p] else 0
            c = able[p, r, draw(chance) % able_count[p, r]]
            old = who[p, r]
            if c == old or (double[p] and who[p, 1 - r] == c):
                continue
            who[p, r] = c
        else:  # two visits change people
            q = near[p, draw(chance) % near_count[p]]
            r = draw(chance) % 2 if double[p] else 0
            x = draw(chance) % 2 if double[q] else 0
            a, b = who[p, r], who[q, x]
            if a == b or not can[p, r, b] or not can[q, x, a]:
                continue
            if (double[p] and who[p, 1 - r] == b) or (double[q] and who[q, 1 - x] == a):
                continue
            old, old2 = a, b
            who[p, r], who[q, x] = b, a
        if j != i:
            relocate(order, place, i, j)
        first = min(i, j)
        if old2 >= 0:
            first = min(first, place[q])
        found = lay(order, who, first, m, s, limit, False)
        if found < NEVER:
            cost = lay(order, who, first, m, s, NEVER - 1, True)
            if cost < best_cost:
                best_cost = cost
                best[0][:] = order
                best[1][:] = who
            continue
        if j != i:
            relocate(order, place, j, i)
        if old >= 0:
            who[p, r] = old
        if old2 >= 0:
            who[q, x] = old2
    return cost, best_cost
