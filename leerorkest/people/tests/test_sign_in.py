"""Signing in: the second factor, how long a session lives, passwords, limits."""

import re
from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.contrib.auth.password_validation import validate_password
from django.core import mail
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from leerorkest.people.rules import Role
from tests import make

pytestmark = pytest.mark.django_db
PASSWORD = "zeven paarse walvissen dansen"


@pytest.fixture
def newcomer(cast):
    """A teacher who has a password and no second factor yet."""
    account = make.make_account("Nia Nieuw", "nia@example.org", second_factor=False)
    account.set_password(PASSWORD)
    account.save()
    make.make_posting(account, Role.TEACHER, cast.amsterdam)
    return account


@pytest.mark.parametrize("route", ["home:start", "mfa_view_recovery_codes", "mfa_deactivate_totp"])
def test_without_a_second_factor_every_page_leads_to_setting_one_up(client, newcomer, route):
    client.force_login(newcomer)
    response = client.get(reverse(route))
    assert (response.status_code, response.headers["Location"]) == (302, reverse("mfa_index"))


@pytest.mark.parametrize("kind", [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN])
def test_a_passkey_or_an_authenticator_app_opens_the_house(client, newcomer, kind):
    Authenticator.objects.create(user=newcomer, type=kind, data={})
    client.force_login(newcomer)
    assert client.get(reverse("home:start")).status_code == 200


def test_recovery_codes_alone_are_not_a_second_factor(client, newcomer):
    Authenticator.objects.create(user=newcomer, type=Authenticator.Type.RECOVERY_CODES, data={})
    client.force_login(newcomer)
    assert client.get(reverse("home:start")).status_code == 302


def test_the_pages_that_set_up_a_second_factor_are_open_before_it(client, newcomer):
    client.post(reverse("account_login"), {"login": newcomer.email, "password": PASSWORD})
    for route in ("mfa_index", "mfa_activate_totp", "mfa_add_webauthn", "account_logout"):
        assert client.get(reverse(route)).status_code == 200, route


def test_the_password_of_an_account_with_a_second_factor_is_only_half_the_way(client, newcomer):
    Authenticator.objects.create(user=newcomer, type=Authenticator.Type.TOTP, data={})
    response = client.post(reverse("account_login"), {"login": newcomer.email, "password": PASSWORD})
    assert response.headers["Location"] == reverse("mfa_authenticate")
    assert client.get(reverse("home:start")).status_code == 302
    assert "_auth_user_id" not in client.session


def test_an_hour_without_a_request_ends_the_session(client, cast):
    start = timezone.now()
    with time_machine.travel(start, tick=False) as clock:
        client.force_login(cast.noor)
        clock.move_to(start + timedelta(minutes=59))
        assert client.get(reverse("home:start")).status_code == 200
        clock.move_to(start + timedelta(minutes=59 + 59))
        assert client.get(reverse("home:start")).status_code == 200
        clock.move_to(start + timedelta(minutes=59 + 59 + 61))
        assert client.get(reverse("home:start")).status_code == 302


def test_twelve_hours_after_signing_in_the_session_ends_whatever_happened(client, cast):
    start = timezone.now()
    with time_machine.travel(start, tick=False) as clock:
        client.force_login(cast.noor)
        for minutes in range(0, 12 * 60, 50):
            clock.move_to(start + timedelta(minutes=minutes))
            assert client.get(reverse("home:start")).status_code == 200
        clock.move_to(start + timedelta(minutes=12 * 60 + 1))
        assert client.get(reverse("home:start")).status_code == 302


def test_a_session_without_a_beginning_is_not_trusted(client, cast):
    client.force_login(cast.noor)
    session = client.session
    del session["began_at"]
    session.save()
    assert client.get(reverse("home:start")).status_code == 302


def test_a_suspended_account_is_out_at_its_next_request(client, cast):
    client.force_login(cast.noor)
    assert client.get(reverse("home:start")).status_code == 200
    cast.noor.is_active = False
    cast.noor.save()
    assert client.get(reverse("home:start")).status_code == 302


def test_signing_in_gives_the_session_a_new_key(client, newcomer):
    client.get(reverse("account_login"))
    client.get(reverse("mfa_login_webauthn"))  # leaves a challenge in a session
    before = client.session.session_key
    client.post(reverse("account_login"), {"login": newcomer.email, "password": PASSWORD})
    assert client.session.session_key != before


def test_nobody_signs_up(client):
    assert client.get(reverse("account_signup")).status_code == 404
    assert client.post(reverse("account_signup"), {"email": "x@example.org"}).status_code == 404


@pytest.mark.parametrize(
    "password",
    [
        "kort wachtw",  # 11 characters
        "123456789012",  # everybody's
        "leerorkest2026!",
        "V10ol-V10ol-2026",
        "MuziekSchool!!99",
        "nia@example.org",
    ],
)
def test_a_password_that_would_be_guessed_is_refused(newcomer, password):
    with pytest.raises(ValidationError):
        validate_password(password, newcomer)


@pytest.mark.parametrize(
    "password", [PASSWORD, "x" * 3 + "Qf8" * 20, "mijn viool heeft vier paarse snaren", "ñandú ēn çirkel"]
)
def test_a_long_password_of_any_characters_is_fine(newcomer, password):
    validate_password(password, newcomer)


def test_a_stranger_who_guesses_is_slowed_down_without_learning_whether_the_address_exists(client, newcomer):
    def answers(address):
        found = []
        for _ in range(6):
            page = client.post(reverse("account_login"), {"login": address, "password": "wrong"}).content.decode()
            found.append(re.sub(r'(value|nonce)="[^"]*"', "", page))
        return found

    known = answers(newcomer.email)
    cache.clear()
    unknown = answers("nix@example.org")
    assert known[5] != known[0], "the sixth guess is refused like the first"
    assert known == unknown
    right = {"login": newcomer.email, "password": PASSWORD}
    assert client.post(reverse("account_login"), right).status_code == 302, "guesses at another do not lock Nia out"


def test_a_changed_password_is_told_by_mail(client, newcomer):
    client.post(reverse("account_login"), {"login": newcomer.email, "password": PASSWORD})
    new = "acht groene bruggen zingen"
    client.post(reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": new, "password2": new})
    newcomer.refresh_from_db()
    assert newcomer.check_password(new)
    assert [message.to for message in mail.outbox] == [[newcomer.email]]


def test_a_new_password_by_mail_does_not_skip_the_second_factor(client, newcomer):
    Authenticator.objects.create(user=newcomer, type=Authenticator.Type.TOTP, data={})
    client.post(reverse("account_reset_password"), {"email": newcomer.email})
    link = next(word for word in mail.outbox[0].body.split() if "/password/reset/key/" in word)
    form = client.get(link, follow=True)
    new = "acht groene bruggen zingen"
    client.post(form.redirect_chain[-1][0], {"password1": new, "password2": new})
    newcomer.refresh_from_db()
    assert newcomer.check_password(new)
    assert "_auth_user_id" not in client.session
