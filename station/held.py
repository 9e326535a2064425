# SPDX-License-Identifier: GPL-3.0-or-later
"""Which programs of this PC keep a file locked, as the kernel tells everybody (proc_locks(5)); none where it does not.

1: POSIX ADVISORY WRITE 1234 fd:01:5678 0 EOF
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

POSIX, FLOCK = "POSIX", "FLOCK"
_LOCKS = Path("/proc/locks")


def lockers(kind: str, files: Iterable[Path]) -> set[int]:
    """Processes that hold such a lock for writing on one of them."""
    wanted = set()
    for file in files:
        with suppress(OSError):
            wanted.add(file.stat().st_ino)
    return {pid for pid, inode in _for_writing(kind) if inode in wanted}


def named(pid: int) -> str:
    """“name (pid 12)”, as far as this user may see."""
    name = "a program"
    with suppress(OSError):
        name = Path(f"/proc/{pid}/comm").read_text("utf-8", "replace").strip()
    return f"{name} (pid {pid})"


def _for_writing(kind: str) -> Iterator[tuple[int, int]]:
    with suppress(OSError):
        for line in _LOCKS.read_text("utf-8", "replace").splitlines():
            fields = line.split()
            if len(fields) >= 6 and (fields[1], fields[3]) == (kind, "WRITE"):
                with suppress(ValueError):
                    yield int(fields[4]), int(fields[5].rpartition(":")[2])
