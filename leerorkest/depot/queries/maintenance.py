"""Which instruments a rule of maintenance is about, and whose turn it is."""

from collections.abc import Iterator
from datetime import date, timedelta

from django.db.models import Exists, Max, OuterRef

from ..models import Instrument, Instruments, MaintenanceJob, MaintenanceRule
from ..rules import add_months

AHEAD = timedelta(days=30)  # a job opens so long before it is due


def instruments_of(rule: MaintenanceRule) -> Instruments:
    found = Instrument.objects.not_retired().filter(organisation=rule.organisation_id).of_kind(rule.kind_id)
    if rule.size_id:
        found = found.filter(size=rule.size_id)
    if rule.brand:
        found = found.filter(brand__iexact=rule.brand)
    return found.filter(model__iexact=rule.model) if rule.model else found


def rounds_due(rule: MaintenanceRule, today: date) -> Iterator[tuple[int, date]]:
    """(id of the instrument, day) of every job that should be open and is not there; two queries.

    The first round is due on the rule's day; later ones so many months after the last was done. A recall comes once.
    """
    jobs = MaintenanceJob.objects.filter(rule=rule, instrument=OuterRef("pk"))
    waiting = instruments_of(rule).filter(~Exists(jobs.open()))
    if rule.every_months is None:
        for pk in waiting.filter(~Exists(jobs)).order_by("pk").values_list("pk", flat=True):
            yield pk, rule.due_on
        return
    last_done = waiting.filter(maintenance_jobs__rule=rule).annotate(last=Max("maintenance_jobs__done_at"))
    done = dict(last_done.order_by().values_list("pk", "last"))
    for pk in waiting.order_by("pk").values_list("pk", flat=True):
        last = done.get(pk)
        due = add_months(rule.organisation.day_at(last), rule.every_months) if last else rule.due_on
        if due <= today + AHEAD:
            yield pk, due
