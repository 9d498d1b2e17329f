"""What no room owns: the audit trail (append-only and hash-chained), and the files that are kept."""

from django.db import models

from . import guards


class AuditEntry(models.Model):
    """One thing somebody did or saw. Each entry holds the hash of the one before: a gap or a change shows.

    Names of people and children never stand here, only keys; `detail` holds codes, counts and keys.
    """

    at = models.DateTimeField()
    actor = models.CharField(max_length=40)  # "account:12", or "system:roster"
    organisation = models.CharField(max_length=40, blank=True)
    act = models.CharField(max_length=60)  # "depot.issue_class_set", "seen.child"
    subject = models.CharField(max_length=80, blank=True)  # "child:6f1c…"
    detail = models.JSONField(default=dict)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)

    class Meta:
        indexes = [
            models.Index(fields=["subject", "-id"], name="audit_by_subject"),
            models.Index(fields=["actor", "-id"], name="audit_by_actor"),
        ]
        constraints = [
            # The chain cannot fork: two entries never follow the same one.
            models.UniqueConstraint(fields=["previous_hash"], name="audit_chain_is_one_line"),
        ]

    def __str__(self) -> str:
        return f"{self.act} {self.subject}"


guards.append_only("shared_auditentry", "audit_entry")


class StoredFile(models.Model):
    """A picture, signature or document that the site keeps: see shared/files. The room that owns it points here."""

    name = models.CharField(max_length=32, unique=True)  # by chance, also on disk: nobody can guess it
    media_type = models.CharField(max_length=40)
    bytes = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    by_key = models.CharField(max_length=40)  # the audit key of who sent it

    def __str__(self) -> str:
        return self.name


guards.refuse(
    name="stored_file_never_changes",
    table="shared_storedfile",
    event="BEFORE UPDATE",
    sentence="a stored file is never rewritten",
)
