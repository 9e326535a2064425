# SPDX-License-Identifier: GPL-3.0-or-later
"""Not faster than the cloud allows: calls to one host are spaced, whichever thread or client makes them."""

from __future__ import annotations

import threading
import time
from typing import ClassVar


class Pace:
    """At most `per_s` calls a second; 0 = no limit. Spaced, not bursts: the quotas are shared by a whole factory."""

    _shared: ClassVar[dict[tuple[str, float], Pace]] = {}
    _registry: ClassVar[threading.Lock] = threading.Lock()

    def __init__(self, per_s: float) -> None:
        self._gap_s = 1.0 / per_s if per_s > 0 else 0.0
        self._lock = threading.Lock()
        self._next_at = 0.0

    @classmethod
    def of(cls, host: str, per_s: float) -> Pace:
        """The one pace of this process for `host`."""
        with cls._registry:
            return cls._shared.setdefault((host, per_s), cls(per_s))

    def wait(self) -> None:
        """Return when the next call may go."""
        if not self._gap_s:
            return
        with self._lock:
            now = time.monotonic()
            at = max(now, self._next_at)
            self._next_at = at + self._gap_s
        time.sleep(at - now)
