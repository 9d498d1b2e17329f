"""The clerks of `bench.soak`: a stage, processes that act on it at once, and the judgement. Runs inside the site."""

import json
import multiprocessing
import os
import random
import time
import uuid
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from django.core.management import call_command
from django.db import connection, connections

from leerorkest.depot import actions
from leerorkest.depot.models import Handover, Instrument, Instruments
from leerorkest.depot.queries import hang_all_parties
from leerorkest.depot.soundness import faults
from leerorkest.network.models import Site
from leerorkest.people.models import Child
from leerorkest.shared import audit
from leerorkest.shared.actions import Refused, System, action
from leerorkest.shared.prepared import prepared
from tests import make

INSTRUMENTS, SCHOOLS, CHILDREN = 160, 4, 60


def main(operations: str, clerks: str) -> None:
    """Prints what came of it as JSON."""
    epoch = time.monotonic()  # the same for all processes of a machine
    call_command("migrate", verbosity=0)
    stage = set_the_stage()
    connections.close_all()
    close_pools()
    fork = multiprocessing.get_context("fork")
    gate, results = fork.Barrier(int(clerks)), fork.SimpleQueue()
    share = -(-int(operations) // int(clerks))
    crew = [fork.Process(target=clerk, args=(n, share, stage, epoch, gate, results)) for n in range(int(clerks))]
    start = time.monotonic()
    for one in crew:
        one.start()
    met: Counter[str] = Counter()
    times: list[float] = []
    for _ in crew:
        outcomes, took = results.get()
        met.update(outcomes)
        times += took
    for one in crew:
        one.join()
    seconds = time.monotonic() - start
    print(json.dumps({"seconds": seconds, "clerks": int(clerks), "met": met, **judged(met, times)}))


def judged(met: Counter[str], times: list[float]) -> dict[str, Any]:

    found = faults()
    if broken := len(list(audit.broken_links())):
        found["broken links of the audit trail"] = broken
    handovers = Handover.objects.exclude(sort="intake").count()
    told = sum(met[name] for name in DONE) + met["swap"]  # a swap is two
    if handovers != told:
        found[f"handovers, where the clerks were told {told}"] = handovers
    if odd := {name: n for name, n in met.items() if name not in DONE and name not in EXPECTED}:
        found[f"answers that no clerk should get: {odd}"] = sum(odd.values())
    times.sort()
    at = {"median": times[len(times) // 2] * 1000, "p99": times[len(times) * 99 // 100] * 1000}
    return {"faults": found, "handovers": handovers, **at}


DONE = ("lend", "give_back", "swap", "issue_class_set", "take_back")
EXPECTED = ("AlreadyLent", "NeverLent", "NotAtThisSite", "AlreadyThere", "TooEarly")  # somebody was first


def set_the_stage() -> dict[str, Any]:
    """A depot, four schools, children who play, and fewer instruments than the clerks can keep apart."""
    organisation = make.make_organisation()
    depot = make.make_site("Depot", organisation=organisation, sort=Site.DEPOT)
    children: dict[int, list[int]] = {}
    for _ in range(SCHOOLS):
        group = make.make_group(make.make_school(organisation=organisation))
        children[group.school.site_id] = [make.make_child(group, f"Kind{n}").pk for n in range(CHILDREN // SCHOOLS)]
    instruments = [make.make_instrument(depot, number=str(n)).pk for n in range(1, INSTRUMENTS + 1)]
    return {"depot": depot.pk, "children": children, "instruments": instruments}


def clerk(number: int, share: int, stage: dict[str, Any], epoch: float, gate: Any, results: Any) -> None:
    """One process: `share` acts, each on what the clerk has just seen."""
    os.nice(15)  # whoever else works on this machine goes first
    chance = random.Random(number)
    sites = {site.pk: site for site in Site.objects.select_related("organisation")}
    children = {child.pk: child for child in Child.objects.all()}
    met: Counter[str] = Counter()
    times = []
    gate.wait(timeout=300)
    for _ in range(share):
        act, inputs = choose(chance, stage, sites, children)
        inputs |= {"at": make.NOW + timedelta(seconds=time.monotonic() - epoch), "handover_id": uuid.uuid4()}
        start = time.monotonic()
        try:
            act(**inputs)
            met[act.__name__] += 1
            if chance.random() < 0.1:
                act(**inputs)  # the same act, sent once more
        except Refused as refusal:
            met[type(refusal).__name__] += 1
        except Exception as error:
            met[f"{type(error).__name__}: {error}"[:200]] += 1
        times.append(time.monotonic() - start)
    results.put((met, times))


@prepared
def _seen(instruments: tuple[int, ...]) -> Instruments:
    return Instrument.objects.filter(pk__in=instruments)


def choose(
    chance: random.Random, stage: dict[str, Any], sites: dict[int, Site], children: dict[int, Child]
) -> tuple[Any, dict[str, Any]]:
    """What can be done with an instrument as this clerk sees it now."""
    by = {"by": System("soak")}
    seen = hang_all_parties(_seen(tuple(chance.sample(stage["instruments"], 3))))
    row = seen[0]
    if row.holding:
        free = [one for one in seen[1:] if not one.holding and one.keeper.pk == row.keeper.pk]
        if free and chance.random() < 0.5:
            child = row.holding.child
            return swap, {"back": row, "out": free[0], "child": child, **by}
        return actions.give_back, {"instruments": [row], **by}
    if row.keeper.sort == Site.DEPOT:
        site = sites[chance.choice(list(stage["children"]))]
        free = [one for one in seen if not one.holding and one.keeper.sort == Site.DEPOT]
        return actions.issue_class_set, {"instruments": free, "site": site, **by}
    if chance.random() < 0.2:
        return actions.take_back, {"instruments": [row], "site": sites[stage["depot"]], **by}
    child = children[chance.choice(stage["children"][row.keeper.pk])]
    goes_home = chance.choice([True, False, None])
    return actions.lend, {"instrument": row, "child": child, "goes_home": goes_home, **by}


def swap(*, back: Any, out: Any, child: Any, by: Any, at: datetime, handover_id: uuid.UUID) -> None:
    """One instrument comes back and another goes out to the same child: both, or neither."""

    @action
    def both(*, by: Any, at: datetime) -> None:
        actions.handovers.locked([back, out])  # in the order of their id, before either is touched
        actions.give_back(instruments=[back], by=by, at=at, handover_id=handover_id)
        actions.lend(
            instrument=out, child=child, by=by, at=at, handover_id=uuid.uuid5(handover_id, "out"), goes_home=False
        )

    both(by=by, at=at)


def close_pools() -> None:
    """A forked process makes a pool of its own."""
    if connection.vendor == "postgresql":
        connection.close_pool()  # type: ignore[attr-defined]
