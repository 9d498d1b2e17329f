"""What all readers do with one row once they know its fields: clean it, judge it, count it, name what was dropped."""

from collections import Counter
from dataclasses import replace

from leerorkest.schools.roster import names
from leerorkest.schools.roster.roster import MAX_PUPILS, Notice, Pupil, Refusal, Roster, RosterGroup, SchoolHints
from leerorkest.shared.uploads.columns import safe_field_name
from leerorkest.shared.uploads.sentences import FileRefused, Sentence
from leerorkest.shared.uploads.sentences import gettext_noop as _

MAX_FIELDS = 200
MAX_GROUPS = 5_000
COMBINATION = ("", "C")  # the grade is then each pupil's own


class Gathering:
    """Rows come in, a Roster comes out."""

    def __init__(self, file_format: str) -> None:
        self.format = file_format
        self.school_year = ""
        self.school = SchoolHints()
        self.is_full = True
        self.groups: dict[str, RosterGroup] = {}
        self.pupils: list[Pupil] = []
        self.refused: list[Refusal] = []
        self.left: set[str] = set()
        self.dropped: dict[str, None] = {}  # a set that keeps the order of the file
        self.warnings: list[Notice] = []
        self.rows = 0
        self.has_double_group = False

    def drop(self, field: str) -> None:
        """A field that is in the file and not kept: its name is told, its value is never looked at."""
        if field not in self.dropped and len(self.dropped) < MAX_FIELDS:
            self.dropped[safe_field_name(field, len(self.dropped) + 1)] = None

    def warn(self, kind: str, text: str, **values: str | int) -> None:
        self.warnings.append(Notice(kind, Sentence(text, values)))

    def refuse(self, line: int, reason: str, pupil: Pupil | None = None, **values: str | int) -> None:
        key = pupil.key if pupil and reason not in ("key_is_bsn", "key_too_long") else ""
        name = (pupil.first_name, pupil.prefix, pupil.last_name) if pupil else ("", "", "")
        self.refused.append(Refusal(line, reason, Sentence(names.SENTENCES[reason], values), key, name))

    def count_row(self) -> None:
        self.rows += 1
        if self.rows > MAX_PUPILS:
            raise FileRefused(
                _("The file holds more than %(most)s pupils. Export one school at a time."), most=MAX_PUPILS
            )

    def group(self, key: str, name: str, grade: str) -> None:
        key = key.strip()
        if not key:
            return
        try:
            names.clean_key(key)
            name = names.clean_group(name) or names.clean_group(key)
        except names.BadText:
            name = ""  # its pupils are refused one by one, with their lines
        known = self.groups.get(key)
        if known:
            if known.name != name and not self.has_double_group:
                self.has_double_group = True
                self.warn("group_twice", _("Two groups in the file have the same key. The first one counts."))
            return
        if len(self.groups) >= MAX_GROUPS:
            raise FileRefused(
                _("The file holds more than %(most)s groups. Export one school at a time."), most=MAX_GROUPS
            )
        self.groups[key] = RosterGroup(key, name, names.clean_grade(grade))

    def pupil(
        self,
        line: int,
        *,
        key: str,
        first_name: str,
        all_first_names: str = "",
        prefix: str = "",
        last_name: str = "",
        group_key: str,
        grade: str = "",
        national_numbers: tuple[str, ...] = (),
    ) -> None:
        """One pupil's row. A value that may not be kept refuses the row and is nowhere repeated."""
        self.count_row()
        number = key.strip()
        if number and number in (other.strip() for other in national_numbers):
            # Some systems send the BSN as their key. It must not come in by the back door.
            return self.refuse(line, "key_is_bsn")
        draft = Pupil(line, "", "", "", "", group_key.strip(), "", False)
        try:
            kept = names.clean_key(key)
            draft = replace(draft, key=kept, key_is_stable=bool(kept) and not kept.startswith("#"))
            last = names.clean_name(last_name)
            first = names.clean_name(first_name or names.first_of(all_first_names), names.MAX_FIRST)
            draft = replace(draft, first_name=first, prefix=names.clean_name(prefix, names.MAX_PREFIX), last_name=last)
        except names.BadText as bad:
            return self.refuse(line, str(bad), draft)
        if not draft.first_name:
            return self.refuse(line, "first_name_missing", draft)
        self.pupils.append(replace(draft, grade=grade))

    def roster(self) -> Roster:
        """The last judgements need the whole file: groups, doubles, whose keys these are."""
        if names.are_bsn(pupil.key for pupil in self.pupils):
            raise FileRefused(_("The pupils' keys are BSNs, which we may not keep. Export with the school's own keys."))
        times = Counter(pupil.key for pupil in self.pupils if pupil.key)
        accepted = []
        for pupil in self.pupils:
            group = self.groups.get(pupil.group_key)
            if pupil.key and times[pupil.key] > 1:
                # Neither is safe to take: one of the two is another child.
                self.refuse(pupil.line, "key_twice", pupil)
            elif not pupil.group_key and self.is_full:
                # Not kept without a group: an enrolment is a place in a group, and a child in no group would
                # stand on nobody's list while we hold their name.
                self.refuse(pupil.line, "no_group", pupil)
            elif pupil.group_key and not group and self.is_full:
                self.refuse(pupil.line, "group_unknown", pupil)
            elif group and not group.name:
                self.refuse(pupil.line, "group_name", pupil)
            else:
                own = "" if pupil.grade.strip().upper() in COMBINATION else names.clean_grade(pupil.grade)
                accepted.append(replace(pupil, grade=own or (group.grade if group else "")))
        self.refused.sort(key=lambda refusal: refusal.line)
        if not accepted and not self.refused and not (self.left and not self.is_full):
            # An empty export would read as "the whole school has left".
            raise FileRefused(_("The file holds no pupils. Choose all groups in the export and try again."))
        used = {pupil.group_key for pupil in accepted}
        without_grade = sum(not pupil.grade for pupil in accepted)
        if without_grade and self.is_full:
            self.warn(
                "no_grade", _("Pupils without a grade, because their group has none: %(count)s."), count=without_grade
            )
        if self.left:
            self.warn("left", _("Pupils in the file who have left the school: %(count)s."), count=len(self.left))
        return Roster(
            format=self.format,
            school_year=self.school_year,
            school=self.school,
            groups=tuple(group for key, group in self.groups.items() if key in used),
            pupils=tuple(accepted),
            refused=tuple(self.refused),
            left=frozenset(self.left - {pupil.key for pupil in accepted}),
            dropped_fields=tuple(self.dropped),
            warnings=tuple(self.warnings),
            is_full=self.is_full,
        )
