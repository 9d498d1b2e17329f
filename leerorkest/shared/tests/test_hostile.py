"""What no person types: it is refused before it reaches the database, in words and without a 500."""

import logging.config

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction

from leerorkest.people.models import Child

pytestmark = pytest.mark.django_db
NUL_IN_COOKIE = 'session="\\000\\000\\000\\000\\000\\000\\000\\000\\000"'  # a cookie may write it in octal


@pytest.mark.parametrize("address", ["/account/login/?next=%00", "/i/%00", "/?%00=1", "/schools/?q=a%00b"])
def test_a_nul_in_the_address_is_refused(client, address):
    assert client.get(address).status_code == 400


def test_a_nul_in_a_cookie_is_refused(client):
    assert client.get("/", headers={"cookie": NUL_IN_COOKIE}).status_code == 400


def test_a_nul_in_a_form_is_refused(client):
    assert client.post("/language/", {"language": "en", "next": "/\0"}).status_code == 400


@pytest.mark.parametrize("there", ["nothing", "home:start", "account_logout", "/\r\nSet-Cookie: a=b", "//evil.example"])
def test_the_switch_of_language_stays_on_the_site(client, there):
    answer = client.post("/language/", {"language": "en", "next": there})
    assert answer.status_code == 302
    assert "evil" not in answer.headers["Location"]
    assert "\n" not in answer.headers["Location"]
    assert answer.headers["Location"] != "/account/logout/"


def test_the_log_of_a_refused_row_holds_no_name(cast):
    """PostgreSQL tells the whole row that it refuses."""
    formatter = logging.config.DictConfigurator(settings.LOGGING).configure_formatter(
        dict(settings.LOGGING["formatters"]["plain"])
    )
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        Child.objects.filter(pk=cast.amina.pk).update(uid=cast.dilan.uid, organisation=None)
    words = formatter.formatException((refused.type, refused.value, refused.tb))
    assert "IntegrityError" in words
    assert cast.amina.last_name not in words
    assert str(cast.dilan.uid) not in words


def test_what_a_page_tells_of_a_child_is_in_no_cookie(cast, client):
    client.force_login(cast.sam)
    told = client.post(f"/schools/children/{cast.amina.uid}/playing/", {"what": "cello:1/2", "from_on": "2026-11-20"})
    assert told.status_code == 302
    assert set(client.cookies) <= {"session", "csrf", "language"}
    assert cast.amina.first_name in client.get(told.headers["Location"]).content.decode()
