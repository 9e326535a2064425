# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that are there whole or not at all, whenever the power goes; their owner's alone from the first byte on."""

from __future__ import annotations

import os
from pathlib import Path

PRIVATE, READ_BY_ALL = 0o600, 0o644


def put_whole(path: Path, content: str | bytes, *, part: Path | None = None, mode: int = PRIVATE) -> None:
    """In the place of one that is there. `part`: by way of which, where several may write at once; it may be left of
    one that was killed. OSError."""
    part = part or path.with_name(f".{path.name}.part")
    write_new(part, content, mode=mode)
    part.replace(path)
    sync_names(path.parent)


def write_new(part: Path, content: str | bytes, *, mode: int = PRIVATE) -> None:
    """On the disk when it returns, in the place of one that was killed here. OSError."""
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, PRIVATE), "wb") as file:
        file.write(content.encode() if isinstance(content, str) else content)
        file.flush()
        os.fchmod(file.fileno(), mode)
        os.fsync(file.fileno())


def sync_names(folder: Path) -> None:
    """What was renamed there is so on the disk: a file that is synced may still be lost with its new name."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
