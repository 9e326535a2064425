# SPDX-License-Identifier: GPL-3.0-or-later
"""A line in memory, of as many benches as asked for: one is away, one has a board that is to be put back."""

from __future__ import annotations

from dataclasses import dataclass

from station.codes import Code
from station.errors import StationError
from station.ledger.line import BenchView
from station.ledger.locks import Lock
from station.report.line import BenchNumbers, LineNumbers
from station.report.shift import Doubt
from tests.tui.fake_desk import DOUBT


def a_bench(number: int, passed: int, *, quiet_s: float | None = 3.0, to_put_back: int = 0) -> BenchNumbers:
    there = quiet_s is not None
    view = BenchView(name=f"bench-{number:02}", begun=passed, passed=passed, present=there, quiet_s=quiet_s)
    return BenchNumbers(seen=view, failed=passed // 40, to_put_back=to_put_back, in_red_bin=0)


@dataclass
class FakeLine:
    """What a test says of it."""

    count: int = 8
    doubts: tuple[Doubt, ...] = (DOUBT,)
    locks: tuple[Lock, ...] = ()
    trouble: StationError | None = None
    name: str = "db.factory_line3"

    def numbers(self) -> LineNumbers:
        if self.trouble:
            raise self.trouble
        made = [0 if number == 5 else 260 + number * 7 % 60 for number in range(1, self.count + 1)]
        benches = tuple(
            a_bench(
                number,
                passed,
                quiet_s=None if number == 4 else 200.0 if number == 5 else number / 3,
                to_put_back=len(self.doubts) if number == 3 else 0,
            )
            for number, passed in enumerate(made, 1)
        )
        per_hour = sum(made)
        return LineNumbers(
            benches=benches,
            per_hour=per_hour,
            plan=per_hour + 100,
            part_passed=0.978,
            products=("a1B2c3D4e5F",),
            ready=48_120,
            hours_left=48_120 / per_hour if per_hour else None,
            in_doubt=len(self.doubts),
            doubts=self.doubts,
            locks=self.locks,
        )


A_SLOT = Lock(scope="7", code=Code.E602, what="three in a row", since="2026-09-21T06:13:20.000000+00:00")
