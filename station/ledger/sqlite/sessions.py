# SPDX-License-Identifier: GPL-3.0-or-later
"""Who has a ledger open: a file beside it for each session, locked while its process lives. No clock is asked."""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from glob import escape
from pathlib import Path
from typing import IO


def is_in_use(path: Path, *, besides: str = "") -> bool:
    """Whether a station that lives has this ledger open, one session aside."""
    for file in session_files(path):
        if besides and file == session_path(path, besides):
            continue
        try:
            hold(file).close()
        except BlockingIOError:
            return True
    return False


def session_files(ledger: Path) -> list[Path]:
    """Of those that live, and of those that were killed."""
    return list(ledger.parent.glob(f".{escape(ledger.name)}.session-*"))


def session_path(ledger: Path, session: str) -> Path:
    return ledger.with_name(f".{ledger.name}.session-{session}")


def hold(path: Path) -> IO[bytes]:
    """Lock a session file for as long as it stays open; the kernel lets go when the process dies, however it dies."""
    file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600), "r+b")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise
    return file


def is_dead(ledger: Path, session: str) -> bool:
    """Whether nobody holds it any more; its file goes then."""
    path = session_path(ledger, session)
    try:
        hold(path).close()
    except BlockingIOError:
        return False
    with suppress(OSError):  # it is dead all the same, and told so again next time
        path.unlink()
    return True


@contextmanager
def alone(ledger: Path, what: str) -> Iterator[bool]:
    """Whether nobody else does what is named so; its file goes at the end, and is held until then."""
    mark = hashlib.sha256(what.encode()).hexdigest()[:16]
    path = ledger.with_name(f".{ledger.name}.only-{mark}")
    try:
        file = hold(path)
    except BlockingIOError:
        yield False
        return
    with file:
        ours = False  # one that was just removed
        with suppress(FileNotFoundError):
            ours = os.path.samestat(path.stat(), os.fstat(file.fileno()))
        yield ours
        if ours:
            with suppress(OSError):
                path.unlink()
