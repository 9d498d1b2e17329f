"""What every test can use: the cast, the shared real data, a real Chromium."""

import os
import shutil
from pathlib import Path

import pytest
from django.test import TransactionTestCase

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # the browser driver runs a loop beside our ORM calls

CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
]


def pytest_configure() -> None:
    """Tests see the translations as they stand, and read pages in the language of the code unless they ask."""
    from django.conf import settings
    from django.test.signals import setting_changed

    from leerorkest.shared.translations import compile_catalogues

    settings.LANGUAGE_CODE = "en"
    setting_changed.send(None, setting="LANGUAGE_CODE", value="en", enter=True)  # what was read before is forgotten
    compile_catalogues()


def pytest_collection_modifyitems(config, items) -> None:
    """What is longest begins first. What says the same on every database has run on SQLite already: what asks none,
    and what is marked `once`."""
    items.sort(key=lambda item: item.path.name != "test_soak.py")
    if not os.environ.get("DATABASE_URL"):
        return

    def runs_here(item) -> bool:
        asks = item.get_closest_marker("django_db") or ASKS.intersection(item.fixturenames)
        return bool(asks) and not item.get_closest_marker("once")

    config.hook.pytest_deselected(items=[item for item in items if not runs_here(item)])
    items[:] = filter(runs_here, items)


ASKS = {"db", "transactional_db", "django_db_setup", "live_server"}
REQUIRED = os.environ.get("LEERORKEST_TEST_REQUIRES", "").split(",")  # CI: a missing program fails, not skips


def skip_or_fail(what: str, sentence: str) -> None:
    if what in REQUIRED:
        pytest.fail(sentence)
    pytest.skip(sentence)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder with real input files; it is not part of the project."""
    folder = Path(os.environ.get("LEERORKEST_SHARED", Path(__file__).resolve().parent.parent / "shared")) / "data"
    if not folder.is_dir():
        pytest.skip(
            f"real input files are not here ({folder.name}): set LEERORKEST_SHARED to the folder that holds data/"
        )
    return folder


def chromium() -> str | None:
    return next(
        (path for name in ("chromium", "google-chrome", "chromium-browser") if (path := shutil.which(name))),
        None,
    )


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict) -> dict:
    path = chromium()
    if not path:
        skip_or_fail("browser", "Chromium is not installed: apt install chromium")
    return {**browser_type_launch_args, "executable_path": path, "args": CHROMIUM_FLAGS}


@pytest.fixture(scope="session", autouse=True)
def _files_apart(tmp_path_factory):
    """What tests keep of photos and documents goes when they end."""
    from django.conf import settings

    settings.FILES = tmp_path_factory.mktemp("files")


@pytest.fixture(autouse=True)
def _fixed_settings(settings):
    """Tests do not need hashed file names or slow password hashes."""
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # WhiteNoise warns where it is not there
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


_empty_all_tables = TransactionTestCase._fixture_teardown


def _empty_without_guards(self: TransactionTestCase) -> None:
    """Between two tests that commit, all tables are emptied; the guards come back with the post-migrate step."""
    from leerorkest.shared import guards

    guards.remove()
    _empty_all_tables(self)


TransactionTestCase._fixture_teardown = _empty_without_guards


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """PostgreSQL drops no database while somebody is connected, such as a thread that answered a browser."""
    yield
    from django.db import connection

    if connection.vendor == "postgresql":
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


@pytest.fixture
def cast(db):
    from tests.cast import make_cast

    return make_cast()


@pytest.fixture(scope="session")
def base_url() -> None:
    """Tests name the whole address; the plugin's own fixture of this name is written in a way that pytest retires."""


@pytest.fixture
def page(page):
    """A browser page that is watched from the start: see tests/pages.py."""
    from tests.pages import watch

    watch(page)
    return page


def pytest_terminal_summary(terminalreporter):
    """Figures that a test wants said, such as how many cells the access matrix has: record_property("figure", …)."""
    reports = [report for found in terminalreporter.stats.values() for report in found]
    for report in reports:
        for name, line in getattr(report, "user_properties", []) if getattr(report, "when", "") == "call" else []:
            if name == "figure":
                terminalreporter.write_line(line)
