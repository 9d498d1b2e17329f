"""The marks children get in a lesson.

A mark is never a column that is overwritten: every tap is an event with an id made by the phone, and what counts is
worked out from the events (`rules.fold`). That is what makes offline, two phones and a lost answer harmless.
"""

import json
import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from leerorkest.network.models import Organisation
from leerorkest.people.models import Child
from leerorkest.shared import guards

from ..log import SentNote, is_note, read_note
from ..rules import Decision, MarkState, NotAMark, QuarantineReason
from .log import SEEN, WHATS
from .year import Lesson, Section, values_of

STATES = [
    (MarkState.PRESENT.value, _("Present")),
    (MarkState.ABSENT.value, _("Absent")),
    (MarkState.LATE.value, _("Late")),
    (MarkState.ANNOUNCED.value, _("Announced")),
]
REASONS = [
    (QuarantineReason.OTHER_CONTENT.value, _("The same mark came before with another content.")),
    (QuarantineReason.SAME_SEQUENCE.value, _("This phone used the number of this mark before.")),
    (QuarantineReason.NOT_YOUR_LESSON.value, _("The sender does not teach this group now.")),
    (QuarantineReason.NOT_IN_LESSON.value, _("The child is not in this group on that day.")),
    (QuarantineReason.LESSON_CANCELLED.value, _("The lesson was cancelled.")),
    (QuarantineReason.UNKNOWN.value, _("The lesson does not exist.")),
    (QuarantineReason.UNKNOWN_THING.value, _("The piece or the instrument does not belong to this lesson or child.")),
    (QuarantineReason.MALFORMED.value, _("This cannot be read as a mark.")),
]
DECISIONS = [(Decision.ACCEPT.value, _("Accepted")), (Decision.LEAVE_OUT.value, _("Left out"))]


class Closing(models.Model):
    """A teacher closed the register of a section in a lesson. Once; who comes after finds it closed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    lesson = models.ForeignKey(Lesson, on_delete=models.PROTECT, related_name="closings")
    section = models.ForeignKey(Section, on_delete=models.PROTECT, related_name="closings")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["lesson", "section"], name="one_closing_per_section_and_lesson")]


class MarkEvent(models.Model):
    """One tap: this child was there, absent, late or announced. Kept for ever as it came; the row is the receipt."""

    sequence = models.BigAutoField(primary_key=True)  # the server's order: clocks of phones lie
    id = models.UUIDField(unique=True)  # made by the phone
    device = models.UUIDField()
    device_sequence = models.PositiveBigIntegerField()
    lesson = models.ForeignKey(Lesson, on_delete=models.PROTECT, related_name="marks")
    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="marks")
    state = models.CharField(max_length=9, choices=STATES)
    # The marks this one replaces. No foreign key: a correction may arrive before what it corrects.
    corrects = models.JSONField(default=list)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)
    made_at = models.DateTimeField()  # the phone's clock: shown, never trusted
    received_at = models.DateTimeField()
    content_hash = models.CharField(max_length=64)

    class Meta:
        constraints = [
            # per person: who lends their phone, or guesses its id, cannot block another's marks
            models.UniqueConstraint(
                fields=["by", "device", "device_sequence"], name="one_mark_per_device_and_sequence"
            ),
            models.CheckConstraint(name="mark_has_a_known_state", condition=Q(state__in=values_of(STATES))),
        ]
        indexes = [
            models.Index(fields=["lesson", "child", "sequence"], name="mark_by_lesson"),
            models.Index(fields=["child", "-sequence"], name="mark_by_child"),
        ]


class QuarantinedMark(models.Model):
    """A mark that could not be placed: kept as it came, until a coordinator decides. Never dropped."""

    mark_id = models.UUIDField()
    content_hash = models.CharField(max_length=64)
    content = models.TextField()  # JSON as it came; as text, because a database's JSON refuses some of it
    reason = models.CharField(max_length=20, choices=REASONS)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True)  # whose coordinators decide
    lesson = models.ForeignKey(Lesson, on_delete=models.PROTECT, null=True, related_name="quarantined")
    child = models.ForeignKey(Child, on_delete=models.PROTECT, null=True, related_name="quarantined_marks")
    state = models.CharField(max_length=9, choices=STATES, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)
    received_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decision = models.CharField(max_length=12, choices=DECISIONS, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["by", "mark_id", "content_hash"], name="one_quarantine_per_content"),
            models.CheckConstraint(name="quarantine_has_a_reason", condition=Q(reason__in=values_of(REASONS))),
            models.CheckConstraint(
                name="quarantine_decided_by_somebody",
                condition=Q(decided_at=None, decided_by=None, decision="")
                | Q(decided_at__isnull=False, decided_by__isnull=False, decision__in=values_of(DECISIONS)),
            ),
        ]
        indexes = [models.Index(fields=["organisation", "id"], condition=Q(decided_at=None), name="quarantine_open")]

    @property
    def note(self) -> SentNote | None:
        """What was noted, when it is a tap of the log and no mark."""
        sent = json.loads(self.content)
        try:
            return read_note(sent) if is_note(sent) else None
        except NotAMark:
            return None

    @property
    def says(self) -> str:
        note = self.note
        if note is None:
            return self.get_state_display()
        return str(dict(SEEN).get(note.word) or dict(WHATS)[note.what.value])

    @property
    def may_count(self) -> bool:
        """It names a lesson, and the child it is about."""
        names = self.child_id or (self.note and not self.note.child)
        return bool(self.lesson_id and names and (self.state or self.note))


guards.append_only("lessons_markevent", "mark_event")
guards.refuse(
    name="quarantine_never_leaves",
    table="lessons_quarantinedmark",
    event="BEFORE DELETE",
    sentence="a mark in quarantine is never deleted before somebody decided",
    when="OLD.decided_at IS NULL",
)
