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


def timetable(schools: int, seed: int = 0, last: bool = True) -> dict[str, Any]:
    """A town by bike: `schools` × 8.8 classes, 2.4 teachers a school, last year's plan with an eighth of it upset."""
    chance = random.Random(seed)
    hours = [[510, 570], [585, 645], [660, 720], [780, 840], [855, 915]]
    side = 12 * math.sqrt(schools / 25)
    names = [f"school-{n}" for n in range(schools)]
    homes = [f"home-{n}" for n in range(max(1, schools * 12 // 5))]
    at = {name: (chance.uniform(0, side), chance.uniform(0, side)) for name in names + homes}
    travel = {
        a: {
            b: round(3 + 3.5 * math.hypot(at[a][0] - at[b][0], at[a][1] - at[b][1]))
            for b in (*names, *homes)
            if a != b and not (a in homes and b in homes)
        }
        for a in (*names, *homes)
    }
    grid = [[d, h] for d in range(5) for h in range(5)]
    places: list[dict[str, Any]] = []
    groups: list[dict[str, Any]] = []
    for name in names:
        days = chance.sample(range(5), chance.randint(2, 4))
        windows = [slot for slot in grid if slot[0] in days and (slot[1] < 4 or chance.random() < 0.6)]
        rooms = 2 if chance.random() < 0.3 else 1
        places.append({"id": name, "rooms": rooms, "windows": windows})
        for n in range(min(chance.randint(6, 12), len(windows) * rooms - 1)):
            seats = chance.sample(SECTIONS, chance.choice([3, 4, 4, 4]))
            groups.append({"id": f"{name}-{n}", "school": name, "seats": sorted(seats)})
    seats_of = {section: sum(group["seats"].count(section) for group in groups) for section in SECTIONS}
    people: list[dict[str, Any]] = []
    for n, home in enumerate(homes):
        first = SECTIONS[n % 4]
        skills = [first] + [x for x in SECTIONS if x != first and chance.random() < 0.2]
        days = chance.sample(range(5), chance.choice([3, 4, 4, 5, 5]))
        most = -(-seats_of[first] * 4 * 115 // (100 * len(homes)))
        people.append({"id": f"t{n}", "sections": skills, "home": home, "most": most, "contract": most * 2 // 3})
        people[-1]["free"] = [slot for slot in grid if slot[0] in days]
        people[-1]["avoid"] = [slot for slot in people[-1]["free"] if chance.random() < 0.1]
    problem: dict[str, Any] = {"kind": "timetable", "version": 1, "days": 5, "hours": hours, "travel": travel}
    problem |= {"schools": places, "groups": groups, "teachers": people}
    if last:
        from planner.stopping import Stop
        from planner.timetable.reading import plan_as_json, read
        from planner.timetable.solve import solve

        found = solve(read(problem), Stop(iterations=400 * sum(map(len, (g["seats"] for g in groups)))), seed)
        problem["last"] = plan_as_json(found.plan)
        gone = set(chance.sample([t["id"] for t in people], max(1, len(people) // 25)))
        for teacher in people:
            if teacher["id"] in gone:
                teacher["id"] += "-new"
            if chance.random() < 0.12:
                day = chance.choice(teacher["free"])[0]
                teacher["free"] = [slot for slot in teacher["free"] if slot[0] != day]
                teacher["avoid"] = [slot for slot in teacher["avoid"] if slot[0] != day]
        for school in places:
            if chance.random() < 0.12:
                left = [d for d in range(5) if d not in {slot[0] for slot in school["windows"]}]
                old = chance.choice(school["windows"])[0]
                new = chance.choice(left)
                school["windows"] = [[new if d == old else d, h] for d, h in school["windows"]]
    return problem
