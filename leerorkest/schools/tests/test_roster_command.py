"""The nightly way in: one JSON object on stdout, or one sentence on stderr and exit status 2."""

import json

import pytest
from django.core.management import call_command

from leerorkest.people.models import Child
from leerorkest.schools.models import Enrolment, RosterImport
from leerorkest.schools.tests.test_roster_import import GROUPS
from leerorkest.schools.tests.test_roster_reading import BSN, edexml, leerling
from leerorkest.shared.models import AuditEntry
from tests import make


@pytest.fixture
def school(db):
    school = make.make_school(code="99ZZ00")
    make.make_year(school.site.organisation)
    return school


@pytest.fixture
def run(capsys):
    def run(*words: object) -> dict:
        call_command("roster", *map(str, words))
        out, err = capsys.readouterr()
        assert err == ""
        return json.loads(out)

    return run


@pytest.fixture
def refused(capsys):
    def refused(*words: object) -> str:
        with pytest.raises(SystemExit) as stopped:
            call_command("roster", *map(str, words))
        out, err = capsys.readouterr()
        assert (stopped.value.code, out, err.count("\n")) == (2, "", 1)
        return err

    return refused


@pytest.fixture
def export(tmp_path):
    def export(*pupils: str):
        path = tmp_path / "export.xml"
        path.write_text(edexml("".join(pupils), GROUPS))
        return path

    return export


def test_preview_tells_everything_and_writes_no_child(school, run, export):
    path = export(leerling("1", more=f"<bsn>{BSN}</bsn>"), leerling("2", "Noah", group=""))
    answer = run("preview", path, "--school", "99zz00")
    assert answer["new"] == [{"line": 1, "key": "1", "group": "5A", "grade": "5"}]
    (refusal,) = answer["refused"]
    assert (refusal["line"], refusal["code"]) == (1, "no_group")
    assert refusal["reason"].startswith("This pupil has no group.")
    assert answer["dropped_fields"] == ["bsn"]
    assert (answer["moved"], answer["gone"]) == ([], [])
    assert "warnings" in answer
    assert BSN not in json.dumps(answer)
    assert "Amina" not in json.dumps(answer)
    assert not Child.objects.exists()


def test_apply_again_and_undo(school, run, export):
    path = export(leerling("1"), leerling("2", "Noah"))
    applied = run("apply", path, "--school", "NL:brin6:99ZZ00")
    assert (applied["state"], applied["counts"]["new"]) == ("applied", 2)
    again = run("apply", path, "--school", "99ZZ00")
    assert (again["state"], again["counts"]["unchanged"], again["new"]) == ("unchanged", 2, [])
    assert RosterImport.objects.count() == 1
    assert run("undo", applied["import"])["state"] == "undone"
    assert not Child.objects.exists()
    assert AuditEntry.objects.filter(actor="system:roster", act="schools.undo_roster").exists()


def test_a_preview_can_be_applied_by_its_number(school, run, refused, export):
    number = run("preview", export(leerling("1")), "--school", "99ZZ00")["import"]
    assert run("apply", number)["state"] == "applied"
    assert "applied already" in refused("apply", number)


def test_gone_children_leave_or_stay(school, run, export):
    run("apply", export(leerling("1"), leerling("2", "Noah")), "--school", "99ZZ00")
    kept = run("apply", export(leerling("1", group="g6")), "--school", "99ZZ00", "--keep-gone")
    assert (kept["gone"], kept["gone_are_ended"]) == ([{"key": "2"}], False)
    assert Enrolment.objects.open().count() == 2
    assert run("apply", export(leerling("1", group="g6")), "--school", "99ZZ00")["gone_are_ended"]
    assert Enrolment.objects.open().count() == 1


def test_half_a_school_does_not_leave_overnight(school, run, export):
    run("apply", export(*(leerling(str(at), f"Kind {chr(97 + at)}") for at in range(24))), "--school", "99ZZ00")
    answer = run("apply", export(*(leerling(str(at), "Anders") for at in range(4))), "--school", "99ZZ00")
    assert (len(answer["gone"]), answer["gone_are_ended"]) == (20, False)
    assert Enrolment.objects.open().count() == 24


def test_a_file_of_another_school_is_not_applied_overnight(school, run, refused, export):
    run("apply", export(leerling("1")), "--school", "99ZZ00")
    path = export(leerling("1"), leerling("2", "Noah"))
    path.write_text(path.read_text().replace("99ZZ", "98AA"))
    assert "--even-if-other-school" in refused("apply", path, "--school", "99ZZ00")
    assert run("apply", path, "--school", "99ZZ00", "--even-if-other-school")["state"] == "applied"


def test_every_mistake_gets_one_sentence(school, refused, tmp_path):
    pdf = tmp_path / "list.csv"
    pdf.write_bytes(b"%PDF-1.7")
    bare = tmp_path / "bare.csv"
    bare.write_bytes(b"A;B\nYara;5A\n")
    for words, sentence in {
        ("preview", pdf, "--school", "99ZZ00"): "This file is a PDF.",
        ("preview", tmp_path / "none.xml", "--school", "99ZZ00"): "There is no file at that place.",
        ("preview", bare, "--school", "99ZZ00"): "upload the file once",
        ("preview", pdf): "Say which school it is",
        ("preview", pdf, "--school", "nope"): "There is no school with that key.",
        ("undo", "999"): "There is no import with that number.",
        ("undo", "x"): "There is no import with that number.",
    }.items():
        assert sentence in refused(*words)


def test_the_real_file_goes_in_at_an_empty_school_and_out_again(school, run, shared_data):
    path = shared_data / "edexml/samples/cito-lvs-1.03-400-leerlingen.xml"
    applied = run("apply", path, "--school", "99ZZ00")
    assert applied["counts"]["new"] == 387
    assert len(applied["refused"]) == 11
    assert run("apply", path, "--school", "99ZZ00", "--even-if-other-school")["state"] == "unchanged"
    run("undo", applied["import"])
    assert not Child.objects.exists()
