"""Two people press the same button at the same instant: one wins, every other hears why."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from leerorkest.network.actions import SiteNameTaken
from leerorkest.people.actions import AlreadyPosted, InvitationGone, InvitedJustNow, accept_invitation, invite
from leerorkest.people.models import Account, Posting
from leerorkest.people.rules import Role
from leerorkest.schools.actions import record_playing, start_school
from leerorkest.schools.actions.children import PlaysThatAlready
from leerorkest.schools.actions.programme import AlreadyTakesPart
from leerorkest.schools.models import Playing, School
from leerorkest.shared.actions import Refused, System
from tests import make

from .test_programme import make_registered

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
BY = {"by": System("test"), "at": make.NOW}
CLERKS = 8


@pytest.fixture
def world():
    from tests.cast import make_cast

    return make_cast()


def at_once(act):
    """What each of eight clerks got: "done" or the name of the refusal."""
    barrier = threading.Barrier(CLERKS)

    def clerk(_number):
        try:
            barrier.wait(10)
            act()
        except Refused as refusal:
            return type(refusal)
        else:
            return "done"
        finally:
            connection.close()

    with ThreadPoolExecutor(CLERKS) as clerks:
        return list(clerks.map(clerk, range(CLERKS)))


def test_a_school_joins_once(world):
    registered = make_registered()
    got = at_once(lambda: start_school(organisation=world.amsterdam, registered=registered, **BY))
    assert got.count("done") == School.objects.filter(code=registered.code).count() == 1
    assert set(got) <= {"done", AlreadyTakesPart, SiteNameTaken}


def test_a_child_begins_to_play_once(world):
    kind = make.make_kind("flute", family="woodwind")
    got = at_once(lambda: record_playing(child=world.dilan, kind=kind, from_on=make.TODAY, **BY))
    assert got.count("done") == Playing.objects.filter(child=world.dilan).count() == 1
    assert set(got) <= {"done", PlaysThatAlready}


def test_an_address_gets_one_account_and_an_invitation_works_once(world):
    facts = {"organisation": world.amsterdam, "name": "Mila Blom", "email": "mila@example.org", "role": Role.TEACHER}
    secrets = []
    got = at_once(lambda: secrets.append(invite(**facts, from_on=make.TODAY, **BY).secret))
    assert got.count("done") == 1
    assert set(got) <= {"done", InvitedJustNow, AlreadyPosted}
    assert Account.objects.filter(email="mila@example.org").count() == 1
    assert Posting.objects.filter(account__email="mila@example.org").count() == 1
    came_in = at_once(lambda: accept_invitation(secret=secrets[0], **BY))
    assert sorted(map(str, came_in)) == sorted(map(str, ["done"] + [InvitationGone] * (CLERKS - 1)))
