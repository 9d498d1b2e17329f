"""What the depot counted and printed: a stocktake that is over, one that goes on, labels ahead, something found."""

import random
import uuid
from datetime import datetime, timedelta

from leerorkest.depot.actions import found, labels, stocktakes
from leerorkest.depot.models import Instrument, Stocktake
from leerorkest.network.models import Site
from leerorkest.people.access import Actor
from leerorkest.shared.actions import System


def load(*, depot: Site, school: Site, keeper: Actor, at: datetime, now: datetime, chance: random.Random) -> None:
    """`at`: when the depot was counted; the school is being counted since an hour before `now`."""
    over = start(depot, keeper, at)
    on_shelf = [line.instrument for line in over.expected.filter(why_out="").select_related("instrument")]
    stray = Instrument.objects.kept_by(school).order_by("pk").first()
    missing = 2 if len(on_shelf) > 4 else 0
    scan(over, [*on_shelf[missing:], *([stray] if stray else [])], keeper, at + timedelta(minutes=40), chance)
    stocktakes.finish_stocktake(stocktake=over, by=keeper, at=at + timedelta(hours=1))
    going_on = start(school, keeper, now - timedelta(hours=1))
    standing = [line.instrument for line in going_on.expected.filter(why_out="").select_related("instrument")[:5]]
    scan(going_on, standing, keeper, now - timedelta(minutes=50), chance)
    organisation = depot.organisation
    labels.print_ahead(organisation=organisation, count=65, by=keeper, at=at, batch_id=uuid.uuid4())
    if stray:
        found.report_found(
            text=stray.tag,
            message="It was left on bus 22 and lies at the desk of the depot of the buses.",
            reply="",
            by=System("finder"),
            at=now - timedelta(hours=5),
            notice_id=uuid.uuid4(),
        )


def start(site: Site, keeper: Actor, at: datetime) -> Stocktake:
    return stocktakes.open_stocktake(site=site, by=keeper, at=at, stocktake_id=uuid.uuid4())


def scan(stocktake: Stocktake, rows: list[Instrument], keeper: Actor, at: datetime, chance: random.Random) -> None:
    chance.shuffle(rows)
    sent = [
        {
            "id": str(uuid.uuid4()),
            "stocktake": str(stocktake.pk),
            "text": row.tag,
            "device": str(uuid.uuid4()),
            "device_sequence": number,
            "made_at": at.isoformat(),
        }
        for number, row in enumerate(rows)
    ]
    for begin in range(0, len(sent), 100):
        stocktakes.receive_scans(batch=sent[begin : begin + 100], by=keeper, at=at)
