"""The matrix: every actor × route × method × object, asked of the whole site, and an oracle that reads the answers."""

import io
import itertools
import logging
import re
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from django.conf import settings
from django.contrib.auth import login
from django.core import mail
from django.core.handlers.base import BaseHandler
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.urls import reverse

from leerorkest.lessons.models import Section
from leerorkest.routes import Route, routes
from leerorkest.shared.pages import sealed_words

from .expected import EXPECTED, Row
from .fields import may_read
from .objects import factory_of
from .world import CANARY, RANDOM, World, random_like

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
# PostgreSQL is asked what only a database can answer otherwise: the other methods are refused before it is asked, or
# are GET without a body, and SQLite has seen them all.
ON_EVERY_DATABASE = ("GET", "POST")
UNUSED = {"PUT", "PATCH", "DELETE"}  # by no page: a route refuses them whatever it names, so two objects are enough
SAFE = {"GET", "HEAD", "OPTIONS"}
WRITE = re.compile(r'^\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+"?(\w+)"?', re.IGNORECASE)
BOOKKEEPING = {"shared_auditentry", "django_session", "cache"}  # a look may be noted; nothing else may change
ACTS = re.compile(r"\b(?:seen|network|people|schools|depot|lessons)\.[a-z_]+")
NOISE = [
    re.compile(rb'nonce="[^"]*"'),
    re.compile(rb'name="csrfmiddlewaretoken" value="[^"]*"'),
]


@dataclass(frozen=True)
class Cell:
    actor: str
    route: Route
    method: str
    relation: str
    url: str
    body: str = "empty"  # or "foreign": a form or query that names somebody else's rows


@dataclass
class Answer:
    status: int
    location: str
    content: bytes
    shown: str  # what stands on the page or in the file
    words: str  # all that a reader could find in it: headers, text, files, mails, log lines
    written: set[str]
    audited: set[str]  # acts noted in the audit trail


@dataclass
class Report:
    cells: int = 0
    faults: list[tuple[Cell, str]] = field(default_factory=list)
    routes: set[str] = field(default_factory=set)
    seen: int = 0  # canaries that were read by who may read them
    looks: int = 0  # pages and files that show a child

    def note(self, cell: Cell, what: str) -> None:
        self.faults.append((cell, what))

    def __str__(self) -> str:
        """The faults, those of one kind together."""
        kinds: dict[tuple[str, str, str, str], list[Cell]] = {}
        for cell, what in self.faults:
            kinds.setdefault((cell.route.name, cell.method, cell.body, what), []).append(cell)
        return "\n".join(
            f"{route} {method} ({body} form): {what}: "
            + ", ".join(sorted({f"{cell.actor}→{cell.relation}" for cell in found}))
            + f", such as {found[0].url}"
            for (route, method, body, what), found in kinds.items()
        )


# --- which cells --------------------------------------------------------------------------------------


def urls_of(world: World, route: Route) -> dict[str, list[str]]:
    """{relation: addresses}; a route without parameters has one relation."""
    if not route.parameters:
        return {"any": [reverse(route.name)]}
    built = {name: factory_of(route.name, route.room, name)(world) for name in route.parameters}
    found: dict[str, list[str]] = {}
    for relations in itertools.product(*built.values()):
        # An object of one place under the address of another ("here+overseas") is never there.
        label = relations[0] if len(set(relations)) == 1 else "+".join(relations)
        values = [built[name][relation] for name, relation in zip(built, relations, strict=True)]
        found[label] = [
            reverse(route.name, kwargs={name: some[n % len(some)] for name, some in zip(built, values, strict=True)})
            for n in range(max(map(len, values)))
        ]
    nothing = {name: random_like(next(iter(values.values()))[0]) for name, values in built.items()}
    found[RANDOM] = [reverse(route.name, kwargs=nothing)]
    return found


def cells(
    world: World, *, methods: tuple[str, ...] | None = None, only: Callable[[Route], bool] | None = None
) -> Iterator[Cell]:
    """Random ids come first: every other refusal is compared with theirs."""
    methods = methods or (METHODS if connection.vendor == "sqlite" else ON_EVERY_DATABASE)
    for route in routes():
        if only and not only(route):
            continue
        found = urls_of(world, route)
        for actor in world.actors:
            for place, relation in enumerate(sorted(found, key=lambda name: name != RANDOM)):
                for url in found[relation]:
                    for method in (method for method in methods if place < 2 or method not in UNUSED):
                        yield Cell(actor, route, method, relation, url)
                        if method in {"GET", "POST"}:
                            yield Cell(actor, route, method, relation, url, body="foreign")


# --- asking -------------------------------------------------------------------------------------------


class Site:
    """The whole site without a socket; each actor signs in once."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.handler = BaseHandler()
        self.handler.load_middleware()
        self.factory = RequestFactory()
        self.cookies = {name: self.sign_in(account) for name, account in world.actors.items() if account}
        self.lines: list[str] = []
        self.foreign = foreign_form(world)

    def sign_in(self, account: Any) -> str:
        from importlib import import_module

        request = HttpRequest()
        request.session = import_module(settings.SESSION_ENGINE).SessionStore()
        login(request, account, backend=settings.AUTHENTICATION_BACKENDS[0])
        request.session.save()
        return f"{settings.SESSION_COOKIE_NAME}={request.session.session_key}"

    def ask(self, cell: Cell) -> Answer:
        extra = {"HTTP_COOKIE": self.cookies[cell.actor]} if cell.actor in self.cookies else {}
        make = getattr(self.factory, cell.method.lower())
        request = make(cell.url, self.foreign if cell.body == "foreign" else {}, **extra)
        request._dont_enforce_csrf_checks = True
        written: set[str] = set()
        audited: set[str] = set()

        def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            found = WRITE.match(sql)
            if found:
                written.add(found[1])
                if found[1] == "shared_auditentry":
                    audited.update(ACTS.findall(" ".join(map(str, params or ()))))
            return execute(sql, params, many, context)

        mails, self.lines = len(mail.outbox), []
        before = transaction.savepoint_create()
        try:
            with connection.execute_wrapper(watch), self.listening():
                response = self.handler.get_response(request)
                content = content_of(response)
        finally:
            connection.needs_rollback = False
            transaction.savepoint_rollback(before)
        headers = "\n".join(f"{name}: {unquote(value)}" for name, value in response.items())
        letters = "\n".join(f"{m.subject}\n{m.body}\n{m.to}" for m in mail.outbox[mails:])
        shown = text_of(response, content)
        words = "\n".join([headers, shown, letters, *self.lines])
        return Answer(
            status=response.status_code,
            location=response.headers.get("Location", ""),
            content=content,
            shown=shown,
            words=words,
            written=written - BOOKKEEPING,
            audited=audited,
        )

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Everything that is logged, at any level."""
        site = self

        class Ear(logging.Handler):
            def emit(self, record: logging.LogRecord) -> None:
                site.lines.append(record.getMessage())
                if record.exc_info:
                    site.lines.append(logging.Formatter().formatException(record.exc_info))

        root = logging.getLogger()
        before, root.handlers = root.handlers, [Ear()]
        try:
            yield
        finally:
            root.handlers = before


def foreign_form(world: World) -> dict[str, Any]:
    """A form that names rows of another organisation under every word a form of ours might use."""
    child, cast = world.children["overseas"][0], world.cast
    instrument, group = world.things.instruments["overseas"], world.groups["overseas"]
    named = {
        "child": child.uid,
        "children": child.uid,
        "school": cast.kadushi.pk,
        "site": cast.kadushi.site.pk,
        "group": group.pk,
        "organisation": cast.curacao.key,
        "account": cast.luca.uid,
        "posting": cast.luca.postings.get().pk,
        "teacher": cast.luca.postings.get().pk,
        "instrument": instrument.uid,
        "instruments": instrument.uid,
        "tag": instrument.tag,
        "tags": instrument.tag,
        "section": Section.objects.get(series__group=group).pk,
        "kind": instrument.kind_id,
        "after": "nonsense",
        "on": "2026-11-24",
        "q": "Canl",  # the beginning of every last name
        "sought": "Canl",
        "of": sealed_words(reverse("schools:children"), "Canl"),
        "name": "x",
        "next": "https://evil.example/",
    }
    return {name: str(value) for name, value in named.items()}


def content_of(response: HttpResponse) -> bytes:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    for close in response._resource_closers:  # response.close() would also close the connection of the whole world
        close()
    return content


def text_of(response: HttpResponse, content: bytes) -> str:
    """What a person can read in an answer, also where it is a file."""
    sort = response.headers.get("Content-Type", "")
    if content[:5] == b"%PDF-":
        from pypdf import PdfReader

        return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
    if content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            return "\n".join(packed.read(name).decode("utf-8", "replace") for name in packed.namelist())
    return content.decode("utf-16" if "utf-16" in sort else "utf-8", "replace")


# --- judging ------------------------------------------------------------------------------------------


def plain(content: bytes, url: str) -> bytes:
    """The answer without what differs at every request: nonce, form token, and the address that was asked for."""
    for noise in NOISE:
        content = noise.sub(b"", content)
    return content.replace(url.encode(), b"<the address>")


def judge(cell: Cell, answer: Answer, row: Row, at_random: bytes | None, report: Report) -> None:
    status, sign_in = answer.status, reverse("account_login")
    to_sign_in = status == 302 and answer.location.startswith(f"{sign_in}?next=")
    if status >= 500:
        report.note(cell, f"the site broke: {answer.words[-300:]}")
    elif cell.method in UNUSED:
        if status != 405:
            report.note(cell, f"a method that no page uses was answered with {status}")
    elif row.closed:
        if status != 404:
            report.note(cell, f"a closed route answered {status}")
    elif row.public:
        pass
    elif cell.actor in {"anonymous", "suspended"}:
        if not to_sign_in:
            report.note(cell, f"expected the sign-in page, got {status}")
    elif cell.actor == "weak":
        if not row.on_the_way_in and not (status == 302 and answer.location == reverse("mfa_index")):
            report.note(cell, f"expected to be led to a second factor, got {status}")
    elif row.allows(cell.actor, cell.method, cell.relation):
        if status == 403 or to_sign_in or (status == 404 and cell.body != "foreign"):
            report.note(cell, f"may use it, and got {status}")
    else:
        if status not in {404, 405} and not (cell.method == "OPTIONS" and status == 200 and not answer.content):
            report.note(cell, f"may not use it, and got {status}")
        elif at_random is not None and plain(answer.content, cell.url) != at_random:
            report.note(cell, "a forbidden object and an absent one answer differently")
        if answer.written:
            report.note(cell, f"was refused, and yet {sorted(answer.written)} changed")
    if cell.method in SAFE and answer.written - row.a_look_changes:
        report.note(cell, f"looking changed {sorted(answer.written)}")
    read = {word.lower() for word in CANARY.findall(answer.words)}
    shown = {word.lower() for word in CANARY.findall(answer.shown)}
    if shown and status == 200 and cell.method in {"GET", "POST"}:
        report.looks += 1
        if not any(cell.method == "POST" or act.startswith("seen.") for act in answer.audited):
            report.note(cell, "shows a child, and the audit trail does not say so")
    for word in sorted(read):
        relation, name, holds = cell_world.canaries[word]
        if may_read(cell.actor, cell.route.name, relation, name, holds=holds):
            report.seen += 1
        else:
            report.note(cell, f"LEAK: {name} of a child {relation}")


cell_world: World


def run(world: World, chosen: Iterator[Cell], *, stop_at: int | None = None, site: Site | None = None) -> Report:
    """Ask every cell and judge it; `stop_at` faults is enough for a mutant."""
    global cell_world
    cell_world = world
    site, report = site or Site(world), Report()
    at_random: dict[tuple[str, str, str, str], bytes] = {}
    for cell in chosen:
        row = EXPECTED.get(cell.route.name)
        if row is None:
            report.note(cell, f"tests/access/expected.py has no row for {cell.route.name!r}: say who may reach it")
            return report
        answer = site.ask(cell)
        key = (cell.actor, cell.route.name, cell.method, cell.body)
        if cell.relation == RANDOM:
            at_random[key] = plain(answer.content, cell.url)
        judge(cell, answer, row, at_random.get(key), report)
        report.cells += 1
        report.routes.add(cell.route.name)
        if stop_at and len(report.faults) >= stop_at:
            break
    return report
