"""May it go out? Asked by everything that lends or issues; a query says the same with `Instruments.available()`."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from leerorkest.shared.prepared import prepared

from ..models import Defect, Instrument, Jobs, MaintenanceJob, Repair
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
    today = rows[0].organisation.day_at(at)
    pk = _unfit.first(tuple(row.pk for row in rows), today)
    if pk is None:
        return
    row = next(row for row in rows if row.pk == pk)
    must_be_playable([row])
    if Repair.objects.open().filter(instrument=row).exists():
        raise InRepair(row)
    job = _overdue(today).filter(instrument=row).select_related("rule").first()
    if job:
        raise MaintenanceOverdue(row, rule=job.rule.name)
    raise NotClean(row)


def _overdue(today: date) -> Jobs:
    return MaintenanceJob.objects.open().filter(rule__blocks=True, due_on__lt=today)


@prepared
def _unfit(instruments: tuple[int, ...], today: date) -> QuerySet[Instrument, int]:
    asked = Instrument.objects.filter(pk__in=instruments)
    overdue = _overdue(today).filter(instrument=OuterRef("pk"))
    fit = asked.playable().not_in_repair().clean().exclude(Exists(overdue))
    return asked.exclude(pk__in=fit.values("pk")).order_by("pk").values_list("pk", flat=True)[:1]
