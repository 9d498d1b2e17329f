"""`./run test`: every test on SQLite, then all that ask a database on PostgreSQL, a process for each core.

On each, first what drives a browser, then the rest: 64 clerks at once are no company for a page that must answer.
`./run test ARGS` hands ARGS to pytest, in one process; `./run test --on postgresql ARGS` runs on one database.
Databases, browsers and temporary files live in memory where there is room: a busy disk makes no test wait.
"""

import os
import subprocess
import sys
import tempfile

from .postgres import PrivatePostgres, in_memory, why_not

PASSES = ("browser", "not browser")


def pytest(arguments: list[str], **environment: str) -> int:
    with tempfile.TemporaryDirectory(prefix="leerorkest-tests-", dir=in_memory(), ignore_cleanup_errors=True) as folder:
        places = {"TMPDIR": folder, "LEERORKEST_DATA": os.environ.get("LEERORKEST_DATA", folder)}
        return subprocess.call(
            [sys.executable, "-m", "pytest", *arguments], env={**os.environ, **places, **environment}
        )


def main(arguments: list[str]) -> int:
    databases = ["sqlite", "postgresql"]
    if arguments[:1] == ["--on"]:
        databases, arguments = [arguments[1]], arguments[2:]
    spread = ["-n", str(os.cpu_count()), "--dist", "worksteal"]
    passes = [arguments] if arguments else [[*spread, "-m", marked] for marked in PASSES]
    codes = []
    if "sqlite" in databases:
        print("== tests on SQLite", flush=True)
        environment = {key: "" for key in ["DATABASE_URL"] if key in os.environ}
        codes += [pytest(chosen, **environment) for chosen in passes]
    if "postgresql" in databases:
        print("== tests on PostgreSQL", flush=True)
        missing = why_not()
        if missing:
            print(f"SKIPPED: {missing}")
            codes.append(1 if "postgresql" in os.environ.get("LEERORKEST_TEST_REQUIRES", "") else 0)
        else:
            with PrivatePostgres() as url:
                codes += [pytest(chosen, DATABASE_URL=url) for chosen in passes]
    return max(codes)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
