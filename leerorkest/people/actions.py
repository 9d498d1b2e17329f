"""Every write about accounts: invited, posted, suspended. Nobody makes an account for themselves."""

from dataclasses import dataclass
from datetime import date, datetime

from django.contrib.sessions.models import Session
from django.utils.translation import gettext_lazy as _

from leerorkest.network.models import Organisation, Site
from leerorkest.shared.actions import Actor, Refused, action, record, unless_taken

from . import rules
from .models import Account, Invitation, Posting
from .rules import Role


class PlaceElsewhere(Refused):
    sentence = _("%(site)s does not belong to this organisation. Choose one of its own places.")


class HeadNeedsSchool(Refused):
    sentence = _("A school head works at one school. Choose the school.")


class RepairersWorkAtNoSchool(Refused):
    sentence = _("Who repairs works at a workshop, a depot or a van. Choose one of those, or leave the place empty.")


class OfficeHasNoPlace(Refused):
    sentence = _("The office works for the whole organisation. Leave the place empty.")


class AlreadyPosted(Refused):
    sentence = _("%(name)s already has this role at this place in that period. End that posting first.")


class PostingRunsBackwards(Refused):
    sentence = _("The end lies before the start. Correct one of the two dates.")


class AlreadyEnded(Refused):
    sentence = _("This posting has already ended.")


class AlreadySignedIn(Refused):
    sentence = _("%(name)s has used the invitation already and signs in with a passkey or password.")


class InvitationGone(Refused):
    sentence = _("This invitation is used or too old. Ask the office for a new one.")


class InvitedJustNow(Refused):
    sentence = _("Somebody else invited %(email)s a moment ago. Look at the accounts.")


class Suspended(Refused):
    sentence = _("%(name)s is suspended. Restore the account first.")


class AlreadySo(Refused):
    sentence = _("Nothing has to change: this was done before.")


class WorksElsewhereToo(Refused):
    sentence = _("%(name)s also works for another organisation. End the postings here; suspending is not up to you.")


class WouldLockOut(Refused):
    sentence = _("You cannot suspend yourself. Ask a colleague of the office.")


@dataclass(frozen=True)
class Invited:
    """`secret` is shown or mailed once and kept nowhere; empty when the person can sign in already."""

    account: Account
    posting: Posting
    secret: str


@action
def invite(
    *,
    organisation: Organisation,
    name: str,
    email: str,
    role: Role,
    site: Site | None = None,
    from_on: date,
    until_on: date | None = None,
    by: Actor,
    at: datetime,
) -> Invited:
    """An account with its first posting and one link to come in. Who has an account already gets the posting."""
    account = Account.objects.filter(email__iexact=email).first()
    is_new = account is None
    if account is None:
        account = Account(email=email, name=" ".join(name.split()))
        account.set_unusable_password()
        with unless_taken(InvitedJustNow(email=email)):
            account.save()
        record("people.make_account", subject=account, organisation=organisation.key)
    posting = give_posting(
        account=account,
        organisation=organisation,
        role=role,
        site=site,
        from_on=from_on,
        until_on=until_on,
        by=by,
        at=at,
    )
    # A link for an existing account would hand somebody else's account to whoever sees the link.
    secret = make_invitation(account=account, by=by, at=at) if is_new else ""
    return Invited(account=account, posting=posting, secret=secret)


@action
def make_invitation(*, account: Account, by: Actor, at: datetime) -> str:
    """A new link for who never came in; an older link stops working. Returns the secret, which is kept nowhere."""
    if not account.is_active:
        raise Suspended(name=account.name)
    if has_come_in(account):
        raise AlreadySignedIn(name=account.name)
    account.invitations.filter(used_at=None, replaced_at=None).update(replaced_at=at)
    secret = rules.new_secret()
    with unless_taken(InvitedJustNow(email=account.email)):
        Invitation.objects.create(
            account=account,
            secret_hash=rules.hash_of(secret),
            made_at=at,
            expires_at=at + rules.INVITATION_LASTS,
        )
    record("people.make_invitation", subject=account)
    return secret


def has_come_in(account: Account) -> bool:
    return account.has_usable_password() or account.invitations.exclude(used_at=None).exists()


def open_invitation(secret: str, at: datetime) -> Invitation:
    """The invitation this secret opens now, or the refusal that it is gone."""
    invitation = (
        Invitation.objects.select_related("account")
        .filter(secret_hash=rules.hash_of(secret), used_at=None, replaced_at=None, expires_at__gt=at)
        .first()
    )
    if invitation is None or not invitation.account.is_active:
        raise InvitationGone
    return invitation


@action
def accept_invitation(*, secret: str, password: str = "", by: Actor, at: datetime) -> Account:
    """Come in, once. Without a password the person makes a passkey next. The caller has checked the password."""
    invitation = open_invitation(secret, at)
    if not Invitation.objects.filter(pk=invitation.pk, used_at=None).update(used_at=at):
        raise InvitationGone  # somebody was a moment earlier
    account = invitation.account
    if password:
        account.set_password(password)
        account.save(update_fields=["password"])
    record("people.accept_invitation", subject=account, detail={"with": "password" if password else "passkey"})
    return account


@action
def give_posting(
    *,
    account: Account,
    organisation: Organisation,
    role: Role,
    site: Site | None = None,
    from_on: date,
    until_on: date | None = None,
    by: Actor,
    at: datetime,
) -> Posting:
    """A role at a place (None: the whole organisation), from a day until a day that no longer counts."""
    if not account.is_active:
        raise Suspended(name=account.name)
    if site is not None and site.organisation_id != organisation.pk:
        raise PlaceElsewhere(site=site.name)
    if role is Role.SCHOOL_HEAD and (site is None or site.sort != Site.SCHOOL):
        raise HeadNeedsSchool
    if role in (Role.WORKSHOP_MASTER, Role.TRAINEE) and site is not None and site.sort == Site.SCHOOL:
        raise RepairersWorkAtNoSchool
    if role is Role.OFFICE and site is not None:
        raise OfficeHasNoPlace
    if until_on is not None and until_on <= from_on:
        raise PostingRunsBackwards
    same = account.postings.filter(organisation=organisation, role=role.value, site=site)
    if any(_overlap(posting, from_on, until_on) for posting in same):
        raise AlreadyPosted(name=account.name)
    posting = Posting.objects.create(
        account=account, organisation=organisation, role=role.value, site=site, from_on=from_on, until_on=until_on
    )
    record(
        "people.give_posting",
        subject=account,
        organisation=organisation.key,
        detail={
            "posting": posting.pk,
            "role": role.value,
            "site": site.pk if site else None,
            "from_on": from_on.isoformat(),
            "until_on": until_on.isoformat() if until_on else None,
        },
    )
    return posting


def _overlap(posting: Posting, from_on: date, until_on: date | None) -> bool:
    starts_before_end = until_on is None or posting.from_on < until_on
    ends_after_start = posting.until_on is None or posting.until_on > from_on
    return starts_before_end and ends_after_start


@action
def end_posting(*, posting: Posting, until_on: date, by: Actor, at: datetime) -> None:
    """`until_on` is the first day it no longer holds. What the person may see ends with it, at once."""
    if posting.until_on is not None and posting.until_on <= until_on:
        raise AlreadyEnded
    posting.until_on = max(until_on, posting.from_on)
    posting.save(update_fields=["until_on"])
    record(
        "people.end_posting",
        subject=posting.account,
        organisation=posting.organisation.key,
        detail={"posting": posting.pk, "until_on": posting.until_on.isoformat()},
    )


@action
def suspend(*, account: Account, by: Actor, at: datetime) -> None:
    """No way in any more, and every open session ends now. Postings stay, so that restoring is one act."""
    if account.audit_key == by.audit_key:
        raise WouldLockOut
    if not account.is_active:
        raise AlreadySo
    account.is_active = False
    account.save(update_fields=["is_active"])
    account.invitations.filter(used_at=None, replaced_at=None).update(replaced_at=at)
    ended = _end_sessions(account)
    record("people.suspend", subject=account, detail={"sessions": ended})


def _end_sessions(account: Account) -> int:
    """An inactive account is refused on every request anyway; this keeps an old session from reviving with it."""
    keys = [
        session.session_key
        for session in Session.objects.iterator(chunk_size=500)
        if session.get_decoded().get("_auth_user_id") == str(account.pk)
    ]
    Session.objects.filter(session_key__in=keys).delete()
    return len(keys)


@action
def restore(*, account: Account, by: Actor, at: datetime) -> None:
    if account.is_active:
        raise AlreadySo
    account.is_active = True
    account.save(update_fields=["is_active"])
    record("people.restore", subject=account)


@action
def note_vog(*, account: Account, seen_on: date | None, by: Actor, at: datetime) -> None:
    """The office saw the certificate of conduct on this day. The certificate itself is not kept."""
    account.vog_seen_on = seen_on
    account.save(update_fields=["vog_seen_on"])
    record("people.note_vog", subject=account, detail={"seen_on": seen_on.isoformat() if seen_on else None})
