"""Who takes part: children, and the adults with an account and a posting."""

import uuid
from datetime import date

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from leerorkest.network.models import Organisation, Site

from .rules import Role


class Accounts(BaseUserManager["Account"]):
    def get_by_natural_key(self, username: str | None) -> "Account":
        return self.get(email__iexact=username)


class Account(AbstractBaseUser):
    """An adult who can sign in. What they may do follows from their postings alone: there is no superuser."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField()
    name = models.CharField(max_length=80)
    is_active = models.BooleanField(default=True)  # False: suspended
    vog_seen_on = models.DateField(null=True, blank=True)  # the day the office saw the certificate of conduct

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]
    objects = Accounts()

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="one_account_per_email")]

    def __str__(self) -> str:
        return self.name

    @property
    def audit_key(self) -> str:
        return f"account:{self.pk}"

    @property
    def first_name(self) -> str:
        return self.name.split()[0] if self.name else ""


class Invitation(models.Model):
    """The way in for a new account: one link, for seven days, once. Only the hash of its secret is kept."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="invitations")
    secret_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    replaced_at = models.DateTimeField(null=True, blank=True)  # a newer link was made

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account"],
                condition=models.Q(used_at=None, replaced_at=None),
                name="one_open_invitation_per_account",
            )
        ]

    def __str__(self) -> str:
        return f"invitation of {self.account_id}"


ROLES = [
    (Role.TEACHER.value, _("Teacher")),
    (Role.COORDINATOR.value, _("Coordinator")),
    (Role.DEPOT_KEEPER.value, _("Depot keeper")),
    (Role.SCHOOL_HEAD.value, _("School head")),
    (Role.WORKSHOP_MASTER.value, _("Workshop master")),
    (Role.TRAINEE.value, _("Workshop trainee")),
    (Role.OFFICE.value, _("Office")),
]


class Postings(models.QuerySet["Posting"]):
    def on(self, day: date) -> "Postings":
        """In force on this day."""
        return self.on_any_of(day, day)

    def on_any_of(self, first: date, last: date) -> "Postings":
        """In force on at least one of these days."""
        return self.filter(models.Q(until_on=None) | models.Q(until_on__gt=first), from_on__lte=last)


class Posting(models.Model):
    """A role at a place, from a date until a date. `until_on` is the first day it no longer holds."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="postings")
    role = models.CharField(max_length=20, choices=ROLES)
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="postings")
    site = models.ForeignKey(
        Site, on_delete=models.CASCADE, related_name="postings", null=True, blank=True
    )  # None: all
    from_on = models.DateField()
    until_on = models.DateField(null=True, blank=True)
    objects = Postings.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="posting_ends_after_start",
                condition=models.Q(until_on=None) | models.Q(until_on__gte=models.F("from_on")),
            ),
            models.CheckConstraint(
                name="posting_has_a_known_role", condition=models.Q(role__in=[role.value for role in Role])
            ),
            models.CheckConstraint(  # a head without a school would be a coordinator
                name="school_head_has_a_school",
                condition=~models.Q(role=Role.SCHOOL_HEAD.value) | ~models.Q(site=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account}: {self.get_role_display()}"

    def holds_on(self, day: date) -> bool:
        return self.from_on <= day and (self.until_on is None or day < self.until_on)


class Child(models.Model):
    """A child, with as little as a teacher needs. Fetched only through the doors in `schools.access`."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="children")
    first_name = models.CharField(max_length=60)
    prefix = models.CharField(max_length=20, blank=True)  # van 't, de la: sorted without it
    last_name = models.CharField(max_length=80, blank=True)

    class Meta:
        indexes = [models.Index(fields=["organisation", "last_name", "first_name"], name="child_by_name")]

    def __str__(self) -> str:
        return f"child {self.uid}"  # a name never reaches a log by accident

    @property
    def name(self) -> str:
        return " ".join(part for part in (self.first_name, self.prefix, self.last_name) if part)

    @property
    def short_name(self) -> str:
        """First name and initial: what a lesson list and a phone show."""
        return f"{self.first_name} {self.last_name[:1]}." if self.last_name else self.first_name
