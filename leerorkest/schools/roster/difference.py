"""What a roster would change at a school: a pure comparison, shown to a person before anything is written."""

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace

from leerorkest.schools.roster.names import SENTENCES
from leerorkest.schools.roster.roster import Notice, Pupil, Refusal, Roster, RosterGroup, SchoolHints
from leerorkest.shared.uploads.sentences import Sentence
from leerorkest.shared.uploads.sentences import gettext_noop as _

type Name = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class PresentGroup:
    id: int
    key: str
    name: str
    grade: str


@dataclass(frozen=True, slots=True)
class PresentPupil:
    """A child the school has or had, as this school year knows them."""

    id: int
    key: str = field(repr=False)  # begins with "#" when the school gave no lasting key
    first_name: str = field(repr=False)
    prefix: str = field(repr=False)
    last_name: str = field(repr=False)
    group_id: int | None  # None: in no group of this school year
    grade: str
    is_enrolled: bool

    @property
    def key_is_stable(self) -> bool:
        return bool(self.key) and not self.key.startswith("#")


@dataclass(frozen=True, slots=True)
class Present:
    groups: tuple[PresentGroup, ...] = ()
    pupils: tuple[PresentPupil, ...] = ()
    grades: frozenset[str] = frozenset()  # the codes that the organisation knows


@dataclass(frozen=True, slots=True)
class GroupChange:
    present: PresentGroup
    group: RosterGroup


@dataclass(frozen=True, slots=True)
class Change:
    present: PresentPupil
    pupil: Pupil
    group_id: int | None  # the group they will be in; None: the new group of `pupil.group_key`


@dataclass(frozen=True, slots=True)
class Arrival:
    pupil: Pupil
    group_id: int | None


@dataclass(frozen=True, slots=True)
class Plan:
    """A child may be both moved and renamed; every other pair of lists is disjoint."""

    new_groups: tuple[RosterGroup, ...]
    renamed_groups: tuple[GroupChange, ...]
    new: tuple[Arrival, ...]
    moved: tuple[Change, ...]  # another group or grade
    renamed: tuple[Change, ...]  # another name, or a lasting key at last
    returning: tuple[Change, ...]  # left before, in the file again
    gone: tuple[PresentPupil, ...]  # not in the file: a proposal, never a deletion
    refused: tuple[Refusal, ...]
    unchanged: int
    warnings: tuple[Notice, ...]

    @property
    def changes_nothing(self) -> bool:
        changes = (self.new_groups, self.renamed_groups, self.new, self.moved, self.renamed, self.returning, self.gone)
        return not any(changes)


BRIN6 = re.compile(r"\d{2}[A-Z]{2}\d{2}")


def is_of_school(file: SchoolHints, scheme: str, code: str) -> bool:
    """Is this file of this school? Only a BRIN can say no: a schoolkey is each system's own number."""
    code = code.upper()
    if not file.brin or (scheme != "brin6" and not BRIN6.fullmatch(code)):  # a BRIN entered by hand counts too
        return True
    if file.dependance or len(file.brin) == 6:
        return file.brin6 == code
    return file.brin == code[:4]


def plan(roster: Roster, present: Present) -> Plan:
    return _Comparison(roster, present).plan()


def name_of(child: Pupil | PresentPupil) -> Name:
    return child.first_name.casefold(), child.prefix.casefold(), child.last_name.casefold()


class _Comparison:
    def __init__(self, roster: Roster, present: Present) -> None:
        self.roster = roster
        self.present = present
        self.refused = list(roster.refused)
        self.group_ids, self.new_groups, self.renamed_groups = self.compare_groups()
        self.unknown_grades = 0
        self.new_keys = 0

    def compare_groups(self) -> tuple[dict[str, int | None], list[RosterGroup], list[GroupChange]]:
        """By key, and by name where the key is new: a school that changes systems keeps its groups."""
        by_key = {group.key: group for group in self.present.groups}
        by_name = {group.name.casefold(): group for group in self.present.groups}
        wanted = [replace(group, grade=self.known(group.grade)) for group in self.roster.groups]
        found = {group.key: by_key[group.key] for group in wanted if group.key in by_key}
        taken = {group.id for group in found.values()}
        for group in wanted:
            same = by_name.get(group.name.casefold())
            if group.key not in found and same and same.id not in taken:
                found[group.key] = same
                taken.add(same.id)
        ids: dict[str, int | None] = {group.key: group.id for group in self.present.groups}
        ids |= {group.key: found[group.key].id if group.key in found else None for group in wanted}
        changes = [GroupChange(found[group.key], group) for group in wanted if group.key in found]
        return (
            ids,
            [group for group in wanted if group.key not in found],
            # A file without the group's grade (a combination group, a delta) does not wipe it.
            [
                change
                for change in changes
                if change.present.name != change.group.name
                or (change.group.grade and change.present.grade != change.group.grade)
            ],
        )

    def known(self, grade: str) -> str:
        return grade if grade in self.present.grades else ""

    def refuse(self, pupil: Pupil, reason: str) -> None:
        key = pupil.key if pupil.key_is_stable else ""
        name = pupil.first_name, pupil.prefix, pupil.last_name
        self.refused.append(Refusal(pupil.line, reason, Sentence(SENTENCES[reason]), key, name))

    def match(self) -> list[tuple[Pupil, PresentPupil | None]]:
        """Each accepted pupil with the child they are. By the school's key; without one only by a name that is
        unique, in the same group, or in no group yet (a new school year)."""
        by_key: dict[str, PresentPupil] = {}
        for child in self.present.pupils:
            if child.key_is_stable and (child.key not in by_key or child.is_enrolled):
                by_key[child.key] = child
        matched: list[tuple[Pupil, PresentPupil | None]] = []
        rest = []
        for pupil in self.roster.pupils:
            if pupil.key_is_stable and pupil.key in by_key:
                matched.append((pupil, by_key[pupil.key]))
            else:
                rest.append(pupil)
        if not rest:
            return matched
        taken = {same.id for _pupil, same in matched if same}
        by_name: dict[Name, dict[int, PresentPupil]] = defaultdict(dict)
        for child in self.present.pupils:
            if child.id not in taken and (child.id not in by_name[name_of(child)] or child.is_enrolled):
                by_name[name_of(child)][child.id] = child
        enrolled = [child for child in self.present.pupils if child.is_enrolled and child.key_is_stable]
        known = sum(child.id in taken for child in enrolled)
        # A school that changes systems gives every child a new key. One unknown key is a new child; half a school of
        # them is the same school, and taking it for new would cut every child off from their instrument and marks.
        keys_changed = self.roster.is_full and len(enrolled) >= 5 and 2 * known < len(enrolled)
        times = Counter(name_of(pupil) for pupil in rest)
        times_in_group = Counter((name_of(pupil), pupil.group_key) for pupil in rest)
        for pupil in rest:
            name = name_of(pupil)
            namesakes = [
                child
                for child in by_name[name].values()
                if keys_changed or not (pupil.key_is_stable and child.key_is_stable)
            ]
            group_id = self.group_ids.get(pupil.group_key)
            here = [child for child in namesakes if child.is_enrolled and group_id and child.group_id == group_id]
            elsewhere = [child for child in namesakes if child.group_id is None or not child.is_enrolled]
            if here and len(here) == 1 and times_in_group[name, pupil.group_key] == 1:
                matched.append((pupil, here[0]))
                self.new_keys += pupil.key_is_stable and here[0].key_is_stable
            elif here or (not pupil.key_is_stable and times_in_group[name, pupil.group_key] > 1):
                self.refuse(pupil, "name_not_unique")
            elif len(namesakes) == len(elsewhere) == 1 and times[name] == 1:
                matched.append((pupil, elsewhere[0]))
                self.new_keys += pupil.key_is_stable and elsewhere[0].key_is_stable
            elif namesakes and (keys_changed or not pupil.key_is_stable):
                self.refuse(pupil, "name_elsewhere")
            else:
                matched.append((pupil, None))
        return matched

    def plan(self) -> Plan:
        new, moved, renamed, returning = [], [], [], []
        unchanged = 0
        staying: set[int] = set()
        for pupil, child in self.match():
            if pupil.grade and not self.known(pupil.grade):
                self.unknown_grades += 1
                pupil = replace(pupil, grade="")
            if pupil.group_key and pupil.group_key not in self.group_ids:
                self.refuse(pupil, "group_unknown")
            elif not pupil.group_key and (child is None or child.group_id is None):
                self.refuse(pupil, "no_group")
            elif child is None:
                new.append(Arrival(pupil, self.group_ids[pupil.group_key]))
            else:
                staying.add(child.id)
                group_id = self.group_ids[pupil.group_key] if pupil.group_key else child.group_id
                if not self.roster.is_full and not pupil.grade:  # a delta without a grade leaves it as it is
                    pupil = replace(pupil, grade=child.grade)
                change = Change(child, pupil, group_id)
                is_moved = group_id != child.group_id or group_id is None or pupil.grade != child.grade
                is_renamed = (child.first_name, child.prefix, child.last_name) != (
                    pupil.first_name,
                    pupil.prefix,
                    pupil.last_name,
                ) or (pupil.key_is_stable and pupil.key != child.key)
                if not child.is_enrolled:
                    returning.append(change)
                elif is_moved:
                    moved.append(change)
                if is_renamed:
                    renamed.append(change)
                unchanged += child.is_enrolled and not is_moved and not is_renamed
        gone, warnings = self.who_is_gone(staying)
        strangers = sum(not (set(name_of(change.present)) & set(name_of(change.pupil)) - {""}) for change in renamed)
        if strangers > 10 and 3 * strangers > len(staying):
            text = _("Children who would get a wholly other name: %(count)s. Were the keys given out again?")
            warnings.append(Notice("many_renamed", Sentence(text, {"count": strangers})))
        if self.new_keys:
            text = _("Children with a new key, known by their name: %(count)s. Did the school change systems?")
            warnings.append(Notice("keys_changed", Sentence(text, {"count": self.new_keys})))
        if self.unknown_grades:
            text = _("Pupils with a grade that the organisation does not know: %(count)s. They get none.")
            warnings.append(Notice("unknown_grade", Sentence(text, {"count": self.unknown_grades})))
        used = {arrival.pupil.group_key for arrival in new if arrival.group_id is None}
        used |= {change.pupil.group_key for change in (*moved, *returning) if change.group_id is None}
        return Plan(
            new_groups=tuple(group for group in self.new_groups if group.key in used),
            renamed_groups=tuple(self.renamed_groups),
            new=tuple(new),
            moved=tuple(moved),
            renamed=tuple(renamed),
            returning=tuple(returning),
            gone=tuple(gone),
            refused=tuple(sorted(self.refused, key=lambda refusal: refusal.line)),
            unchanged=unchanged,
            warnings=(*self.roster.warnings, *warnings),
        )

    def who_is_gone(self, staying: set[int]) -> tuple[list[PresentPupil], list[Notice]]:
        """Who is not in a full file. A refused row still stands for a child, so that child is not gone."""
        enrolled = [child for child in self.present.pupils if child.is_enrolled and child.id not in staying]
        warnings: list[Notice] = []
        if not self.roster.is_full:
            return [child for child in enrolled if child.key in self.roster.left], warnings
        keys = {refusal.key for refusal in self.refused if refusal.key}
        names = {
            (first.casefold(), prefix.casefold(), last.casefold())
            for first, prefix, last in (refusal.name for refusal in self.refused)
            if first or last
        }
        missing = [child for child in enrolled if child.key not in keys and name_of(child) not in names]
        nameless = sum(not refusal.key and not any(refusal.name) for refusal in self.refused)
        if nameless and len(missing) > 0:
            # Each of these rows may be one of the children who are missing.
            text = _("Rows that could not be read: %(count)s. So nobody is marked as gone. Mend these rows first.")
            warnings.append(Notice("nobody_gone", Sentence(text, {"count": nameless})))
            missing = [child for child in missing if child.key in self.roster.left]
        total = sum(child.is_enrolled for child in self.present.pupils)
        if len(missing) > 10 and 3 * len(missing) > total:
            text = _("More than a third of the school would be gone (%(count)s children). Is this the whole school?")
            warnings.append(Notice("many_gone", Sentence(text, {"count": len(missing)})))
        return missing, warnings
