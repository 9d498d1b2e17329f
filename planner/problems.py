"""What is wrong with a problem, said so that the person who made it can mend it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault: where it is, what is wrong, what to do."""

    where: str
    what: str
    todo: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what} {self.todo}"


class BadProblem(ValueError):
    """The problem cannot be planned as it stands. `findings` says why, worst first, at least one."""

    def __init__(self, findings: Iterable[Finding]):
        self.findings = tuple(findings)
        more = len(self.findings) - 1
        super().__init__(str(self.findings[0]) + (f" ({more} more like this.)" if more else ""))


class Reader:
    """Reads one JSON object field by field and gathers findings instead of stopping at the first."""

    def __init__(self, findings: list[Finding]):
        self.findings = findings

    def wrong(self, where: str, what: str, todo: str) -> None:
        self.findings.append(Finding(where, what, todo))

    def rows(self, data: Json, name: str, where: str = "") -> Sequence[Json]:
        """The list of objects under `name`; absent is empty."""
        place = f"{where}{name}"
        found = data.get(name, [])
        if not isinstance(found, list):
            self.wrong(place, "This is not a list.", "Write a list of objects: [{...}, {...}].")
            return []
        rows = [row for row in found if isinstance(row, dict)]
        if len(rows) != len(found):
            self.wrong(place, "Not every entry is an object.", "Write each entry as {...}.")
        return rows

    def text(self, row: Json, name: str, where: str, default: str | None = None) -> str:
        found = row.get(name, default)
        if isinstance(found, str) and found:
            return found
        if found == default and default is not None:
            return default
        self.wrong(f"{where}.{name}", f"{found!r} is not a text.", "Write a text that is not empty.")
        return ""

    def optional_text(self, row: Json, name: str, where: str) -> str | None:
        return None if row.get(name) is None else self.text(row, name, where)

    def whole(
        self, row: Json, name: str, where: str, default: int | None = None, least: int = 0, most: int = 10**9
    ) -> int:
        found = row.get(name, default)
        if isinstance(found, int) and not isinstance(found, bool) and least <= found <= most:
            return found
        self.wrong(
            f"{where}.{name}",
            f"{found!r} is not a whole number from {least} to {most}.",
            "Write a number in that range.",
        )
        return default if default is not None else least

    def flag(self, row: Json, name: str, where: str) -> bool:
        found = row.get(name, False)
        if isinstance(found, bool):
            return found
        self.wrong(f"{where}.{name}", f"{found!r} is neither true nor false.", "Write true or false.")
        return False

    def texts(self, row: Json, name: str, where: str) -> tuple[str, ...]:
        found = row.get(name, [])
        if isinstance(found, list) and all(isinstance(item, str) and item for item in found):
            return tuple(found)
        self.wrong(f"{where}.{name}", f"{found!r} is not a list of texts.", 'Write ["...", "..."].')
        return ()

    def unique(self, ids: Iterable[str], what: str) -> None:
        seen: set[str] = set()
        for name in ids:
            if name in seen:
                self.wrong(f"{what} {name}", "This id is used twice.", "Give each its own id.")
            seen.add(name)

    def finish(self) -> None:
        if self.findings:
            raise BadProblem(self.findings)


def header(data: object, kind: str) -> Json:
    """`data` as an object of the given kind. Raises BadProblem."""
    if not isinstance(data, dict):
        raise BadProblem([Finding("file", "The file is not a JSON object.", "Write one object: {...}.")])
    if data.get("kind", kind) != kind:
        raise BadProblem(
            [Finding("kind", f"{data['kind']!r} is not {kind!r}.", f"Give a problem whose kind is {kind!r}.")]
        )
    if data.get("version", 1) != 1:
        raise BadProblem([Finding("version", f"{data['version']!r} is not known.", "Write version 1.")])
    return data
