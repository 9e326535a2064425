# SPDX-License-Identifier: GPL-3.0-or-later
"""What was destroyed is soon gone from the disk: the write-ahead log, which keeps old pages, is emptied steadily.

SQLite empties it by itself only when the last program closes the ledger, and a wall board never does. A reader in the
middle of a look puts it off until the next time.
"""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

from station.ledger.sqlite.standing import Standing, last_line

PACE_S = 2.0
_PATIENCE_MS = 100
"""Slots wait for the ledger meanwhile."""


class Sweeper:
    """One connection's. `lock`: who has it may use the connection; `busy_ms`: how long it waits for others else."""

    def __init__(self, sqlite: sqlite3.Connection, lock: threading.RLock, standing: Standing, *, busy_ms: int) -> None:
        self._sqlite, self._lock, self._standing, self._busy_ms = sqlite, lock, standing, busy_ms
        self._planned: threading.Timer | None = None
        self._ended = False

    def soon(self) -> None:
        """After each write, by whoever has the lock."""
        if self._planned is None and not self._ended:
            self._planned = threading.Timer(PACE_S, self._on_time)
            self._planned.daemon = True
            self._planned.start()

    def now(self) -> bool:
        """Whether the log is empty. Never raises: the next one makes good for it."""
        with self._lock:
            try:
                if self._sqlite.in_transaction or not self._standing.is_itself():
                    return False
                self._sqlite.execute(f"PRAGMA busy_timeout={_PATIENCE_MS}")
                try:
                    last = last_line(self._sqlite)
                    if self._sqlite.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
                        return False
                    self._standing.holds(last)
                    return self._standing.is_itself()
                finally:
                    self._sqlite.execute(f"PRAGMA busy_timeout={self._busy_ms}")
            except sqlite3.Error:
                return False

    def end(self) -> None:
        """The last one, before the connection is closed."""
        self._ended = True
        if self._planned is not None:
            self._planned.cancel()
        self.now()

    def _on_time(self) -> None:
        with self._lock:
            self._planned = None
            if not self._ended and not self.now():
                self.soon()


def is_left_over(ledger: Path) -> bool:
    """Whether there is a log with something in it: of a station that was killed, or of one that works."""
    log = ledger.with_name(ledger.name + "-wal")
    return log.exists() and log.stat().st_size > 0
