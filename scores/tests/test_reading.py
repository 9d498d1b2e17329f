"""What the reader makes of good, odd and hostile files."""

import io
import zipfile
from fractions import Fraction

import pytest

from scores.model import Refused
from scores.play import played
from scores.reading import read
from scores.tests import make


def notes(data: bytes) -> list[tuple[Fraction, int | None, Fraction]]:
    return [(note.on, note.midi, note.length) for _, note in read(data).score.notes()]


def codes(data: bytes) -> list[str]:
    return [finding.code for finding in read(data).findings if finding.code != "no-title"]


def packed(files: dict[str, bytes]) -> bytes:
    box = io.BytesIO()
    with zipfile.ZipFile(box, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in files.items():
            made.writestr(name, data)
    return box.getvalue()


CONTAINER = b'<container><rootfiles><rootfile full-path="score.xml"/></rootfiles></container>'
PLAIN = make.score(make.line("C4:4 D4:4 E4:8 | G4:16"))


def test_notes_come_out_at_their_time_and_pitch():
    assert notes(PLAIN) == [(0, 60, 1), (1, 62, 1), (2, 64, 2), (4, 67, 4)]
    assert codes(PLAIN) == []


def test_a_timewise_score_is_the_same_score():
    timewise = (
        make.HEAD
        + "<score-timewise><part-list><score-part id='A'><part-name>A</part-name></score-part></part-list>"
        + "".join(
            f"<measure number='{number}'><part id='A'>{bar}</part></measure>"
            for number, bar in enumerate(make.line("C4:4 D4:4 E4:8 | G4:16"), 1)
        )
        + "</score-timewise>"
    )
    assert notes(timewise.encode()) == notes(PLAIN)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-8-sig"])
def test_other_encodings_are_read(encoding):
    text = PLAIN.decode().replace("UTF-8", "UTF-16" if "16" in encoding else "UTF-8")
    bom = b"\xff\xfe" if encoding == "utf-16-le" else b""
    assert notes(bom + text.encode(encoding)) == notes(PLAIN)


def test_a_file_that_says_utf_16_but_is_utf_8_is_read_with_a_finding():
    data = PLAIN.replace(b"UTF-8", b"UTF-16")
    assert notes(data) == notes(PLAIN)


def test_missing_divisions_are_worked_out_and_said():
    bars = [bar.replace("<divisions>4</divisions>", "") for bar in make.line("C4:4 D4:12")]
    bars[0] = bars[0].replace("<duration>4</duration>", "<duration>4</duration><type>quarter</type>")
    assert notes(make.score(bars)) == [(0, 60, 1), (1, 62, 3)]
    assert codes(make.score(bars)) == ["no-divisions"]


def test_ties_join_notes_that_touch_across_voices():
    start, stop = "<tie type='start'/>", "<tie type='stop'/>"
    bars = [make.attributes() + make.note("C4", 16, more=start), make.note("C4", 8, more=stop) + make.note("D4", 8)]
    assert notes(make.score(bars)) == [(0, 60, 6), (6, 62, 2)]


def test_a_tie_that_never_ends_keeps_the_length_and_is_said_with_its_bar():
    bars = [make.attributes() + make.note("C4", 16, more="<tie type='start'/>"), make.note("D4", 16)]
    (found,) = [finding for finding in read(make.score(bars)).findings if finding.code == "tie-unended"]
    assert (found.part, found.bar, found.severity) == ("Part 1", "1", "warning")
    assert notes(make.score(bars)) == [(0, 60, 4), (4, 62, 4)]


def test_transposing_instruments_sound_and_may_change_inside_a_part():
    flat = "<transpose><diatonic>-1</diatonic><chromatic>-2</chromatic></transpose>"
    low = "<attributes><transpose><diatonic>-5</diatonic><chromatic>-9</chromatic></transpose></attributes>"
    bars = [make.attributes(more=flat) + make.note("D4", 16), low + make.note("A4", 16)]
    assert [midi for _, midi, _ in notes(make.score(bars))] == [60, 60]
    first, second = (note for _, note in read(make.score(bars)).score.notes())
    assert first.lof == second.lof == 0  # both are spelled C


def test_backup_before_the_bar_starts_at_the_bar():
    bars = [make.attributes() + make.note("C4", 16) + "<backup><duration>99</duration></backup>" + make.note("E4", 16)]
    assert notes(make.score(bars)) == [(0, 60, 4), (0, 64, 4)]
    assert codes(make.score(bars)) == ["backup-too-far"]


def test_a_note_without_a_usable_pitch_is_left_out_and_said():
    broken = "<note><pitch><step>H</step><octave>4</octave></pitch><duration>4</duration></note>"
    assert codes(make.score([make.attributes() + broken + make.note("C4", 12)])) == ["bad-pitch"]


def test_entities_are_refused():
    bomb = b'<!DOCTYPE s [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><score-partwise>&b;</score-partwise>'
    outside = b'<!DOCTYPE s [<!ENTITY x SYSTEM "file:///etc/passwd">]><score-partwise>&x;</score-partwise>'
    for data in (bomb, outside):
        with pytest.raises(Refused) as refusal:
            read(data)
        assert refusal.value.code == "entities"


def test_a_zip_bomb_is_refused_before_it_is_unpacked():
    with pytest.raises(Refused) as refusal:
        read(packed({"META-INF/container.xml": CONTAINER, "score.xml": b" " * 30_000_000}))
    assert refusal.value.code == "zip-ratio"


def test_a_container_that_names_nothing_is_mended_and_said():
    data = packed({"META-INF/container.xml": CONTAINER, "other.musicxml": PLAIN})
    assert notes(data) == notes(PLAIN)
    assert codes(data) == ["container"]
    assert notes(packed({"META-INF/container.xml": b"<oops", "score.xml": PLAIN})) == notes(PLAIN)


def test_a_name_outside_the_box_is_not_followed():
    container = CONTAINER.replace(b"score.xml", b"../../etc/passwd")
    with pytest.raises(Refused):
        read(packed({"META-INF/container.xml": container}))


@pytest.mark.parametrize(
    "data", [b"", b"\x00", b"MThd\0\0", b"%PDF-1.7", b"PK\x03\x04xx", b"<a", b"<html/>", b"<score-partwise/>", b"hello"]
)
def test_what_is_no_score_is_refused_in_one_sentence(data):
    with pytest.raises(Refused) as refusal:
        read(data)
    assert refusal.value.sentence.endswith(".")
    assert "\n" not in refusal.value.sentence


def test_ids_of_the_file_are_kept_and_missing_ones_are_made_and_written():
    data = PLAIN.replace(b"<note>", b'<note id="mine">', 1)
    found = read(data)
    names = [note.id for _, note in found.score.notes()]
    assert names[0] == "mine"
    assert len(set(names)) == 4
    assert all(f'id="{name}"'.encode() in found.source for name in names)


def test_a_score_in_a_namespace_is_read():
    assert notes(PLAIN.replace(b"<score-partwise>", b'<score-partwise xmlns="urn:x">')) == notes(PLAIN)


@pytest.mark.parametrize(
    ("time", "pulse"), [("4/4", 1), ("6/8", Fraction(3, 2)), ("2/2", 2), ("3/8", Fraction(3, 2)), ("3/4", 1)]
)
def test_the_pulse_is_what_a_conductor_beats(time, pulse):
    assert read(make.score(make.line("C4:4", time=time))).score.bars[0].pulse == pulse


MEI = """<mei xmlns="http://www.music-encoding.org/ns/mei"><music><body><mdiv><score><scoreDef meter.count="3"
meter.unit="4" keysig="1s"><staffGrp><staffDef n="1" lines="5" clef.shape="G" clef.line="2" trans.semi="-2"
trans.diat="-1"/></staffGrp></scoreDef><section><measure n="1" right="rptend"><staff n="1"><layer n="1">
<note xml:id="a1" pname="f" oct="4" accid.ges="s" dur="4" tie="i"/><note xml:id="a2" pname="f" oct="4" accid.ges="s"
dur="8" tie="t"/><tuplet num="3" numbase="2"><note pname="g" oct="4" dur="8"/><note pname="a" oct="4" dur="8"/>
<note pname="b" oct="4" dur="8"/></tuplet><rest dur="8"/></layer></staff></measure></section></score></mdiv></body>
</music></mei>"""


def test_mei_is_read_with_its_ids_ties_tuplets_and_transposition():
    found = read(MEI.encode())
    assert [(str(n.on), str(n.length), n.midi) for _, n in found.score.notes()] == [
        ("0", "3/2", 64), ("3/2", "1/3", 65), ("11/6", "1/3", 67), ("13/6", "1/3", 69)
    ]  # fmt: skip
    first = found.score.parts[0].notes[0]
    assert (first.id, first.tied) == ("a1", (("a2", 1),))
    assert found.score.bars[0].repeat_ends == 2
    assert found.sort == "mei"
    assert b'"a1"' in found.source


@pytest.mark.parametrize("body", ["|:G2BG F4|1 G8:|2 A8|]", "|:G2BG F4|[1 G8:|[2 A8||", "G2BG F4 |1 G8 :|\n|2 A8 |"])
def test_abc_is_read_with_its_endings(body):
    found = read(f"X:1\nT:Reel\nM:4/4\nL:1/8\nK:G\n{body}\n".encode())
    assert [n.midi for _, n in found.score.notes()] == [67, 71, 67, 66, 67, 69]
    assert [turn.index for turn in played(found.score)] == [0, 1, 0, 2]
    assert found.score.title == "Reel"
    assert found.source.count(b"<ending") == 2


def test_endings_of_several_voices_in_abc_are_said():
    found = read(b"X:1\nM:4/4\nL:1/4\nK:C\nV:1\n|:CDEF|1 C4:|2 D4|]\nV:2\n|:CDEF|1 C4:|2 D4|]\n")
    assert "abc-endings" in [finding.code for finding in found.findings]


@pytest.mark.parametrize("data", [b"X:1\nK:C\n", b"<mei/>", b'<mei xmlns="http://www.music-encoding.org/ns/mei"/>'])
def test_mei_and_abc_without_music_are_refused(data):
    with pytest.raises(Refused):
        read(data)


def test_broken_files_are_read_or_refused(monkeypatch):
    from scores import soak

    assert soak.main(["--inputs", "400", "--seed", "7"]) == 0
