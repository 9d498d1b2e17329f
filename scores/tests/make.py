"""Small scores, written in a line: `xml("4/4 C4:1 D4:1 E4:2 | C4:4")` or with the insides of bars given whole."""

HEAD = "<?xml version='1.0' encoding='UTF-8'?>"
TYPES = {"4": "whole", "2": "half", "1": "quarter", "1/2": "eighth", "1/4": "16th"}


def note(pitch: str, length: int, *, more: str = "", before: str = "") -> str:
    """`length` in quarters of a quarter: divisions are 4. R is a rest."""
    if pitch == "R":
        inside = "<rest/>"
    else:
        step, alter, octave = pitch[0], pitch.count("#") - pitch.count("b"), pitch[-1]
        inside = (
            f"<pitch><step>{step}</step>{f'<alter>{alter}</alter>' if alter else ''}<octave>{octave}</octave></pitch>"
        )
    return f"<note>{before}{inside}<duration>{length}</duration>{more}</note>"


def attributes(time: str = "4/4", fifths: int = 0, more: str = "", divisions: int = 4) -> str:
    above, below = time.split("/")
    return (
        f"<attributes><divisions>{divisions}</divisions><key><fifths>{fifths}</fifths></key>"
        f"<time><beats>{above}</beats><beat-type>{below}</beat-type></time>{more}</attributes>"
    )


def line(text: str, **given: object) -> list[str]:
    """Bars of "C4:4 D4:4 | R:8": pitch and length in sixteenths. The first bar gets the attributes."""
    bars = []
    for index, words in enumerate(text.split("|")):
        inside = attributes(**given) if not index else ""  # type: ignore[arg-type]
        for word in words.split():
            pitch, _, length = word.partition(":")
            inside += note(pitch, int(length))
        bars.append(inside)
    return bars


def score(*parts: list[str], names: list[str] | None = None, head: str = HEAD) -> bytes:
    """Parts as lists of the insides of their bars."""
    names = names or [f"Part {number}" for number in range(1, len(parts) + 1)]
    listed = "".join(
        f'<score-part id="P{number}"><part-name>{name}</part-name></score-part>' for number, name in enumerate(names, 1)
    )
    music = "".join(
        f'<part id="P{number}">'
        + "".join(f'<measure number="{index}">{bar}</measure>' for index, bar in enumerate(bars, 1))
        + "</part>"
        for number, bars in enumerate(parts, 1)
    )
    return f"{head}<score-partwise><part-list>{listed}</part-list>{music}</score-partwise>".encode()
