# SPDX-License-Identifier: GPL-3.0-or-later
"""An output of the andon: where its lines go. One file a kind; a new kind is one more, and a line in `reading`."""

from __future__ import annotations

from typing import Protocol

from station.andon.light import Light
from station.andon.line import AndonLine
from station.codes import Code
from station.errors import StationFault

TAKES_S = 5.0
"""As long as one line may take; after that the output counts as dead, for now."""


class Output(Protocol):
    """Used by one thread, `close` by any. `deliver` and `look` end within about TAKES_S whatever the other side
    does, and say what is wrong as a StationError without a secret in it.
    """

    @property
    def name(self) -> str: ...

    @property
    def on(self) -> frozenset[Light] | None:
        """Of which tiles it is told; None: of everything."""

    @property
    def only_latest(self) -> bool:
        """What came meanwhile is of no use: a lamp shows what is so now."""

    @property
    def again_s(self) -> float | None:
        """The latest is told again after so long without another; None: never."""

    def deliver(self, line: AndonLine) -> None:
        """All of it has left, or a StationError: then it is tried again."""

    def look(self) -> None:
        """A StationError for what can be seen to be wrong without telling it anything."""

    def close(self) -> None:
        """More than once is nothing; never raises."""


def dead(what: str, do: str) -> StationFault:
    return StationFault(what, do=do, code=Code.E316)
