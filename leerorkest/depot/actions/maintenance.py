"""Care that comes round: rules open jobs, jobs are done; one that is overdue can keep an instrument on the shelf."""

from datetime import date, datetime

from django.utils.translation import gettext_lazy as _

from leerorkest.music.models import InstrumentKind, Size
from leerorkest.network.models import Organisation
from leerorkest.shared.actions import Actor, Refused, action, record, unless_taken

from ..models import MaintenanceJob, MaintenanceRule
from ..queries.maintenance import rounds_due
from .repairs import account_of

AT_ONCE = 1000  # jobs in one statement


class RuleThere(Refused):
    sentence = _("There is already a rule “%(name)s”. Give this one another name.")


class RuleEnded(Refused):
    sentence = _("This rule has ended already.")


class JobDone(Refused):
    sentence = _("This job is done already. Nothing changed.")


@action
def set_rule(
    *,
    organisation: Organisation,
    name: str,
    kind: InstrumentKind,
    due_on: date,
    by: Actor,
    at: datetime,
    size: Size | None = None,
    brand: str = "",
    model: str = "",
    every_months: int | None = None,
    blocks: bool = False,
) -> MaintenanceRule:
    """ "Restring every 12 months" or, without `every_months`, a recall: once, by `due_on`. Its jobs open at once."""
    with unless_taken(RuleThere(name=name)):
        rule = MaintenanceRule.objects.create(
            organisation=organisation,
            name=name,
            kind=kind,
            size=size,
            brand=brand,
            model=model,
            every_months=every_months,
            due_on=due_on,
            blocks=blocks,
            made_at=at,
            by_key=by.audit_key,
        )
    record("depot.set_rule", subject=f"rule:{rule.pk}", organisation=organisation.key)
    open_jobs(organisation=organisation, by=by, at=at)
    return rule


@action
def end_rule(*, rule: MaintenanceRule, by: Actor, at: datetime) -> MaintenanceRule:
    """No new jobs from today; what is open stays to be done."""
    today = rule.organisation.day_at(at)
    if not MaintenanceRule.objects.filter(pk=rule.pk, ended_on=None).update(ended_on=today):
        raise RuleEnded
    record("depot.end_rule", subject=f"rule:{rule.pk}", organisation=rule.organisation.key)
    rule.refresh_from_db()
    return rule


@action
def open_jobs(*, organisation: Organisation, by: Actor, at: datetime) -> int:
    """Open what is due within a month and note what is overdue; twice changes nothing. Returns how many are new."""
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)  # one run at a time
    today = organisation.day_at(at)
    new = 0
    for rule in MaintenanceRule.objects.filter(organisation=organisation, ended_on=None).select_related("organisation"):
        jobs = [
            MaintenanceJob(rule=rule, instrument_id=pk, due_on=due, opened_at=at) for pk, due in rounds_due(rule, today)
        ]
        for start in range(0, len(jobs), AT_ONCE):
            made = MaintenanceJob.objects.bulk_create(jobs[start : start + AT_ONCE], ignore_conflicts=True)
            new += len(made)
    overdue = MaintenanceJob.objects.open().filter(
        rule__organisation=organisation, rule__blocks=True, due_on__lt=today, blocks_since=None
    )
    blocking = overdue.update(blocks_since=at)
    record("depot.open_jobs", organisation=organisation.key, detail={"new": new, "blocking": blocking})
    return new


@action
def do_job(*, job: MaintenanceJob, by: Actor, at: datetime) -> MaintenanceJob:
    """Done: the next round is counted from today."""
    done = MaintenanceJob.objects.open().filter(pk=job.pk).update(done_at=at, done_by=account_of(by))
    if not done:
        raise JobDone
    record("depot.do_job", subject=f"job:{job.pk}", organisation=job.rule.organisation.key)
    job.refresh_from_db()
    return job
