"""What a roster would change: new, moved, renamed, returning, gone; and who is kept out of harm's way."""

from dataclasses import replace

import pytest

from leerorkest.schools.roster.difference import Plan, Present, PresentGroup, PresentPupil, is_of_school, plan
from leerorkest.schools.roster.reading import read
from leerorkest.schools.roster.roster import Pupil, Roster, RosterGroup, SchoolHints

GRADES = frozenset("12345678")
A5, A6 = PresentGroup(1, "g5", "5A", "5"), PresentGroup(2, "g6", "6A", "6")
AMINA = PresentPupil(11, "k1", "Amina", "", "Bos", 1, "5", True)
NOAH = PresentPupil(12, "k2", "Noah", "van", "Vos", 1, "5", True)
SCHOOL = Present((A5, A6), (AMINA, NOAH), GRADES)


def pupil(child: PresentPupil, **change: object) -> Pupil:
    group = {1: "g5", 2: "g6", None: ""}[child.group_id]
    same = Pupil(
        1, child.key, child.first_name, child.prefix, child.last_name, group, child.grade, not child.key.startswith("#")
    )
    same = replace(same, **change)
    return replace(same, key_is_stable=bool(same.key) and not same.key.startswith("#"))


def roster(*pupils: Pupil, **more: object) -> Roster:
    groups = (RosterGroup("g5", "5A", "5"), RosterGroup("g6", "6A", "6"))
    return replace(Roster("EDEXML 2.1", "2026-2027", SchoolHints(), groups, pupils), **more)


def told(outcome: Plan) -> dict[str, list[str]]:
    names = {
        "new": [arrival.pupil.first_name for arrival in outcome.new],
        "moved": [change.pupil.first_name for change in outcome.moved],
        "renamed": [change.pupil.first_name for change in outcome.renamed],
        "returning": [change.pupil.first_name for change in outcome.returning],
        "gone": [child.first_name for child in outcome.gone],
        "refused": [refusal.reason for refusal in outcome.refused],
    }
    return {word: list_ for word, list_ in names.items() if list_}


def test_the_same_state_changes_nothing():
    outcome = plan(roster(pupil(AMINA), pupil(NOAH)), SCHOOL)
    assert outcome.changes_nothing
    assert outcome.unchanged == 2


def test_new_moved_renamed_and_gone_are_told_apart():
    new = Pupil(9, "k9", "Eva", "", "Lo", "g6", "6", True)
    outcome = plan(roster(pupil(AMINA, group_key="g6", grade="6", last_name="Bosch"), new), SCHOOL)
    assert told(outcome) == {"new": ["Eva"], "moved": ["Amina"], "renamed": ["Amina"], "gone": ["Noah"]}
    assert outcome.moved[0].group_id == 2


def test_a_new_grade_in_the_same_group_is_a_move():
    assert told(plan(roster(pupil(AMINA, grade="6"), pupil(NOAH)), SCHOOL)) == {"moved": ["Amina"]}


def test_a_child_who_left_and_is_in_the_file_again_returns_under_the_same_key():
    left = replace(AMINA, is_enrolled=False, group_id=None)
    assert told(plan(roster(pupil(AMINA), pupil(NOAH)), Present((A5, A6), (left, NOAH), GRADES))) == {
        "returning": ["Amina"]
    }


def test_a_refused_row_still_stands_for_its_child():
    text = b"roepnaam;achternaam;groep;leerlingnr\nAmina;Bos;5A;k1\nNoah;=1;5A;k2\n"
    assert told(plan(read(text), SCHOOL)) == {"refused": ["formula_in_cell"]}


def test_a_row_that_names_nobody_keeps_everybody_from_being_gone():
    text = b"roepnaam;achternaam;groep;leerlingnr\nAmina;Bos;5A;k1\nNoah;van;Vos;5A;k2\n"
    outcome = plan(read(text), SCHOOL)
    assert told(outcome) == {"refused": ["too_many_cells"]}
    assert [notice.kind for notice in outcome.warnings] == ["nobody_gone"]


def test_a_delta_never_takes_absence_for_leaving_but_believes_what_it_says():
    delta = roster(pupil(AMINA, group_key="", grade=""), is_full=False)
    assert plan(delta, SCHOOL).changes_nothing
    assert told(plan(replace(delta, left=frozenset({"k2"})), SCHOOL)) == {"gone": ["Noah"]}


def test_a_new_child_in_a_delta_needs_a_group_and_an_unknown_group_is_refused():
    eva = Pupil(9, "k9", "Eva", "", "Lo", "", "", True)
    delta = roster(eva, replace(eva, key="k8", group_key="zz"), groups=(), is_full=False)
    assert told(plan(delta, SCHOOL)) == {"refused": ["no_group", "group_unknown"]}


def test_without_a_lasting_key_a_unique_name_in_the_same_group_matches():
    assert plan(roster(pupil(AMINA, key="#77"), pupil(NOAH, key="")), SCHOOL).changes_nothing


def test_without_a_lasting_key_a_name_in_another_group_is_refused_and_nobody_is_gone():
    outcome = plan(roster(pupil(AMINA, key="#1", group_key="g6"), pupil(NOAH)), SCHOOL)
    assert told(outcome) == {"refused": ["name_elsewhere"]}


def test_two_of_one_name_without_lasting_keys_are_refused_both():
    outcome = plan(roster(pupil(AMINA, key="#1"), pupil(AMINA, key="#2"), pupil(NOAH)), SCHOOL)
    assert told(outcome) == {"refused": ["name_not_unique", "name_not_unique"]}


def test_a_hash_key_that_equals_an_older_one_is_not_believed():
    keyless = replace(AMINA, key="#1")
    other = Pupil(5, "#1", "Yara", "", "Kok", "g5", "5", False)
    outcome = plan(roster(other, pupil(NOAH)), Present((A5, A6), (keyless, NOAH), GRADES))
    assert told(outcome) == {"new": ["Yara"], "gone": ["Amina"]}


def test_a_school_that_gets_lasting_keys_keeps_its_children():
    keyless = replace(AMINA, key="#abc")
    outcome = plan(roster(pupil(AMINA), pupil(NOAH)), Present((A5, A6), (keyless, NOAH), GRADES))
    assert told(outcome) == {"renamed": ["Amina"]}


def test_a_school_that_changes_systems_keeps_its_children_but_one_new_key_is_a_new_child():
    many = tuple(replace(AMINA, id=at, key=f"m{at}", first_name=f"Kind {chr(97 + at)}") for at in range(10))
    before = replace(SCHOOL, pupils=many)
    changed = plan(roster(*(pupil(child, key=f"n{child.id}") for child in many)), before)
    assert (len(changed.renamed), changed.new, changed.gone) == (10, (), ())
    assert [notice.kind for notice in changed.warnings] == ["keys_changed"]
    one = plan(roster(*(pupil(child) for child in many[1:]), pupil(many[0], key="n0")), before)
    assert (len(one.new), len(one.gone)) == (1, 1)
    moved = plan(roster(*(pupil(child, key=f"n{child.id}", group_key="g6") for child in many)), before)
    assert {refusal.reason for refusal in moved.refused} == {"name_elsewhere"}
    assert moved.gone == ()


def test_keys_that_were_given_out_again_are_noticed():
    many = tuple(
        replace(AMINA, id=at, key=f"m{at}", first_name=f"Kind {chr(97 + at)}", last_name=f"Van {chr(97 + at)}")
        for at in range(20)
    )
    shifted = [pupil(child, key=f"m{(child.id + 1) % 20}") for child in many]
    outcome = plan(roster(*shifted), replace(SCHOOL, pupils=many))
    assert [notice.kind for notice in outcome.warnings] == ["many_renamed"]


def test_in_a_new_school_year_a_unique_name_without_a_key_is_the_same_child():
    last_year = replace(AMINA, key="#abc", group_id=None, grade="")
    outcome = plan(roster(pupil(AMINA, key="#1", group_key="g6", grade="6")), Present((A5, A6), (last_year,), GRADES))
    assert told(outcome) == {"moved": ["Amina"]}


def test_groups_are_matched_by_key_then_by_name():
    file = roster(
        pupil(AMINA, group_key="x"),
        pupil(NOAH, group_key="g6", grade="6"),
        groups=(RosterGroup("x", "5a", "5"), RosterGroup("g6", "6 Rood", "6")),
    )
    outcome = plan(file, SCHOOL)
    assert outcome.new_groups == ()
    assert [(change.present.id, change.group.name) for change in outcome.renamed_groups] == [(1, "5a"), (2, "6 Rood")]


def test_a_grade_that_the_organisation_does_not_know_becomes_none_and_stays_so():
    ukkie = Pupil(5, "k5", "Yara", "", "Kok", "g5", "0", True)
    outcome = plan(roster(pupil(AMINA), pupil(NOAH), ukkie), SCHOOL)
    assert [arrival.pupil.grade for arrival in outcome.new] == [""]
    assert [notice.kind for notice in outcome.warnings] == ["unknown_grade"]
    known = PresentPupil(13, "k5", "Yara", "", "Kok", 1, "", True)
    again = plan(roster(pupil(AMINA), pupil(NOAH), ukkie), replace(SCHOOL, pupils=(AMINA, NOAH, known)))
    assert again.changes_nothing


def test_a_third_of_the_school_gone_is_told():
    many = tuple(replace(AMINA, id=at, key=f"m{at}", first_name=f"A{at}") for at in range(40))
    outcome = plan(roster(*(pupil(child) for child in many[:20])), replace(SCHOOL, pupils=many))
    assert [notice.kind for notice in outcome.warnings] == ["many_gone"]


@pytest.mark.parametrize(
    ("file", "code", "same"),
    [
        (SchoolHints("99ZZ", "00"), "99ZZ00", True),
        (SchoolHints("99ZZ", ""), "99ZZ01", True),
        (SchoolHints("99ZZ", "01"), "99ZZ00", False),
        (SchoolHints("99ZZ01"), "99ZZ01", True),
        (SchoolHints("98AA", "00"), "99ZZ00", False),
        (SchoolHints("", "", "41323"), "99ZZ00", True),
    ],
)
def test_a_file_of_another_school_is_noticed(file, code, same):
    assert is_of_school(file, "brin6", code) is same
    assert is_of_school(file, "own", code) is same  # a BRIN that was entered by hand


def test_a_school_with_a_code_of_its_own_is_no_other_school():
    assert is_of_school(SchoolHints("99ZZ", "00"), "own", "kw-51")


def test_applied_to_an_empty_school_and_compared_again_the_real_file_changes_nothing(shared_data):
    file = read(shared_data / "edexml/samples/cito-lvs-1.03-400-leerlingen.xml")
    first = plan(file, Present(grades=GRADES))
    assert (len(first.new), len(first.new_groups)) == (387, len(file.groups))
    ids = {group.key: at for at, group in enumerate(first.new_groups, 1)}
    present = Present(
        tuple(PresentGroup(ids[group.key], group.key, group.name, group.grade) for group in first.new_groups),
        tuple(
            PresentPupil(
                at,
                new.pupil.key,
                new.pupil.first_name,
                new.pupil.prefix,
                new.pupil.last_name,
                ids[new.pupil.group_key],
                new.pupil.grade,
                True,
            )
            for at, new in enumerate(first.new)
        ),
        GRADES,
    )
    again = plan(file, present)
    assert again.changes_nothing
    assert again.unchanged == 387
