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
from station.words.width import padded

if TYPE_CHECKING:
    from station.intake.progress import Progress
    from station.words.command_words import ProgressWords
    from station.words.language import Words

_WIDTH = 70  # cells: a shorter line covers the one before


class ProgressLine:
    """Shows at most five times a second on a terminal, every ten seconds elsewhere."""

    def __init__(self, unit: str, words: Words) -> None:
        self._unit, self._text = unit, words.commands.progress
        self._tty = sys.stderr.isatty()
        self._gap_s = 0.2 if self._tty else 10.0
        self._next_at = time.monotonic() + self._gap_s
        self._shown = False

    def show(self, progress: Progress) -> None:
        now = time.monotonic()
        if now < self._next_at:
            return
        self._next_at = now + self._gap_s
        done = self._text.done if progress.total is None else self._text.done_of
        line = done.format(done=progress.done, total=progress.total, unit=self._unit, rate=f"{progress.per_s:.0f}")
        if progress.left_s is not None:
            line += self._text.left.format(time=duration(progress.left_s, self._text))
        if self._tty:
            say_over(padded(line, _WIDTH))
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
def ctrl_c_stops(words: Words) -> Iterator[StopAsked]:
    """Inside, the first Ctrl-C only asks to stop."""
    stop = StopAsked()
    before = signal.getsignal(signal.SIGINT)

    def on_interrupt(_number: int, _frame: FrameType | None) -> None:
        stop.ask()
        signal.signal(signal.SIGINT, before)
        say_lines(f"\n{words.commands.progress.ending}")

    signal.signal(signal.SIGINT, on_interrupt)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)


def duration(seconds: float, text: ProgressWords) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return text.minutes.format(m=minutes, s=f"{rest:02}") if minutes else text.seconds.format(s=rest)
