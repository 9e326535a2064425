# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the ledger's file is still the one that was opened, and still holds what it held: another one may be put in
its place, or copied over it.

What is in the file only ever grows: whoever moves the log into it adds to its chain, and what is in the log the open
connection sees. So a chain in it that lacks the line that was its last one is another file's, and so is one that ends
with a line that the connection does not see: the same ledger's, that went on elsewhere. The file alone is read for
that, the log put aside, since the pages in the log would hide that those below them are others. Where the log is not
empty, the file alone may be half of two moments: a reader keeps a log from being moved whole. That proves nothing;
nothing is begun then, and nobody writes into it.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import NoReturn

from station.codes import Code
from station.errors import LedgerFault
from station.ledger.trouble import Trouble, alarm

PATIENCE_S = 5.0
"""So long another station may take to move its log into the file: what is read meanwhile is half of one and half of
the other."""
PACE_S = 0.05
ChainLine = tuple[int, str]
_Marks = tuple[int, ...]


class SameFile:
    """One connection's. `lock`: who has it may use that connection, which moves the log into the file as well.
    `opened`: that connection, which nobody uses yet. `note` hears the last line of a file whose log is empty."""

    def __init__(
        self,
        path: Path,
        opened: sqlite3.Connection,
        lock: threading.RLock,
        others_work: Callable[[], bool],
        note: Callable[[ChainLine], None] = lambda _: None,
    ) -> None:
        self._path, self._lock, self._others_work = path, lock, others_work
        self._opened = opened
        self._number, self._mark = _marks_of(path)
        self._last = None
        with suppress(sqlite3.Error):  # new, or moved by halves: what it holds is known after the first look
            self._last = _last_without_log(path, opened)
        self._is_another = False
        self._note = note
        if not is_left_over(path):
            self.holds(self._last)

    def require(self) -> None:
        """IntegrityAlarm E702 where it is another one; LedgerFault E320 where that cannot be told for now. As cheap as
        a look at the folder while nobody has written into the file."""
        until = 0.0
        while not self.is_itself():
            until = until or time.monotonic() + PATIENCE_S
            at_work, half = self._others_work(), is_left_over(self._path)
            told = self._told()  # after that: who has ended meanwhile has moved its log by now
            elsewhere = self._is_elsewhere
            if elsewhere or (told is False and not at_work):
                self._refuse(elsewhere=elsewhere)
            if not told and (not at_work or time.monotonic() > until):
                if told is False and not half:
                    self._refuse(elsewhere=False)
                raise _untold(self._path)
            time.sleep(0 if told else PACE_S)

    def _refuse(self, *, elsewhere: bool) -> NoReturn:
        self._is_another = not elsewhere
        raise alarm(Trouble.FILE, str(self._path))

    def require_writable(self) -> None:
        """IntegrityAlarm E702 once another one was found copied over it, and as long as it is; and where another one is
        at its place: that one's log lies where this one's did."""
        if self._is_another or self._is_elsewhere:
            raise alarm(Trouble.FILE, str(self._path))

    @property
    def _is_elsewhere(self) -> bool:
        """Another file is at its place, or none."""
        return _marks_of(self._path)[0] != self._number

    def holds(self, line: ChainLine | None) -> None:
        """From now on: all that was in the log is in the file, and this is the last of it."""
        self._last = line
        if line is not None:
            self._note(line)

    def is_written(self) -> None:
        """By this connection itself, just now and by halves: a reader was in its way."""
        number, mark = _marks_of(self._path)
        if number == self._number:
            self._mark = mark

    def shows_it_to(self, emptied: sqlite3.Connection) -> bool:
        """Whether the connection that has just moved all of the log sees its last line in the file, without the pages
        that it kept: it has its schema already, whose reading is all else of such a look. Not where it may see a new
        log. To be told by a number that came with the log would not do: that is in any file it is moved into."""
        with self._lock, suppress(sqlite3.Error):
            number, mark = _marks_of(self._path)
            if number == self._number and self._last is not None:
                emptied.execute("PRAGMA shrink_memory")
                if _is_in(emptied, self._last) and not is_left_over(self._path):
                    self._mark = mark
                    return True
        return False

    def is_stamped(self, stamp: int) -> bool:
        """Whether the file has this number, which nobody but this connection knew before it was moved there just now:
        then it is itself. Where not, another station may have brought its own."""
        with self._lock:
            number, mark = _marks_of(self._path)
            if number != self._number or _stamp_in_file(self._path) != stamp:
                return False
            self._mark = mark
            return True

    def is_copied_over(self) -> bool:
        """Whether another one was copied over it, in place, and nobody else is at work on it."""
        return self._told() is False and not self._others_work() and not self._is_elsewhere

    def is_itself(self) -> bool:
        """Whether it holds what it held; what it holds now, it has to from now on. False too where it may only be half
        written by another station."""
        return self._told() is True

    def _told(self) -> bool | None:
        """Whether it is itself; None where the file alone cannot be read and its log is not empty."""
        if _marks_of(self._path) == (self._number, self._mark) and not self._is_another:
            return True
        with self._lock:
            number, mark = _marks_of(self._path)  # before it is read: what is written meanwhile is looked at next time
            if number != self._number:
                return False
            half = is_left_over(self._path)
            try:
                last = last_in_file(self._path, holding=self._last)
            except sqlite3.Error:
                return None if half or is_left_over(self._path) else False
            if last is None and self._last is not None:
                return False
            if last not in (None, self._last) and _lacks(self._opened, last):
                return False
            self._mark, self._last, self._is_another = mark, last, False
            return True


def is_left_over(ledger: Path) -> bool:
    """Whether there is a log with something in it: of a station that was killed, or of one that works."""
    with suppress(FileNotFoundError):
        return ledger.with_name(ledger.name + "-wal").stat().st_size > 0
    return False


def put_log_aside(ledger: Path, session: str) -> None:
    """Of a file that another one was copied over: the log is not that one's, and the next start would take it for its
    own. OSError."""
    log = ledger.with_name(ledger.name + "-wal")
    if is_left_over(ledger):
        log.rename(ledger.with_name(f".{ledger.name}.log-{session}"))


def _marks_of(path: Path) -> tuple[_Marks, _Marks]:
    """Of the file itself, and of each write into it. Empty where there is none."""
    try:
        found = path.stat()
    except OSError:
        return (), ()
    return (found.st_dev, found.st_ino), (found.st_size, found.st_mtime_ns, found.st_ctime_ns)


def last_line(db: sqlite3.Connection) -> ChainLine | None:
    """Of its chain: number and hash."""
    found: ChainLine | None = db.execute("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1").fetchone()
    return found and (found[0], found[1])


def _last_without_log(path: Path, opened: sqlite3.Connection) -> ChainLine | None:
    """Where the log is empty, what the open connection has just seen is in the file; that one has its schema already,
    whose reading is a third of an opening."""
    with suppress(sqlite3.Error):
        seen = last_line(opened)
        if not is_left_over(path):
            return seen
    return last_in_file(path)


def last_in_file(path: Path, *, holding: ChainLine | None = None) -> ChainLine | None:
    """Of the chain in the file alone. None where it has none, or does not hold that other one."""
    with _alone(path) as alone:
        return None if holding and not _is_in(alone, holding) else last_line(alone)


def lacks_with_log(path: Path, line: ChainLine) -> bool:
    """Whether the chain does, in the file as its log has it."""
    with (
        suppress(sqlite3.OperationalError),
        closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as whole,
    ):
        return _lacks(whole, line)
    return False


def _lacks(db: sqlite3.Connection, line: ChainLine) -> bool:
    """With the log. What is damaged only so lacks it too; of what is held, closed, or may not be looked at, nobody
    knows."""
    try:
        return not _is_in(db, line)
    except (sqlite3.OperationalError, sqlite3.ProgrammingError):
        return False
    except sqlite3.DatabaseError:
        return True


def _is_in(db: sqlite3.Connection, line: ChainLine) -> bool:
    return db.execute("SELECT 1 FROM audit WHERE seq = ? AND hash = ?", line).fetchone() is not None


def _alone(path: Path) -> closing[sqlite3.Connection]:
    """Through SQLite: a file that is opened and closed by any other way takes this process's locks on it along."""
    return closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True))


def _stamp_in_file(path: Path) -> int:
    """Of the file alone; no schema is read for it."""
    with _alone(path) as alone:
        return int(alone.execute("PRAGMA user_version").fetchone()[0])


def _untold(path: Path) -> LedgerFault:
    return LedgerFault(
        f"the log is moved into {path} by halves",
        means="whether it is still the same file cannot be told; no board is begun",
        do="wait for what reads the ledger for long; if it stays so, end each station on this ledger, then start one",
        code=Code.E320,
    )
