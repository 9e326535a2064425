# SPDX-License-Identifier: GPL-3.0-or-later
"""Garbage in cycles is collected while nobody waits for the screen. Python itself collects at any moment, in whatever
thread has made the last object, and a key waits for each collection: 3 ms again and again, 16 ms now and then.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager

LOOK_S = 0.1
"""Between two looks at whether there is any."""
_QUIET_S = 0.04
"""After a key: its frame is on the screen, and no hand presses the next one so soon."""
_ENOUGH = 3_000
_TOO_MUCH = 200_000
"""Objects at which Python collects all the same: the screen hangs, or a key is held down."""
_ALL_S = 60.0
_LONG_QUIET_S = 1.0


@contextmanager
def collected_by_the_screen() -> Iterator[None]:
    """Inside, Python by itself collects `_TOO_MUCH` only."""
    before = gc.get_threshold()
    gc.set_threshold(_TOO_MUCH, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def settle() -> None:
    """What is loaded now stays: no collection goes through it again, which would take tens of ms."""
    gc.freeze()


class Garbage:
    """Of the whole program; collected by the screen's thread."""

    def __init__(self) -> None:
        self._all_at = time.monotonic()

    def collect(self, quiet_s: float) -> None:
        """If there is enough of it. `quiet_s`: since the last key."""
        if quiet_s >= _LONG_QUIET_S and time.monotonic() - self._all_at >= _ALL_S:
            gc.collect()
            self._all_at = time.monotonic()
        elif quiet_s >= _QUIET_S and gc.get_count()[0] >= _ENOUGH:
            gc.collect(1)
