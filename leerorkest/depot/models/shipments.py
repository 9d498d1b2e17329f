"""Instruments on their way from one place to another, and loans between organisations.

Until the other side has received an instrument, the place that sent it answers for it: its keeper does not change
(docs/decisions/0011-on-the-way.md). The organisation of an instrument is always the organisation of its keeper.
"""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from leerorkest.network.models import Organisation, Site
from leerorkest.shared import guards

from ..rules import Level, Terms
from .custody import Handover, Instrument
from .reservations import Reservation


class FreightTime(models.Model):
    """How many weeks a shipment to this organisation, or to one of its places, is on its way."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="freight_times")
    site = models.ForeignKey(Site, on_delete=models.CASCADE, null=True, blank=True, related_name="freight_times")
    weeks = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation"], condition=Q(site=None), name="one_freight_time_for_all"),
            models.UniqueConstraint(fields=["site"], name="one_freight_time_per_site"),
            models.CheckConstraint(name="freight_within_a_year", condition=Q(weeks__lte=52)),
        ]

    def __str__(self) -> str:
        return f"{self.weeks} weeks to {self.site or self.organisation}"


class Shipment(models.Model):
    """Boxes on their way."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)  # made by the client
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="shipments")  # who sends
    to_site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="shipments")
    reservation = models.ForeignKey(Reservation, on_delete=models.PROTECT, null=True, related_name="shipments")
    terms = models.CharField(max_length=6)
    due_on = models.DateField(null=True)  # a loan: the day it is to be back
    boxes = models.PositiveSmallIntegerField(default=1)
    carrier = models.CharField(max_length=60, blank=True)
    reference = models.CharField(max_length=60, blank=True)  # what the carrier calls it
    sent_on = models.DateField()
    expected_on = models.DateField()
    sent_with = models.OneToOneField(Handover, on_delete=models.PROTECT, related_name="shipment")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="shipment_has_terms", condition=Q(terms__in=[t.value for t in Terms])),
            models.CheckConstraint(
                name="loan_is_sent_until_a_day", condition=~Q(terms=Terms.LOAN.value) | Q(due_on__gt=F("sent_on"))
            ),
            models.CheckConstraint(
                name="shipment_arrives_after_it_left", condition=Q(expected_on__gte=F("sent_on"), boxes__gte=1)
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "expected_on", "id"], name="shipment_by_sender"),
            models.Index(fields=["to_site", "expected_on", "id"], name="shipment_by_receiver"),
        ]

    def __str__(self) -> str:
        return f"shipment {self.pk}"


class ShipmentItems(models.QuerySet["ShipmentItem"]):
    def under_way(self) -> "ShipmentItems":
        return self.filter(outcome="")


class ShipmentItem(models.Model):
    """One instrument in a shipment. `outcome` empty: it is under way, or nobody knows where it is."""

    RECEIVED, FOUND, LOST = "received", "found", "lost"  # found: it never left, or came back
    GOOD, DAMAGED = "good", "damaged"

    shipment = models.ForeignKey(Shipment, on_delete=models.PROTECT, related_name="items")
    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="shipment_items")
    number = models.CharField(max_length=20, blank=True)  # what it was called where it came from
    arrived_at = models.DateTimeField(null=True)  # scanned at the other end; received when the receipt is finished
    condition = models.CharField(max_length=8, blank=True)  # as it came out of the box
    remark = models.CharField(max_length=200, blank=True)  # about the instrument, never about people
    short_at = models.DateTimeField(null=True)  # a receipt was finished without it
    outcome = models.CharField(max_length=8, blank=True)
    received_with = models.ForeignKey(Handover, on_delete=models.PROTECT, null=True, related_name="items_received")
    objects = ShipmentItems.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["instrument"], condition=Q(outcome=""), name="one_open_shipment_per_instrument"
            ),
            models.UniqueConstraint(fields=["shipment", "instrument"], name="once_in_a_shipment"),
            models.CheckConstraint(
                name="shipment_item_has_an_outcome", condition=Q(outcome__in=["", "received", "found", "lost"])
            ),
            models.CheckConstraint(
                name="received_with_a_handover",
                condition=Q(outcome="received", received_with__isnull=False, arrived_at__isnull=False)
                | (~Q(outcome="received") & Q(received_with=None)),
            ),
        ]

    def __str__(self) -> str:
        return f"item {self.pk}"


class ShipmentExtra(models.Model):
    """A label that was scanned out of a box and stands on no list: the sender says what it is."""

    shipment = models.ForeignKey(Shipment, on_delete=models.PROTECT, related_name="extras")
    tag = models.CharField(max_length=16)
    noted_at = models.DateTimeField()
    by_key = models.CharField(max_length=40)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["shipment", "tag"], name="one_extra_per_tag")]

    def __str__(self) -> str:
        return f"extra {self.pk}"


class Loans(models.QuerySet["Loan"]):
    def open(self) -> "Loans":
        return self.filter(ended_with=None)


class Loan(models.Model):
    """An instrument of one organisation in use at another, until a day. Never the story of who plays it there."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="loans")
    lender = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="loans_out")
    borrower = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="loans_in")
    due_on = models.DateField()
    number = models.CharField(max_length=20, blank=True)  # what the lender calls it: it gets its name back
    began_with = models.ForeignKey(Handover, on_delete=models.PROTECT, related_name="loans_begun")
    ended_with = models.ForeignKey(Handover, on_delete=models.PROTECT, null=True, related_name="loans_ended")
    objects = Loans.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["instrument"], condition=Q(ended_with=None), name="one_open_loan"),
            models.CheckConstraint(name="loan_between_two", condition=~Q(lender=F("borrower"))),
        ]
        indexes = [
            models.Index(fields=["lender", "due_on"], condition=Q(ended_with=None), name="loan_open_by_lender"),
            models.Index(fields=["borrower", "due_on"], condition=Q(ended_with=None), name="loan_open_by_borrower"),
        ]

    def __str__(self) -> str:
        return f"loan {self.pk}"


_CUSTODY, _ITEM, _INSTRUMENT, _SITE = "depot_custody", "depot_shipmentitem", "depot_instrument", "network_site"
guards.refuse(
    name="custody_waits_for_the_receipt",
    table=_CUSTODY,
    event="BEFORE INSERT",
    sentence="an instrument that is under way changes hands when it is received",
    when=f"EXISTS (SELECT 1 FROM {_ITEM} s WHERE s.instrument_id = NEW.instrument_id AND s.outcome = '')",
)
guards.refuse(
    name="custody_keeper_of_the_same_organisation",
    table=_CUSTODY,
    event="AFTER INSERT",
    sentence="an instrument is of the organisation whose place keeps it",
    when=(
        f"NEW.level = '{Level.KEEPER.value}' AND NEW.ended_at IS NULL AND EXISTS (SELECT 1 FROM {_INSTRUMENT} i, "
        f"{_SITE} s WHERE i.id = NEW.instrument_id AND s.id = NEW.site_id AND i.organisation_id <> s.organisation_id)"
    ),
)
guards.refuse(
    name="instrument_changes_organisation_between_two_keepers",
    table=_INSTRUMENT,
    event="BEFORE UPDATE",
    sentence="an instrument changes organisation only while it changes keeper",
    when=(
        f"OLD.organisation_id <> NEW.organisation_id AND EXISTS (SELECT 1 FROM {_CUSTODY} c "
        f"WHERE c.instrument_id = NEW.id AND c.level = '{Level.KEEPER.value}' AND c.ended_at IS NULL)"
    ),
)
guards.refuse(
    name="shipment_item_stays_what_it_was",
    table=_ITEM,
    event="BEFORE UPDATE",
    sentence="what was sent stays on the list; only its outcome is added, once",
    when=(
        "OLD.shipment_id <> NEW.shipment_id OR OLD.instrument_id <> NEW.instrument_id OR OLD.number <> NEW.number "
        "OR (OLD.outcome <> '' AND (OLD.outcome <> NEW.outcome "
        "OR COALESCE(OLD.received_with_id, NEW.received_with_id) <> NEW.received_with_id))"
    ),
)
guards.refuse(
    name="shipment_item_never_leaves", table=_ITEM, event="BEFORE DELETE", sentence="what was sent stays on the list"
)
guards.append_only("depot_shipment", "shipment")
guards.refuse(
    name="loan_stays_what_it_was",
    table="depot_loan",
    event="BEFORE UPDATE",
    sentence="a loan is only ended, once",
    when=(
        "OLD.instrument_id <> NEW.instrument_id OR OLD.lender_id <> NEW.lender_id "
        "OR OLD.borrower_id <> NEW.borrower_id OR OLD.due_on <> NEW.due_on "
        "OR OLD.began_with_id <> NEW.began_with_id OR OLD.ended_with_id IS NOT NULL"
    ),
)
guards.refuse(name="loan_never_leaves", table="depot_loan", event="BEFORE DELETE", sentence="a loan is never deleted")
