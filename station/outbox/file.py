# SPDX-License-Identifier: GPL-3.0-or-later
"""Events as JSON lines at the end of a file, on the disk when it says so. A full one is put aside under the time of
that moment, and stays there: whoever reads them removes them.
"""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from station.andon.file import append, require_writable
from station.outbox.event import Event
from station.outbox.receiver import as_ours, deaf
from station.whole import sync_names

LARGEST_MB: Final = 64
_NO_LINKS: Final = frozenset({errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS})


@dataclass(frozen=True, slots=True, kw_only=True)
class FileReceiver:
    name: str
    path: Path
    largest: int = LARGEST_MB * 1_000_000
    since: float | None = None

    def deliver(self, event: Event) -> None:
        line = event.encoded() + b"\n"
        with as_ours():
            try:
                self._put_aside(len(line))
            except OSError as error:
                raise deaf(f"{self.path}: {error.strerror}", "make its folder writable for this user") from error
            append(self.path, line, mode=0o640, synced=True)

    def _put_aside(self, more: int) -> None:
        """Renamed, never written over; the folder is synced, so that a power cut leaves no line in neither."""
        if not self.path.exists() or self.path.stat().st_size + more <= self.largest:
            return
        moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
        _move(self.path, self.path.with_name(f"{self.path.stem}-{moment}{self.path.suffix}"))
        sync_names(self.path.parent)

    def look(self) -> None:
        with as_ours():
            require_writable(self.path)

    def close(self) -> None:
        """Nothing is kept open."""


def _move(path: Path, aside: Path) -> None:
    """Never over another file. A stick or a Windows share gives no file two names: there it is looked for first."""
    try:
        os.link(path, aside, follow_symlinks=False)
    except OSError as error:
        if error.errno not in _NO_LINKS or aside.exists():
            raise
        path.rename(aside)
    else:
        path.unlink()
