"""EDEXML 1.03, 2.0 and 2.1, and the same body inside a UWLR message.

Not validated against the schema: its list of school years ended in 2025, it knows no Caribbean countries, and every
vendor adds blocks of their own. We take what we know by name and drop the rest unread.
"""

import re
from contextlib import suppress
from datetime import date

from leerorkest.schools.roster.gathering import Gathering
from leerorkest.schools.roster.names import BadText, clean, clean_key
from leerorkest.schools.roster.roster import Roster, SchoolHints
from leerorkest.shared.uploads.gate import read_xml
from leerorkest.shared.uploads.sentences import FileRefused
from leerorkest.shared.uploads.sentences import gettext_noop as _

SECTIONS = {"school", "groepen", "leerlingen", "leerkrachten", "vestigingen"}
RECORDS = {"groepen": {"groep"}, "leerlingen": {"leerling"}, "school": set()}
NATIONAL_NUMBERS = ("bsn", "sofinummer", "onderwijsnummer", "rijksregisternummer")
# Read to decide, and dropped: when a pupil left, and the numbers that may not be used as a key.
KEPT = {"achternaam", "voorvoegsel", "roepnaam", "jaargroep", "groep"}
TEXTS = {
    "school": {
        "schooljaar", "peildatum", "brincode", "dependancecode", "instellingsnummer", "schoolkey", "aanmaakdatum",
        "auteur", "xsdversie",
    },
    "groepen": {"naam", "jaargroep"},
    "leerlingen": KEPT | {"voornamen", "uitstroomdatum", *NATIONAL_NUMBERS},
}  # fmt: skip
MAX_TEXT = 400


def read_edexml(content: bytes, on: date | None = None) -> Roster:
    """`on` stands in for the reference date (peildatum) when the file has none."""
    reader = _Reader(on)
    read_xml(content, reader.start, reader.end, reader.text)
    return reader.roster()


class _Reader:
    """Follows the walk: which section, which record, which field. Anything deeper than a field is not read."""

    def __init__(self, on: date | None) -> None:
        self.gathering = Gathering("EDEXML")
        self.on = on
        self.depth = 0
        self.section = ""
        self.section_depth = 0
        self.record: dict[str, str] | None = None
        self.record_depth = 0
        self.line = 0
        self.field = ""
        self.pieces: list[str] = []
        self.seen: set[str] = set()
        self.school: dict[str, str] = {}

    def start(self, name: str, attributes: dict[str, str], line: int) -> None:
        self.depth += 1
        if not self.section:
            if name in SECTIONS:
                self.section, self.section_depth = name, self.depth
                self.seen.add(name)
                if name == "school":
                    self.record, self.record_depth = {}, self.depth
                elif name not in RECORDS:
                    self.gathering.drop(name)
        elif self.record is None:
            if name in RECORDS.get(self.section, ()) and self.depth == self.section_depth + 1:
                self.record, self.record_depth, self.line = {"@key": attributes.get("key", "")}, self.depth, line
                for attribute in attributes:
                    if attribute != "key" and not attribute.startswith(("xmlns", "xsi:")):
                        self.gathering.drop(attribute)
            elif name == "samengestelde_groep":
                self.gathering.drop(name)
        elif self.depth == self.record_depth + 1:
            if name in TEXTS[self.section]:
                self.field, self.pieces = name, []
                if name == "groep":
                    self.record["groep"] = attributes.get("key", "")
                elif self.section == "leerlingen" and name not in KEPT and name != "voornamen":
                    self.gathering.drop(name)
            elif self.section != "school":
                self.gathering.drop(name)

    def text(self, text: str) -> None:
        # Beyond the cap the value is refused as too long, whatever else it says: no need to hold it.
        if self.field and self.depth == self.record_depth + 1 and len(self.pieces) < MAX_TEXT:
            self.pieces.append(text[: MAX_TEXT * 2])

    def end(self, name: str) -> None:
        if self.field and self.depth == self.record_depth + 1:
            if self.record is not None and self.field != "groep":
                self.record[self.field] = "".join(self.pieces).strip()
            self.field, self.pieces = "", []
        elif self.record is not None and self.depth == self.record_depth:
            record, self.record = self.record, None
            if self.section == "school":
                self.read_school(record)
            elif self.section == "groepen":
                self.gathering.group(record["@key"], record.get("naam", ""), record.get("jaargroep", ""))
            else:
                self.read_pupil(record)
        if self.section and self.depth == self.section_depth:
            self.section = ""
        self.depth -= 1

    def read_school(self, record: dict[str, str]) -> None:
        found = re.match(r"\d{4}-\d{4}$", record.get("schooljaar", ""))
        self.gathering.school_year = found[0] if found else ""
        version = record.get("xsdversie", "")
        if re.fullmatch(r"\d\.\d{1,2}(\.\d)?", version):
            self.gathering.format = f"EDEXML {version}"

        def short(name: str) -> str:
            try:
                return clean(record.get(name, ""), 64)
            except BadText:
                return ""

        brin, dependance = short("brincode").upper(), short("dependancecode")
        self.gathering.school = SchoolHints(
            brin=brin if re.fullmatch(r"\d{2}[A-Z]{2}(\d{2})?", brin) else "",
            dependance=dependance if re.fullmatch(r"[0-9]{1,2}", dependance) else "",
            schoolkey=short("schoolkey") or short("instellingsnummer"),
            sending_system=short("auteur"),
        )
        reference = _date(record.get("peildatum", "")) or _date(record.get("aanmaakdatum", "")[:10])
        self.on = reference or self.on

    def read_pupil(self, record: dict[str, str]) -> None:
        left_on = _date(record.get("uitstroomdatum", ""))
        has_left = record.get("jaargroep", "").upper() == "H" or bool(left_on and self.on and left_on < self.on)
        if has_left:  # a former pupil: listed for their results, not to be enrolled again
            self.gathering.count_row()
            with suppress(BadText):
                self.gathering.left.add(clean_key(record["@key"]))
            return
        if record.get("voornamen"):
            self.gathering.drop("voornamen")
        self.gathering.pupil(
            self.line,
            key=record["@key"],
            first_name=record.get("roepnaam", ""),
            all_first_names=record.get("voornamen", ""),
            prefix=record.get("voorvoegsel", ""),
            last_name=record.get("achternaam", ""),
            group_key=record.get("groep", ""),
            grade=record.get("jaargroep", ""),
            national_numbers=tuple(record[name] for name in NATIONAL_NUMBERS if record.get(name)),
        )

    def roster(self) -> Roster:
        if "leerlingen" not in self.seen:
            raise FileRefused(_("This XML file is not EDEXML: it has no list of pupils (leerlingen)."))
        return self.gathering.roster()


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip()[:10])
    except ValueError:
        return None
