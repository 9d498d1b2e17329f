"""The words of signing in: what somebody reads who forgot, mistyped, or adds a way in."""

import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core import mail
from django.test import Client

pytestmark = pytest.mark.django_db
PASSWORD = "een viool zingt op maandag"


@pytest.fixture
def english() -> Client:
    return Client(headers={"accept-language": "en"})


@pytest.fixture
def noor(cast):
    cast.noor.set_password(PASSWORD)
    cast.noor.save()
    Authenticator.objects.filter(user=cast.noor).delete()
    return cast.noor


def test_a_wrong_password_and_an_unknown_address_are_told_the_same(english, noor):
    told = [
        english.post("/account/login/", {"login": login, "password": "not it"}).context["form"].errors
        for login in (noor.email, "nobody@example.org")
    ]
    assert told[0] == told[1]
    assert "do not belong together" in str(told[0])


def test_a_forgotten_password_is_chosen_anew_through_the_mail(english, noor):
    answer = english.post("/account/password/reset/", {"email": noor.email}, follow=True)
    assert "Look in your mail" in answer.content.decode()
    letter = mail.outbox[-1]
    assert letter.subject.endswith("Choose a new password for Leerorkest")
    path = re.search(r"http://[^/]+(/account/password/reset/key/\S+)", letter.body).group(1)
    page = english.get(path, follow=True)
    assert "Choose a new password" in page.content.decode()
    words = {"password1": "de cello bromt in de regen", "password2": "de cello bromt in de regen"}
    done = english.post(page.redirect_chain[-1][0], words, follow=True)
    assert "Your new password counts" in done.content.decode()
    noor.refresh_from_db()
    assert noor.check_password("de cello bromt in de regen")
    assert "This link no longer works" in english.get(path, follow=True).content.decode()


def test_an_unknown_address_gets_a_letter_that_says_so(english, noor):
    answer = english.post("/account/password/reset/", {"email": "nobody@example.org"}, follow=True)
    assert "Look in your mail" in answer.content.decode()
    assert "we have no account with it" in mail.outbox[-1].body


@pytest.mark.django_db(transaction=True)  # the letter goes out when the change is sure
def test_an_authenticator_app_opens_the_rest_of_the_site(english, noor):
    page = english.post("/account/login/", {"login": noor.email, "password": PASSWORD}, follow=True)
    assert "Choose a passkey or an authenticator app first." in page.content.decode()
    page = english.get("/account/mfa/totp/activate/")
    secret = page.context["form"].secret
    wrong = english.post("/account/mfa/totp/activate/", {"code": "000000"})
    assert "Look at the newest one" in wrong.content.decode()
    code = format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))
    page = english.post("/account/mfa/totp/activate/", {"code": code}, follow=True)
    assert "Your recovery codes" in page.content.decode()
    assert any(letter.subject.endswith("An authenticator app was added") for letter in mail.outbox)
    codes = page.context["unused_codes"]
    assert len(codes) == 10
    assert english.get("/").status_code == 200

    english.post("/account/logout/")
    page = english.post("/account/login/", {"login": noor.email, "password": PASSWORD}, follow=True)
    assert "One more step" in page.content.decode()
    assert "Use my passkey" not in page.content.decode()  # there is none
    page = english.post("/account/mfa/authenticate/", {"code": codes[0]}, follow=True)
    assert page.status_code == 200
    assert page.redirect_chain[-1][0] == "/"


def test_no_letter_names_an_address_or_a_browser(english, noor):
    english.force_login(noor)
    english.post(
        "/account/password/change/",
        {"oldpassword": PASSWORD, "password1": "de fluit fluit een liedje", "password2": "de fluit fluit een liedje"},
    )
    letter = mail.outbox[-1]
    assert "Your password for Leerorkest was changed." in letter.body
    assert "127.0.0.1" not in letter.body
