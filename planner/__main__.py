"""`python -m planner allot|timetable|cover PROBLEM.json`: the result as JSON on standard output.

Exit 0 with a result; exit 2 with one plain sentence on standard error.
"""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any, NoReturn

from planner.problems import BadProblem
from planner.stopping import Stop


def refuse(sentence: str) -> NoReturn:
    print(" ".join(sentence.split()), file=sys.stderr)  # noqa: T201
    raise SystemExit(2)


class Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        refuse(f"{message[:1].upper()}{message[1:]}. Usage: python -m planner allot|timetable|cover PROBLEM.json")


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number")


def opened(name: str) -> Any:
    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8-sig")
        return json.loads(text, parse_constant=_no_constant)
    except FileNotFoundError:
        refuse(f"There is no file {name}. Give the path of a problem.")
    except OSError as trouble:
        refuse(f"The file {name} cannot be read: {trouble.strerror}. Give a file that you may read.")
    except UnicodeDecodeError:
        refuse(f"The file {name} is not text in UTF-8. Save it as UTF-8.")
    except json.JSONDecodeError as trouble:
        refuse(f"The file {name} is not JSON: line {trouble.lineno}, column {trouble.colno}. Correct it there.")
    except (ValueError, RecursionError) as trouble:
        refuse(f"The file {name} is not a problem: {trouble}. Give an object as planner/README.md describes it.")


def allot(data: Any, seed: int, stop: Stop) -> dict[str, Any]:
    from planner.allotment import baselines, checker, reading
    from planner.allotment.solve import differences, solve

    problem = reading.read(data)
    result = solve(problem, stop, seed)
    broken = checker.faults(problem, result)
    if broken:
        raise RuntimeError(broken[0])
    written = reading.as_json(result)
    written["beside"] = {
        "by hand, list by list": list(baselines.greedy(problem)),
        "truthful lottery": list(baselines.lottery(problem, seed)),
    }
    written["what_if"] = [differences(result, solve(problem, stop, seed, extra=extras)) for extras in problem.what_if]
    return written


def cover(data: Any, seed: int, stop: Stop) -> dict[str, Any]:
    from planner.cover import checker, reading
    from planner.cover.solve import solve

    problem = reading.read(data)
    result = solve(problem, stop, seed)
    for option in result.others_stay + result.with_swaps:
        broken = checker.faults(problem, option)
        if broken:
            raise RuntimeError(broken[0])
    return reading.as_json(result)


def timetable(data: Any, seed: int, stop: Stop) -> dict[str, Any]:
    from planner.timetable import reading
    from planner.timetable.changes import changes
    from planner.timetable.explain import explain
    from planner.timetable.solve import solve

    problem = reading.read(data)
    result = solve(problem, stop, seed)
    written = reading.as_json(result)
    if problem.last is not None:
        written["changes"] = [asdict(change) for change in changes(problem, problem.last, result.plan)]
    if result.open_seats:
        conflict = explain(problem, stop)
        written["conflict"] = None if conflict is None else asdict(conflict)
    return written


def main(arguments: list[str]) -> int:
    parser = Parser(prog="python -m planner")
    parser.add_argument("what", choices=["allot", "timetable", "cover"])
    parser.add_argument("problem", help="the path of a problem, or - for standard input")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=None, help="a limit for the exact solvers")
    parser.add_argument("--iterations", type=int, default=None, help="of the search; the same plan every time")
    options = parser.parse_args(arguments)
    if options.seconds is not None and not 0 < options.seconds < 1e6:
        refuse("The seconds must be more than 0. Give a number such as 60.")
    if options.iterations is not None and options.iterations < 1:
        refuse("The iterations must be at least 1. Give a number such as 1000000.")
    data = opened(options.problem)
    stop = Stop(iterations=options.iterations, seconds=options.seconds)
    try:
        result = COMMANDS[options.what](data, options.seed, stop)
    except BadProblem as trouble:
        refuse(str(trouble))
    except MemoryError:
        refuse("The problem is too large for the memory here. Split it by region, or use a larger machine.")
    except (ArithmeticError, RuntimeError) as trouble:
        refuse(f"The planner found a fault in its own answer and gives none: {trouble}. Report it with the problem.")
    json.dump(result, sys.stdout, ensure_ascii=False, separators=(",", ":"))
    sys.stdout.write("\n")
    return 0


COMMANDS = {"allot": allot, "cover": cover, "timetable": timetable}


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
