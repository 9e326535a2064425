# SPDX-License-Identifier: GPL-3.0-or-later
"""Not faster than the cloud allows: calls to one host are spaced, whichever thread or client makes them.

In no second more than `per_s` calls leave, counted when they leave, so that a limit counted in whole seconds or in a
sliding one is kept alike. What a late wake-up lost is caught up within the part of a second that is kept free for it.
An answer that asks for a pause holds back every call to that host, not the one that got it.
"""

from __future__ import annotations

import threading
import time
from typing import ClassVar

from station.cloud.retry import Rest, sleep

_FREE = 0.04  # of a second's calls, for catching up; from 25 calls a second on it is at least one


class Pace:
    """At most `per_s` calls a second; 0 = no limit. Spaced, not bursts: the quotas are shared by a whole factory."""

    _shared: ClassVar[dict[tuple[str, float], Pace]] = {}
    _registry: ClassVar[threading.Lock] = threading.Lock()

    def __init__(self, per_s: float) -> None:
        free = int(per_s * _FREE)
        self._gap_s = 1.0 / (per_s - free) if per_s > 0 else 0.0
        self._early_s = self._gap_s * max(0, free - 1)
        self._turn = threading.Lock()  # who has it is next; the others wait for it, not for a time
        self._next_at = 0.0
        self._held_until = 0.0

    @classmethod
    def of(cls, host: str, per_s: float) -> Pace:
        """The one pace of this process for `host`."""
        with cls._registry:
            return cls._shared.setdefault((host, per_s), cls(per_s))

    def wait(self, rest: Rest = sleep) -> bool:
        """True when the next call may go; False when `rest`, with which a pause is waited out, ended the waiting."""
        if not self._gap_s and not self.is_held:
            return True
        with self._turn:
            while (left_s := self._held_until - time.monotonic()) > 0:
                if not rest(left_s, ""):
                    return False
            now = time.monotonic()
            if (left_s := self._next_at - self._early_s - now) > 0:
                time.sleep(left_s)
                now = time.monotonic()
            self._next_at = max(now, self._next_at) + self._gap_s
        return True

    @property
    def is_held(self) -> bool:
        return self._held_until > time.monotonic()

    def hold(self, seconds: float) -> float:
        """No call goes for so long; what is returned ends that early, in `release`."""
        until = time.monotonic() + seconds
        self._held_until = max(self._held_until, until)
        return until

    def release(self, until: float) -> None:
        """This pause is over; one that another call asked for since goes on."""
        if self._held_until == until:
            self._held_until = 0.0
