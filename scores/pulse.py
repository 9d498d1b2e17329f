"""Parts for what has no pitch: the beats the orchestra stresses."""

from collections.abc import Iterator, Sequence
from fractions import Fraction

from . import reduce
from .analysis import Analysis, Beat, ticks
from .instruments import Player

LOW = ("bass-drum", "gong", "marimbula", "tambu")
BRIGHT = ("triangle", "cymbals", "agan", "claves")


def spans(
    analysis: Analysis, beats_in: Sequence[Sequence[Beat]], player: Player
) -> Iterator[tuple[Fraction, Fraction]]:
    """Low drums on the strong beats, bright ones on the first of a bar, the others on every beat, and from level 2 on
    half beats where many in the orchestra start a note. Silent where the orchestra is."""
    starts: dict[Fraction, int] = {}
    for note in analysis.notes:
        starts[note.on] = starts.get(note.on, 0) + 1
    many = sorted(starts.values())[len(starts) * 2 // 3]
    for bar in analysis.score.bars:
        beats = beats_in[bar.index]
        strong = {beat.on: beat.weight for beat in beats}
        for on, end in reduce.slots(bar, beats, min(player.level, 2)):
            weight = strong.get(on, 0)
            if player.instrument.kind in LOW:
                is_on = weight >= 2
            elif player.instrument.kind in BRIGHT:
                is_on = weight == 3
            else:
                is_on = weight >= 1 or (player.level >= 2 and starts.get(on, 0) >= many)
            at = ticks(on)
            if is_on and at < len(analysis.sounds) and analysis.sounds[at].any():
                yield on, end
