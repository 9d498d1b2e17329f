"""Names of children, names of fields: cleaning the ones we keep, knowing the ones we must not."""

import re
import unicodedata
from collections.abc import Iterable

from leerorkest.shared.uploads.columns import INVISIBLE, bare
from leerorkest.shared.uploads.sentences import gettext_noop as _

MAX_FIRST, MAX_PREFIX, MAX_LAST, MAX_GROUP = 60, 20, 80, 64
MAX_KEY = 256  # EDEXML 2.1; it was 64 before
NOTHING = {"-", "--", "–", "—"}  # how people fill in an empty field
FORMULA = ("=", "+", "-", "@")

PARTICLES = {
    "van", "von", "vom", "de", "den", "der", "des", "di", "da", "dal", "del", "della", "do", "dos", "das", "du",
    "d'", "l'", "la", "le", "les", "el", "al", "ten", "ter", "te", "’t", "'t", "t'", "’s", "'s", "het", "in", "op",
    "onder", "over", "aan", "bij", "tot", "uit", "uijt", "voor", "zum", "zur", "zu", "af", "v.", "v.d.", "d.", "y",
    "e",
}  # fmt: skip

SENTENCES = {
    "first_name_missing": _("This pupil has no first name. Fill it in in the school's system and export again."),
    "name_has_number": _("The name of this pupil holds a number. Mend it in the school's system and export again."),
    "name_too_long": _("A name of this pupil is too long to keep. Shorten it in the school's system and export again."),
    "control_character": _("This row holds an unreadable character. Mend the name in the school's system."),
    "formula": _("This row holds a formula where a text belongs. Replace the formula by its text."),
    "formula_in_cell": _("Cell %(cell)s holds a formula where a text belongs. Replace the formula by its text."),
    "key_too_long": _("The key of this pupil is longer than 256 characters. Export with a shorter key."),
    "key_is_bsn": _("The key of this pupil is their BSN, which we may not keep. Export with the school's own key."),
    "key_twice": _("Another pupil in this file has the same key. Give each pupil their own key and export again."),
    "key_missing": _("This pupil has no key. Export with the school's own key for each pupil."),
    "no_group": _("This pupil has no group. Give the child a group in the school's system and export again."),
    "group_unknown": _("The group of this pupil is not in the file. Export the groups too."),
    "group_name": _("The name of this pupil's group is empty, too long or holds a long number. Mend it."),
    "name_not_unique": _("This pupil has no lasting key and their name does not tell which child it is."),
    "name_elsewhere": _(
        "A child of this name is here in another group. The key does not tell whether it is the same child. "
        "Move the child by hand, or export with the school's own key."
    ),
    "too_many_cells": _("This row has more cells than there are columns. Look for a stray separator."),
}


class BadText(Exception):
    """A value that cannot be kept; carries the reason's code only, never the value."""


def clean(text: str, most: int = MAX_LAST) -> str:
    """NFC, single spaces, no invisible characters: "Zoë" from one system equals "Zoë" from the next."""
    if text.isascii() and text.isprintable() and "  " not in text:  # nearly all; the rest takes the long way
        text = text.strip()
    else:
        text = " ".join(text.split())
        if len(text) > 3 * most:  # before NFC: ordering a thousand accents takes a million steps
            raise BadText("name_too_long")
        text = unicodedata.normalize("NFC", text.translate(INVISIBLE))
        if any(unicodedata.category(letter) in ("Cc", "Co", "Cs", "Cn") for letter in text):
            raise BadText("control_character")
    if len(text) > most:
        raise BadText("name_too_long")
    if text in NOTHING:
        return ""
    # "'=1+1": an apostrophe is how a spreadsheet hides a formula; "'t" and "'s" are how the Dutch write names.
    if text.lstrip("'").startswith(FORMULA):
        raise BadText("formula")
    return text


def clean_name(text: str, most: int = MAX_LAST) -> str:
    text = clean(text, most)
    if re.search(r"\d{4}", re.sub(r"[\s.\-]", "", text)):
        raise BadText("name_has_number")
    return text


def clean_group(text: str) -> str:
    try:
        text = clean(text, MAX_GROUP)
    except BadText as bad:
        raise BadText("formula" if str(bad) == "formula" else "group_name") from None
    if re.search(r"\d{6}", re.sub(r"[\s.\-]", "", text)):
        raise BadText("group_name")
    return text


def clean_key(text: str) -> str:
    try:
        return clean(text, MAX_KEY)
    except BadText as bad:
        raise BadText({"name_too_long": "key_too_long"}.get(str(bad), str(bad))) from None


def first_of(names: str) -> str:
    return names.split(maxsplit=1)[0] if names.strip() else ""


def clean_grade(text: str) -> str:
    """ "groep 5", "Klas 5", "05" → "5"; a list or a combination is nobody's grade: ""."""
    text = re.sub(r"^(groep|klas|leerjaar|jaargroep|grade|grupo|gr\.?)\s*", "", text.strip().casefold())
    if text in ("c", "h", ""):
        return ""
    text = text.lstrip("0") or "0"
    return text.upper() if re.fullmatch(r"[0-9]{1,2}|[a-z]{1,3}", text) else ""


def grade_in(group_name: str) -> str:
    """The grade a group's name tells: "5a", "Groep 5", "K5 rood"; "5/6" and "Muizen" tell none."""
    numbers = re.findall(r"\d+", group_name)
    return clean_grade(numbers[0]) if len(set(numbers)) == 1 and len(numbers[0]) <= 2 else ""


def split_prefix(last_name: str) -> tuple[str, str]:
    """ "van 't Hof" → ("van 't", "Hof"). Lower case only: in Flanders and on the islands "De Jong" is one name."""
    words = last_name.split()
    count = 0
    while count < len(words) - 1 and words[count] in PARTICLES:
        count += 1
    return " ".join(words[:count]), " ".join(words[count:])


def split_full_name(name: str) -> tuple[str, str, str]:
    """ "Hof, van 't Gradje", "Hof, Gradje van 't" and "Gradje van 't Hof" → ("Gradje", "van 't", "Hof")."""
    if "," in name:
        last, rest = (part.strip() for part in name.split(",", 1))
        words = rest.replace(",", " ").split()
        is_particle = [word.casefold() in PARTICLES for word in words]
        if is_particle and is_particle[0]:
            prefix, _rest = split_prefix(rest.replace(",", " ").casefold())
            count = len(prefix.split())
            return " ".join(words[count:]), " ".join(words[:count]), last
        end = len(words)
        while end > 1 and is_particle[end - 1]:
            end -= 1
        return " ".join(words[:end]), " ".join(words[end:]), last
    words = name.split()
    for at in range(1, len(words) - 1):
        if words[at] in PARTICLES:
            prefix, last = split_prefix(" ".join(words[at:]))
            return " ".join(words[:at]), prefix, last
    return (words[0] if words else ""), "", " ".join(words[1:])


# --- numbers that are not ours to keep -----------------------------------------------------------------


def looks_like_bsn(text: str) -> bool:
    """Nine digits that pass the 11-test of a BSN, or of an onderwijsnummer (its remainder is 5)."""
    if len(text) not in (8, 9) or not (text.isascii() and text.isdigit()):
        return False
    digits = [int(digit) for digit in text.zfill(9)]
    weighed = sum(digit * weight for digit, weight in zip(digits, (9, 8, 7, 6, 5, 4, 3, 2, -1), strict=True))
    return any(digits) and weighed % 11 in (0, 5)


def are_bsn(keys: Iterable[str]) -> bool:
    """Do these keys come from the BSN field? One number may pass the test by chance (2 in 11); ten do not."""
    numbers = {key for key in keys if key}
    return len(numbers) >= 10 and sum(map(looks_like_bsn, numbers)) >= 0.9 * len(numbers)


# --- names of columns ----------------------------------------------------------------------------------

KNOWN_COLUMNS = {
    "first_name": "roepnaam voornaam voornamen firstname firstnames givenname callname preferredname "
    "preferredfirstname nomber primenomber promenomber",
    "prefix": "tussenvoegsel tussenvoegsels voorvoegsel voorvoegsels tussenv voorv tv vv prefix infix nameprefix",
    "last_name": "achternaam familienaam geslachtsnaam lastname surname familyname fam apeyido apellido",
    "full_name": "naam leerling leerlingnaam naamleerling volledigenaam name fullname student studentname pupil "
    "pupilname nomberkompleto nombercompleto",
    "group": "groep klas stamgroep groepsnaam groepnaam klasnaam basisgroep groepscode group class homeroom groupname "
    "classname grupo klasse",
    "grade": "leerjaar jaargroep jaarlaag grade gradelevel yeargroup year jaar",
    "key": "leerlingnummer leerlingnr leerlingid leerlingkey llnr llnummer stamnummer stamnr administratienummer "
    "studentnumber studentnr studentid studentidnumber pupilid pupilnumber sourcedid key id sleutel nummer nr uniekid "
    "number numbersudiente",
}
FIELD_OF = {name: field for field, names in KNOWN_COLUMNS.items() for name in names.split()}
FORBIDDEN_PARTS = re.compile(
    "bsn|sofi|burgerservice|onderwijsn|ondwnr|persoonsgebonden|rijksregister|sedula|cedula|idn(umm|umb|r)|socialsec|"
    "passport|paspoort|geboort|birth|nacemento|nasemento|nationali|nashonali|etni|ethni|religi|geloof|godsdienst|kerk|"
    "adres|address|straat|street|huisn|postcode|postnummer|postal|woonplaats|telefoon|phone|mobiel|mobile|email|mail|"
    "geslacht|gender|medi[cs]|gezondh|health|diagnos|allerg|huisarts|dokter|gewicht|inkomen|income|ouder|verzorg|"
    "parent|guardian|moeder|vader|mother|father|foto|photo|password|wachtwoord|toets|score|eckid|username|gebruikersn|"
    "userid|handicap|herkomst|landvan|country"
)
FORBIDDEN_WORDS = {
    "pgn", "ssn", "dob", "sex", "tel", "gsm", "sms", "iq", "zip", "land", "race", "city", "stad", "plaats", "mv",
    "sekse",
}  # fmt: skip


def is_forbidden(column: str) -> bool:
    """May this column never be kept? A known column is never forbidden ("student id number" is the school's key)."""
    name = bare(column)
    if name in FIELD_OF:
        return False
    return name in FORBIDDEN_WORDS or bool(FORBIDDEN_PARTS.search(name))
