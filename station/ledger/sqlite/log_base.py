# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a log that a killed station left was begun on the file that lies beside it now.

SQLite takes any log for the file's own: of an older file that was put in its place, the pages that are in the log would
be new and all others old, and what is READY in these may be on boards. So each session's file notes the last line of
the audit that the ledger's file held, by itself, when a log was begun on it. A file only grows: one that ends before
that line is another one. Nothing waits for the disk: a note that a power cut takes is an older one, which says less.
"""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO

from station.ledger.sqlite.same_file import ChainLine, is_left_over, last_in_file, put_log_aside
from station.ledger.sqlite.sessions import hold, is_in_use, session_files
from station.ledger.trouble import Trouble, alarm

_NOTE = re.compile(rb"([0-9]{20}) [0-9a-f]{64}\n")


def note(session: IO[bytes], line: ChainLine) -> None:
    """All of the log is in the file, and this is the last of it."""
    with suppress(OSError):  # a disk that is full or fails: the note of before is true as well
        os.pwrite(session.fileno(), b"%020d %s\n" % (line[0], line[1].encode("ascii")), 0)


def require_own(ledger: Path, session: str) -> None:
    """IntegrityAlarm E702 where the file is older than the one that the log was begun on. Unless a station that lives
    works with it, the log lies beside it then under another name, and the witness tells at the next opening what the
    file lacks."""
    if is_left_over(ledger) and _is_older(ledger):
        if not is_in_use(ledger):
            put_log_aside(ledger, session)
        raise alarm(Trouble.FILE, str(ledger))


def forget_the_dead(ledger: Path) -> None:
    """Their logs are looked at, and what was noted of these says nothing of later ones."""
    for file in session_files(ledger):
        with suppress(OSError), hold(file) as dead:
            dead.truncate(0)


def _is_older(ledger: Path) -> bool:
    begun_on = max(_noted(ledger), default=0)
    try:
        last = last_in_file(ledger) if begun_on else None
    except sqlite3.Error:  # moved by half
        return False
    return last is not None and last[0] < begun_on


def _noted(ledger: Path) -> Iterator[int]:
    """Numbers of lines."""
    for file in session_files(ledger):
        with suppress(OSError):
            if found := _NOTE.fullmatch(file.read_bytes()):
                yield int(found[1])
