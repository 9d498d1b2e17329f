"""Who is acting: an account with the postings that hold today."""

from dataclasses import dataclass
from datetime import date

from allauth.mfa.models import Authenticator
from django.conf import settings

from .models import Account, Posting
from .rules import Role


@dataclass(frozen=True)
class Actor:
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


def actor_of(account: Account, on: date) -> Actor:
    postings = account.postings.on(on).select_related("organisation", "site") if account.is_active else []
    return Actor(account=account, postings=tuple(postings), on=on)


def lacks_second_factor(actor: Actor) -> bool:
    """Whoever works here sees more than one child, so a password alone is never enough. The demo's cast is invented."""
    if settings.DEMO or not actor.postings:
        return False
    strong = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
    return not Authenticator.objects.filter(user=actor.account, type__in=strong).exists()
