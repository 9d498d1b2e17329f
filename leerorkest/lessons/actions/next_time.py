"""Three lines for the next colleague."""

import re
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from leerorkest.people.access import Actor
from leerorkest.schools.models import Membership
from leerorkest.shared.actions import Refused, action, record

from ..models import Lesson, NextTime, Section
from ..queries.next_time import left_in
from ..rules import MOST_LEFT, MOST_LINES


class NothingLeft(Refused):
    sentence = _("Nothing is written. Say in a few words where the next lesson begins.")


class TooMuchLeft(Refused):
    sentence = _("This is too long. Keep to %(lines)d lines and %(most)d characters.")


class NamesAChild(Refused):
    sentence = _("“%(name)s” is the name of a child of this group. Write the note without names of children.")


@action
def leave_note(*, lesson: Lesson, section: Section, text: str, by: Actor, at: datetime) -> NextTime:
    """The newest note of a lesson counts; an empty one takes it away. Earlier ones stay."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    text = "\n".join(lines)
    if not text and not left_in(lesson, section):
        raise NothingLeft
    if len(lines) > MOST_LINES or len(text) > MOST_LEFT:
        raise TooMuchLeft(lines=MOST_LINES, most=MOST_LEFT)
    words = {word.casefold() for word in re.findall(r"\w+", text)}
    members = Membership.objects.on(lesson.on).filter(group=lesson.series.group_id)
    for name in members.order_by("pk").values_list("child__first_name", flat=True):
        if name.casefold() in words:
            raise NamesAChild(name=name)
    note = NextTime.objects.create(lesson=lesson, section=section, text=text, by=by.account, at=at)
    record("lessons.leave_note", subject=lesson, detail={"section": section.pk, "characters": len(text)})
    return note
