"""What a teacher notes in a lesson besides who was there. Taps, as marks are; what stands is worked out from them."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from leerorkest.depot.models import DefectKind, Instrument
from leerorkest.network.models import Organisation
from leerorkest.people.models import Child
from leerorkest.shared import guards

from ..log import Seen, What
from .year import Lesson, Section, values_of

WHATS = [
    (What.PIECE.value, _("Piece played")),
    (What.SEEN.value, _("Seen")),
    (What.NOT_HERE.value, _("Instrument not here")),
    (What.BROKEN.value, _("Instrument broken")),
    (What.CLOSED.value, _("Register closed")),
]
SEEN = [
    (Seen.HOLD.value, _("Holds it well")),
    (Seen.TONE.value, _("Beautiful tone")),
    (Seen.LISTENS.value, _("Listens to others")),
    (Seen.HELPED.value, _("Helped another")),
    (Seen.DARED.value, _("Dared to play alone")),
    (Seen.READY.value, _("Ready for more")),
    (Seen.MORE_TIME.value, _("Needs more time")),
]


class Piece(models.Model):
    """What an organisation plays, so that a teacher notes it without writing."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="pieces")
    title = models.CharField(max_length=80)
    composer = models.CharField(max_length=80, blank=True)
    added_at = models.DateTimeField()

    class Meta:
        ordering = ["title", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "title", "composer"], name="one_piece_of_a_name"),
            models.CheckConstraint(name="piece_has_a_title", condition=~Q(title="")),
        ]
        indexes = [models.Index(fields=["organisation", "-id"], name="piece_newest")]

    def __str__(self) -> str:
        return self.title


class NoteEvent(models.Model):
    """One tap: a piece, something seen of a child, an instrument not here or broken, a register that is closed.

    Kept for ever as it came.
    """

    sequence = models.BigAutoField(primary_key=True)
    id = models.UUIDField(unique=True)  # made by the phone
    device = models.UUIDField()
    device_sequence = models.PositiveBigIntegerField()
    lesson = models.ForeignKey(Lesson, on_delete=models.PROTECT, related_name="notes")
    what = models.CharField(max_length=8, choices=WHATS)
    section = models.ForeignKey(Section, on_delete=models.PROTECT, null=True, related_name="notes")
    piece = models.ForeignKey(Piece, on_delete=models.PROTECT, null=True, related_name="notes")
    child = models.ForeignKey(Child, on_delete=models.PROTECT, null=True, related_name="notes")
    seen = models.CharField(max_length=9, choices=SEEN, blank=True)
    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, null=True, related_name="notes")
    defect_kind = models.ForeignKey(DefectKind, on_delete=models.PROTECT, null=True, related_name="notes")
    # The taps this one takes back. No foreign key: it may arrive before them.
    takes_back = models.JSONField(default=list)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)
    made_at = models.DateTimeField()  # the phone's clock: shown, never trusted
    received_at = models.DateTimeField()
    content_hash = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["by", "device", "device_sequence"], name="one_note_per_device_and_sequence"
            ),
            models.CheckConstraint(
                name="note_names_what_its_kind_needs",
                condition=Q(what="piece", piece__isnull=False, child=None, seen="", instrument=None, defect_kind=None)
                | Q(what="seen", child__isnull=False, seen__in=values_of(SEEN))
                & Q(section=None, piece=None, instrument=None, defect_kind=None)
                | Q(what="not_here", child__isnull=False, seen="")
                & Q(section=None, piece=None, instrument=None, defect_kind=None)
                | Q(what="broken", child__isnull=False, instrument__isnull=False, defect_kind__isnull=False)
                & Q(section=None, piece=None, seen="")
                | Q(what="closed", section__isnull=False, child=None, seen="")
                & Q(piece=None, instrument=None, defect_kind=None),
            ),
        ]
        indexes = [
            models.Index(fields=["lesson", "sequence"], name="note_by_lesson"),
            models.Index(fields=["child", "-sequence"], name="note_by_child"),
        ]


guards.append_only("lessons_noteevent", "note_event")
