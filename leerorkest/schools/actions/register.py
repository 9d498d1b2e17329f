"""The register of schools takes in a new edition, or shows what that would do."""

from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from leerorkest.shared.actions import Actor, Refused, action, record

from ..models import PupilCount, RegisteredSchool
from ..register import reading

COUNTRY, SCHEME, LICENCE = "NL", "brin6", "CC0"
SOURCES = {"schools": "DUO 02", "pupils": "DUO 06"}
FEW = 10  # so many schools may close in a month without a question, however small the register
SHARE = 0.05


class TooManyClose(Refused):
    sentence = _(
        "%(closed)s of the %(open)s open schools are not in this file: it looks cut off. Download it again, or say "
        "--even-if-many-close when they really closed."
    )


class RegisterEmpty(Refused):
    sentence = _("The register holds no schools yet. Load file 02 (all primary school sites) first.")


@dataclass
class Edition:
    """What a file does, or would do, to the register."""

    file: str  # "schools" or "pupils"
    reference_on: date
    new: list[dict[str, Any]] = field(default_factory=list)
    changed: list[dict[str, Any]] = field(default_factory=list)
    closed: list[dict[str, Any]] = field(default_factory=list)
    reopened: list[dict[str, Any]] = field(default_factory=list)
    unchanged: int = 0
    refused: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        lists = ("new", "changed", "closed", "reopened", "refused")
        return {**{name: len(getattr(self, name)) for name in lists}, "unchanged": self.unchanged}


def preview_register(file: reading.Schools | reading.Pupils, *, reference_on: date) -> Edition:
    """What `load_register` would do. Writes nothing."""
    if isinstance(file, reading.Pupils):
        return _Counts(file, reference_on).edition
    step = _Schools(file, reference_on)
    if step.looks_cut_off:
        step.edition.warnings.append(str(TooManyClose(closed=len(step.edition.closed), open=step.open_now)))
    return step.edition


@action
def load_register(
    *,
    file: reading.Schools | reading.Pupils,
    reference_on: date,
    even_if_many_close: bool = False,
    by: Actor,
    at: datetime,
) -> Edition:
    """Add, change, close, reopen. Nothing is ever deleted; the same file again changes nothing."""
    if isinstance(file, reading.Pupils):
        counts = _Counts(file, reference_on)
        counts.write()
        edition = counts.edition
    else:
        schools = _Schools(file, reference_on)
        if schools.looks_cut_off and not even_if_many_close:
            raise TooManyClose(closed=len(schools.edition.closed), open=schools.open_now)
        schools.write()
        edition = schools.edition
    record(
        "schools.load_register",
        subject=f"register:{COUNTRY}:{SCHEME}",
        detail={"file": edition.file, "reference_on": reference_on.isoformat(), **edition.counts},
    )
    return edition


def _register() -> QuerySet[RegisteredSchool]:
    return RegisteredSchool.objects.filter(country=COUNTRY, scheme=SCHEME)


class _Schools:
    """File 02 against the register."""

    def __init__(self, file: reading.Schools, reference_on: date) -> None:
        self.rows: dict[str, RegisteredSchool] = {row.code: row for row in _register()}
        known = {
            code: reading.Known({name: getattr(row, name) for name in reading.FIELDS}, row.closed_on is not None)
            for code, row in self.rows.items()
        }
        self.open_now = sum(not school.is_closed for school in known.values())
        self.found = reading.difference(file, known)
        self.reference_on = reference_on
        self.edition = Edition(
            file="schools",
            reference_on=reference_on,
            new=[_named(entry) for entry in self.found.new],
            changed=[_named(entry) | {"fields": self._fields(entry, names)} for entry, names in self.found.changed],
            closed=[{"code": code, "name": self.rows[code].name} for code in self.found.closed],
            reopened=[_named(entry) | {"fields": self._fields(entry, names)} for entry, names in self.found.reopened],
            unchanged=self.found.unchanged,
            refused=[asdict(row) for row in file.refused],
        )
        newest = max((row.reference_on for row in self.rows.values()), default=None)
        if newest and newest > reference_on:
            self.edition.warnings.append(
                f"This edition ({reference_on}) is older than the one in the register ({newest})."
            )
        if file.unread:
            self.edition.warnings.append("No school is closed: a refused line does not tell which school it is about.")

    @property
    def looks_cut_off(self) -> bool:
        return len(self.found.closed) > max(FEW, SHARE * self.open_now)

    def _fields(self, entry: reading.Entry, names: list[str]) -> dict[str, list[str]]:
        row = self.rows[entry.code]
        return {name: [getattr(row, name), getattr(entry, name)] for name in names}

    def write(self) -> None:
        touched = []
        for entry, _names in self.found.changed + self.found.reopened:
            row = self.rows[entry.code]
            row.closed_on = None
            self._fill(row, entry)
            touched.append(row)
        for code in self.found.closed:
            row = self.rows[code]
            row.closed_on = self.reference_on
            touched.append(row)
        fields = [*reading.FIELDS, "search_words", "closed_on", "source", "reference_on"]
        RegisteredSchool.objects.bulk_update(touched, fields, batch_size=200)
        RegisteredSchool.objects.bulk_create(
            [
                self._fill(
                    RegisteredSchool(
                        country=COUNTRY,
                        scheme=SCHEME,
                        code=entry.code,
                        first_seen_on=self.reference_on,
                        licence=LICENCE,
                    ),
                    entry,
                )
                for entry in self.found.new
            ],
            batch_size=1000,
        )

    def _fill(self, row: RegisteredSchool, entry: reading.Entry) -> RegisteredSchool:
        for name in reading.FIELDS:
            setattr(row, name, getattr(entry, name))
        row.search_words = reading.searchable(
            entry.name, entry.town, entry.municipality, entry.code, entry.postal_code.replace(" ", "")
        )[:400]
        row.source, row.reference_on = SOURCES["schools"], self.reference_on
        return row


def _named(entry: reading.Entry) -> dict[str, Any]:
    return {"code": entry.code, "name": entry.name}


class _Counts:
    """File 06 against the counts of the schools in the register."""

    def __init__(self, file: reading.Pupils, reference_on: date) -> None:
        schools: dict[str, int] = dict(_register().values_list("code", "pk"))
        if not schools:
            raise RegisterEmpty
        codes = {pk: code for code, pk in schools.items()}
        present: dict[tuple[int, int], int | None] = {
            (school, year): pupils
            for school, year, pupils in PupilCount.objects.filter(school__country=COUNTRY).values_list(
                "school", "year", "pupils"
            )
        }
        self.new: list[PupilCount] = []
        changed: dict[tuple[int, int], int | None] = {}
        unchanged = 0
        for code, counts in file.counts.items():
            school = schools.get(code)
            if school is None:
                continue
            for year, pupils in counts.items():
                if (school, year) not in present:
                    self.new.append(PupilCount(school_id=school, year=year, pupils=pupils))
                elif present[school, year] != pupils:
                    changed[school, year] = pupils
                else:
                    unchanged += 1
        self.changed = changed
        per_school = dict.fromkeys(count.school_id for count in self.new)
        self.edition = Edition(
            file="pupils",
            reference_on=reference_on,
            new=[{"code": codes[school]} for school in per_school],
            changed=[
                {"code": codes[school], "fields": {str(year): [_label(present[school, year]), _label(pupils)]}}
                for (school, year), pupils in changed.items()
            ],
            unchanged=unchanged,
            refused=[asdict(row) for row in file.refused],
        )
        strangers = sum(code not in schools for code in file.counts)
        if strangers:
            self.edition.warnings.append(f"{strangers} sites of this file do not stand in the register: left out.")

    def write(self) -> None:
        PupilCount.objects.bulk_create(self.new, batch_size=5000)
        rows = PupilCount.objects.filter(
            school__in={school for school, _year in self.changed}, year__in={year for _school, year in self.changed}
        )
        touched = []
        for row in rows if self.changed else ():
            if (row.school_id, row.year) in self.changed:
                row.pupils = self.changed[row.school_id, row.year]
                touched.append(row)
        PupilCount.objects.bulk_update(touched, ["pupils"], batch_size=500)


def _label(pupils: int | None) -> str:
    return "1-4" if pupils is None else str(pupils)
