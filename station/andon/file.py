# SPDX-License-Identifier: GPL-3.0-or-later
"""JSON lines at the end of a file. It is opened for each line: whoever moves it away (logrotate) gets a new one."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from station.andon.light import Light
from station.andon.line import AndonLine
from station.andon.output import dead
from station.whole import sync_names

_HOW = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
"""Never through a symbolic link, and never waiting for the reader of what turns out to be a pipe."""
_DO = "make its folder writable for this user, or name another file in station.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileOutput:
    name: str
    path: Path
    on: frozenset[Light] | None = None
    only_latest: bool = False
    again_s: float | None = None

    def deliver(self, line: AndonLine) -> None:
        append(self.path, line.encoded())

    def look(self) -> None:
        require_writable(self.path)

    def close(self) -> None:
        """Nothing is kept open."""


def require_writable(path: Path) -> None:
    """It, or the folder it is to be made in."""
    there = path if path.exists() else path.parent
    if not there.exists() or not os.access(there, os.W_OK):
        raise dead(f"{there} cannot be written", _DO)


def append(path: Path, line: bytes, *, mode: int = 0o644, synced: bool = False) -> None:
    """A line with its end, whole or a StationFault; `synced`: it is on the disk then, in a file that is there by its
    name. A new file has this mode."""
    try:
        file = os.open(path, _HOW, mode)
        try:
            if synced and os.fstat(file).st_size == 0:
                with suppress(PermissionError):  # files may be put into it, and it may not be looked into
                    sync_names(path.parent)
            _append(file, path, line)
            if synced:
                os.fsync(file)
        finally:
            os.close(file)
    except OSError as error:
        raise dead(f"{path}: {error.strerror}", _DO) from error


def _append(file: int, path: Path, line: bytes) -> None:
    found = os.fstat(file)
    if not stat.S_ISREG(found.st_mode):
        raise dead(f"{path} is no plain file", 'pipe = "…" is for a pipe, lights = "…" for a port')
    whole = found.st_size == 0 or os.pread(file, 1, found.st_size - 1) == b"\n"  # a full disk cut the last one
    data = line if whole else b"\n" + line
    if os.write(file, data) != len(data):
        raise dead(f"{path}: the disk is full", "make room on it")
