"""Passkeys in a real Chromium: a virtual authenticator makes one, then opens the door with it."""

import pytest
from allauth.mfa.models import Authenticator
from playwright.sync_api import Page, expect

from tests.pages import check_page

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
PASSWORD = "een viool zingt op maandag"


@pytest.fixture
def authenticator(page: Page) -> None:
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )


def test_a_passkey_is_made_and_opens_the_door(page: Page, live_server, cast, authenticator):
    cast.noor.set_password(PASSWORD)
    cast.noor.save()
    Authenticator.objects.filter(user=cast.noor).delete()
    site = live_server.url.replace("127.0.0.1", "localhost")  # a passkey belongs to a name, not to a number
    page.goto(f"{site}/account/login/")
    check_page(page)
    page.get_by_label("E-mail").fill(cast.noor.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in with a password").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your ways to sign in")
    check_page(page)
    page.get_by_role("link", name="Add a passkey").click()
    check_page(page)
    page.get_by_label("Name of this device").fill("My phone")
    page.get_by_role("button", name="Make the passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your recovery codes")
    check_page(page)
    page.goto(f"{site}/account/mfa/webauthn/")
    expect(page.get_by_text("My phone").first).to_be_visible()
    check_page(page)
    page.locator("summary").click()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_text("Noor", exact=True)).to_be_visible()
    page.goto(f"{site}/style/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Style")


def test_a_device_without_a_passkey_is_told_what_to_do(page: Page, live_server, cast, authenticator):
    page.goto(f"{live_server.url.replace('127.0.0.1', 'localhost')}/account/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_text("Your device gave no passkey.")).to_be_visible()
