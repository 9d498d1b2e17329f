"""The frame of every page, without a browser: languages, errors, the way round."""

import json
from datetime import UTC, datetime
from gzip import compress
from pathlib import Path

import pytest
from django.conf import settings
from django.template import engines
from django.test import Client, override_settings

from leerorkest import VERSION
from leerorkest.navigation import ACCOUNT_PLACES, PLACES, address_of
from leerorkest.policy import POLICY
from leerorkest.shared.root_files import write_root_files

ENGLISH = {"accept-language": "en"}
ROOT = Path(settings.ROOT)
STATIC = Path(__file__).resolve().parent.parent / "static" / "shared"


def test_the_style_sheets_weigh_at_most_14_kb():
    assert sum(len(compress(sheet.read_bytes())) for sheet in STATIC.glob("*.css")) <= 14 * 1024


def test_every_icon_that_a_template_names_is_drawn():
    drawn = (STATIC / "icons.svg").read_text()
    templates = [
        path for folder in (ROOT / "leerorkest", ROOT / "demo") for path in folder.rglob("templates/**/*.html")
    ]
    named = set()
    for template in templates:
        for part in template.read_text().split("parts/icon.html")[1:]:
            if ' with name="' in part[:14]:
                named.add(part.split('"')[2])
    missing = {name for name in named if f'<symbol id="{name}"' not in drawn}
    assert named
    assert not missing


def test_no_page_holds_a_style_or_script_of_its_own():
    for template in (ROOT / "leerorkest").rglob("templates/**/*.html"):
        text = template.read_text()
        assert " style=" not in text, template
        assert "<style" not in text, template
        assert " onclick=" not in text, template
        assert text.count("<script") == text.count("<script type=") + text.count("<script src="), template


def test_every_place_in_the_header_exists_and_has_a_policy():
    for place in [*PLACES, *ACCOUNT_PLACES]:
        if address_of(place.route):
            assert place.route in POLICY


def test_the_version_is_the_same_everywhere():
    assert f'version = "{VERSION}"' in (ROOT / "pyproject.toml").read_text()


def test_the_manifest_is_sound():
    manifest = json.loads((STATIC / "site.webmanifest").read_text())
    assert manifest["start_url"] == "/"
    assert manifest["icons"][0]["src"].startswith("data:image/svg+xml,")


@pytest.mark.django_db
def test_only_who_works_here_sees_the_style_page(client, cast):
    assert client.get("/style/").status_code == 302
    client.force_login(cast.wim)  # his posting ended
    assert client.get("/style/").status_code == 404
    client.force_login(cast.noor)
    assert client.get("/style/").status_code == 200


@pytest.mark.django_db
def test_the_header_shows_only_what_a_role_may_use(client, cast):
    client.force_login(cast.noor)
    noor = {link.address for link in client.get("/about/").context["navigation"]}
    client.force_login(cast.ola)
    ola = {link.address for link in client.get("/about/").context["navigation"]}
    assert "/" in noor & ola
    for place in PLACES:
        rule, address = POLICY.get(place.route), address_of(place.route)
        if rule and address and rule.roles:
            assert (address in noor) == ("teacher" in rule.roles)
            assert (address in ola) == ("office" in rule.roles)


@pytest.mark.django_db
def test_a_missing_page_says_the_same_to_everybody(client, cast):
    answers = [client.get("/nowhere/"), client.get("/schools/999999/"), Client().get("/nowhere/else/?with=words")]
    client.force_login(cast.noor)
    answers += [client.get("/nowhere/"), client.get("/schools/999999/")]
    missing = [answer.content for answer in answers if answer.status_code == 404]
    assert len(missing) >= 3
    assert len(set(missing)) == 1
    assert b"csrf" not in missing[0]


@pytest.mark.parametrize("name", ["400", "403", "404", "403_csrf", "429", "500"])
def test_an_error_page_needs_nothing(name):
    page = engines["django"].get_template(f"{name}.html").render({})
    assert "<h1>" in page
    assert "nonce" not in page


@pytest.mark.django_db
def test_a_form_that_is_too_old_is_told_what_to_do():
    answer = Client(enforce_csrf_checks=True, headers=ENGLISH).post("/language/", {"language": "en"})
    assert answer.status_code == 403
    assert "This form was too old" in answer.content.decode()


@pytest.mark.django_db
def test_a_failure_shows_our_page_and_no_detail(client, cast, monkeypatch):
    def break_down(request):
        raise ValueError("a secret of a child")

    monkeypatch.setattr("leerorkest.navigation.links", lambda *args: break_down(None))
    client.force_login(cast.noor)
    client.raise_request_exception = False
    answer = client.get("/about/", headers=ENGLISH)
    assert answer.status_code == 500
    assert "Something broke on our side" in answer.content.decode()
    assert "secret" not in answer.content.decode()


@pytest.mark.django_db
def test_the_language_is_on_the_page_and_the_choice_is_kept(client):
    page = client.get("/about/", headers=ENGLISH).content.decode()
    assert '<html lang="en" dir="ltr">' in page
    client.post("/language/", {"language": "pap-cw", "next": "/about/"})
    assert '<html lang="pap-cw" dir="ltr">' in client.get("/about/").content.decode()


@pytest.mark.django_db
@override_settings(DEMO=True)
def test_the_demo_says_that_it_is_one(client):
    assert "every person in it is invented" in client.get("/about/", headers=ENGLISH).content.decode()


def test_the_files_at_the_root(tmp_path):
    at = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
    write_root_files(tmp_path, contact="safe@example.org", address="https://leerorkest.example", at=at)
    assert "Disallow: /" in (tmp_path / "robots.txt").read_text()
    security = (tmp_path / ".well-known" / "security.txt").read_text()
    assert security.splitlines()[:2] == ["Contact: mailto:safe@example.org", "Expires: 2027-05-23T08:00:00Z"]
    write_root_files(tmp_path, contact="", address="", at=at)
    assert not (tmp_path / ".well-known" / "security.txt").exists()
