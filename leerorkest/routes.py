"""Every route of the site, walked from the URLconf: what the policy check and the access matrix go by."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver


@dataclass(frozen=True)
class Route:
    name: str  # "schools:child"; empty for a route without a name
    pattern: str  # "schools/children/<uuid:uid>/"
    parameters: tuple[str, ...]
    view: Any

    @property
    def room(self) -> str:
        return self.name.partition(":")[0] if ":" in self.name else ""


def routes() -> list[Route]:
    return list(_walk(get_resolver()))


def _walk(resolver: URLResolver, space: str = "", prefix: str = "", above: tuple[str, ...] = ()) -> Iterator[Route]:
    for entry in resolver.url_patterns:
        pattern = prefix + str(entry.pattern)
        parameters = above + _parameters(entry)
        if isinstance(entry, URLResolver):
            yield from _walk(entry, space + (f"{entry.namespace}:" if entry.namespace else ""), pattern, parameters)
        else:
            name = space + entry.name if entry.name else ""
            yield Route(name=name, pattern=pattern, parameters=parameters, view=entry.callback)


def _parameters(entry: URLPattern | URLResolver) -> tuple[str, ...]:
    return tuple(entry.pattern.regex.groupindex)
