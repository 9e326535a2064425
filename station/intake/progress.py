# SPDX-License-Identifier: GPL-3.0-or-later
"""How far a long intake is, and a way to end it between two steps."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """`total` is None while nobody knows it; `per_s` and `left_s` count only what this run did."""

    done: int
    total: int | None
    per_s: float
    left_s: float | None


Show = Callable[[Progress], None]
Stop = Callable[[], bool]


def show_nothing(_progress: Progress) -> None:
    """For callers that show none."""


def say_nothing(_text: str) -> None:
    """For callers that do not talk."""


def never() -> bool:
    """For callers that never stop."""
    return False


def rest(seconds: float, stop: Stop) -> bool:
    """Sleep, but end within a fifth of a second once `stop()`; whether to go on."""
    until = time.monotonic() + seconds
    while not stop():
        left = until - time.monotonic()
        if left <= 0:
            return True
        time.sleep(min(left, 0.2))
    return False


def resting(say: Callable[[str], None], stop: Stop) -> Callable[[float, str], bool]:
    """A `Rest` that says why it waits and ends when `stop()`."""

    def wait(seconds: float, why: str) -> bool:
        if why:
            say(f"{why}; asking again in {seconds:.0f} s")
        return rest(seconds, stop)

    return wait


class Meter:
    """Rate and time left since `Meter()`, when `start` were done already."""

    def __init__(self, start: int) -> None:
        self._start = start
        self._began = time.monotonic()

    def at(self, done: int, total: int | None) -> Progress:
        elapsed = max(time.monotonic() - self._began, 1e-6)
        per_s = (done - self._start) / elapsed
        left = (total - done) / per_s if total is not None and per_s > 0 else None
        return Progress(done=done, total=total, per_s=per_s, left_s=left)
