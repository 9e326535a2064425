# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the threads of slots run: all on one core, since they take turns in one interpreter all the same.

Spread over the cores, each answer of a board wakes a thread on another one, with nothing of ours in its cache: twice
the CPU a board (20 ms to 9 ms an ESP32), and 16 boards at once wait for each other. What else is to run on that core
the system moves away from it. What a slot's thread starts would stay there too: a target of another package may start a
vendor's program for each board, and is left where the system puts it.
"""

from __future__ import annotations

import os
from contextlib import suppress


def stay_on_one_core() -> None:
    """Called by a slot's thread; it never raises. Which core goes by the process, so that several stations on one PC
    are spread. Where the system cannot, or forbids it, the thread stays free.
    """
    if not hasattr(os, "sched_setaffinity"):
        return
    with suppress(OSError):
        cores = sorted(os.sched_getaffinity(os.getpid()))  # the first thread's, which is free
        os.sched_setaffinity(0, {cores[os.getpid() % len(cores)]})
