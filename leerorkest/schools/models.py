"""Schools, their groups of one school year, and which child is where; who teaches whom.

All periods are half-open: `until_on` is the first day something no longer holds; empty means it still does.
"""

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from leerorkest.music.models import InstrumentKind, Size
from leerorkest.network.models import Grade, Organisation, Site
from leerorkest.people.models import Child, Posting

from .register.reading import place_name


def period_is_sound(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(name=name, condition=Q(until_on=None) | Q(until_on__gte=F("from_on")))


class Periods[M: models.Model](models.QuerySet[M]):
    """The vocabulary of everything with `from_on` and `until_on`."""

    def on(self, day: date) -> "Periods[M]":
        return self.filter(Q(until_on=None) | Q(until_on__gt=day), from_on__lte=day)

    def open(self) -> "Periods[M]":
        return self.filter(until_on=None)


class School(models.Model):
    """A site's educational identity: country + scheme + code. Dutch schools have a BRIN6, the islands their own."""

    site = models.OneToOneField(Site, on_delete=models.PROTECT, related_name="school")
    country = models.CharField(max_length=2)
    scheme = models.CharField(max_length=12)  # "brin6", "own"
    code = models.CharField(max_length=40)
    # Where it differs from the organisation's, the page says so: the calendar is the organisation's.
    holiday_region = models.CharField(max_length=20, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["country", "scheme", "code"], name="one_school_per_code")]

    def __str__(self) -> str:
        return self.site.name

    @property
    def key(self) -> str:
        return f"{self.country}:{self.scheme}:{self.code}"


class RegisteredSchool(models.Model):
    """A school in a public register, whether or not it takes part. Refreshed as a diff; closed, never deleted."""

    country = models.CharField(max_length=2)
    scheme = models.CharField(max_length=12)
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=120)
    street = models.CharField(max_length=120, blank=True)
    postal_code = models.CharField(max_length=10, blank=True)
    town = models.CharField(max_length=80)  # as the register writes it: "S GRAVENHAGE"
    municipality = models.CharField(max_length=80, blank=True)
    municipality_code = models.CharField(max_length=4, blank=True)
    holiday_region = models.CharField(max_length=20, blank=True)
    board_number = models.CharField(max_length=10, blank=True)
    denomination = models.CharField(max_length=80, blank=True)
    phone = models.CharField(max_length=30, blank=True)
    website = models.CharField(max_length=200, blank=True)
    search_words = models.CharField(max_length=400)  # name, place and code in small letters without accents
    first_seen_on = models.DateField()
    closed_on = models.DateField(null=True, blank=True)
    source = models.CharField(max_length=120)
    reference_on = models.DateField()  # the edition these facts come from
    licence = models.CharField(max_length=40)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["country", "scheme", "code"], name="one_registered_school_per_code")
        ]
        indexes = [models.Index(fields=["name", "id"], name="registered_school_by_name")]

    def __str__(self) -> str:
        return self.name

    @property
    def place(self) -> str:
        return place_name(self.town)


class PupilCount(models.Model):
    """How many pupils a registered school had on 1 October of a year. Empty: one to four, the source does not tell."""

    school = models.ForeignKey(RegisteredSchool, on_delete=models.CASCADE, related_name="pupil_counts")
    year = models.PositiveSmallIntegerField()
    pupils = models.PositiveIntegerField(null=True)

    class Meta:
        ordering = ["-year"]
        constraints = [models.UniqueConstraint(fields=["school", "year"], name="one_pupil_count_per_year")]

    def __str__(self) -> str:
        return f"{self.year}: {self.label}"

    @property
    def label(self) -> str:
        return "1–4" if self.pupils is None else str(self.pupils)


class SchoolYear(models.Model):
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="school_years")
    name = models.CharField(max_length=9)  # "2026-2027"
    first_on = models.DateField()
    last_on = models.DateField()

    class Meta:
        ordering = ["first_on"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "name"], name="one_school_year_per_name"),
            models.CheckConstraint(name="school_year_ends_after_start", condition=Q(last_on__gt=F("first_on"))),
        ]

    def __str__(self) -> str:
        return self.name


class Group(models.Model):
    """A school class in one school year; next year's 5A is another group."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="groups")
    school_year = models.ForeignKey(SchoolYear, on_delete=models.PROTECT, related_name="groups")
    key = models.CharField(max_length=256)  # as the school's system calls it, within one school year
    name = models.CharField(max_length=64)
    grade = models.ForeignKey(Grade, on_delete=models.PROTECT, null=True, blank=True)  # None: a combination group

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["school", "school_year", "key"], name="one_group_per_key")]

    def __str__(self) -> str:
        return self.name


class Enrolment(models.Model):
    """A child at a school under the school's own key. Who comes back gets a new enrolment with the same key."""

    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="enrolments")
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="enrolments")
    key = models.CharField(max_length=256)
    from_on = models.DateField()
    until_on = models.DateField(null=True, blank=True)
    objects = Periods["Enrolment"].as_manager()

    class Meta:
        constraints = [
            period_is_sound("enrolment_ends_after_start"),
            models.UniqueConstraint(
                fields=["school", "key"], condition=Q(until_on=None), name="one_child_per_school_key"
            ),
            models.UniqueConstraint(fields=["child"], condition=Q(until_on=None), name="one_school_per_child"),
        ]
        indexes = [models.Index(fields=["school", "key"], name="enrolment_by_key")]


class Membership(models.Model):
    """A child in a group. One group of a school year at a time; the child's grade may differ from the group's."""

    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="memberships")
    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="memberships")
    school_year = models.ForeignKey(SchoolYear, on_delete=models.PROTECT, related_name="memberships")
    grade = models.ForeignKey(Grade, on_delete=models.PROTECT, null=True, blank=True)
    from_on = models.DateField()
    until_on = models.DateField(null=True, blank=True)
    objects = Periods["Membership"].as_manager()

    class Meta:
        constraints = [
            period_is_sound("membership_ends_after_start"),
            models.UniqueConstraint(
                fields=["child", "school_year"],
                condition=Q(until_on=None),
                name="one_group_per_child_and_year",
            ),
        ]
        indexes = [models.Index(fields=["group", "until_on"], name="membership_by_group")]


class Playing(models.Model):
    """What a child plays, and in which size. One instrument at a time in school."""

    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="playings")
    kind = models.ForeignKey(InstrumentKind, on_delete=models.PROTECT)
    size = models.ForeignKey(Size, on_delete=models.PROTECT, null=True, blank=True)
    from_on = models.DateField()
    until_on = models.DateField(null=True, blank=True)
    objects = Periods["Playing"].as_manager()

    class Meta:
        constraints = [
            period_is_sound("playing_ends_after_start"),
            models.UniqueConstraint(fields=["child"], condition=Q(until_on=None), name="one_instrument_per_child"),
        ]


class Teaching(models.Model):
    """A teacher's posting at a group: the present reason to see its children."""

    posting = models.ForeignKey(Posting, on_delete=models.CASCADE, related_name="teachings")
    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="teachings")
    from_on = models.DateField()
    until_on = models.DateField(null=True, blank=True)
    objects = Periods["Teaching"].as_manager()

    class Meta:
        constraints = [
            period_is_sound("teaching_ends_after_start"),
            models.UniqueConstraint(
                fields=["posting", "group"],
                condition=Q(until_on=None),
                name="one_teaching_per_posting_and_group",
            ),
        ]


class ColumnMapping(models.Model):
    """Which column of this school's table holds what: asked once, remembered."""

    school = models.OneToOneField(School, on_delete=models.CASCADE, related_name="column_mapping")
    columns = models.JSONField(default=dict)  # our field → the table's column


class RosterImport(models.Model):
    """One pupil export, from the preview to, perhaps, its undoing. The file itself is never kept, nor its name.

    Names of children stand in it only while somebody needs them: in the preview until it is applied or replaced, in
    `undo` (their former names) until it is undone or the next import is applied.
    """

    PREVIEWED, APPLIED, UNDONE = "previewed", "applied", "undone"
    STATES = [(PREVIEWED, _("Preview")), (APPLIED, _("Applied")), (UNDONE, _("Undone"))]

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="roster_imports")
    school_year = models.ForeignKey(SchoolYear, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=9, choices=STATES, default=PREVIEWED)
    file_format = models.CharField(max_length=20)  # "EDEXML 2.1"
    sha256 = models.CharField(max_length=64)
    by_key = models.CharField(max_length=40)  # the audit key of who made the preview
    previewed_at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    counts = models.JSONField(default=dict)  # {"new": 12, …}: what stays for the history
    plan = models.JSONField(default=dict)
    undo = models.JSONField(default=dict)
    fingerprint = models.CharField(max_length=64)  # of the school's children as the preview saw them

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["school"], condition=Q(state="previewed"), name="one_roster_preview_per_school"
            ),
            models.CheckConstraint(
                name="roster_import_has_a_known_state", condition=Q(state__in=["previewed", "applied", "undone"])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.file_format} {self.pk}"
