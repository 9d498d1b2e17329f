"""Which language a reader gets, what a date looks like in it, and how catalogues come to be."""

import os
from datetime import date

import polib
import pytest
from django.template import Context, Template
from django.utils import translation
from django.utils.formats import date_format

from leerorkest.shared.templatetags.words import when
from leerorkest.shared.translations import CLOSE, OPEN, compile_catalogues, pseudo, write_pseudo_catalogue

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 5)  # a Thursday


@pytest.fixture(autouse=True)
def _default_language_of_the_site(settings):
    settings.LANGUAGE_CODE = "nl"


def language_of(client, **headers: str) -> str:
    return client.get("/account/login/", headers=headers).headers["Content-Language"]


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("", "nl"),
        ("nl-BE, fr;q=0.5", "nl"),
        ("en-GB", "en"),
        ("de", "nl"),
        ("pap", "pap-cw"),
        ("pap-AW, nl;q=0.5", "pap-aw"),
        ("pap-CW", "pap-cw"),
        ("pap-BQ", "pap-cw"),
        ("pap;q=0.2, en", "en"),
    ],
)
def test_the_browser_says_which_language(client, asked, given):
    assert language_of(client, accept_language=asked) == given


def test_the_choice_of_the_reader_wins_from_the_browser(client, settings):
    client.post("/language/", {"language": "pap-aw", "next": "/account/login/"})
    assert client.cookies[settings.LANGUAGE_COOKIE_NAME].value == "pap-aw"
    assert language_of(client, accept_language="en") == "pap-aw"


def test_a_cookie_of_a_language_that_does_not_exist_is_ignored(client, settings):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "xx"
    assert language_of(client, accept_language="en") == "en"


def test_the_switch_of_language_leads_to_no_other_site(client):
    assert client.post("/language/", {"language": "en", "next": "https://example.org/"}).headers["Location"] == "/"


@pytest.mark.parametrize("language", ["nl", "en", "pap-aw", "pap-cw"])
def test_the_page_works_without_any_compiled_catalogue(client, settings, tmp_path, language):
    settings.LOCALE_PATHS = [tmp_path]
    settings.LANGUAGES = list(settings.LANGUAGES)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    assert client.get("/account/login/").status_code == 200


@pytest.mark.parametrize("form", ["DATE_FORMAT", "SHORT_DATE_FORMAT", "MONTH_DAY_FORMAT", "l j F Y", "D j M"])
@pytest.mark.parametrize("language", ["pap-aw", "pap-cw"])
def test_a_date_in_papiamento_has_no_english_or_dutch_word(language, form):
    foreign = ["Thursday", "Thu", "March", "Mar", "donderdag", "do"]  # Aruba, too, writes "maart"
    with translation.override(language):
        words = date_format(DAY, form).split()
    assert not set(words) & set(foreign), words


@pytest.mark.parametrize(
    ("language", "long", "short"),
    [("nl", "5 maart 2026", "5 mrt 2026"), ("en", "5 March 2026", "5 Mar 2026")],
)
def test_a_date_has_the_day_before_the_month(language, long, short):
    with translation.override(language):
        assert date_format(DAY) == long
        assert date_format(DAY, "SHORT_DATE_FORMAT") == short


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("nl", "donderdag 5 maart"),
        ("en", "Thursday 5 March"),
        ("pap-aw", "diahuebs 5 di maart"),
        ("pap-cw", "djaweps 5 di mart"),
    ],
)
def test_a_day_of_the_week_reads_as_people_say_it(language, shown):
    with translation.override(language):
        assert when(DAY, "l j F") == shown


def test_the_clock_has_twenty_four_hours_in_every_language(settings):
    for language, _ in settings.LANGUAGES:
        with translation.override(language):
            shown = Template('{{ moment|date:"TIME_FORMAT" }}').render(Context({"moment": _afternoon()}))
        assert shown == "15:30", language


def _afternoon():
    from datetime import time

    return time(15, 30)


def _catalogue(folder, text: str, translated: str):
    path = folder / "nl" / "LC_MESSAGES" / "django.po"
    path.parent.mkdir(parents=True, exist_ok=True)
    book = polib.POFile()
    book.metadata = {"Content-Type": "text/plain; charset=UTF-8"}
    book.append(polib.POEntry(msgid=text, msgstr=translated))
    book.save(str(path))
    return path


def test_only_a_catalogue_that_changed_is_compiled(tmp_path):
    path = _catalogue(tmp_path, "Child", "Kind")
    assert compile_catalogues(tmp_path) == [path.with_suffix(".mo")]
    assert polib.mofile(str(path.with_suffix(".mo")))[0].msgstr == "Kind"
    assert compile_catalogues(tmp_path) == []
    _catalogue(tmp_path, "Child", "Het kind")
    os.utime(path, ns=(1, 1))  # an older file put back counts as a change too
    assert compile_catalogues(tmp_path) == [path.with_suffix(".mo")]
    assert polib.mofile(str(path.with_suffix(".mo")))[0].msgstr == "Het kind"
    assert [name.name for name in path.parent.iterdir() if name.suffix not in {".po", ".mo"}] == []


def test_the_made_up_language_keeps_placeholders_and_is_a_third_longer(tmp_path):
    text = "%(count)s violins are at <b>%(school)s</b>"
    made = pseudo(text)
    assert text in made
    assert made.startswith(OPEN)
    assert made.endswith(CLOSE)
    assert 1.25 <= len(made) / len(text) <= 1.5
    path = write_pseudo_catalogue(tmp_path, [(text, "", None), ("one", "many", None), ("May", "", "a month")])
    book = {(entry.msgid, entry.msgctxt): entry for entry in polib.mofile(str(path))}
    assert book[(text, None)].msgstr == made
    assert book[("one", None)].msgstr_plural == {0: pseudo("one"), 1: pseudo("many")}
    assert book[("May", "a month")].msgstr == pseudo("May")
