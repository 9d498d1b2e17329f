"""The organisations that run a programme, and the places where it happens."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.validators import MinLengthValidator
from django.db import models
from django.utils.translation import gettext_lazy as _


class Organisation(models.Model):
    """A leerorkest in a region: the tenant. Nobody sees across it."""

    key = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    country = models.CharField(max_length=2, validators=[MinLengthValidator(2)])  # ISO 3166: NL, CW, AW, BQ, SX
    holiday_region = models.CharField(max_length=20, blank=True)  # NL: Noord, Midden, Zuid; BQ: BON, SAB, STA
    languages = models.JSONField(default=list)  # the first is the language of its letters
    time_zone = models.CharField(max_length=40)
    currency = models.CharField(max_length=3)  # ISO 4217: EUR, XCG, AWG, USD

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def language(self) -> str:
        """Of its letters, mails and files."""
        return str(next(iter(self.languages), settings.LANGUAGE_CODE))

    def day_at(self, at: datetime) -> date:
        """The date at its place: an evening on Curaçao is the next day in Amsterdam."""
        return at.astimezone(ZoneInfo(self.time_zone)).date()


class Grade(models.Model):
    """A year of primary school as this region names it: groep 5, klas 3, Grade 3. Never worked out from a name."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="grades")
    code = models.CharField(max_length=4)  # as the schools' files write it: "5"
    name = models.CharField(max_length=30)
    position = models.SmallIntegerField()

    class Meta:
        ordering = ["organisation", "position"]
        constraints = [models.UniqueConstraint(fields=["organisation", "code"], name="one_grade_per_code")]

    def __str__(self) -> str:
        return self.name


class Holiday(models.Model):
    """Days without lessons. School holidays of the islands have no published source: people enter them here."""

    SCHOOL, PUBLIC, OWN = "school", "public", "own"
    SORTS = [(SCHOOL, _("School holiday")), (PUBLIC, _("Public holiday")), (OWN, _("Day off of our own"))]

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="holidays")
    name = models.CharField(max_length=80)
    sort = models.CharField(max_length=8, choices=SORTS)
    first_on = models.DateField()
    last_on = models.DateField()
    source = models.CharField(max_length=120)  # "holidays 0.109" or who entered it
    is_confirmed = models.BooleanField(default=False)

    class Meta:
        ordering = ["first_on"]
        constraints = [
            models.CheckConstraint(
                name="holiday_ends_after_start", condition=models.Q(last_on__gte=models.F("first_on"))
            ),
            models.UniqueConstraint(fields=["organisation", "name", "first_on"], name="one_holiday_per_day_and_name"),
        ]

    def __str__(self) -> str:
        return self.name


class Site(models.Model):
    """A place that can keep instruments: a school location, depot, workshop, hall or van."""

    SCHOOL, DEPOT, WORKSHOP, HALL, VAN, OUTSIDE = "school", "depot", "workshop", "hall", "van", "outside"
    SORTS = [
        (SCHOOL, _("School")),
        (DEPOT, _("Depot")),
        (WORKSHOP, _("Workshop")),
        (HALL, _("Hall")),
        (VAN, _("Van")),
        (OUTSIDE, _("Programme of somebody else")),  # borrows from us, and does not work here
    ]

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="sites")
    name = models.CharField(max_length=120)
    sort = models.CharField(max_length=8, choices=SORTS)
    town = models.CharField(max_length=80, blank=True)
    street = models.CharField(max_length=120, blank=True)
    # where it lies, in degrees (WGS 84): a school, a depot, never a home
    north = models.DecimalField(max_digits=8, decimal_places=5, null=True, blank=True)
    east = models.DecimalField(max_digits=8, decimal_places=5, null=True, blank=True)
    closed_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "name"], name="one_site_per_name"),
            models.CheckConstraint(
                name="site_lies_on_earth",
                condition=models.Q(north=None, east=None)
                | models.Q(
                    north__isnull=False,
                    east__isnull=False,
                    north__gte=-90,
                    north__lte=90,
                    east__gte=-180,
                    east__lte=180,
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def point(self) -> tuple[float, float] | None:
        """North and east in degrees, where it is on the map."""
        return (float(self.north), float(self.east)) if self.north is not None and self.east is not None else None
