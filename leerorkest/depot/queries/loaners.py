"""Who waits for which instrument, and what they could play meanwhile."""

from collections.abc import Iterable
from datetime import date

from django.db.models import Case, Count, Exists, F, IntegerField, Max, OuterRef, Q, QuerySet, Subquery, Value, When

from leerorkest.network.models import Site
from leerorkest.people.models import Child
from leerorkest.schools.models import Enrolment

from ..models import Custody, Defect, Instrument, Instruments, Loaner, Repair


def plays_on(child: OuterRef | Child, kind: OuterRef | str) -> QuerySet[Custody]:
    """What a child has in care now of that kind that can be played."""
    stopping = Defect.objects.stopping().filter(instrument=OuterRef("instrument"))
    return Custody.objects.open().holders().filter(~Exists(stopping), child=child, instrument__kind=kind)


def stopping_for_waiting_children() -> QuerySet[Defect]:
    """Open defects that leave a child without anything to play on: asked of the defect, so that an index answers."""
    has = plays_on(OuterRef("holding__child"), OuterRef("instrument__kind"))
    return Defect.objects.stopping().filter(~Exists(has), holding__child__isnull=False)


def child_waits_for(at: str) -> Exists:
    """Does a child wait for the instrument to which `at` leads from the row?"""
    return Exists(stopping_for_waiting_children().filter(instrument=OuterRef(at)))


def waiting_child(defect: Defect, on: date) -> Child | None:
    """The child who held it when it broke, while it is at a school of ours and has nothing else to play on."""
    if defect.ended_at or not defect.stops_play or defect.holding is None or defect.holding.child is None:
        return None
    child = defect.holding.child
    if not Enrolment.objects.on(on).filter(child=child).exists() or plays_on(child, defect.instrument.kind_id).exists():
        return None
    return child


def school_of(child: Child, on: date) -> Site | None:
    enrolled = Enrolment.objects.on(on).filter(child=child).select_related("school__site__organisation").first()
    return enrolled.school.site if enrolled else None


def proposals(instruments: Instruments, own: Instrument, school: Site) -> Instruments:
    """Instruments that could stand in for `own`, nearest first: at the child's school, then in the stock, then at other
    places; of those the least worn, and of these the one that stood longest."""
    keeper = Custody.objects.open().keepers().filter(instrument=OuterRef("pk"))
    fitting = instruments.filter(organisation=own.organisation_id, kind=own.kind_id, size=own.size_id)
    near = Case(
        When(keeper_id=school.pk, then=Value(0)),
        When(keeper_sort__in=[Site.DEPOT, Site.WORKSHOP, Site.VAN], then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    last_back = Max("custodies__ended_at", filter=Q(custodies__level="holder"))
    return (
        fitting.exclude(pk=own.pk)  # type: ignore[misc]  # the plugin forgets what was annotated
        .available()
        .numbered()
        .annotate(times_lent=Count("custodies", filter=Q(custodies__level="holder")))
        .annotate(keeper_id=Subquery(keeper.values("site")[:1]), keeper_sort=Subquery(keeper.values("site__sort")[:1]))
        .annotate(near=near, last_back=last_back)
        .order_by("near", "times_lent", F("last_back").asc(nulls_first=True), "number_length", "number", "pk")
    )


def loaner_of(repair: Repair) -> Loaner | None:
    """The loaner that is out for what this ticket is about."""
    out = Loaner.objects.open().filter(instead_of=repair.instrument_id)
    return out.select_related("custody__child__organisation", "custody__instrument__kind").first()


def child_of(repair: Repair, on: date) -> Child | None:
    """To whom the instrument goes back: who has a loaner for it, or else who waited for it when it broke and still has
    nothing of this kind; None when nobody does."""
    loaner = loaner_of(repair)
    if loaner:
        return loaner.custody.child
    held = Custody.objects.open().holders()
    if held.filter(instrument=repair.instrument_id).exists():
        return None  # it was mended where the child has it
    enrolled = Enrolment.objects.on(on).filter(child=OuterRef("holding__child"))
    has = held.filter(child=OuterRef("holding__child"), instrument__kind=OuterRef("instrument__kind"))
    waited = Defect.objects.filter(Exists(enrolled), ~Exists(has), tickets__repair=repair)
    defect = waited.filter(holding__child__isnull=False).select_related("holding__child__organisation").first()
    return defect.holding.child if defect and defect.holding else None


def waiting(instruments: Iterable[Instrument] | Instruments) -> QuerySet[Defect]:
    """The defects, oldest first, for which a child has nothing to play on."""
    found = stopping_for_waiting_children().filter(instrument__in=instruments)
    return found.select_related("instrument__kind", "instrument__size", "kind").order_by("reported_at", "pk")
