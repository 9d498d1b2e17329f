"""The whole way: a file and a group in, files out, and a checker that sees what is wrong with them."""

import json
import shutil

import pytest

from scores import __main__ as program
from scores.tests import make
from scores.tests.test_fitting import BASS, CHORDS, TUNE

GROUP = {
    "players": [
        {"id": "amina", "name": "Amina", "instrument": "violin", "level": 1},
        {
            "id": "bo",
            "name": "Bo",
            "instrument": "trumpet",
            "level": 1,
            "braille": True,
            "notes": ["C4", "D4", "E4", "F4", "G4"],
        },
        {"id": "cas", "name": "Cas", "instrument": "clarinet", "level": 3, "copies": 2},
        {"id": "dina", "name": "Dina", "instrument": "cello", "level": 2, "large_print": True},
        {"id": "eli", "name": "Eli", "instrument": "snare-drum", "level": 1},
    ]
}


@pytest.fixture(scope="module")
def fitted(tmp_path_factory):
    folder = tmp_path_factory.mktemp("fitted")
    data = make.score(make.line(TUNE), make.line(CHORDS), make.line(BASS), names=["Flute", "Viola", "Cello"])
    (folder / "song.musicxml").write_bytes(data)
    (folder / "group.json").write_text(json.dumps(GROUP))
    code = program.main(["fit", *(str(folder / name) for name in ("song.musicxml", "group.json", "out"))])
    return folder, code


def test_fit_writes_parts_score_certificate_and_print_set(fitted):
    folder, code = fitted
    assert code == 0
    names = {str(path.relative_to(folder / "out")) for path in (folder / "out").rglob("*") if path.is_file()}
    assert names >= {f"parts/{one['id']}.{end}" for one in GROUP["players"] for end in ("musicxml", "pdf")}
    assert names >= {
        "score.musicxml",
        "score.pdf",
        "certificate.json",
        "fitting.json",
        "print.pdf",
        "next/bo.pdf",
        "parts/bo.brl",
        "parts/bo.brf",
    }
    assert json.loads((folder / "out" / "certificate.json").read_text())["holds"] is True


def test_the_print_set_has_the_right_number_of_each(fitted):
    from pypdf import PdfReader

    folder, _ = fitted
    pages = {one["id"]: len(PdfReader(folder / "out" / "parts" / f"{one['id']}.pdf").pages) for one in GROUP["players"]}
    wanted = sum(pages[one["id"]] * one.get("copies", 1) for one in GROUP["players"])
    assert len(PdfReader(folder / "out" / "print.pdf").pages) == wanted


def test_the_certificate_stands_on_the_conductors_score(fitted):
    from pypdf import PdfReader

    text = PdfReader(fitted[0] / "out" / "score.pdf").pages[-1].extract_text()
    assert "Every note is one that the child knows: holds" in text


@pytest.mark.parametrize(
    ("name", "old", "new", "claim"),
    [
        ("bo", "<octave>4</octave>", "<octave>3</octave>", "set"),
        ("amina", "</duration>", "0</duration>", "length"),
        ("dina", "</measure></part>", "</measure><measure number='9'/></part>", "bars"),
        ("bo", "<chromatic>-2</chromatic>", "<chromatic>-3</chromatic>", "sound"),
    ],
)
def test_the_checker_sees_what_was_changed_in_a_file(fitted, tmp_path, capsys, name, old, new, claim):
    folder, _ = fitted
    shutil.copytree(folder / "out", tmp_path / "out")
    path = tmp_path / "out" / "parts" / f"{name}.musicxml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    assert program.main(["check", str(folder / "song.musicxml"), str(tmp_path / "out")]) == 2
    broken = [row["key"] for row in json.loads(capsys.readouterr().out)["claims"] if row["broken"]]
    assert claim in broken


def test_read_prints_findings_and_notes(fitted, capsys):
    assert program.main(["read", str(fitted[0] / "song.musicxml")]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["score"]["parts"][0]["notes"][0]["midi"] == 72
    assert found["score"]["played"] == [[0, "0"], [1, "4"], [2, "8"], [3, "12"]]


@pytest.mark.parametrize(
    "arguments", [["read", "absent.xml"], ["fit", "absent.xml", "g.json", "out"], ["check", "a", "b"]]
)
def test_what_cannot_be_done_is_said_in_one_sentence_with_code_2(arguments, capsys):
    assert program.main(arguments) == 2
    said = capsys.readouterr().err
    assert said.endswith(".\n")
    assert said.count("\n") == 1


def test_what_was_not_foreseen_ends_in_a_sentence_too(fitted, monkeypatch, capsys):
    from scores import reading

    monkeypatch.setattr(reading, "read_file", lambda path: 1 / 0)
    assert program.main(["read", "x"]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    with pytest.raises(ZeroDivisionError):
        program.main(["--trace", "read", "x"])
