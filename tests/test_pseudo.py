"""No text on any page is hard-coded, and every page stands in a right-to-left language too."""

import itertools
import re
from collections import Counter
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import django.conf.locale
import pytest
import time_machine
from django.db import transaction
from django.test import Client
from django.urls import Resolver404, resolve

from leerorkest.routes import routes
from leerorkest.shared.translations import CLOSE, OPEN, PSEUDO, write_pseudo_catalogue
from tests import make
from tests.access.matrix import urls_of
from tests.access.objects import NoFactory
from tests.access.world import HERE, OVERSEAS, RANDOM, make_world
from tests.messages import collected
from tests.pseudo import data_in_rows, untranslated

pytestmark = pytest.mark.once
EACH_ROUTE = 2  # addresses of one route that a crawl opens
MOST_PAGES = 150
READERS = ["anonymous", "weak", "unposted", "noor", "sam", "joost", "hanna", "ola", "luca"]
ACTORS = ["noor", "sam", "joost", "hanna", "ola", "luca"]


@pytest.fixture(scope="session")
def pseudo_catalogue(tmp_path_factory):
    folder = tmp_path_factory.mktemp("locale")
    texts = collected().texts.values()
    write_pseudo_catalogue(folder, [(text.msgid, text.plural, text.context) for text in texts])
    return folder


@pytest.fixture
def pseudo_language(settings, monkeypatch, pseudo_catalogue):
    known = {"bidi": True, "code": PSEUDO, "name": "Pseudo", "name_local": "Pseudo"}
    monkeypatch.setitem(django.conf.locale.LANG_INFO, PSEUDO, known)
    settings.LANGUAGES = [*(pair for pair in settings.LANGUAGES if pair[0] != PSEUDO), (PSEUDO, "Pseudo")]
    settings.LOCALE_PATHS = [*settings.LOCALE_PATHS, pseudo_catalogue]


class Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag == "a" and (address := dict(attributes).get("href")):
            self.found.append(address)


def reader(settings, account=None) -> Client:
    client = Client()
    if account is not None:
        client.force_login(account)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = PSEUDO
    return client


def crawl(client: Client, start: str):
    """(address, page) of every page that links lead to, a few of each route."""
    waiting, seen, per_route = [start], {start}, Counter()
    while waiting and sum(per_route.values()) < MOST_PAGES:
        address = waiting.pop(0)
        try:
            route = resolve(urlsplit(address).path).view_name
        except Resolver404:
            continue
        if per_route[route] >= EACH_ROUTE:
            continue
        per_route[route] += 1
        answer = client.get(address)
        if answer.status_code in {301, 302}:
            found = [answer.headers["Location"]]
        elif answer.headers["Content-Type"].startswith("text/html"):
            page = answer.content.decode()
            yield address, page
            links = Links()
            links.feed(page)
            found = links.found
        else:
            continue
        for link in found:
            full = urlsplit(urljoin(f"http://testserver{address}", link))
            onward = f"{full.path}?{full.query}" if full.query else full.path
            if full.netloc == "testserver" and onward not in seen and "account/logout" not in onward:
                seen.add(onward)
                waiting.append(onward)


def assert_translated(pages) -> list[str]:
    data = data_in_rows()
    faults, addresses = [], []
    for address, page in pages:
        addresses.append(address)
        if f'<html lang="{PSEUDO}" dir="rtl"' not in page:
            faults.append(f"{address}: does not say its language and direction")
        faults += [f"{address}: {piece!r}" for piece in untranslated(page, data)]
    assert not faults, "\n".join(sorted(set(faults)))
    return addresses


@pytest.mark.parametrize("name", ACTORS)
def test_no_page_shows_a_text_that_was_not_translated(cast, settings, pseudo_language, name):
    addresses = assert_translated(crawl(reader(settings, getattr(cast, name)), "/"))
    assert len(addresses) >= 2


def test_no_page_before_signing_in_shows_a_text_that_was_not_translated(db, settings, pseudo_language):
    for start in ("/account/login/", "/about/", "/nothing-here/"):
        client = reader(settings)
        answer = client.get(start)
        assert_translated([(start, answer.content.decode())])
        assert_translated(crawl(client, start))


def test_the_errors_of_a_form_are_translated(db, settings, pseudo_language):
    client = reader(settings)
    for given in ({}, {"login": "no address", "password": "x"}, {"login": "a@example.org", "password": "wrong"}):
        page = client.post("/account/login/", given).content.decode()
        assert not untranslated(page, set(given.values()))


def test_no_route_answers_with_a_text_that_was_not_translated(db, settings, pseudo_language):
    """Every route with the objects of the access matrix: opened, and sent an empty form, by all sorts of readers."""
    with time_machine.travel(make.NOW, tick=False):
        world = make_world()
        data = data_in_rows()
        readers = {name: reader(settings, world.actors[name]) for name in READERS}
        faults, answered = set(), Counter()
        for route in routes():
            if route.name == "shared:style":
                continue  # it shows the names of icons, and people who are not in the database
            try:
                addresses = urls_of(world, route)
            except NoFactory:
                continue  # the matrix itself asks for it
            for relation, (name, client) in itertools.product((HERE, OVERSEAS, RANDOM, "any"), readers.items()):
                for address, send in itertools.product(addresses.get(relation, [])[:1], (client.get, client.post)):
                    point = transaction.savepoint_create()
                    answer = send(address)
                    transaction.savepoint_rollback(point)
                    if not answer.headers.get("Content-Type", "").startswith("text/html"):
                        continue
                    answered[route.name] += answer.status_code < 400
                    for piece in untranslated(answer.content.decode(), data):
                        faults.add(f"{route.name} {send.__name__} ({name}): {piece!r}")
    assert not faults, "\n".join(sorted(faults))
    assert sum(count > 0 for count in answered.values()) >= 60, sorted(answered)


def test_a_hard_coded_text_is_found():
    page = f'<p title="Hidden">{OPEN}Hello <b>Amina</b> x{CLOSE} and <i>Amina</i> 12:45</p>'
    page += '<input type="submit" value="Go">'
    assert untranslated(page, {"Amina"}) == ["and", "Hidden", "Go"]
    assert not untranslated(re.sub("and|Hidden|Go", "", page), {"Amina"})
