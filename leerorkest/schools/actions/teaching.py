"""Who teaches which group: the reason why a teacher sees its children."""

from datetime import date, datetime

from django.utils.translation import gettext_lazy as _

from leerorkest.people.models import Posting
from leerorkest.people.rules import Role
from leerorkest.shared.actions import Actor, Refused, action, record, unless_taken

from ..models import Group, Teaching


class NotATeacherHere(Refused):
    sentence = _("%(name)s has no posting as a teacher for this school on that day. Ask the office for one.")


class AlreadyTeaches(Refused):
    sentence = _("%(name)s teaches this group already in that period.")


class TeachingRunsBackwards(Refused):
    sentence = _("The end lies before the start. Correct one of the two dates.")


class TeachingEnded(Refused):
    sentence = _("%(name)s does not teach this group any more.")


@action
def assign_teacher(
    *, posting: Posting, group: Group, from_on: date, until_on: date | None = None, by: Actor, at: datetime
) -> Teaching:
    """From this day (and two weeks before, to prepare) the teacher sees the children of the group."""
    site = group.school.site
    name = posting.account.name
    is_here = posting.organisation_id == site.organisation_id and posting.site_id in (None, site.pk)
    holds = posting.until_on is None or posting.until_on > from_on
    if posting.role != Role.TEACHER.value or not is_here or not holds:
        raise NotATeacherHere(name=name)
    if until_on is not None and until_on < from_on:
        raise TeachingRunsBackwards
    earlier = Teaching.objects.filter(posting=posting, group=group)
    if any(
        (until_on is None or t.from_on < until_on) and (t.until_on is None or t.until_on > from_on) for t in earlier
    ):
        raise AlreadyTeaches(name=name)
    with unless_taken(AlreadyTeaches(name=name)):
        teaching = Teaching.objects.create(posting=posting, group=group, from_on=from_on, until_on=until_on)
    record(
        "schools.assign_teacher",
        subject=teaching,
        organisation=site.organisation.key,
        detail={"posting": posting.pk, "group": group.pk, "from_on": from_on.isoformat()},
    )
    return teaching


@action
def end_teaching(*, teaching: Teaching, until_on: date, by: Actor, at: datetime) -> None:
    """`until_on` is the first day without this teacher; two weeks later the children are out of sight."""
    if teaching.until_on is not None and teaching.until_on <= until_on:
        raise TeachingEnded(name=teaching.posting.account.name)
    teaching.until_on = max(until_on, teaching.from_on)
    teaching.save(update_fields=["until_on"])
    record(
        "schools.end_teaching",
        subject=teaching,
        organisation=teaching.group.school.site.organisation.key,
        detail={"posting": teaching.posting_id, "group": teaching.group_id, "until_on": teaching.until_on.isoformat()},
    )
