"""What is promised: so many of a kind and size, at a place, for a period; and which instruments go out for it.

A reservation speaks of kinds and sizes. Concrete instruments are assigned by scanning at pick-up (`Pick`); one that
must be this very instrument is picked ahead. A line is open until everything left, or the rest is not needed any more.
"""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Count, F, Q

from leerorkest.music.models import InstrumentKind, Size
from leerorkest.network.models import Organisation, Site
from leerorkest.shared import guards

from .custody import Handover, Instrument


class Reservations(models.QuerySet["Reservation"]):
    def open(self) -> "Reservations":
        """Something of it still has to leave."""
        lines = ReservationLine.objects.open().filter(reservation=models.OuterRef("pk"))
        return self.filter(models.Exists(lines))

    def with_lines(self) -> "Reservations":
        return self.select_related("site__organisation", "organisation", "by").prefetch_related(
            models.Prefetch("lines", queryset=ReservationLine.objects.counted().select_related("kind", "size"))
        )


class Reservation(models.Model):
    """ "12 half-size violins for De Regenboog from 1 September". `until_on` empty: they stay there."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)  # made by the client: a repeat changes nothing
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="reservations")  # whose stock
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="reservations")  # where they will go
    from_on = models.DateField()  # the day they leave the depot
    until_on = models.DateField(null=True, blank=True)
    note = models.CharField(max_length=200, blank=True)  # about the instruments, never about people
    made_at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True)
    by_key = models.CharField(max_length=40)
    content_hash = models.CharField(max_length=64)
    cancelled_at = models.DateTimeField(null=True)
    objects = Reservations.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="reservation_ends_after_start", condition=Q(until_on=None) | Q(until_on__gt=F("from_on"))
            )
        ]
        indexes = [models.Index(fields=["organisation", "from_on", "id"], name="reservation_by_day")]

    def __str__(self) -> str:
        return f"reservation {self.pk}"


class ReservationLines(models.QuerySet["ReservationLine"]):
    def open(self) -> "ReservationLines":
        return self.filter(closed_at=None)

    def counted(self) -> "ReservationLines":
        """With `picked` (scanned, still here) and `left` (on their way or there)."""
        return self.annotate(
            picked=Count("picks", filter=Q(picks__left_at=None, picks__released_at=None)),
            left=Count("picks", filter=Q(picks__left_at__isnull=False, picks__released_at=None)),
        ).order_by("pk")


class ReservationLine(models.Model):
    """So many of one kind and size."""

    reservation = models.ForeignKey(Reservation, on_delete=models.PROTECT, related_name="lines")
    kind = models.ForeignKey(InstrumentKind, on_delete=models.PROTECT, related_name="+")
    size = models.ForeignKey(Size, on_delete=models.PROTECT, null=True, related_name="+")
    number = models.PositiveSmallIntegerField()
    along = models.CharField(max_length=60, blank=True)  # what goes with each: "bow and case"
    closed_at = models.DateTimeField(null=True)  # everything left, or the rest is not needed
    objects = ReservationLines.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(name="reservation_line_is_for_some", condition=Q(number__gt=0)),
        ]
        indexes = [models.Index(fields=["kind", "size"], condition=Q(closed_at=None), name="reservation_line_open")]

    def __str__(self) -> str:
        return " ".join(str(part) for part in (self.number, "×", self.kind, self.size) if part)

    @property
    def to_pick(self) -> int:
        """How many are still to be scanned; only after `counted()`."""
        return max(0, self.number - self.picked - self.left)  # type: ignore[attr-defined]


class Picks(models.QuerySet["Pick"]):
    def waiting(self) -> "Picks":
        """Chosen for a line and still here."""
        return self.filter(left_at=None, released_at=None)


class Pick(models.Model):
    """One instrument for one line: scanned at pick-up, or chosen ahead. It leaves with a handover, or is released."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)  # made by the client
    line = models.ForeignKey(ReservationLine, on_delete=models.PROTECT, related_name="picks")
    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="picks")
    made_at = models.DateTimeField()
    by_key = models.CharField(max_length=40)
    left_at = models.DateTimeField(null=True)
    left_with = models.ForeignKey(Handover, on_delete=models.PROTECT, null=True, related_name="picks")
    released_at = models.DateTimeField(null=True)
    objects = Picks.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["instrument"],
                condition=Q(left_at=None, released_at=None),
                name="one_waiting_pick_per_instrument",
            )
        ]
        indexes = [models.Index(fields=["left_with"], condition=Q(released_at=None), name="pick_by_handover")]

    def __str__(self) -> str:
        return f"pick {self.pk}"


_PICK, _LINE, _INSTRUMENT = "depot_pick", "depot_reservationline", "depot_instrument"
guards.refuse(
    name="pick_fits_its_line",
    table=_PICK,
    event="BEFORE INSERT",
    sentence="an instrument is picked for a line of its own kind and size",
    when=(
        f"NOT EXISTS (SELECT 1 FROM {_LINE} l JOIN {_INSTRUMENT} i ON i.id = NEW.instrument_id "
        "WHERE l.id = NEW.line_id AND l.kind_id = i.kind_id AND COALESCE(l.size_id, 0) = COALESCE(i.size_id, 0))"
    ),
)
guards.refuse(
    name="pick_within_its_line",
    table=_PICK,
    event="BEFORE INSERT",
    sentence="a line takes no more instruments than were reserved",
    when=(
        f"(SELECT count(*) FROM {_PICK} p WHERE p.line_id = NEW.line_id AND p.released_at IS NULL) >= "
        f"(SELECT l.number FROM {_LINE} l WHERE l.id = NEW.line_id)"
    ),
)
guards.refuse(
    name="pick_never_leaves", table=_PICK, event="BEFORE DELETE", sentence="a pick is never deleted, only released"
)
guards.refuse(
    name="pick_stays_what_it_was",
    table=_PICK,
    event="BEFORE UPDATE",
    sentence="a pick is released or leaves; it is never rewritten",
    when=(
        "OLD.line_id <> NEW.line_id OR OLD.instrument_id <> NEW.instrument_id OR OLD.made_at <> NEW.made_at "
        "OR (OLD.released_at IS NOT NULL AND (NEW.released_at IS NULL OR OLD.released_at <> NEW.released_at)) "
        "OR (OLD.left_at IS NOT NULL AND (NEW.left_at IS NULL OR OLD.left_at <> NEW.left_at))"
    ),
)
guards.refuse(
    name="reservation_stays_what_it_was",
    table="depot_reservation",
    event="BEFORE UPDATE",
    sentence="a reservation is cancelled and made anew, never rewritten",
    when=(
        "OLD.site_id <> NEW.site_id OR OLD.organisation_id <> NEW.organisation_id OR OLD.from_on <> NEW.from_on "
        "OR COALESCE(OLD.until_on, OLD.from_on) <> COALESCE(NEW.until_on, NEW.from_on) "
        "OR (OLD.cancelled_at IS NOT NULL AND NEW.cancelled_at IS NULL)"
    ),
)
guards.refuse(
    name="reservation_line_stays_what_it_was",
    table=_LINE,
    event="BEFORE UPDATE",
    sentence="a line of a reservation is closed, never rewritten",
    when=(
        "OLD.reservation_id <> NEW.reservation_id OR OLD.kind_id <> NEW.kind_id OR OLD.number <> NEW.number "
        "OR COALESCE(OLD.size_id, 0) <> COALESCE(NEW.size_id, 0)"
    ),
)
