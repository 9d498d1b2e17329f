"""Preview, apply, undo: nothing is written before it was seen, everything can be taken back, twice changes nothing."""

import hashlib
import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from leerorkest.lessons.models import Seat
from leerorkest.people.models import Child
from leerorkest.schools.actions import roster as actions
from leerorkest.schools.models import ColumnMapping, Enrolment, Group, Membership, RosterImport, School
from leerorkest.schools.queries import roster as queries
from leerorkest.schools.roster.reading import read
from leerorkest.schools.tests.test_roster_reading import BSN, edexml, leerling
from leerorkest.shared.actions import System
from leerorkest.shared.models import AuditEntry
from tests import make

NIGHT = System("roster")
GROUPS = (
    '<groep key="g5"><naam>5A</naam><jaargroep>5</jaargroep></groep>'
    '<groep key="g6"><naam>6A</naam><jaargroep>6</jaargroep></groep>'
)


def file(*pupils: str, groups: str = GROUPS) -> bytes:
    return edexml("".join(pupils), groups).replace("<brincode>99ZZ</brincode>", "").encode()


def preview(school: School, content: bytes | Path, **more: object) -> RosterImport:
    digest = hashlib.sha256(content if isinstance(content, bytes) else content.read_bytes()).hexdigest()
    return actions.preview_roster(school=school, roster=read(content), sha256=digest, by=NIGHT, at=make.NOW, **more)


def apply(roster_import: RosterImport, **more: object) -> RosterImport:
    return actions.apply_roster(roster_import=roster_import, by=NIGHT, at=make.NOW, **more)


def undo(roster_import: RosterImport) -> RosterImport:
    return actions.undo_roster(roster_import=roster_import, by=NIGHT, at=make.NOW)


def everything() -> dict[str, list[tuple]]:
    """Every row an import may touch, for comparing before and after."""
    return {model.__name__: list(model.objects.order_by("pk").values_list()) for model in TABLES}


TABLES = (Child, Enrolment, Group, Membership)


def in_groups(school: School) -> dict[str, str]:
    rows = Membership.objects.on(make.TODAY).filter(group__school=school)
    return dict(rows.values_list("child__first_name", "group__name"))


@pytest.fixture
def school(db) -> School:
    school = make.make_school(code="99ZZ00")
    make.make_year(school.site.organisation)
    return school


def test_a_preview_writes_no_child_and_names_no_child_in_the_trail(school):
    made = preview(school, file(leerling("1"), leerling("2", "Noah", group="g6")))
    assert made.counts == {
        "new_groups": 2, "renamed_groups": 0, "new": 2, "moved": 0, "renamed": 0, "returning": 0, "gone": 0,
        "refused": 0, "unchanged": 0,
    }  # fmt: skip
    assert not any(everything().values())
    assert "Amina" not in json.dumps(list(AuditEntry.objects.values("subject", "detail")))


def test_an_applied_file_puts_every_child_in_a_group_with_a_grade(school):
    apply(preview(school, file(leerling("1"), leerling("2", "Noah", group="g6"))))
    assert in_groups(school) == {"Amina": "5A", "Noah": "6A"}
    assert list(Membership.objects.order_by("grade__code").values_list("grade__code", flat=True)) == ["5", "6"]
    assert set(Enrolment.objects.values_list("key", flat=True)) == {"1", "2"}


def test_the_same_file_again_changes_nothing(school):
    content = file(leerling("1"), leerling("2", "Noah", group="g6"))
    apply(preview(school, content))
    before = everything()
    again = preview(school, content)
    assert again.counts["unchanged"] == 2
    with pytest.raises(actions.NothingChanges):
        apply(again)
    assert everything() == before


def test_moved_renamed_new_and_gone_are_written_and_undone_exactly(school):
    apply(preview(school, file(leerling("1"), leerling("2", "Noah"), leerling("3", "Eva"))))
    before = everything()
    renamed = (
        '<groep key="g5"><naam>5 Rood</naam><jaargroep>5</jaargroep></groep>' + GROUPS[GROUPS.index("</groep>") + 8 :]
    )
    second = preview(
        school,
        file(
            leerling("1", group="g6"), leerling("2", "Noah", "Bosch"), leerling("4", "Yara", group="g6"), groups=renamed
        ),
    )
    apply(second)
    assert in_groups(school) == {"Amina": "6A", "Noah": "5 Rood", "Yara": "6A"}
    assert Child.objects.get(first_name="Noah").last_name == "Bosch"
    assert Enrolment.objects.get(child__first_name="Eva").until_on == make.TODAY
    undo(second)
    assert everything() == before


def test_absent_children_stay_when_the_coordinator_says_so(school):
    apply(preview(school, file(leerling("1"), leerling("2", "Noah"))))
    second = preview(school, file(leerling("1", group="g6")))
    assert second.counts["gone"] == 1
    applied = apply(second, end_gone=False)
    assert in_groups(school) == {"Amina": "6A", "Noah": "5A"}
    assert applied.counts["gone"] == 0


def test_a_child_who_comes_back_is_the_same_child_with_a_new_enrolment(school):
    apply(preview(school, file(leerling("1"), leerling("2", "Noah"))))
    apply(preview(school, file(leerling("2", "Noah"))))
    apply(preview(school, file(leerling("1"), leerling("2", "Noah"))))
    amina = Child.objects.get(first_name="Amina")
    assert amina.enrolments.count() == 2
    assert amina.enrolments.open().get().key == "1"
    assert in_groups(school) == {"Amina": "5A", "Noah": "5A"}


def test_a_file_without_keys_matches_by_name_and_changes_nothing_twice(school):
    content = b"roepnaam;achternaam;groep\nAmina;Bos;5A\nNoah;Vos;5A\n"
    apply(preview(school, content))
    assert all(key.startswith("#") for key in Enrolment.objects.values_list("key", flat=True))
    assert preview(school, content).counts["unchanged"] == 2


def test_a_new_year_moves_everybody_and_ends_last_years_places(school):
    apply(preview(school, file(leerling("1"))))
    make_next = {"name": "2027-2028", "first_on": date(2027, 8, 1), "last_on": date(2028, 7, 31)}
    school.site.organisation.school_years.create(**make_next)
    content = file(leerling("1", group="n"), groups='<groep key="n"><naam>6A</naam><jaargroep>6</jaargroep></groep>')
    apply(preview(school, content.replace(b"2026-2027", b"2027-2028")))
    old, new = Membership.objects.order_by("from_on")
    assert (old.until_on, new.from_on) == (date(2027, 8, 1), date(2027, 8, 1))
    assert in_groups(school) == {"Amina": "5A"}


def test_a_file_of_an_old_year_is_read_as_the_running_year_and_says_so(school):
    made = preview(school, file(leerling("1")).replace(b"2026-2027", b"2012-2013"))
    assert made.school_year.name == "2026-2027"
    assert [notice["kind"] for notice in made.plan["warnings"]] == ["other_year"]


def test_a_preview_is_refused_when_the_school_changed_since(school):
    apply(preview(school, file(leerling("1"))))
    stale = preview(school, file(leerling("1", group="g6")))
    make.make_child(Group.objects.get(key="g5"), "Yara", "Kok")
    with pytest.raises(actions.RosterChanged):
        apply(stale)


def test_a_newer_preview_replaces_the_older(school):
    older, newer = preview(school, file(leerling("1"))), preview(school, file(leerling("2")))
    with pytest.raises(actions.PreviewIsGone):
        apply(older)
    apply(newer)
    with pytest.raises(actions.AlreadyApplied):
        apply(newer)


def test_a_file_of_another_school_is_applied_only_when_somebody_says_it_is_right(school):
    content = edexml(leerling("1")).replace("99ZZ", "98AA").encode()
    made = preview(school, content)
    with pytest.raises(actions.OtherSchool):
        apply(made)
    assert apply(made, is_the_right_school=True).state == RosterImport.APPLIED


def test_only_the_last_import_of_a_school_can_be_undone(school):
    first = apply(preview(school, file(leerling("1"))))
    second = apply(preview(school, file(leerling("1"), leerling("2", "Noah"))))
    with pytest.raises(actions.NotTheLast):
        undo(first)
    undo(second)
    with pytest.raises(actions.NotApplied):
        undo(second)


def test_what_hangs_on_a_child_since_forbids_undoing_and_is_named(school):
    first = apply(preview(school, file(leerling("1"))))
    amina = Child.objects.get()
    make.make_playing(amina)
    make.make_lesson(Group.objects.get())
    before = everything()
    with pytest.raises(actions.InUse) as refused:
        undo(first)
    assert "1 playings" in str(refused.value)
    assert "seats" in str(refused.value)
    assert "Amina" not in str(refused.value)
    assert everything() == before
    assert Seat.objects.exists()


def test_a_change_by_hand_since_forbids_undoing(school):
    first = apply(preview(school, file(leerling("1"), leerling("2", "Noah"))))
    second = apply(preview(school, file(leerling("1", group="g6"), leerling("2", "Noah"))))
    Child.objects.filter(first_name="Noah").update(last_name="Anders")
    with pytest.raises(actions.ChangedSince):
        undo(second)
    assert RosterImport.objects.get(pk=first.pk).state == RosterImport.APPLIED
    assert in_groups(school)["Amina"] == "6A"


def test_names_leave_the_import_when_they_are_needed_no_longer(school):
    first = preview(school, file(leerling("1", more=f"<bsn>{BSN}</bsn>")))
    assert BSN not in json.dumps(first.plan)
    assert "Amina" not in json.dumps(apply(first).plan)
    second = apply(preview(school, file(leerling("1", "Amira"))))
    assert "Amina" in json.dumps(second.undo)
    apply(preview(school, file(leerling("1", "Amira"), leerling("2", "Noah"))))
    second.refresh_from_db()
    assert second.undo == {}


def test_a_preview_that_nobody_applied_is_forgotten_after_two_weeks(school):
    old = preview(make.make_school(organisation=school.site.organisation), file(leerling("1")))
    RosterImport.objects.filter(pk=old.pk).update(previewed_at=make.NOW - timedelta(days=15))
    new = preview(school, file(leerling("1")))
    assert list(RosterImport.objects.all()) == [new]


def test_a_mapping_is_remembered_for_the_school(school):
    content = b"A;B;C\nAmina;Bos;5a\n"
    mapping = {"first_name": "A", "last_name": "B", "group": "C"}
    actions.preview_roster(
        school=school, roster=read(content, mapping=mapping), sha256="", mapping=mapping, by=NIGHT, at=make.NOW
    )
    assert ColumnMapping.objects.get(school=school).columns == mapping


def test_another_school_is_left_alone(school):
    other = make.make_group(make.make_school(), "5A")
    make.make_child(other, "Eva")
    apply(preview(school, file(leerling("1"))))
    assert in_groups(other.school) == {"Eva": "5A"}


def test_the_real_file_is_applied_undone_and_applied_again(school, shared_data):
    path = shared_data / "edexml/samples/cito-lvs-1.03-400-leerlingen.xml"
    made = preview(school, path)
    assert (made.counts["new"], made.counts["refused"]) == (387, 11)
    apply(made, is_the_right_school=True)
    assert Membership.objects.open().count() == 387
    assert preview(school, path).counts["unchanged"] == 387
    undo(made)
    assert not any(everything().values())
    assert apply(preview(school, path), is_the_right_school=True).counts["new"] == 387


def test_no_import_reads_the_school_row_by_row(school, django_assert_max_num_queries):
    def content(size: int) -> bytes:
        return file(*(leerling(str(at), f"Kind {'ab'[at % 2]}") for at in range(size)))

    small, large = preview(school, content(5)), None
    with django_assert_max_num_queries(60):
        apply(small)
    large = preview(school, content(400))
    with django_assert_max_num_queries(60):
        apply(large)
    with django_assert_max_num_queries(20):
        queries.preview(preview(school, content(300)))


def test_an_enrolment_that_was_to_begin_later_ends_on_its_first_day(school):
    apply(preview(school, file(leerling("1"), leerling("2", "Noah"))))
    later = make.TODAY + timedelta(days=30)
    Enrolment.objects.filter(key="1").update(from_on=later)
    apply(preview(school, file(leerling("2", "Noah"))))
    assert Enrolment.objects.get(key="1").until_on == later
