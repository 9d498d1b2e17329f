"""How long the way is, what is on it, and what is on loan."""

from datetime import date, timedelta

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet

from leerorkest.network.models import Site
from leerorkest.shared.prepared import prepared

from ..models import Custody, FreightTime, Instrument, Loan, Loans, Shipment, ShipmentItem
from ..rules import Level


def freight_weeks(organisation_id: int, to: Site) -> int:
    """Weeks to this place: its own, else those of its organisation, else one; none within an organisation."""
    times = FreightTime.objects.filter(Q(site=to) | Q(organisation=to.organisation_id, site=None))
    known = {time.site_id: time.weeks for time in times}
    return known.get(to.pk, 0 if to.organisation_id == organisation_id else known.get(None, 1))


def leaves_on(organisation_id: int, to: Site, needed_on: date) -> date:
    return needed_on - timedelta(weeks=freight_weeks(organisation_id, to))


def with_counts(shipments: QuerySet[Shipment]) -> QuerySet[Shipment]:
    """With how many were sent, received and are missing."""
    return shipments.select_related("organisation", "to_site__organisation").annotate(
        sent=Count("items"),
        received=Count("items", filter=Q(items__outcome=ShipmentItem.RECEIVED)),
        short=Count("items", filter=Q(items__outcome="", items__short_at__isnull=False)),
    )


def open_shipments(shipments: QuerySet[Shipment]) -> QuerySet[Shipment]:
    """Something of it was neither received nor given up."""
    return shipments.filter(Exists(ShipmentItem.objects.under_way().filter(shipment=OuterRef("pk"))))


def items_of(shipment: Shipment) -> list[ShipmentItem]:
    rows = shipment.items.select_related("instrument__kind", "instrument__size", "received_with")
    return list(rows.order_by("instrument__kind__position", "instrument__size__position", "number", "pk"))


def with_places(loans: Loans) -> Loans:
    """Each with the place where its instrument is now: the place, never who plays it."""
    keeping = Custody.objects.open().filter(level=Level.KEEPER.value).select_related("site")
    return loans.select_related("instrument__kind", "instrument__size", "borrower", "lender").prefetch_related(
        Prefetch("instrument__custodies", queryset=keeping, to_attr="parties")
    )


def borrowed(instruments: list[Instrument]) -> dict[int, Loan]:
    return {loan.instrument_id: loan for loan in _open_loans(tuple(row.pk for row in instruments))}


@prepared
def _open_loans(instruments: tuple[int, ...]) -> QuerySet[Loan]:
    return Loan.objects.open().filter(instrument__in=instruments).select_related("lender", "borrower")


def under_way(instrument: Instrument) -> ShipmentItem | None:
    """The box it is in, while nobody has received it."""
    return _under_way.first(instrument.pk)


@prepared
def _under_way(instrument: int) -> QuerySet[ShipmentItem]:
    items = ShipmentItem.objects.under_way().filter(instrument=instrument)
    return items.select_related("shipment__to_site").order_by("pk")[:1]
