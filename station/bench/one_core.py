# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the threads of slots run: all on one core, since they take turns in one interpreter all the same.

Spread over the cores, each answer of a board wakes a thread on another one, with nothing of ours in its cache: twice
the CPU a board (20 ms to 9 ms an ESP32), and 16 boards at once wait for each other. What else is to run on that core
the system moves away from it.
"""

from __future__ import annotations

import os
from contextlib import suppress


def stay_on_one_core() -> None:
    """Called by a slot's thread. Stations on one PC take different cores. Where the system cannot, it stays free."""
    if not hasattr(os, "sched_setaffinity"):
        return
    cores = sorted(os.sched_getaffinity(os.getpid()))  # the first thread's, which is free
    with suppress(OSError):
        os.sched_setaffinity(0, {cores[os.getpid() % len(cores)]})
