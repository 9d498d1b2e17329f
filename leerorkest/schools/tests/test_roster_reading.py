"""Reading real and made pupil exports: what is kept, what is dropped, and how names come through."""

import io
import zipfile
from collections import Counter

import pytest
from openpyxl import Workbook

from leerorkest.schools.roster import names
from leerorkest.schools.roster.reading import read
from leerorkest.schools.roster.roster import NeedsMapping, Pupil
from leerorkest.shared.uploads.sentences import FileRefused

BSN = "111222333"  # passes the 11-test


def edexml(
    pupils: str, groups: str = '<groep key="g5"><naam>5A</naam><jaargroep>5</jaargroep></groep>', **more: str
) -> str:
    encoding = more.get("encoding", "UTF-8")
    return (
        f'<?xml version="1.0" encoding="{encoding}"?><EDEX><school><schooljaar>2026-2027</schooljaar>'
        f"<peildatum>2026-10-01</peildatum><brincode>99ZZ</brincode><xsdversie>2.1</xsdversie></school>"
        f"<groepen>{groups}</groepen><leerlingen>{pupils}</leerlingen></EDEX>"
    )


def leerling(key: str, first: str = "Amina", last: str = "Bos", group: str = "g5", more: str = "") -> str:
    place = f'<groep key="{group}"/>' if group else ""
    return f'<leerling key="{key}"><achternaam>{last}</achternaam><roepnaam>{first}</roepnaam>{place}{more}</leerling>'


def zipped(parts: dict[str, str | bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


def xlsx(rows: list[list[object]]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def kept(pupil: Pupil) -> tuple[str, ...]:
    return pupil.first_name, pupil.prefix, pupil.last_name, pupil.group_key, pupil.grade, pupil.key


# --- EDEXML -------------------------------------------------------------------------------------------


def test_the_real_file_of_400_pupils_gives_387_with_a_group_11_without_and_2_who_left(shared_data):
    roster = read(shared_data / "edexml/samples/cito-lvs-1.03-400-leerlingen.xml")
    assert (roster.format, roster.school_year, roster.school.brin6) == ("EDEXML 1.03", "2012-2013", "99XX99")
    assert len(roster.pupils) == 387
    assert Counter(refusal.reason for refusal in roster.refused) == {"no_group": 11}
    assert len(roster.left) == 2
    assert all(pupil.grade and pupil.first_name for pupil in roster.pupils)
    assert {"sofinummer", "geboortedatum", "etniciteit", "leerkrachten"} <= set(roster.dropped_fields)


@pytest.mark.parametrize("version", ["2.0", "2.1"])
def test_the_official_examples_give_one_pupil_one_without_a_group_and_one_who_left(shared_data, version):
    roster = read(shared_data / f"edexml/samples/EDEXML.Voorbeeld.{version}.xml")
    assert roster.format == f"EDEXML {version}"
    last = {"2.0": ("", ""), "2.1": ("imp", "ie")}[version]  # in 2.0 a call name alone is enough
    assert [kept(pupil) for pupil in roster.pupils] == [("Wimpie", *last, "GRP4B", "4", "00001")]
    assert [refusal.reason for refusal in roster.refused] == ["no_group"]
    assert roster.left == {"12345"}
    assert "toevoegingen" in roster.dropped_fields


def test_nothing_that_was_dropped_is_left_in_any_text(shared_data):
    more = f"<bsn>{BSN}</bsn><geboortedatum>2016-03-04</geboortedatum><emailadres>a@example.org</emailadres>"
    roster = read(edexml(leerling("1", more=more) + leerling("2", group="", more=more)).encode())
    everything = repr(roster) + str([str(refusal.sentence) for refusal in roster.refused]) + str(roster.pupils)
    for value in (BSN, "2016-03-04", "example.org", "Amina"):
        assert value not in everything
    assert set(roster.dropped_fields) == {"bsn", "geboortedatum", "emailadres"}


def test_a_bsn_used_as_key_refuses_the_pupil():
    roster = read(edexml(leerling(BSN, more=f"<bsn>{BSN}</bsn>") + leerling("2")).encode())
    assert [refusal.reason for refusal in roster.refused] == ["key_is_bsn"]
    assert roster.refused[0].key == ""


def test_a_file_whose_keys_are_all_bsns_is_refused_even_without_a_bsn_field():
    numbers = [str(number) for number in range(100000000, 100002000) if names.looks_like_bsn(str(number))][:12]
    with pytest.raises(FileRefused, match="BSN"):
        read(edexml("".join(leerling(number) for number in numbers)).encode())


def test_the_pupils_own_grade_wins_over_the_groups_and_a_combination_group_gives_none():
    groups = (
        '<groep key="a"><naam>5A</naam><jaargroep>5</jaargroep></groep>'
        '<groep key="c"><naam>5/6</naam><jaargroep>C</jaargroep></groep>'
    )
    own = "<jaargroep>6</jaargroep>"
    pupils = leerling("1", group="a", more=own) + leerling("2", group="a")
    pupils += leerling("3", group="c", more=own) + leerling("4", group="c")
    roster = read(edexml(pupils, groups).encode())
    assert [pupil.grade for pupil in roster.pupils] == ["6", "5", "6", ""]
    assert [notice.kind for notice in roster.warnings] == ["no_grade"]


def test_two_pupils_with_one_key_are_both_refused():
    roster = read(edexml(leerling("1") + leerling("1", first="Noah") + leerling("2")).encode())
    assert [refusal.reason for refusal in roster.refused] == ["key_twice", "key_twice"]


def test_a_group_that_is_not_in_the_file_refuses_its_pupil_with_the_line():
    text = edexml(leerling("1", group="zz")).replace("<leerling ", "\n<leerling ")
    (refusal,) = read(text.encode()).refused
    assert (refusal.line, refusal.reason) == (2, "group_unknown")


def test_a_key_with_a_hash_is_not_lasting():
    (pupil,) = read(edexml(leerling(" #12 ")).encode()).pupils
    assert (pupil.key, pupil.key_is_stable) == ("#12", False)


def test_a_group_of_a_teacher_is_not_a_group_of_the_school():
    text = edexml(leerling("1")).replace(
        "</EDEX>",
        '<leerkrachten><leerkracht key="L"><groepen><groep key="x"/></groepen></leerkracht></leerkrachten></EDEX>',
    )
    assert [group.key for group in read(text.encode()).groups] == ["g5"]


def test_the_body_of_a_uwlr_message_is_read_too():
    text = edexml(leerling("1")).replace(
        "<EDEX>", '<u:antwoord xmlns:u="http://www.edustandaard.nl/leerresultaten/2/leerlinggegevens"><EDEX>'
    )
    assert len(read((text + "</u:antwoord>").encode()).pupils) == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1", "windows-1252"])
def test_every_encoding_that_the_file_declares_is_read(encoding):
    declared = encoding.removesuffix("-sig")
    text = edexml(leerling("1", first="Zoë", last="Çelik"), encoding=declared)
    (pupil,) = read(text.encode(encoding)).pupils
    assert (pupil.first_name, pupil.last_name) == ("Zoë", "Çelik")


def test_names_come_through_whole():
    cases = [
        ("Ìsis", "'t", "Hof"),
        ("A", "", "Aa"),
        ("Noe\u0308l", "van 't", "Gravesande"),
        ("Anna-Sophie", "", ""),
        ("Sjoukje", "", "Hânsma"),
    ]
    pupils = "".join(
        f'<leerling key="{at}"><achternaam>{last}</achternaam><voorvoegsel>{prefix}</voorvoegsel>'
        f'<roepnaam>{first}</roepnaam><groep key="g5"/></leerling>'
        for at, (first, prefix, last) in enumerate(cases)
    )
    roster = read(edexml(pupils).encode())
    assert [kept(pupil)[:3] for pupil in roster.pupils] == [
        ("Ìsis", "'t", "Hof"),
        ("A", "", "Aa"),
        ("Noël", "van 't", "Gravesande"),
        ("Anna-Sophie", "", ""),
        ("Sjoukje", "", "Hânsma"),
    ]


def test_without_a_roepnaam_only_the_first_of_the_first_names_is_kept():
    text = leerling("1").replace("<roepnaam>Amina</roepnaam>", "<voornamen>Ismaël Hassan</voornamen>")
    roster = read(edexml(text).encode())
    assert roster.pupils[0].first_name == "Ismaël"
    assert "voornamen" in roster.dropped_fields


# --- OneRoster ----------------------------------------------------------------------------------------


def test_the_real_bulk_package_keeps_only_students_and_names_what_it_drops(shared_data):
    roster = read(shared_data / "oneroster/Test_full_data_set.zip")
    assert (roster.format, roster.is_full, roster.school_year) == ("OneRoster 1.1", True, "2022-2023")
    assert [kept(pupil) for pupil in roster.pupils] == [
        ("mmichel", "", "Jones", "cls-222-123456", "12", "usr-222-1234561232")
    ]
    assert [(refusal.line, refusal.reason) for refusal in roster.refused] == [(3, "no_group"), (7, "no_group")]
    assert {"password", "email", "agentSourcedIds"} <= set(roster.dropped_fields)
    assert "Password1-" not in repr(roster)


def test_the_real_delta_package_is_a_list_of_changes(shared_data):
    roster = read(shared_data / "oneroster/oneroster_test_data.zip")
    assert (roster.format, roster.is_full) == ("OneRoster 1.2", False)
    assert [kept(pupil)[:3] for pupil in roster.pupils] == [("Bruce", "", "Wayne")]
    assert "demographics.csv" in roster.dropped_fields


ONEROSTER = {
    "manifest.csv": "propertyName,value\noneroster.version,1.1\nfile.users,bulk\nfile.courses,bulk\n",
    "orgs.csv": "sourcedId,name,type,identifier\ns,De Regenboog,school,99ZZ00\n",
    "classes.csv": "sourcedId,title,grades,classType,schoolSourcedId\nc1,5A,05,homeroom,s\nc2,Viool,,scheduled,s\n",
    "enrollments.csv": (
        "sourcedId,classSourcedId,userSourcedId,role\n1,c2,u1,student\n2,c1,u1,student\n3,c1,u2,student\n4,c1,t,teacher\n"
    ),
    "users.csv": (
        "sourcedId,status,role,givenName,familyName,middleName\n"
        "u1,,student,Amina,van der Bos\nu2,tobedeleted,student,Noah,Vos,\nt,,teacher,Noor,Vis,\n"
    ),
}


def test_the_homeroom_is_the_group_ragged_rows_and_folders_are_tolerated_and_deleted_pupils_have_left():
    roster = read(zipped({f"Export 2026/{name.upper()}": text for name, text in ONEROSTER.items()}))
    assert [kept(pupil) for pupil in roster.pupils] == [("Amina", "van der", "Bos", "c1", "5", "u1")]
    assert roster.left == {"u2"}
    assert roster.school.brin6 == "99ZZ00"


def test_pupils_of_two_schools_in_one_package_are_refused():
    parts = dict(ONEROSTER)
    parts["classes.csv"] = parts["classes.csv"].replace("c1,5A,05,homeroom,s", "c1,5A,05,homeroom,other")
    parts["enrollments.csv"] = "sourcedId,classSourcedId,userSourcedId,role\n1,c2,u1,student\n3,c1,u2,student\n"
    with pytest.raises(FileRefused, match="2 schools"):
        read(zipped(parts))


# --- tables -------------------------------------------------------------------------------------------

ROWS = [
    ["Roepnaam", "Tussenvoegsel", "Achternaam", "Groep", "Leerlingnummer", "Geboortedatum", "BSN"],
    ["Zoë", "van 't", "Hof", "5a", "1", "2016-01-02", BSN],
    ["Çan", "", "Aa", "Muizen", "2", "2016-01-02", BSN],
]
TABLE = [("Zoë", "van 't", "Hof", "5a", "5", "1"), ("Çan", "", "Aa", "muizen", "", "2")]


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_a_csv_of_any_delimiter_and_encoding_is_read(delimiter, encoding):
    text = "\r\n".join(delimiter.join(row) for row in ROWS)
    roster = read(text.encode(encoding))
    assert [kept(pupil) for pupil in roster.pupils] == TABLE
    assert roster.dropped_fields == ("Geboortedatum", "BSN")
    assert BSN not in repr(roster)


def test_an_xlsx_gives_what_the_same_csv_gives():
    rows = [["Leerlingen van De Regenboog"], [], *ROWS]
    rows[3][4] = 1.0  # type: ignore[call-overload]
    assert [kept(pupil) for pupil in read(xlsx(rows)).pupils] == TABLE
    rows[3][4] = "1"


def test_columns_that_tell_nothing_ask_for_a_mapping_and_the_mapping_is_then_used():
    content = b"A;B;C\nAmina;Bos;5a\n"
    with pytest.raises(NeedsMapping) as asked:
        read(content)
    assert asked.value.columns == ("A", "B", "C")
    roster = read(content, mapping={"first_name": "a", "last_name": "B", "group": "C"})
    assert [kept(pupil)[:4] for pupil in roster.pupils] == [("Amina", "", "Bos", "5a")]


def test_a_table_without_a_header_never_repeats_the_child_that_stands_in_its_place():
    with pytest.raises(NeedsMapping) as asked:
        read(f"Amina;{BSN};2016-04-05;a@example.org\nNoah;{BSN};2016-04-05;b@example.org\n".encode())
    assert asked.value.columns == ("Amina", "#2", "#3", "#4")


def test_a_forbidden_column_cannot_be_mapped():
    text = "\n".join(";".join(row) for row in ROWS).encode()
    with pytest.raises(FileRefused, match="may not be kept"):
        read(text, mapping={"first_name": "Roepnaam", "group": "Groep", "key": "BSN"})


def test_a_formula_refuses_its_row_with_the_name_of_its_cell():
    for hostile in ("=1+1", "+31", "-x", "@SUM(A1)", "'=1"):
        roster = read(f"roepnaam;groep;leerlingnr\nAmina;5a;1\n{hostile};5a;2\n".encode())
        (refusal,) = roster.refused
        assert (refusal.reason, refusal.key, str(refusal.sentence)[:7]) == ("formula_in_cell", "2", "Cell A3")
    (refusal,) = read(xlsx([["Roepnaam", "Groep"], ["Amina", "5a"], ["=A2", "5a"]])).refused
    assert str(refusal.sentence).startswith("Cell A3 ")


def test_a_dash_in_an_empty_field_is_nothing():
    (pupil,) = read(b"roepnaam;tussenvoegsel;achternaam;groep\nAmina;-;Bos;5a\n").pupils
    assert kept(pupil)[:3] == ("Amina", "", "Bos")


def test_a_row_with_more_cells_than_columns_is_refused():
    roster = read(b"roepnaam;groep\nAmina;5a\nNoah;Bos;5a\n")
    assert [(refusal.line, refusal.reason) for refusal in roster.refused] == [(3, "too_many_cells")]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Hof, van 't Gradje", ("Gradje", "van 't", "Hof")),
        ("Hof, Gradje van 't", ("Gradje", "van 't", "Hof")),
        ("Gradje van 't Hof", ("Gradje", "van 't", "Hof")),
        ("Anna Maria de Vries", ("Anna Maria", "de", "Vries")),
        ("Jansen, Piet", ("Piet", "", "Jansen")),
        ("Piet Jansen", ("Piet", "", "Jansen")),
        ("Aa", ("Aa", "", "")),
    ],
)
def test_a_full_name_is_taken_apart(text, parts):
    roster = read(f"naam;groep\n{text};5a\n".encode())
    assert kept(roster.pupils[0])[:3] == parts


@pytest.mark.parametrize(
    ("group", "grade"), [("5a", "5"), ("Groep 5", "5"), ("5/6", ""), ("Muizen", ""), ("K3 rood", "3"), ("Klas 05", "5")]
)
def test_a_grade_is_read_from_a_groups_name_only_when_it_is_plain(group, grade):
    assert names.grade_in(group) == grade


@pytest.mark.parametrize(
    "column", ["BSN", "Geboortedatum", "e-mail ouder", "Nationaliteit", "Postcode", "sédula", "M/V"]
)
def test_forbidden_columns_are_known_in_every_spelling(column):
    assert names.is_forbidden(column)


@pytest.mark.parametrize("column", ["Leerlingnummer", "Roepnaam", "Student ID number", "Groep", "Achternaam", "Naam"])
def test_columns_we_keep_are_not_forbidden(column):
    assert not names.is_forbidden(column)
