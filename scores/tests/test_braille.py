"""Braille music against the code's own examples and against another program."""

import pytest

from scores import braille
from scores.arrange import Wish, arrange
from scores.model import Refused
from scores.reading import read
from scores.tests import make
from scores.tests.test_fitting import player
from scores.write_xml import write


def part(text: str, **given: object) -> bytes:
    made = arrange(read(make.score(make.line(text, **given))).score, Wish((player("flute", 3),), shift=0))
    return write(made, made.parts)


def test_a_scale_has_one_octave_mark_and_bars_apart():
    # C4 would be below the flute's set in some keys; C5 is the fifth octave
    assert braille.of(part("C5:4 D5:4 E5:4 F5:4 | G5:16")).split("\n")[:2] == ["⠼⠙⠲", "⠼⠁⠀⠨⠹⠱⠫⠻⠀⠷⠣⠅"]


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("C5:8 E5:8", "⠨⠝⠏"),  # a third: no mark
        ("C5:8 G5:8", "⠨⠝⠗"),  # a fifth in the octave: no mark
        ("G5:8 C6:8", "⠨⠗⠰⠝"),  # a fourth into the next: marked
        ("C5:8 A5:8", "⠨⠝⠨⠎"),  # a sixth: always
        ("C5:12 R:4", "⠨⠝⠄⠧"),
        ("C5:2 D5:2 E5:4 C5:8", "⠨⠙⠑⠫⠝"),
    ],
)
def test_octave_marks_go_by_the_interval(text, cells):
    assert braille.of(part(text)).split("\n")[1] == f"⠼⠁⠀{cells}⠣⠅"


@pytest.mark.parametrize(("fifths", "time", "head"), [(-2, "3/4", "⠣⠣⠼⠉⠲"), (4, "4/4", "⠼⠙⠩⠼⠙⠲"), (0, "6/8", "⠼⠋⠦")])
def test_key_and_time_stand_at_the_head(fifths, time, head):
    assert braille.of(part("C5:4", fifths=fifths, time=time)).split("\n")[0] == head


def test_the_notes_of_a_bar_are_those_of_another_program():
    from music21 import braille as other
    from music21 import converter

    texts = ["C5:4 E5:4 G5:4 C6:4", "F#5:8 B4:8", "D5:6 E5:2 F5:8", "A5:2 G5:2 F5:4 E5:4 D5:4", "Bb4:16"]
    for text in texts:
        source = part(text)
        measure = converter.parse(source.decode(), format="musicxml").parts[0].getElementsByClass("Measure")[0]
        for wrong in [*measure.getElementsByClass("Barline"), *measure.getElementsByClass("MetronomeMark")]:
            measure.remove(wrong)
        measure.rightBarline = None
        theirs = other.translate.measureToBraille(measure, showHand=None, maxLineLength=99).split("\n")[-1]
        ours = braille.of(source).split("\n")[1].removeprefix("⠼⠁⠀").removesuffix("⠣⠅")
        assert ours in theirs.replace("⠀", "") or ours in theirs, (text, ours, theirs)


def test_a_line_holds_whole_bars_and_starts_with_its_number_and_an_octave_mark():
    lines = braille.of(part(" | ".join(["C5:2 D5:2 E5:2 F5:2 G5:2 A5:2 B5:2 C6:2"] * 8)), "Song 2").split("\n")
    assert lines[0] == "⠠⠎⠕⠝⠛⠀⠼⠃"
    assert all(len(line) <= braille.WIDTH for line in lines)
    assert [line.split("⠀")[0] for line in lines[2:4]] == ["⠼⠁", "⠼⠙"]
    assert lines[3].split("⠀")[1][0] == "⠨"


def test_an_embosser_gets_ascii():
    assert braille.brf("⠼⠙⠲\n⠨⠹\n") == b"#D4\r\n.?\r\n"


def test_several_parts_are_refused():
    with pytest.raises(Refused):
        braille.of(make.score(make.line("C5:16"), make.line("C5:16")))
