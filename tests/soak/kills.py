# SPDX-License-Identifier: GPL-3.0-or-later
"""SIGKILL at each call by which a command changes the world; afterwards the command is run again unharmed, and all must
be as if it had never died, except that an identity may have stayed married to a board.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from tests.soak.fatal import End, station
from tests.soak.toll import Toll


class Scene(Protocol):
    """A place where a command can be run over and over."""

    under: Path
    """Whose files' calls count."""

    def fresh(self) -> list[object]:
        """Sets up the next case; the command's arguments."""

    def settle(self, end: End) -> list[str]:
        """Unharmed commands until the case is over, as a person would go on; what is wrong then."""

    def look(self) -> list[str]:
        """What is wrong with all cases together, once they are over."""


Stage = Callable[[Path], AbstractContextManager[Scene]]


def points(calls: int, every: int, first: int) -> Iterable[int]:
    return range(min(first, calls), calls + 1, every)


def kill_at_each_call(campaign: str, stage: Stage, folder: Path, *, every: int = 1, first: int = 1) -> Toll:
    """At each `every`-th call from the `first`; a killed write has reached the file by half at every other point."""
    toll = Toll(campaign)
    folder.mkdir()
    with stage(folder) as scene:
        whole = station(scene.fresh(), under=scene.under)
        toll.runs += 1
        toll.violations += scene.settle(whole)
        assert whole.calls, f"{campaign}: the calls were not counted: {whole}"
        for number, at in enumerate(points(whole.calls, every, first)):
            end = station(scene.fresh(), under=scene.under, at=at, half=bool(number % 2))
            toll.runs += 1
            toll.faults += end.killed
            toll.violations += [f"at call {at} of {whole.calls}: {what}" for what in scene.settle(end)]
        toll.violations += scene.look()
        toll.remarks = f"{whole.calls} calls"
    return toll
