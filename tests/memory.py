# SPDX-License-Identifier: GPL-3.0-or-later
"""Where tests write: into memory where it has room for all workers. They kill programs, never the system, so it keeps
what a disk would; a disk's syncs were a quarter of what a ledger cost, and most of what it waited for.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

_ROOM_BYTES = 4 << 30
_SHARED = Path("/dev/shm")


def roomy() -> str | None:
    """A folder in memory with room to write and the right to execute; containers often give it 64 MiB."""
    if not _SHARED.is_dir() or shutil.disk_usage(_SHARED).free < _ROOM_BYTES:
        return None
    return None if os.statvfs(_SHARED).f_flag & os.ST_NOEXEC else str(_SHARED)


def write_there() -> None:
    """This process and those it starts, whoever did not choose a place by TMPDIR."""
    if "TMPDIR" not in os.environ and (place := roomy()):
        os.environ["TMPDIR"] = tempfile.tempdir = place
