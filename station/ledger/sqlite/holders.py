# SPDX-License-Identifier: GPL-3.0-or-later
"""Whoever keeps a ledger's file from us: waited for, and called by name.

Another station is done in a moment, or after a slow disk's: half a minute is waited for it. Any other program may hold
it for hours, an editor of databases with a change that nobody saved: it is told after a second, and sooner to whoever
only begins.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from station.errors import LedgerFault
from station.held import FLOCK, POSIX, lockers, named
from station.ledger.sqlite.files import gate_of
from station.ledger.sqlite.sessions import session_files

LOOK_AFTER_MS = 1_000
"""SQLite's own patience, after which it is looked who it is."""
OPENING_MS = 300
"""Likewise while a ledger is opened: no board waits for what a person is told."""
_BUSY_S = 30.0
_Done = TypeVar("_Done")


def patiently(path: Path, step: Callable[[], _Done]) -> _Done:
    """What `step` gives once nobody keeps the file. LedgerFault E320 with who does, at once for another program."""
    until = time.monotonic() + _BUSY_S
    while True:
        try:
            return step()
        except sqlite3.OperationalError as error:
            if not _is_busy(error):
                raise
            strangers = _strangers(path)
            if strangers or time.monotonic() > until:
                raise _held(path, strangers or _writers(path)) from error


def held(path: Path) -> LedgerFault | None:
    """What would be said now of another program that keeps the file; None where none does, or it cannot be seen."""
    strangers = _strangers(path)
    return _held(path, strangers) if strangers else None


def _is_busy(error: sqlite3.Error) -> bool:
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & 0xFF == sqlite3.SQLITE_BUSY


def _held(path: Path, holders: set[int]) -> LedgerFault:
    who = ", ".join(map(named, sorted(holders)))
    end = f"save and close it there; or: kill {' '.join(map(str, sorted(holders)))}"
    return LedgerFault(
        f"the ledger is held by {who or 'another program'}",
        means="nothing was changed by this step",
        do=end if holders else f"find that program and end it: sudo fuser -v {path}",
    )


def _writers(path: Path) -> set[int]:
    """Processes besides this one that hold a lock for writing, on the file or on its log's index."""
    return lockers(POSIX, (path, path.with_name(f"{path.name}-shm"))) - {os.getpid()}


def _strangers(path: Path) -> set[int]:
    """Those of them that are no station: none that has the ledger open as `sessions` has it, or makes it just now."""
    files = (*session_files(path), gate_of(path))
    return _writers(path) - lockers(FLOCK, files)
