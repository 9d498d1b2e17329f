import pytest
import time_machine
from django.db import transaction
from django.test import override_settings

from tests import make

from .world import make_world


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker, tmp_path_factory):
    """One world for the whole module, in one transaction that is undone at the end."""
    files = override_settings(FILES=tmp_path_factory.mktemp("files"))
    with files, django_db_blocker.unblock(), time_machine.travel(make.NOW, tick=False), transaction.atomic():
        yield make_world()
        transaction.set_rollback(True)
