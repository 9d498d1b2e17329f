"""What is agreed and seen when an instrument changes hands: the terms, the signature, its state, what goes with it."""

import uuid

from django.db import models
from django.db.models import Q

from leerorkest.network.models import Organisation
from leerorkest.people.models import Child
from leerorkest.shared import guards
from leerorkest.shared.models import StoredFile

from ..rules import Condition, Outcome, SignedOn
from ..terms import LANGUAGES, Language, Text
from .custody import Handover, Instrument


class LoanTerms(models.Model):
    """One language of one version of the terms. Published when it is made, and never changed: people signed it."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="loan_terms")
    version = models.PositiveSmallIntegerField()
    language = models.CharField(max_length=12)
    text = models.TextField()
    is_draft = models.BooleanField()  # no speaker of the language has read it
    published_at = models.DateTimeField()
    by_key = models.CharField(max_length=40)

    class Meta:
        ordering = ["-version", "language"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "version", "language"], name="one_text_per_version_and_language"
            ),
            models.CheckConstraint(name="terms_are_not_empty", condition=~Q(text="")),
        ]

    def __str__(self) -> str:
        return f"{self.version} {self.language}"

    @property
    def reading(self) -> Text:
        return Text(self.text, self.is_draft)

    @property
    def spoken(self) -> Language:
        return LANGUAGES.get(self.language) or Language(self.language, self.language)


class ConditionReport(models.Model):
    """How one instrument looked at one handover, and what lay beside it. Of a return, also what happens next."""

    handover = models.ForeignKey(Handover, on_delete=models.PROTECT, related_name="reports")
    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="reports")
    condition = models.CharField(max_length=8)
    accessories = models.JSONField(default=list)  # codes of what was there
    missing = models.JSONField(default=list)  # of a return: what went out and did not come back; noted, never billed
    note = models.CharField(max_length=200, blank=True)  # about the instrument, never about people
    picture = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")
    outcome = models.CharField(max_length=8, blank=True)  # of a return: what happens with it next
    content_hash = models.CharField(max_length=64, blank=True)  # of the act as the phone sent it

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["handover", "instrument"], name="one_report_per_handover_and_instrument"),
            models.CheckConstraint(
                name="report_has_a_condition", condition=Q(condition__in=[c.value for c in Condition])
            ),
            models.CheckConstraint(
                name="report_has_a_known_outcome", condition=Q(outcome__in=["", *[o.value for o in Outcome]])
            ),
        ]

    def __str__(self) -> str:
        return f"report {self.pk}"


class Acceptance(models.Model):
    """Who took it over agreed with the terms: on the glass, or on paper. One per handover, also of a class set."""

    handover = models.OneToOneField(Handover, on_delete=models.PROTECT, primary_key=True, related_name="acceptance")
    terms = models.ForeignKey(LoanTerms, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    signed_on = models.CharField(max_length=5)
    signer = models.CharField(max_length=80, blank=True)  # who signed for a school; of a family no name is kept
    mark = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")  # the ink, or the paper
    pdf = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")
    by_key = models.CharField(max_length=40)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="signed_on_glass_has_ink",
                condition=Q(signed_on=SignedOn.GLASS.value, mark__isnull=False) | Q(signed_on=SignedOn.PAPER.value),
            )
        ]
        indexes = [
            models.Index(fields=["at"], condition=Q(mark=None), name="acceptance_waits_for_paper"),
        ]

    def __str__(self) -> str:
        return f"acceptance of {self.handover_id}"


class PaperForm(models.Model):
    """A form printed for one child, before anybody knows which instrument. Its code opens the place for its photo."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="+")
    terms = models.ForeignKey(LoanTerms, on_delete=models.PROTECT, related_name="+")
    printed_at = models.DateTimeField()
    by_key = models.CharField(max_length=40)

    def __str__(self) -> str:
        return f"form {self.pk}"


class Cleanings(models.QuerySet["Cleaning"]):
    def open(self) -> "Cleanings":
        return self.filter(done_at=None)


class Cleaning(models.Model):
    """It came back and must be cleaned before somebody else plays it."""

    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="cleanings")
    asked_with = models.OneToOneField(Handover, on_delete=models.PROTECT, related_name="cleaning")
    asked_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    done_by_key = models.CharField(max_length=40, blank=True)
    objects = Cleanings.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["instrument"], condition=Q(done_at=None), name="one_open_cleaning_per_instrument"
            )
        ]

    def __str__(self) -> str:
        return f"cleaning {self.pk}"


guards.append_only("depot_loanterms", "loan_terms")
guards.append_only("depot_conditionreport", "condition_report")
guards.refuse(
    name="acceptance_is_only_completed",
    table="depot_acceptance",
    event="BEFORE UPDATE",
    sentence="an acceptance is never rewritten: the photo of a paper and the document are added once",
    when=(
        # The paper says which terms were signed; before it is there nothing was.
        "OLD.handover_id <> NEW.handover_id OR OLD.at <> NEW.at "
        "OR (OLD.terms_id <> NEW.terms_id AND (OLD.mark_id IS NOT NULL OR NEW.mark_id IS NULL)) "
        "OR OLD.signed_on <> NEW.signed_on OR OLD.signer <> NEW.signer OR OLD.by_key <> NEW.by_key "
        "OR (OLD.mark_id IS NOT NULL AND COALESCE(NEW.mark_id, 0) <> OLD.mark_id) "
        "OR (OLD.pdf_id IS NOT NULL AND COALESCE(NEW.pdf_id, 0) <> OLD.pdf_id)"
    ),
)
