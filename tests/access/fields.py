"""Which actor may read which field of which child, wherever it stands. Written by hand from the doors' tables.

A canary outside this table in any answer, file, mail or log line is a leak.
"""

from .world import BESIDE, ELSEWHERE, FIELDS, HERE, LEFT, MOVED, OVERSEAS

NAME = {"first_name", "prefix", "last_name"}
ALL = set(FIELDS)
FIRST = {"first_name"}

SEES: dict[str, dict[str, set[str]]] = {
    "noor": {HERE: NAME},
    "eva": {ELSEWHERE: NAME},
    "sam": {HERE: ALL, BESIDE: ALL, MOVED: ALL, LEFT: ALL, ELSEWHERE: ALL, f"new {HERE}": ALL, f"new {ELSEWHERE}": ALL},
    "kim": {ELSEWHERE: ALL, f"new {ELSEWHERE}": ALL},
    "luca": {OVERSEAS: ALL, f"new {OVERSEAS}": ALL},
    "mia": {HERE: NAME, ELSEWHERE: ALL, f"new {ELSEWHERE}": ALL},
    "hanna": {HERE: NAME, BESIDE: NAME, MOVED: NAME},
    "hugo": {ELSEWHERE: NAME},
}
# The depot reads the first name of who holds an instrument now, on any of its pages …
HOLDERS: dict[str, set[str]] = {"joost": {HERE, BESIDE, ELSEWHERE}, "dora": {OVERSEAS}}
# … and, to hand one out, of the children of a school on the page where that is done.
TO_HAND_OUT: dict[str, set[str]] = {"joost": {HERE, BESIDE, MOVED, ELSEWHERE}, "dora": {OVERSEAS}}
HAND_OUT_ROUTES = {"depot:lend", "depot:hand_out", "depot:paper", "depot:paper_forms"}


def may_read(actor: str, route: str, relation: str, field: str, *, holds: bool) -> bool:
    if field in SEES.get(actor, {}).get(relation, ()):
        return True
    if field not in FIRST:
        return False
    return (holds and relation in HOLDERS.get(actor, ())) or (
        route in HAND_OUT_ROUTES and relation in TO_HAND_OUT.get(actor, ())
    )
