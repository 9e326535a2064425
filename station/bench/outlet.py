# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines to whoever reads this process: written by a thread of its own, so that a reader who does not read keeps no
board waiting in the middle of its write.

Whoever has gone, or leaves `MOST` lines unread, is taken for gone for good: that is told once, and nothing more is
written.
"""

from __future__ import annotations

import os
import select
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from queue import Full, Queue
from types import TracebackType
from typing import Final, TextIO

from station.printable import printable

MOST: Final = 10_000
"""Lines that wait for a reader."""
_PATIENCE_S: Final = 10.0
"""At the end, while not one more line is read."""


class Outlet:
    """A context: at its end it waits for the reader. `gone` is told what writing ended with, from any thread."""

    def __init__(self, stream: TextIO, gone: Callable[[Exception], None], *, most: int = MOST) -> None:
        self._stream, self._gone = stream, gone
        self._waiting = Queue[str | None](most)
        self._written = 0
        self._failed = threading.Event()
        self._thread = threading.Thread(target=self._write_all, name="outlet", daemon=True)

    def __enter__(self) -> Outlet:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(Full):
            self._waiting.put(None, timeout=_PATIENCE_S)
        written, since = -1, time.monotonic()
        while self._thread.is_alive() and time.monotonic() - since < _PATIENCE_S:
            if written != self._written:
                written, since = self._written, time.monotonic()
            self._thread.join(0.1)
        if self._thread.is_alive():
            self._fail(TimeoutError("nobody reads what is printed"))

    def put(self, line: str) -> None:
        """At once, from any thread, whole and in order."""
        if self._failed.is_set():
            return
        try:
            self._waiting.put_nowait(printable(line) + "\n")
        except Full:
            self._fail(TimeoutError("nobody reads what is printed"))

    def _fail(self, error: Exception) -> None:
        if not self._failed.is_set():
            self._failed.set()
            self._gone(error)

    def _write_all(self) -> None:
        try:
            for line in iter(self._waiting.get, None):
                self._write(line)
                self._written += 1
                if self._failed.is_set():
                    return
        except Exception as error:
            self._fail(error)

    def _write(self, line: str) -> None:
        """Past the stream's own buffer, whose lock nobody may hold when the process ends."""
        try:
            number = self._stream.fileno()
        except (OSError, ValueError):  # no file: a test's, another program's
            self._stream.write(line)
            self._stream.flush()
            return
        rest = line.encode(self._stream.encoding or "utf-8", "backslashreplace")
        while rest:
            try:
                rest = rest[os.write(number, rest) :]
            except BlockingIOError:  # whoever began us wants to wait for nothing there
                select.select([], [number], [], 1.0)
