"""What the facts of an instrument have in common that hold for a while: where it stands, who owns it.

A period begins and ends with a handover, is never rewritten or deleted, and never overlaps another of its kind. The
next one begins at the moment the one before ended, so that there is an answer for every moment since the first.
"""

import uuid
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import F, Q

from leerorkest.shared import guards

from .custody import Handover, Instrument


class InstrumentPeriods[P: models.Model](models.QuerySet[P]):
    def open(self) -> "InstrumentPeriods[P]":
        return self.filter(ended_at=None)

    def at(self, moment: datetime) -> "InstrumentPeriods[P]":
        """A period holds from its start up to its end."""
        return self.filter(Q(ended_at=None) | Q(ended_at__gt=moment), started_at__lte=moment)


class Period(models.Model):
    """One period of one instrument. `%(class)s` in the names below is the word of the fact: placement, ownership."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="%(class)ss")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    began_with = models.ForeignKey(Handover, on_delete=models.PROTECT, related_name="%(class)ss_begun")
    ended_with = models.ForeignKey(Handover, on_delete=models.PROTECT, null=True, related_name="%(class)ss_ended")
    objects: Any = InstrumentPeriods.as_manager()

    class Meta:
        abstract = True
        constraints = [
            models.UniqueConstraint(fields=["instrument"], condition=Q(ended_at=None), name="one_open_%(class)s"),
            models.CheckConstraint(
                name="%(class)s_ends_after_start", condition=Q(ended_at=None) | Q(ended_at__gte=F("started_at"))
            ),
            models.CheckConstraint(
                name="%(class)s_ends_with_a_handover",
                condition=Q(ended_at=None, ended_with=None) | Q(ended_at__isnull=False, ended_with__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["instrument", "-started_at"], name="%(class)s_by_instrument")]


def guard_periods(word: str, *, same: str, may_pause: bool = False) -> None:
    """The guards of one table of periods. `same`: SQL that holds when what the period says was left as it was.

    `may_pause`: there may be time between one period and the next.
    """
    table = f"depot_{word}"
    guards.refuse(
        name=f"{word}_never_leaves", table=table, event="BEFORE DELETE", sentence=f"a {word} row is never deleted"
    )
    guards.refuse(
        name=f"{word}_never_rewritten",
        table=table,
        event="BEFORE UPDATE",
        sentence=f"a {word} row is never rewritten: correct it with another handover",
        when=(
            "OLD.id <> NEW.id OR OLD.instrument_id <> NEW.instrument_id OR OLD.started_at <> NEW.started_at "
            f"OR OLD.began_with_id <> NEW.began_with_id OR NOT ({same}) "
            "OR (OLD.ended_at IS NOT NULL AND (NEW.ended_at IS NULL OR OLD.ended_at <> NEW.ended_at "
            "OR OLD.ended_with_id <> NEW.ended_with_id))"
        ),
    )
    guards.refuse(
        name=f"{word}_never_overlaps",
        table=table,
        event="BEFORE INSERT",
        sentence=f"two {word} rows of one instrument never hold at the same moment",
        when=(
            f"EXISTS (SELECT 1 FROM {table} p WHERE p.instrument_id = NEW.instrument_id "
            "AND (NEW.ended_at IS NULL OR p.started_at < NEW.ended_at) "
            "AND (p.ended_at IS NULL OR p.ended_at > NEW.started_at))"
        ),
    )
    if may_pause:
        return
    guards.refuse(
        name=f"{word}_leaves_no_gap",
        table=table,
        event="BEFORE INSERT",
        sentence=f"a {word} row begins when the one before it ended",
        when=(
            f"EXISTS (SELECT 1 FROM {table} p WHERE p.instrument_id = NEW.instrument_id) "
            f"AND NOT EXISTS (SELECT 1 FROM {table} p WHERE p.instrument_id = NEW.instrument_id "
            "AND p.ended_at = NEW.started_at)"
        ),
    )
