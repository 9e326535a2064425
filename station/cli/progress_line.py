# SPDX-License-Identifier: GPL-3.0-or-later
"""Long commands: one line on stderr that renews itself, and Ctrl-C that ends between two steps."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

from station.cli.output import say, say_lines, say_over

if TYPE_CHECKING:
    from station.intake.progress import Progress


class ProgressLine:
    """Shows at most five times a second on a terminal, every ten seconds elsewhere."""

    def __init__(self, unit: str) -> None:
        self._unit = unit
        self._tty = sys.stderr.isatty()
        self._gap_s = 0.2 if self._tty else 10.0
        self._next_at = time.monotonic() + self._gap_s
        self._shown = False

    def show(self, progress: Progress) -> None:
        now = time.monotonic()
        if now < self._next_at:
            return
        self._next_at = now + self._gap_s
        of = f" of {progress.total}" if progress.total is not None else ""
        left = f", {duration(progress.left_s)} left" if progress.left_s is not None else ""
        line = f"{progress.done}{of} {self._unit}, {progress.per_s:.0f}/s{left}"
        if self._tty:
            say_over(f"{line:<70}")
        else:
            say(line)
        self._shown = self._tty

    def say(self, text: str) -> None:
        """A line of its own."""
        self.end()
        say(text)

    def end(self) -> None:
        if self._shown:
            say("")
        self._shown = False


class StopAsked:
    """Whether Ctrl-C was pressed; a second one ends the process at once, which is safe too."""

    def __init__(self) -> None:
        self._asked = False

    def __call__(self) -> bool:
        return self._asked

    def ask(self) -> None:
        self._asked = True


@contextmanager
def ctrl_c_stops() -> Iterator[StopAsked]:
    """Inside, the first Ctrl-C only asks to stop."""
    stop = StopAsked()
    before = signal.getsignal(signal.SIGINT)

    def on_interrupt(_number: int, _frame: FrameType | None) -> None:
        stop.ask()
        signal.signal(signal.SIGINT, before)
        say_lines("\nending after this step; Ctrl-C again ends at once")

    signal.signal(signal.SIGINT, on_interrupt)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)


def duration(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"
