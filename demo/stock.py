"""What lies in the depot besides the class sets: shelves, a kit, gifts, and a violin that nobody can find."""

import uuid
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from leerorkest.depot.actions import NewInstrument, gifts, issue_class_set, kits, lend, owners, places, take_in
from leerorkest.depot.models import Instrument
from leerorkest.depot.rules import Assessment, Where
from leerorkest.music.models import InstrumentKind, Size
from leerorkest.network.models import Organisation, Site
from leerorkest.people.access import Actor
from leerorkest.people.models import Child

SHELF_OF = {"violin": "A1", "viola": "A2", "cello": "B1", "flute": "C1", "clarinet": "C2", "trumpet": "D1"}


def load(
    *, organisation: Organisation, depot: Site, keeper: Actor, school: Site, at: datetime, is_island: bool
) -> None:
    """`at`: a moment after the class sets went out."""

    def act(action: Callable[..., Any], later: int, **inputs: Any) -> Any:
        return action(by=keeper, at=at + timedelta(hours=later), handover_id=uuid.uuid4(), **inputs)

    in_depot = Instrument.objects.kept_by(depot).on_shelf().order_by("kind", "pk")
    for kind, shelf in SHELF_OF.items():
        if rows := list(in_depot.filter(kind=kind)):
            act(places.move, 0, instruments=rows, where=Where.SITE, site=depot, shelf=shelf)
    violins = list(in_depot.filter(kind="violin"))
    kinds = InstrumentKind.objects.in_bulk(["violin-bow", "case", "violin"])
    half = Size.objects.filter(kind="violin-bow", code="1/2").first()
    came_in = act(
        take_in,
        1,
        site=depot,
        instruments=[
            NewInstrument(kind=kinds["violin-bow"], size=half, number="1", brand="Dörfler"),
            NewInstrument(kind=kinds["case"], number="1", brand="Gewa"),
        ],
    )
    bow_and_case = list(Instrument.objects.of_handover(came_in))
    act(kits.join, 2, instruments=[violins[0], *bow_and_case], name="Viool met goede stok")
    act(owners.change_owner, 2, instruments=violins[1:3], owner="Land Curaçao" if is_island else "Gemeente Amsterdam")
    act(places.move, 3, instruments=[violins[-1]], where=Where.UNKNOWN, note="niet gevonden bij het tellen")
    load_gifts(organisation, depot, keeper, school, kinds["violin"], at)


def load_gifts(
    organisation: Organisation, depot: Site, keeper: Actor, school: Site, violin: InstrumentKind, at: datetime
) -> None:
    """One gift that a child plays, one on the bench, one that came in this week."""
    acting: dict[str, Any] = {"by": keeper, "at": at}
    day: date = organisation.day_at(at)
    family = gifts.add_donor(
        organisation=organisation, name="Familie Van Dam", is_anonymous=False, contact="vandam@demo.example", **acting
    )
    unnamed = gifts.add_donor(organisation=organisation, name="Mevrouw S.", is_anonymous=True, contact="", **acting)
    half = Size.objects.filter(kind=violin, code="1/2").first()
    for donor, words, verdict in (
        (family, "Viool van oma, met koffer", Assessment.PLAYABLE),
        (unnamed, "Viool zonder snaren", Assessment.WORK),
        (unnamed, "Viool in een kist van zolder", None),
    ):
        gift = gifts.receive_gift(donor=donor, kind=violin, description=words, came_in_on=day, **acting)
        if verdict:
            gifts.assess_gift(gift=gift, assessment=verdict, note="", **acting)
        if verdict is Assessment.PLAYABLE:
            new = NewInstrument(kind=violin, size=half, number=f"G{gift.pk}")
            played = gifts.take_in_gift(gift=gift, site=depot, new=new, handover_id=uuid.uuid4(), **acting)
            issue_class_set(instruments=[played], site=school, handover_id=uuid.uuid4(), **acting)
            waits = Child.objects.filter(enrolments__school__site=school, custodies=None).order_by("pk").first()
            if waits:
                later: dict[str, Any] = {"by": keeper, "at": at + timedelta(days=1)}
                lend(instrument=played, child=waits, handover_id=uuid.uuid4(), **later)
