"""What a gift grew into: counts without a name, for who gave it."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from leerorkest.network.models import Site
from leerorkest.people.rules import hash_of

from ..models import Custody, Donor, Gift, Instrument, Placement


def donor_of(secret: str) -> Donor | None:
    """Whose page this secret opens."""
    open_link = {"links__secret_hash": hash_of(secret), "links__revoked_at": None}
    return Donor.objects.filter(**open_link).select_related("organisation").first()


@dataclass(frozen=True)
class Story:
    """Of one gift. Exact numbers of children, weeks and lessons stay away until there were two children."""

    gift: Gift
    loans: list[Custody]  # of children, for who counts lessons; never for a page
    children: int
    weeks: int
    visits: int  # times in a workshop
    is_played: bool  # a child has it now


def stories(donor: Donor, at: datetime) -> list[Story]:
    """Three queries for any number of gifts. One child counts once, however often it borrowed."""
    gifts = list(
        donor.gifts.select_related("kind", "instrument__kind", "instrument__size").order_by("came_in_on", "pk")
    )
    ids = [gift.instrument_id for gift in gifts if gift.instrument_id]
    held = Custody.objects.holders().filter(instrument__in=ids, started_at__lte=at, account=None)
    loans: dict[int, list[Custody]] = {pk: [] for pk in ids}
    for loan in held.order_by("started_at"):
        loans[loan.instrument_id].append(loan)
    visits = dict.fromkeys(ids, 0)
    for pk in Placement.objects.filter(instrument__in=ids, site__sort=Site.WORKSHOP).values_list(
        "instrument", flat=True
    ):
        visits[pk] += 1
    keys = [(gift, gift.instrument_id or 0) for gift in gifts]
    return [_story(gift, loans.get(pk, []), visits.get(pk, 0), at) for gift, pk in keys]


def _story(gift: Gift, loans: list[Custody], visits: int, at: datetime) -> Story:
    known = {loan.child_id for loan in loans if loan.child_id}
    forgotten = sum(1 for loan in loans if loan.forgotten_at)  # each counts as a child of its own
    days = sum((min(loan.ended_at or at, at) - loan.started_at).days for loan in loans)
    return Story(
        gift=gift,
        loans=loans,
        children=len(known) + forgotten,
        weeks=days // 7,
        visits=visits,
        is_played=any(loan.ended_at is None for loan in loans),
    )


def gifts_to_finish(gifts: QuerySet[Gift]) -> QuerySet[Gift]:
    """What still waits to be assessed, refurbished or taken in."""
    return gifts.filter(instrument=None).exclude(assessment="no")


def gift_of(instrument: Instrument) -> Gift | None:
    return Gift.objects.filter(instrument=instrument).select_related("donor").first()
