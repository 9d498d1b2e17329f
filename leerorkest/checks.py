"""What must hold before the site may start. `manage.py check`, every command and the WSGI application ask."""

import stat
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import ERROR, CheckMessage, Error, register, run_checks

from . import routes
from .policy import policies

Apps = Sequence[AppConfig] | None


@register("access")
def every_route_has_a_policy(app_configs: Apps, **options: Any) -> list[CheckMessage]:
    found, declared = routes.routes(), policies()
    names = Counter(route.name for route in found)
    return [
        *(
            Error(f"The route {route.pattern!r} has no name.", hint="Name it in its urls.py.", id="leerorkest.E001")
            for route in found
            if not route.name
        ),
        *(
            Error(
                f"The route {route.name} ({route.pattern}) has no policy.",
                hint="Say in leerorkest/policy.py who may use it, and why.",
                id="leerorkest.E002",
            )
            for route in found
            if route.name and route.name not in declared
        ),
        *(
            Error(
                f"The policy {name!r} is about no route.",
                hint="Remove it from leerorkest/policy.py, or mend its name.",
                id="leerorkest.E003",
            )
            for name in declared
            if name not in names
        ),
        *(
            Error(f"The policy {name!r} gives no reason.", hint="Say why in one sentence.", id="leerorkest.E004")
            for name, rule in declared.items()
            if not rule.why.strip()
        ),
    ]


@register("security")
def the_place_is_safe(app_configs: Apps, **options: Any) -> list[CheckMessage]:
    """Mixtures of settings that would show children to strangers."""
    wrong: list[CheckMessage] = []
    if settings.DEMO and not settings.IS_LOCAL:
        wrong.append(
            Error(
                "The demo lets anybody in by one click, so it runs on this machine only.",
                hint="Unset LEERORKEST_DEMO, or unset LEERORKEST_HOSTS.",
                id="leerorkest.E010",
            )
        )
    if settings.SECRET_KEY == settings.DEVELOPMENT_KEY and not settings.IS_LOCAL:
        wrong.append(
            Error(
                "A real site needs its own secret key.",
                hint="Set LEERORKEST_SECRET_KEY to 50 or more random characters.",
                id="leerorkest.E011",
            )
        )
    if "*" in settings.ALLOWED_HOSTS:
        wrong.append(
            Error(
                "LEERORKEST_HOSTS allows every host name.",
                hint="Name the hosts: LEERORKEST_HOSTS=orkest.example.org",
                id="leerorkest.E012",
            )
        )
    if settings.DEBUG and not settings.IS_LOCAL:
        wrong.append(Error("Debug pages show settings and rows to strangers.", id="leerorkest.E013"))
    return wrong


@register("security")
def the_database_is_nobody_elses(app_configs: Apps, **options: Any) -> list[CheckMessage]:
    """A SQLite file that every user of the machine can read is a leak."""
    database = settings.DATABASES["default"]
    if not database["ENGINE"].endswith("sqlite3"):
        return []
    file = Path(database["NAME"])
    return [
        Error(
            f"{path.name} can be read by every user of this machine.",
            hint=f"chmod o-rwx {path.name}",
            id="leerorkest.E014",
        )
        for path in (file, Path(f"{file}-wal"))
        if is_open_to_all(path)
    ]


def is_open_to_all(path: Path) -> bool:
    """Readable by others, in a folder that others may enter."""
    return (
        path.exists()
        and bool(path.stat().st_mode & stat.S_IROTH)
        and all(folder.stat().st_mode & stat.S_IXOTH for folder in path.parents)
    )


def faults() -> list[CheckMessage]:
    """Everything that forbids a start; a real site (not on this machine alone) must also pass the deploy checks."""
    found = run_checks(include_deployment_checks=not settings.IS_LOCAL)
    return [message for message in found if message.level >= ERROR and not message.is_silenced()]
