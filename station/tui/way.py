# SPDX-License-Identifier: GPL-3.0-or-later
"""The screen goes first: while it has something to do, a slot that could begin its next step lets it pass, and one that
is in the middle of a step gets its turn later.

All threads take turns at one interpreter, and a key waited for the turns of each slot. A person notices 50 ms, a board
does not.
"""

from __future__ import annotations

import math
import selectors
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

MOST_S = 0.03
TURN_S = 0.0005
"""Of one thread while another one waits; by the interpreter's own default it would be ten times as long."""


@contextmanager
def short_turns() -> Iterator[None]:
    """For who lets the interpreter go again and again, and is to have it back soon."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(TURN_S)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


class Way:
    """The screen has it, or it is free. Who has it for longer than `MOST_S`, as a screen that hangs, is waited for no
    more until it was free again. While the screen has it, its turns are long."""

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
            sys.setswitchinterval(MOST_S)

    def leave(self) -> None:
        sys.setswitchinterval(TURN_S)
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
