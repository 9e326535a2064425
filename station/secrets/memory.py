# SPDX-License-Identifier: GPL-3.0-or-later
"""A process that has a key, a password or an account's secret in its memory leaves no image of it: no core file, and no
other program looks in.
"""

from __future__ import annotations

import ctypes
import resource
from contextlib import suppress

_PR_SET_DUMPABLE = 4  # prctl(2)


def keep_out_of_dumps() -> None:
    """For the rest of this process's life. Programs it starts leave no core file either."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with suppress(OSError, AttributeError):  # a system without prctl
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
