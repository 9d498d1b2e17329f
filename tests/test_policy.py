"""The policy file: every route stands in it, and the site does not start otherwise."""

import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.checks import Error
from django.urls import path

from leerorkest import checks, urls
from leerorkest.policy import POLICY, Rule


def ids(found: list) -> set[str]:
    return {message.id for message in found if isinstance(message, Error)}


def test_every_route_has_a_policy():
    assert checks.every_route_has_a_policy(None) == []


def test_at_most_fourteen_routes_are_public_and_each_says_why():
    public = {name: rule.why for name, rule in POLICY.items() if rule.public}
    assert len(public) <= 14, sorted(public)
    assert all(len(why.split()) >= 3 for why in public.values())


@pytest.fixture
def more_urls(monkeypatch, settings):
    from django.urls import clear_url_caches

    def add(route):
        monkeypatch.setattr(urls, "urlpatterns", [*urls.urlpatterns, route])
        clear_url_caches()

    yield add
    clear_url_caches()


def view(request):
    raise AssertionError("never reached")


def test_a_route_without_a_policy_is_an_error_and_answers_404(more_urls, client):
    more_urls(path("new/", view, name="new"))
    assert ids(checks.every_route_has_a_policy(None)) == {"leerorkest.E002"}
    assert client.get("/new/").status_code == 404


def test_a_route_without_a_name_is_an_error(more_urls):
    more_urls(path("new/", view))
    assert ids(checks.every_route_has_a_policy(None)) == {"leerorkest.E001"}


def test_a_policy_about_nothing_and_a_policy_without_a_reason_are_errors(monkeypatch):
    monkeypatch.setitem(POLICY, "nowhere", Rule("somebody's plan"))
    monkeypatch.setitem(POLICY, "home:start", Rule(" "))
    assert ids(checks.every_route_has_a_policy(None)) == {"leerorkest.E003", "leerorkest.E004"}


UNDECLARED = "from leerorkest.policy import POLICY; del POLICY['home:start']; "


def python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("LEERORKEST_", "DJANGO_"))}
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=settings.ROOT,
        env={**clean, "DJANGO_SETTINGS_MODULE": "leerorkest.settings", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "place"
    place.mkdir(mode=0o700)
    return str(place)


def test_the_server_refuses_to_start_with_an_undeclared_route(folder):
    done = python(UNDECLARED + "import leerorkest.wsgi", LEERORKEST_DATA=folder)
    assert done.returncode == 1
    assert "home:start" in done.stderr


def test_the_server_starts_when_all_is_well(folder):
    done = python("import leerorkest.wsgi", LEERORKEST_DATA=folder)
    assert done.returncode == 0, done.stderr


REAL_SITE = {
    "LEERORKEST_HOSTS": "orkest.example.org",
    "LEERORKEST_SECRET_KEY": "x7Jq0vR3mZk9Tn2Wc8Yb5Lp1Hd6Gf4Sa0Qe7Ui3Oo9Rt2Wz8Xv5Bn",
    "LEERORKEST_PROXY": "1",
    "LEERORKEST_MAIL_URL": "smtps://name:word@mail.example.org",
}
CHECK = (
    "from django.core.management import execute_from_command_line as run;"
    "run(['', 'check', '--deploy', '--fail-level', 'WARNING'])"
)


def test_a_real_site_passes_every_deploy_check(folder):
    done = python(CHECK, LEERORKEST_DATA=folder, **REAL_SITE)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"LEERORKEST_DEMO": "1"}, "E010"),
        ({"LEERORKEST_SECRET_KEY": "only-for-this-machine-and-the-demo-not-for-a-real-site"}, "E011"),
        ({"LEERORKEST_HOSTS": "*"}, "E012"),
    ],
)
def test_an_unsafe_mixture_does_not_start(folder, change, error):
    done = python("import leerorkest.wsgi", LEERORKEST_DATA=folder, **{**REAL_SITE, **change})
    assert done.returncode == 1
    assert f"leerorkest.{error}" in done.stderr


def test_a_real_site_in_debug_is_an_error(settings):
    settings.DEBUG, settings.IS_LOCAL, settings.SECRET_KEY = True, False, "x" * 60
    assert ids(checks.the_place_is_safe(None)) == {"leerorkest.E013"}


def test_a_database_that_everybody_on_the_machine_can_read_is_an_error(tmp_path):
    place = tmp_path / "open"
    place.mkdir()
    file = place / "leerorkest.sqlite3"
    file.touch()
    for folder in [place, *place.parents]:
        if not folder.stat().st_mode & 0o001:
            folder.chmod(folder.stat().st_mode | 0o001)
    file.chmod(0o644)
    assert checks.is_open_to_all(file)
    file.chmod(0o600)
    assert not checks.is_open_to_all(file)
    file.chmod(0o644)
    place.chmod(0o700)
    assert not checks.is_open_to_all(file)


def test_the_database_is_made_for_its_own_user_only(folder):
    done = python(
        "import django; django.setup(); from django.core.management import call_command; call_command('setup');"
        "from django.conf import settings; import stat;"
        "print(*{oct(p.stat().st_mode & 0o077) for p in settings.DATA.glob('*.sqlite3*')})",
        LEERORKEST_DATA=folder,
        DATABASE_URL="",
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "0o0"
