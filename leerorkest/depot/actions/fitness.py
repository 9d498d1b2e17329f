"""May it go out? Asked by everything that lends or issues; a query says the same with `Instruments.available()`."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from ..models import Defect, Instrument, MaintenanceJob, Repair
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


def must_be_fit(rows: Sequence[Instrument], at: datetime) -> None:
    """Playable, in no repair, no maintenance overdue that blocks, and clean: one query for any number of instruments.
    What is wrong is asked only of the first that is not."""
    if not rows:
        return
    overdue = MaintenanceJob.objects.open().filter(rule__blocks=True, due_on__lt=rows[0].organisation.day_at(at))
    asked = Instrument.objects.filter(pk__in=[row.pk for row in rows])
    fit = asked.playable().not_in_repair().clean().exclude(Exists(overdue.filter(instrument=OuterRef("pk"))))
    pk = asked.exclude(pk__in=fit.values("pk")).order_by("pk").values_list("pk", flat=True).first()
    if pk is None:
        return
    row = next(row for row in rows if row.pk == pk)
    must_be_playable([row])
    if Repair.objects.open().filter(instrument=row).exists():
        raise InRepair(row)
    job = overdue.filter(instrument=row).select_related("rule").first()
    if job:
        raise MaintenanceOverdue(row, rule=job.rule.name)
    raise NotClean(row)
