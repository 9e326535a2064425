# SPDX-License-Identifier: GPL-3.0-or-later
"""The numbers that follow from the visits of boards: passed, failed, yield, boards per hour, failures by code."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from station.ledger.connection import Connection
from station.ledger.values import Visit
from station.ledger.visits import visits_since
from station.rules import Outcome, first_pass_yield

_HOUR_S = 3600.0
_TOGETHER = 64  # visits among which the latest surely is
_LATE_S = 10.0  # slots write at once, so a visit may be stored after one that ended later


@dataclass(frozen=True, slots=True, kw_only=True)
class SetProgress:
    """The NVR set being flashed as boards of their own."""

    name: str
    done: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Counters:
    """`first_pass` is 0..1 over unique boards without station faults, None before the first board."""

    passed: int = 0
    failed: int = 0
    first_pass: float | None = None
    last_hour: int = 0  # boards in the last 60 minutes
    per_hour_shift: float = 0.0
    ready: int = 0  # identities left
    seconds_left: float | None = None  # until they run out at the present rate
    in_doubt: int = 0
    hourly: tuple[int, ...] = ()  # boards in each hour of the shift, oldest first
    failures: tuple[tuple[str, int], ...] = ()  # (code, count), most frequent first
    current_set: SetProgress | None = None


class VisitLog:
    """The visits since a moment. Asks the ledger only for what is new, so that a long shift costs no more."""

    def __init__(self, connection: Connection, since: float) -> None:
        self._connection = connection
        self.since = since
        self._lock = threading.Lock()
        self._visits: list[Visit] = []

    def visits(self) -> Sequence[Visit]:
        """Oldest first."""
        with self._lock:
            newest = max((visit.at for visit in self._visits[-_TOGETHER:]), default=self.since)
            again = max(self.since, newest - _LATE_S)
            known = [visit for visit in self._visits if visit.at >= again]
            self._visits += [visit for visit in visits_since(self._connection, again) if visit not in known]
            return tuple(self._visits)


def count(visits: Sequence[Visit], since: float, now: float) -> Counters:
    """The numbers that follow from visits alone."""
    judged = [visit for visit in visits if Outcome(visit.outcome).counts_for_yield]
    passed = [visit for visit in judged if visit.outcome == Outcome.PASS]
    hours = max((now - since) / _HOUR_S, 1 / 60)
    pairs = [(visit.board_uid, Outcome(visit.outcome)) for visit in judged if visit.board_uid]
    failures = Counter(visit.code for visit in visits if visit.code)
    return Counters(
        passed=len(passed),
        failed=len(judged) - len(passed),
        first_pass=first_pass_yield(pairs),
        last_hour=sum(visit.at > now - _HOUR_S for visit in passed),
        per_hour_shift=len(passed) / hours,
        hourly=_hourly(passed, since, now),
        failures=tuple(failures.most_common()),
    )


def _hourly(passed: Sequence[Visit], since: float, now: float) -> tuple[int, ...]:
    per_hour = [0] * (int((now - since) // _HOUR_S) + 1)
    for visit in passed:
        per_hour[min(int((visit.at - since) // _HOUR_S), len(per_hour) - 1)] += 1
    return tuple(per_hour)
