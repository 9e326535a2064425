# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines are written by a thread of its own: whoever has one never waits, neither for a disk nor for another process.

What cannot be written is lost; how many that were says the next line that can. `told` hears why, from that thread, once
until it has worked again, and at most every ten minutes.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from queue import Full, Queue
from typing import Final

from station.log.place import Place
from station.logger import NAME
from station.visiting import present_visit

MOST: Final = 10_000
"""Lines that wait for a disk."""
LEAVES_S: Final = 3.0
"""How long the end of a process waits for its last lines."""
_AGAIN_S: Final = 600.0


class Writer(logging.Handler):
    """From its making on."""

    def __init__(self, place: Place, told: Callable[[BaseException], None], *, most: int = MOST) -> None:
        super().__init__()
        self._place, self._told = place, told
        self._waiting = Queue[logging.LogRecord | None](most)
        self._lost = 0
        self._told_at: float | None = None
        self._thread = threading.Thread(target=self._write_all, name="log", daemon=True)
        self._thread.start()

    def emit(self, record: logging.LogRecord) -> None:
        record.visit = present_visit()
        try:
            record.msg, record.args = record.getMessage(), None  # as it is now
            self._waiting.put_nowait(record)
        except Exception:  # full, or what cannot be said: no line stops who has it
            self._lost += 1

    def end(self) -> None:
        """No more lines come. A place that hangs is left behind."""
        with suppress(Full):
            self._waiting.put(None, timeout=LEAVES_S)
        self._thread.join(LEAVES_S)
        if not self._thread.is_alive():
            with suppress(OSError):
                self._place.close()

    def _write_all(self) -> None:
        for record in iter(self._waiting.get, None):
            if not self._took(record):
                self._lost += 1
                self._say_once()
            elif self._lost:
                self._say_what_is_lost()

    def _took(self, record: logging.LogRecord) -> bool:
        """A line that nothing can be made of ends no log."""
        try:
            return self._place.took(record)
        except Exception:
            return False

    def _say_what_is_lost(self) -> None:
        lost, self._lost = self._lost, 0
        text = f"{lost} lines before this one could not be written"
        made = logging.LogRecord(f"{NAME}.log", logging.WARNING, __file__, 0, text, None, None)
        if not self._place.took(made):
            self._lost += lost

    def _say_once(self) -> None:
        now = time.monotonic()
        trouble = self._place.trouble
        if trouble is not None and (self._told_at is None or now - self._told_at >= _AGAIN_S):
            self._told_at = now
            self._told(trouble)
