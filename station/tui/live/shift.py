# SPDX-License-Identifier: GPL-3.0-or-later
"""The shift in work, and the numbers of the visits since it began."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from station.ledger.connection import Connection
from station.ledger.meta import get_meta, set_meta
from station.ledger.store import Ledger
from station.ledger.values import Visit
from station.ledger.visits import visits_since
from station.rules import Outcome, first_pass_yield
from station.tui.desk import Counters

_KEY = "shift"
_HOUR_S = 3600.0
_TOGETHER = 64  # visits among which the latest surely is
_LATE_S = 10.0  # slots write at once, so a visit may be stored after one that ended later


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """Who works here, and since when (Unix time)."""

    operator: str
    started: float


def present_shift(connection: Connection) -> Shift | None:
    """None before the first shift of this ledger."""
    stored = get_meta(connection, _KEY)
    return Shift(**json.loads(stored)) if stored else None


def begin_shift(ledger: Ledger, operator: str) -> Shift:
    """A new shift from now on; an audit line."""
    shift = Shift(operator=operator, started=time.time())
    set_meta(ledger, _KEY, json.dumps(asdict(shift)), event="shift begins", operator=operator)
    return shift


def rename_operator(ledger: Ledger, shift: Shift, operator: str) -> Shift:
    """Another person at the same shift's bench; an audit line."""
    renamed = Shift(operator=operator, started=shift.started)
    set_meta(ledger, _KEY, json.dumps(asdict(renamed)), event="operator", operator=operator)
    return renamed


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
