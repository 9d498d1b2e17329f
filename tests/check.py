"""`./run check`: everything that can be judged without running the product. Each step says what it looked at."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OF_ONE_MACHINE = re.compile(rb"(?<![\w.])/(?:root|home/[a-z]+|work)/")


def program(*command: str, **environment: str) -> Callable[[], int]:
    def run() -> int:
        path = str(Path(sys.executable).parent) + os.pathsep + os.environ["PATH"]
        return subprocess.call(command, cwd=ROOT, env={**os.environ, "PATH": path, **environment})

    return run


def committed_files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True)
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def locks_name_no_host() -> int:
    bad = [f"{f.name}:{n}" for f in ROOT.glob("requirements*") for n, line in enumerate(f.open(), 1) if "://" in line]
    print("a lock names a host: " + ", ".join(bad) if bad else "no lock names a host")
    return bool(bad)


def files_name_no_machine() -> int:
    bad = [
        f"{file.relative_to(ROOT)}: {found.group().decode()}"
        for file in committed_files()
        for found in OF_ONE_MACHINE.finditer(file.read_bytes())
    ]
    print("\n".join(bad) if bad else "no file names a path of one machine")
    return bool(bad)


STEPS: dict[str, Callable[[], int]] = {
    "style": program("ruff", "check", "."),
    "format": program("ruff", "format", "--check", "."),
    "types": program("mypy"),
    "arrows between the rooms": program("lint-imports"),
    "models and migrations agree": program(sys.executable, "manage.py", "makemigrations", "--check", "--dry-run"),
    "system checks": program(sys.executable, "manage.py", "check", "--fail-level", "WARNING"),
    "checks of a real site": program(
        sys.executable,
        "manage.py",
        "check",
        "--deploy",
        "--fail-level",
        "WARNING",
        LEERORKEST_HOSTS="leerorkest.example.org",
        LEERORKEST_SECRET_KEY="0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLMNOP",
        LEERORKEST_DEMO="0",
    ),
    "locks": locks_name_no_host,
    "paths": files_name_no_machine,
    "translations": program(sys.executable, "-m", "tests.messages", "check"),
}


def main(wanted: list[str]) -> int:
    failed = []
    for name, step in STEPS.items():
        if wanted and name not in wanted:
            continue
        print(f"== {name}", flush=True)
        if step():
            failed.append(name)
    print(f"== {len(failed)} of {len(STEPS)} checks failed: {', '.join(failed)}" if failed else "== all checks passed")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
