"""Where an instrument physically is. Its keeper answers for it, its holder plays it; neither says where it stands."""

from django.db import models
from django.db.models import Q

from leerorkest.network.models import Organisation, Site

from ..rules import HOME_FROM_YEAR, MOST_OF_SHELF, Spot, Where
from .periods import Period, guard_periods

_NO_SITE = [Where.HOME.value, Where.UNKNOWN.value]


class Placement(Period):
    """A period in which an instrument stood in one place."""

    sort = models.CharField(max_length=8)  # of `Where`
    # at a site: that one; on the way: where it goes
    site = models.ForeignKey(Site, on_delete=models.PROTECT, null=True, related_name="placements")
    shelf = models.CharField(max_length=MOST_OF_SHELF, blank=True)

    class Meta(Period.Meta):
        constraints = [
            *Period.Meta.constraints,
            models.CheckConstraint(
                name="placement_is_somewhere",
                condition=Q(sort=Where.SITE.value, site__isnull=False)
                | Q(sort=Where.TRANSIT.value, site__isnull=False, shelf="")
                | Q(sort__in=_NO_SITE, site=None, shelf=""),
            ),
        ]
        indexes = [
            *Period.Meta.indexes,
            models.Index(fields=["site", "shelf"], condition=Q(ended_at=None), name="placement_open_by_site"),
            models.Index(
                fields=["instrument"], condition=Q(ended_at=None, sort=Where.UNKNOWN.value), name="placement_lost"
            ),
        ]

    @property
    def is_on_site(self) -> bool:
        return self.sort == Where.SITE.value

    @property
    def spot(self) -> Spot:
        return Spot(Where(self.sort), self.site_id, self.shelf)


class HomeRule(models.Model):
    """From which year on an instrument goes home with a child: of a whole organisation, or of one school."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="home_rules")
    site = models.ForeignKey(Site, on_delete=models.CASCADE, null=True, related_name="home_rules")  # None: all schools
    home_from_year = models.PositiveSmallIntegerField(default=HOME_FROM_YEAR)  # 0: never

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation"], condition=Q(site=None), name="one_home_rule_for_all"),
            models.UniqueConstraint(fields=["site"], name="one_home_rule_per_school"),
            models.CheckConstraint(name="home_from_a_year_of_school", condition=Q(home_from_year__lte=8)),
        ]


guard_periods(
    "placement",
    same="OLD.sort = NEW.sort AND COALESCE(OLD.site_id, 0) = COALESCE(NEW.site_id, 0) AND OLD.shelf = NEW.shelf",
)
