"""The order in which bars are played: repeats, endings, D.C., D.S., Fine and Coda.

The conventions: a repeat goes back to the last `|:`, or to where the last repeated passage ended, or to the start of
the movement. After a jump repeats are not taken, and of a group of endings the one with the Fine in it, else the last.
Fine ends the movement after a jump; what stands behind the jump is a new movement. D.C. goes to the start of its own
movement.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from .findings import Findings
from .model import Bar, Score

MOST_PLAYED = 50_000


@dataclass(frozen=True)
class Volta:
    first: int
    last: int
    passes: tuple[int, ...]
    group: int  # index of the group's first volta
    is_last: bool  # of its group
    highest: int  # pass of the group


@dataclass(frozen=True, slots=True)
class Played:
    """A bar as it sounds: which written bar, and when it starts, in quarters from the start of the playing."""

    index: int
    on: Fraction


def voltas(bars: Sequence[Bar]) -> list[Volta]:
    starts = [bar.index for bar in bars if bar.endings]
    spans: list[tuple[int, int]] = []
    for position, first in enumerate(starts):
        most = starts[position + 1] - 1 if position + 1 < len(starts) else len(bars) - 1
        last = next((at for at in range(first, most + 1) if bars[at].ending_stops), None)
        if last is None:
            last = next((at for at in range(first, most + 1) if bars[at].repeat_ends), first)
        spans.append((first, last))
    groups: list[list[int]] = []
    for position, (first, _) in enumerate(spans):
        if groups and spans[position - 1][1] + 1 == first:
            groups[-1].append(position)
        else:
            groups.append([position])
    made = []
    for number, group in enumerate(groups):
        highest = max(max(bars[spans[position][0]].endings) for position in group)
        for position in group:
            first, last = spans[position]
            made.append(Volta(first, last, bars[first].endings, number, position == group[-1], highest))
    return made


def _movements(bars: Sequence[Bar]) -> list[int]:
    """Where movements start: at the first bar, and where the numbers on the page begin again."""
    starts, before = [0], -1
    for bar in bars:
        if not bar.number.isdigit():
            continue
        value = int(bar.number)
        if value <= 1 and before > 1:
            starts.append(bar.index)
        before = value
    return starts


def _after_jump(bars: Sequence[Bar], all_voltas: list[Volta]) -> set[int]:
    """First bars of the endings taken after a jump: the one with the Fine in it, else the last of its group."""
    chosen = {volta.group: volta for volta in all_voltas if volta.is_last}
    for volta in all_voltas:
        if any(bars[at].fine for at in range(volta.first, volta.last + 1)):
            chosen[volta.group] = volta
    return {volta.first for volta in chosen.values()}


class _Walk:
    def __init__(self, bars: Sequence[Bar], findings: Findings):
        self.bars, self.findings = bars, findings
        self.volta_at = {at: volta for volta in voltas(bars) for at in range(volta.first, volta.last + 1)}
        self.after_jump = _after_jump(bars, list(dict.fromkeys(self.volta_at.values())))
        self.movements = _movements(bars)
        self.taken: set[int] = set()  # jumps
        self.start, self.turn = 0, 1
        self.jumped_from: int | None = None  # the bar of the jump that is on

    def walk(self) -> list[int]:
        order: list[int] = []
        at = 0
        while at < len(self.bars):
            bar = self.bars[at]
            if at in self.movements and at != self.start and self.jumped_from is None:
                self.start, self.turn = at, 1
            if self._is_skipped(at):
                at = self.volta_at[at].last + 1
                continue
            if bar.repeat_starts and at != self.start:
                self.start, self.turn = at, 1
            order.append(at)
            if len(order) > MOST_PLAYED:
                self.findings.add("play-too-long")
                return list(range(len(self.bars)))
            at = self._next(at)
        return order

    def _is_skipped(self, at: int) -> bool:
        volta = self.volta_at.get(at)
        if volta is None or volta.first != at or at == self.start:
            return False
        if self.jumped_from is not None:
            return volta.first not in self.after_jump
        return self.turn not in volta.passes and (not volta.is_last or (self.turn > 1 and volta.highest == 1))

    def _next(self, at: int) -> int:
        bar, volta = self.bars[at], self.volta_at.get(at)
        if self.jumped_from is not None:
            if bar.fine:
                return self._resume()
            if bar.to_coda:
                coda = self._sign("coda", bar.to_coda, after=at)
                if coda is not None:
                    self._land(coda)
                    self.jumped_from = None
                    return coda
                self.findings.add("jump-nowhere", "", bar.number, value="To Coda")
            if at == self.jumped_from:
                return self._resume()
            return at + 1
        if bar.repeat_ends:
            if self.turn < self._times(bar, volta):
                self.turn += 1
                return self.start
            if volta is None or volta.is_last:
                self.start, self.turn = at + 1, 1
        elif volta and volta.is_last and volta.last == at and self.start < volta.first:
            self.start, self.turn = at + 1, 1
        if bar.jump and at not in self.taken:
            target = self._target(bar)
            if target is not None:
                self.taken.add(at)
                self.jumped_from = at
                self._land(target)
                return target
        return at + 1

    def _times(self, bar: Bar, volta: Volta | None) -> int:
        if volta is None:
            return bar.repeat_ends
        if volta.is_last and volta.highest == min(volta.passes) == 1:
            return 2  # a lone first ending: the second time goes on behind it
        if volta.is_last and len(volta.passes) == 1 and self.start > volta.first:
            return bar.repeat_ends
        return volta.highest

    def _land(self, at: int) -> None:
        self.start, self.turn = at, 1

    def _resume(self) -> int:
        """Behind the jump: a new movement, or nothing."""
        behind = (self.jumped_from or 0) + 1
        self.jumped_from = None
        self.start, self.turn = behind, 1
        return behind

    def _target(self, bar: Bar) -> int | None:
        if bar.jump == "dalsegno":
            sign = self._sign("segno", bar.jump_to, before=bar.index)
            if sign is None:
                self.findings.add("jump-nowhere", "", bar.number, value="Dal Segno")
            return sign
        fines = [at for at in range(bar.index + 1) if self.bars[at].fine]
        within = fines[-1] if fines else bar.index
        return max(start for start in self.movements if start <= within)

    def _sign(self, sort: str, name: str, *, before: int | None = None, after: int | None = None) -> int | None:
        low, high = (after + 1, len(self.bars)) if after is not None else (0, (before or 0) + 1)
        signs = [at for at in range(low, high) if getattr(self.bars[at], sort)]
        named = [at for at in signs if getattr(self.bars[at], sort) == name]
        if after is not None:
            return next(iter(named or signs), None)
        return next(reversed(named or signs), None)


def play_order(bars: Sequence[Bar], findings: Findings | None = None) -> list[int]:
    """Indices of the written bars in the order they are played."""
    findings = findings if findings is not None else Findings()
    _judge(bars, findings)
    return _Walk(bars, findings).walk()


def played(score: Score) -> tuple[Played, ...]:
    on, made = Fraction(0), []
    for index in play_order(score.bars):
        made.append(Played(index, on))
        on += score.bars[index].length
    return tuple(made)


def _judge(bars: Sequence[Bar], findings: Findings) -> None:
    open_at: int | None = None
    ended_at = 0
    for bar in bars:
        if bar.repeat_starts:
            if open_at is not None:
                findings.add("repeat-unended", "", bars[open_at].number)
            open_at = bar.index
        if bar.repeat_ends:
            if open_at is None and bar.index and ended_at and not bar.endings:
                findings.add("repeat-unstarted", "", bar.number, value=f"bar {bars[ended_at].number}")
            open_at = None
            ended_at = min(bar.index + 1, len(bars) - 1)
    if open_at is not None:
        findings.add("repeat-unended", "", bars[open_at].number)
    for volta in voltas(bars):
        if not volta.is_last and not any(bars[at].repeat_ends for at in range(volta.first, volta.last + 1)):
            findings.add("ending-without-repeat", "", bars[volta.first].number, value=", ".join(map(str, volta.passes)))
