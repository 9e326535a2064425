# SPDX-License-Identifier: GPL-3.0-or-later
"""Sixteen slots for a long time: nothing is lost, and the station's memory and descriptors stay as they are."""

from __future__ import annotations

import signal
import statistics
import time
from pathlib import Path

from station.demo.setting import Wish, set_up
from tests.soak.floor import Bench, Floor
from tests.soak.looking import look_into_all
from tests.soak.setting import config_for
from tests.soak.toll import Toll
from tests.waiting import until

SLOTS = 16
_LOOK_S = 2.0
_GROWTH = 1.15
_WARM = 0.25
"""The first quarter is not compared, nor what was before each slot had done a board: caches and pools fill."""


def measured(pid: int) -> tuple[int, int]:
    """Resident memory in KiB, and open descriptors."""
    status = Path(f"/proc/{pid}/status").read_text("ascii")
    resident = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(resident.split()[1]), len(list(Path(f"/proc/{pid}/fd").iterdir()))


def long_run(seconds: float, folder: Path, *, slots: int = SLOTS, per_s: float = 12.0) -> Toll:
    """Boards come and go for so long; `per_s`: more than will ever be done in a second."""
    toll = Toll(f"{slots} slots for {seconds:.0f} s")
    folder.mkdir()
    with set_up(folder, Wish(boards=slots, count=int(seconds * per_s) + slots)) as demo:
        floor = Floor(demo)
        bench = Bench(config_for(demo), list(demo.fixtures), floor)
        floor.fill()
        until(lambda: len(floor.done) >= slots or floor.over or not bench.alive)
        seen: list[tuple[int, int]] = []
        end = time.monotonic() + seconds
        while time.monotonic() < end and not floor.over and bench.alive:
            time.sleep(min(_LOOK_S, seconds / 50))
            seen.append(measured(bench.pid))
        floor.rest()
        code = bench.end(signal.SIGTERM)
        floor.clear()
        toll.violations += [] if code in (0, 130) else [f"the station ended with {code}"]
        toll.violations += look_into_all(demo) + _grown(seen)
        toll.runs = len(floor.done)  # of boards: the station is run once
    warm = seen[int(len(seen) * _WARM) :]
    toll.remarks = (
        f"{len(floor.done)} boards, {warm[0][0] // 1024} → {warm[-1][0] // 1024} MB, {warm[-1][1]} descriptors"
    )
    return toll


def _grown(seen: list[tuple[int, int]]) -> list[str]:
    warm = seen[int(len(seen) * _WARM) :]
    part = max(1, len(warm) // 5)
    wrong = []
    for what, number, slack in (("memory", 0, 4096), ("descriptors", 1, SLOTS)):
        first, last = (statistics.median(look[number] for look in looks) for looks in (warm[:part], warm[-part:]))
        if last > first * _GROWTH + slack:
            wrong.append(f"{what} grew from {first} to {last}")
    return wrong
