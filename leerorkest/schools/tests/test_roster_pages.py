"""The roster on its pages: what a coordinator sees and does, and what nobody else may."""

import json
import re

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from leerorkest.people.models import Child
from leerorkest.schools.models import ColumnMapping, RosterImport
from leerorkest.schools.tests.test_roster_import import GROUPS, in_groups, preview
from leerorkest.schools.tests.test_roster_reading import BSN, ROWS, edexml, leerling, xlsx
from leerorkest.shared.models import AuditEntry
from tests import make
from tests.cast import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(make.NOW, tick=True):
        yield


@pytest.fixture
def sam(cast: Cast, client: Client) -> Client:
    client.force_login(cast.sam)
    return client


def upload(client: Client, cast: Cast, content: bytes, **more: str):
    there = reverse("schools:roster", args=[cast.regenboog.pk])
    return client.post(there, {"file": SimpleUploadedFile("x.dat", content), **more}, follow=True)


def post(client: Client, name: str, made: RosterImport, **data: str):
    return client.post(reverse(f"schools:{name}", args=[made.school_id, made.pk]), data, follow=True)


def test_upload_preview_apply_undo(sam, cast):
    pupils = (
        leerling("1", "Yara", more=f"<bsn>{BSN}</bsn>") + leerling("2", "Mees", group="g6") + leerling("3", group="")
    )
    before = in_groups(cast.regenboog)
    page = upload(sam, cast, edexml(pupils, GROUPS).encode()).text
    assert "Yara Bos" in page
    assert "Amina Bakker" in page  # she is not in the file
    assert BSN not in page
    assert in_groups(cast.regenboog) == before
    made = RosterImport.objects.get()
    assert post(sam, "apply_roster", made).status_code == 200
    assert in_groups(cast.regenboog) == {**before, "Yara": "5A", "Mees": "6A"}
    assert "Yara" not in post(sam, "undo_roster", made).text
    assert in_groups(cast.regenboog) == before


def test_children_who_are_not_in_the_file_leave_only_when_the_box_is_ticked(sam, cast):
    upload(sam, cast, edexml(leerling("1", "Yara"), GROUPS).encode())
    post(sam, "apply_roster", RosterImport.objects.get(), end_gone="on")
    assert in_groups(cast.regenboog) == {"Yara": "5A"}
    assert Child.objects.filter(first_name="Amina").exists()


def test_the_real_file_of_400_pupils_is_previewed(sam, cast, shared_data):
    content = (shared_data / "edexml/samples/cito-lvs-1.03-400-leerlingen.xml").read_bytes()
    response = upload(sam, cast, content)
    assert response.status_code == 200
    assert RosterImport.objects.get().counts["new"] == 387
    assert "is_the_right_school" in response.text
    post(sam, "apply_roster", RosterImport.objects.get())
    assert RosterImport.objects.get().state == RosterImport.PREVIEWED


def test_a_table_whose_columns_tell_nothing_is_mapped_on_a_screen_and_remembered(sam, cast):
    rows = [["A", "B", "C", "BSN"], ["Yara", "van der Kok", "5A", BSN], ["Mees", "Vos", "5A", BSN]]
    page = upload(sam, cast, xlsx(rows)).text
    assert "A: Yara, Mees" in page
    assert BSN not in page
    packed = re.search(r'name="rows" value="([^"]+)"', page)[1]
    there = reverse("schools:roster", args=[cast.regenboog.pk])
    columns = {"first_name": "A", "last_name": "B", "group": "C"}
    answer = sam.post(there, {"rows": packed, **columns}, follow=True)
    assert "Yara van der Kok" in answer.text
    assert "BSN" in RosterImport.objects.get().plan["dropped_fields"]
    assert ColumnMapping.objects.get().columns == columns
    assert "Yara van der Kok" in upload(sam, cast, xlsx(rows)).text  # not asked again


def test_an_incomplete_mapping_asks_again_and_a_mangled_one_goes_back(sam, cast):
    page = upload(sam, cast, b"A;B\nYara;5A\n").text
    packed = re.search(r'name="rows" value="([^"]+)"', page)[1]
    there = reverse("schools:roster", args=[cast.regenboog.pk])
    assert sam.post(there, {"rows": packed, "first_name": "A"}).status_code == 422
    assert sam.post(there, {"rows": packed}).status_code == 422
    assert sam.post(there, {"rows": packed, "first_name": "no such column"}).status_code == 422
    assert sam.post(there, {"rows": "!!"}).status_code == 302
    assert not RosterImport.objects.exists()


def test_somebody_may_choose_columns_although_their_names_tell(sam, cast):
    page = upload(sam, cast, "\n".join(";".join(row) for row in ROWS).encode(), choose_columns="on").text
    assert '<option value="Roepnaam" selected>' in page
    assert "Geboortedatum" not in page


@pytest.mark.parametrize("content", [b"%PDF-1.4", b"<?xml version='1.0'?><!DOCTYPE x []><x/>", b"PK\x03\x04", b""])
def test_a_hostile_file_is_told_beside_the_field_and_nothing_is_kept(sam, cast, content):
    response = upload(sam, cast, content)
    assert response.status_code == 422
    assert response.context["form"].errors["file"]
    assert not RosterImport.objects.exists()


def test_a_file_over_20_mb_is_refused_in_plain_words(sam, cast, settings):
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 1000
    response = upload(sam, cast, b"a" * 5000)
    assert response.status_code == 422
    assert response.context["form"].errors["file"]
    assert not RosterImport.objects.exists()


def test_nobody_else_finds_these_pages(cast, client):
    made = preview(cast.regenboog, edexml(leerling("1", "Yara"), GROUPS).encode())
    names = ["roster_import", "apply_roster", "undo_roster", "discard_roster"]
    addresses = [reverse(f"schools:{name}", args=[made.school_id, made.pk]) for name in names]
    addresses.append(reverse("schools:roster", args=[made.school_id]))
    for account in (cast.noor, cast.eva, cast.joost, cast.hanna, cast.ola, cast.luca, cast.wim):
        client.force_login(account)
        for address in addresses:
            for answer in (client.get(address), client.post(address)):
                assert answer.status_code in (404, 405), (account.name, address)
                assert "Yara" not in answer.text
    client.force_login(cast.sam)
    other = reverse("schools:roster_import", args=[cast.koraal.pk, made.pk])
    assert client.get(other).status_code == 404
    assert RosterImport.objects.get().state == RosterImport.PREVIEWED


def test_seeing_a_preview_is_on_record_without_a_name(sam, cast):
    upload(sam, cast, edexml(leerling("1", "Yara"), GROUPS).encode())
    seen = AuditEntry.objects.get(act="seen.roster")
    assert seen.actor == cast.sam.audit_key
    assert "Yara" not in json.dumps(list(AuditEntry.objects.values("subject", "detail")))


def test_a_preview_can_be_thrown_away(sam, cast):
    upload(sam, cast, edexml(leerling("1", "Yara"), GROUPS).encode())
    post(sam, "discard_roster", RosterImport.objects.get())
    assert not RosterImport.objects.exists()


def test_pages_cost_the_same_with_one_row_and_with_many(sam, cast):
    def cost(size: int) -> tuple[int, int]:
        pupils = "".join(leerling(str(at), f"Kind {'abc'[at % 3]}") for at in range(size))
        made = preview(cast.regenboog, edexml(pupils, GROUPS).encode())
        counts = []
        for name, args in (("roster_import", [made.school_id, made.pk]), ("roster", [made.school_id])):
            with CaptureQueriesContext(connection) as queries:
                assert sam.get(reverse(f"schools:{name}", args=args)).status_code == 200
            counts.append(len(queries))
        return counts[0], counts[1]

    sam.get(reverse("schools:roster", args=[cast.regenboog.pk]))
    assert cost(1) == cost(60)
