"""The order of play, against conventions and against tables played out by others."""

import csv

import pytest

from scores.play import play_order, played
from scores.reading import read, read_file
from scores.tests import make

START = '<barline location="left"><repeat direction="forward"/></barline>'
END = '<barline location="right"><repeat direction="backward"/></barline>'
NOTE = make.note("C4", 16)


def order(*bars: str) -> list[int]:
    inside = [make.attributes() + bars[0], *bars[1:]]
    return [index + 1 for index in play_order(read(make.score(inside)).score.bars)]


def ending(text: str, *, ends: bool = True) -> str:
    repeat = '<repeat direction="backward"/>' if ends else ""
    return (
        f'<barline location="left"><ending number="{text}" type="start"/></barline>{NOTE}'
        f'<barline location="right"><ending number="{text}" type="stop"/>{repeat}</barline>'
    )


def sound(mark: str) -> str:
    return NOTE + f"<sound {mark}/>"


def test_a_repeat_goes_to_its_start_or_to_the_beginning():
    assert order(NOTE, NOTE + END, NOTE) == [1, 2, 1, 2, 3]
    assert order(NOTE, START + NOTE + END, NOTE) == [1, 2, 2, 3]


def test_endings_are_taken_by_turn():
    assert order(NOTE, ending("1"), ending("2", ends=False), NOTE) == [1, 2, 1, 3, 4]
    assert order(NOTE, ending("1,2"), ending("3", ends=False)) == [1, 2, 1, 2, 1, 3]
    assert order(NOTE, ending("1"), NOTE) == [1, 2, 1, 3]


def test_da_capo_al_fine_takes_no_repeats():
    assert order(START + NOTE + END, sound('fine="yes"'), NOTE, sound('dacapo="yes"')) == [1, 1, 2, 3, 4, 1, 2]


def test_dal_segno_al_coda():
    bars = [NOTE, sound('segno="s"'), sound('tocoda="c"'), sound('dalsegno="s"'), sound('coda="c"'), NOTE]
    assert order(*bars) == [1, 2, 3, 4, 2, 3, 5, 6]


def test_a_da_capo_goes_to_the_start_of_its_own_movement():
    first = [make.attributes() + NOTE, NOTE, NOTE]
    second = [NOTE, sound('fine="yes"'), sound('dacapo="yes"')]
    data = make.score([*first, *second, NOTE]).decode()
    for number in (4, 5, 6, 7):
        data = data.replace(f'<measure number="{number}">', f'<measure number="{number - 3}">', 1)
    assert [index + 1 for index in play_order(read(data.encode()).score.bars)] == [1, 2, 3, 4, 5, 6, 4, 5, 7]


def test_a_jump_to_a_sign_that_is_not_there_is_said_and_not_followed():
    found = read(make.score([make.attributes() + NOTE, sound('dalsegno="s"'), NOTE]))
    assert [finding.code for finding in found.findings if finding.severity == "warning"] == ["jump-nowhere"]
    assert play_order(found.score.bars) == [0, 1, 2]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("45c-RepeatMultipleTimes", [1, *[2, 3] * 5, *[4, 5, 6, 7] * 3, 8]),
        ("45d-Repeats-Nested-Alternatives", [1, 2, 1, 3, 4, 5, 1, 6, 7, 8, 9, 1, 10, 1, 11, 12]),
        ("45e-Repeats-Nested-Alternatives", [1, 2, 1, 3, 4, 5, 5, 6, 7, 6, 8, 9, 8, 9, 10]),
    ],
)
def test_nested_endings_of_the_suite(shared_data, name, expected):
    found = read_file(shared_data / "music" / "musicxml-testsuite" / "xmlFiles" / f"{name}.xml")
    assert [index + 1 for index in play_order(found.score.bars)] == expected


@pytest.mark.parametrize("name", ["Beethoven_Op.21_3", "Beethoven_Op.36_3", "Beethoven_Op.93_3", "Bach_BWV.1048_3"])
def test_movements_are_played_as_the_tables_of_others_say(shared_data, name):
    folder = shared_data / "music" / "openscore-orchestra"
    score = read_file(folder / f"{name}.mxl").score
    turns = list(played(score))
    with (folder / f"{name}.played.csv").open() as file:
        rows = [(float(row["qstamp"]), row["measure"]) for row in csv.DictReader(file)]
    at = 0
    for moment, number in rows:
        while at + 1 < len(turns) and float(turns[at + 1].on) <= moment + 1e-6:
            at += 1
        assert score.bars[turns[at].index].number.lstrip("X") == number or number.startswith("X"), moment
    last = turns[-1]
    assert float(last.on) <= rows[-1][0] < float(last.on + score.bars[last.index].length)
