# SPDX-License-Identifier: GPL-3.0-or-later
"""The shift in numbers: how many boards, how fast, what is in doubt."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from datetime import datetime

from station.codes import Code, Then, coded
from station.ledger.stock import Flashable
from station.ledger.values import CertRow, VisitRow
from station.ledger.view import View
from station.model import State
from station.people.shift import began
from station.report.counters import Counters, ShiftCount
from station.report.pace import FEWEST, lasts_s, part_of_plan, rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """A board in doubt: which one, since when, in which slot it was, and why."""

    name: str
    uid: str
    slot: str
    since: float
    attempt: int
    code: Code | None = None
    reason: str = ""
    red_bin: bool = False  # its board failed: it is kept, not put back
    waits_for: str = ""  # uid of another board that may hold a part of it, whose fate a supervisor says first

    @property
    def why(self) -> str:
        """Code and reason in one line."""
        return coded(self.code, self.reason)

    @property
    def is_kept(self) -> bool:
        """Its board lies in the red bin, and nothing is to be done about it."""
        return self.red_bin and not self.waits_for


class ShiftNumbers:
    """The counters of the present shift, asked again and again. `stock`: what counts as left; None means everything.
    `plan`: boards an hour, 0 without one."""

    def __init__(self, ledger: View, stock: Flashable | None = None, *, plan: int = 0) -> None:
        self.stock = stock
        self._ledger, self._plan = ledger, plan
        self._count = ShiftCount(ledger, time.time())

    def counters(self) -> Counters:
        since, now = began(self._ledger), time.time()
        if since != self._count.since:
            self._count = ShiftCount(self._ledger, since)
        counted = self._count.counters(now)
        ready = self.stock.count() if self.stock else self._in_state(State.READY)
        per_hour = rate(counted.last_hour, counted.hourly, now - since, fewest=min(FEWEST, max(ready, 1)))
        in_doubt = self._in_state(State.IN_DOUBT)
        return replace(
            counted,
            ready=ready,
            seconds_left=lasts_s(ready, per_hour),
            plan=self._plan,
            part_of_plan=part_of_plan(counted.last_hour, self._plan, now - since),
            in_doubt=in_doubt,
            in_red_bin=sum(doubt.is_kept for doubt in doubts(self._ledger)) if in_doubt else 0,
        )

    def last_stays(self) -> dict[str, VisitRow]:
        """How the last stay in each slot ended, of those that `counters` has counted."""
        return self._count.last_stays()

    def _in_state(self, state: State) -> int:
        return sum(tally.identities for tally in self._ledger.stock.tallies() if tally.state is state)


def doubts(ledger: View) -> tuple[Doubt, ...]:
    """Oldest first."""
    awaited = {one.name: one.uid for one in ledger.strangers.open()}
    return tuple(_doubt(row, awaited.get(row.name, "")) for row in ledger.certificates.unsettled())


def _doubt(row: CertRow, waits_for: str) -> Doubt:
    return Doubt(
        name=str(row.name),
        uid=row.board_uid or "",
        slot=row.slot,
        since=unix(row.changed_at),
        attempt=row.attempt,
        code=row.code,
        reason=row.reason,
        red_bin=row.code is not None and Then.RED_BIN in row.code.then,
        waits_for=waits_for,
    )


def unix(text: str) -> float:
    """The ledger's ISO time as Unix time."""
    return datetime.fromisoformat(text).timestamp()
