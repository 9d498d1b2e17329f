"""May it go out? Asked by everything that lends or issues; a query says the same with `Instruments.available()`."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from ..models import Cleaning, Defect, Instrument, MaintenanceJob, Repair
from .refusals import HandoverRefused, NotClean


class CannotBePlayed(HandoverRefused):
    sentence = _("%(instrument)s cannot be played: %(defect)s. Mend it first, or choose another one.")


class InRepair(HandoverRefused):
    sentence = _("%(instrument)s is in repair. Finish its ticket first, or choose another one.")


class MaintenanceOverdue(HandoverRefused):
    sentence = _("%(instrument)s waits for “%(rule)s”. Do that first, or choose another one.")


def must_be_playable(rows: Sequence[Instrument]) -> None:
    """Refuses the first of these instruments with a defect that stops play; one query for any number."""
    stopping = Defect.objects.stopping().filter(instrument__in=rows).select_related("kind")
    defect = stopping.order_by("reported_at").first()
    if defect:
        raise CannotBePlayed(next(row for row in rows if row.pk == defect.instrument_id), defect=str(defect.kind))


def must_be_clean(rows: Sequence[Instrument]) -> None:
    dirty = Cleaning.objects.open().filter(instrument__in=rows).values_list("instrument", flat=True).first()
    if dirty:
        raise NotClean(next(row for row in rows if row.pk == dirty))


def must_be_fit(rows: Sequence[Instrument], at: datetime) -> None:
    """Playable, in no repair, and no maintenance overdue that blocks; three queries for any number of instruments."""
    if not rows:
        return
    must_be_playable(rows)
    by_pk = {row.pk: row for row in rows}
    repair = Repair.objects.open().filter(instrument__in=rows).first()
    if repair:
        raise InRepair(by_pk[repair.instrument_id])
    today = rows[0].organisation.day_at(at)
    overdue = MaintenanceJob.objects.open().filter(instrument__in=rows, rule__blocks=True, due_on__lt=today)
    job = overdue.select_related("rule").first()
    if job:
        raise MaintenanceOverdue(by_pk[job.instrument_id], rule=job.rule.name)
