# SPDX-License-Identifier: GPL-3.0-or-later
"""The stays of a period, counted: boards, yield, each hour, codes, slots, phases. One pass, whatever their number."""

from __future__ import annotations

import time
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from station.codes import Code
from station.events import Phase
from station.ledger.steps import durations
from station.ledger.values import VisitRow
from station.ledger.visits import BENCH
from station.report.pace import HOUR_S
from station.rules import BoardCount, Outcome, counts_in_yield

_MOST_HOURS = 72
_MOST_DAYS = 120
_DAY_S = 24 * HOUR_S
_WEEK_S = 7 * _DAY_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """An hour, a day or a week from `begin` (Unix time) on: stays that passed, and that ended against their board."""

    begin: float
    passed: int
    failed: int

    @property
    def part_passed(self) -> float | None:
        """0..1; None where no board was judged."""
        judged = self.passed + self.failed
        return self.passed / judged if judged else None


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotFigures:
    """A slot, of a line with its bench: stays that passed, that ended against their board, that nobody's board is to
    blame for; `median_s`: of a pass, None before the first."""

    bench: str
    slot: str
    passed: int
    failed: int
    others: int
    median_s: float | None

    @property
    def part_passed(self) -> float | None:
        judged = self.passed + self.failed
        return self.passed / judged if judged else None


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseFigures:
    """Seconds that a phase took: in the middle, and nine times of ten not more than."""

    phase: Phase
    times: int
    median_s: float
    ninth_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Counts of boards are `rules.BoardCount`'s. `failures`: failed boards by their last code; `others`: stays that
    blame no board, by code. `stretch_s`: how long each of `stretches` is, in which something happened."""

    stays: int
    passed: int
    failed: int
    first_pass: float | None
    already_done: int
    first_at: float | None
    last_at: float | None
    stretch_s: float
    stretches: tuple[Stretch, ...]
    failures: tuple[tuple[Code, int], ...]
    others: tuple[tuple[Code, int], ...]
    slots: tuple[SlotFigures, ...]
    phases: tuple[PhaseFigures, ...]

    @property
    def per_hour(self) -> float | None:
        """Passes an hour from the first stay to the last; None where these are no hour apart."""
        if self.first_at is None or self.last_at is None or self.last_at - self.first_at < HOUR_S:
            return None
        return sum(s.passed for s in self.stretches) / ((self.last_at - self.first_at) / HOUR_S)


class _Slot:
    def __init__(self) -> None:
        self.passed = self.failed = self.others = 0
        self.seconds = array("d")


class _Counting:
    """What one pass keeps: a number or two a stay."""

    def __init__(self) -> None:
        self.boards = BoardCount()
        self.stays = self.already_done = 0
        self.passes, self.failures = array("d"), array("d")
        self.others: Counter[Code] = Counter()
        self.slots: defaultdict[tuple[str, str], _Slot] = defaultdict(_Slot)
        self.phases: defaultdict[Phase, array[float]] = defaultdict(lambda: array("d"))
        self.first_at: float | None = None
        self.last_at: float | None = None

    def take(self, visit: VisitRow) -> None:
        outcome = Outcome(visit.outcome)
        self.stays += 1
        self.first_at = visit.at if self.first_at is None else min(self.first_at, visit.at)
        self.last_at = visit.at if self.last_at is None else max(self.last_at, visit.at)
        self.already_done += outcome is Outcome.ALREADY_DONE
        self.boards.take(visit.board_uid, outcome, visit.code)
        slot = self.slots[visit.details.get(BENCH, ""), visit.slot]
        if outcome is Outcome.PASS:
            self.passes.append(visit.at)
            slot.passed += 1
            slot.seconds.append(visit.seconds)
        elif counts_in_yield(outcome, visit.code):
            self.failures.append(visit.at)
            slot.failed += 1
        else:
            slot.others += 1
            if visit.code:
                self.others[visit.code] += 1
        for phase, seconds in durations(visit.details, visit.seconds):
            self.phases[phase].append(seconds)

    def period(self) -> Period:
        stretch_s = _stretch_s((self.last_at or 0.0) - (self.first_at or 0.0))
        return Period(
            stays=self.stays,
            passed=self.boards.passed,
            failed=self.boards.failed,
            first_pass=self.boards.first_pass,
            already_done=self.already_done,
            first_at=self.first_at,
            last_at=self.last_at,
            stretch_s=stretch_s,
            stretches=tuple(_stretches(self.passes, self.failures, stretch_s)),
            failures=self.boards.failures,
            others=tuple(sorted(self.others.items(), key=lambda one: (-one[1], one[0]))),
            slots=tuple(_slot_figures(key, slot) for key, slot in sorted(self.slots.items())),
            phases=tuple(_phase_figures(phase, self.phases[phase]) for phase in Phase if phase in self.phases),
        )


def count_period(visits: Iterable[VisitRow]) -> Period:
    """In the order they were stored."""
    counting = _Counting()
    for visit in visits:
        counting.take(visit)
    return counting.period()


def _stretch_s(span_s: float) -> float:
    """So long that a picture has room for all of them."""
    if span_s <= _MOST_HOURS * HOUR_S:
        return HOUR_S
    return _DAY_S if span_s <= _MOST_DAYS * _DAY_S else _WEEK_S


def _stretches(passes: Iterable[float], failures: Iterable[float], stretch_s: float) -> Iterable[Stretch]:
    """Those in which something ended, oldest first."""
    passed, failed = (
        Counter(_begins(at, stretch_s) for at in passes),
        Counter(_begins(at, stretch_s) for at in failures),
    )
    for begin in sorted(passed | failed):
        yield Stretch(begin=begin, passed=passed[begin], failed=failed[begin])


def _begins(at: float, stretch_s: float) -> float:
    """By this PC's clock: a full hour, midnight, or the midnight before a Monday."""
    here = time.localtime(at)
    if stretch_s == HOUR_S:
        return at - here.tm_min * 60 - here.tm_sec - at % 1
    midnight = datetime(here.tm_year, here.tm_mon, here.tm_mday)  # noqa: DTZ001 - as the PC's clock has it
    monday = here.tm_wday if stretch_s == _WEEK_S else 0
    return (midnight - timedelta(days=monday)).timestamp()


def _slot_figures(key: tuple[str, str], slot: _Slot) -> SlotFigures:
    return SlotFigures(
        bench=key[0],
        slot=key[1],
        passed=slot.passed,
        failed=slot.failed,
        others=slot.others,
        median_s=_of_ten(slot.seconds, 5) if slot.seconds else None,
    )


def _phase_figures(phase: Phase, seconds: array[float]) -> PhaseFigures:
    return PhaseFigures(phase=phase, times=len(seconds), median_s=_of_ten(seconds, 5), ninth_s=_of_ten(seconds, 9))


def _of_ten(values: array[float], part: int) -> float:
    """What so many of ten do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * part // 10)]
