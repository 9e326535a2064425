# SPDX-License-Identifier: GPL-3.0-or-later
"""A terminal that is written to by the screen's own thread, a frame at a time.

Textual hands each frame to another thread, which waits for its turn among all slots before anybody sees it; and 30 of
them queue for a slow terminal, seconds behind what is.
"""

from __future__ import annotations

import errno
import math
import os
import select
import sys
import time
from typing import TYPE_CHECKING

from textual.drivers.linux_driver import LinuxDriver

from station.tui.way import short_turns

if TYPE_CHECKING:
    from textual.app import App

_LOOK_S = 0.1
"""While a terminal takes nothing, between two looks at whether the screen is to end."""
_LAST_S = 1.0
"""So long one that takes nothing is waited for at the end."""


class OwnTerminal:
    """What is written comes whole, however slowly it is taken: by a terminal that nobody reads, not at all."""

    def __init__(self, shared: int) -> None:
        self._own = _not_waiting(shared)
        self._until = math.inf  # monotonic

    def write(self, data: bytes) -> None:
        """Nothing where the terminal is gone: a signal tells of its end."""
        left = memoryview(data)
        try:
            with short_turns():  # it takes some kilobytes at a time
                while left and self._own >= 0:
                    left = left[self._taken(left) :]
                    if left and not self._takes_more():
                        return
        except OSError as error:
            if error.errno != errno.EIO:
                raise

    def _taken(self, data: memoryview) -> int:
        """How many bytes it took at once."""
        try:
            return os.write(self._own, data)
        except BlockingIOError:
            return 0

    def _takes_more(self) -> bool:
        """Once it does; False where it is not waited for any more."""
        while (left := self._until - time.monotonic()) > 0:
            if select.select([], [self._own], [], min(left, _LOOK_S))[1]:
                return True
        return bool(select.select([], [self._own], [], 0)[1])

    def give_up(self) -> None:
        """From another thread: what it does not take from now on is left out."""
        self._until = time.monotonic() + _LAST_S

    def close(self) -> None:
        """Nothing is written from then on: its number may be the ledger's."""
        own, self._own = self._own, -1
        if own >= 0:
            os.close(own)


def _not_waiting(shared: int) -> int:
    """The same terminal, as a description of our own: what is set for that one holds for the shell, too."""
    try:
        return os.open(os.ttyname(shared), os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
    except OSError:  # none, or not ours to open
        return os.dup(shared)


class Direct(LinuxDriver):
    """What a signal's handler writes in the middle of a frame does no harm: nothing is buffered."""

    def __init__(
        self, app: App[object], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._terminal = OwnTerminal(sys.__stderr__.fileno())  # type: ignore[union-attr]  # as of all of Textual's

    def write(self, data: str) -> None:
        """As `OwnTerminal` has it."""
        self._terminal.write(data.encode("utf-8", "replace"))

    def give_up(self) -> None:
        """As `OwnTerminal` has it."""
        self._terminal.give_up()

    def close(self) -> None:
        """After the last write."""
        super().close()
        self._terminal.close()
