"""Who sits in which section."""

from dataclasses import dataclass
from datetime import date, datetime

from leerorkest.schools.models import Membership, Playing
from leerorkest.shared.actions import Actor as AnyActor
from leerorkest.shared.actions import action, record

from ..models import LessonSeries, Seat, Section
from ..rules import seat


@dataclass(frozen=True)
class Seated:
    new: int
    without: int  # children of the group that no section fits


@action
def seat_children(*, series: LessonSeries, on: date, by: AnyActor, at: datetime) -> Seated:
    """Give every child of the group without a seat one in a section of the family it plays. Again is safe.

    Who plays something of another family by now moves to it.
    """
    members = set(Membership.objects.on(on).filter(group=series.group_id).values_list("child", flat=True))
    families = dict(Playing.objects.on(on).filter(child__in=members).values_list("child", "kind__family"))
    sections = dict(Section.objects.filter(series=series).values_list("pk", "family"))
    taken: dict[int, int] = {}
    moved = []
    for one in Seat.objects.open().filter(series=series):
        if one.child_id in members and families.get(one.child_id, sections[one.section_id]) == sections[one.section_id]:
            taken[one.section_id] = taken.get(one.section_id, 0) + 1
            families.pop(one.child_id, None)
            members.discard(one.child_id)
        else:
            moved.append(one)
    seats = seat(families, sections, taken)
    leaving = [one for one in moved if one.child_id not in members or one.child_id in seats]
    for one in leaving:
        one.until_on = max(on, one.from_on)
    Seat.objects.bulk_update(leaving, ["until_on"])
    kept = {one.child_id for one in moved} - {one.child_id for one in leaving}
    Seat.objects.bulk_create(
        Seat(section_id=section, series=series, child_id=child, from_on=on) for child, section in seats.items()
    )
    without = len(members - set(seats) - kept)
    record("lessons.seat_children", subject=series, detail={"new": len(seats), "without": without})
    return Seated(len(seats), without)
