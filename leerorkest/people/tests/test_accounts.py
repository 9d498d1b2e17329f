import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse

from leerorkest.people import actions
from leerorkest.people.access import actor_at
from leerorkest.people.models import Account, Invitation, Posting
from leerorkest.people.rules import Role
from leerorkest.shared.actions import System
from leerorkest.shared.models import AuditEntry
from tests import make
from tests.counting import queries_of

BY = {"by": System("test"), "at": make.NOW}
PASSWORD = "vier paarse violen zingen"


@pytest.fixture(autouse=True)
def on_a_tuesday(time_machine):
    time_machine.move_to(make.NOW)


def invite(cast, **values):
    facts = {"name": "Mila Blom", "email": "mila@example.org", "role": Role.TEACHER, "from_on": make.TODAY}
    return actions.invite(organisation=cast.amsterdam, **{**facts, **values}, **BY)


# --- the actions


def test_an_invited_person_has_a_posting_and_no_password(cast):
    invited = invite(cast)
    assert invited.posting.role == "teacher"
    assert not invited.account.has_usable_password()
    assert Invitation.objects.get().secret_hash != invited.secret


def test_the_secret_of_an_invitation_is_kept_nowhere(cast):
    secret = invite(cast).secret
    assert len(secret) >= 43
    for entry in AuditEntry.objects.all():
        assert secret not in f"{entry.subject} {entry.detail}"


def test_an_invitation_works_once(cast):
    secret = invite(cast).secret
    actions.accept_invitation(secret=secret, password=PASSWORD, **BY)
    with pytest.raises(actions.InvitationGone):
        actions.accept_invitation(secret=secret, password=PASSWORD, **BY)


@pytest.mark.parametrize(("days", "works"), [(6.9, True), (7.1, False)])
def test_an_invitation_lasts_seven_days(cast, days, works):
    secret = invite(cast).secret
    later = {"by": System("test"), "at": make.NOW + timedelta(days=days)}
    if works:
        assert actions.accept_invitation(secret=secret, password=PASSWORD, **later).check_password(PASSWORD)
    else:
        with pytest.raises(actions.InvitationGone):
            actions.accept_invitation(secret=secret, password=PASSWORD, **later)


def test_a_new_invitation_ends_the_older_one(cast):
    invited = invite(cast)
    newer = actions.make_invitation(account=invited.account, **BY)
    with pytest.raises(actions.InvitationGone):
        actions.accept_invitation(secret=invited.secret, password=PASSWORD, **BY)
    actions.accept_invitation(secret=newer, password=PASSWORD, **BY)


def test_who_came_in_gets_no_new_invitation(cast):
    invited = invite(cast)
    actions.accept_invitation(secret=invited.secret, **BY)  # with a passkey: no password
    with pytest.raises(actions.AlreadySignedIn):
        actions.make_invitation(account=invited.account, **BY)


def test_who_has_an_account_elsewhere_gets_the_posting_but_no_link(cast):
    invited = invite(cast, email="LUCA@example.org")
    assert (invited.account, invited.secret) == (cast.luca, "")
    assert invited.account.name == "Luca Martina"


def test_a_posting_stays_within_the_organisation(cast):
    with pytest.raises(actions.PlaceElsewhere):
        invite(cast, site=cast.kadushi.site)
    assert not Account.objects.filter(email="mila@example.org").exists()


@pytest.mark.parametrize(
    ("values", "refusal"),
    [
        ({"role": Role.SCHOOL_HEAD}, actions.HeadNeedsSchool),
        ({"until_on": make.TODAY}, actions.PostingRunsBackwards),
    ],
)
def test_a_posting_that_cannot_be_is_refused_by_name(cast, values, refusal):
    with pytest.raises(refusal):
        invite(cast, **values)


def test_a_head_of_a_depot_or_an_office_at_a_school_does_not_exist(cast):
    with pytest.raises(actions.HeadNeedsSchool):
        invite(cast, role=Role.SCHOOL_HEAD, site=cast.depot)
    with pytest.raises(actions.OfficeHasNoPlace):
        invite(cast, role=Role.OFFICE, site=cast.depot)


def test_the_same_posting_twice_is_refused_but_a_later_one_is_not(cast):
    facts = {"organisation": cast.amsterdam, "role": Role.DEPOT_KEEPER}
    actions.give_posting(account=cast.noor, **facts, from_on=make.TODAY, until_on=date(2027, 1, 1), **BY)
    with pytest.raises(actions.AlreadyPosted):
        actions.give_posting(account=cast.noor, **facts, from_on=date(2026, 12, 31), **BY)
    actions.give_posting(account=cast.noor, **facts, from_on=date(2027, 1, 1), **BY)


def test_an_ended_posting_holds_no_longer_today(cast):
    posting = cast.noor.postings.get()
    actions.end_posting(posting=posting, until_on=make.TODAY, **BY)
    assert not Posting.objects.on(make.TODAY).filter(account=cast.noor).exists()
    with pytest.raises(actions.AlreadyEnded):
        actions.end_posting(posting=posting, until_on=make.TODAY, **BY)


def test_the_last_evening_of_a_posting_on_an_island_counts_although_amsterdam_has_the_next_day(cast):
    actions.end_posting(posting=cast.luca.postings.get(), until_on=date(2026, 12, 1), **BY)
    last_evening = datetime(2026, 12, 1, 3, 30, tzinfo=UTC)  # half past eleven on Curaçao, half past four in Amsterdam
    actor = actor_at(cast.luca, last_evening)
    assert (actor.on, actor.roles) == (date(2026, 11, 30), {Role.COORDINATOR})
    assert actor_at(cast.luca, last_evening + timedelta(hours=1)).roles == frozenset()


def test_ending_a_posting_before_it_began_makes_it_hold_never(cast):
    posting = make.make_posting(cast.noor, Role.COORDINATOR, cast.amsterdam, from_on=date(2027, 1, 1))
    actions.end_posting(posting=posting, until_on=make.TODAY, **BY)
    assert posting.until_on == posting.from_on


def test_nobody_suspends_themselves(cast):
    with pytest.raises(actions.WouldLockOut):
        actions.suspend(account=cast.ola, by=cast.ola, at=make.NOW)


def test_a_suspended_account_cannot_be_invited_or_posted(cast):
    invited = invite(cast)
    actions.suspend(account=invited.account, **BY)
    with pytest.raises(actions.InvitationGone):
        actions.accept_invitation(secret=invited.secret, password=PASSWORD, **BY)
    with pytest.raises(actions.Suspended):
        actions.make_invitation(account=invited.account, **BY)


# --- the pages


def test_suspending_ends_every_session_at_once_and_restoring_revives_none(cast, client, client_of):
    noor = client_of(cast.noor)
    assert noor.get("/").status_code == 200
    client.force_login(cast.ola)
    client.post(reverse("people:suspend", args=[cast.noor.uid]))
    assert noor.get("/").status_code == 302
    client.post(reverse("people:restore", args=[cast.noor.uid]))
    assert noor.get("/").status_code == 302
    assert Session.objects.count() == 1  # Ola's


@pytest.fixture
def client_of():
    from django.test import Client

    def sign_in(account):
        client = Client()
        client.force_login(account)
        return client

    return sign_in


def test_the_office_invites_and_the_link_is_shown_once(cast, client, settings):
    settings.SENDS_MAIL = False
    client.force_login(cast.ola)
    facts = {"name": "Mila Blom", "email": "mila@example.org", "role": "teacher", "from_on": "2026-11-24"}
    page = client.post(reverse("people:invite"), facts).content.decode()
    link = re.search(r"http://testserver(/people/invitation/)#([\w-]+)", page)
    mila = Account.objects.get(email="mila@example.org")
    assert link.group(2) not in client.get(reverse("people:account", args=[mila.uid])).content.decode()
    client.logout()
    response = client.post(link.group(1), {"secret": link.group(2), "password": PASSWORD, "again": PASSWORD})
    assert response.status_code == 302
    mila.refresh_from_db()
    assert mila.check_password(PASSWORD)
    assert client.session["_auth_user_id"] == str(mila.pk)


def test_with_mail_the_link_goes_to_the_person_and_is_not_shown(cast, client, settings, mailoutbox):
    settings.SENDS_MAIL = True
    client.force_login(cast.ola)
    facts = {"name": "Mila Blom", "email": "mila@example.org", "role": "teacher", "from_on": "2026-11-24"}
    response = client.post(reverse("people:invite"), facts, follow=True)
    (mail,) = mailoutbox
    secret = re.search(r"#([\w-]+)", mail.body).group(1)
    assert mail.to == ["mila@example.org"]
    assert secret not in response.content.decode()


def test_opening_the_link_uses_nothing_up(cast, client):
    secret = invite(cast).secret
    assert client.get(reverse("people:invitation")).status_code == 200
    assert actions.open_invitation(secret, make.NOW)


def test_a_person_can_come_in_with_a_passkey_alone(cast, client):
    invited = invite(cast)
    response = client.post(reverse("people:invitation"), {"secret": f"https://x/#{invited.secret}", "way": "passkey"})
    assert response["Location"] == reverse("mfa_add_webauthn")
    invited.account.refresh_from_db()
    assert not invited.account.has_usable_password()


@pytest.mark.parametrize(
    ("password", "again"), [("", ""), ("kort", "kort"), ("password12345", "password12345"), (PASSWORD, PASSWORD + "x")]
)
def test_a_weak_or_mistyped_password_leaves_the_invitation_open(cast, client, password, again):
    secret = invite(cast).secret
    response = client.post(reverse("people:invitation"), {"secret": secret, "password": password, "again": again})
    assert response.status_code == 200
    assert "_auth_user_id" not in client.session
    assert actions.open_invitation(secret, make.NOW)


def test_a_wrong_code_is_refused_in_one_sentence(cast, client):
    response = client.post(reverse("people:invitation"), {"secret": "x", "password": PASSWORD, "again": PASSWORD})
    assert response.context["form"].errors["secret"]
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("who", ["noor", "sam", "joost", "hanna", "luca", "wim"])
def test_only_the_office_sees_accounts(cast, client, who):
    client.force_login(getattr(cast, who))
    for address in (
        reverse("people:accounts"),
        reverse("people:invite"),
        reverse("people:account", args=[cast.noor.uid]),
        reverse("people:give_posting", args=[cast.noor.uid]),
    ):
        assert client.get(address).status_code == 404


def test_the_office_sees_no_account_of_another_organisation(cast, client):
    client.force_login(cast.ola)
    assert "Luca" not in client.get(reverse("people:accounts")).content.decode()
    assert client.get(reverse("people:account", args=[cast.luca.uid])).status_code == 404
    assert client.post(reverse("people:suspend", args=[cast.luca.uid])).status_code == 404
    posting = cast.luca.postings.get()
    assert client.post(reverse("people:end_posting", args=[posting.pk])).status_code == 404


def test_who_works_elsewhere_too_is_not_suspended_by_one_office(cast, client):
    make.make_posting(cast.noor, Role.TEACHER, cast.curacao)
    client.force_login(cast.ola)
    client.post(reverse("people:suspend", args=[cast.noor.uid]))
    client.post(reverse("people:new_invitation", args=[cast.noor.uid]))
    cast.noor.refresh_from_db()
    assert cast.noor.is_active
    assert not Invitation.objects.exists()
    assert "Curacao" not in client.get(reverse("people:account", args=[cast.noor.uid])).content.decode()


def test_the_office_gives_and_ends_a_posting_and_notes_the_certificate(cast, client):
    client.force_login(cast.ola)
    account = reverse("people:account", args=[cast.noor.uid])
    facts = {"role": "school_head", "site": cast.regenboog.site.pk, "from_on": "2026-11-24"}
    assert client.post(reverse("people:give_posting", args=[cast.noor.uid]), facts)["Location"] == account
    posting = cast.noor.postings.get(role="school_head")
    client.post(reverse("people:end_posting", args=[posting.pk]), {"until_on": "2026-12-01"})
    client.post(reverse("people:vog", args=[cast.noor.uid]), {"seen_on": "2026-08-20"})
    posting.refresh_from_db()
    cast.noor.refresh_from_db()
    assert (posting.until_on, cast.noor.vog_seen_on) == (date(2026, 12, 1), date(2026, 8, 20))
    assert client.get(account).status_code == 200


def test_a_place_of_another_organisation_is_no_choice(cast, client):
    client.force_login(cast.ola)
    facts = {"role": "teacher", "site": cast.kadushi.site.pk, "from_on": "2026-11-24"}
    response = client.post(reverse("people:give_posting", args=[cast.noor.uid]), facts)
    assert response.context["form"].errors["site"]


def test_accounts_are_found_by_name_and_role(cast, client):
    client.force_login(cast.ola)
    found = client.get(reverse("people:accounts"), {"q": "WIT", "role": "teacher"}).context["page"].rows
    assert found == [cast.noor]
    gone = client.get(reverse("people:accounts"), {"q": "wim", "role": "teacher"}).context["page"].rows
    assert gone == []  # Wim taught until last spring


def test_the_list_of_accounts_costs_the_same_with_one_and_with_three(cast, client):
    client.force_login(cast.ola)
    address = f"{reverse('people:accounts')}?q=Mila"
    make.make_posting(make.make_account("Mila A"), Role.TEACHER, cast.amsterdam)
    with_one = queries_of(client, address)
    for name in ("Mila B", "Mila C"):
        make.make_posting(make.make_account(name), Role.TEACHER, cast.regenboog.site)
    assert queries_of(client, address) == with_one
