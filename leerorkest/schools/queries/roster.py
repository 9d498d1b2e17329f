"""A school's children as the roster compares them, and an import as its page shows it."""

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from itertools import batched
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from leerorkest.network.models import Organisation
from leerorkest.people.models import Child
from leerorkest.schools.models import ColumnMapping, Enrolment, Group, Membership, RosterImport, School, SchoolYear
from leerorkest.schools.roster.difference import Present, PresentGroup, PresentPupil
from leerorkest.schools.roster.reading import read
from leerorkest.schools.roster.roster import NeedsMapping, Roster
from leerorkest.shared.uploads.sentences import Sentence

BATCH = 5_000  # ids in one statement: both databases limit their number
SHOWN = 500  # rows of one list on the preview page


def tell(sentence: Sentence) -> str:
    """A sentence of the reader, in the language of who reads it."""
    return _(sentence.text) % sentence.values


def school_year_for(organisation: Organisation, name: str, on: date) -> SchoolYear | None:
    """The year the file names, unless it is over; else the running year, the coming one, or the last."""
    years = list(SchoolYear.objects.filter(organisation=organisation).order_by("first_on"))
    named = [year for year in years if year.name == name and year.last_on >= on]
    running = [year for year in years if year.first_on <= on <= year.last_on]
    coming = [year for year in years if year.first_on > on]
    return next(iter(named + running + coming + years[-1:]), None)


def present(school: School, year: SchoolYear) -> Present:
    """The school's groups and children of one school year, in five queries whatever its size."""
    groups = Group.objects.filter(school=school, school_year=year).values_list("pk", "key", "name", "grade__code")
    places = {
        child: (group, grade or "")
        for child, group, grade in Membership.objects.open()
        .filter(group__school=school, school_year=year)
        .values_list("child", "group", "grade__code")
    }
    elsewhere = set(
        Enrolment.objects.open()
        .filter(child__enrolments__school=school)
        .exclude(school=school)
        .values_list("child", flat=True)
    )
    pupils: dict[int, PresentPupil] = {}
    enrolments = (
        Enrolment.objects.filter(school=school)
        .order_by("from_on", "pk")
        .values_list("child", "key", "until_on", "child__first_name", "child__prefix", "child__last_name")
    )
    for child, key, until_on, first_name, prefix, last_name in enrolments:
        if child in elsewhere or (child in pupils and pupils[child].is_enrolled):
            continue
        group, grade = places.get(child, (None, ""))
        pupils[child] = PresentPupil(child, key, first_name, prefix, last_name, group, grade, until_on is None)
    return Present(
        groups=tuple(PresentGroup(pk, key, name, grade or "") for pk, key, name, grade in groups),
        pupils=tuple(pupils.values()),
        grades=frozenset(school.site.organisation.grades.values_list("code", flat=True)),
    )


def fingerprint(present: Present) -> str:
    """Equal when the same children with the same names are in the same groups; says nothing about who."""
    content = [
        sorted((group.id, group.key, group.name, group.grade) for group in present.groups),
        sorted(
            (child.id, child.key, child.first_name, child.prefix, child.last_name, child.group_id or 0, child.grade)
            for child in present.pupils
            if child.is_enrolled
        ),
    ]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def read_file(school: School, content: bytes | Path, on: date, ask: bool = False) -> Roster:
    """A file of this school; a table by the columns it was read by before, else by the names of its columns."""
    remembered = ColumnMapping.objects.filter(school=school).values_list("columns", flat=True).first()
    if remembered and not ask:
        try:
            return read(content, mapping=remembered, on=on)
        except NeedsMapping:
            pass  # another kind of table than last time
    return read(content, on=on, ask=ask)


# --- an import on its page --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """One row of the preview: who, and from where to where."""

    name: str
    was: str = ""
    becomes: str = ""
    line: int = 0


@dataclass(frozen=True)
class Refused:
    line: int
    reason: str


@dataclass(frozen=True)
class Preview:
    new: list[Line]
    moved: list[Line]
    renamed: list[Line]
    returning: list[Line]
    gone: list[Line]
    refused: list[Refused]
    new_groups: list[str]
    dropped_fields: list[str]
    warnings: list[str]


def preview(roster_import: RosterImport) -> Preview:
    """What the import will do, in the reader's language; at most SHOWN rows of each list, three queries."""
    plan: dict[str, Any] = roster_import.plan
    lists = {word: plan.get(word, [])[:SHOWN] for word in ("moved", "renamed", "returning", "gone")}
    ids = {row["child"] if isinstance(row, dict) else row for rows in lists.values() for row in rows}
    children: dict[int, Child] = {}
    for some in batched(ids, BATCH):
        children |= Child.objects.in_bulk(some)
    groups = {
        group.pk: group.name
        for group in Group.objects.filter(school=roster_import.school, school_year=roster_import.school_year)
    }
    groups_of = dict(
        Membership.objects.open()
        .filter(child__in=list(children), school_year=roster_import.school_year)
        .values_list("child", "group__name")
    )
    new_names = {group["key"]: group["name"] for group in plan.get("new_groups", [])}

    def who(child: int) -> str:
        return children[child].name if child in children else _("a child who is no longer here")

    def place(row: dict[str, Any]) -> str:
        group = groups.get(row["group"], "") if row["group"] else new_names.get(row["group_key"], "")
        return f"{group} · {row['grade']}" if row["grade"] else group

    def full_name(row: dict[str, Any]) -> str:
        return " ".join(part for part in (row["first_name"], row["prefix"], row["last_name"]) if part)

    return Preview(
        new=[Line(full_name(row), becomes=place(row), line=row["line"]) for row in plan.get("new", [])[:SHOWN]],
        moved=[
            Line(who(row["child"]), groups_of.get(row["child"], ""), place(row), row["line"]) for row in lists["moved"]
        ],
        renamed=[Line(who(row["child"]), who(row["child"]), full_name(row), row["line"]) for row in lists["renamed"]],
        returning=[Line(who(row["child"]), becomes=place(row), line=row["line"]) for row in lists["returning"]],
        gone=[Line(who(child), groups_of.get(child, "")) for child in lists["gone"]],
        refused=[
            Refused(row["line"], tell(Sentence(row["text"], row["values"]))) for row in plan.get("refused", [])[:SHOWN]
        ],
        new_groups=list(new_names.values()),
        dropped_fields=plan.get("dropped_fields", []),
        warnings=[tell(Sentence(row["text"], row["values"])) for row in plan.get("warnings", [])],
    )
