"""GROUP.json: who plays, on what, what they can, and what the teacher has settled. Its shape stands in README.md."""

import json
import re
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

from .arrange import ROLES, Lock, Played, Wish
from .instruments import LEVELS, Instrument, Player, instruments, midi_of
from .model import Refused, Score

MOST_PLAYERS = 200
ID = re.compile(r"[A-Za-z0-9][\w-]{0,39}\Z", re.ASCII)


def _refuse(sentence: str) -> Refused:
    return Refused("group", sentence)


def read_file(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise _refuse(f"The group “{path.name}” cannot be opened: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        raise _refuse(f"The group “{path.name}” is no JSON.") from error
    if isinstance(data, list):
        data = {"players": data}
    if not isinstance(data, dict):
        raise _refuse("A group is an object with “players”.")
    return data


def wish_of(data: Mapping[str, Any], score: Score) -> Wish:
    """Raises Refused with a sentence that names the player and what is wrong."""
    rows = data.get("players")
    if not isinstance(rows, list) or not rows:
        raise _refuse("The group has no players.")
    if len(rows) > MOST_PLAYERS:
        raise _refuse(f"The group has {len(rows)} players; at most {MOST_PLAYERS} fit.")
    players = tuple(_player(row, number) for number, row in enumerate(rows, 1))
    names = [player.id for player in players]
    for name in names:
        if names.count(name) > 1:
            raise _refuse(f"Two players have the id “{name}”.")
    return Wish(
        players,
        _shift(data.get("key", "best")),
        _tune(data.get("tune", []), score),
        tuple(
            lock for number, row in enumerate(_list(data, "locks"), 1) for lock in _locks(row, number, players, score)
        ),
        _previous(data.get("previous", {}), players),
    )


def _list(data: Mapping[str, Any], key: str) -> list[Any]:
    rows = data.get(key, [])
    if not isinstance(rows, list) or len(rows) > 20_000:
        raise _refuse(f"“{key}” of the group is no list.")
    return rows


def _player(row: Any, number: int) -> Player:
    if not isinstance(row, dict):
        raise _refuse(f"Player {number} is no object.")
    name = str(row.get("name", "") or "")[:80]
    called = name or f"player {number}"
    key = str(row.get("id", f"p{number}"))
    if not ID.match(key):
        raise _refuse(f"The id of {called} is not of letters, figures and hyphens.")
    kind = _kind(str(row.get("instrument", "")))
    model = str(row.get("model", "") or "")
    known = instruments()
    found = known.get(f"{kind}/{model}" if model else kind)
    if found is None:
        what = f"“{kind}” of the model “{model}”" if model and kind in known else f"an instrument “{kind}”"
        raise _refuse(f"There is no {what[3:] if what.startswith('an ') else what} here ({called}).")
    instrument = _as_it_is(found, row, called)
    level = row.get("level", 1)
    level = int(level) if isinstance(level, str) and level in ("1", "2", "3") else level
    if level not in LEVELS or isinstance(level, bool):
        raise _refuse(f"The level of {called} is not 1, 2 or 3.")
    notes = _notes(row.get("notes", []), instrument, called)
    role = str(row.get("role", "") or "")
    if role and role not in ROLES:
        raise _refuse(f"The role of {called} is not one of {', '.join(ROLES[:4])}.")
    copies = row.get("copies", 1)
    return Player(
        key,
        name,
        instrument,
        level,
        notes,
        bool(row.get("sure", level >= 2)),
        bool(row.get("absent", False)),
        role,
        bool(row.get("large_print", False)),
        bool(row.get("braille", False)),
        copies if isinstance(copies, int) and 0 <= copies <= 50 else 1,
    )


def _kind(text: str) -> str:
    """The code of a kind, also where somebody wrote "Alto saxophone" or "Trumpet in B flat"."""
    plain = re.sub(r"[\s_]+", "-", text.strip().casefold())
    if plain in instruments():
        return plain
    named = {re.sub(r"\s+", "-", one.name.casefold()): key for key, one in instruments().items() if "/" not in key}
    return named.get(plain, text)


def _as_it_is(instrument: Instrument, row: Mapping[str, Any], called: str) -> Instrument:
    """With what this one child's instrument has of its own: the transposition and the clef."""
    from dataclasses import replace

    if "transposition" in row:
        semitones = row["transposition"]
        if not isinstance(semitones, int) or isinstance(semitones, bool) or abs(semitones) > 36:
            raise _refuse(f"The transposition of {called} is no number of semitones from -36 to 36.")
        octaves, rest = divmod(semitones, 12)
        steps = octaves * 7 + (0, 1, 1, 2, 2, 3, 3, 4, 5, 5, 6, 6)[rest]
        instrument = replace(instrument, semitones=semitones, steps=steps)
    if row.get("clef"):
        if row["clef"] not in ("G2", "F4", "C3", "C4"):
            raise _refuse(f"The clef of {called} is not G2, F4, C3 or C4.")
        instrument = replace(instrument, clef=str(row["clef"]))
    return instrument


def _notes(rows: Any, instrument: Instrument, called: str) -> tuple[int, ...]:
    """As the child reads them; kept as they sound."""
    if not isinstance(rows, list):
        raise _refuse(f"The notes of {called} are no list of names like “D4”.")
    made = set()
    for row in rows:
        midi = midi_of(row) if isinstance(row, str) else None
        if midi is None or not 0 <= midi + instrument.semitones <= 127:
            raise _refuse(f"“{str(row)[:20]}” is no note that {called} can play; write it like “F#4” or “Bb3”.")
        made.add(midi + instrument.semitones)
    return tuple(sorted(made)) if instrument.is_pitched else ()


def _shift(value: Any) -> int | None:
    if value in ("best", None):
        return None
    if value == "original":
        return 0
    if isinstance(value, int) and not isinstance(value, bool) and -12 <= value <= 12:
        return value
    raise _refuse("The key is not “best”, “original” or a number of semitones from -12 to 12.")


def bar_index(value: Any, score: Score) -> int | None:
    """The bar that a person means: the number on the page, or an index counted from 1 where the page has none such."""
    text = str(value)
    for bar in score.bars:
        if bar.number == text:
            return bar.index
    if text.isdigit() and 1 <= int(text) <= len(score.bars):
        return int(text) - 1
    return None


def _tune(rows: Any, score: Score) -> dict[int, str]:
    if isinstance(rows, str):
        rows = [{"line": rows}]
    if not isinstance(rows, list):
        raise _refuse("“tune” of the group is no list of lines and bars.")
    from .tune import lines_of

    keys = {line.key for line in lines_of(score)}
    made: dict[int, str] = {}
    for row in rows:
        if not isinstance(row, dict) or row.get("line") not in keys:
            raise _refuse(f"The tune names a line that is not in the score; there are {', '.join(sorted(keys)[:12])}.")
        first = bar_index(row["from"], score) if "from" in row else 0
        last = bar_index(row["to"], score) if "to" in row else len(score.bars) - 1
        if first is None or last is None:
            raise _refuse(f"The tune names a bar that is not in the score: {row.get('from')} to {row.get('to')}.")
        made.update(dict.fromkeys(range(first, last + 1), str(row["line"])))
    return made


def _time(value: Any) -> Fraction | None:
    try:
        made = Fraction(str(value)[:20])
    except (ValueError, ZeroDivisionError):
        return None
    return made if 0 <= made <= 1000 and made.denominator <= 96 else None


def _locks(row: Any, number: int, players: tuple[Player, ...], score: Score) -> list[Lock]:
    player = next((one for one in players if isinstance(row, dict) and one.id == row.get("player")), None)
    if player is None:
        raise _refuse(f"Lock {number} names no player of the group.")
    first = bar_index(row.get("bar", row.get("from", "")), score)
    last = bar_index(row.get("to", row.get("bar", "")), score)
    if first is None or last is None or last < first:
        raise _refuse(f"Lock {number} names no bar of the score.")
    bars = range(first, last + 1)
    if "role" in row:
        if row["role"] not in ROLES[:4]:
            raise _refuse(f"The role of lock {number} is not one of {', '.join(ROLES[:4])}.")
        return [Lock(player.id, bar, role=row["role"]) for bar in bars]
    if "notes" in row:
        notes = [_played(note, player, score.bars[first].on, number) for note in _list(row, "notes")]
        notes.sort(key=lambda note: note.on)
        end = score.bars[first].on
        for note in notes:
            if note.on < end or note.end > score.bars[first].end:
                raise _refuse(f"The notes of lock {number} do not fit into bar {score.bars[first].number}.")
            end = note.end
        return [Lock(player.id, first, notes=tuple(notes))]
    if "at" in row:
        at = _time(row["at"])
        if at is None:
            raise _refuse(f"Lock {number} names no moment; “at” counts quarters from the bar, like “1” or “3/2”.")
        return [Lock(player.id, first, at=score.bars[first].on + at, midi=_pitch(row.get("pitch"), player, number))]
    raise _refuse(f"Lock {number} says neither a role, nor notes, nor a moment.")


def _pitch(value: Any, player: Player, number: int) -> int | None:
    if value in (None, "rest"):
        return None
    midi = midi_of(value) if isinstance(value, str) else None
    if midi is None:
        raise _refuse(f"“{str(value)[:20]}” in lock {number} is no note.")
    return midi + player.instrument.semitones


def _played(row: Any, player: Player, on: Fraction, number: int) -> Played:
    start, length = (_time(row.get(key)) for key in ("on", "length")) if isinstance(row, dict) else (None, None)
    if start is None or not length:
        raise _refuse(f"A note of lock {number} has no “on” and “length” in quarters.")
    return Played(on + start, length, _pitch(row.get("pitch"), player, number))


def _previous(data: Any, players: tuple[Player, ...]) -> dict[str, tuple[Played, ...]]:
    """What `fitting.json` of an earlier run says under "parts"."""
    if not isinstance(data, dict):
        raise _refuse("“previous” of the group is no object.")
    made = {}
    for player in players:
        rows = data.get(player.id)
        if isinstance(rows, list):
            try:
                made[player.id] = tuple(
                    Played(Fraction(on), Fraction(length), None if midi is None else int(midi))
                    for on, length, midi in rows
                )
            except (ValueError, TypeError, ZeroDivisionError) as error:
                raise _refuse(f"“previous” of {player.name or player.id} is no list of notes.") from error
    return made
