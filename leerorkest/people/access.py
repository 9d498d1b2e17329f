"""Who is acting: an account with the postings that hold today."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db.models import Q, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from leerorkest.network.models import Organisation
from leerorkest.shared import clock
from leerorkest.shared.prepared import prepared, prepared_row, prepared_test

from .models import Account, Posting
from .parts import Parts
from .rules import Role


@dataclass(frozen=True)
class Actor(Parts):
    """An account and its postings on one day. Built once per request; a new posting or its end counts at once."""

    account: Account
    postings: tuple[Posting, ...]
    on: date

    @property
    def audit_key(self) -> str:
        return self.account.audit_key

    @property
    def roles(self) -> frozenset[Role]:
        return frozenset(Role(posting.role) for posting in self.postings)

    def organisations(self, *roles: Role) -> set[int]:
        """Ids of the organisations where the actor has one of these roles for all sites."""
        return {p.organisation_id for p in self.postings if p.site_id is None and p.role in roles}

    def sites(self, *roles: Role) -> set[int]:
        """Ids of the single sites where the actor has one of these roles."""
        return {p.site_id for p in self.postings if p.site_id is not None and p.role in roles}

    def postings_as(self, role: Role) -> list[int]:
        return [p.pk for p in self.postings if p.role == role]


@prepared
def _postings(account: int, on: date) -> QuerySet[Posting]:
    return Posting.objects.on(on).filter(account=account).select_related("organisation", "site")


def actor_of(account: Account, on: date) -> Actor:
    return Actor(account=account, postings=tuple(_postings(account.pk, on) if account.is_active else ()), on=on)


@prepared_test
def _has_strong_factor(account: int) -> QuerySet[Authenticator]:
    strong = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
    return Authenticator.objects.filter(user=account, type__in=strong)


@prepared
def _postings_near(account: int, first: date, last: date) -> QuerySet[Posting]:
    return Posting.objects.on_any_of(first, last).filter(account=account).select_related("organisation", "site")


def actor_at(account: Account, at: datetime) -> Actor:
    """Who acts at this moment. Each posting holds by the calendar of its own organisation: late on the last evening of
    a teacher on Curaçao, Amsterdam has the next day already.
    """
    day = at.date()
    near = _postings_near(account.pk, day - timedelta(days=1), day + timedelta(days=1)) if account.is_active else ()
    held = tuple(posting for posting in near if posting.holds_on(posting.organisation.day_at(at)))
    return Actor(account=account, postings=held, on=held[0].organisation.day_at(at) if held else clock.today(at))


def lacks_second_factor(actor: Actor) -> bool:
    """Whoever works here sees more than one child, so a password alone is never enough. The demo's cast is invented."""
    if settings.DEMO or not actor.postings:
        return False
    return not _has_strong_factor(actor.account.pk)


# The office's doors: accounts with a posting, now or once, in an organisation where the actor is the office.


def organisations_in_charge(actor: Actor) -> QuerySet[Organisation]:
    return Organisation.objects.filter(pk__in=actor.organisations(Role.OFFICE))


def organisation_in_charge(actor: Actor, key: str = "") -> Organisation:
    """The one with this key; without a key the first one (nearly everybody has one)."""
    for organisation in _organisations_in_charge(actor):
        if key in ("", organisation.key):
            return organisation
    raise Http404


@prepared
def _organisations_in_charge(actor: Actor) -> QuerySet[Organisation]:
    return organisations_in_charge(actor)


def postings_in_charge(actor: Actor) -> QuerySet[Posting]:
    return Posting.objects.filter(organisation__in=actor.organisations(Role.OFFICE)).select_related(
        "account", "organisation", "site"
    )


def posting_in_charge(actor: Actor, pk: int) -> Posting:
    return get_object_or_404(postings_in_charge(actor), pk=pk)


def accounts_in_charge(actor: Actor) -> QuerySet[Account]:
    return Account.objects.filter(pk__in=postings_in_charge(actor).values("account"))


@prepared_row
def account_in_charge(actor: Actor, uid: uuid.UUID) -> QuerySet[Account]:
    return accounts_in_charge(actor).filter(uid=uid)


def is_wholly_in_charge(actor: Actor, account: Account) -> bool:
    """No posting that still holds (or will) lies in an organisation of somebody else's."""
    return not _is_posted_elsewhere(actor, account.pk)


@prepared_test
def _is_posted_elsewhere(actor: Actor, account: int) -> QuerySet[Posting]:
    held = Posting.objects.filter(Q(until_on=None) | Q(until_on__gt=actor.on), account=account)
    return held.exclude(organisation__in=actor.organisations(Role.OFFICE))
