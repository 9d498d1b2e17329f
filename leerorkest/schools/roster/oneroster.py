"""OneRoster 1.1 and 1.2, CSV in a zip: as systems send it, not only as the standard says.

Tolerated: a folder inside the zip, other capitals, ragged rows, old column names, a manifest that names absent files.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from leerorkest.schools.roster import names
from leerorkest.schools.roster.gathering import Gathering
from leerorkest.schools.roster.roster import Roster, SchoolHints
from leerorkest.shared.uploads.columns import bare
from leerorkest.shared.uploads.gate import Archive, decode_table
from leerorkest.shared.uploads.rows import csv_rows
from leerorkest.shared.uploads.sentences import FileRefused
from leerorkest.shared.uploads.sentences import gettext_noop as _

USED = {"manifest.csv", "orgs.csv", "academicsessions.csv", "classes.csv", "enrollments.csv", "users.csv", "roles.csv"}
OLD_NAMES = {
    "grade": "grades", "userid": "usersourcedid", "classid": "classsourcedid", "orgsourcedid": "orgsourcedids",
    "schoolid": "schoolsourcedid", "firstname": "givenname", "lastname": "familyname", "name": "title",
}  # fmt: skip
KEPT_OF_USERS = {
    "sourcedid", "status", "role", "givenname", "familyname", "preferredgivenname", "preferredfamilyname", "grades",
}  # fmt: skip
GONE = ("tobedeleted", "inactive")


@dataclass(frozen=True, slots=True)
class Line:
    number: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "").strip()

    @property
    def is_gone(self) -> bool:
        return self["status"].casefold() in GONE


@dataclass(frozen=True, slots=True)
class SchoolClass:
    key: str
    name: str
    grade: str
    is_homeroom: bool
    school: str


def is_oneroster(archive: Archive) -> bool:
    return any(name.casefold().rpartition("/")[2] in ("users.csv", "manifest.csv") for name in archive.entries)


def read_oneroster(archive: Archive) -> Roster:
    return _Package(archive).roster()


class _Package:
    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self.gathering = Gathering("OneRoster")
        self.parts: dict[str, str] = {}
        for entry in archive.entries:
            folder, _slash, name = entry.rpartition("/")
            if folder.startswith("__MACOSX") or name.startswith("."):
                continue
            if not name.casefold().endswith(".csv"):
                if re.search(r"(?i)\.(zip|gz|7z|rar|xlsx|jar)$", name):
                    raise FileRefused(_("The zip file holds another packed file. Unpack it first."))
                continue
            if name.casefold() in self.parts:
                raise FileRefused(_("The zip file holds two files of the same name."))
            self.parts[name.casefold()] = entry
            if name.casefold() not in USED:
                self.gathering.drop(name)

    def lines(self, part: str) -> Iterator[Line]:
        """The rows of one file by column name; a file that is not there has no rows."""
        if part not in self.parts:
            return
        text, _encoding = decode_table(self.archive.read(self.parts[part]))
        columns: list[str] = []
        for row in csv_rows(text, ","):
            if not columns:
                columns = [bare(cell) for cell in row.cells]
                columns = [OLD_NAMES.get(column, column) if part != "orgs.csv" else column for column in columns]
                if part == "users.csv":
                    for column, cell in zip(columns, row.cells, strict=True):
                        if column not in KEPT_OF_USERS:
                            self.gathering.drop(cell)
            elif any(row.cells):
                yield Line(row.line, dict(zip(columns, row.cells, strict=False)))

    def roster(self) -> Roster:
        gathering = self.gathering
        self.read_manifest()
        if "users.csv" not in self.parts:
            raise FileRefused(_("The OneRoster file has no users.csv. Export users, classes and enrollments."))
        for part in ("classes.csv", "enrollments.csv"):
            if part not in self.parts and gathering.is_full:
                raise FileRefused(
                    _("The OneRoster file has no %(part)s. Export users, classes and enrollments."), part=part
                )
        gathering.school_year = self.school_year()
        classes = {
            line["sourcedid"]: SchoolClass(
                line["sourcedid"],
                line["title"] or line["classcode"],
                _one_grade(line["grades"]),
                line["classtype"].casefold() == "homeroom",
                line["schoolsourcedid"],
            )
            for line in self.lines("classes.csv")
            if line["sourcedid"] and not line.is_gone
        }
        class_of, enrolled = self.places(classes)
        roles = self.roles()
        self.read_school({classes[key].school for key in class_of.values() if key in classes} - {""})
        for key in dict.fromkeys(class_of.values()):
            if key in classes:
                gathering.group(key, classes[key].name, classes[key].grade)
        for line in self.lines("users.csv"):
            self.read_user(line, class_of, roles, enrolled)
        return gathering.roster()

    def read_manifest(self) -> None:
        manifest = {line["propertyname"].casefold(): line["value"].casefold() for line in self.lines("manifest.csv")}
        version = manifest.get("oneroster.version", "")
        if re.fullmatch(r"\d\.\d", version):
            self.gathering.format = f"OneRoster {version}"
        kinds = {manifest.get(f"file.{part}", "") for part in ("users", "enrollments", "classes")}
        # Without a manifest nobody says that the list is complete: then nobody is proposed as gone.
        self.gathering.is_full = "bulk" in kinds and "delta" not in kinds
        if not manifest:
            self.gathering.warn("no_manifest", _("The file has no manifest, so it is read as a list of changes only."))

    def school_year(self) -> str:
        starts = sorted(
            start
            for line in self.lines("academicsessions.csv")
            if not line.is_gone and (start := _date(line["startdate"]))
        )
        if not starts:
            return ""
        first = starts[0].year if starts[0].month >= 7 else starts[0].year - 1
        return f"{first}-{first + 1}"

    def places(self, classes: dict[str, SchoolClass]) -> tuple[dict[str, str], set[str]]:
        """Each pupil's one class: the homeroom when there is one, else the primary, else the first by key.

        Begin and end dates are not weighed: real exports leave last year's there.
        """
        found: dict[str, list[tuple[bool, bool, str]]] = {}
        enrolled = set()
        for line in self.lines("enrollments.csv"):
            user, key = line["usersourcedid"], line["classsourcedid"]
            if line["role"].casefold() != "student" or line.is_gone or not user:
                continue
            enrolled.add(user)
            if key in classes or not self.gathering.is_full:
                known = classes.get(key)
                is_homeroom = bool(known and known.is_homeroom)
                found.setdefault(user, []).append((not is_homeroom, line["primary"].casefold() != "true", key))
        unsure = sum(1 for places in found.values() if len(places) > 1 and sorted(places)[0][0])
        if unsure:
            self.gathering.warn(
                "several_classes",
                _("Pupils in several classes and none of them a homeroom: %(count)s. The first class is taken."),
                count=unsure,
            )
        return {user: min(places)[2] for user, places in found.items()}, enrolled

    def roles(self) -> dict[str, set[str]]:
        roles: dict[str, set[str]] = {}
        for line in self.lines("roles.csv"):
            if not line.is_gone:
                roles.setdefault(line["usersourcedid"], set()).add(line["role"].casefold())
        return roles

    def read_school(self, used: set[str]) -> None:
        orgs = {line["sourcedid"]: line for line in self.lines("orgs.csv") if not line.is_gone}
        schools = {key for key in used if key not in orgs or orgs[key]["type"].casefold() == "school"}
        if len(schools) > 1:
            raise FileRefused(
                _("The file holds pupils of %(count)s schools. Export one school at a time."), count=len(schools)
            )
        key = next(iter(schools or used), "")
        identifier = orgs[key]["identifier"].upper() if key in orgs else ""
        is_brin = bool(re.fullmatch(r"\d{2}[A-Z]{2}(\d{2})?", identifier))
        self.gathering.school = SchoolHints(brin=identifier if is_brin else "", schoolkey=key[:256])

    def read_user(self, line: Line, class_of: dict[str, str], roles: dict[str, set[str]], enrolled: set[str]) -> None:
        key = line["sourcedid"]
        role = line["role"].casefold()
        own = roles.get(key, {role} - {""})
        if own and "student" not in own:
            return
        if not own and key not in enrolled:
            return
        if line.is_gone:
            self.gathering.count_row()
            if key and len(key) <= names.MAX_KEY:
                self.gathering.left.add(key)
            return
        # Dutch systems put the prefix in the middle name; a real middle name is dropped.
        middle = line["middlename"].split()
        prefix = line["middlename"] if middle and all(word in names.PARTICLES for word in middle) else ""
        last = line["preferredfamilyname"] or line["familyname"]
        if not prefix:
            prefix, last = names.split_prefix(last)
        self.gathering.pupil(
            line.number,
            key=key,
            first_name=line["preferredgivenname"] or line["givenname"],
            prefix=prefix,
            last_name=last,
            group_key=class_of.get(key, ""),
            grade=_one_grade(line["grades"]),
        )


def _one_grade(grades: str) -> str:
    return "" if "," in grades else names.clean_grade(grades)


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        pass
    parts = re.fullmatch(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})", text)
    try:
        return date(int(parts[3]), int(parts[2]), int(parts[1])) if parts else None
    except ValueError:
        return None
