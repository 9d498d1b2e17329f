"""A school's pupil export: preview, apply, undo. Only the preview's plan is kept, never the file."""

import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from itertools import batched
from typing import Any

from django.db import IntegrityError, models, transaction
from django.db.models import Case, F, Q, Value, When
from django.utils.translation import gettext_lazy as _

from leerorkest.people.models import Child
from leerorkest.schools.models import ColumnMapping, Enrolment, Group, Membership, RosterImport, School, SchoolYear
from leerorkest.schools.queries import roster as queries
from leerorkest.schools.queries.roster import BATCH
from leerorkest.schools.roster.difference import Arrival, Change, Plan, is_of_school, plan
from leerorkest.schools.roster.roster import Notice, Roster
from leerorkest.shared.actions import Actor, Refused, action, record
from leerorkest.shared.uploads.sentences import Sentence, gettext_noop

FORGOTTEN_AFTER = timedelta(days=14)  # a preview holds names: nobody's names wait for ever


class NoSchoolYear(Refused):
    sentence = _("This organisation has no school year yet. Open a school year first.")


class PreviewIsGone(Refused):
    sentence = _("This preview was replaced by a newer one. Open the newest preview of this school.")


class AlreadyApplied(Refused):
    sentence = _("This file was applied already.")


class RosterChanged(Refused):
    sentence = _("The children of this school have changed since this preview. Upload the file again.")


class NothingChanges(Refused):
    sentence = _("The file says what we know already: there is nothing to apply.")


class OtherSchool(Refused):
    sentence = _("The file is of another school. Check the file, or confirm that it is right.")


class NotApplied(Refused):
    sentence = _("This file is not applied, so it cannot be undone.")


class NotTheLast(Refused):
    sentence = _("A later file was applied at this school. Undo that one first.")


class InUse(Refused):
    """Something hangs on what this import brought; `facts` tells what and how often, never who."""

    sentence = _("This cannot be undone: it would take away %(what)s. Upload a corrected file instead.")


class ChangedSince(Refused):
    sentence = _("The children of this school were changed after this file. Upload a corrected file instead.")


@action
def preview_roster(
    *,
    school: School,
    roster: Roster,
    sha256: str,
    mapping: Mapping[str, str] | None = None,
    by: Actor,
    at: datetime,
) -> RosterImport:
    """Keep what the file would change, and write no child. An earlier preview of the school makes room for it."""
    on = school.site.organisation.day_at(at)
    year = queries.school_year_for(school.site.organisation, roster.school_year, on)
    if year is None:
        raise NoSchoolYear
    School.objects.select_for_update().get(pk=school.pk)
    present = queries.present(school, year)
    outcome = plan(roster, present)
    warnings = list(outcome.warnings)
    if roster.school_year and roster.school_year != year.name:
        text = gettext_noop("The file is of school year %(file)s. It is read as %(year)s.")
        warnings.append(Notice("other_year", Sentence(text, {"file": roster.school_year, "year": year.name})))
    if not is_of_school(roster.school, school.scheme, school.code):
        text = gettext_noop("The file is of school %(file)s, and this is school %(school)s.")
        warnings.append(Notice("other_school", Sentence(text, {"file": roster.school.brin6, "school": school.code})))
    previews = RosterImport.objects.filter(state=RosterImport.PREVIEWED)
    previews.filter(Q(school=school) | Q(previewed_at__lt=at - FORGOTTEN_AFTER)).delete()
    if mapping:
        ColumnMapping.objects.update_or_create(school=school, defaults={"columns": dict(mapping)})
    made = RosterImport.objects.create(
        school=school,
        school_year=year,
        file_format=roster.format,
        sha256=sha256,
        by_key=by.audit_key,
        previewed_at=at,
        counts=_counts(outcome),
        plan=_written(outcome, warnings, roster.dropped_fields),
        fingerprint=queries.fingerprint(present),
    )
    record("schools.preview_roster", subject=made, detail=made.counts, organisation=school.site.organisation.key)
    return made


@action
def apply_roster(
    *,
    roster_import: RosterImport,
    end_gone: bool = True,
    is_the_right_school: bool = False,
    by: Actor,
    at: datetime,
) -> RosterImport:
    """Write what the preview showed. `end_gone`: children who are not in the file have left the school."""
    School.objects.select_for_update().get(pk=roster_import.school_id)
    row = RosterImport.objects.select_related("school__site__organisation", "school_year").filter(pk=roster_import.pk)
    locked = row.first()
    if locked is None:
        raise PreviewIsGone
    if locked.state != RosterImport.PREVIEWED:
        raise AlreadyApplied
    school, year, steps = locked.school, locked.school_year, locked.plan
    if queries.fingerprint(queries.present(school, year)) != locked.fingerprint:
        raise RosterChanged
    if not any(steps[word] for word in CHANGES if word != "gone") and not (end_gone and steps["gone"]):
        raise NothingChanges
    if not is_the_right_school and any(notice["kind"] == "other_school" for notice in steps["warnings"]):
        raise OtherSchool
    # A file for next year moves nobody before that year begins.
    on = max(school.site.organisation.day_at(at), year.first_on)
    if not end_gone:
        steps["gone"] = []
        locked.counts["gone"] = 0
    # What an earlier import keeps for its undoing (former names) is needed no longer.
    RosterImport.objects.filter(school=school, state=RosterImport.APPLIED).update(undo={})
    try:
        with transaction.atomic():
            locked.undo = _write(steps, school, year, on)
    except IntegrityError:
        raise RosterChanged from None
    locked.state, locked.applied_at = RosterImport.APPLIED, at
    # The names are in their rows now; the history needs counts, and the lines that were refused.
    locked.plan = {word: steps[word] for word in ("refused", "dropped_fields", "warnings")}
    locked.save()
    record("schools.apply_roster", subject=locked, detail=locked.counts, organisation=school.site.organisation.key)
    return locked


@action
def undo_roster(*, roster_import: RosterImport, by: Actor, at: datetime) -> RosterImport:
    """Put every row back as it was before the import, or refuse: there is no half undoing."""
    School.objects.select_for_update().get(pk=roster_import.school_id)
    locked = RosterImport.objects.select_related("school__site__organisation", "school_year").get(pk=roster_import.pk)
    if locked.state != RosterImport.APPLIED:
        raise NotApplied
    later = RosterImport.objects.filter(school=locked.school, state=RosterImport.APPLIED, pk__gt=locked.pk)
    if later.exists() or not locked.undo:
        raise NotTheLast
    _refuse_if_in_use(locked.undo)
    try:
        with transaction.atomic():
            _take_back(locked.undo)
            if queries.fingerprint(queries.present(locked.school, locked.school_year)) != locked.fingerprint:
                raise ChangedSince
    except (IntegrityError, models.ProtectedError):
        raise ChangedSince from None
    locked.state, locked.undone_at, locked.undo = RosterImport.UNDONE, at, {}
    locked.save()
    organisation = locked.school.site.organisation.key
    record("schools.undo_roster", subject=locked, detail=locked.counts, organisation=organisation)
    return locked


@action
def discard_preview(*, roster_import: RosterImport, by: Actor, at: datetime) -> None:
    if not RosterImport.objects.filter(pk=roster_import.pk, state=RosterImport.PREVIEWED).exists():
        raise AlreadyApplied
    record("schools.discard_preview", subject=roster_import)
    RosterImport.objects.filter(pk=roster_import.pk, state=RosterImport.PREVIEWED).delete()


# --- the plan as it is kept --------------------------------------------------------------------------------

CHANGES = ("new_groups", "renamed_groups", "new", "moved", "renamed", "returning", "gone")


def _counts(outcome: Plan) -> dict[str, int]:
    counts = {word: len(getattr(outcome, word)) for word in (*CHANGES, "refused")}
    return counts | {"unchanged": outcome.unchanged}


def _written(outcome: Plan, warnings: Iterable[Notice], dropped_fields: tuple[str, ...]) -> dict[str, Any]:
    """The plan as JSON: the minimum set of the children who change, ids of the rest."""

    def row(entry: Arrival | Change) -> dict[str, Any]:
        pupil = entry.pupil
        return {
            "line": pupil.line,
            "key": pupil.key if pupil.key_is_stable else "",
            "first_name": pupil.first_name,
            "prefix": pupil.prefix,
            "last_name": pupil.last_name,
            "grade": pupil.grade,
            "group": entry.group_id,
            "group_key": pupil.group_key,
        }

    return {
        "new_groups": [{"key": group.key, "name": group.name, "grade": group.grade} for group in outcome.new_groups],
        "renamed_groups": [
            {"group": change.present.id, "name": change.group.name, "grade": change.group.grade}
            for change in outcome.renamed_groups
        ],
        "new": [row(arrival) for arrival in outcome.new],
        **{
            word: [row(change) | {"child": change.present.id} for change in getattr(outcome, word)]
            for word in ("moved", "renamed", "returning")
        },
        "gone": [child.id for child in outcome.gone],
        "refused": [
            {
                "line": refusal.line,
                "reason": refusal.reason,
                "text": refusal.sentence.text,
                "values": dict(refusal.sentence.values),
            }
            for refusal in outcome.refused
        ],
        "dropped_fields": list(dropped_fields),
        "warnings": [
            {"kind": notice.kind, "text": notice.sentence.text, "values": dict(notice.sentence.values)}
            for notice in warnings
        ],
    }


# --- writing and taking back -------------------------------------------------------------------------------


def _write(steps: dict[str, Any], school: School, year: SchoolYear, on: date) -> dict[str, Any]:
    """Carry the plan out in bulk. What it returns is enough to take every step back."""
    grades = {grade.code: grade for grade in school.site.organisation.grades.all()}
    undo: dict[str, Any] = {}

    old_groups = Group.objects.in_bulk([row["group"] for row in steps["renamed_groups"]])
    undo["groups_before"] = [
        {"group": group.pk, "name": group.name, "grade": group.grade_id} for group in old_groups.values()
    ]
    for row in steps["renamed_groups"]:
        group = old_groups[row["group"]]
        group.name, group.grade = row["name"], grades.get(row["grade"], group.grade)
    Group.objects.bulk_update(old_groups.values(), ["name", "grade"], batch_size=500)
    new_groups = Group.objects.bulk_create(
        [
            Group(school=school, school_year=year, key=row["key"], name=row["name"], grade=grades.get(row["grade"]))
            for row in steps["new_groups"]
        ]
    )
    undo["groups"] = [group.pk for group in new_groups]
    group_ids = {group.key: group.pk for group in new_groups}

    undo["names_before"], undo["keys_before"] = _rename(steps["renamed"], school)

    # End what ends. A returning child's enrolment ended before; their old places may still be open.
    leaving = list(steps["gone"])
    changing = [row["child"] for row in (*steps["moved"], *steps["returning"])]
    undo["ended_enrolments"] = _end(Enrolment.objects.open().filter(school=school), leaving, on)
    here = Membership.objects.open().filter(group__school=school, school_year__first_on__lte=year.first_on)
    undo["ended_memberships"] = _end(here, [*leaving, *changing], on)

    children = Child.objects.bulk_create(
        (
            Child(
                organisation=school.site.organisation,
                first_name=row["first_name"],
                prefix=row["prefix"],
                last_name=row["last_name"],
            )
            for row in steps["new"]
        ),
        batch_size=BATCH,
    )
    undo["children"] = [child.pk for child in children]
    arriving = [
        *((child.pk, row) for child, row in zip(children, steps["new"], strict=True)),
        *((row["child"], row) for row in steps["returning"]),
    ]
    enrolments = Enrolment.objects.bulk_create(
        (
            Enrolment(
                child_id=child,
                school=school,
                # Without a lasting key the child gets one of ours: "#" tells that no file may match on it.
                key=row["key"] or f"#{uuid.uuid4().hex}",
                from_on=on,
            )
            for child, row in arriving
        ),
        batch_size=BATCH,
    )
    undo["enrolments"] = [enrolment.pk for enrolment in enrolments]
    memberships = Membership.objects.bulk_create(
        (
            Membership(
                child_id=child,
                group_id=row["group"] or group_ids[row["group_key"]],
                school_year=year,
                grade=grades.get(row["grade"]),
                from_on=on,
            )
            for child, row in (*arriving, *((row["child"], row) for row in steps["moved"]))
        ),
        batch_size=BATCH,
    )
    undo["memberships"] = [membership.pk for membership in memberships]
    return undo


def _rename(rows: list[dict[str, Any]], school: School) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """New names and, where the school now gives one, a lasting key. Returns both as they were."""
    names_before, keys_before = [], []
    for some in batched(rows, BATCH):
        ids = [row["child"] for row in some]
        children = Child.objects.in_bulk(ids)
        enrolments = {enrolment.child_id: enrolment for enrolment in _open_enrolments(school, ids)}
        for row in some:
            child, enrolment = children[row["child"]], enrolments.get(row["child"])
            names_before.append(
                {
                    "child": child.pk,
                    "first_name": child.first_name,
                    "prefix": child.prefix,
                    "last_name": child.last_name,
                }
            )
            child.first_name, child.prefix, child.last_name = row["first_name"], row["prefix"], row["last_name"]
            if enrolment and row["key"] and enrolment.key != row["key"]:
                keys_before.append({"enrolment": enrolment.pk, "key": enrolment.key})
                enrolment.key = row["key"]
        Child.objects.bulk_update(children.values(), ["first_name", "prefix", "last_name"], batch_size=500)
        Enrolment.objects.bulk_update(enrolments.values(), ["key"], batch_size=500)
    return names_before, keys_before


def _open_enrolments(school: School, children: list[int]) -> models.QuerySet[Enrolment]:
    return Enrolment.objects.open().filter(school=school, child__in=children)


def _end(periods: models.QuerySet[Any], children: Iterable[int], on: date) -> list[int]:
    """End these children's periods; one that had yet to begin ends on the day it would have begun."""
    ended: list[int] = []
    for some in batched(children, BATCH):
        ids = list(periods.filter(child__in=some).values_list("pk", flat=True))
        until = Case(When(from_on__gt=on, then=F("from_on")), default=Value(on))
        periods.model._default_manager.filter(pk__in=ids).update(until_on=until)
        ended += ids
    return ended


def _refuse_if_in_use(undo: dict[str, Any]) -> None:
    """Marks, custody, lessons … of what this import brought: found through the tables, so a new room counts too."""
    brought = {Enrolment: set(undo["enrolments"]), Membership: set(undo["memberships"])}
    used: Counter[str] = Counter()
    for model, ids in ((Child, undo["children"]), (Group, undo["groups"])):
        for relation in model._meta.related_objects:
            rows = relation.related_model._base_manager
            own = brought.get(relation.related_model, set())
            for some in batched(ids, BATCH):
                found = rows.filter(**{f"{relation.field.name}__in": some}).values_list("pk", flat=True)
                count = sum(pk not in own for pk in found) if own else found.count()
                if count:
                    used[str(relation.related_model._meta.verbose_name_plural)] += count
    if used:
        raise InUse(what=", ".join(f"{count} {what}" for what, count in sorted(used.items())))


def _take_back(undo: dict[str, Any]) -> None:
    def each(ids: list[int], act: Callable[[list[int]], object]) -> None:
        for some in batched(ids, BATCH):
            act(list(some))

    each(undo["memberships"], lambda ids: Membership.objects.filter(pk__in=ids).delete())
    each(undo["enrolments"], lambda ids: Enrolment.objects.filter(pk__in=ids).delete())
    each(undo["children"], lambda ids: Child.objects.filter(pk__in=ids).delete())
    each(undo["groups"], lambda ids: Group.objects.filter(pk__in=ids).delete())
    each(undo["ended_enrolments"], lambda ids: Enrolment.objects.filter(pk__in=ids).update(until_on=None))
    each(undo["ended_memberships"], lambda ids: Membership.objects.filter(pk__in=ids).update(until_on=None))
    for some in batched(undo["names_before"], BATCH):
        children = Child.objects.in_bulk([row["child"] for row in some])
        for row in some:
            child = children[row["child"]]
            child.first_name, child.prefix, child.last_name = row["first_name"], row["prefix"], row["last_name"]
        Child.objects.bulk_update(children.values(), ["first_name", "prefix", "last_name"], batch_size=500)
    for row in undo["keys_before"]:
        Enrolment.objects.filter(pk=row["enrolment"]).update(key=row["key"])
    for row in undo["groups_before"]:
        Group.objects.filter(pk=row["group"]).update(name=row["name"], grade=row["grade"])
