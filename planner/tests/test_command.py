"""`python -m planner`: a result, or one sentence."""

import json
from pathlib import Path

import pytest

from planner.__main__ import main
from planner.benchmarks import generate


def refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.count("\n") == 1
    return shown.err


def test_an_allotment_comes_as_json_with_what_others_would_do_beside_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = generate.allotment(50, seed=1)
    data["what_if"] = [{"more": [{"depot": "depot-0-0", "kind": "flute", "size": "curved", "count": 4}]}]
    file = tmp_path / "problem.json"
    file.write_text(json.dumps(data))
    assert main(["allot", str(file), "--seed", "3"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["is_proven"] is True
    assert sum(result["profile"]) == sum(result["beside"]["truthful lottery"]) == 50
    assert result["what_if"][0]["levels"].keys() == {level["name"] for level in result["levels"]}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "is not JSON: line 1"),
        ("[]", "not a JSON object"),
        ('{"children": NaN}', "NaN is not a number"),
        ('{"kinds": [1]}', "Not every entry is an object"),
        ("[" * 100_000, "is not a problem"),
        (b"\xff\xfe\x00", "not text in UTF-8"),
    ],
)
def test_a_bad_file_is_refused_in_one_sentence(
    text: str | bytes, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "problem.json"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    assert words in refused(["allot", str(file)], capsys)


def test_what_is_not_there_or_not_known_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "There is no file" in refused(["allot", str(tmp_path / "none.json")], capsys)
    assert "cannot be read" in refused(["allot", str(tmp_path)], capsys)
    assert "Usage" in refused(["dance", "x.json"], capsys)
    assert "more than 0" in refused(["allot", "x.json", "--seconds", "-1"], capsys)
