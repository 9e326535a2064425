# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a log that a killed station left was begun on the file that lies beside it now.

SQLite takes any log for the file's own: of another file that was put in its place, an older one or one that went on
elsewhere, the pages that are in the log would be of one moment and all others of another, and what is READY in these
may be on boards. So each session's file notes the last line of the audit that the ledger's file held, by itself, when a
log was begun on it. A file only grows: one that lacks that line is another one, and so is one that holds what it would
not hold with the log. Nothing waits for the disk: a note that a power cut takes is an older one, which says less.
"""

from __future__ import annotations

import os
import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO

from station.ledger.sqlite.same_file import (
    PACE_S,
    PATIENCE_S,
    ChainLine,
    is_left_over,
    lacks_with_log,
    last_in_file,
    put_log_aside,
)
from station.ledger.sqlite.sessions import hold, is_in_use, session_files
from station.ledger.trouble import Trouble, alarm

_NOTE = re.compile(rb"([0-9]{20}) ([0-9a-f]{64})\n")


def note(session: IO[bytes], line: ChainLine) -> None:
    """All of the log is in the file, and this is the last of it."""
    with suppress(OSError):  # a disk that is full or fails: the note of before is true as well
        os.pwrite(session.fileno(), b"%020d %s\n" % (line[0], line[1].encode("ascii")), 0)


def require_own(ledger: Path, session: str) -> None:
    """IntegrityAlarm E702 where the log is not the file's. Unless a station that lives works with it, or it is only to
    be looked at (no `session`), the log lies beside it then under another name, and the witness tells at the next
    opening what the file lacks."""
    until = time.monotonic() + PATIENCE_S
    while is_left_over(ledger):
        at_work = _may_be_at_work(ledger)  # asked first: who has ended meanwhile has moved its log by now
        if not _is_anothers(ledger):
            return
        if at_work and time.monotonic() < until:  # its log may just be moved by half
            time.sleep(PACE_S)
            continue
        if session and not at_work:
            put_log_aside(ledger, session)
        raise alarm(Trouble.FILE, str(ledger))


def forget_the_dead(ledger: Path) -> None:
    """Their logs are looked at, and what was noted of these says nothing of later ones."""
    for file in session_files(ledger):
        with suppress(OSError), hold(file) as dead:
            dead.truncate(0)


def _is_anothers(ledger: Path) -> bool:
    """Whether the log is. False for a file that cannot be read by itself: it was moved by half."""
    begun_on = max(_noted(ledger), default=None)
    try:
        last = last_in_file(ledger)
        if last is None or last == begun_on:
            return False
        if begun_on is not None and last_in_file(ledger, holding=begun_on) is None:
            return True
    except sqlite3.Error:
        return False
    return lacks_with_log(ledger, last)


def _may_be_at_work(ledger: Path) -> bool:
    """Whether a station that lives, or one of another user's."""
    try:
        return is_in_use(ledger)
    except OSError:
        return True


def _noted(ledger: Path) -> Iterator[ChainLine]:
    for file in session_files(ledger):
        with suppress(OSError):
            if found := _NOTE.fullmatch(file.read_bytes()):
                yield int(found[1]), found[2].decode("ascii")
