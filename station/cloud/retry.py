# SPDX-License-Identifier: GPL-3.0-or-later
"""When the same question may be asked again, and how long is waited before.

A fault that passes (5xx, a web page, half an answer) is worth a few attempts within seconds. Throttling is no fault: it
is waited out for minutes, as long as the cloud says so (Retry-After) or else ever longer, and whoever waits is told.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto

Rest = Callable[[float, str], bool]
"""Sleep so many seconds; told why, "" where that was said already; False ends the waiting."""


class Again(Enum):
    """What an answer says about asking again."""

    NO = auto()  # it is the answer
    SOON = auto()  # a fault that may have passed the next time
    LATER = auto()  # too many calls: not before a while has passed


def sleep(seconds: float, _why: str) -> bool:
    """For callers that are neither told nor stopped."""
    time.sleep(seconds)
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """Waits double from `first_wait_s`, with full jitter, up to `longest_wait_s`. `throttled_s`: how long throttling of
    one call is waited out; its waits double from `first_throttled_s`.
    """

    attempts: int = 4
    first_wait_s: float = 0.5
    longest_wait_s: float = 20.0
    throttled_s: float = 600.0
    first_throttled_s: float = 1.0
    longest_throttled_s: float = 60.0

    def wait_s(self, attempt: int, asked_s: float = 0.0) -> float:
        drawn = random.uniform(0, self.first_wait_s * 2**attempt)  # noqa: S311 - jitter, not a secret
        return min(self.longest_wait_s, max(asked_s, drawn))

    def throttled_wait_s(self, times: int, asked_s: float) -> float:
        """`asked_s` is the cloud's own word and is not shortened."""
        drawn = self.first_throttled_s * 2.0 ** min(times, 20) * random.uniform(0.5, 1)  # noqa: S311
        return max(asked_s, min(self.longest_throttled_s, drawn))


def retry_after_s(headers: Mapping[str, str]) -> float:
    """Seconds that the answer asks to wait, as a number or a date; 0 when it says nothing that can be read."""
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return float(text) if len(text) < 6 else 0.0
    from email.utils import parsedate_to_datetime  # noqa: PLC0415 - for a date, which few answers have

    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except (ValueError, OverflowError):
        return 0.0
