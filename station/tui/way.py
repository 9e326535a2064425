# SPDX-License-Identifier: GPL-3.0-or-later
"""The screen goes first: while it has something to do, a slot that could begin its next step lets it pass.

All threads take turns at one interpreter, and a key waited for the turns of each slot. A person notices 50 ms, a board
does not.
"""

from __future__ import annotations

import math
import selectors
import threading
import time

MOST_S = 0.03


class Way:
    """The screen has it, or it is free. Who has it for longer than `MOST_S`, as a screen that hangs, is waited for no
    more until it was free again."""

    def __init__(self) -> None:
        self._free = threading.Event()
        self._free.set()
        self._until = -math.inf  # monotonic

    @property
    def is_free(self) -> bool:
        return self._free.is_set()

    def take(self) -> None:
        if self.is_free:
            self._until = time.monotonic() + MOST_S
            self._free.clear()

    def leave(self) -> None:
        self._free.set()

    def let_pass(self) -> None:
        """Returns once it is free, and at the latest `MOST_S` after it was taken."""
        if not self.is_free and (left := self._until - time.monotonic()) > 0:
            self._free.wait(left)


class ScreenSelector(selectors.DefaultSelector):
    """Of an event loop: it has the way except while it waits for something to do."""

    def __init__(self, way: Way) -> None:
        super().__init__()
        self._way = way

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None or timeout > 0:
            self._way.leave()
        try:
            return super().select(timeout)
        finally:
            self._way.take()
