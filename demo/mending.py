"""What is broken in the demo, and what the workshop does about it."""

import uuid
from datetime import datetime, timedelta
from decimal import Decimal

from leerorkest.depot.actions.defects import report_defect
from leerorkest.depot.actions.loaners import lend_loaner
from leerorkest.depot.actions.parts import add_part, buy_part, use_part
from leerorkest.depot.actions.repairs import (
    assign_repair,
    do_step,
    finish_repair,
    open_repair,
    receive_repair,
    sign_step,
)
from leerorkest.depot.models import Custody, DefectKind, Instrument
from leerorkest.depot.queries.loaners import proposals
from leerorkest.depot.rules import Mending
from leerorkest.network.actions import put_on_map
from leerorkest.network.models import Site
from leerorkest.people.access import Actor
from leerorkest.schools.models import School

MAP = [("52.3731", "4.9222"), ("52.3660", "4.8720"), ("52.3874", "4.9270")]  # the workshop, then schools


def load(
    *,
    workshop: Site,
    master: Actor,
    trainee: Actor,
    coordinator: Actor,
    keeper: Actor,
    schools: list[School],
    now: datetime,
) -> None:
    """What broke at one school in the last days: a loaner that is out, a ticket half done, a round, a new report."""
    for site, point in zip([workshop, *(school.site for school in schools)], MAP, strict=False):
        put_on_map(site=site, point=(Decimal(point[0]), Decimal(point[1])), by=coordinator, at=now)
    held = Custody.objects.open().holders().filter(child__enrolments__school=schools[0], instrument__kind="violin")
    held = held.filter(started_at__lt=now - timedelta(days=6, hours=1))
    broken = [custody.instrument for custody in held.select_related("instrument__kind").order_by("pk")[:4]]
    kinds = {kind.pk: kind for kind in DefectKind.objects.filter(shape="bowed")}
    string = add_part(
        site=workshop,
        name="E-snaar, viool 1/2",
        kind=broken[0].kind,
        size=broken[0].size,
        mends=[kinds["bowed-string-broken"]],
        reorder_at=4,
        price=Decimal("2.40"),
        by=master,
        at=now - timedelta(days=9),
    )
    buy_part(part=string, quantity=6, movement_id=uuid.uuid4(), by=master, at=now - timedelta(days=9))
    codes = ("bowed-string-broken", "bowed-peg-slips", "bowed-bridge-fell", "bowed-tuner-stuck")
    for number, (instrument, code) in enumerate(zip(broken, codes, strict=True)):
        at = now - timedelta(days=6, minutes=number)
        defect = report_defect(instrument=instrument, kind=kinds[code], by=coordinator, at=at, defect_id=uuid.uuid4())
        if number in (0, 1):
            own = Instrument.objects.get(pk=instrument.pk)
            loaner = proposals(Instrument.objects.all(), own, schools[0].site).first()
            if loaner:
                lend_loaner(
                    defect=defect,
                    loaner=loaner,
                    by=keeper,
                    at=at + timedelta(hours=1),
                    handover_id=uuid.uuid4(),
                )
        if number == 3:
            continue
        later = now - timedelta(days=4, minutes=number)
        made = open_repair(
            defects=[defect],
            workshop=workshop,
            on_site=number == 2,
            by=master,
            at=later,
            repair_id=uuid.uuid4(),
        )
        assign_repair(repair=made, to=trainee.account, by=master, at=later)
        steps = list(made.steps.all())
        if number < 2:
            receive_repair(repair=made, by=master, at=later, handover_id=uuid.uuid4())
            for step in steps if number == 0 else steps[:1]:
                do_step(step=step, minutes=15, by=trainee, at=later + timedelta(hours=1))
        if number == 0:
            use_part(part=string, quantity=1, repair=made, movement_id=uuid.uuid4(), by=trainee, at=later)
            for step in steps:
                sign_step(step=step, by=master, at=later + timedelta(hours=2))
            finish_repair(repair=made, outcome=Mending.MENDED, by=master, at=later + timedelta(hours=3))
