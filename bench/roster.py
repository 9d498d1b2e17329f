"""A school's export: 400 pupils read and previewed, 50,000 applied, beside bare inserts of the same rows.

Each file in a process of its own, so that the most memory it ever held is that of the file. Seconds are processor time
on SQLite and wall-clock time on PostgreSQL, as for the pages; what a person waited stands beside it.
"""

import hashlib
import json
import os
import resource
import time
from datetime import date
from pathlib import Path
from random import Random

from bench.databases import ROOT
from bench.fill import NOW, THIS_YEAR, TODAY, Sink
from bench.measure import clock, database_version
from bench.rosters import edexml, pupils, table
from leerorkest.network.models import Organisation, Site
from leerorkest.people.models import Child
from leerorkest.schools.actions.roster import apply_roster, preview_roster
from leerorkest.schools.models import Enrolment, Group, Membership, School, SchoolYear
from leerorkest.schools.queries.roster import read_file
from leerorkest.shared.actions import System

REAL = "data/edexml/samples/cito-lvs-1.03-400-leerlingen.xml"
MAKERS = {"edexml": edexml, "csv": table}


def real_export() -> Path:
    return Path(os.environ.get("LEERORKEST_SHARED", ROOT.parent / "shared")) / REAL


def new_school(name: str) -> School:
    organisation = Organisation.objects.get(key="stad")
    site = Site.objects.create(organisation=organisation, name=name, sort=Site.SCHOOL)
    return School.objects.create(site=site, country="NL", scheme="own", code=name)


def main(sort: str, count: str) -> None:
    """`sort`: edexml, csv, or real (the 400-pupil export, if it is here)."""
    path = real_export()
    is_real = sort == "real" and path.exists()
    content = path.read_bytes() if is_real else MAKERS[sort.replace("real", "edexml")](int(count))
    school = new_school(f"Roster {sort} {count}")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    now, began = clock(), time.perf_counter()
    start = now()
    roster = read_file(school, content, TODAY)
    made = preview_roster(
        school=school, roster=roster, sha256=hashlib.sha256(content).hexdigest(), by=System("bench"), at=NOW
    )
    preview = now() - start
    applied = 0.0
    if sort != "real":
        start = now()
        apply_roster(roster_import=made, is_the_right_school=True, by=System("bench"), at=NOW)
        applied = now() - start
        assert Enrolment.objects.filter(school=school).count() == int(count)
    waited = time.perf_counter() - began
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    answer = {
        "database": database_version(),
        "new": made.counts["new"],
        "preview": preview,
        "apply": applied,
        "memory": memory,
        "waited": waited,
        "before": before,
    }
    answer |= {"is_real": is_real, "raw": bare_inserts(school) if applied else 0.0}
    print(json.dumps(answer))


def bare_inserts(like: School) -> float:
    """Seconds for the same children, enrolments and places in a group, as at `like`, by executemany."""
    school, sink, count = new_school(f"{like.code} bare"), Sink(Random(like.code)), like.enrolments.count()
    year = SchoolYear.objects.get(organisation__key="stad", first_on=THIS_YEAR[0])
    group = Group.objects.create(school=school, school_year=year, key="all", name="all")
    organisation, day = year.organisation_id, str(date(2026, 11, 24))
    first = Child.objects.order_by("-pk").values_list("pk", flat=True)[0] + 1
    rows, now = list(pupils(count)), clock()
    start = now()
    sink.write(
        Child,
        ["id", "uid", "organisation_id", "first_name", "prefix", "last_name"],
        (
            (first + n, sink.uid(), organisation, row.first_name, row.prefix, row.last_name)
            for n, row in enumerate(rows)
        ),
    )
    sink.write(
        Enrolment,
        ["child_id", "school_id", "key", "from_on"],
        ((first + n, school.pk, row.key, day) for n, row in enumerate(rows)),
    )
    sink.write(
        Membership,
        ["child_id", "group_id", "school_year_id", "from_on"],
        ((first + n, group.pk, year.pk, day) for n, _ in enumerate(rows)),
    )
    return now() - start
