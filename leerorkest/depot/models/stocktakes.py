"""A stocktake: what should be at a place, frozen when it opens, and what people scanned there.

What the lists say (here, missing, misplaced, unexpected, legitimately out) is always worked out from these rows.
"""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from leerorkest.music.models import InstrumentKind
from leerorkest.network.models import Organisation, Site
from leerorkest.shared import guards

from ..rules import MOST_OF_SHELF, REPEATABLE, ScanOutcome, WhyOut
from .custody import Instrument


class Stocktakes(models.QuerySet["Stocktake"]):
    def open(self) -> "Stocktakes":
        return self.filter(finished_at=None)


class Stocktake(models.Model):
    """The count of one place. `opened_at` is empty only while its expected instruments are being written."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)  # made by the client: a repeat changes nothing
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="stocktakes")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="stocktakes")
    kind = models.ForeignKey(InstrumentKind, on_delete=models.PROTECT, null=True, related_name="+")  # empty: all
    shelf = models.CharField(max_length=MOST_OF_SHELF, blank=True)  # how the shelves begin that are counted; empty: all
    opened_at = models.DateTimeField(null=True)
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    finished_at = models.DateTimeField(null=True)
    finished_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    objects = Stocktakes.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["site"], condition=Q(finished_at=None), name="one_open_stocktake_at_a_place"
            ),
            models.CheckConstraint(
                name="stocktake_finishes_after_it_opened",
                condition=Q(finished_at=None) | Q(opened_at__isnull=False, finished_at__gte=models.F("opened_at")),
            ),
        ]
        indexes = [models.Index(fields=["organisation", "-opened_at", "id"], name="stocktake_by_time")]

    def __str__(self) -> str:
        return f"stocktake {self.pk}"


class ExpectedInstrument(models.Model):
    """One instrument that the place answered for when the stocktake opened. Never rewritten."""

    stocktake = models.ForeignKey(Stocktake, on_delete=models.PROTECT, related_name="expected")
    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="+")
    why_out = models.CharField(max_length=10, blank=True)  # it was rightly elsewhere; empty: it should be here
    shelf = models.CharField(max_length=MOST_OF_SHELF, blank=True)  # where it should stand

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["stocktake", "instrument"], name="expected_once_in_a_stocktake"),
            models.CheckConstraint(
                name="expected_or_out_with_a_reason", condition=Q(why_out__in=["", *[why.value for why in WhyOut]])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.instrument_id} in {self.stocktake_id}"


class StocktakeScans(models.QuerySet["StocktakeScan"]):
    def in_time(self) -> "StocktakeScans":
        """Before it was finished: these count."""
        return self.filter(is_late=False)

    def late(self) -> "StocktakeScans":
        return self.filter(is_late=True)


class StocktakeScan(models.Model):
    """One scan, by one phone. Written once; what it said to the person stands with it."""

    id = models.UUIDField(primary_key=True)  # made by the phone
    stocktake = models.ForeignKey(Stocktake, on_delete=models.PROTECT, related_name="scans")
    tag = models.CharField(max_length=40)
    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, null=True, related_name="+")
    outcome = models.CharField(max_length=10)
    belongs_at = models.ForeignKey(Site, on_delete=models.PROTECT, null=True, related_name="+")  # if misplaced
    belongs_on = models.CharField(max_length=MOST_OF_SHELF, blank=True)  # that shelf
    is_late = models.BooleanField(default=False)  # it came after the stocktake was finished, and counts nowhere
    device = models.UUIDField()
    device_sequence = models.BigIntegerField()
    made_at = models.DateTimeField()  # by the clock of the phone
    received_at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    content_hash = models.CharField(max_length=64)
    objects = StocktakeScans.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="scan_has_an_outcome", condition=Q(outcome__in=[outcome.value for outcome in ScanOutcome])
            ),
            # The first scan of a label counts, every other one is "again": so lists are counts of rows.
            models.UniqueConstraint(
                fields=["stocktake", "tag"],
                condition=Q(is_late=False) & ~Q(outcome__in=[outcome.value for outcome in REPEATABLE]),
                name="one_scan_of_a_label_counts",
            ),
            models.UniqueConstraint(  # an instrument can have an old label and a new one
                fields=["stocktake", "instrument"],
                condition=Q(is_late=False) & ~Q(outcome__in=[outcome.value for outcome in REPEATABLE]),
                name="one_scan_of_an_instrument_counts",
            ),
        ]
        indexes = [
            models.Index(fields=["stocktake", "outcome", "instrument"], name="scan_by_outcome"),
        ]

    def __str__(self) -> str:
        return f"{self.tag} in {self.stocktake_id}"


class StocktakePhone(models.Model):
    """A phone that takes part, and what it last said: a stocktake cannot finish while one may hold scans."""

    stocktake = models.ForeignKey(Stocktake, on_delete=models.PROTECT, related_name="phones")
    device = models.UUIDField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    pending = models.PositiveIntegerField(default=0)  # scans that it has not sent yet
    heard_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)  # it said goodbye
    written_off_at = models.DateTimeField(null=True)
    written_off_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    written_off_because = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["stocktake", "device"], name="a_phone_takes_part_once"),
            models.CheckConstraint(
                name="phone_written_off_with_a_reason",
                condition=Q(written_off_at=None) | (Q(written_off_by__isnull=False) & ~Q(written_off_because="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.device} in {self.stocktake_id}"


_STOCKTAKE, _EXPECTED, _SCAN = "depot_stocktake", "depot_expectedinstrument", "depot_stocktakescan"
guards.refuse(
    name="stocktake_never_leaves",
    table=_STOCKTAKE,
    event="BEFORE DELETE",
    sentence="a stocktake is never deleted",
)
guards.refuse(
    name="stocktake_is_opened_and_finished_once",
    table=_STOCKTAKE,
    event="BEFORE UPDATE",
    sentence="a stocktake is opened and finished once, and never rewritten",
    when=(
        "OLD.finished_at IS NOT NULL OR OLD.site_id <> NEW.site_id OR OLD.organisation_id <> NEW.organisation_id "
        "OR COALESCE(OLD.kind_id, '') <> COALESCE(NEW.kind_id, '') OR OLD.shelf <> NEW.shelf "
        "OR (OLD.opened_at IS NOT NULL AND (NEW.opened_at IS NULL OR NEW.opened_at <> OLD.opened_at))"
    ),
)
guards.append_only(_EXPECTED, "expected_instrument")
guards.refuse(
    name="what_is_expected_is_frozen_when_it_opens",
    table=_EXPECTED,
    event="BEFORE INSERT",
    sentence="what a stocktake expects is frozen when it opens",
    when=f"EXISTS (SELECT 1 FROM {_STOCKTAKE} s WHERE s.id = NEW.stocktake_id AND s.opened_at IS NOT NULL)",
)
guards.append_only(_SCAN, "stocktake_scan")
guards.refuse(
    name="a_finished_stocktake_takes_no_scan",
    table=_SCAN,
    event="BEFORE INSERT",
    sentence="a finished stocktake takes no scan, but keeps a late one aside",
    when=(
        f"NOT NEW.is_late AND EXISTS (SELECT 1 FROM {_STOCKTAKE} s WHERE s.id = NEW.stocktake_id "
        "AND s.finished_at IS NOT NULL)"
    ),
)
guards.refuse(
    name="phone_never_leaves",
    table="depot_stocktakephone",
    event="BEFORE DELETE",
    sentence="a phone that took part is never deleted, only written off",
)
guards.refuse(
    name="phones_of_a_finished_stocktake_stay",
    table="depot_stocktakephone",
    event="BEFORE UPDATE",
    sentence="phones of a finished stocktake stay as they were",
    when=f"EXISTS (SELECT 1 FROM {_STOCKTAKE} s WHERE s.id = NEW.stocktake_id AND s.finished_at IS NOT NULL)",
)
