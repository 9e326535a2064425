# SPDX-License-Identifier: GPL-3.0-or-later
"""A line in numbers: its benches, its stock and how long it lasts, its doubts and locks, plan against actual."""

from __future__ import annotations

from dataclasses import dataclass

from station.ledger.line import BenchView
from station.ledger.view import View
from station.model import State
from station.report.pace import HOUR_S


@dataclass(frozen=True, slots=True, kw_only=True)
class LineNumbers:
    """Of the last hour. `hours_left`: until the stock is used up at this rate, None without one; `plan`: boards an
    hour, 0 where there is none."""

    benches: tuple[BenchView, ...]
    per_hour: int
    plan: int
    ready: int
    hours_left: float | None
    in_doubt: int
    locks: tuple[str, ...]

    @property
    def part_of_plan(self) -> float | None:
        return self.per_hour / self.plan if self.plan else None


def line_numbers(ledger: View, *, plan: int) -> LineNumbers:
    """A few questions, each the same at any size."""
    benches = tuple(ledger.line.benches(within_s=HOUR_S))
    per_hour = sum(bench.passed for bench in benches)
    ready = sum(tally.identities for tally in ledger.stock.tallies() if tally.state is State.READY)
    in_doubt = sum(tally.identities for tally in ledger.stock.tallies() if tally.state is State.IN_DOUBT)
    return LineNumbers(
        benches=benches,
        per_hour=per_hour,
        plan=plan,
        ready=ready,
        hours_left=ready / per_hour if per_hour else None,
        in_doubt=in_doubt,
        locks=tuple(f"{lock.scope or '*'}: {lock.code} {lock.what}" for lock in ledger.locks.held().values()),
    )
