"""400,000 instruments with 4 million custody rows: from a scan to its answer, one instrument, a stocktake.

`./run bench custody [--instruments 400000]`. The small programme is filled first; the many instruments come beside it
in the same organisation, each with ten periods of custody, by the database's bulk road with every guard in force.
"""

import hashlib
import json
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from django.db import connection, transaction

from bench.fill import NOW, TODAY, Sink, fill, first_id
from bench.fill import SIZES as FILLED
from bench.measure import Turn, clock, database_version, medians
from bench.pages import Page, Visit, executed, fetching, raw
from leerorkest.depot import access, rules
from leerorkest.depot.actions.stocktakes import open_stocktake, receive_scans
from leerorkest.depot.models import Custody, Handover, Instrument, Ownership, Placement, Stocktake
from leerorkest.network.models import Organisation, Site
from leerorkest.people.access import actor_of
from leerorkest.people.models import Account, Child

LOANS = 8  # and two keepers: ten periods
COUNTED = 5_000  # in a stocktake
AT_ONCE = 20_000  # instruments of one transaction
CAME = datetime(2017, 9, 1, 9, tzinfo=UTC)


def main(instruments: str) -> None:
    start = time.perf_counter()
    fill(FILLED["small"])
    many(int(instruments))
    print(f"filled in {time.perf_counter() - start:.0f} s", file=sys.stderr)
    quiet, busy = Instrument.objects.get(number="N7"), Instrument.objects.get(number="N8")
    more_loans(busy, 500)
    found = {
        "instruments": Instrument.objects.count(),
        "custodies": Custody.objects.count(),
        "scan": scan(quiet.tag),
        "found": visit(Page("joost", "depot:find", query=f"tag={quiet.tag}")),
        "page": visit(Page("joost", "depot:instrument", lambda: {"uid": quiet.uid})),
        "page of 500 loans": visit(Page("joost", "depot:instrument", lambda: {"uid": busy.uid})),
        "any date": visit(Page("joost", "depot:instrument", lambda: {"uid": quiet.uid}, "on=2019-03-01")),
        **stocktake(),
    }
    print(json.dumps({"database": database_version(), **found}))


# --- filling ------------------------------------------------------------------------------------------------
def many(count: int) -> None:
    sink = Sink(Random(11), tags=set(Instrument.objects.values_list("tag", flat=True)))
    organisation = Organisation.objects.get(key="stad")
    depot, school = (
        Site.objects.filter(organisation=organisation, sort="depot").first(),
        Site.objects.filter(organisation=organisation, sort="school").first(),
    )
    assert depot
    assert school
    children = list(Child.objects.filter(organisation=organisation).values_list("pk", flat=True)[:300])
    first = first_id(Instrument)
    for begin in range(0, count, AT_ONCE):
        some(
            sink,
            organisation,
            depot.pk,
            school.pk,
            children,
            range(first + begin, first + min(begin + AT_ONCE, count)),
            first,
        )
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")


def some(
    sink: Sink, organisation: Organisation, depot: int, school: int, children: list[int], ids: range, first: int
) -> None:
    """One handover of each sort for all of these; the guards look at every row all the same."""
    moments = [CAME + timedelta(days=150 * n) for n in range(2 * LOANS + 2)]
    handovers = [sink.uid() for _ in moments]
    sorts = ["intake", "issue", *["lend", "return"] * LOANS]
    sink.write(
        Handover,
        ["id", "organisation_id", "sort", "at", "by_id", "by_key", "note", "content_hash"],
        (
            (pk, organisation.pk, sort, written(at), None, "system:bench", "", hashlib.sha256(pk.encode()).hexdigest())
            for pk, sort, at in zip(handovers, sorts, moments, strict=True)
        ),
    )
    keepings = {pk: (sink.uid(), sink.uid()) for pk in ids}
    with transaction.atomic():
        sink.write(
            Instrument,
            ["id", "uid", "organisation_id", "tag", "number", "kind_id", "currency", "first_keeping_id"],
            (
                (pk, sink.uid(), organisation.pk, tag(sink), f"N{pk - first}", "violin", "EUR", keepings[pk][0])
                for pk in ids
            ),
        )
        columns = ["id", "instrument_id", "level", "site_id", "child_id", "started_at", "ended_at"]
        sink.write(
            Custody,
            [*columns, "began_with_id", "ended_with_id", "followed_by_id"],
            custodies(sink, depot, school, children, keepings, handovers, moments),
        )
        period = ["started_at", "ended_at", "began_with_id", "ended_with_id"]
        came, issued = (written(moments[0]), handovers[0]), (written(moments[1]), handovers[1])
        sink.write(
            Placement,
            ["id", "instrument_id", "sort", "site_id", "shelf", *period],
            (
                row
                for pk in ids
                for row in (
                    (sink.uid(), pk, "site", depot, "", came[0], issued[0], came[1], issued[1]),
                    (sink.uid(), pk, "site", school, "", issued[0], None, issued[1], None),
                )
            ),
        )
        sink.write(
            Ownership,
            ["id", "instrument_id", "organisation_id", "name", *period],
            ((sink.uid(), pk, organisation.pk, "", came[0], None, came[1], None) for pk in ids),
        )


def tag(sink: Sink) -> str:
    while (made := rules.new_tag(sink.chance)) in sink.tags:
        pass
    sink.tags.add(made)
    return made


def written(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}"


def custodies(
    sink: Sink,
    depot: int,
    school: int,
    children: list[int],
    keepings: dict[int, tuple[str, str]],
    handovers: list[str],
    moments: list[datetime],
) -> Iterator[tuple[Any, ...]]:
    at = [written(moment) for moment in moments]
    for pk, (first, second) in keepings.items():
        yield (first, pk, "keeper", depot, None, at[0], at[1], handovers[0], handovers[1], second)
        yield (second, pk, "keeper", school, None, at[1], None, handovers[1], None, None)
        for n in range(LOANS):
            lent, back = 2 + 2 * n, 3 + 2 * n
            child = children[(pk + n) % len(children)]
            yield (sink.uid(), pk, "holder", None, child, at[lent], at[back], handovers[lent], handovers[back], None)


def more_loans(instrument: Instrument, count: int) -> None:
    """A history longer than any in life: it must not take more queries."""
    last = CAME + timedelta(days=150 * (2 * LOANS + 2))
    child = Child.objects.filter(organisation=instrument.organisation).earliest("pk")
    for n in range(count):
        made = [
            Handover.objects.create(
                organisation=instrument.organisation,
                sort=sort,
                at=last + timedelta(minutes=2 * n + later),
                by_key="system:bench",
                content_hash=f"{n}{sort}",
            )
            for later, sort in enumerate(("lend", "return"))
        ]
        period = {"started_at": made[0].at, "began_with": made[0], "ended_at": made[1].at, "ended_with": made[1]}
        Custody.objects.create(instrument=instrument, level="holder", child=child, **period)


# --- a stocktake -----------------------------------------------------------------------------------------------
def stocktake() -> dict[str, Any]:
    """A hall with 5,000 instruments: what everybody who counts there waits for, when half of them are scanned."""
    organisation = Organisation.objects.get(key="stad")
    hall = Site.objects.create(organisation=organisation, name="Hal", sort=Site.DEPOT)
    depot = Site.objects.filter(organisation=organisation, sort="depot").exclude(pk=hall.pk).first()
    assert depot
    children = list(Child.objects.filter(organisation=organisation).values_list("pk", flat=True)[:300])
    first = first_id(Instrument)
    sink = Sink(Random(12), tags=set(Instrument.objects.values_list("tag", flat=True)))
    some(sink, organisation, depot.pk, hall.pk, children, range(first, first + COUNTED), first - 1_000_000)
    joost = actor_of(Account.objects.get(email="joost@stad.example"), TODAY)
    start = time.perf_counter()
    made = open_stocktake(site=hall, by=joost, at=NOW, stocktake_id=uuid.uuid4())
    opened = time.perf_counter() - start
    tags = list(Instrument.objects.filter(pk__gte=first).order_by("pk").values_list("tag", flat=True))
    device, waits = str(uuid.uuid4()), []
    for number, tag in enumerate(tags[: COUNTED // 2]):
        start = time.perf_counter()
        (receipt,) = receive_scans(batch=[scan_of(made, tag, device, number)], by=joost, at=NOW)
        waits.append((time.perf_counter() - start) * 1000)
        assert receipt.outcome == "here", receipt
    waits.sort()
    pages = {
        "stocktake": Page("joost", "depot:stocktake", lambda: {"pk": made.pk}),
        "stocktake: what a phone keeps": Page("joost", "depot:stocktake_expected", lambda: {"pk": made.pk}),
        "stocktake: results": Page("joost", "depot:stocktake_results", lambda: {"pk": made.pk}),
    }
    return {
        **{name: visit(page) for name, page in pages.items()},
        "opened": opened,
        "scans": {"median": waits[len(waits) // 2], "p99": waits[len(waits) * 99 // 100]},
    }


def scan_of(made: Stocktake, tag: str, device: str, number: int) -> dict[str, Any]:
    facts = {"id": str(uuid.uuid4()), "stocktake": str(made.pk), "text": tag, "device": device}
    return {**facts, "device_sequence": number, "made_at": "2026-11-24T08:10:00.000+00:00"}


# --- measuring ----------------------------------------------------------------------------------------------
def scan(tag: str) -> dict[str, float]:
    """What a desk asks of a scanned label, through its door: the instrument with who keeps and who has it."""
    queries: list[tuple[str, Any]] = []
    joost = actor_of(Account.objects.get(email="joost@stad.example"), TODAY)

    def ask() -> None:
        assert access.scanned_to_lend(joost, tag)

    ask()  # composed once

    with executed(queries):
        ask()
    asked, bare = timed(ask, raw(queries))
    return {"asked": asked, "raw": bare, "queries": len(queries)}


def visit(page: Page) -> dict[str, float]:
    """The whole page, its queries on the bare driver, and the bare rendering of its template."""
    there = Visit(page)
    there()
    watched = there.watched()
    assert watched.status[:3] in ("200", "302"), watched.status

    def render() -> float:
        with fetching() as spent:
            for rendering in watched.renderings:
                rendering.again()
        return spent[0]

    whole, bare, rendering = timed(there, raw(watched.queries), render)
    return {"asked": whole, "raw": bare, "rendering": rendering, "queries": len(watched.queries)}


def timed(*works: Callable[[], Any]) -> list[float]:
    """Milliseconds of each, taking turns."""

    def counted(work: Callable[[], Any]) -> Callable[[], float | None]:
        return lambda: spared if isinstance(spared := work(), float) else None

    turns = [Turn(connection.ensure_connection, counted(work)) for work in works]
    return [seconds * 1000 for seconds in medians(turns, clock=clock())]
