# SPDX-License-Identifier: GPL-3.0-or-later
"""Garbage in cycles is collected while nobody waits for the screen. Python itself collects at any moment, in whatever
thread has made the last object, and a key waits for each collection: 3 ms again and again, 16 ms now and then.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

LOOK_S = 0.1
"""Between two looks at whether there is any."""
_QUIET_S = 0.04
"""After a key: its frame is on the screen, and no hand presses the next one so soon."""
_ENOUGH = 10_000
_TOO_MUCH = 200_000
"""Objects at which Python collects all the same: the screen hangs, or a key is held down."""
_YOUNG_ONLY = 15
"""So many times only what is young is gone through; what has grown old by then goes with the next one."""


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


def collect(quiet_s: float) -> None:
    """If there is enough of it. `quiet_s`: since the last key."""
    young, _, young_times = gc.get_count()
    if quiet_s >= _QUIET_S and young >= _ENOUGH:
        gc.collect(1 if young_times < _YOUNG_ONLY else 2)
