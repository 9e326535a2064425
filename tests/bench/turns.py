# SPDX-License-Identifier: GPL-3.0-or-later
"""How often a bench has looked at its slots: what a test waits for where nothing is to come."""

from __future__ import annotations

from collections.abc import Callable

from station.bench.bench import Bench
from station.targets.hotplug import PortEvent


def at_each_turn(bench: Bench, act: Callable[[], None]) -> None:
    """`act` in the bench's thread, before it looks."""
    look = bench._watcher.events

    def turn(timeout_s: float) -> list[PortEvent]:
        act()
        return look(timeout_s)

    bench._watcher.events = turn  # type: ignore[method-assign]
