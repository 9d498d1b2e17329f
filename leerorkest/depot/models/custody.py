"""The instruments, and who answers for each of them at any moment.

Owner, keeper, holder and place are four different facts. The keeper (a site) and the holder (a child, a member of
staff) are rows of `Custody`; "who has it" is always a query over them, never a stored column.
"""

import uuid
from typing import TYPE_CHECKING

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Prefetch, Q
from django.db.models.functions import Length

from leerorkest.music.models import InstrumentKind, Size
from leerorkest.network.models import Organisation, Site
from leerorkest.people.models import Child
from leerorkest.shared import guards

from ..rules import HandoverSort, Level, Where, name_of, readable

if TYPE_CHECKING:
    from .owners import Ownership
    from .places import Placement

STOCK_PLACES = (Site.DEPOT, Site.WORKSHOP, Site.VAN)  # a school and a hall use what they keep


class Instruments(models.QuerySet["Instrument"]):
    """The words in which a list of instruments is asked for."""

    def kept_by(self, *sites: Site | int) -> "Instruments":
        keeping = Custody.objects.open().keepers().filter(site__in=sites)
        return self.filter(pk__in=keeping.values("instrument"))

    def lent(self) -> "Instruments":
        return self.filter(Exists(Custody.objects.open().holders().filter(instrument=OuterRef("pk"))))

    def on_shelf(self) -> "Instruments":
        """Nobody holds it and it is in use: it can be issued or lent."""
        return self.not_retired().exclude(Exists(Custody.objects.open().holders().filter(instrument=OuterRef("pk"))))

    def in_depots(self) -> "Instruments":
        """Kept by a place of the stock: what can be issued, lent from there, or sent."""
        kept = Custody.objects.open().keepers().filter(instrument=OuterRef("pk"), site__sort__in=STOCK_PLACES)
        return self.filter(Exists(kept))

    def not_under_way(self) -> "Instruments":
        """In no box: what was sent is there for nobody until it is received."""
        items = apps.get_model("depot.ShipmentItem").objects.under_way().filter(instrument=OuterRef("pk"))
        return self.exclude(Exists(items))

    def not_reserved(self) -> "Instruments":
        """Not picked for a reservation."""
        return self.exclude(Exists(apps.get_model("depot.Pick").objects.waiting().filter(instrument=OuterRef("pk"))))

    def playable(self) -> "Instruments":
        """Without an open defect that stops play."""
        stopping = apps.get_model("depot.Defect").objects.stopping().filter(instrument=OuterRef("pk"))
        return self.exclude(Exists(stopping))

    def clean(self) -> "Instruments":
        """Does not wait to be cleaned."""
        dirty = apps.get_model("depot.Cleaning").objects.open().filter(instrument=OuterRef("pk"))
        return self.exclude(Exists(dirty))

    def not_in_repair(self) -> "Instruments":
        return self.exclude(Exists(apps.get_model("depot.Repair").objects.open().filter(instrument=OuterRef("pk"))))

    def not_overdue(self) -> "Instruments":
        """No maintenance that should have been done first."""
        blocking = apps.get_model("depot.MaintenanceJob").objects.blocking().filter(instrument=OuterRef("pk"))
        return self.exclude(Exists(blocking))

    def fit(self) -> "Instruments":
        """As `must_be_fit` says: playable, in no repair, nothing overdue, clean."""
        return self.playable().not_in_repair().not_overdue().clean()

    def ready(self) -> "Instruments":
        """Fit to go out, to whomever it was promised: on the shelf, and nothing is wrong with it. Each topic adds its
        word here."""
        return self.on_shelf().fit().not_under_way()

    def available(self) -> "Instruments":
        """What may be lent or issued now, to anybody."""
        return self.ready().not_reserved()

    def not_retired(self) -> "Instruments":
        return self.filter(retired_on=None)

    def retired(self) -> "Instruments":
        return self.filter(retired_on__isnull=False)

    def of_kind(self, kind: InstrumentKind | str, size: Size | int | None = None) -> "Instruments":
        return self.filter(kind=kind, size=size) if size else self.filter(kind=kind)

    def of_handover(self, handover: "Handover") -> "Instruments":
        begun = Custody.objects.filter(began_with=handover).values("instrument")
        ended = Custody.objects.filter(ended_with=handover).values("instrument")
        return self.filter(
            Q(pk__in=begun)
            | Q(pk__in=ended)
            | Q(pk__in=handover.placements_begun.values("instrument"))
            | Q(pk__in=handover.ownerships_begun.values("instrument"))
            | Q(pk__in=handover.kitmemberships_begun.values("instrument"))
            | Q(pk__in=handover.kitmemberships_ended.values("instrument"))
        )

    def numbered(self) -> "Instruments":
        """With what sorts numbers as people do: 2 before 17."""
        return self.annotate(number_length=Length("number"))

    def with_parties(self) -> "Instruments":
        """With kind, size and both responsible parties of now, in one more query for any number of rows."""
        parties = Custody.objects.open().select_related("site", "child", "account")
        return self.select_related("kind", "size").prefetch_related(
            Prefetch("custodies", queryset=parties, to_attr="parties")
        )

    def with_place(self) -> "Instruments":
        """With where each stands now, in one more query for any number of rows."""
        return self.prefetch_related(self._open("placements", "site"))

    def with_owner(self) -> "Instruments":
        """With who owns each now, in one more query for any number of rows."""
        return self.prefetch_related(self._open("ownerships", "organisation"))

    def _open(self, periods: str, related: str) -> Prefetch:
        rows = getattr(self.model, periods).rel.related_model.objects.open().select_related(related)
        return Prefetch(periods, queryset=rows, to_attr=f"open_{periods}")

    def lost(self) -> "Instruments":
        """Nobody knows where they are."""
        return self.filter(placements__sort=Where.UNKNOWN.value, placements__ended_at=None)


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
    purchase_value = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3)
    purchased_on = models.DateField(null=True, blank=True)
    retired_on = models.DateField(null=True, blank=True)
    retired_because = models.CharField(max_length=40, blank=True)
    # The custody that began with this instrument. With the chain of keepers below it makes "exactly one open keeper"
    # something the database keeps: an instrument cannot be saved without a first keeper.
    first_keeping = models.OneToOneField("Custody", on_delete=models.PROTECT, related_name="first_of")
    objects = Instruments.as_manager()

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
        indexes = [
            models.Index("organisation", "kind", Length("number"), "number", "id", name="instrument_by_number"),
            models.Index(fields=["organisation", "serial_number"], name="instrument_by_serial"),
        ]

    def __str__(self) -> str:
        return self.tag

    @property
    def name(self) -> str:
        """What people call it."""
        return name_of(str(self.kind), str(self.size or ""), self.number, self.tag)

    @property
    def readable_tag(self) -> str:
        return readable(self.tag)

    @property
    def keeping(self) -> "Custody":
        """Its open keeper; only after `with_parties()`."""
        return next(custody for custody in self.parties if custody.level == Level.KEEPER.value)  # type: ignore[attr-defined]

    @property
    def keeper(self) -> Site:
        """The place that answers for it; only after `with_parties()`."""
        assert self.keeping.site is not None  # custody_has_one_party
        return self.keeping.site

    @property
    def holding(self) -> "Custody | None":
        """Its open holder; only after `with_parties()`."""
        return next((custody for custody in self.parties if custody.level == Level.HOLDER.value), None)  # type: ignore[attr-defined]

    @property
    def place(self) -> "Placement | None":
        """Where it stands; only after `with_place()`."""
        return next(iter(self.open_placements), None)  # type: ignore[attr-defined]

    @property
    def ownership(self) -> "Ownership | None":
        """Who owns it; only after `with_owner()`."""
        return next(iter(self.open_ownerships), None)  # type: ignore[attr-defined]


class Handover(models.Model):
    """The act that changes who keeps, holds or owns instruments, or where they stand.

    `id` is made by the client: a repeat changes nothing.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="handovers")
    sort = models.CharField(max_length=12)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True)  # None: a file or the demo
    by_key = models.CharField(max_length=40)  # the audit key of who did it
    note = models.CharField(max_length=200, blank=True)  # about the instruments, never about people
    content_hash = models.CharField(max_length=64)  # the same id with another content is refused
    reverses = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="reversed_with")

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


class InstrumentImport(models.Model):
    """A list of instruments between its upload and its intake. The file itself is never kept.

    Its id becomes the id of the handover that takes them in, so that one list comes in once.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="+")  # where they will stand
    by_key = models.CharField(max_length=40)
    previewed_at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True)
    lines = models.JSONField(default=list)  # what was read; emptied when it is applied
    refused = models.JSONField(default=list)
    dropped = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"list {self.pk}"


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
        "OR OLD.ended_with_id <> NEW.ended_with_id)) "
        "OR (OLD.followed_by_id IS NOT NULL AND (NEW.followed_by_id IS NULL "
        "OR OLD.followed_by_id <> NEW.followed_by_id))"
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
# A keeper names the next before the next exists. Naming a row that stands there already (its own, an older one, one of
# another instrument) would tie the chain into a ring with no open end.
for _event, _when in [
    ("BEFORE INSERT", "NEW.followed_by_id IS NOT NULL"),
    ("BEFORE UPDATE", "OLD.followed_by_id IS NULL AND NEW.followed_by_id IS NOT NULL"),
]:
    guards.refuse(
        name=f"custody_is_followed_by_a_new_one_{_event.split()[1].lower()}",
        table=_CUSTODY,
        event=_event,
        sentence="a keeper is followed by a new keeper",
        when=(
            f"{_when} AND (NEW.followed_by_id = NEW.id "
            f"OR EXISTS (SELECT 1 FROM {_CUSTODY} c WHERE c.id = NEW.followed_by_id))"
        ),
    )
_INSTRUMENT = "depot_instrument"
guards.refuse(
    name="instrument_begins_with_a_new_keeping",
    table=_INSTRUMENT,
    event="BEFORE INSERT",
    sentence="an instrument begins with a keeping of its own",
    when=f"EXISTS (SELECT 1 FROM {_CUSTODY} c WHERE c.id = NEW.first_keeping_id)",
)
guards.refuse(
    name="custody_begins_the_right_instrument",
    table=_CUSTODY,
    event="AFTER INSERT",
    sentence="an instrument begins with a keeping of its own",
    when=(
        f"EXISTS (SELECT 1 FROM {_INSTRUMENT} i WHERE i.first_keeping_id = NEW.id "
        f"AND (i.id <> NEW.instrument_id OR NEW.level <> '{Level.KEEPER.value}'))"
    ),
)
guards.refuse(
    name="instrument_keeps_its_beginning",
    table=_INSTRUMENT,
    event="BEFORE UPDATE",
    sentence="an instrument keeps its first keeping, and its tag until it gets another label",
    when=(
        "OLD.first_keeping_id <> NEW.first_keeping_id OR OLD.uid <> NEW.uid OR (OLD.tag <> NEW.tag AND NOT ("
        "EXISTS (SELECT 1 FROM depot_label l WHERE l.tag = NEW.tag AND l.instrument_id = NEW.id) "
        "AND EXISTS (SELECT 1 FROM depot_label l WHERE l.tag = OLD.tag AND l.instrument_id = NEW.id)))"
    ),
)
guards.refuse(
    name="instrument_never_leaves",
    table=_INSTRUMENT,
    event="BEFORE DELETE",
    sentence="an instrument is never deleted, only retired",
)
guards.append_only("depot_handover", "handover")
