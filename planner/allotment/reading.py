"""JSON to Problem with named findings, Result to JSON. The schema stands in planner/README.md."""

from collections.abc import Mapping
from typing import Any

from planner.allotment.problem import Child, Extra, Group, Instrument, Kind, Pair, Problem, Result, School
from planner.problems import Json, Reader, header

HANDS = ("any", "left", "right")
NOTHING: tuple[str, ...] = ()


def read(data: object) -> Problem:
    """Raises BadProblem with every finding."""
    data = header(data, "allotment")
    r = Reader([])
    kinds = tuple(
        Kind(r.text(row, "id", f"kinds[{n}]"), r.text(row, "section", f"kinds[{n}]"), r.text(row, "name", "", ""))
        for n, row in enumerate(r.rows(data, "kinds"))
    )
    schools = tuple(_school(r, row, f"schools[{n}]") for n, row in enumerate(r.rows(data, "schools")))
    fits = _fits(r, data.get("fits", {}))
    instruments = tuple(_instrument(r, row, n) for n, row in enumerate(r.rows(data, "instruments")))
    groups = tuple(_group(r, row, f"groups[{n}]") for n, row in enumerate(r.rows(data, "groups")))
    shared: dict[Any, Any] = {}  # equal wish lists and names are kept once: 250,000 children stay small
    children = tuple(_child(r, row, n, shared) for n, row in enumerate(r.rows(data, "children")))
    pairs = tuple(_pair(r, row, f"pairs[{n}]") for n, row in enumerate(r.rows(data, "pairs")))
    what_if = tuple(
        tuple(_extra(r, extra, f"what_if[{n}]") for extra in r.rows(row, "more", f"what_if[{n}]."))
        for n, row in enumerate(r.rows(data, "what_if"))
    )
    r.finish()
    problem = Problem(kinds, schools, fits, instruments, children, groups, pairs, what_if)
    judge(r, problem)
    r.finish()
    return problem


def _school(r: Reader, row: Json, where: str) -> School:
    metres = row.get("metres", {})
    if not isinstance(metres, dict):
        r.wrong(f"{where}.metres", "This is not an object.", 'Write {"depot": metres}.')
        metres = {}
    near = {depot: r.whole(metres, depot, f"{where}.metres", most=10**8) for depot in metres}
    return School(r.text(row, "id", where), near, r.text(row, "name", where, ""))


def _fits(r: Reader, found: object) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    if not isinstance(found, dict) or not all(isinstance(by_kind, dict) for by_kind in found.values()):
        r.wrong("fits", "This is not an object of objects.", 'Write {"fit": {"kind": ["size"]}}.')
        return {}
    return {
        fit: {kind: tuple(dict.fromkeys(r.texts(by_kind, kind, f"fits.{fit}"))) for kind in by_kind}
        for fit, by_kind in found.items()
    }


def _instrument(r: Reader, row: Json, n: int) -> Instrument:
    get = row.get
    values = (get("id"), get("depot"), get("kind"), get("size"))
    hand, condition = get("hand", "any"), get("condition", 3)
    if all(isinstance(v, str) and v for v in values) and hand in HANDS and condition in (1, 2, 3, 4, 5):
        return Instrument(*values, hand, condition)  # type: ignore[arg-type]
    where = f"instruments[{n}]"
    if hand not in HANDS:
        r.wrong(f"{where}.hand", f"{hand!r} is not known.", "Write any, left or right.")
    r.whole(row, "condition", where, 3, 1, 5)
    name, depot, kind, size = (r.text(row, field, where) for field in ("id", "depot", "kind", "size"))
    return Instrument(name, depot, kind, size)


def _group(r: Reader, row: Json, where: str) -> Group:
    sections = row.get("sections", {})
    bounds: dict[str, tuple[int, int]] = {}
    for section, pair in sections.items() if isinstance(sections, dict) else [("", None)]:
        is_pair = isinstance(pair, list) and len(pair) == 2 and all(type(v) is int and v >= 0 for v in pair)
        if is_pair and isinstance(pair, list) and pair[0] <= pair[1]:
            bounds[section] = (pair[0], pair[1])
        else:
            r.wrong(
                f"{where}.sections.{section}",
                f"{pair!r} is not a least and a most.",
                "Write [least, most], least first.",
            )
    return Group(r.text(row, "id", where), r.text(row, "school", where), bounds)


def _child(r: Reader, row: Json, n: int, shared: dict[Any, Any]) -> Child:
    where = f"children[{n}]"
    wishes = r.texts(row, "wishes", where) if "wishes" in row else NOTHING
    unsuitable = tuple(sorted(set(r.texts(row, "unsuitable", where)))) if row.get("unsuitable") else NOTHING
    if len(wishes) > 3:
        r.wrong(f"{where}.wishes", f"There are {len(wishes)} wishes.", "Give at most three.")
    if len(set(wishes)) < len(wishes):
        r.wrong(
            f"{where}.wishes", f"The same kind is wished more than once: {', '.join(wishes)}.", "Name each kind once."
        )
    last_year = row.get("last_year", 1)
    if type(last_year) is not int or not 1 <= last_year <= 5:
        r.whole(row, "last_year", where, 1, 1, 5)
        last_year = 1
    own, lock, keeps, had = (
        r.optional_text(row, name, where) if row.get(name) is not None else None
        for name in ("own", "lock", "keeps", "had")
    )
    if sum(value is not None for value in (own, lock, keeps)) > 1:
        r.wrong(where, "More than one of own, lock and keeps is set.", "Decide for one of them.")
    school, fit, group = r.text(row, "school", where), r.text(row, "fit", where), r.optional_text(row, "group", where)
    return Child(
        r.text(row, "id", where),
        shared.setdefault(school, school),
        shared.setdefault(fit, fit),
        shared.setdefault(wishes, wishes),
        shared.setdefault(group, group),
        shared.setdefault(unsuitable, unsuitable),
        r.flag(row, "left_handed", where),
        own,
        lock,
        keeps,
        had,
        last_year,
        row["name"] if isinstance(row.get("name"), str) else "",
    )


def _pair(r: Reader, row: Json, where: str) -> Pair:
    both = r.texts(row, "children", where)
    wish = row.get("wish", "same")
    if len(both) != 2 or both[0] == both[1]:
        r.wrong(f"{where}.children", "A pair is two different children.", "Name two children.")
        return Pair("", "")
    if wish not in ("same", "different"):
        r.wrong(f"{where}.wish", f"{wish!r} is not known.", "Write same or different.")
    return Pair(both[0], both[1], wish == "same")


def _extra(r: Reader, row: Json, where: str) -> Extra:
    hand = row.get("hand", "any")
    if hand not in HANDS:
        r.wrong(f"{where}.hand", f"{hand!r} is not known.", "Write any, left or right.")
    depot, kind, size = (r.text(row, name, where) for name in ("depot", "kind", "size"))
    return Extra(depot, kind, size, r.whole(row, "count", where, least=1, most=100_000), hand)


def judge(r: Reader, problem: Problem) -> None:
    """What is well formed and yet cannot be: names that lead nowhere, two who keep one instrument."""
    r.unique((kind.id for kind in problem.kinds), "kind")
    r.unique((school.id for school in problem.schools), "school")
    r.unique((group.id for group in problem.groups), "group")
    r.unique((instrument.id for instrument in problem.instruments), "instrument")
    r.unique((child.id for child in problem.children), "child")
    kinds = {kind.id for kind in problem.kinds}
    sections = {kind.section for kind in problem.kinds}
    schools = {school.id: school for school in problem.schools}
    groups = {group.id: group for group in problem.groups}
    instruments = {instrument.id: instrument for instrument in problem.instruments}
    depots = {depot for school in problem.schools for depot in school.metres}
    depots |= {instrument.depot for instrument in problem.instruments}
    for fit, by_kind in problem.fits.items():
        for kind in sorted(by_kind.keys() - kinds):
            r.wrong(f"fits.{fit}", f"The kind {kind} is not known.", "Add it to kinds, or take it out.")
    for instrument in problem.instruments:
        if instrument.kind not in kinds:
            r.wrong(f"instrument {instrument.id}", f"The kind {instrument.kind} is not known.", "Add it to kinds.")
    for group in problem.groups:
        if group.school not in schools:
            r.wrong(f"group {group.id}", f"The school {group.school} is not known.", "Add it to schools.")
        for section in sorted(group.sections.keys() - sections):
            r.wrong(f"group {group.id}", f"No kind belongs to the section {section}.", "Correct the section.")
    kept: dict[str, str] = {}
    known = {child.id for child in problem.children}
    for child in problem.children:
        where = f"child {child.id}"
        if child.school not in schools:
            r.wrong(where, f"The school {child.school} is not known.", "Add it to schools.")
        if child.fit not in problem.fits:
            r.wrong(where, f"The fit {child.fit} is not known.", "Add it to fits.")
        if child.group is not None and child.group not in groups and groups:
            r.wrong(where, f"The group {child.group} is not known.", "Add it to groups.")
        elif child.group in groups and groups[child.group].school != child.school:
            r.wrong(where, f"The group {child.group} is of another school.", "Correct the group or the school.")
        for kind in sorted({*child.wishes, *child.unsuitable, child.own or "", child.lock or ""} - kinds - {""}):
            r.wrong(where, f"The kind {kind} is not known.", "Add it to kinds, or correct the child.")
        if child.keeps is not None:
            if child.keeps not in instruments:
                r.wrong(where, f"The instrument {child.keeps} is not in stock.", "Add it to instruments, or let it go.")
            if child.keeps in kept:
                other = kept[child.keeps]
                r.wrong(where, f"{other} keeps the instrument {child.keeps} too.", "Let one of them choose again.")
            kept[child.keeps] = child.id
    for pair in problem.pairs:
        for name in (pair.first, pair.second):
            if name not in known:
                r.wrong("pairs", f"The child {name} is not known.", "Correct the pair.")
    for extras in problem.what_if:
        for extra in extras:
            if extra.kind not in kinds or extra.depot not in depots:
                r.wrong(
                    "what_if", f"{extra.kind} in {extra.depot} is not known.", "Name a kind and a depot that exist."
                )


def as_json(result: Result) -> dict[str, Any]:
    return {
        "kind": "allotment result",
        "version": 1,
        "seed": result.seed,
        "is_proven": result.is_proven,
        "levels": [
            {"name": level.name, "value": level.value, "bound": level.bound, "is_proven": level.is_proven}
            for level in result.levels
        ],
        "profile": list(result.profile),
        "notes": list(result.notes),
        "certificate": None
        if result.certificate is None
        else [{"stock": list(price.stock), "by_level": list(price.by_level)} for price in result.certificate],
        "allotted": [
            {
                "child": a.child,
                "kind": a.kind,
                "size": a.size,
                "instrument": a.instrument,
                "depot": a.depot,
                "rank": a.rank,
                "why": a.why,
            }
            for a in result.allotted
        ],
    }
