"""Believable invented problems, from a seed."""

import math
import random
from typing import Any

KINDS = {
    "violin": ("strings", ("1/4", "1/2", "3/4", "4/4"), 20),
    "viola": ("strings", ("1/2", "3/4"), 6),
    "cello": ("strings", ("1/4", "1/2", "3/4"), 12),
    "bass": ("strings", ("1/4", "1/2"), 4),
    "flute": ("winds", ("curved", "straight"), 9),
    "clarinet": ("winds", ("Eb", "Bb"), 9),
    "oboe": ("winds", ("junior",), 3),
    "bassoon": ("winds", ("tenoroon",), 2),
    "saxophone": ("winds", ("alto",), 8),
    "trumpet": ("brass", ("cornet", "trumpet"), 9),
    "horn": ("brass", ("junior", "full"), 5),
    "trombone": ("brass", ("alto", "tenor"), 6),
    "euphonium": ("brass", ("baritone", "full"), 4),
    "percussion": ("percussion", ("kit",), 7),
}  # section, sizes from small to large, share of the stock
TASTE = {"violin": 14, "flute": 14, "saxophone": 13, "trumpet": 12, "percussion": 13, "cello": 11}  # away from stock


def allotment(children: int, seed: int = 0, balanced: bool = False, plenty: float = 1.05) -> dict[str, Any]:
    """14 kinds in 28 sizes, groups of 25, a region of depots per 13,000 children."""
    chance = random.Random(seed)
    regions = max(1, round(children / 13_000))
    fits = {}
    for stage in range(4):
        for reach in ("short", "long"):
            fits[f"stage{stage}-{reach}"] = {
                kind: [sizes[min(len(sizes) - 1, stage * len(sizes) // 4)]]
                for kind, (_, sizes, _) in KINDS.items()
                if not (kind in ("bassoon", "trombone", "bass") and reach == "short" and stage < 2)
            }
    names = list(KINDS)
    taste = [TASTE.get(kind, KINDS[kind][2] * 0.8) for kind in names]
    depots = [f"depot-{r}-{d}" for r in range(regions) for d in range(3 if children > 500 else 1)]
    schools: list[dict[str, Any]] = []
    groups: list[dict[str, Any]] = []
    kids: list[dict[str, Any]] = []
    while len(kids) < children:
        r = len(schools) % regions
        school = f"school-{len(schools)}"
        near = {depot: chance.randrange(500, 30_000) for depot in depots if depot.startswith(f"depot-{r}-")}
        schools.append({"id": school, "metres": near})
        for g in range(chance.randint(2, 10)):
            group = f"{school}-{g}"
            stage = g % 4
            pupils = min(chance.randint(20, 30), children - len(kids))
            if pupils <= 0:
                break
            groups.append({"id": group, "school": school})
            for _ in range(pupils):
                wishes: list[str] = []
                while len(wishes) < 3:
                    kind = chance.choices(names, taste)[0]
                    if kind not in wishes:
                        wishes.append(kind)
                child: dict[str, Any] = {"id": f"c{len(kids)}", "school": school, "group": group, "wishes": wishes}
                child["fit"] = f"stage{stage}-{'short' if chance.random() < 0.3 else 'long'}"
                if chance.random() < 0.05:
                    child["unsuitable"] = [chance.choice(names)]
                if chance.random() < 0.1:
                    child["last_year"] = chance.choice([2, 2, 3, 4])
                if chance.random() < 0.02:
                    child["own"] = wishes[0]
                kids.append(child)
            if balanced:
                groups[-1]["sections"] = {
                    "strings": [max(0, pupils * 30 // 100), -(-pupils * 50 // 100)],
                    "winds": [pupils * 15 // 100, -(-pupils * 40 // 100)],
                    "brass": [pupils * 15 // 100, -(-pupils * 35 // 100)],
                    "percussion": [0, max(2, pupils * 15 // 100)],
                }
    instruments: list[dict[str, Any]] = []
    in_region = [0] * regions
    stages: dict[tuple[int, int], int] = {}
    where = {school["id"]: n % regions for n, school in enumerate(schools)}
    for child in kids:
        r = where[child["school"]]
        in_region[r] += 1
        key = (r, int(child["fit"][5]))
        stages[key] = stages.get(key, 0) + 1
    whole = sum(share for _, _, share in KINDS.values())
    for (r, stage), count in sorted(stages.items()):
        for kind, (_, sizes, share) in KINDS.items():
            size = sizes[min(len(sizes) - 1, stage * len(sizes) // 4)]
            for _ in range(round(count * plenty * share / whole + 0.3)):
                depot = chance.choice([depot for depot in depots if depot.startswith(f"depot-{r}-")])
                instruments.append({"id": f"i{len(instruments)}", "depot": depot, "kind": kind, "size": size})
    return {
        "kind": "allotment",
        "version": 1,
        "kinds": [{"id": kind, "section": section} for kind, (section, _, _) in KINDS.items()],
        "schools": schools,
        "groups": groups,
        "fits": fits,
        "instruments": instruments,
        "children": kids,
    }


SECTIONS = ("strings", "winds", "brass", "percussion")


def cover(teachers: int, seed: int = 0, ill: int = 1) -> dict[str, Any]:
    """A day of a programme: teachers at work in schools of a town by bike, some free, one who calls in ill."""
    chance = random.Random(seed)
    count = max(2, teachers * 5 // 12)
    at = [(chance.uniform(0, 5 * count**0.5), chance.uniform(0, 5 * count**0.5)) for _ in range(count)]
    names = [f"school-{n}" for n in range(count)]

    def minutes(a: tuple[float, float], b: tuple[float, float]) -> int:
        return round(4 + 4 * math.hypot(a[0] - b[0], a[1] - b[1]))

    travel = {
        a: {b: minutes(at[n], at[m]) for m, b in enumerate(names) if m != n and minutes(at[n], at[m]) < 60}
        for n, a in enumerate(names)
    }
    people: list[dict[str, Any]] = []
    lessons: list[dict[str, Any]] = []
    slots = [(start, start + 60) for start in (510, 585, 660, 780, 855)]
    taken: dict[str, set[int]] = {}
    wanted = []
    for school in names:
        for n in sorted(chance.sample(range(5), chance.randint(1, 3))):
            wanted += [(school, n, section) for section in SECTIONS if chance.random() < 0.75]
    for n in range(teachers):
        section = SECTIONS[(n // 2) % 4] if n % 8 < 7 else "strings"
        teacher: dict[str, Any] = {"id": f"t{n}", "sections": [section], "home": chance.choice(names)}
        teacher["also"] = [chance.choice(SECTIONS)] if chance.random() < 0.3 else []
        works = chance.random() < 0.8
        teacher["free"] = [[480, 960]] if works else ([[480, 720]] if chance.random() < 0.4 else [])
        teacher["minutes_left"] = chance.choice([0, 60, 60, 120])
        teacher["covers"] = chance.randrange(6)
        people.append(teacher)
        taken[teacher["id"]] = set()
    place: dict[tuple[str, int], str] = {}
    for school, n, section in wanted:
        for teacher in chance.sample(people, min(len(people), 80)):
            mine = taken[teacher["id"]]
            near = all(
                place.get((teacher["id"], m), school) == school
                or travel[place[teacher["id"], m]].get(school, 99) <= 15 * abs(m - n) + 60 * (abs(m - n) - 1)
                for m in mine
            )
            full = teacher["free"] == [[480, 960]] or (teacher["free"] and n <= 2)
            if section in teacher["sections"] and n not in mine and len(mine) < 3 and full and near:
                mine.add(n)
                place[teacher["id"], n] = school
                start, end = slots[n]
                lesson = {"id": f"l{len(lessons)}", "place": school, "section": section, "start": start, "end": end}
                lessons.append({**lesson, "teacher": teacher["id"], "children": chance.randint(4, 8)})
                break
    busy = [teacher["id"] for teacher in people if len(taken[teacher["id"]]) >= 2]
    return {
        "kind": "cover",
        "version": 1,
        "teachers": people,
        "lessons": lessons,
        "absences": [{"teacher": name} for name in chance.sample(busy, min(ill, len(busy)))],
        "travel": travel,
        "join_most": 10,
    }
