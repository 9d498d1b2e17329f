"""`./run bench [NAME ...] [--on postgresql] [--only WORD]`: speed and memory, as ratios to what cannot be spared."""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench import databases
from bench.measure import Row, machine, show
from tests.postgres import PrivatePostgres, why_not

TIMES_BARE, TIMES_TOWN = 3.0, 1.3  # a page ≤ 3 × its bare work; at national ≤ 1.3 × at town
# Pages about one thing do not grow with their own organisation either.
KB_OF_A_PHONE_PAGE, SECONDS_AT_SLOW_3G = 150, 2
OF_ONE = {"schools:child", "schools:group", "depot:instrument", "lessons:register", "lessons:child"}


def pages(options: argparse.Namespace) -> tuple[str, list[Row]]:
    with databases.filled(options.on, options.sizes.split(",")) as urls:
        places = [f"{size}={url}" for size, url in urls.items()]
        found = json.loads(databases.run("pages", options.only, *places, url=next(iter(urls.values()))))
    for route in found["unmeasured"]:
        print(f"not measured: {route}", file=sys.stderr)
    return found["database"], [row for name, at in found["pages"].items() for row in judged(name, at)]


def judged(name: str, at: dict[str, dict[str, Any]]) -> Iterator[Row]:
    """`at`: per size what bench.pages found."""
    counts = [found["queries"] for found in at.values()]
    yield Row(f"{name}: queries", max(counts) - min(counts), 0, f"{' '.join(map(str, counts))} at {', '.join(at)}")
    shown = at.get("town") or list(at.values())[-1]
    words = f"{shown['page']:.2f} ms; SQL {shown['raw']:.2f} + rendering {shown['rendering']:.2f} ms"
    if shown["differs"]:
        words += "; rendered again it differs"
    ratio = shown["page"] / (shown["raw"] + shown["rendering"])
    yield Row(f"{name}: × bare", ratio, TIMES_BARE, words)
    if {"town", "national"} <= set(at):
        growth = at["national"]["page"] / at["town"]["page"]
        yield Row(f"{name}: × town", growth, TIMES_TOWN, f"{at['national']['page']:.2f} ms at national")
    if {"town", "single"} <= set(at):
        growth = at["single"]["page"] / at["town"]["page"]
        bound = TIMES_TOWN if name.partition(" ")[0].partition("?")[0] in OF_ONE else None
        yield Row(f"{name}: × town", growth, bound, f"{at['single']['page']:.2f} ms at single")


def roster(options: argparse.Namespace) -> tuple[str, list[Row]]:
    rows = []
    with databases.filled(options.on, ["small"], to_write=True) as urls:
        for sort, count in [("real", 400), ("edexml", 400), ("edexml", 50_000), ("csv", 50_000)]:
            found = json.loads(databases.run("roster", sort, str(count), url=urls["small"]))
            file = f"{sort} of {count:,} children"
            if sort == "real":
                file = "a real export of 400 children" if found["is_real"] else "in place of a real export (not here)"
            if count == 400:
                rows.append(
                    Row(
                        f"{file}: preview, s",
                        found["preview"],
                        1,
                        f"read, compared and kept; {found['waited']:.2f} s by the clock",
                    )
                )
                continue
            whole, raw = found["preview"] + found["apply"], found["raw"]
            words = f"preview {found['preview']:.1f} + apply {found['apply']:.1f} s; {whole / raw:.1f} × bare inserts"
            words += f"; {found['waited']:.1f} s by the clock"
            rows.append(Row(f"{file}: applied, s", whole, 30, words))
            rows.append(Row(f"{file}: memory, MB", found["memory"], 512, f"{found['before']:.0f} MB before it"))
    return found["database"], rows


def writes(options: argparse.Namespace) -> tuple[str, list[Row]]:
    with databases.filled(options.on, ["town"], to_write=True) as urls:
        found = json.loads(databases.run("writes", url=urls["town"]))
    (marks, bare_marks), (one, bare_one), (many, bare_many) = found["marks"], found["one"], found["many"]
    return found["database"], [
        Row("a batch of 30 marks: × bare inserts", marks / bare_marks, None, f"{marks * 1000:.1f} ms with receipts"),
        Row("one audit entry: × a bare insert", one / bare_one, None, f"{1 / one:.0f} a second, each kept on disk"),
        Row("1,000 audit entries: × bare inserts", many / bare_many, None, f"{1000 / many:.0f} a second"),
    ]


def labels(options: argparse.Namespace) -> tuple[str, list[Row]]:
    with databases.filled(options.on, ["town"]) as urls:
        found = json.loads(databases.run("labels", url=urls["town"]))
    return found["database"], [Row("500 labels, s", found["seconds"], 3, f"a PDF of {found['size'] / 1024:.0f} KB")]


def scores(options: argparse.Namespace) -> tuple[str, list[Row]]:
    """Shares are told as what is missing, so that less is better everywhere."""
    root = Path(__file__).resolve().parent.parent
    music = Path(os.environ.get("LEERORKEST_SHARED", root.parent / "shared")) / "data" / "music"
    if not music.is_dir():
        return "the music files are not here: set LEERORKEST_SHARED", []
    done = subprocess.run([sys.executable, "-m", "bench.scores", str(music)], check=True, stdout=subprocess.PIPE)
    found = json.loads(done.stdout)
    rows = []
    for name, bound in [("fit", 1.5), ("search", 6), ("pdf", 5), ("absent", 2), ("read", None), ("write", None)]:
        clock, used = found["speed"][name]
        rows.append(Row(f"83 bars × 18 staves → 27 parts: {name}, s", used, bound, f"{clock:.2f} s by the clock"))
    rows.append(Row("same input, other bytes", float(not found["speed"]["same bytes"]), 0))
    for name, words in [("movement", "that movement"), ("songs", "songs"), ("rest", "quartets, movements")]:
        part = found[name]
        rows.append(
            Row(f"{words}: broken claims", part["broken"], 0, f"{part['pieces']} pieces, from the written files")
        )
        for key, says, bound in [
            ("beat1", "level 1 outside the beat's harmony, %", 5),
            ("instant1", "level 1 not sounding at the instant, %", 25),
            ("beat2", "level 2 outside the beat's harmony, %", 3),
            ("instant2", "level 2 not sounding at the instant, %", 13),
            ("chord", "root and third not held together, %", 8),
        ]:
            ours, naive, worst = (100 * (1 - part[sort][key]) for sort in ("ours", "naive", "worst"))
            rows.append(Row(f"{words}: {says}", ours, bound, f"naive {naive:.1f}; worst piece {worst:.1f}"))
        rows.append(Row(f"{words}: bars whose tune is lost, %", 100 * (1 - part["tune"]), 0))
    rows.append(Row("songs with words: bars whose tune is not found, %", 100 * (1 - found["lyrics"]), 5))
    rows.append(Row("movements played in another order than the tables", len(found["play"]["wrong"]), 0))
    unlike = found["suite"]["unlike"]
    rows.append(Row(f"{found['suite']['files']} files read unlike music21", len(unlike), 2, ", ".join(unlike)))
    symphony = found["memory"]
    words = f"{symphony['bars']} bars × 12 staves → 27 parts in {symphony['seconds']:.0f} s"
    rows.append(Row("a long movement: memory, MB", symphony["megabytes"], 1000, words))
    return "no database", rows


def planner(options: argparse.Namespace) -> tuple[str, list[Row]]:
    from planner.benchmarks import table  # not before: it loads the solvers

    root = Path(__file__).resolve().parent.parent
    shared = Path(os.environ.get("LEERORKEST_SHARED", root.parent / "shared"))
    folder = Path(options.instances) if options.instances else shared / "data" / "planning" / "hhcrsp"
    rows = [Row(row.name, row.figure, row.bound, row.words) for row in table.rows(folder, options.full)]
    return "no database", rows


def custody(options: argparse.Namespace) -> tuple[str, list[Row]]:
    with databases.empty(options.on) as url:
        found = json.loads(databases.run("custody", str(options.instruments), url=url))
    rows = [Row("instruments", found["instruments"], None, f"{found['custodies']:,} custody rows")]
    counted = ("stocktake", "stocktake: what a phone keeps", "stocktake: results")
    for name in ("scan", "found", "page", "page of 500 loans", "any date", *counted):
        at = found[name]
        ratio = at["asked"] / (at["raw"] + at.get("rendering", 0))
        words = f"{at['asked']:.2f} ms; SQL {at['raw']:.2f} ms in {at['queries']} queries"
        if at.get("rendering"):
            words += f", rendering {at['rendering']:.2f} ms"
        rows.append(Row(f"{name}: × bare", ratio, None if name == "found" else TIMES_BARE, words))
    rows.append(
        Row("history of 500 loans: more queries", found["page of 500 loans"]["queries"] - found["page"]["queries"], 0)
    )
    words = f"median {found['scans']['median']:.1f} ms; it opens in {found['opened']:.1f} s"
    rows.append(Row("one scan in a stocktake of 5,000, ms: p99", found["scans"]["p99"], None, words))
    return found["database"], rows


def monday(options: argparse.Namespace) -> tuple[str, list[Row]]:
    with databases.empty(options.on) as url:
        found = json.loads(databases.run("monday", str(options.teachers), url=url))
    count = found["teachers"] * 30
    words = f"{found['seconds']:.1f} s by the clock; {count / found['seconds']:.0f} marks a second"
    rows = [
        Row(f"{found['teachers']} teachers send 30 marks at once: errors", found["errors"], 0),
        Row("all of it, × bare inserts of the same rows", found["seconds"] / found["raw"], None, words),
        Row("one teacher waits, s: median", found["p50"], None),
        Row("one teacher waits, s: p99", found["p99"], None),
    ]
    return found["database"], rows


def phone(options: argparse.Namespace) -> tuple[str, list[Row]]:
    rows = []
    with databases.filled(options.on, ["town"]) as urls:
        found = json.loads(databases.run("phone", url=urls["town"]))
    for name, at in found["pages"].items():
        rows.append(Row(f"first load of {name}, kB over the line", at["bytes"] / 1000, KB_OF_A_PHONE_PAGE))
        words = f"something to read after {at['painted']:.1f} s"
        rows.append(
            Row(f"first load of {name}, s at slow 3G until a tap counts", at["usable"], SECONDS_AT_SLOW_3G, words)
        )
    return found["database"], rows


def years_in_words(row: Row) -> Row:
    words = row.words.replace("at national", "at ten years").replace("at town, national", "at one year, ten")
    return replace(row, name=row.name.replace("× town", "× one year"), words=words)


def years(options: argparse.Namespace) -> tuple[str, list[Row]]:
    if missing := why_not():
        raise SystemExit(missing)
    with PrivatePostgres(on_disk=True) as url:
        one, ten = (url.removesuffix("leerorkest") + name for name in ("one", "ten"))
        for name, address in (("one", one), ("ten", ten)):
            databases.create_database(url, name)
            databases.fill("town", address)
        count = int(databases.run("years", str(options.marks), url=ten).split()[-1])
        found = json.loads(
            databases.run("pages", options.only or "lessons:", f"town={one}", f"national={ten}", url=one)
        )
    rows = [Row("marks", count, None)]
    for name, at in found["pages"].items():
        rows += [years_in_words(row) for row in judged(name, at) if not row.name.endswith("bare")]
    return found["database"], rows


BENCHES: dict[str, Callable[[argparse.Namespace], tuple[str, list[Row]]]] = {
    "pages": pages,
    "roster": roster,
    "writes": writes,
    "monday": monday,
    "labels": labels,
    "phone": phone,
    "custody": custody,
    "years": years,
    "scores": scores,
    "planner": planner,
}


BY_NAME_ALONE = ("years",)  # 41 GB


def main() -> int:
    parser = argparse.ArgumentParser(prog="./run bench", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *BENCHES], help=", ".join(BENCHES))
    parser.add_argument("--on", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--only", default="", help="pages whose name holds this word")
    parser.add_argument("--sizes", default="small,town", help="small, town, national, single")
    parser.add_argument("--instances", default="", help="planner: a folder of HHCRSP instances")
    parser.add_argument("--full", action="store_true", help="planner: the largest sizes and an hour")
    parser.add_argument("--instruments", type=int, default=400_000, help="how many the bench of custody fills")
    parser.add_argument("--marks", type=int, default=100_000_000, help="years: how many marks are added")
    parser.add_argument("--teachers", type=int, default=400, help="how many send their marks at once on Monday")
    options = parser.parse_args()
    is_sound = True
    for name in options.names or [name for name in BENCHES if name not in BY_NAME_ALONE]:
        database, rows = BENCHES[name](options)
        is_sound = show(f"{name} · {machine(database)}", rows) and is_sound
    print("\nEvery bound holds." if is_sound else "\nA bound is missed.")
    return 0 if is_sound else 1


if __name__ == "__main__":
    sys.exit(main())
