"""Whatever anybody sends, the site answers: never with a 500.

A fuzzer over every route × actor × odd parameters, in one process. It takes the forms that a page shows and spoils one
or two of their values, so that it also comes behind the first check. The seed is fixed; LEERORKEST_FUZZ=20000 asks
more, LEERORKEST_FUZZ_SEED something else.
"""

import inspect
import json
import os
import random
import re
import sys
import traceback
import uuid
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode

import pytest
from allauth.mfa.models import Authenticator
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.signals import got_request_exception
from django.db import connection, transaction
from django.test import RequestFactory

from leerorkest.routes import Route, routes

from .access.matrix import Site, content_of, urls_of
from .access.world import World, make_world

pytestmark = pytest.mark.django_db

SECRET = "JBSWY3DPEHPK3PXP"
HOW_MANY = int(os.environ.get("LEERORKEST_FUZZ", "1200"))
SEED = int(os.environ.get("LEERORKEST_FUZZ_SEED", "20261122"))

ODD = [
    *["", " ", "0", "-1", "1", "007", "1e9", "nan", "inf", "-inf", "0x10", "1_000", "²", "٣", "½", "None", "null"],
    *["9" * 9, "9" * 19, "9" * 25, "9" * 400, "9" * 5000, "-" + "9" * 30, "1." + "0" * 400 + "1", "1e400", "0e-999"],
    *["\x00", "a\x00b", "\x1b[0m", "\r\nSet-Cookie: a=b", "\ufeff", "\u202e", "\ud7ff", "\uffff", "\U0001f3bb" * 50],
    *["é", "e\u0301", "ǅ", "İ", "ß", "ﬀ", "a" * 256, "x" * 20_000, "%", "%s", "%(name)s", "{}", "{{ 7*7 }}", "$", "\\"],
    *[
        "'",
        '"',
        "' OR 1=1--",
        "<script>alert(1)</script>",
        "../../etc/passwd",
        "//evil.example",
        "https://evil.example",
    ],
    *["javascript:alert(1)", "home:start", "nothing", "/\\evil.example", "/", "?", "#", "on", "true", "[]", "{}"],
    *["2026-11-24", "0000-00-00", "0001-01-01", "9999-12-31", "99999-01-01", "2026-02-30", "2026-11-24T10:00:00"],
    *["1969-12-31", "24:00", "23:59:60", "08:45", "-08:45", "2026-W47", "31-12-2026", "2026-11-24 10:00+99:99"],
    *["00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff", "not-a-uuid", "urn:uuid:1"],
    *["violin", "1/2", "retired", "lent", "left", "teacher", "office", "present", "accept", "csv", "nl", "amsterdam"],
]
WORST = ["a\x00b", "9" * 5000, "9" * 19, "nothing", "9999-12-31"]  # these broke the site once
PATHS = [
    "0",
    "9" * 18,
    "9" * 19,
    "9" * 30,
    "9" * 4500,
    "-1",
    "%00",
    "%ff%fe",
    "%C3%28",
    "a%2Fb",
    "..",
    "%2e%2e",
    "A" * 3000,
]
PATHS += [str(uuid.UUID(int=0)), str(uuid.UUID(int=2**128 - 1)), "LO-1234", "%F0%9F%8E%BB", "'", "%0d%0a", " "]
READ = re.compile(r"""(?:GET|POST)(?:\.get(?:list)?\(|\[)"(\w+)"|"(\w+)" in request\.POST""")


def names_read_by(route: Route) -> list[str]:
    """The parameters that the views of a room read by name, and some that the frame of every page reads."""
    source = inspect.getsource(inspect.getmodule(inspect.unwrap(route.view)) or re)
    found = {name for pair in READ.findall(source) for name in pair if name}
    return sorted(found | {"next", "organisation", "after", "q"})


FILES = {
    "empty": b"",
    "nul": b"\x00" * 100,
    "text": b"hello",
    "csv": b"roepnaam;achternaam;leerlingnummer;groep;leerjaar\nAn;Bok;1;5A;5\n",
    "other csv": b"a;b;c\n1;2;3\n",
    "list": b"instrument;nummer;waarde;aanschafdatum\nviool;1;1e400;99999-01-01\nviool;"
    + b"9" * 500
    + b";-1;0000-00-00\n",
    "utf16": "roepnaam;achternaam\nAn;Bok\n".encode("utf-16"),
    "latin": "roepnaam;achternaam;groep\nAn\xe9;B\xf6k;5A\n".encode("latin-1"),
    "xml": b"<EDEX/>",
    "bomb": b'<!DOCTYPE a [<!ENTITY b "cc"><!ENTITY d "&b;&b;">]><EDEX>&d;</EDEX>',
    "outside": b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><EDEX>&b;</EDEX>',
    "zip": b"PK\x03\x04" + b"\x00" * 60,
    "no zip": b"PK\x05\x06" + b"\x00" * 18,
    "image": b"\x89PNG\r\n\x1a\n",
    "quotes": b'"' * 3000,
    "wide": b";" * 50_000,
}
MARK = {
    "id": str(uuid.UUID(int=1)),
    "device": str(uuid.UUID(int=2)),
    "device_sequence": 1,
    "lesson": str(uuid.UUID(int=3)),
    "child": str(uuid.UUID(int=4)),
    "state": "present",
    "made_at": "2026-11-24T10:00:00+01:00",
    "corrects": [],
}
BODIES = [
    *[
        b"",
        b"{}",
        b"[]",
        b"null",
        b"1",
        b'{"marks":',
        b'{"marks": 1}',
        b'{"marks": [[]]}',
        b'{"marks": [null, 1, "a"]}',
    ],
    *[
        b"[" * 30_000,
        b'{"marks":' * 9_000,
        b'{"marks": [' + b"[" * 20_000 + b"]" * 20_000 + b"]}",
        b"\xff\xfe",
        b"\x00",
    ],
    *[b'{"marks": [{"id": ' + b"9" * 5000 + b"}]}", b'{"marks": [{"id": "\\ud800"}]}', b'{"marks": [NaN, Infinity]}'],
    *[b'{"marks": [{"id": "\\u0000", "a\\u0000": "\\u0000"}]}', b'{"marks": [' + b"{}," * 99 + b"{}]}"],
]


class Fields(HTMLParser):
    """The fields of every form on a page, with a value that the page would accept."""

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self.select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = dict(attrs)
        name = has.get("name") or ""
        if tag == "select":
            self.select = name
        elif tag == "option" and self.select and has.get("value"):
            self.values.setdefault(self.select, has["value"] or "")
        elif tag in ("input", "textarea", "button") and name and has.get("type") != "file":
            self.values.setdefault(name, has.get("value") or "")


def fields_of(content: bytes) -> dict[str, str]:
    reader = Fields()
    reader.feed(content.decode("utf-8", "replace"))
    return reader.values


class Attacker:
    """Asks the whole site without a socket; each question is undone."""

    def __init__(self, world: World, chance: random.Random) -> None:
        self.site, self.factory, self.chance, self.world = Site(world), RequestFactory(), chance, world
        self.broken: dict[str, str] = {}
        self.asked = 0
        self.what = ""
        self.urls = {route.name: [url for some in urls_of(world, route).values() for url in some] for route in routes()}
        self.names = {route.name: names_read_by(route) for route in routes()}
        self.known = [str(value) for value in self.site.foreign.values()]
        got_request_exception.connect(self.heard)

    def heard(self, **kwargs: Any) -> None:
        kind, error, trace = sys.exc_info()
        last = [f for f in traceback.extract_tb(trace) if "leerorkest/" in f.filename][-1:]
        where = f"{last[0].filename.rpartition('leerorkest/')[2]}:{last[0].lineno}" if last else ""
        self.broken.setdefault(f"{kind and kind.__name__}: {str(error)[:120]} {where}", self.what[:300])

    def ask(self, actor: str, method: str, url: str, data: Any = None, **extra: Any) -> bytes:
        if actor in self.site.cookies:
            extra.setdefault("HTTP_COOKIE", self.site.cookies[actor])
        self.what = f"{actor} {method} {url} {str(data)[:200]}"
        made = getattr(self.factory, method.lower())
        try:
            request = made(url, data, **extra) if data is not None else made(url, **extra)
        except UnicodeEncodeError:
            return b""
        request._dont_enforce_csrf_checks = True
        before = transaction.savepoint_create()
        try:
            response = self.site.handler.get_response(request)
            content = content_of(response)
        finally:
            connection.needs_rollback = False
            transaction.savepoint_rollback(before)
        self.asked += 1
        if response.status_code >= 500:
            self.broken.setdefault(f"status {response.status_code}", self.what)
        return content

    def odd(self) -> str:
        return self.chance.choice(self.chance.choice([ODD, ODD, ODD, self.known, WORST]))

    def address(self, route: Route) -> str:
        url = self.chance.choice(self.urls[route.name])
        if route.parameters and self.chance.random() < 0.25:
            parts = url.split("/")
            which = [n for n, part in enumerate(parts) if part]
            parts[self.chance.choice(which)] = self.chance.choice(PATHS)
            url = "/".join(parts)
        if self.chance.random() < 0.5:
            names = self.chance.sample(self.names[route.name], self.chance.randint(1, 2))
            query = [(name, self.odd()) for name in names]
            url += "?" + urlencode(query * self.chance.choice([1, 1, 1, 2]), errors="surrogatepass")
            if self.chance.random() < 0.1:
                url += self.chance.choice(["&q=%ff%fe", "&q=%00", "&%00=1", "&=&=&", "&q=%u0041", ";", "&" * 500])
        return url

    def form(self, route: Route, shown: dict[str, str]) -> dict[str, Any]:
        sent: dict[str, Any] = dict(shown)
        if self.chance.random() < 0.15:
            return sent
        names = [*shown, *self.chance.sample(self.names[route.name], 2)]
        for name in self.chance.sample(names, min(len(names), self.chance.randint(1, 3))):
            what = self.chance.random()
            if what < 0.1:
                sent.pop(name, None)
            elif what < 0.2:
                sent[name] = [self.odd() for _ in range(3)]
            else:
                sent[name] = self.odd()
        return sent

    def attack(self, route: Route, actor: str) -> None:
        url = self.address(route)
        content = self.ask(actor, self.chance.choice(["GET", "GET", "GET", "HEAD", "OPTIONS", "PUT"]), url)
        if route.name == "lessons:marks":
            self.ask(actor, "POST", url, self.batch(), content_type="application/json")
            return
        form = self.form(route, fields_of(content))
        if route.name in ("schools:roster", "depot:list_upload"):
            name, body = self.chance.choice(list(FILES.items()))
            form["file"] = SimpleUploadedFile(f"{name}\x00\r\n<b>.csv"[: self.chance.randint(1, 20)] + "x", body)
        self.ask(actor, "POST", url, form)

    def batch(self) -> bytes:
        if self.chance.random() < 0.4:
            return self.chance.choice(BODIES)
        lesson = self.chance.choice(self.urls["lessons:register"]).split("/")[2]
        mark: dict[str, Any] = {**MARK, "lesson": lesson, "child": str(self.world.children["here"][0].uid)}
        mark["id"] = str(uuid.UUID(int=self.chance.getrandbits(128)))
        for name in self.chance.sample(list(mark), 2):
            mark[name] = self.chance.choice(
                [self.odd(), 1, -1, 2**63, 2**70, None, [], {}, [[]], 1.5, True, ["a"], {"a": 1}]
            )
        return json.dumps({"marks": [mark, mark]}).encode("utf-8", "surrogatepass")


def test_nothing_that_anybody_sends_breaks_the_site():
    world, chance = make_world(), random.Random(SEED)
    attacker = Attacker(world, chance)
    actors, found = list(world.actors), routes()
    strong = ["sam", "noor", "joost", "ola", "hanna", "anonymous", "weak"]
    for app in Authenticator.objects.filter(type="totp"):  # the makers' stand-ins have no secret
        Authenticator.objects.filter(pk=app.pk).update(data={"secret": SECRET})
    try:
        while attacker.asked < HOW_MANY:
            for route in found:
                attacker.attack(route, chance.choice(strong if chance.random() < 0.8 else actors))
    finally:
        got_request_exception.disconnect(attacker.heard)
    broken = "\n".join(f"{what}\n    {how}" for what, how in attacker.broken.items())
    assert not broken, broken
