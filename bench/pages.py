"""Every list and detail page: how many queries, how much dearer than the work that cannot be spared, how it grows.

A page's time is that of the whole WSGI application: all middleware, session, account and postings, view and template.
It is compared with two things that no page can do without, measured in the same process, turn by turn:

- **raw SQL**: the page's own queries, captured once, executed again on the bare driver with `fetchall()`. What it
  writes (the entry of the audit trail that says who looked) is inserted again with other hashes and committed: after
  that the audit trail of a measured database is no true chain any more.
- **bare rendering**: the same template rendered once more with the very context the page handed to it, in the same
  language and time zone. What that context holds was fetched by then. Where a template fetches something all the same
  (the choices of a form's field are asked for each time it is drawn), the time from asking to having the rows is
  taken off. The context holds model instances, not dictionaries: what a template asks of a row it has (`child.name`)
  counts as rendering.

All sizes are open in one process, and everything that is timed takes turns: a visit at town, its raw SQL, its bare
rendering, a visit at national, again and again. So a slow moment of the machine spoils no ratio. Time is processor
time of this process on SQLite, which runs inside it; on PostgreSQL it is wall-clock time, because the server works
outside it.
"""

import functools
import json
import re
import secrets
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest import mock
from zoneinfo import ZoneInfo

import dj_database_url
from django.core.wsgi import get_wsgi_application
from django.db import connection, connections
from django.db.models import QuerySet
from django.template.backends.django import Template
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone, translation

from bench.fill import MIDDLE, THIS_YEAR, TODAY
from bench.measure import Turn, clock, database_version, medians
from leerorkest.depot.models import Custody, Handover, Instrument
from leerorkest.lessons.models import Lesson
from leerorkest.people.models import Account, Child
from leerorkest.schools.models import Group, RegisteredSchool, School
from leerorkest.shared.pages import sealed_words
from leerorkest.shared.prepared import Prepared

HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Page:
    who: str
    route: str
    arguments: Callable[[], dict[str, Any]] = dict
    query: str = ""  # "{group}" stands for the key of the measured group, "{am}" for the sealed words "am"

    @property
    def name(self) -> str:
        return f"{self.route}{f'?{self.query}' if self.query else ''} ({self.who})"


# The rows whose pages are measured: the same place in every size.
def school() -> School:
    return School.objects.get(site__organisation__key="stad", site__name=MIDDLE)


def group() -> Group:
    return Group.objects.get(school=school(), name="5B", school_year__first_on=THIS_YEAR[0])


def child() -> Child:
    return Child.objects.filter(memberships__group=group()).earliest("pk")


def instrument() -> Instrument:
    """Lent to a child of the measured school."""
    return Instrument.objects.filter(custodies__child__enrolments__school=school()).earliest("pk")


def shelved() -> Instrument:
    """On the shelf of the measured school."""
    here = Custody.objects.open().keepers().filter(site__school=school())
    return Instrument.objects.on_shelf().filter(custodies__in=here).earliest("pk")


def class_set() -> Handover:
    """By which the measured school got its instruments."""
    return Custody.objects.open().keepers().filter(site__school=school()).earliest("instrument").began_with


def lesson() -> Lesson:
    """Today's lesson of the measured group."""
    return Lesson.objects.get(series__group=group(), on=TODAY)


PAGES = [
    *[Page(who, "home:start") for who in ("noor", "sam", "joost", "hanna", "ola")],
    # depot
    *[Page(who, "depot:instruments") for who in ("joost", "sam", "noor", "hanna", "ola")],
    *[
        Page("joost", "depot:instruments", query=query)
        for query in ("kind=violin", "kind=cello&state=shelf", "state=lent")
    ],
    Page("joost", "depot:find", query="tag=17"),
    *[Page(who, "depot:instrument", lambda: {"uid": instrument().uid}) for who in ("joost", "sam", "noor", "hanna")],
    *[Page(who, "depot:lend", lambda: {"uid": shelved().uid}, "group={group}") for who in ("joost", "noor")],
    Page("joost", "depot:lend", lambda: {"uid": shelved().uid}),
    Page("joost", "depot:instrument", lambda: {"uid": instrument().uid}, "on=2026-09-10"),
    Page("joost", "depot:kit", lambda: {"uid": instrument().uid}),
    Page("joost", "depot:move"),
    Page("joost", "depot:gifts"),
    Page("sam", "depot:children_without"),
    Page("sam", "network:sites"),
    Page("joost", "depot:retire", lambda: {"uid": shelved().uid}),
    Page("joost", "depot:take_in"),
    Page("joost", "depot:issue"),
    Page("joost", "depot:issue", query="kind=violin&count=24"),
    *[Page(who, "depot:give_back") for who in ("joost", "noor")],
    Page("joost", "depot:take_back"),
    Page("joost", "depot:handover", lambda: {"pk": class_set().pk}),
    # lessons
    *[Page(who, "lessons:week") for who in ("noor", "sam", "hanna")],
    *[Page(who, "lessons:register", lambda: {"uid": lesson().uid}) for who in ("noor", "sam", "hanna")],
    *[Page(who, "lessons:child", lambda: {"uid": child().uid}) for who in ("noor", "sam", "hanna")],
    Page("sam", "lessons:missing"),
    Page("sam", "lessons:quarantine"),
    *[Page("sam", route) for route in ("lessons:groups", "schools:years")],
    Page("sam", "lessons:plan", lambda: {"pk": group().pk}),
    # schools
    *[Page(who, "schools:schools") for who in ("sam", "noor", "hanna", "ola")],
    Page("sam", "schools:schools", query="q=0002"),
    *[Page(who, "schools:school", lambda: {"school": school().pk}) for who in ("sam", "noor", "hanna", "ola")],
    *[Page(who, "schools:group", lambda: {"group": group().pk}) for who in ("sam", "noor", "hanna")],
    Page("sam", "schools:assign_teacher", lambda: {"group": group().pk}),
    *[Page(who, "schools:child", lambda: {"child": child().uid}) for who in ("sam", "noor", "hanna")],
    *[Page(who, "schools:playing", lambda: {"child": child().uid}) for who in ("sam", "noor")],
    Page("sam", "schools:children", query="of={am}"),
    Page("ola", "schools:register", query="q=plaats 12"),
    Page("ola", "schools:registered", lambda: {"registered": RegisteredSchool.objects.earliest("pk").pk}),
    Page("ola", "schools:enter"),
    # office
    Page("ola", "people:accounts"),
    Page("ola", "people:accounts", query="q=teacher1"),
    Page("ola", "people:account", lambda: {"account": Account.objects.get(email="noor@stad.example").uid}),
    Page("ola", "people:invite"),
    *[Page("ola", route) for route in ("network:calendar", "network:grades")],
    Page("ola", "network:add_holiday"),
    # depot, many at once
    Page("joost", "depot:labels"),
    Page("joost", "depot:list_upload"),
    # rosters
    Page("sam", "schools:roster", lambda: {"pk": school().pk}),
    Page(
        "sam",
        "schools:roster_import",
        lambda: {"pk": school().pk, "import_pk": school().roster_imports.latest("pk").pk},
    ),
]
# Routes with GET that are no list and no page about one thing, and why.
EXCUSED = {
    "shared:language": "sets a cookie",
    "shared:about": "a text",
    "shared:style": "shows parts, reads nothing",
    "shared:health": "no page",
    "network:change_holiday": "the form of network:add_holiday",
    "home:story": "a giver's page: two queries of their own gifts, once in a while",
    **dict.fromkeys(["depot:gift", "depot:new_gift", "depot:donor_link"], "one gift, a few times a year"),
    "depot:revoke_link": "takes a form, shows nothing",
    "people:invitation": "the way in for who has no account yet",
    "depot:list_preview": "a stock list that somebody uploaded: as long as the file",
    "depot:values": "adds up the whole stock, as the lists for the insurer do",
    "depot:insurer_list": "a file: it grows with the stock",
    **dict.fromkeys(
        ["depot:change_owner", "depot:value", "depot:home_rules", "depot:value_rules", "depot:shelf_labels"],
        "a form of two or three fields, used once a year",
    ),
    "depot:export": "a file: it grows with the stock and goes out row by row",
    **dict.fromkeys(
        [
            *["lessons:close", "lessons:cancel", "lessons:marks", "lessons:decide"],
            *["lessons:seats", "network:load_holidays", "network:remove_holiday", "network:confirm_holiday"],
            *["people:suspend", "people:restore", "people:new_invitation", "people:give_posting", "people:end_posting"],
            *["people:vog", "schools:end_teaching", "schools:start"],
            *["schools:apply_roster", "schools:undo_roster", "schools:discard_roster"],
        ],
        "takes a form or a batch, shows nothing",
    ),
    "depot:tag": "leads on to the instrument, or says how to give it back",
}


def routes(resolver: URLResolver | None = None, space: str = "") -> Iterator[str]:
    """The names of all routes of our own rooms."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            yield from routes(pattern, f"{space}{pattern.namespace}:" if pattern.namespace else space)
        elif isinstance(pattern, URLPattern) and pattern.name and space:
            yield f"{space}{pattern.name}"


def unmeasured() -> set[str]:
    return set(routes()) - {page.route for page in PAGES} - set(EXCUSED)


@dataclass(frozen=True)
class Rendering:
    template: Template
    context: dict[str, Any] | None
    request: Any
    html: str
    language: str
    zone: ZoneInfo

    def again(self) -> str:
        with translation.override(self.language), timezone.override(self.zone):
            return self.template.render(self.context, self.request)


@dataclass
class Watched:
    """What one visit of a page did."""

    queries: list[tuple[str, Any]]
    renderings: list[Rendering]
    status: str = ""


class Visit:
    """One page for one person, straight through the WSGI application."""

    application = None

    def __init__(self, page: Page) -> None:
        Visit.application = Visit.application or get_wsgi_application()
        client = Client()
        account = Account.objects.get(email=f"{page.who}@stad.example")
        client.force_login(account)
        cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
        address = reverse(page.route, kwargs=page.arguments())
        if page.query:
            sealed = sealed_words(reverse("schools:children"), "am")
            address += f"?{page.query.format(group=group().pk, am=sealed)}"
        request = RequestFactory(HTTP_HOST="localhost", HTTP_COOKIE=cookies, HTTP_ACCEPT_LANGUAGE="nl").get(address)
        self.environ = request.environ
        self.status = ""

    def __call__(self) -> None:
        answer = Visit.application(dict(self.environ), self._start)
        for _ in answer:
            pass
        answer.close()

    def _start(self, status: str, headers: Any, exc_info: Any = None) -> None:
        self.status = status

    def watched(self) -> Watched:
        watched = Watched([], [])
        with executed(watched.queries), rendered(watched.renderings):
            self()
        watched.status = self.status
        return watched


@contextmanager
def executed(queries: list[tuple[str, Any]]) -> Iterator[None]:
    def keep(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if not sql.startswith(("BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK", "SET ")):
            queries.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(keep):
        yield


@contextmanager
def rendered(renderings: list[Rendering]) -> Iterator[None]:
    """Keeps the outermost renderings: a form inside a page renders templates of its own."""
    original, depth = Template.render, 0

    def render(self: Template, context: Any = None, request: Any = None) -> str:
        nonlocal depth
        depth += 1
        try:
            html = original(self, context, request)
        finally:
            depth -= 1
        if not depth:
            language, zone = translation.get_language(), timezone.get_current_timezone()
            renderings.append(Rendering(self, context, request, html, language, zone))
        return html

    Template.render = render
    try:
        yield
    finally:
        Template.render = original


def raw(queries: list[tuple[str, Any]]) -> Callable[[], None]:
    """Executes them again on the driver. Hashes of the audit trail are made new: an old one is refused."""
    reading = [bare(sql, params) for sql, params in queries if is_read(sql)]
    writing = [bare(sql, params) for sql, params in queries if not is_read(sql)]

    def execute() -> None:
        cursor = connection.connection.cursor()
        for sql, params in reading:
            cursor.execute(sql, params)
            cursor.fetchall()
        if writing:
            cursor.execute("BEGIN IMMEDIATE" if connection.vendor == "sqlite" else "BEGIN")
            for sql, params in writing:
                cursor.execute(sql, with_new_hashes(params))
                if cursor.description:
                    cursor.fetchall()
            cursor.execute("COMMIT")

    return execute


def is_read(sql: str) -> bool:
    return sql.lstrip("( ").startswith(("SELECT", "WITH"))


def bare(sql: str, params: Any) -> tuple[str, Any]:
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            sql = cursor.cursor.convert_query(sql)
    return sql, tuple(params or ())


def with_new_hashes(params: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(
        secrets.token_hex(32) if isinstance(value, str) and HASH.fullmatch(value) else value for value in params
    )


@contextmanager
def fetching() -> Iterator[list[float]]:
    """Adds up the time in which query sets and prepared reads fetch rows."""
    spent, now, depth = [0.0], clock(), 0

    def timed(original: Callable[..., Any], kept: Callable[[Any], Any] = lambda rows: rows) -> Callable[..., Any]:
        @functools.wraps(original)
        def fetch(*arguments: Any, **options: Any) -> Any:
            nonlocal depth
            depth += 1
            start = now()
            try:
                return kept(original(*arguments, **options))
            finally:
                depth -= 1
                if not depth:
                    spent[0] += now() - start

        return fetch

    with (
        mock.patch.object(QuerySet, "_fetch_all", timed(QuerySet._fetch_all)),
        mock.patch.object(QuerySet, "iterator", timed(QuerySet.iterator, lambda rows: iter(list(rows)))),
        mock.patch.object(QuerySet, "exists", timed(QuerySet.exists)),
        mock.patch.object(QuerySet, "count", timed(QuerySet.count)),
        mock.patch.object(Prepared, "__call__", timed(Prepared.__call__)),
        mock.patch.object(Prepared, "count", timed(Prepared.count)),
    ):
        yield spent


class Place:
    """The database of one size. `enter` makes it the site's database."""

    def __init__(self, url: str) -> None:
        where = {key: value for key, value in dj_database_url.parse(url).items() if key in ("NAME", "HOST", "USER")}
        self.database = connections["default"].__class__({**connections.databases["default"], **where})
        if self.database.vendor == "postgresql":
            self.database._connection_pools = {}  # Django keeps one pool per alias, and this alias is many databases
        self.enter()
        self.database.ensure_connection()

    def enter(self) -> None:
        connections["default"] = self.database


@dataclass
class Measured:
    """A page at one place, watched once."""

    place: Place
    visit: Visit
    watched: Watched
    differs: bool

    @classmethod
    def at(cls, place: Place, page: Page) -> "Measured":
        place.enter()
        visit = Visit(page)
        visit()
        watched = visit.watched()
        assert watched.status.startswith("200"), f"{page.name}: {watched.status}"
        size = sum(len(rendering.again()) for rendering in watched.renderings)
        differs = abs(size - sum(len(rendering.html) for rendering in watched.renderings)) > 64
        return cls(place, visit, watched, differs)

    def enter(self) -> None:
        self.place.enter()
        connection.ensure_connection()  # on PostgreSQL the visit before gave it back to the pool

    def render(self) -> float:
        """Returns the seconds that were spent fetching, which are not rendering."""
        with fetching() as spent:
            for rendering in self.watched.renderings:
                rendering.again()
        return spent[0]


def measure(page: Page, places: dict[str, Place], timed: list[str]) -> dict[str, dict[str, Any]]:
    """Per size what the page costs; milliseconds for the sizes in `timed`."""
    found = {size: Measured.at(place, page) for size, place in places.items()}
    turns = []
    for size in timed:
        it = found[size]
        it.enter()
        turns += [Turn(it.enter, it.visit), Turn(it.enter, raw(it.watched.queries)), Turn(it.enter, it.render)]
    times = iter(medians(turns, clock=clock()))
    answer: dict[str, dict[str, Any]] = {
        size: {"queries": len(it.watched.queries), "differs": it.differs} for size, it in found.items()
    }
    for size in timed:
        answer[size] |= {part: next(times) * 1000 for part in ("page", "raw", "rendering")}
    return answer


def main(names: str, *places: str) -> None:
    """`names`: only pages whose name holds it. `places`: "town=sqlite:///…" and so on."""
    urls = dict(place.split("=", 1) for place in places)
    open_places = {size: Place(url) for size, url in urls.items()}
    timed = [size for size in urls if size != "small"] or ["small"]
    found = {}
    for page in PAGES:
        if names in page.name:
            found[page.name] = measure(page, open_places, timed)
            print(f"{page.name} {found[page.name]}", file=sys.stderr)
    print(json.dumps({"database": database_version(), "pages": found, "unmeasured": sorted(unmeasured())}))
