"""Times and ids for a cursor: what is marked is on the page."""

import re
from fractions import Fraction

from scores.engrave import PHONE, Engraver
from scores.reading import read
from scores.tests import make
from scores.timeline import events, tempos

REPEAT = '<barline location="right"><repeat direction="backward"/></barline>'


def test_a_repeat_sounds_twice_with_the_same_ids():
    found = read(make.score(["".join(make.line("C4:8 D4:8")) + REPEAT, make.note("E4", 16)])).score
    rows = [(str(event.on), event.midi, event.ids[0][0]) for event in events(found)]
    assert [(on, midi) for on, midi, _ in rows] == [("0", 60), ("2", 62), ("4", 60), ("6", 62), ("8", 64)]
    assert rows[0][2] == rows[2][2]


def test_a_tie_over_a_repeat_ends_with_its_bar_the_first_time():
    start, stop = "<tie type='start'/>", "<tie type='stop'/>"
    bars = [make.attributes() + make.note("C4", 16, more=start) + REPEAT, make.note("C4", 16, more=stop)]
    made = list(events(read(make.score(bars)).score))
    assert [(event.on, event.length, len(event.ids)) for event in made] == [(0, 4, 1), (4, 8, 2)]


def test_tempo_changes_follow_the_playing():
    slow, fast = '<sound tempo="60"/>', '<sound tempo="120"/>'
    bars = [make.attributes() + slow + make.note("C4", 16), fast + make.note("C4", 16) + REPEAT]
    assert tempos(read(make.score(bars)).score) == [
        (Fraction(0), 60.0), (Fraction(4), 120.0), (Fraction(8), 60.0), (Fraction(12), 120.0)
    ]  # fmt: skip


def test_every_id_is_on_the_engraved_page():
    found = read(make.score(make.line("C4:4 D4:4 E4:8 | G4:16"), make.line("C3:16 | E3:16")))
    with Engraver() as engraver:
        (page,) = engraver.svg(found.source, PHONE)
    on_page = set(re.findall(r'\bid="([^"]+)"', page))
    assert {name for event in events(found.score) for name, _ in event.ids} <= on_page
    assert {bar.id for bar in found.score.bars} <= on_page
    assert "@import" not in page
    assert "http" not in page.replace("http://www.w3.org", "")
