# SPDX-License-Identifier: GPL-3.0-or-later
"""What was destroyed is soon gone from the disk: the write-ahead log, which keeps old pages, is emptied steadily.

SQLite empties it by itself only when the last program closes the ledger, and a wall board never does. A reader in the
middle of a look puts it off until the next time.
"""

from __future__ import annotations

import secrets
import sqlite3
import threading
from contextlib import closing, suppress
from pathlib import Path

from station.codes import Code
from station.errors import IntegrityAlarm, LedgerFault
from station.ledger.sqlite.faults import translated
from station.ledger.sqlite.log_base import require_own
from station.ledger.sqlite.same_file import SameFile, last_line

PACE_S = 2.0
_PATIENCE_MS = 100
"""Slots wait for the ledger meanwhile."""
_LONGEST_S = 30.0
MANY_WRITES = 80
"""Of about a dozen pages each."""


class Sweeper:
    """One connection's. `lock`: who has it may use the connection."""

    def __init__(self, sqlite: sqlite3.Connection, lock: threading.RLock, same_file: SameFile) -> None:
        self._sqlite, self._lock, self._same_file = sqlite, lock, same_file
        self._planned: threading.Timer | None = None
        self._ended = False
        self._writes = 0
        self._stamp = 0

    def stamp(self) -> None:
        """In the transaction of each write. The one after which the log is shortened brings a number along by which the
        file is known as soon as the log is in it: to look for a line there, SQLite would read the whole schema first.
        """
        self._writes += 1
        if self._writes >= MANY_WRITES:
            self._stamp = secrets.randbelow(2**31 - 1) + 1
            self._sqlite.execute(f"PRAGMA user_version={self._stamp}")

    def soon(self) -> None:
        """After each write, by whoever has the lock."""
        if self._writes >= MANY_WRITES:
            self._shorten()
        if self._planned is None and not self._ended:
            self._planned = threading.Timer(PACE_S, self._on_time)
            self._planned.daemon = True
            self._planned.start()

    def now(self) -> bool:
        """Whether the log is empty. Never raises: the next one makes good for it."""
        with self._lock:
            try:
                if self._sqlite.in_transaction or not self._same_file.is_itself():
                    return False
                busy_ms = self._sqlite.execute("PRAGMA busy_timeout").fetchone()[0]
                self._sqlite.execute(f"PRAGMA busy_timeout={_PATIENCE_MS}")
                try:
                    last = last_line(self._sqlite)
                    if not self._move():
                        self._same_file.is_written()
                        return False
                    self._same_file.holds(last)
                    return self._same_file.shows_it_to(self._sqlite) or self._same_file.is_itself()
                finally:
                    self._sqlite.execute(f"PRAGMA busy_timeout={busy_ms}")
            except sqlite3.Error:
                return False

    def _shorten(self) -> None:
        """What is in the log into the file, so that the next writes begin at its beginning: each costs more in a log
        that grows. As SQLite would do it by itself, but only into the file that is ours."""
        self._writes = 0
        with suppress(sqlite3.Error):
            if not self._same_file.is_itself():
                return
            last = last_line(self._sqlite)
            busy, pages, moved = self._sqlite.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
            if busy or pages != moved:
                self._same_file.is_written()
                return
            self._same_file.holds(last)
            if not self._same_file.is_stamped(self._stamp):
                self._same_file.is_itself()

    def _move(self) -> bool:
        """Whether all of the log is in the file now; a part may be, where a reader or the disk was in the way."""
        try:
            return not self._sqlite.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
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


def empty_log(ledger: Path) -> None:
    """Of a ledger that no station has open: all that was committed is in its file afterwards, and what a write of a
    killed station left half done is undone. A log of another file lies beside it then. Nothing happens to one that is
    damaged; LedgerFault E320 where a program reads it all the time."""
    with translated(), suppress(IntegrityAlarm):
        require_own(ledger, secrets.token_hex(8))
    with translated(), closing(sqlite3.connect(ledger, timeout=_LONGEST_S)) as db:
        try:
            busy = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise
            return
        if busy:
            raise LedgerFault(
                f"a program reads {ledger}", means="nothing was replaced", do="end it, then try again", code=Code.E320
            )


def beside(ledger: Path) -> list[Path]:
    """Where SQLite's own files at a ledger's file are, if they are: to the next one they would do harm."""
    return [ledger.with_name(ledger.name + end) for end in ("-wal", "-shm", "-journal")]
