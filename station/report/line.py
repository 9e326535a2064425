# SPDX-License-Identifier: GPL-3.0-or-later
"""A line in numbers: its benches, its stock and how long it lasts, its doubts and locks, plan against actual.

`station status --line` and the wall board of a line tell the same, which is this.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from station.ledger.line import BenchView
from station.ledger.locks import Lock
from station.ledger.view import View
from station.model import State
from station.report.pace import FEWEST, HOUR_S, lasts_s, part_of_plan, rate
from station.report.shift import Doubt, doubts
from station.rules import Outcome, counts_in_yield


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchNumbers:
    """A bench in the last hour. `failed`: boards whose write failed since, and who are to blame for it; `to_put_back`
    and `in_red_bin`: boards that it left in doubt, whenever that was."""

    seen: BenchView
    failed: int
    to_put_back: int
    in_red_bin: int

    @property
    def part_passed(self) -> float | None:
        """0..1 of the boards that passed or failed; None before the first."""
        ended = self.seen.passed + self.failed
        return self.seen.passed / ended if ended else None


@dataclass(frozen=True, slots=True, kw_only=True)
class LineNumbers:
    """Of the last hour. `hours_left`: until the stock is used up at this rate, None where too few boards were made;
    `plan`: boards an hour, 0 where there is none; `part_passed` as of a bench; `locks` with their benches' names."""

    benches: tuple[BenchNumbers, ...]
    per_hour: int
    plan: int
    part_passed: float | None
    products: tuple[str, ...]
    ready: int
    hours_left: float | None
    in_doubt: int
    doubts: tuple[Doubt, ...]
    locks: tuple[Lock, ...]

    @property
    def part_of_plan(self) -> float | None:
        return part_of_plan(self.per_hour, self.plan)

    @property
    def in_red_bin(self) -> int:
        return sum(doubt.is_kept for doubt in self.doubts)


def line_numbers(ledger: View, *, plan: int) -> LineNumbers:
    """A few questions, each the same at any size."""
    views = ledger.line.benches(within_s=HOUR_S)
    left_in_doubt = doubts(ledger)
    benches = tuple(_benches(views, left_in_doubt, ledger.line.doubted_at()))
    per_hour, failed = sum(view.passed for view in views), sum(bench.failed for bench in benches)
    tallies = ledger.stock.tallies()
    ready = sum(tally.identities for tally in tallies if tally.state is State.READY)
    left_s = lasts_s(ready, rate(per_hour, (), HOUR_S, fewest=min(FEWEST, max(ready, 1))))
    return LineNumbers(
        benches=benches,
        per_hour=per_hour,
        plan=plan,
        part_passed=per_hour / (per_hour + failed) if per_hour + failed else None,
        products=tuple(sorted({tally.product_key for tally in tallies if tally.state is State.READY})),
        ready=ready,
        hours_left=None if left_s is None else left_s / HOUR_S,
        in_doubt=sum(tally.identities for tally in tallies if tally.state is State.IN_DOUBT),
        doubts=left_in_doubt,
        locks=tuple(ledger.line.locks()),
    )


def _benches(
    views: Iterable[BenchView], left_in_doubt: Iterable[Doubt], doubted_at: dict[str, str]
) -> Iterable[BenchNumbers]:
    acting, kept, failed = Counter[str](), Counter[str](), Counter[str]()
    since = time.time() - HOUR_S
    for doubt in left_in_doubt:
        bench = doubted_at.get(doubt.name, "")
        (kept if doubt.is_kept else acting)[bench] += 1
        failed[bench] += doubt.since >= since and counts_in_yield(Outcome.IN_DOUBT, doubt.code)
    for view in views:
        name = view.name
        yield BenchNumbers(seen=view, failed=failed[name], to_put_back=acting[name], in_red_bin=kept[name])
