"""What the reader can say, in one place. {bar} and {part} are as the page says them."""

from .model import Finding

SAYINGS: dict[str, tuple[str, str]] = {
    "no-divisions": (
        "warning",
        "{part}, bar {bar}: the file does not say how long a quarter note is; it was worked out from the note values.",
    ),
    "bad-divisions": ("warning", "{part}, bar {bar}: “{value}” is no length of a quarter note; the last one was kept."),
    "bad-duration": ("error", "{part}, bar {bar}: a note has no usable length; it was left out."),
    "duration-from-type": ("warning", "{part}, bar {bar}: a note has no length; its note value was used."),
    "bad-pitch": ("error", "{part}, bar {bar}: a note has no usable pitch; it was left out."),
    "microtone": ("warning", "{part}, bar {bar}: a microtone; parts are made with the nearest semitone."),
    "accidental-without-alter": (
        "warning",
        "{part}, bar {bar}: a sign stands before a note but its pitch does not say so; the sign was followed.",
    ),
    "tie-unended": ("warning", "{part}, bar {bar}: a tie starts but never ends; the note keeps its own length."),
    "bar-too-long": ("warning", "{part}, bar {bar}: {is} quarter notes where the time says {should}."),
    "bar-too-short": ("warning", "Bar {bar}: {is} quarter notes where the time says {should}."),
    "bar-overruns": ("info", "{part}, bar {bar}: rounding makes the bar a trifle long; it was cut at the bar line."),
    "backup-too-far": (
        "warning",
        "{part}, bar {bar}: the file steps back before the bar begins; it starts at the bar.",
    ),
    "bad-time": ("warning", "{part}, bar {bar}: “{value}” is no time signature; the last one was kept."),
    "free-time": ("info", "{part}, bar {bar}: free time; the bar is as long as its notes."),
    "times-differ": ("warning", "{part}, bar {bar}: another time signature than in the first part."),
    "odd-key": ("warning", "{part}, bar {bar}: a key signature that is not traditional; it is read as none."),
    "big-key": ("info", "{part}, bar {bar}: a key of {value} accidentals; parts are written in a simpler one."),
    "bar-repeat-sign": ("warning", "{part}, bar {bar}: a sign that repeats bars; only the notes in the file are used."),
    "parts-differ": ("warning", "{part} has {is} bars and the score has {should}; it rests in the others."),
    "part-missing": ("warning", "{part} stands in the list of parts but has no music."),
    "part-unlisted": ("info", "{part} has music but does not stand in the list of parts."),
    "part-empty": ("info", "{part} has no notes."),
    "repeat-inside-bar": ("warning", "{part}, bar {bar}: a repeat sign inside the bar; it is played at its end."),
    "ending-odd": ("warning", "Bar {bar}: the ending “{value}” is not clear; it is played as ending {played}."),
    "ending-without-repeat": (
        "warning",
        "Bar {bar}: ending {value} has no repeat before the next; check the play order.",
    ),
    "repeat-unstarted": ("info", "Bar {bar}: a repeat ends that never starts; it goes back to {value}."),
    "repeat-unended": ("info", "Bar {bar}: a repeat starts that never ends; it is played once."),
    "jump-nowhere": ("warning", "Bar {bar}: “{value}” has no sign to go to; it is not followed."),
    "play-too-long": ("warning", "The repeats do not come to an end; each bar is played once, as written."),
    "container": ("warning", "The container of this MXL does not name the score rightly; {value} was read."),
    "encoding": ("warning", "The file says another encoding than it has; it was read as UTF-8."),
    "namespace": ("info", "The file puts its elements in a namespace; it was read without."),
    "tuplet-odd": ("info", "{part}, bar {bar}: an unusual tuplet ({value}); level 3 plays it as sixteenths."),
    "no-title": ("info", "The score has no title."),
    "abc-endings": ("warning", "This ABC file has first and second endings; they are not followed. Bring MusicXML."),
    "more": ("info", "And {value} more like the last: {code}."),
    "engine-dropped": ("warning", "{part}, bar {bar}: {value} was not understood and left out."),
}
MOST_OF_A_SORT = 12


class Findings:
    """Collects findings; of one sort in one part only the first of each bar, and a dozen in all."""

    def __init__(self) -> None:
        self._kept: list[Finding] = []
        self._seen: set[tuple[str, str, str]] = set()
        self._count: dict[str, int] = {}

    def add(self, code: str, part: str = "", bar: str = "", **values: object) -> None:
        if (code, part, bar) in self._seen:
            return
        if len(self._seen) < 20_000:
            self._seen.add((code, part, bar))
        self._count[code] = self._count.get(code, 0) + 1
        if self._count[code] <= MOST_OF_A_SORT:
            self._kept.append(_finding(code, part, bar, {key: str(value)[:80] for key, value in values.items()}))

    def all(self) -> tuple[Finding, ...]:
        """In order of weight, then as they were met."""
        more = [
            Finding(
                "more",
                SAYINGS[code][0],
                SAYINGS["more"][1].format(value=count - MOST_OF_A_SORT, code=code),
                values={"value": str(count - MOST_OF_A_SORT), "code": code},
            )
            for code, count in self._count.items()
            if count > MOST_OF_A_SORT
        ]
        weight = {"error": 0, "warning": 1, "info": 2}
        return tuple(sorted(self._kept + more, key=lambda finding: weight[finding.severity]))


def _finding(code: str, part: str, bar: str, values: dict[str, str]) -> Finding:
    severity, saying = SAYINGS[code]
    return Finding(code, severity, saying.format(part=part, bar=bar, **values), part, bar, values)
