import uuid

import pytest
from django.urls import reverse

from leerorkest.music.models import Size
from leerorkest.people.rules import Role
from leerorkest.schools.models import Playing, School, Teaching
from leerorkest.shared.models import AuditEntry
from leerorkest.shared.pages import sealed_words
from tests import make
from tests.counting import queries_of

from .test_programme import make_registered


@pytest.fixture(autouse=True)
def on_a_tuesday(time_machine):
    time_machine.move_to(make.NOW)


def sign_in(client, account):
    client.force_login(account)
    return client


# --- schools and groups


def test_everybody_sees_the_schools_of_their_door_and_no_other(cast, client):
    seen = {
        who: {school.site.name for school in sign_in(client, getattr(cast, who)).get("/schools/").context["page"].rows}
        for who in ("noor", "sam", "hanna", "joost", "ola", "luca", "wim")
    }
    both = {"De Regenboog", "’t Koraal"}
    assert seen == {
        "noor": {"De Regenboog"},
        "sam": both,
        "hanna": {"De Regenboog"},
        "joost": both,
        "ola": both,
        "luca": {"Kadushi"},
        "wim": set(),
    }


def test_a_school_shows_its_groups_only_to_who_may_see_their_children(cast, client):
    page = reverse("schools:school", args=[cast.regenboog.pk])
    for who, sees in {"noor": True, "sam": True, "hanna": True, "joost": False, "ola": False}.items():
        assert bool(sign_in(client, getattr(cast, who)).get(page).context["groups"]) is sees
    for who in ("eva", "luca", "wim"):
        assert sign_in(client, getattr(cast, who)).get(page).status_code == 404


def test_a_group_shows_its_children_and_what_they_play_and_notes_who_looked(cast, client):
    there = reverse("schools:group", args=[cast.group.pk])
    page = sign_in(client, cast.noor).get(there, HTTP_ACCEPT_LANGUAGE="nl").content.decode()
    assert "Amina Bakker" in page
    assert "Viool" in page
    assert "Zoë" not in page
    entry = AuditEntry.objects.order_by("-id").first()
    assert (entry.act, entry.subject, entry.actor) == ("seen.group", f"group:{cast.group.pk}", cast.noor.audit_key)


@pytest.mark.parametrize("who", ["eva", "luca", "wim", "joost", "ola"])
def test_who_may_not_see_a_child_gets_the_answer_for_nothing(cast, client, who):
    sign_in(client, getattr(cast, who))
    for address in (
        reverse("schools:group", args=[cast.group.pk]),
        reverse("schools:child", args=[cast.amina.uid]),
        reverse("schools:playing", args=[cast.amina.uid]),
        reverse("schools:assign_teacher", args=[cast.group.pk]),
    ):
        assert client.get(address).status_code == 404
    assert not AuditEntry.objects.filter(act__startswith="seen.").exists()


# --- a child


def test_opening_a_child_is_noted(cast, client):
    response = sign_in(client, cast.hanna).get(reverse("schools:child", args=[cast.amina.uid]))
    assert "Amina Bakker" in response.content.decode()
    entry = AuditEntry.objects.order_by("-id").first()
    assert (entry.act, entry.subject) == ("seen.child", f"child:{cast.amina.uid}")


def test_the_schools_key_is_for_the_coordinator_alone(cast, client):
    cast.amina.enrolments.update(key="SECRETKEY")
    for who, sees in {"noor": False, "hanna": False, "sam": True}.items():
        page = sign_in(client, getattr(cast, who)).get(reverse("schools:child", args=[cast.amina.uid]))
        assert ("SECRETKEY" in page.content.decode()) is sees


def test_an_absent_child_and_a_forbidden_one_look_alike(cast, client):
    sign_in(client, cast.noor)
    for uid in (cast.stranger.uid, cast.islander.uid, uuid.uuid4()):
        assert client.get(reverse("schools:child", args=[uid])).status_code == 404


def test_a_teacher_notes_what_a_child_plays(cast, client):
    violin = make.make_kind()
    Size.objects.get_or_create(kind=violin, code="1/2", defaults={"label": "½", "position": 3})
    there = reverse("schools:playing", args=[cast.dilan.uid])
    sign_in(client, cast.noor)
    assert client.get(there).status_code == 200
    client.post(there, {"what": "violin:1/2", "from_on": "2026-11-24"})
    assert Playing.objects.get(child=cast.dilan).size.code == "1/2"
    again = client.post(there, {"what": "violin:1/2", "from_on": "2026-11-24"})
    assert again.context["form"].non_field_errors()
    assert client.post(there, {"what": "theremin", "from_on": "x"}).context["form"].errors.keys() == {"what", "from_on"}
    assert sign_in(client, cast.hanna).get(there).status_code == 404


def search(client, words):
    return client.post(reverse("schools:children"), {"sought": words}, follow=True)


def test_a_coordinator_finds_a_child_of_the_own_schools_and_it_is_noted(cast, client):
    sign_in(client, cast.sam)
    assert search(client, "a").context["page"] is None
    assert search(client, "ami bak").context["page"].rows == [cast.amina]
    entry = AuditEntry.objects.order_by("-id").first()
    assert (entry.act, entry.detail) == ("seen.children", {"children": [str(cast.amina.uid)]})
    assert search(client, "Jaylen").context["page"].rows == []
    assert "Bakker" not in search(client, "Jaylen").content.decode()
    assert sign_in(client, cast.noor).post(reverse("schools:children"), {"sought": "Amina"}).status_code == 404


def test_no_name_that_was_sought_stands_in_an_address(cast, client):
    sign_in(client, cast.sam)
    found = search(client, "amina")
    (address, _status) = found.redirect_chain[0]
    assert "amina" not in address.lower()
    assert found.context["page"].rows == [cast.amina]
    assert client.get(reverse("schools:children"), {"of": "mangled"}).context["page"] is None


def test_a_coordinator_of_one_school_finds_nobody_elsewhere(cast, client):
    account = make.make_account("Bea Smit")
    make.make_posting(account, Role.COORDINATOR, cast.koraal.site)
    assert search(sign_in(client, account), "a").context["page"] is None
    assert search(client, "ami").context["page"].rows == []
    assert search(client, "Zo").context["page"].rows == [cast.stranger]


# --- who teaches


def test_the_coordinator_assigns_a_teacher_and_ends_it(cast, client):
    posting = cast.eva.postings.get()
    sign_in(client, cast.sam)
    there = reverse("schools:assign_teacher", args=[cast.group.pk])
    assert "Eva Prins" in client.get(there).content.decode()
    client.post(there, {"posting": posting.pk, "from_on": "2026-11-24"})
    teaching = Teaching.objects.get(posting=posting, group=cast.group)
    client.post(reverse("schools:end_teaching", args=[teaching.pk]), {"until_on": "2026-12-01"})
    teaching.refresh_from_db()
    assert str(teaching.until_on) == "2026-12-01"


def test_teachers_of_another_organisation_are_no_choice(cast, client):
    other = make.make_posting(cast.luca, Role.TEACHER, cast.curacao)
    there = reverse("schools:assign_teacher", args=[cast.group.pk])
    response = sign_in(client, cast.sam).post(there, {"posting": other.pk, "from_on": "2026-11-24"})
    assert response.context["form"].errors["posting"]


# --- the register


def test_a_school_is_found_by_parts_of_its_name_town_and_code_and_joins(cast, client):
    row = make_registered(search_words="de klaproos s gravenhage 1234ab 99zq00")
    make_registered("99ZQ01", "Elders")
    sign_in(client, cast.ola)
    for words in ("klapr", "klaproos 's-Graven", "99ZQ00", "1234AB", "KLAPROOS"):
        assert client.get(reverse("schools:register"), {"q": words}).context["page"].rows == [row]
    assert client.get(reverse("schools:registered", args=[row.pk])).status_code == 200
    client.post(reverse("schools:start", args=[row.pk]), {"organisation": "amsterdam"})
    assert School.objects.get(code="99ZQ00").site.organisation == cast.amsterdam
    assert "Takes part" in client.get(reverse("schools:register"), HTTP_ACCEPT_LANGUAGE="en").content.decode()


def test_nobody_adds_a_school_to_another_organisation(cast, client):
    row = make_registered()
    start = reverse("schools:start", args=[row.pk])
    assert sign_in(client, cast.ola).post(start, {"organisation": "curacao"}).status_code == 404
    one_school = make.make_account("Bea Smit")
    make.make_posting(one_school, Role.COORDINATOR, cast.koraal.site)
    assert sign_in(client, one_school).post(start).status_code == 404
    assert sign_in(client, cast.noor).post(start, {"organisation": "amsterdam"}).status_code == 404


def test_closed_schools_show_only_when_asked_for(cast, client):
    make_registered(closed_on=make.TODAY)
    sign_in(client, cast.sam)
    assert not client.get(reverse("schools:register"), {"q": "klaproos"}).context["page"].rows
    assert client.get(reverse("schools:register"), {"q": "klaproos", "closed": "1"}).context["page"].rows


def test_an_island_school_is_entered_by_hand(cast, client):
    facts = {"country": "CW", "name": "Kolegio Flamboyan", "code": "KF1", "town": "Willemstad"}
    sign_in(client, cast.luca).post(reverse("schools:enter"), facts)
    assert School.objects.get(code="KF1").scheme == "own"


def test_a_new_school_year_brings_its_holidays(cast, client):
    client = sign_in(client, cast.sam)
    client.post(reverse("schools:years"), {"first_on": "2027-08-01", "last_on": "2028-07-31"})
    assert cast.amsterdam.school_years.filter(name="2027-2028").exists()
    assert cast.amsterdam.holidays.filter(name="Herfstvakantie", first_on__year=2027).exists()


# --- the price of a page


def test_lists_cost_the_same_with_one_row_and_with_three(cast, client):
    sign_in(client, cast.sam)
    group = make.make_group(cast.koraal, "7C", grade="7")
    make.make_playing(make.make_child(group, "Xavi", "Een"))
    school, group_page = (
        reverse("schools:school", args=[cast.koraal.pk]),
        reverse("schools:group", args=[group.pk]),
    )
    pages = [
        "/schools/?q=Toets",
        school,
        group_page,
        f"{reverse('schools:children')}?of={sealed_words(reverse('schools:children'), 'Xavi')}",
        f"{reverse('schools:register')}?q=toets",
        reverse("schools:years"),
    ]
    make.make_school("Toets 1", organisation=cast.amsterdam)
    make_registered("99ZT01", "toets 1")
    [queries_of(client, page) for page in pages]
    with_one = [queries_of(client, page) for page in pages]
    for number in (2, 3):
        make.make_school(f"Toets {number}", organisation=cast.amsterdam)
        make_registered(f"99ZT0{number}", f"toets {number}")
        make.make_playing(make.make_child(group, "Xavi", f"Meer {number}"))
        make.make_teaching(make.make_posting(make.make_account(f"T {number}"), Role.TEACHER, cast.amsterdam), group)
        make.make_group(cast.koraal, f"8{number}", grade="8")
    assert [queries_of(client, page) for page in pages] == with_one
