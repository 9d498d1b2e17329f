import re
from datetime import date, timedelta

import pytest
from django.core.management import call_command

from leerorkest.music.models import Size
from leerorkest.network.models import Organisation
from leerorkest.people.models import Account, Invitation
from leerorkest.people.rules import Role
from leerorkest.schools import access, actions
from leerorkest.schools.actions.children import PlayedLater, PlaysNothing, PlaysThatAlready, SizeOfAnotherKind
from leerorkest.schools.actions.programme import (
    AlreadyTakesPart,
    SchoolClosed,
    StandsInRegister,
    UnknownCountry,
    YearExists,
    YearRunsBackwards,
    YearsOverlap,
)
from leerorkest.schools.actions.teaching import AlreadyTeaches, NotATeacherHere, TeachingEnded
from leerorkest.schools.models import RegisteredSchool
from leerorkest.shared.actions import System
from leerorkest.shared.models import AuditEntry
from tests import make

BY = {"by": System("test"), "at": make.NOW}


def make_registered(code="99ZQ00", name="De Klaproos", **values):
    facts = {"town": "ERGENS", "holiday_region": "Midden", "search_words": f"{name.lower()} ergens {code.lower()}"}
    return RegisteredSchool.objects.create(
        country="NL",
        scheme="brin6",
        code=code,
        name=name,
        first_seen_on=make.TODAY,
        reference_on=make.TODAY,
        source="DUO 02",
        licence="CC0",
        **{**facts, **values},
    )


# --- schools join


def test_a_school_of_the_register_takes_part_with_its_facts(cast):
    school = actions.start_school(organisation=cast.amsterdam, registered=make_registered(), **BY)
    assert (school.key, school.site.name, school.site.town) == ("NL:brin6:99ZQ00", "De Klaproos", "Ergens")
    assert school.holiday_region == "Midden"


def test_the_first_school_tells_the_calendar_of_an_organisation_without_one(cast):
    nowhere = make.make_organisation("nowhere", holiday_region="")
    actions.start_school(organisation=nowhere, registered=make_registered(), **BY)
    assert Organisation.objects.get(key="nowhere").holiday_region == "Midden"
    actions.start_school(organisation=cast.amsterdam, registered=make_registered("99ZQ01", "Iets"), **BY)
    assert Organisation.objects.get(key="amsterdam").holiday_region == "Noord"


def test_a_school_takes_part_once(cast):
    registered = make_registered()
    actions.start_school(organisation=cast.amsterdam, registered=registered, **BY)
    with pytest.raises(AlreadyTakesPart):
        actions.start_school(organisation=cast.curacao, registered=registered, **BY)


def test_a_closed_school_does_not_join(cast):
    with pytest.raises(SchoolClosed):
        actions.start_school(organisation=cast.amsterdam, registered=make_registered(closed_on=make.TODAY), **BY)


def test_two_schools_with_one_name_are_told_apart_by_their_code(cast):
    school = actions.start_school(organisation=cast.amsterdam, registered=make_registered(name="De Regenboog"), **BY)
    assert school.site.name == "De Regenboog (99ZQ00)"


def test_an_island_school_joins_under_a_code_of_our_own(cast):
    school = actions.enter_school(organisation=cast.curacao, name=" Kolegio  Flamboyan ", code="KF-1", **BY)
    assert (school.key, school.site.name) == ("CW:own:KF-1", "Kolegio Flamboyan")
    with pytest.raises(AlreadyTakesPart):
        actions.enter_school(organisation=cast.curacao, name="Otro", code="kf-1", **BY)


def test_who_stands_in_the_register_is_not_entered_by_hand(cast):
    make_registered()
    with pytest.raises(StandsInRegister):
        actions.enter_school(organisation=cast.amsterdam, name="De Klaproos", code="99zq00", **BY)
    with pytest.raises(UnknownCountry):
        actions.enter_school(organisation=cast.amsterdam, name="Ver weg", code="1", country="ZZ", **BY)


# --- school years


def test_school_years_do_not_overlap(cast):  # the cast has 2026-2027
    year = {"organisation": cast.amsterdam, **BY}
    opened = actions.open_school_year(first_on=date(2027, 8, 1), last_on=date(2028, 7, 31), **year)
    assert opened.name == "2027-2028"
    with pytest.raises(YearExists):
        actions.open_school_year(first_on=date(2027, 8, 1), last_on=date(2028, 7, 31), **year)
    with pytest.raises(YearsOverlap):
        actions.open_school_year(first_on=date(2028, 7, 31), last_on=date(2029, 7, 31), **year)
    with pytest.raises(YearRunsBackwards):
        actions.open_school_year(first_on=date(2030, 8, 1), last_on=date(2030, 8, 1), **year)


# --- teaching


def test_a_teacher_sees_the_children_from_the_assignment_until_two_weeks_after_its_end(cast):
    from leerorkest.people.access import actor_of

    posting = make.make_posting(make.make_account("Mila Blom"), Role.TEACHER, cast.amsterdam)
    teaching = actions.assign_teacher(posting=posting, group=cast.group, from_on=make.TODAY, **BY)
    assert cast.amina in access.children(actor_of(posting.account, make.TODAY))
    actions.end_teaching(teaching=teaching, until_on=make.TODAY + timedelta(days=1), **BY)
    assert cast.amina in access.children(actor_of(posting.account, make.TODAY + timedelta(days=14)))
    assert cast.amina not in access.children(actor_of(posting.account, make.TODAY + timedelta(days=15)))
    with pytest.raises(TeachingEnded):
        actions.end_teaching(teaching=teaching, until_on=make.TODAY + timedelta(days=9), **BY)


def test_only_a_teacher_of_this_place_is_assigned(cast):
    elsewhere = make.make_posting(cast.eva, Role.TEACHER, cast.koraal.site)
    other_organisation = make.make_posting(cast.luca, Role.TEACHER, cast.curacao)
    for posting in (cast.sam.postings.get(), elsewhere, other_organisation, cast.wim.postings.get()):
        with pytest.raises(NotATeacherHere):
            actions.assign_teacher(posting=posting, group=cast.group, from_on=make.TODAY, **BY)


def test_nobody_teaches_a_group_twice(cast):
    with pytest.raises(AlreadyTeaches):
        actions.assign_teacher(posting=cast.noor.postings.get(), group=cast.group, from_on=make.TODAY, **BY)


# --- what a child plays


def test_a_new_instrument_ends_the_one_before(cast):
    flute = make.make_kind("flute", family="woodwind")
    actions.record_playing(child=cast.amina, kind=flute, from_on=make.TODAY, **BY)
    before, now = cast.amina.playings.order_by("from_on", "pk")
    assert (before.until_on, now.kind, now.until_on) == (make.TODAY, flute, None)


def test_what_cannot_be_played_is_refused_by_name(cast):
    violin, flute = make.make_kind(), make.make_kind("flute", family="woodwind")
    half, _ = Size.objects.get_or_create(kind=violin, code="1/2", defaults={"label": "½", "position": 3})
    play = {"child": cast.amina, "from_on": make.TODAY, **BY}
    with pytest.raises(PlaysThatAlready):
        actions.record_playing(kind=violin, **play)
    with pytest.raises(SizeOfAnotherKind):
        actions.record_playing(kind=flute, size=half, **play)
    with pytest.raises(PlayedLater):
        actions.record_playing(kind=flute, **{**play, "from_on": date(2025, 1, 1)})
    actions.record_playing(kind=violin, size=half, **play)  # growing out of a size is a new playing
    assert cast.amina.playings.count() == 2


def test_a_child_can_stop(cast):
    actions.stop_playing(child=cast.amina, until_on=make.TODAY, **BY)
    assert not cast.amina.playings.filter(until_on=None).exists()
    with pytest.raises(PlaysNothing):
        actions.stop_playing(child=cast.amina, until_on=make.TODAY, **BY)


def test_the_trail_names_no_child(cast):
    actions.record_playing(child=cast.dilan, kind=make.make_kind(), from_on=make.TODAY, **BY)
    entry = AuditEntry.objects.get(act="schools.record_playing")
    assert entry.subject == f"child:{cast.dilan.uid}"
    assert "Dilan" not in str(entry.detail)


# --- a real site begins


def start_office(*more, **values):
    options = {"organisation": "utrecht", "name": "Leerorkest Utrecht", "country": "NL", "region": "Midden"}
    options = {**options, "email": "bo@example.org", "person": "Bo Vink", **values}
    call_command("office", "start", *[f"--{name}={value}" for name, value in options.items()], *more)


def test_a_real_site_begins_with_one_invitation_and_no_password(db, capsys, client, time_machine):
    time_machine.move_to(make.NOW)
    start_office()
    link = re.search(r"http://localhost:8000(/people/invitation/)#([\w-]+)", capsys.readouterr().out)
    utrecht = Organisation.objects.get(key="utrecht")
    assert [year.name for year in utrecht.school_years.all()] == ["2026-2027"]
    assert utrecht.holidays.filter(name="Zomervakantie").exists()
    assert utrecht.grades.count() == 8
    bo = Account.objects.get()
    assert not bo.has_usable_password()
    assert bo.postings.get().role == "office"
    password = "drie gele trommels dansen"
    client.post(link.group(1), {"secret": link.group(2), "password": password, "again": password})
    assert client.session["_auth_user_id"] == str(bo.pk)


@pytest.mark.parametrize(
    "values", [{"organisation": "not a key"}, {"email": "nobody"}, {"region": "Oost"}, {"organisation": "amsterdam"}]
)
def test_a_wrong_start_is_refused_in_one_sentence_and_leaves_nothing(cast, capsys, values):
    with pytest.raises(SystemExit) as end:
        start_office(**values)
    captured = capsys.readouterr()
    assert (end.value.code, captured.out) == (2, "")
    assert captured.err.strip().count("\n") == 0
    assert Organisation.objects.count() == 2
    assert not Invitation.objects.exists()
