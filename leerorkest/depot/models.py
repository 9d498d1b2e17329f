"""The instruments, and who answers for each of them at any moment.

Owner, keeper, holder and place are four different facts. The keeper (a site) and the holder (a child, a member of
staff) are rows of `Custody`; "who has it" is always a query over them, never a stored column.
"""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from leerorkest.music.models import InstrumentKind, Size
from leerorkest.network.models import Organisation, Site
from leerorkest.people.models import Child
from leerorkest.shared import guards

from .rules import HandoverSort, Level


class Instrument(models.Model):
    """One physical object with a tag. Never deleted, only retired."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="instruments")
    tag = models.CharField(max_length=16, unique=True)  # on the label, with its check character
    number = models.CharField(max_length=20, blank=True)  # what people call it: "17"
    kind = models.ForeignKey(InstrumentKind, on_delete=models.PROTECT, related_name="instruments")
    size = models.ForeignKey(Size, on_delete=models.PROTECT, null=True, blank=True)
    brand = models.CharField(max_length=60, blank=True)
    model = models.CharField(max_length=60, blank=True)
    serial_number = models.CharField(max_length=60, blank=True)
    owner = models.CharField(max_length=80)  # the depot, a city, a donor fund
    purchase_value = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3)
    purchased_on = models.DateField(null=True, blank=True)
    retired_on = models.DateField(null=True, blank=True)
    retired_because = models.CharField(max_length=40, blank=True)
    # The custody that began with this instrument. With the chain of keepers below it makes "exactly one open keeper"
    # something the database keeps: an instrument cannot be saved without a first keeper.
    first_keeping = models.OneToOneField(
        "Custody", on_delete=models.PROTECT, related_name="first_of", db_constraint=True
    )

    class Meta:
        ordering = ["tag"]
        constraints = [
            models.CheckConstraint(
                name="instrument_retired_with_reason", condition=Q(retired_on=None) | ~Q(retired_because="")
            ),
            models.CheckConstraint(
                name="instrument_value_not_negative",
                condition=Q(purchase_value=None) | Q(purchase_value__gte=0),
            ),
            models.UniqueConstraint(
                fields=["organisation", "kind", "number"],
                condition=~Q(number=""),
                name="one_instrument_per_number",
            ),
        ]
        indexes = [models.Index(fields=["organisation", "kind", "size", "tag"], name="instrument_by_kind")]

    def __str__(self) -> str:
        return f"{self.tag}"


class Handover(models.Model):
    """The act that ends one custody and begins the next. `id` is made by the client: a repeat changes nothing."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="handovers")
    sort = models.CharField(max_length=12)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True)  # None: a file or the demo
    by_key = models.CharField(max_length=40)  # the audit key of who did it
    note = models.CharField(max_length=200, blank=True)  # about the instruments, never about people
    content_hash = models.CharField(max_length=64)  # the same id with another content is refused

    class Meta:
        constraints = [
            models.CheckConstraint(name="handover_has_a_sort", condition=Q(sort__in=[s.value for s in HandoverSort]))
        ]
        indexes = [models.Index(fields=["organisation", "-at"], name="handover_by_time")]


class Custodies(models.QuerySet["Custody"]):
    def open(self) -> "Custodies":
        return self.filter(ended_at=None)

    def keepers(self) -> "Custodies":
        return self.filter(level=Level.KEEPER.value)

    def holders(self) -> "Custodies":
        return self.filter(level=Level.HOLDER.value)


class Custody(models.Model):
    """One period in which somebody answers for an instrument, on one of two levels.

    Keeper rows form a chain: a keeper's row can end only by naming the row that follows (a deferred foreign key), so
    every instrument has exactly one open keeper at every commit. Holder rows may have gaps: on the shelf, nobody
    holds it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="custodies")
    level = models.CharField(max_length=6)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, null=True, related_name="custodies")
    child = models.ForeignKey(Child, on_delete=models.PROTECT, null=True, related_name="custodies")
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="custodies")
    forgotten_at = models.DateTimeField(null=True)  # the child's name was erased after its term; the period stays
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    began_with = models.ForeignKey(Handover, on_delete=models.PROTECT, related_name="begun")
    ended_with = models.ForeignKey(Handover, on_delete=models.PROTECT, null=True, related_name="ended")
    followed_by = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="follows")
    objects = Custodies.as_manager()

    class Meta:
        verbose_name_plural = "custodies"
        constraints = [
            models.UniqueConstraint(
                fields=["instrument", "level"],
                condition=Q(ended_at=None),
                name="one_open_keeper_and_one_open_holder",
            ),
            models.CheckConstraint(
                name="custody_ends_after_start", condition=Q(ended_at=None) | Q(ended_at__gte=F("started_at"))
            ),
            models.CheckConstraint(
                name="custody_ends_with_a_handover",
                condition=Q(ended_at=None, ended_with=None) | Q(ended_at__isnull=False, ended_with__isnull=False),
            ),
            models.CheckConstraint(
                name="custody_has_one_party",
                condition=(
                    Q(
                        level=Level.KEEPER.value,
                        site__isnull=False,
                        child=None,
                        account=None,
                        forgotten_at=None,
                    )
                    | Q(
                        level=Level.HOLDER.value,
                        site=None,
                        child__isnull=False,
                        account=None,
                        forgotten_at=None,
                    )
                    | Q(
                        level=Level.HOLDER.value,
                        site=None,
                        child=None,
                        account__isnull=False,
                        forgotten_at=None,
                    )
                    | Q(
                        level=Level.HOLDER.value,
                        site=None,
                        child=None,
                        account=None,
                        forgotten_at__isnull=False,
                    )
                ),
            ),
            models.CheckConstraint(
                name="ended_keeper_names_the_next",
                condition=~Q(level=Level.KEEPER.value)
                | Q(ended_at=None, followed_by=None)
                | Q(ended_at__isnull=False, followed_by__isnull=False),
            ),
            models.CheckConstraint(
                name="forgotten_only_after_the_end",
                condition=Q(forgotten_at=None) | Q(ended_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["instrument", "-started_at"], name="custody_by_instrument"),
            models.Index(fields=["site"], condition=Q(ended_at=None), name="custody_open_by_site"),
            models.Index(fields=["child"], name="custody_by_child"),
        ]


_CUSTODY = "depot_custody"
guards.refuse(
    name="custody_never_leaves",
    table=_CUSTODY,
    event="BEFORE DELETE",
    sentence="a custody row is never deleted",
)
guards.refuse(
    name="custody_never_rewritten",
    table=_CUSTODY,
    event="BEFORE UPDATE",
    sentence="a custody row is never rewritten: correct it with another handover",
    when=(
        "OLD.id <> NEW.id OR OLD.instrument_id <> NEW.instrument_id OR OLD.level <> NEW.level "
        "OR OLD.started_at <> NEW.started_at OR OLD.began_with_id <> NEW.began_with_id "
        "OR COALESCE(OLD.site_id, 0) <> COALESCE(NEW.site_id, 0) "
        "OR (NEW.forgotten_at IS NULL AND (COALESCE(OLD.child_id, 0) <> COALESCE(NEW.child_id, 0) "
        "OR COALESCE(OLD.account_id, 0) <> COALESCE(NEW.account_id, 0))) "
        "OR (OLD.forgotten_at IS NOT NULL AND NEW.forgotten_at IS NULL) "
        "OR (OLD.ended_at IS NOT NULL AND (NEW.ended_at IS NULL OR OLD.ended_at <> NEW.ended_at "
        "OR OLD.ended_with_id <> NEW.ended_with_id))"
    ),
)
guards.refuse(
    name="custody_never_overlaps",
    table=_CUSTODY,
    event="BEFORE INSERT",
    sentence="two people cannot answer for one instrument at the same moment",
    when=(
        f"EXISTS (SELECT 1 FROM {_CUSTODY} c WHERE c.instrument_id = NEW.instrument_id AND c.level = NEW.level "
        "AND (NEW.ended_at IS NULL OR c.started_at < NEW.ended_at) "
        "AND (c.ended_at IS NULL OR c.ended_at > NEW.started_at))"
    ),
)
guards.refuse(
    name="custody_follows_in_its_own_chain",
    table=_CUSTODY,
    event="AFTER INSERT",
    sentence="a keeper follows the keeper of the same instrument",
    when=(
        f"EXISTS (SELECT 1 FROM {_CUSTODY} c WHERE c.followed_by_id = NEW.id AND (c.instrument_id <> NEW.instrument_id "
        "OR c.level <> NEW.level OR c.ended_at <> NEW.started_at))"
    ),
)
guards.append_only("depot_handover", "handover")
