"""What is wrong with which instrument."""

from collections.abc import Iterable
from dataclasses import dataclass

from ..defect_kinds import SPOTS, Spot, spot_of
from ..models import Defect, DefectKind, Defects, Instrument


@dataclass(frozen=True)
class SpotKinds:
    """A spot on the picture and what can be wrong there."""

    spot: Spot
    kinds: list[DefectKind]


def spots(shape: str) -> list[SpotKinds]:
    """The spots of a shape in their order, one query. A kind that somebody added at no spot stands under the others."""
    by_spot: dict[str, list[DefectKind]] = {}
    for kind in DefectKind.objects.filter(shape=shape):
        by_spot.setdefault(spot_of(shape, kind.spot).code, []).append(kind)
    return [SpotKinds(spot, by_spot[spot.code]) for spot in SPOTS[shape] if spot.code in by_spot]


def open_defects(*instruments: Instrument) -> Defects:
    return Defect.objects.open().filter(instrument__in=instruments).select_related("kind", "by").order_by("reported_at")


def with_defects(instruments: Iterable[Instrument]) -> None:
    """Hang on each instrument its open defects, in one query."""
    rows = list(instruments)
    found: dict[int, list[Defect]] = {}
    for defect in open_defects(*rows):
        found.setdefault(defect.instrument_id, []).append(defect)
    for row in rows:
        row.open_defects = found.get(row.pk, [])  # type: ignore[attr-defined]
