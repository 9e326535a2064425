# SPDX-License-Identifier: GPL-3.0-or-later
"""The shift in work: who, since when, how many boards, what is in doubt. Kept in the ledger, so that every screen,
the wall board and the command line tell the same.
"""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from station.ledger.believed import Although
from station.ledger.meta import get_meta, set_meta
from station.ledger.stock import Flashable
from station.ledger.store import Ledger
from station.ledger.strangers import open_strangers
from station.ledger.values import CertRow
from station.ledger.view import View
from station.model import State
from station.report.counters import HOUR_S, Counters, ShiftCount
from station.rules import RED_BIN

_KEY = "shift"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """Who works here, and since when (Unix time)."""

    operator: str
    started: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """A board in doubt: which one, since when, in which slot it was, and why."""

    name: str
    uid: str
    slot: str
    since: float
    attempt: int
    why: str = ""
    red_bin: bool = False  # its board failed: it is kept, not put back
    waits_for: str = ""  # uid of another board that may hold a part of it, whose fate a supervisor says first


def present_shift(ledger: View) -> Shift | None:
    """None before the first shift of this ledger."""
    stored = get_meta(ledger.connection, _KEY)
    return Shift(**json.loads(stored)) if stored else None


def began(ledger: View) -> float:
    """Unix time the present shift began; where nobody keeps shifts, the first visit of all, or now."""
    shift = present_shift(ledger)
    return shift.started if shift else ledger.visits.first_at() or time.time()


def begin_shift(ledger: Ledger, operator: str) -> Shift:
    """A new shift from now on; an audit line."""
    shift = Shift(operator=operator, started=time.time())
    set_meta(ledger, _KEY, json.dumps(asdict(shift)), event="shift begins", although=Although.SHIFT, operator=operator)
    return shift


def rename_operator(ledger: Ledger, shift: Shift, operator: str) -> Shift:
    """Another person at the same shift's bench; an audit line."""
    renamed = Shift(operator=operator, started=shift.started)
    set_meta(ledger, _KEY, json.dumps(asdict(renamed)), event="operator", although=Although.SHIFT, operator=operator)
    return renamed


class ShiftNumbers:
    """The counters of the present shift, asked again and again. `stock`: what counts as left; None means everything."""

    def __init__(self, ledger: View, stock: Flashable | None = None) -> None:
        self.stock = stock
        self._ledger = ledger
        self._count = ShiftCount(ledger, time.time())

    def counters(self) -> Counters:
        since, now = began(self._ledger), time.time()
        if since != self._count.since:
            self._count = ShiftCount(self._ledger, since)
        counted = self._count.counters(now)
        ready = self.stock.count() if self.stock else self._in_state(State.READY)
        rate = _present_rate(counted, now - since)
        return replace(
            counted,
            ready=ready,
            seconds_left=ready / rate * HOUR_S if rate else None,
            in_doubt=self._in_state(State.IN_DOUBT),
        )

    def _in_state(self, state: State) -> int:
        return sum(tally.identities for tally in self._ledger.stock.tallies() if tally.state is state)


def _present_rate(counted: Counters, age_s: float) -> float:
    """Boards an hour: of the last 60 minutes, so that nights and breaks do not count; of the shift where it is younger
    or had no pass in that time.
    """
    return counted.last_hour if age_s >= HOUR_S and counted.last_hour else counted.per_hour_shift


def doubts(ledger: View) -> tuple[Doubt, ...]:
    """Oldest first."""
    awaited = {one.name: one.uid for one in open_strangers(ledger.connection)}
    return tuple(_doubt(row, awaited.get(row.name, "")) for row in ledger.certificates.unsettled())


def _doubt(row: CertRow, waits_for: str) -> Doubt:
    return Doubt(
        name=str(row.name),
        uid=row.board_uid or "",
        slot=row.slot,
        since=unix(row.changed_at),
        attempt=row.attempt,
        why=row.reason,
        red_bin=row.reason[:4] in RED_BIN,
        waits_for=waits_for,
    )


def unix(text: str) -> float:
    """The ledger's ISO time as Unix time."""
    return datetime.fromisoformat(text).timestamp()
