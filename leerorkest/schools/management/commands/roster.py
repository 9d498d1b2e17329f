"""`./run roster preview FILE --school KEY`, `apply FILE --school KEY`, `undo ID`: for schools that send nightly files.

Prints one JSON object. Exit status 0, or 2 with one plain sentence on stderr. Children stand in it by the school's own
key and line, never by name: output of a nightly job ends up in mail and logs.
"""

import hashlib
import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, NoReturn
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand
from django.db import DatabaseError
from django.utils import timezone, translation

from leerorkest.schools.actions import roster as actions
from leerorkest.schools.models import Enrolment, RosterImport, School
from leerorkest.schools.queries import roster as queries
from leerorkest.schools.roster.roster import NeedsMapping
from leerorkest.shared import clock
from leerorkest.shared.actions import Refused, System
from leerorkest.shared.uploads.gate import load
from leerorkest.shared.uploads.sentences import FileRefused, Sentence

NIGHTLY = System("roster")


def stop(sentence: str) -> NoReturn:
    sys.stderr.write(f"{sentence}\n")
    sys.exit(2)


class Command(BaseCommand):
    help = "Reads a school's pupil export: preview, apply, undo."
    requires_system_checks: list[str] = []  # stdout holds one JSON object and nothing else

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.error = lambda _message: stop(  # type: ignore[method-assign,assignment]
            "Use: roster preview FILE --school KEY, roster apply FILE --school KEY, or roster undo ID."
        )
        parser.add_argument("word", choices=["preview", "apply", "undo"])
        parser.add_argument("what", help="a file, or for undo (and apply) the number of an import")
        parser.add_argument("--school", default="", help="99ZZ00 or NL:brin6:99ZZ00")
        parser.add_argument("--keep-gone", action="store_true", help="children who are not in the file stay")
        parser.add_argument("--even-if-many-gone", action="store_true", help="also when a third would be gone")
        parser.add_argument("--even-if-other-school", action="store_true", help="also when the file names another")

    def handle(self, *args: Any, word: str, what: str, school: str, **options: Any) -> None:
        try:
            with translation.override("en"):
                answer = self.answer(word, what, school, options)
        except NeedsMapping:
            stop("The names of the columns do not tell what they hold: upload the file once on the school's page.")
        except FileRefused as refused:
            stop(str(refused))
        except Refused as refusal:
            with translation.override("en"):
                stop(str(refusal))
        except DatabaseError:
            stop("The database is not ready or busy. Start the site once with ./run and try again.")
        self.stdout.write(json.dumps(answer, ensure_ascii=False))

    def answer(self, word: str, what: str, school: str, options: dict[str, Any]) -> dict[str, Any]:
        if word == "undo":
            return self.undo(what)
        if word == "preview":
            return self.outcome(self.preview(what, school))
        made = self.import_of(what) if what.isdigit() and not school else self.preview(what, school)
        if made.state != RosterImport.PREVIEWED:
            raise actions.AlreadyApplied
        return self.outcome(made) | self.apply(made, options)

    def school(self, key: str) -> School:
        if not key:
            stop("Say which school it is: --school 99ZZ00.")
        country, scheme, code = ([*key.split(":"), "", ""])[:3] if ":" in key else ("", "", key)
        found = School.objects.select_related("site__organisation").filter(code__iexact=code)
        if country:
            found = found.filter(country__iexact=country, scheme__iexact=scheme)
        schools = list(found[:2])
        if not schools:
            stop("There is no school with that key.")
        if len(schools) > 1:
            stop("Several schools have that code: give the whole key, such as NL:brin6:99ZZ00.")
        return schools[0]

    def import_of(self, number: str) -> RosterImport:
        found = RosterImport.objects.filter(pk=number if number.isdigit() and len(number) < 18 else 0).first()
        if found is None:
            stop("There is no import with that number.")
        return found

    def preview(self, path: str, key: str) -> RosterImport:
        school = self.school(key)
        content = load(Path(path))
        with timezone.override(ZoneInfo(school.site.organisation.time_zone)):
            roster = queries.read_file(school, content, clock.today())
        digest = hashlib.sha256(content).hexdigest()
        return actions.preview_roster(school=school, roster=roster, sha256=digest, by=NIGHTLY, at=clock.now())

    def apply(self, made: RosterImport, options: dict[str, Any]) -> dict[str, Any]:
        kinds = {notice["kind"] for notice in made.plan["warnings"]}
        end_gone = not options["keep_gone"] and (options["even_if_many_gone"] or "many_gone" not in kinds)
        if "many_renamed" in kinds:
            stop("Many children would get another name: see the preview on the school's page and apply it there.")
        school_is_empty = not Enrolment.objects.open().filter(school=made.school).exists()
        try:
            applied = actions.apply_roster(
                roster_import=made,
                end_gone=end_gone,
                # At a school without children a file of another school can move nobody by mistake.
                is_the_right_school=options["even_if_other_school"] or school_is_empty,
                by=NIGHTLY,
                at=clock.now(),
            )
        except actions.NothingChanges:  # the same file as last night: that is well
            actions.discard_preview(roster_import=made, by=NIGHTLY, at=clock.now())
            return {"import": None, "state": "unchanged"}
        except actions.OtherSchool as refusal:
            stop(f"{refusal} On the command line: --even-if-other-school.")
        return {"state": applied.state, "counts": applied.counts, "gone_are_ended": end_gone}

    def undo(self, number: str) -> dict[str, Any]:
        undone = actions.undo_roster(roster_import=self.import_of(number), by=NIGHTLY, at=clock.now())
        return {"import": undone.pk, "school": undone.school.key, "state": undone.state, "counts": undone.counts}

    def outcome(self, made: RosterImport) -> dict[str, Any]:
        plan = made.plan
        enrolments = Enrolment.objects.filter(school=made.school).order_by("pk") if plan.get("gone") else []
        keys = {enrolment.child_id: enrolment.key for enrolment in enrolments}

        groups: dict[Any, str] = {group["key"]: group["name"] for group in plan.get("new_groups", [])}
        groups |= dict(made.school.groups.filter(school_year=made.school_year).values_list("pk", "name"))

        def rows(word: str) -> list[dict[str, Any]]:
            return [
                {
                    "line": row["line"],
                    "key": row["key"] or None,
                    "group": groups.get(row["group"] or row["group_key"]),
                    "grade": row["grade"] or None,
                }
                for row in plan.get(word, [])
            ]

        return {
            "import": made.pk,
            "school": made.school.key,
            "school_year": made.school_year.name,
            "format": made.file_format,
            "state": made.state,
            "counts": made.counts,
            "new": rows("new"),
            "moved": rows("moved"),
            "renamed": rows("renamed"),
            "returning": rows("returning"),
            "gone": [{"key": keys.get(child)} for child in plan.get("gone", [])],
            "refused": [
                {
                    "line": row["line"],
                    "code": row["reason"],
                    "reason": queries.tell(Sentence(row["text"], row["values"])),
                }
                for row in plan["refused"]
            ],
            "new_groups": [group["name"] for group in plan.get("new_groups", [])],
            "dropped_fields": plan["dropped_fields"],
            "warnings": [queries.tell(Sentence(row["text"], row["values"])) for row in plan["warnings"]],
        }
