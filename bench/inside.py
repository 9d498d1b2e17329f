"""`python -m bench.inside MODULE ARGUMENTS`: calls bench.MODULE.main inside the site, on a day that is always the same.

Differs from the site in production in two things: files of pages have plain names, so that no collecting has to come
first, and the clock stands still on a Tuesday in term.
"""

import importlib
import os
import sys

import django
from django.conf import settings


def set_up() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leerorkest.settings")
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}
    settings.LOGGING["root"]["level"] = "WARNING"
    django.setup()

    from bench.fill import NOW
    from leerorkest.shared import clock

    clock.now = lambda: NOW


if __name__ == "__main__":
    set_up()
    importlib.import_module(f"bench.{sys.argv[1]}").main(*sys.argv[2:])
