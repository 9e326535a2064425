# SPDX-License-Identifier: GPL-3.0-or-later
"""Whoever keeps a ledger's file from us: waited for, and called by name.

Another station is done in a moment, or after a slow disk's: half a minute is waited for it. Any other program may hold
it for hours, an editor of databases with a change that nobody saved: it is told after a second.
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

LOOK_AFTER_MS = 1_000
"""SQLite's own patience, after which it is looked who it is."""
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
            holders = _writers(path)
            strangers = holders - _stations(path)
            if strangers or time.monotonic() > until:
                raise _held(path, strangers or holders) from error


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


def _stations(path: Path) -> set[int]:
    """Those that have the ledger open as `sessions` has it."""
    return lockers(FLOCK, path.parent.glob(f".{path.name}.session-*"))
