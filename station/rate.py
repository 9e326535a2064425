# SPDX-License-Identifier: GPL-3.0-or-later
"""How often something may happen: so many at once, and so many a second."""

from __future__ import annotations

import time


class Rate:
    def __init__(self, at_once: int, per_s: float) -> None:
        self._most, self._per_s = float(at_once), per_s
        self._left = self._most
        self._at = time.monotonic()

    def allows(self) -> bool:
        """Counts, if it does."""
        now = time.monotonic()
        self._left = min(self._most, self._left + (now - self._at) * self._per_s)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
