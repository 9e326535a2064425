# SPDX-License-Identifier: GPL-3.0-or-later
"""The numbers that follow from the visits of boards: passed, failed, yield, boards per hour, failures by code.

Each visit is taken once and forgotten: a refresh costs what is new, and a shift that nobody hands over costs no more.
What stays is, for each board, its last outcome, and for each pass its time.
"""

from __future__ import annotations

import threading
from array import array
from bisect import bisect_left, bisect_right, insort
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

from station.codes import Code
from station.ledger.values import VisitRow
from station.ledger.view import View
from station.report.pace import HOUR_S
from station.rules import COUNTED_AS, BoardCount, Counted, Outcome, counts_in_yield

_HOURS_SHOWN = 24
_PAGE = 1000  # visits in memory at once


@dataclass(frozen=True, slots=True, kw_only=True)
class SetProgress:
    """The NVR set being flashed as boards of their own."""

    name: str
    done: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Counters:
    """A shift in figures. A judged visit ended with PASS, FAIL or in doubt, and its code blames the board.

    `passed` and `failed` count boards, each once, where its last judged visit left it: a board that failed and then
    passed is passed, a board in doubt is in neither. A board that never told its uid is one failed board a visit.
    `first_pass` is 0..1 over the same boards by their first judged visit, where a doubt is no pass; None before the
    first board. `failures` add up to `failed`: each failed board by its last code. The rates count passes: a board that
    is reworked and passes again is made twice.
    """

    passed: int = 0
    failed: int = 0
    first_pass: float | None = None
    last_hour: int = 0  # passes in the last 60 minutes
    per_hour_shift: float = 0.0  # passes, on the average of the shift
    ready: int = 0  # identities left
    seconds_left: float | None = None  # until they run out at the present rate; None where too few were made
    plan: int = 0  # passes an hour that are planned; 0: no plan
    part_of_plan: float | None = None  # what the last 60 minutes made of it
    in_doubt: int = 0  # identities whose board is in doubt now
    in_red_bin: int = 0  # of those, where the board failed: it is kept, and nothing is to be done
    hourly: tuple[int, ...] = ()  # passes in each of the shift's hours, oldest first; of a long shift the last 24
    hourly_from: float = 0.0  # Unix time, when the first of them began
    failures: tuple[tuple[Code, int], ...] = ()  # (code, failed boards), most frequent first
    station_faults: tuple[tuple[Code, int], ...] = ()  # (code, visits) of what blames no board
    current_set: SetProgress | None = None


class VisitCount:
    """Counts the visits that ended at `since` or later, taken in the order they were stored. `bench`: whose slots are
    asked for the last one, as visits have it."""

    def __init__(self, since: float, bench: str = "") -> None:
        self.since = since
        self._bench = bench
        self._boards = BoardCount()
        self._passes = array("d")  # Unix times, ascending
        self._station_faults: Counter[Code] = Counter()
        self.last: dict[str, VisitRow] = {}  # by slot: how the last stay there ended

    def take(self, visit: VisitRow) -> None:
        outcome = Outcome(visit.outcome)
        if visit.bench == self._bench:
            self.last[visit.slot] = visit
        self._boards.take(visit.board_uid, outcome, visit.code)
        if outcome is Outcome.PASS:
            insort(self._passes, visit.at)  # slots write at once: one that ended earlier may be stored later
        blameless = outcome.is_judged or COUNTED_AS.get(outcome) in (Counted.STATION_FAULTS, Counted.ALARMS)
        if visit.code and blameless and not counts_in_yield(outcome, visit.code):
            self._station_faults[visit.code] += 1

    def counters(self, now: float) -> Counters:
        """What follows from visits alone, at Unix time `now`."""
        hours = max(1, int((now - self.since) // HOUR_S) + 1)
        first = max(0, hours - _HOURS_SHOWN)
        starts = [self.since + HOUR_S * hour for hour in range(first, hours)]
        places = [*(bisect_left(self._passes, start) for start in starts), len(self._passes)]
        return Counters(
            passed=self._boards.passed,
            failed=self._boards.failed,
            first_pass=self._boards.first_pass,
            last_hour=len(self._passes) - bisect_right(self._passes, now - HOUR_S),
            per_hour_shift=len(self._passes) / max((now - self.since) / HOUR_S, 1 / 60),
            hourly=tuple(after - before for before, after in pairwise(places)),
            hourly_from=starts[0],
            failures=self._boards.failures,
            station_faults=tuple(self._station_faults.most_common()),
        )


class ShiftCount:
    """The count of the ledger's visits since a moment. Asks only for what is new; any thread may ask."""

    def __init__(self, ledger: View, since: float) -> None:
        self.since = since
        self._ledger = ledger
        self._lock = threading.Lock()
        self._begin(0)

    def counters(self, now: float) -> Counters:
        with self._lock:
            while page := self._next():
                for visit in page:
                    self._count.take(visit)
                    self._seen = visit.number
            return self._count.counters(now)

    def _next(self) -> list[VisitRow]:
        """What is new; all of it where the numbers are not those of before."""
        visits = self._ledger.visits
        while True:
            if (series := visits.series) != self._series:
                self._begin(series)
            page = visits.since(self.since, after=self._seen, limit=_PAGE)
            if visits.series == series:
                return page

    def _begin(self, series: int) -> None:
        self._series = series
        self._count = VisitCount(self.since, self._ledger.bench)
        self._seen = 0  # the number of the last visit that is counted

    def last_stays(self) -> dict[str, VisitRow]:
        """The last one in each slot, of those that are counted."""
        with self._lock:
            return dict(self._count.last)
