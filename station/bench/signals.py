# SPDX-License-Identifier: GPL-3.0-or-later
"""Ctrl-C once and twice, a service manager's SIGTERM and a terminal that goes away, while a bench runs."""

from __future__ import annotations

import os
import select
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from queue import SimpleQueue
from types import FrameType
from typing import Protocol

_ENDING = signal.SIGINT, signal.SIGTERM, signal.SIGHUP


def _say_how_it_ends(*, twice: bool) -> None:
    text = "leaving the boards in hand in doubt" if twice else "ending after the boards in hand …"
    with suppress(OSError):  # not `say`: whoever is printing a line holds stderr
        os.write(2, f"{text}\n".encode())


class Stopped(Protocol):
    """A bench, or what is to become one."""

    def stop(self, *, abort: bool = False) -> None:
        """After the boards in hand; with `abort` they are left in doubt."""


class _Stopping:
    """Handles what came, on a thread of its own: a handler may run while this very thread holds any lock."""

    def __init__(self, bench: Stopped, told: Callable[..., None]) -> None:
        self.interrupted = threading.Event()
        self._bench, self._told = bench, told
        self._came: SimpleQueue[int | None] = SimpleQueue()
        self._terminals = [number for number in (1, 2) if os.isatty(number)]
        self._thread = threading.Thread(target=self._listen, name="signals", daemon=True)
        self._thread.start()

    def hear(self, number: int, _frame: FrameType | None) -> None:
        """Nothing that takes a lock: the next signal may come in the middle of it."""
        self._came.put(number)

    def end(self) -> None:
        self._came.put(None)
        self._thread.join()

    def _listen(self) -> None:
        for number in iter(self._came.get, None):
            if number == signal.SIGHUP:
                self._leave_terminals()
            twice = self.interrupted.is_set() and number != signal.SIGHUP
            self.interrupted.set()
            self._bench.stop(abort=twice)
            self._told(twice=twice)

    def _leave_terminals(self) -> None:
        """Whatever is written there from now on fails, or waits for ever."""
        for terminal in self._terminals:
            os.dup2(os.open(os.devnull, os.O_WRONLY), terminal)


@contextmanager
def stopped_by_signals(
    bench: Stopped, told: Callable[..., None] = _say_how_it_ends, *, needs_terminal: bool = False
) -> Iterator[threading.Event]:
    """SIGINT, SIGTERM and the end of the terminal: once = finish the boards in hand, twice = leave them in doubt. A
    terminal's end may be told more than once and insists on nothing.

    Yields whether any came. `told(twice=…)` is called from a thread of its own. Under nohup the terminal's end is
    nothing, unless the run `needs_terminal`; SIGINT is heard also in the background of a script, where shells have it
    ignored.
    """
    outlives_terminal = not needs_terminal and signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    heard = [number for number in _ENDING if number != signal.SIGHUP or not outlives_terminal]
    stopping = _Stopping(bench, told)
    before = {number: signal.signal(number, stopping.hear) for number in heard}
    if needs_terminal:
        threading.Thread(target=_hang_up_with_terminal, daemon=True).start()
    try:
        yield stopping.interrupted
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        stopping.end()


def _hang_up_with_terminal() -> None:
    """A terminal that is not the controlling one goes without a signal, and reading it would never rest again."""
    try:
        terminal = sys.stdin.fileno()
    except (AttributeError, OSError, ValueError):  # none, closed, or no file
        return
    gone = select.poll()
    gone.register(terminal, 0)  # its end is told without being asked for
    if os.isatty(terminal) and gone.poll():
        os.kill(os.getpid(), signal.SIGHUP)
