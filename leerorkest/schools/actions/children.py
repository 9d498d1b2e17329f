"""What a child plays. Which instrument it then holds is the depot's business."""

from datetime import date, datetime

from django.utils.translation import gettext_lazy as _

from leerorkest.music.models import InstrumentKind, Size
from leerorkest.people.models import Child
from leerorkest.shared.actions import Actor, Refused, action, record, unless_taken

from ..models import Playing


class PlaysThatAlready(Refused):
    sentence = _("The child plays that already, in this size.")


class SizeOfAnotherKind(Refused):
    sentence = _("%(size)s is not a size of this instrument. Choose one of its own sizes.")


class PlayedLater(Refused):
    sentence = _("The child began with %(kind)s later than that. Choose a later day.")


class PlaysNothing(Refused):
    sentence = _("The child plays nothing now.")


def _detail(playing: Playing) -> dict[str, str | int | None]:
    return {"kind": playing.kind_id, "size": playing.size_id, "from_on": playing.from_on.isoformat()}


@action
def record_playing(
    *, child: Child, kind: InstrumentKind, size: Size | None = None, from_on: date, by: Actor, at: datetime
) -> Playing:
    """From this day the child plays this kind in this size; what it played before ends on the same day."""
    if size is not None and size.kind_id != kind.pk:
        raise SizeOfAnotherKind(size=size.label)
    now = child.playings.select_related("kind").filter(until_on=None).first()
    if now is not None:
        if (now.kind_id, now.size_id) == (kind.pk, size.pk if size else None):
            raise PlaysThatAlready
        if now.from_on > from_on:
            raise PlayedLater(kind=now.kind.name)
        now.until_on = from_on
        now.save(update_fields=["until_on"])
    with unless_taken(PlaysThatAlready()):
        playing = Playing.objects.create(child=child, kind=kind, size=size, from_on=from_on)
    record(
        "schools.record_playing",
        subject=child,
        organisation=child.organisation.key,
        detail={**_detail(playing), "before": _detail(now) if now else None},
    )
    return playing


@action
def stop_playing(*, child: Child, until_on: date, by: Actor, at: datetime) -> None:
    """`until_on` is the first day on which the child plays nothing."""
    now = child.playings.select_related("kind").filter(until_on=None).first()
    if now is None:
        raise PlaysNothing
    if now.from_on > until_on:
        raise PlayedLater(kind=now.kind.name)
    now.until_on = until_on
    now.save(update_fields=["until_on"])
    record("schools.stop_playing", subject=child, organisation=child.organisation.key, detail=_detail(now))
