"""Judges an allotment by the words of the problem alone. It shares no code with what makes one."""

from collections import Counter
from collections.abc import Iterator

from planner.allotment.problem import Problem, Result


def faults(problem: Problem, result: Result) -> list[str]:
    """Every rule the result breaks, in a sentence; empty when it is sound. Counts the levels anew."""
    return [*_of_children(problem, result), *_of_stock(problem, result), *_of_counts(problem, result)]


def _of_children(problem: Problem, result: Result) -> Iterator[str]:
    if [line.child for line in result.allotted] != [child.id for child in problem.children]:
        yield "The children of the answer are not the children of the problem."
        return
    tags = {instrument.id: instrument for instrument in problem.instruments}
    delivers = {school.id: school.metres for school in problem.schools}
    for child, line in zip(problem.children, result.allotted, strict=True):
        if not line.why:
            yield f"{child.id}: there is no reason."
        if line.kind is None:
            if line.instrument or line.size or line.depot:
                yield f"{child.id}: without a kind and yet with something."
            if child.own:
                yield f"{child.id}: brings a {child.own} and got nothing."
            wanted = 5
        else:
            wanted = 4
            for n in range(len(child.wishes)):
                if child.wishes[n] == line.kind:
                    wanted = n + 1
            if child.own == line.kind:
                wanted = 1
        if line.rank != wanted:
            yield f"{child.id}: rank {line.rank} should be {wanted}."
        if child.own is not None:
            if line.kind is not None and (line.kind != child.own or line.instrument is not None):
                yield f"{child.id}: brings a {child.own} and yet got something else."
            continue
        if line.kind is None:
            continue
        if child.lock is not None and line.kind != child.lock:
            yield f"{child.id}: the teacher decided {child.lock}."
        if line.size not in problem.fits[child.fit].get(line.kind, ()):
            yield f"{child.id}: {line.kind} {line.size} does not fit."
        if line.kind in child.unsuitable:
            yield f"{child.id}: {line.kind} does not suit."
        if line.instrument is None:
            yield f"{child.id}: no instrument is named."
            continue
        one = tags.get(line.instrument)
        if one is None:
            yield f"{child.id}: the instrument {line.instrument} does not exist."
            continue
        if (one.kind, one.size, one.depot) != (line.kind, line.size, line.depot):
            yield f"{child.id}: {one.id} is not a {line.kind} {line.size} in {line.depot}."
        if {one.hand, "left" if child.left_handed else "right"} == {"left", "right"}:
            yield f"{child.id}: {one.id} is for the other hand."
        if one.id != child.keeps and one.depot not in delivers[child.school]:
            yield f"{child.id}: {one.depot} does not deliver to {child.school}."


def _of_stock(problem: Problem, result: Result) -> Iterator[str]:
    for tag, count in Counter(line.instrument for line in result.allotted if line.instrument).items():
        if count > 1:
            yield f"The instrument {tag} is given out {count} times."
    for child, line in zip(problem.children, result.allotted, strict=False):
        if child.keeps is not None and line.instrument != child.keeps:
            kept = next(i for i in problem.instruments if i.id == child.keeps)
            hand = "left" if child.left_handed else "right"
            fits = kept.size in problem.fits[child.fit].get(kept.kind, ()) and kept.kind not in child.unsuitable
            if fits and kept.hand in ("any", hand):
                yield f"{child.id}: {child.keeps} fits and should stay."


def _of_counts(problem: Problem, result: Result) -> Iterator[str]:
    rank = Counter(line.rank for line in result.allotted)
    if list(result.profile) != [rank[n] for n in (1, 2, 3, 4, 5)]:
        yield "The profile is not what the lines say."
    metres = {school.id: school.metres for school in problem.schools}
    far = again = 0
    section = {kind.id: kind.section for kind in problem.kinds}
    seats: Counter[tuple[str | None, str]] = Counter()
    plays: dict[str, str | None] = {}
    for child, line in zip(problem.children, result.allotted, strict=True):
        plays[child.id] = line.kind
        again += (line.rank - 1) * (child.last_year - 1)
        if line.kind is not None:
            seats[child.group, section[line.kind]] += 1
        if line.depot is not None and line.instrument != child.keeps:
            far += metres[child.school].get(line.depot, 0)
    off = 0
    for group in problem.groups:
        for name, (least, most) in group.sections.items():
            off += max(0, least - seats[group.id, name]) + max(0, seats[group.id, name] - most)
    apart = 0
    for pair in problem.pairs:
        one, two = plays[pair.first], plays[pair.second]
        apart += one != two if pair.same else one == two and one is not None
    counted = {
        "without": rank[5],
        "balance": off,
        "fourth or worse": rank[4],
        "third": rank[3],
        "second": rank[2],
        "pairs": apart,
        "disappointed again": again,
        "transport": far,
    }
    for level in result.levels:
        if level.value != counted[level.name]:
            yield f"{level.name}: the answer says {level.value}, its lines say {counted[level.name]}."
        if level.bound > level.value:
            yield f"{level.name}: the bound {level.bound} is above the value {level.value}."
