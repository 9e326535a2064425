# SPDX-License-Identifier: GPL-3.0-or-later
"""The file of a ledger: private before SQLite opens it."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from glob import escape
from pathlib import Path

from station.codes import Code
from station.errors import ConfigError, LedgerFault


def may_write(path: Path) -> bool:
    """Whether a ledger there can be worked with, and not only looked at; also where there is none yet."""
    if not path.exists():
        return True
    return os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)


def copy_before_steps(ledger: Path, version: str, at: str) -> Path:
    """Where its copy as that version left it is kept while it takes a newer one's steps."""
    return ledger.with_name(f"{ledger.stem}-as-{version}-left-it-{at}.backup")


def copies_before_steps(ledger: Path) -> list[Path]:
    """Those that are there."""
    return sorted(ledger.parent.glob(copy_before_steps(Path(escape(str(ledger))), "*", "*").name))


def room_of_copy(ledger: Path) -> Path:
    """Where that copy is made. Its name is always the same: what one that was killed left in it goes."""
    return ledger.with_name(f".{ledger.name}.upgrading")


def leave_no_copy(ledger: Path) -> None:
    """Of one that was killed when it had taken the steps, or meanwhile: it holds sealed secrets."""
    for left in copies_before_steps(ledger):
        left.unlink(missing_ok=True)
    shutil.rmtree(room_of_copy(ledger), ignore_errors=True)


def gate_of(ledger: Path) -> Path:
    """Locked while its schema is made."""
    return ledger.with_name(f".{ledger.name}.migrate")


@contextmanager
def first_start(path: Path) -> Iterator[None]:
    handle = os.open(gate_of(path), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def make_private(path: Path) -> None:
    """Never opens a file that is there: closing it again would drop every lock this process has on it (POSIX)."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if path.parent.stat().st_mode & 0o022:
        raise ConfigError(
            f"others may write in the ledger's folder {path.parent}",
            means="they could put another ledger in its place",
            do=f"run: chmod 700 {path.parent}",
            code=Code.E114,
        )
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    for name in (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
        if name.exists() and name.stat().st_mode & 0o077:
            raise ConfigError(f"{name} may be read by others", do=f"run: chmod 600 {name}", code=Code.E114)
        if name.exists() and not os.access(name, os.W_OK):
            raise LedgerFault(
                f"this user may not write {name}",
                means="nothing was changed by this step",
                do=f"on a disk that may be written, as its owner: chmod 600 {name}",
            )
