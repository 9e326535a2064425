# SPDX-License-Identifier: GPL-3.0-or-later
"""A gateway's flow control: so many calls in any one second, a refused one not counted. 0: no limit.

A sliding second is the strictest way to count; the vendor does not say how its gateway does. Who keeps to this keeps to
any other.
"""

from __future__ import annotations

import time
from collections import deque
from threading import Lock


class FlowControl:
    def __init__(self, per_s: int) -> None:
        self.per_s = per_s
        self.refused = 0
        self._lock = Lock()
        self._let_in: deque[float] = deque()

    def lets_in(self) -> bool:
        if not self.per_s:
            return True
        with self._lock:
            now = time.monotonic()
            while self._let_in and self._let_in[0] <= now - 1.0:
                self._let_in.popleft()
            if len(self._let_in) >= self.per_s:
                self.refused += 1
                return False
            self._let_in.append(now)
            return True
