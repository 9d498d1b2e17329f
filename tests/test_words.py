"""What people read: plain, short, the same in every language where it must be, and two spellings that really differ."""

import re
from pathlib import Path

import polib
import pytest
from django.utils.dates import MONTHS, WEEKDAYS, WEEKDAYS_ABBR

from tests import messages
from tests.messages import DRAFT, LANGUAGES, catalogue, collected, differ, faults_of

LONGEST_SENTENCE = 20  # words: B1 level
LONGEST_BUTTON = {"primary": 4, "other": 6}  # words; three is better
JARGON = {  # Dutch words that parents and teachers stumble over, and what to say instead
    "dient": "moet",
    "dienen": "moeten",
    "middels": "met",
    "teneinde": "om",
    "betreffende": "over",
    "inzake": "over",
    "desbetreffende": "deze",
    "reeds": "al",
    "tevens": "ook",
    "derhalve": "daarom",
    "indien": "als",
    "alsmede": "en",
    "conform": "volgens",
    "geschieden": "gebeuren",
    "verschaffen": "geven",
    "verstrekken": "geven",
    "retourneren": "terugbrengen",
    "valideren": "controleren",
    "gebruiker": "jij, of wie het is",
    "gebruikersnaam": "e-mailadres",
    "authenticatie": "inloggen",
    "authenticator": "app met codes",
    "ongeldig": "wat er niet klopt",
    "succesvol": "niets: zeg wat er gebeurd is",
    "invoer": "wat je invulde",
    "leerling": "kind",
    "u": "je",
    "uw": "je",
    "gelieve": "niets: zeg wat iemand doet",
    "verwijderen": "weghalen",
}
DAYS_AND_MONTHS = {str(name) for names in (WEEKDAYS, WEEKDAYS_ABBR, MONTHS) for name in names.values()}  # no capital
MAY_SAY = {"This XML file is not EDEXML: it has no list of pupils (leerlingen)."}  # names the element of the file
BORROWED = "leerorkest/shared/borrowed_texts.py"  # Django's and allauth's English is theirs
NEXT_SENTENCE = re.compile(r"(?<=[.!?:;])\s+")
ENDS = ".?!:…"


def entries(language: str) -> list[polib.POEntry]:
    return list(polib.pofile(str(catalogue(language))))


def said(entry: polib.POEntry) -> list[str]:
    return [text for text in [entry.msgstr, *entry.msgstr_plural.values()] if text]


@pytest.fixture(scope="module")
def texts():
    return collected()


def test_no_text_is_put_together_before_it_is_translated(texts):
    assert not texts.faults


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_has_a_translation(texts, language):
    book = {(entry.msgid, entry.msgctxt): entry for entry in entries(language)}
    faults = [
        f"“{text.msgid}” {fault}" for text in texts.texts.values() if (fault := faults_of(book.get(text.key), text))
    ]
    assert not faults


@pytest.mark.parametrize("language", ["en", *LANGUAGES])
def test_no_sentence_is_longer_than_twenty_words(language):
    book = entries("nl" if language == "en" else language)
    ours = [entry for entry in book if language != "en" or entry.occurrences != [(BORROWED, "")]]
    long = [
        sentence
        for entry in ours
        for text in ([entry.msgid] if language == "en" else said(entry))
        for sentence in NEXT_SENTENCE.split(text)
        if len(sentence.split()) > LONGEST_SENTENCE
    ]
    assert not long


def test_no_dutch_text_uses_a_word_that_people_stumble_over():
    found = [
        f"{text} ({word}: say {JARGON[word]})"
        for entry in entries("nl")
        for text in said(entry)
        for word in JARGON
        if re.search(rf"\b{word}\b", text, re.IGNORECASE) and entry.msgid not in MAY_SAY
    ]
    assert not found


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_have_no_double_space_and_end_as_the_english_does(language):
    faults = []
    for entry in entries(language):
        for source, text in zip([entry.msgid, entry.msgid_plural or entry.msgid], said(entry), strict=False):
            ending = source[-1:] if source[-1:] in ENDS else ""
            if "  " in text or text != text.strip() or (text[-1:] if text[-1:] in ENDS else "") != ending:
                faults.append(f"“{source}” → “{text}”")
    assert [fault for fault in faults if "Select an option" not in fault] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_with_a_capital_has_one_in_translation_too(language):
    faults = [
        (entry.msgid, text)
        for entry in entries(language)
        for text in said(entry)[:1]
        if entry.msgid[0].isalpha() and text[0].isalpha() and entry.msgid[0].islower() != text[0].islower()
        if entry.msgid not in DAYS_AND_MONTHS
    ]
    assert not faults


def test_buttons_are_short_in_dutch():
    button = re.compile(r'<(?:button|a)[^>]*class="([^"]*button[^"]*)"[^>]*>(.*?)</(?:button|a)>', re.DOTALL)
    translated = re.compile(r'{% translate "([^"]+)"')
    dutch = {entry.msgid: entry.msgstr for entry in entries("nl")}
    long = {
        dutch[text]
        for path in messages.sources()
        if path.suffix == ".html"
        for kind, inside in button.findall(path.read_text(encoding="utf-8"))
        for text in translated.findall(inside)
        if len(dutch.get(text, "").split()) > LONGEST_BUTTON["primary" if "primary" in kind else "other"]
    }
    assert not long


@pytest.mark.parametrize("language", ["pap_AW", "pap_CW"])
def test_every_papiamento_text_waits_for_a_speaker_until_somebody_has_read_it(language):
    read = [entry for entry in entries(language) if entry.translated() and DRAFT not in entry.tcomment]
    assert all("read by" in entry.tcomment for entry in read), [entry.msgid for entry in read]


FOREIGN_NAMES = re.compile(
    r"%\([a-z_]+\)[sdr]|{[a-z_]*}|“[^”]*”|https?://\S+|OneRoster|Leerorkest|JavaScript|cookie|"
    r"\b(Kind|PIN|link|scan|spreadsheet|BSN)\b",
    re.IGNORECASE,
)


def test_aruba_writes_no_accents_and_no_curacao_endings():
    wrong = []
    for entry in entries("pap_AW"):
        for text in said(entry):
            plain = FOREIGN_NAMES.sub(" ", text)
            if re.search(r"[àèòùáéíóúü]|shon\b|\bku\b|\bskol|\bkas\b", plain, re.IGNORECASE):
                wrong.append(text)
    assert not wrong


def test_curacao_writes_no_aruban_spellings():
    wrong = []
    for entry in entries("pap_CW"):
        for text in said(entry):
            plain = FOREIGN_NAMES.sub(" ", text)
            if re.search(r"\b(cu|y|of|aki|scol|cas|prome|nomber|les|bay|bek)\b|cion\b", plain, re.IGNORECASE):
                wrong.append(text)
    assert not wrong


def test_the_two_spellings_differ_where_the_orthographies_do():
    aruba, curacao = ({entry.msgid: entry for entry in entries(language)} for language in ("pap_AW", "pap_CW"))
    sentences = [msgid for msgid in aruba if len(msgid.split()) > 5]  # some short ones are spelled alike
    same = [msgid for msgid in sentences if said(aruba[msgid]) == said(curacao[msgid])]
    assert len(same) <= len(sentences) // 25, same


def test_placeholders_and_tags_are_compared():
    assert differ("%(count)s of <b>%(name)s</b>", "%(count)s van %(name)s")
    assert differ("[n] marks", "n kinderen")
    assert not differ("%(count)s of <b>%(name)s</b>", "<b>%(name)s</b>: %(count)s")


def test_the_collector_finds_every_way_to_say_a_text():
    found = messages.Collected()
    messages.read_python(
        'a = _("one")\nb = ngettext("a dog", "dogs", n)\nc = pgettext_lazy("month", "May")\n'
        'd = _(f"no {x}")\ne = _(x)\n',
        "x.py",
        found,
    )
    messages.read_template(
        "{% translate 'two' %}{% blocktranslate trimmed count n=n %}\n one {{ n }}\n thing{% plural %}{{ n }} things"
        "{% endblocktranslate %}{% if _('three') %}{% endif %}{% translate x %}",
        "x.html",
        found,
    )
    assert [(text.msgid, text.plural, text.context) for text in found.texts.values()] == [
        ("one", "", None),
        ("a dog", "dogs", None),
        ("May", "", "month"),
        ("three", "", None),
        ("two", "", None),
        ("one %(n)s thing", "%(n)s things", None),
    ]
    assert [fault.split(":")[0] for fault in found.faults] == ["x.py", "x.html"]


def test_scripts_hold_no_text_for_people():
    """A script gets its words from the page (data- attributes), where they are translated."""
    string = re.compile(r"""(["'`])((?:(?!\1)[^\\\n]|\\.)*)\1""")
    sentence = re.compile(r"^[A-Z][a-z’']*( [a-z’']+)+[.!?]?$")
    found = [
        f"{path.name}: {text}"
        for path in Path(messages.ROOT, "leerorkest").rglob("*.js")
        if "zxing" not in path.parts  # fetched at set-up, not ours
        for _, text in string.findall(re.sub(r"//.*", "", path.read_text(encoding="utf-8")))
        if sentence.match(text)
    ]
    assert not found
