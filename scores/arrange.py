"""A part for every child: roles, key, and the pitches of all parts together.

Parts are solved one after another, each exactly (fit.py), paid for holding a root or third that no other part holds;
then again, until nothing gets better. The cost of the whole never rises from one sweep to the next.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import fit, pulse, reduce, tune
from .analysis import TICKS, Analysis, Grid, ticks
from .instruments import Player, page_key
from .model import Note, Refused, Score

ROLES = ("tune", "bass", "harmony", "foundation", "pulse")
COVER, COVER_SURE = 5.0, 2.0  # per beat: a root or third nobody holds; one that no sure player holds
UNHEARD = (0.5, 0.025, 1.0)  # what one that nobody in the original plays is worth: least, more per player, most
CHANGED = 0.25  # per beat: another note than the last time, where the teacher asked for little change
SHIFTS = tuple(range(-5, 7))
MOST_SWEEPS = 4


@dataclass(frozen=True, slots=True)
class Played:
    """A note of a child's part. `midi` sounds; None for what is struck."""

    on: Fraction
    length: Fraction
    midi: int | None

    @property
    def end(self) -> Fraction:
        return self.on + self.length


@dataclass(frozen=True)
class Lock:
    """What a teacher has fixed for a player in a bar (an index). Pitches sound; times are those of the score."""

    player: str
    bar: int
    role: str = ""
    notes: tuple[Played, ...] | None = None  # the whole bar; empty: rest
    at: Fraction | None = None  # only what sounds at this moment …
    midi: int | None = None  # … is this pitch, None for a rest


@dataclass(frozen=True)
class Wish:
    """For whom, and what is settled. `shift`: semitones up, or None for the best key. `tune`: bar → line.
    `previous`: what the players had, to change as little as can be."""

    players: tuple[Player, ...]
    shift: int | None = None
    tune: Mapping[int, str] = field(default_factory=dict)
    locks: tuple[Lock, ...] = ()
    previous: Mapping[str, Sequence[Played]] = field(default_factory=dict)


@dataclass(frozen=True)
class Fitted:
    """One child's part. `roles`: one per bar."""

    player: Player
    roles: tuple[str, ...]
    notes: tuple[Played, ...]
    cost: float


@dataclass(frozen=True)
class Key:
    """What a key would cost this group: less is better. `accidentals`: of all signatures on the pages together;
    `resting`: share of the playing time in which children rest; `uncovered`: share of the harmony whose root or third
    nobody holds."""

    shift: int
    fifths: int
    cost: float
    accidentals: int
    resting: float
    uncovered: float


@dataclass(frozen=True)
class Arrangement:
    score: Score
    shift: int
    parts: tuple[Fitted, ...]
    keys: tuple[Key, ...]  # all that were tried, best first
    tune: tune.Tune
    costs: tuple[float, ...]  # of the whole, after each sweep

    def fifths(self, bar: int) -> int:
        """The concert key of a bar after the shift."""
        return shifted_fifths(self.score.bars[bar].fifths, self.shift)


def shifted_fifths(fifths: int, shift: int) -> int:
    """A key moved by semitones, with at most six accidentals."""
    moved = fifths + shift * 7 % 12
    while moved > 6:
        moved -= 12
    while moved < -6:
        moved += 12
    return moved


def register_of(player: Player) -> str:
    return "high" if player.middle >= 67 else "middle" if player.middle >= 55 else "low"


@dataclass
class _Template:
    """The segments of one role and level with what the original does in each; all in the original key."""

    segments: list[reduce.Segment]
    role: list[str]
    beats: NDArray[np.float64]  # length in beats of each
    in_beat: NDArray[np.float64]
    at_instant: NDArray[np.float64]
    in_chord: NDArray[np.float64]
    sort: NDArray[np.int8]
    on: NDArray[np.intp]  # in ticks
    end: NDArray[np.intp]
    sources: NDArray[np.float64]  # nan: none


class Arranger:
    """Everything that depends on the score alone is worked out once."""

    def __init__(self, score: Score, told: Mapping[int, str] | None = None):
        self.score = score
        self.analysis = analysis = Analysis(score)
        if not analysis.notes:
            raise Refused("no-pitches", "This score has no notes with a pitch; there is nothing to make parts from.")
        self.lines = tune.lines_of(score)
        self.tune = tune.find(score, self.lines, dict(told or {}))
        self.bar_starts = np.array([float(bar.on) for bar in score.bars])
        self.beats_in: list[list[Any]] = [[] for _ in score.bars]
        for beat in analysis.beats:
            self.beats_in[beat.bar].append(beat)
        self._sounds = self._running(analysis.sounds)
        self._in_beat = self._running(analysis.sounds_in_beat)
        size = analysis.size
        self.root = np.full(size, -1, np.int16)
        self.third = np.full(size, -1, np.int16)
        chord = np.zeros((size, 12), np.float32)
        self.beat_share = np.zeros(size, np.float32)  # of a beat, that a tick is
        for beat, harmony, on, end in zip(
            analysis.beats, analysis.chords, analysis.beat_ticks, analysis.beat_ticks[1:], strict=False
        ):
            self.root[on:end], self.third[on:end] = harmony.root, harmony.third
            if harmony.tones:
                chord[on:end, list(harmony.tones)] = 1
            self.beat_share[on:end] = 1 / float(score.bars[beat.bar].pulse * TICKS)
        self._chord = self._running(chord)
        self.heard = [analysis.sounds_in_beat[np.arange(size), place] > 0 for place in (self.root, self.third)]
        self._by_bar: dict[str, dict[int, list[Note]]] = {}
        self._rows: dict[tuple[str, int, str], list[list[reduce.Segment]]] = {}
        self._templates: dict[tuple[Any, ...], _Template] = {}

    @staticmethod
    def _running(grid: Grid) -> NDArray[np.float64]:
        return np.concatenate([np.zeros((1, 12)), np.cumsum(grid, axis=0, dtype=np.float64)])

    # -- lines in bars ----------------------------------------------------------------------------------------------

    def notes_of(self, key: str) -> dict[int, list[Note]]:
        """The notes of a line (or "bass") that sound in each bar."""
        if key not in self._by_bar:
            if key == "bass":
                notes: Sequence[Note] = _lowest(self.analysis.notes)
            else:
                notes = next((line.notes for line in self.lines if line.key == key), ())
            made: dict[int, list[Note]] = {}
            for note in notes:
                bar = note.bar
                made.setdefault(bar, []).append(note)
                while bar + 1 < len(self.score.bars) and self.score.bars[bar].end < note.end:
                    bar += 1
                    made.setdefault(bar, []).append(note)
            self._by_bar[key] = made
        return self._by_bar[key]

    def tune_notes(self, bar: int) -> list[Note]:
        return self.notes_of(self.tune.lines[bar]).get(bar, []) if self.tune.lines[bar] else []

    def _inner_lines(self, register: str) -> list[str]:
        """Per bar the line that is neither tune nor bass and lies near the register ("high", "middle", "low")."""
        ideal = {"high": 72, "middle": 62, "low": 50}[register]
        chosen, before = [], ""
        whole = [line for line in self.lines if line.key.count("/") < 2] or self.lines
        for bar in self.score.bars:
            best, value = "", -99.0
            for line in whole:
                notes = self.notes_of(line.key).get(bar.index)
                if not notes or line.key == self.tune.lines[bar.index]:
                    continue
                middle = sum(note.midi or 0 for note in notes) / len(notes)
                filled = float(sum(note.length for note in notes) / max(bar.length, Fraction(1, 8)))
                worth = 2 * min(filled, 1) - abs(middle - ideal) / 12 + 0.6 * (line.key == before)
                if worth > value:
                    best, value = line.key, worth
            chosen.append(best)
            before = best
        return chosen

    # -- templates --------------------------------------------------------------------------------------------------

    def rows(self, role: str, level: int, register: str) -> list[list[reduce.Segment]]:
        """Per bar the segments of a role."""
        key = (role, level, register if role == "harmony" else "")
        if key not in self._rows:
            inner = self._inner_lines(register) if role == "harmony" else []
            made = []
            for bar in self.score.bars:
                beats = self.beats_in[bar.index]
                if role == "foundation":
                    made.append(reduce.foundation(bar, beats))
                    continue
                if role == "tune":
                    notes = self.tune_notes(bar.index)
                elif role == "bass":
                    notes = self.notes_of("bass").get(bar.index, [])
                else:
                    notes = self.notes_of(inner[bar.index]).get(bar.index, []) if inner[bar.index] else []
                    if not notes:
                        made.append(reduce.foundation(bar, beats))
                        continue
                made.append(reduce.from_line(bar, beats, notes, level))
            self._rows[key] = made
        return self._rows[key]

    def template(self, player: Player, roles: Sequence[str], locks: Sequence[Lock]) -> _Template:
        register = register_of(player)
        fixed = {lock.bar: lock for lock in locks if lock.notes is not None}
        key = (tuple(roles), player.level, register, tuple(locks) if fixed else ())
        if key in self._templates:
            return self._templates[key]
        segments: list[reduce.Segment] = []
        named: list[str] = []
        for bar, role in enumerate(roles):
            if bar in fixed:
                here = [
                    reduce.Segment(bar, note.on, note.end, note.midi) for note in fixed[bar].notes or () if note.length
                ]
            else:
                here = self.rows(role, player.level, register)[bar]
            segments += here
            named += [role] * len(here)
        made = self._measured(segments, named)
        self._templates[key] = made
        return made

    def _measured(self, segments: list[reduce.Segment], roles: list[str]) -> _Template:
        size = self.analysis.size
        on = np.array([min(ticks(segment.on), size - 1) for segment in segments], np.intp)
        end = np.array([min(max(ticks(segment.end), ticks(segment.on) + 1), size) for segment in segments], np.intp)
        span = np.maximum(end - on, 1)[:, None] if segments else np.ones((0, 1))
        bars = self.score.bars
        beats = np.array([float(segment.length / bars[segment.bar].pulse) for segment in segments])
        sources = np.array([np.nan if s.source is None else s.source for s in segments], float)
        return _Template(
            segments,
            roles,
            beats,
            (self._in_beat[end] - self._in_beat[on]) / span if segments else np.zeros((0, 12)),
            (self._sounds[end] - self._sounds[on]) / span if segments else np.zeros((0, 12)),
            (self._chord[end] - self._chord[on]) / span if segments else np.zeros((0, 12)),
            fit.directions([segment.source for segment in segments]),
            on,
            end,
            sources,
        )

    # -- costs ------------------------------------------------------------------------------------------------------

    def unary(self, template: _Template, player: Player, shift: int, locks: Sequence[Lock]) -> fit.Costs:
        """Segments × (notes of the set, and the rest): the cost of each choice, without the others."""
        notes = np.array(player.playable, int) - shift  # as if the original were played
        classes = notes % 12
        beats = template.beats[:, None]
        cost = beats * (
            fit.BEAT * (1 - template.in_beat[:, classes])
            + fit.INSTANT * (1 - template.at_instant[:, classes])
            + fit.HARMONY * (1 - template.in_chord[:, classes])
        )
        sourced = ~np.isnan(template.sources)
        if sourced.any():
            source = template.sources[sourced]
            fold = 12 * round((float(np.median(notes)) - float(np.median(source))) / 12)
            other = classes[None, :] != (source[:, None] % 12)
            away = np.abs(notes[None, :] - source[:, None] - fold)
            exact = 4.0 if player.level == 3 else 2.2
            duty = np.array([exact if role == "tune" else 1.0 for role in template.role])[sourced]
            weight = (0.4 + 0.6 * np.minimum(template.beats[sourced], 2)) * duty
            cost[sourced] += fit.OTHER_TONE * weight[:, None] * other + fit.OCTAVE * away
        else:
            cost += fit.OCTAVE * 0.5 * np.abs(notes + shift - player.middle)[None, :]
        rest = template.beats * np.array([fit.REST[role] for role in template.role])
        if sourced.any() and player.level == 3:  # to leave a note out is as wrong as to play another
            rest[sourced] += fit.OTHER_TONE * weight
        made = np.concatenate([cost, rest[:, None]], axis=1)
        silent = np.array([segment.is_silent for segment in template.segments], bool)
        nothing = template.at_instant.sum(axis=1) == 0
        made[silent | (nothing & ~sourced), :-1] = fit.FORBIDDEN
        made[silent, -1] = 0
        self._lock(made, template, player, locks)
        return made

    def _lock(self, costs: fit.Costs, template: _Template, player: Player, locks: Sequence[Lock]) -> None:
        fixed = {lock.bar for lock in locks if lock.notes is not None}
        moments = [lock for lock in locks if lock.at is not None]
        if not fixed and not moments:
            return
        place = {midi: index for index, midi in enumerate(player.playable)}
        rest = len(player.playable)
        for row, segment in enumerate(template.segments):
            wanted: int | str | None = "free"
            if segment.bar in fixed:
                wanted = segment.source
            for lock in moments:
                if segment.on <= (lock.at or 0) < segment.end and lock.bar == segment.bar:
                    wanted = lock.midi
            if wanted == "free":
                continue
            column = rest if wanted is None else place.get(int(wanted), rest)
            costs[row] = fit.FORBIDDEN
            costs[row, column] = 0

    def kept(self, template: _Template, player: Player, before: Sequence[Played]) -> fit.Costs:
        """What it costs to play another note than the last time."""
        size = self.analysis.size
        had = np.full(size, -1, int)
        for note in before:
            had[ticks(note.on) : ticks(note.end)] = -2 if note.midi is None else note.midi
        made = np.zeros((len(template.segments), len(player.playable) + 1))
        at = had[np.minimum(template.on, size - 1)]
        for column, midi in enumerate(player.playable):
            made[:, column] = CHANGED * template.beats * (at != midi)
        made[:, -1] = CHANGED * template.beats * (at != -1)
        return made


def _lowest(notes: Sequence[Note]) -> list[Note]:
    """At each onset the lowest note; one that starts above a longer lower note is left out."""
    kept: list[Note] = []
    for note in sorted(notes, key=lambda note: (note.on, note.midi or 0)):
        if kept and (note.on == kept[-1].on or (note.on < kept[-1].end and (note.midi or 0) > (kept[-1].midi or 0))):
            continue
        kept.append(note)
    return kept


# -- roles ------------------------------------------------------------------------------------------------------------


def share_roles(players: Sequence[Player]) -> dict[str, str]:
    """Who plays what. The tune, and a bass where there are three or more, go to sure players first."""
    roles = {player.id: "pulse" for player in players if not player.instrument.is_pitched}
    pitched = [player for player in players if player.instrument.is_pitched]
    for player in pitched:
        if player.role in ROLES and player.role != "pulse":
            roles[player.id] = player.role
    free = [player for player in pitched if player.id not in roles]
    low = [player for player in free if player.middle < 55]

    def sureness(player: Player) -> tuple[bool, int, int, float]:
        return (player.is_sure, player.level, len({note % 12 for note in player.playable}), player.middle)

    if free and "tune" not in roles.values():
        leader = max(free, key=lambda player: (sureness(player)[:3], player not in low, player.middle))
        roles[leader.id] = "tune"
    free = [player for player in free if player.id not in roles]
    if len(pitched) >= 3 and free and "bass" not in roles.values():
        lowest = [player for player in low if player.id not in roles] or [min(free, key=lambda player: player.middle)]
        roles[max(lowest, key=lambda player: (*sureness(player)[:3], -player.middle)).id] = "bass"
    counts: dict[tuple[str, int, bool], int] = {}
    for player in free:
        if player.id in roles:
            continue
        is_low = player.middle < 55
        key = (player.instrument.kind, player.level, is_low)
        turn = counts[key] = counts.get(key, -1) + 1
        if player.level == 1:
            cycle = ("bass", "foundation") if is_low else ("foundation", "tune", "foundation")
        else:
            cycle = ("bass", "harmony") if is_low else ("harmony", "tune", "harmony")
        roles[player.id] = cycle[turn % len(cycle)]
    return roles


# -- the whole --------------------------------------------------------------------------------------------------------


@dataclass
class _Desk:
    """Players who share one part: same notes, same role, nothing locked for one of them alone."""

    players: list[Player]
    roles: tuple[str, ...]
    locks: tuple[Lock, ...]
    before: Sequence[Played]
    template: _Template
    steps: fit.Steps

    @property
    def player(self) -> Player:
        return self.players[0]


class _Solver:
    def __init__(self, arranger: Arranger, desks: Sequence[_Desk], shifts: Sequence[int]):
        self.arranger, self.desks, self.shifts = arranger, desks, shifts
        size = arranger.analysis.size
        self.held = np.zeros((len(shifts), 2, size), np.int16)  # by how many parts: root, third
        self.held_surely = np.zeros((len(shifts), 2, size), np.int16)
        least, more, most = UNHEARD
        unheard = min(most, least + more * sum(len(desk.players) for desk in desks))  # few players: agree first
        self.belief = [np.where(heard, 1.0, unheard) for heard in arranger.heard]
        self.paths: dict[int, list[list[int]]] = {}
        self.base: dict[int, list[float]] = {}
        self._unary: dict[tuple[int, int], fit.Costs] = {}
        self.all_are_far = all(desk.player.level == 3 for desk in desks)

    def sweep(self) -> list[float]:
        """Solve every desk once; the cost of the whole in each key."""
        for number in range(len(self.desks)):
            self._solve(number)
        return [self._total(turn) for turn in range(len(self.shifts))]

    def _costs(self, number: int, turn: int) -> fit.Costs:
        key = (number, turn)
        if key not in self._unary:
            desk = self.desks[number]
            made = self.arranger.unary(desk.template, desk.player, self.shifts[turn], desk.locks)
            if desk.before:
                made = made + self.arranger.kept(desk.template, desk.player, desk.before)
            self._unary[key] = made
        return self._unary[key]

    def _solve(self, number: int) -> None:
        desk = self.desks[number]
        if not desk.template.segments:
            self.paths[number], self.base[number] = [[] for _ in self.shifts], [0.0] * len(self.shifts)
            return
        unaries = np.array([self._costs(number, turn) for turn in range(len(self.shifts))])
        wanted = unaries.copy()
        for turn, shift in enumerate(self.shifts):
            if number in self.paths:
                self._hold(number, turn, -1)
            gain = self._gain(desk, turn)
            classes = (np.array(desk.player.playable, int) - shift) % 12
            wanted[turn, :, :-1] -= gain[:, classes] * (wanted[turn, :, :-1] < fit.FORBIDDEN / 2)
        paths = fit.best_paths(wanted, desk.steps.pair, desk.template.sort)
        self.paths[number] = paths
        self.base[number] = [
            fit.cost_of(unaries[turn], desk.steps.pair, desk.template.sort, path) for turn, path in enumerate(paths)
        ]
        for turn in range(len(self.shifts)):
            self._hold(number, turn, 1)

    def _gain(self, desk: _Desk, turn: int) -> fit.Costs:
        """What holding each pitch class is worth in each segment, where nobody else holds it."""
        arranger = self.arranger
        size = arranger.analysis.size
        if self.is_kept_for_tune(desk):
            return np.zeros((len(desk.template.segments), 12))
        counts = self._counts(desk)
        worth = np.zeros((size, 12))
        moments = np.arange(size)
        for sort, place in enumerate((arranger.root, arranger.third)):
            here = place >= 0
            value = COVER * (self.held[turn, sort] == 0) * counts
            if desk.player.is_sure:
                value = value + COVER_SURE * (self.held_surely[turn, sort] == 0)
            worth[moments[here], place[here]] += (value * arranger.beat_share)[here] * self.belief[sort][here]
        running = np.concatenate([np.zeros((1, 12)), np.cumsum(worth, axis=0)])
        return np.asarray(running[desk.template.end] - running[desk.template.on])

    def _counts(self, desk: _Desk) -> bool:
        """Levels 1 and 2 share the harmony among them; level 3 does where there is nobody else."""
        return desk.player.level < 3 or self.all_are_far

    def is_kept_for_tune(self, desk: _Desk) -> bool:
        """The first desk leads the tune: nothing else may draw it away."""
        return desk is self.desks[0] and desk.roles.count("tune") * 2 > len(desk.roles)

    def _hold(self, number: int, turn: int, change: int) -> None:
        desk, arranger = self.desks[number], self.arranger
        size = arranger.analysis.size
        playing = np.full(size, -9, np.int16)
        rest = len(desk.player.playable)
        for row, choice in enumerate(self.paths[number][turn]):
            if choice != rest:
                pitch = desk.player.playable[choice] - self.shifts[turn]
                playing[desk.template.on[row] : desk.template.end[row]] = pitch % 12
        for sort, place in enumerate((arranger.root, arranger.third)):
            holds = (playing == place) & (place >= 0)
            if self._counts(desk):
                self.held[turn, sort] += change * holds
            if desk.player.is_sure:
                self.held_surely[turn, sort] += change * holds

    def _total(self, turn: int) -> float:
        arranger = self.arranger
        made = sum(costs[turn] * len(self.desks[number].players) ** 0.5 for number, costs in self.base.items())
        for sort, place in enumerate((arranger.root, arranger.third)):
            here = place >= 0
            missing = COVER * (self.held[turn, sort] == 0) + COVER_SURE * (self.held_surely[turn, sort] == 0)
            made += float((missing * arranger.beat_share * self.belief[sort])[here].sum())
        return float(made)

    def resting(self, turn: int) -> float:
        """Share of the time with something to play in which children rest."""
        rests = whole = 0.0
        for number, desk in enumerate(self.desks):
            if not desk.template.segments:
                continue
            asked = np.array([not segment.is_silent for segment in desk.template.segments])
            silent = np.array(self.paths[number][turn]) == len(desk.player.playable)
            rests += float(desk.template.beats[asked & silent].sum()) * len(desk.players)
            whole += float(desk.template.beats[asked].sum()) * len(desk.players)
        return rests / whole if whole else 0.0

    def uncovered(self, turn: int) -> float:
        """Share of the harmony whose root or third nobody of levels 1 and 2 holds."""
        asked = self.arranger.root >= 0
        missing = (self.held[turn, 0] == 0) | (self.held[turn, 1] == 0)
        return float(missing[asked].mean()) if asked.any() else 0.0

    def notes(self, number: int, turn: int) -> tuple[Played, ...]:
        """The part as it is played: held segments joined."""
        desk = self.desks[number]
        playable, bars = desk.player.playable, self.arranger.score.bars
        made: list[Played] = []
        spans: dict[int, list[tuple[Fraction, Fraction, int | None, bool]]] = {}
        for segment, choice in zip(desk.template.segments, self.paths[number][turn], strict=True):
            pitch = playable[choice] if choice < len(playable) else None
            spans.setdefault(segment.bar, []).append((segment.on, segment.end, pitch, segment.is_held))
        for bar, inside in spans.items():
            for on, end, pitch in reduce.joined(bars[bar], inside, desk.player.level):
                last = made[-1] if made else None
                goes_on = desk.player.level == 3 and inside[0][3] and on == bars[bar].on
                if goes_on and last and last.end == on and last.midi == pitch:
                    made[-1] = Played(last.on, end - last.on, pitch)
                    continue
                made.append(Played(on, end - on, pitch))
        return tuple(made)


def _desks(arranger: Arranger, wish: Wish, players: Sequence[Player], roles: Mapping[str, str]) -> list[_Desk]:
    made: dict[tuple[Any, ...], _Desk] = {}
    turns: dict[tuple[Any, ...], int] = {}
    for player in players:
        locks = tuple(lock for lock in wish.locks if lock.player == player.id)
        extra = {note.midi for lock in locks for note in lock.notes or () if note.midi is not None} | {
            lock.midi for lock in locks if lock.at is not None and lock.midi is not None
        }
        if extra - set(player.playable):  # the teacher knows better than the set
            player = _with_notes(player, extra)
        by_bar = {lock.bar: lock.role for lock in locks if lock.role in ROLES}
        own = tuple(by_bar.get(bar, roles[player.id]) for bar in range(len(arranger.score.bars)))
        alike = (player.instrument, player.level, player.playable, player.is_sure, roles[player.id])
        before = tuple(wish.previous.get(player.id, ()))
        turn = turns[alike] = turns.get(alike, -1) + 1
        key = (alike, turn % 3 if roles[player.id] != "tune" else 0, locks, before)
        if key in made:
            made[key].players.append(player)
            continue
        template = arranger.template(player, own, locks)
        made[key] = _Desk([player], own, locks, before, template, fit.Steps.of(player))
    order = {"tune": 0, "bass": 1, "harmony": 2, "foundation": 3}

    def place(desk: _Desk) -> tuple[int, bool, int, int]:
        player = desk.player
        classes = len({note % 12 for note in player.playable})
        return order[roles[player.id]], not player.is_sure, -player.level, -classes

    return sorted(made.values(), key=place)  # who leads the tune is the first


def _with_notes(player: Player, extra: set[int]) -> Player:
    return replace(player, notes=tuple(sorted(set(player.playable) | extra)))


def arrange(score: Score, wish: Wish, arranger: Arranger | None = None) -> Arrangement:
    """Parts for all players who are there. Raises Refused when there is nobody, or nothing to play."""
    players = [player for player in wish.players if not player.is_absent]
    if not players:
        raise Refused("no-players", "Nobody in this group is there to play.")
    arranger = arranger or Arranger(score, wish.tune)
    roles = share_roles(players)
    pitched = [player for player in players if player.instrument.is_pitched]
    desks = _desks(arranger, wish, pitched, roles)
    keys: list[Key] = []
    shift = wish.shift if wish.shift is not None else 0
    if pitched and wish.shift is None:
        solver = _Solver(arranger, desks, SHIFTS)
        totals = solver.sweep()
        for turn, total in enumerate(totals):
            keys.append(_key(arranger, pitched, SHIFTS[turn], total, solver.resting(turn), solver.uncovered(turn)))
        keys.sort(key=lambda key: (round(key.cost, 6), abs(key.shift), key.shift))
        shift = keys[0].shift
    solver = _Solver(arranger, desks, [shift])
    costs: list[float] = []
    for _ in range(MOST_SWEEPS):
        costs.append(round(solver.sweep()[0], 6))
        if len(costs) > 1 and costs[-2] - costs[-1] < 0.001 * abs(costs[-2]):
            break
    parts: dict[str, Fitted] = {}
    for number, desk in enumerate(desks):
        notes = solver.notes(number, 0)
        for player in desk.players:
            parts[player.id] = Fitted(player, desk.roles, notes, round(solver.base[number][0], 3))
    for player in players:
        if player.id not in parts:
            parts[player.id] = Fitted(player, ("pulse",) * len(score.bars), _pulse(arranger, player), 0.0)
    return Arrangement(
        score, shift, tuple(parts[player.id] for player in players), tuple(keys), arranger.tune, tuple(costs)
    )


def _pulse(arranger: Arranger, player: Player) -> tuple[Played, ...]:
    spans = pulse.spans(arranger.analysis, arranger.beats_in, player)
    return tuple(Played(on, end - on, None) for on, end in spans)


def _key(
    arranger: Arranger, players: Sequence[Player], shift: int, cost: float, resting: float, uncovered: float
) -> Key:
    bars = arranger.score.bars
    fifths = shifted_fifths(bars[0].fifths if bars else 0, shift)
    signs = sum(abs(page_key(player.instrument, fifths)) for player in players)
    beats = len(arranger.analysis.beats)
    hard = beats * sum(max(abs(page_key(player.instrument, fifths)) - 3, 0) for player in players) * 0.01
    whole = round(cost + hard + 0.002 * beats * abs(shift), 3)
    return Key(shift, fifths, whole, signs, round(resting, 4), round(uncovered, 4))
