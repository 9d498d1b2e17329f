"""Parts for a group: exact, playable, covered, locked, and the same each time."""

import itertools
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from scores import fit, reduce
from scores.analysis import Analysis
from scores.arrange import Arranger, Lock, Played, Wish, arrange, share_roles
from scores.group import wish_of
from scores.instruments import Player, instruments, page_key, spelled
from scores.model import Refused, name_of
from scores.reading import read, read_file
from scores.tests import make
from scores.write_xml import write

TUNE = "C5:4 D5:4 E5:4 C5:4 | E5:4 F5:4 G5:8 | G5:2 A5:2 G5:2 F5:2 E5:4 C5:4 | C5:4 G4:4 C5:8"
BASS = "C3:8 G3:8 | C3:8 E3:8 | C3:16 | G3:8 C3:8"
CHORDS = "E4:8 D4:8 | G4:8 C4:8 | E4:16 | B3:8 E4:8"


def song():
    return read(
        make.score(make.line(TUNE), make.line(CHORDS), make.line(BASS), names=["Flute", "Viola", "Cello"])
    ).score


def player(kind: str, level: int = 1, **more: object) -> Player:
    return Player(f"{kind}-{level}", kind, instruments()[kind], level, is_sure=level >= 2, **more)  # type: ignore[arg-type]


GROUP = tuple(
    replace(player(kind, level), id=f"p{number}")
    for number, (kind, level) in enumerate(
        [("violin", 1), ("violin", 1), ("trumpet", 1), ("clarinet", 2), ("violin", 3), ("cello", 2), ("trombone", 1)]
    )
)


@pytest.mark.parametrize("seed", range(5))
def test_the_best_path_is_the_best_of_all_paths(seed):
    chance = np.random.default_rng(seed)
    unary = chance.random((2, 5, 4))
    pair = [chance.random((4, 4)) for _ in range(4)]
    sort = chance.integers(0, 4, 4).astype(np.int8)
    paths = fit.best_paths(unary, pair, sort)
    assert fit.best_paths(unary[:1], pair, sort) == paths[:1]
    for key in range(2):
        every = {ways: fit.cost_of(unary[key], pair, sort, ways) for ways in itertools.product(range(4), repeat=5)}
        assert every[tuple(paths[key])] == pytest.approx(min(every.values()))


def test_the_cost_of_the_whole_never_rises():
    costs = arrange(song(), Wish(GROUP)).costs
    assert all(after <= before + 1e-6 for before, after in itertools.pairwise(costs))


def test_every_note_is_one_the_child_knows_and_the_tune_is_there():
    made = arrange(song(), Wish(GROUP, shift=0))
    for part in made.parts:
        assert {note.midi for note in part.notes} <= set(part.player.playable)
    leader = next(part for part in made.parts if part.player.level == 3)
    assert [(note.on, note.length, (note.midi or 0) % 12) for note in leader.notes] == [
        (note.on, note.length, (note.midi or 0) % 12) for note in song().parts[0].notes
    ]


def test_the_same_input_gives_the_same_bytes():
    one, two = (arrange(song(), Wish(GROUP)) for _ in range(2))
    assert write(one, one.parts) == write(two, two.parts)


def test_twelve_keys_are_tried_and_the_best_is_taken():
    made = arrange(song(), Wish((player("violin"), player("trumpet"))))
    assert len(made.keys) == 12
    assert made.shift == made.keys[0].shift


@pytest.mark.parametrize("shift", range(-5, 7))
def test_written_files_sound_as_meant_in_every_key(shift):
    players = tuple(
        replace(player(kind, level), id=f"{kind}-{level}")
        for kind in ("trumpet", "horn", "alto-saxophone", "double-bass", "recorder", "euphonium", "viola")
        for level in (1, 2, 3)
    )
    made = arrange(song(), Wish(players, shift=shift))
    for part in made.parts:
        found = read(write(made, [part])).score
        assert [(n.on, n.length, n.midi) for n in found.parts[0].notes] == [
            (n.on, n.length, n.midi) for n in part.notes
        ]
        assert [bar.length for bar in found.bars] == [bar.length for bar in made.score.bars]
        assert abs(page_key(part.player.instrument, made.fifths(0))) <= 6


def test_no_spelling_has_a_double_accidental():
    for fifths in range(-6, 7):
        assert {abs(name_of(spelled(midi, fifths))[1]) for midi in range(12)} <= {0, 1}


def test_a_locked_note_and_a_locked_bar_are_kept_and_little_else_changes():
    before = arrange(song(), Wish(GROUP, shift=0))
    bar = song().bars[1]
    locks = (
        Lock("p3", 1, notes=(Played(bar.on, Fraction(4), 60),)),
        Lock("p0", 2, at=song().bars[2].on, midi=62),
    )
    previous = {part.player.id: part.notes for part in before.parts}
    after = arrange(song(), Wish(GROUP, shift=0, locks=locks, previous=previous))
    clarinet = next(part for part in after.parts if part.player.id == "p3")
    assert [note for note in clarinet.notes if bar.on <= note.on < bar.end] == [Played(bar.on, Fraction(4), 60)]
    violin = next(part for part in after.parts if part.player.id == "p0")
    assert next(note.midi for note in violin.notes if note.on == song().bars[2].on) == 62
    same = sum(
        set(part.notes) == set(previous[part.player.id]) for part in after.parts if part.player.id not in ("p0", "p3")
    )
    assert same >= 4


def test_a_locked_role_is_played():
    made = arrange(song(), Wish(GROUP, shift=0, locks=(Lock("p2", 0, role="tune"),)))
    assert next(part for part in made.parts if part.player.id == "p2").roles[:2] == ("tune", "foundation")


def test_who_is_absent_has_no_part_and_another_takes_the_tune():
    absent = tuple(replace(one, is_absent=one.level == 3) for one in GROUP)
    made = arrange(song(), Wish(absent, shift=0))
    assert len(made.parts) == len(GROUP) - 1
    assert any(part.roles[0] == "tune" for part in made.parts if part.player.is_sure)


def test_a_group_without_low_instruments_still_has_a_bass():
    players = [replace(player("violin", 2), id=f"p{number}") for number in range(4)]
    assert set(share_roles(players).values()) >= {"tune", "bass"}


@pytest.mark.parametrize("count", [1, 2, 45])
def test_groups_of_any_size_get_parts(count):
    kinds = ["violin", "trumpet", "tuba", "snare-drum", "flute"]
    players = tuple(replace(player(kinds[n % 5], n % 3 + 1), id=f"p{n}") for n in range(count))
    made = arrange(song(), Wish(players))
    assert [part.player.id for part in made.parts] == [one.id for one in players]
    assert all(part.notes for part in made.parts)


def test_a_child_with_one_note_that_never_fits_rests_rather_than_play_wrong():
    made = arrange(song(), Wish((player("violin", 1, notes=(61,)),), shift=0))
    assert made.parts[0].notes == ()


def test_nobody_there_and_nothing_to_play_are_refused():
    with pytest.raises(Refused):
        arrange(song(), Wish((player("violin", is_absent=True),)))
    with pytest.raises(Refused):
        Arranger(read(make.score(make.line("R:16"))).score)


def test_harmony_is_recognised():
    names = [(chord.root, chord.quality) for chord in Analysis(song()).chords]
    assert names[0] == (0, "maj")
    assert names[13][0] == 7


@pytest.mark.parametrize("time", ["4/4", "3/4", "6/8", "2/2", "5/8", "3/8", "7/8"])
def test_levels_have_single_signs_on_their_grid(time):
    over, under = map(int, time.split("/"))
    length = over * 16 // under
    score = read(make.score(make.line(f"C5:{length} | D5:{length}", time=time))).score
    for level in (1, 2):
        made = arrange(score, Wish((player("flute", level),), shift=0))
        source = write(made, made.parts)
        assert b"<tie" not in source
        assert b"time-modification" not in source
        for note in made.parts[0].notes:
            assert note.length in reduce.SINGLE


def group(*players: dict, **more: object) -> dict:
    return {"players": list(players), **more}


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({}, "no players"),
        (group({"instrument": "kazoo"}), "kazoo"),
        (group({"instrument": "violin", "level": 9}), "level"),
        (group({"instrument": "violin", "notes": ["H4"]}), "H4"),
        (group({"id": "a", "instrument": "violin"}, {"id": "a", "instrument": "flute"}), "Two players"),
        (group({"instrument": "violin"}, key=40), "key"),
        (group({"instrument": "violin"}, tune=[{"line": "P9"}]), "line"),
        (group({"id": "a", "instrument": "violin"}, locks=[{"player": "a", "bar": 99, "role": "tune"}]), "no bar"),
    ],
)
def test_a_group_that_is_wrong_is_refused_with_a_sentence(data, says):
    with pytest.raises(Refused) as refusal:
        wish_of(data, song())
    assert says in refusal.value.sentence


@pytest.mark.parametrize("name", ["trumpet", "Trumpet", "Trumpet in B flat", "trumpet in b flat"])
def test_an_instrument_is_known_by_its_code_or_its_name(name):
    (one,) = wish_of(group({"instrument": name, "level": "2"}), song()).players
    assert (one.instrument.kind, one.level) == ("trumpet", 2)


def test_a_bassoon_that_reads_a_fourth_higher_sounds_right():
    wish = wish_of(group({"instrument": "quint-bassoon", "model": "quart", "level": 1}), song())
    made = arrange(song(), replace(wish, shift=0))
    source = write(made, made.parts)
    assert b"<chromatic>5</chromatic>" in source
    assert [n.midi for n in read(source).score.parts[0].notes] == [n.midi for n in made.parts[0].notes]


def test_hints_are_those_of_the_method_books():
    known = instruments()
    assert [known["trumpet"].hint(midi) for midi in (58, 60, 62, 63, 65)] == ["0", "13", "12", "1", "0"]
    assert [known["trombone"].hint(midi) for midi in (46, 48, 50, 51, 53)] == ["1", "6", "4", "3", "1"]
    assert [known["violin"].hint(midi) for midi in (55, 57, 62, 66, 67)] == ["0", "1", "0", "2", "3"]


def test_a_song_with_words_has_its_tune_in_the_voice(shared_data):
    score = read_file(shared_data / "music" / "openscore-lieder" / "brahms_wiegenlied_op49no4.mxl").score
    found = Arranger(score).tune
    sung = {note.bar for note in score.parts[0].notes}
    assert all(found.lines[bar] == "P1" and found.sureness[bar] == 1 for bar in sung)


def test_who_rests_because_nothing_fits_is_said_with_the_bars():
    from scores.report import remarks

    arranger = Arranger(song())
    made = arrange(song(), Wish((player("violin", 1, notes=(61,)),), shift=0), arranger)
    assert remarks(made, arranger)[0] == (
        "violin (Violin) rests in bars 1–4: none of the notes known fits the harmony there."
    )


def test_who_takes_the_bass_in_a_group_of_high_instruments_is_said():
    from scores.report import remarks

    players = tuple(replace(player("flute", 2), id=f"p{number}") for number in range(4))
    arranger = Arranger(song())
    said = remarks(arrange(song(), Wish(players), arranger), arranger)
    assert any("takes the bass line" in sentence for sentence in said)


def test_a_group_of_drums_alone_gets_parts():
    made = arrange(song(), Wish((player("snare-drum"), player("triangle", 2))))
    assert all(part.notes for part in made.parts)
    assert read(write(made, made.parts)).score.parts[0].is_percussion


def test_a_group_of_level_3_alone_shares_the_harmony_too():
    players = tuple(replace(player(kind, 3), id=kind) for kind in ("violin", "clarinet", "cello", "horn"))
    arranger = Arranger(song())
    made = arrange(song(), Wish(players), arranger)
    assert min(key.uncovered for key in made.keys) < 0.2
