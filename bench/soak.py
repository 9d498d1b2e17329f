"""`./run soak [custody]`: 64 clerks who hand out, take back and swap the same instruments at once, and what came of it.

    ./run soak custody [--operations 50000] [--clerks 64] [--on postgresql]
    ./run soak marks [--kills 1000] [--phones 50] [--on postgresql]

Each clerk is a process with a connection of its own. A clerk looks at an instrument and does what can be done with it,
while 63 others do the same to the same few: hand out, return, swap, issue to a school, take back to the depot. One act
in ten is sent twice, as a phone does. Afterwards `leerorkest/depot/soundness.py` looks for anything that is not right,
and the number of handovers is compared with what the clerks were told.

With `marks` a server is killed (`kill -9`) a thousand times while phones send to it: `kills.py`.
"""

import argparse
import json
import sys
import uuid
from typing import Any

from bench import databases
from tests.postgres import PrivatePostgres, why_not


def main() -> int:
    parser = argparse.ArgumentParser(prog="./run soak", description=__doc__)
    parser.add_argument("name", nargs="?", choices=["custody", "marks"], default="custody")
    parser.add_argument("--operations", type=int, default=50_000)
    parser.add_argument("--clerks", type=int, default=64)
    parser.add_argument("--kills", type=int, default=1_000)
    parser.add_argument("--phones", type=int, default=50)
    parser.add_argument("--on", choices=["sqlite", "postgresql"], default="sqlite")
    options = parser.parse_args()
    if options.name == "marks":
        found = soaked("kills", options.kills, options.phones, on=options.on)
        return tell_kills(found, options.phones, options.on)
    return tell(soaked("clerks", options.operations, options.clerks, on=options.on), options.on)


def soaked(module: str, *inputs: int, on: str) -> dict[str, Any]:
    """What bench.MODULE found, on an empty database of its own."""
    texts = [str(number) for number in inputs]
    if on == "postgresql":
        if missing := why_not():
            raise SystemExit(missing)
        with PrivatePostgres() as url:
            return json.loads(databases.run(module, *texts, url=url))
    databases.KEPT.mkdir(parents=True, exist_ok=True)
    path = databases.KEPT / f"soak-{uuid.uuid4().hex}.sqlite3"
    try:
        return json.loads(databases.run(module, *texts, url=f"sqlite:///{path}"))
    finally:
        for leftover in databases.KEPT.glob(f"{path.name}*"):
            leftover.unlink()


def tell_kills(found: dict[str, Any], phones: int, on: str) -> int:
    print(f"{found['kills']:,} kills of the server on {on} while {phones} phones sent {found['marks']:,} marks", end="")
    print(f" in {found['seconds']:.0f} s; {found['broken']:,} posts broke off.")
    for name, times in found["faults"].items():
        print(f"FAULT: {times} {name}")
    if not found["faults"]:
        print("0 acknowledged marks lost, none kept twice.")
    return 1 if found["faults"] else 0


def tell(found: dict[str, Any], on: str) -> int:
    met: dict[str, int] = found["met"]
    count = sum(met.values())
    print(f"{count:,} operations by {found['clerks']} clerks on {on} in {found['seconds']:.0f} s", end="; ")
    print(f"{count / found['seconds']:.0f} a second, median {found['median']:.0f} ms, p99 {found['p99']:.0f} ms")
    for name, times in sorted(met.items(), key=lambda pair: -pair[1]):
        print(f"  {times:>7,} {name}")
    for name, times in found["faults"].items():
        print(f"FAULT: {times} {name}")
    if not found["faults"]:
        print(f"{found['handovers']:,} handovers: 0 double, 0 orphan, every chain is sound.")
    return 1 if found["faults"] else 0


if __name__ == "__main__":
    sys.exit(main())
