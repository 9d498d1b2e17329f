"""The inner loop of the timetable: annealing on seats and moments, with exact cost differences.

All arrays are whole numbers; `w` holds the weights in the order of Weights. A move is a few primitive steps (take a
teacher out, put one in, move a class that has none); each returns what it changes, and a refused move is undone in
reverse.
"""

import math
from typing import Any

from planner.compiled import compiled, draw

OPEN, CHANGED, AVOIDED, MOVED, TRAVEL, DAY, GAP, UNDER = range(8)
NEVER = 1 << 40
MOST_STEPS = 256


@compiled
def day_cost(
    t: Any, d: Any, at: Any, place: Any, home: Any, travel: Any, start: Any, end: Any, most_a_day: Any, w: Any
) -> Any:
    """What one day costs one teacher; NEVER if it cannot be done."""
    hours = len(start)
    cost, count, here, last = 0, 0, home[t, d], -1
    for h in range(hours):
        g = at[t, d * hours + h]
        if g < 0:
            continue
        way = travel[here, place[g]]
        if way < 0:
            return NEVER
        cost += way * w[TRAVEL]
        if last >= 0:
            if end[last] + way > start[h]:
                return NEVER
            cost += (h - last - 1) * w[GAP]
        here, last = place[g], h
        count += 1
    if count == 0:
        return 0
    if count > most_a_day[t] or travel[here, home[t, d]] < 0:
        return NEVER
    return cost + travel[here, home[t, d]] * w[TRAVEL] + w[DAY]


@compiled
def put(g: Any, r: Any, t: Any, m: Any, s: Any) -> Any:
    """Teacher t into seat r of class g. NEVER, and nothing done, where that breaks a hard rule."""
    section, skill, place, free, avoid, home, travel, start, end, most, most_a_day, contract, last_team, w = m[:14]
    slot, team, at, load, costs = s[:5]
    k = slot[g]
    if k < 0 or team[g, r] >= 0 or not skill[t, section[g, r]] or not free[t, k] or at[t, k] >= 0 or load[t] >= most[t]:
        return NEVER
    d = k // len(start)
    at[t, k] = g
    now = day_cost(t, d, at, place, home, travel, start, end, most_a_day, w)
    if now >= NEVER:
        at[t, k] = -1
        return NEVER
    change = now - costs[t, d] - w[OPEN] + avoid[t, k] * w[AVOIDED] + last_team[g, t] * w[CHANGED]
    if load[t] < contract[t]:
        change -= w[UNDER]
    costs[t, d] = now
    load[t] += 1
    team[g, r] = t
    return change


@compiled
def take(g: Any, r: Any, m: Any, s: Any) -> Any:
    """The teacher out of seat r of class g. Always possible except where the way without this stop is none."""
    _, _, place, _, avoid, home, travel, start, end, _, most_a_day, contract, last_team, w = m[:14]
    slot, team, at, load, costs = s[:5]
    t, k = team[g, r], slot[g]
    d = k // len(start)
    at[t, k] = -1
    now = day_cost(t, d, at, place, home, travel, start, end, most_a_day, w)
    if now >= NEVER:
        at[t, k] = g
        return NEVER
    change = now - costs[t, d] + w[OPEN] - avoid[t, k] * w[AVOIDED] - last_team[g, t] * w[CHANGED]
    load[t] -= 1
    if load[t] < contract[t]:
        change += w[UNDER]
    costs[t, d] = now
    team[g, r] = -1
    return change


@compiled
def shift(g: Any, k: Any, m: Any, s: Any) -> Any:
    """Class g, without teachers, to moment k (−1: none)."""
    w, allowed, school, capacity, last_slot = m[13], m[14], m[15], m[16], m[17]
    slot, rooms = s[0], s[5]
    old = slot[g]
    if k >= 0 and (not allowed[g, k] or rooms[school[g], k] >= capacity[school[g]]):
        return NEVER
    if old >= 0:
        rooms[school[g], old] -= 1
    if k >= 0:
        rooms[school[g], k] += 1
    slot[g] = k
    change = 0
    if last_slot[g] >= 0:
        if old >= 0 and old != last_slot[g]:
            change -= w[MOVED]
        if k >= 0 and k != last_slot[g]:
            change += w[MOVED]
    return change


@compiled
def undo(journal: Any, steps: Any, m: Any, s: Any) -> None:
    for n in range(steps - 1, -1, -1):
        kind, g, a, b = journal[n, 0], journal[n, 1], journal[n, 2], journal[n, 3]
        if kind == 0:
            take(g, a, m, s)
        elif kind == 1:
            put(g, a, b, m, s)
        else:
            shift(g, a, m, s)


@compiled
def note(journal: Any, steps: Any, kind: Any, g: Any, a: Any, b: Any) -> Any:
    journal[steps, 0] = kind
    journal[steps, 1] = g
    journal[steps, 2] = a
    journal[steps, 3] = b
    return steps + 1


@compiled
def somebody(g: Any, r: Any, m: Any, s: Any, chance: Any) -> Any:
    """A teacher for this seat: often one who is at a class near it already, else any who teaches the section."""
    section, skill, able, able_count, near, near_count = m[0], m[1], m[18], m[19], m[20], m[21]
    slot, team = s[0], s[1]
    x = section[g, r]
    if able_count[x] == 0:
        return -1
    if draw(chance) % 3 > 0 and near_count[g] > 0:
        for _ in range(3):
            other = near[g, draw(chance) % near_count[g]]
            q = draw(chance) % team.shape[1]
            t = team[other, q]
            if t >= 0 and skill[t, x] and slot[other] >= 0:
                return t
    return able[x, draw(chance) % able_count[x]]


@compiled
def fill(g: Any, r: Any, tries: Any, m: Any, s: Any, chance: Any) -> Any:
    """The best of a few teachers who can take this seat as things are: (change, teacher or −1)."""
    best, who = 0, -1
    for _ in range(tries):
        t = somebody(g, r, m, s, chance)
        if t < 0:
            return best, who
        change = put(g, r, t, m, s)
        if change < NEVER:
            take(g, r, m, s)
            if who < 0 or change < best:
                best, who = change, t
    return best, who


@compiled
def carry(g: Any, k: Any, held: Any, m: Any, s: Any, journal: Any, steps: Any, chance: Any) -> Any:
    """Class g, emptied, to moment k, with those of its team (`held`) who can come; open seats are offered."""
    pinned, count = m[22], m[23]
    team = s[1]
    old = s[0][g]
    change = shift(g, k, m, s)
    if change >= NEVER:
        return NEVER, steps
    steps = note(journal, steps, 2, g, old, 0)
    for r in range(count[g]):
        t = held[r]
        if t >= 0:
            more = put(g, r, t, m, s)
            if more < NEVER:
                change += more
                steps = note(journal, steps, 0, g, r, t)
            elif pinned[g, r] >= 0:
                return NEVER, steps
    for r in range(count[g]):
        if team[g, r] < 0 and pinned[g, r] < 0:
            _, t = fill(g, r, 4, m, s, chance)
            if t >= 0:
                change += put(g, r, t, m, s)
                steps = note(journal, steps, 0, g, r, t)
    return change, steps


@compiled
def empty(g: Any, held: Any, m: Any, s: Any, journal: Any, steps: Any) -> Any:
    """All teachers out of class g, remembered in `held`."""
    count, team = m[23], s[1]
    change = 0
    for r in range(count[g]):
        t = team[g, r]
        held[r] = t
        if t >= 0:
            more = take(g, r, m, s)
            if more >= NEVER:
                return NEVER, steps
            change += more
            steps = note(journal, steps, 1, g, r, t)
    return change, steps


@compiled
def seat_of(g: Any, t: Any, s: Any) -> Any:
    team = s[1]
    for r in range(team.shape[1]):
        if team[g, r] == t:
            return r
    return -1


@compiled
def move_seat(g: Any, r: Any, m: Any, s: Any, journal: Any, chance: Any) -> Any:
    """Another teacher for one seat; who stood in the way gives way, and may take what came free."""
    pinned, start = m[22], m[7]
    slot, team, at, load = s[0], s[1], s[2], s[3]
    most = m[9]
    steps, change = 0, 0
    old, k = team[g, r], slot[g]
    t = somebody(g, r, m, s, chance)
    if k < 0 or t < 0 or t == old or pinned[g, r] >= 0 or not m[3][t, k]:
        return NEVER, steps
    if old >= 0:
        change = take(g, r, m, s)
        if change >= NEVER:
            return NEVER, steps
        steps = note(journal, steps, 1, g, r, old)
    other, seat = at[t, k], -1
    if other == g:
        q = seat_of(g, t, s)
        if pinned[g, q] >= 0:
            return NEVER, steps
        other = -1
        more = take(g, q, m, s)
        if more >= NEVER:
            return NEVER, steps
        change += more
        steps = note(journal, steps, 1, g, q, t)
    if other >= 0:
        seat = seat_of(other, t, s)
        if pinned[other, seat] >= 0:
            return NEVER, steps
        more = take(other, seat, m, s)
        if more >= NEVER:
            return NEVER, steps
        change += more
        steps = note(journal, steps, 1, other, seat, t)
    more = put(g, r, t, m, s)
    if more >= NEVER:  # the week is full, or the way too long: let another lesson of this teacher go
        hours = len(start)
        d = k // hours
        wide = load[t] >= most[t]
        first = 0 if wide else d * hours
        span = at.shape[1] if wide else hours
        begin = draw(chance) % span
        for n in range(span):
            j = first + (begin + n) % span
            victim = at[t, j]
            if victim >= 0 and victim != g:
                q = seat_of(victim, t, s)
                if pinned[victim, q] >= 0:
                    continue
                cost = take(victim, q, m, s)
                if cost >= NEVER:
                    continue
                more = put(g, r, t, m, s)
                if more < NEVER:
                    change += cost
                    steps = note(journal, steps, 1, victim, q, t)
                    # the put is noted below; keep the order for the undo
                    change += more
                    steps = note(journal, steps, 0, g, r, t)
                    _, who = fill(victim, q, 6, m, s, chance)
                    if who >= 0:
                        change += put(victim, q, who, m, s)
                        steps = note(journal, steps, 0, victim, q, who)
                    return change, steps
                put(victim, q, t, m, s)
        return NEVER, steps
    change += more
    steps = note(journal, steps, 0, g, r, t)
    if other >= 0:
        if old >= 0:
            more = put(other, seat, old, m, s)
            if more < NEVER:
                change += more
                steps = note(journal, steps, 0, other, seat, old)
                return change, steps
        _, who = fill(other, seat, 6, m, s, chance)
        if who >= 0:
            change += put(other, seat, who, m, s)
            steps = note(journal, steps, 0, other, seat, who)
    return change, steps


@compiled
def move_class(g: Any, m: Any, s: Any, journal: Any, held: Any, held2: Any, chance: Any) -> Any:
    """A class to another moment; where no room is left there, the two change places."""
    moments, moment_count, school, capacity = m[24], m[25], m[15], m[16]
    by_school, by_school_count = m[26], m[27]
    slot, rooms = s[0], s[5]
    if moment_count[g] < 1:
        return NEVER, 0
    k = moments[g, draw(chance) % moment_count[g]]
    if k == slot[g]:
        return NEVER, 0
    change, steps = empty(g, held, m, s, journal, 0)
    if change >= NEVER:
        return NEVER, steps
    p = school[g]
    if rooms[p, k] < capacity[p]:
        more, steps = carry(g, k, held, m, s, journal, steps, chance)
        return change + more, steps
    begin = draw(chance) % by_school_count[p]
    for n in range(by_school_count[p]):
        other = by_school[p, (begin + n) % by_school_count[p]]
        if slot[other] == k:
            more, steps = empty(other, held2, m, s, journal, steps)
            if more >= NEVER:
                return NEVER, steps
            change += more
            old = slot[g]
            more = shift(g, -1, m, s)
            steps = note(journal, steps, 2, g, old, 0)
            change += more
            if old < 0 or not m[14][other, old]:
                return NEVER, steps
            more, steps = carry(other, old, held2, m, s, journal, steps, chance)
            if more >= NEVER:
                return NEVER, steps
            change += more
            more, steps = carry(g, k, held, m, s, journal, steps, chance)
            return change + more, steps
    return NEVER, steps


@compiled
def move_day(t: Any, m: Any, s: Any, journal: Any, chance: Any) -> Any:
    """Two teachers of one section change a day, or one takes over what the other has at a school."""
    section, start, able, able_count, pinned = m[0], m[7], m[18], m[19], m[22]
    at = s[2]
    hours = len(start)
    days = at.shape[1] // hours
    d = draw(chance) % days
    steps, change = 0, 0
    count = 0
    x = -1
    for h in range(hours):
        if at[t, d * hours + h] >= 0:
            x = section[at[t, d * hours + h], seat_of(at[t, d * hours + h], t, s)]
            count += 1
    if count == 0:
        return NEVER, 0
    other = able[x, draw(chance) % able_count[x]]
    if other == t:
        return NEVER, 0
    first = steps
    for who in (t, other):
        for h in range(hours):
            g = at[who, d * hours + h]
            if g >= 0:
                r = seat_of(g, who, s)
                if pinned[g, r] >= 0:
                    return NEVER, steps
                more = take(g, r, m, s)
                if more >= NEVER:
                    return NEVER, steps
                change += more
                steps = note(journal, steps, 1, g, r, who)
    last = steps
    for n in range(first, last):
        g, r, who = journal[n, 1], journal[n, 2], journal[n, 3]
        to = other if who == t else t
        more = put(g, r, to, m, s)
        if more < NEVER:
            change += more
            steps = note(journal, steps, 0, g, r, to)
        else:
            more = put(g, r, who, m, s)
            if more < NEVER:
                change += more
                steps = note(journal, steps, 0, g, r, who)
    for n in range(first, last):
        g, r = journal[n, 1], journal[n, 2]
        if s[1][g, r] < 0:
            _, who = fill(g, r, 4, m, s, chance)
            if who >= 0:
                change += put(g, r, who, m, s)
                steps = note(journal, steps, 0, g, r, who)
    return change, steps


@compiled
def anneal(
    m: Any,
    s: Any,
    best: Any,
    cost: Any,
    best_cost: Any,
    chance: Any,
    iterations: Any,
    hot: Any,
    cold: Any,
    journal: Any,
) -> Any:
    """`iterations` moves while the temperature falls from `hot` to `cold`. `best` (slots, teams) is kept up to date."""
    count, team, slot, at = m[23], s[1], s[0], s[2]
    groups, teachers = len(slot), at.shape[0]
    held = journal[MOST_STEPS - 1]
    held2 = journal[MOST_STEPS - 2]
    ratio = cold / hot
    temperature = hot
    for n in range(iterations):
        if n % 64 == 0:
            temperature = hot * ratio ** (n / iterations)
        kind = draw(chance) % 16
        g = draw(chance) % groups
        if kind < 9:
            if count[g] == 0:
                continue
            r = draw(chance) % count[g]
            if kind < 3:  # look for an open seat first
                for _ in range(12):
                    if team[g, r] < 0 and slot[g] >= 0:
                        break
                    g = draw(chance) % groups
                    r = draw(chance) % max(1, count[g])
                if count[g] == 0:
                    continue
            change, steps = move_seat(g, r, m, s, journal, chance)
        elif kind < 14:
            change, steps = move_class(g, m, s, journal, held, held2, chance)
        else:
            change, steps = move_day(draw(chance) % teachers, m, s, journal, chance)
        if change < NEVER and (change <= 0 or (draw(chance) + 1) / 2147483648.0 < math.exp(-change / temperature)):
            cost += change
            if cost < best_cost:
                best_cost = cost
                best[0][:] = slot
                best[1][:] = team
        else:
            undo(journal, steps, m, s)
    return cost, best_cost
