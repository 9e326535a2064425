# SPDX-License-Identifier: GPL-3.0-or-later
"""JSON lines into a named pipe that somebody reads. Who does not read is not waited for."""

from __future__ import annotations

import errno
import os
import select
import stat
from contextlib import suppress
from pathlib import Path

from station.andon.light import Light
from station.andon.line import AndonLine
from station.andon.output import dead

FULL_S = 2.0
"""How long a full pipe may stay full."""
_HOW = os.O_WRONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC


class PipeOutput:
    only_latest = False
    again_s: float | None = None

    def __init__(self, name: str, path: Path, on: frozenset[Light] | None = None) -> None:
        self.name, self.path, self.on = name, path, on
        self._file = -1

    def deliver(self, line: AndonLine) -> None:
        self.look()
        try:
            if self._file < 0:
                self._file = os.open(self.path, _HOW)
            put(self._file, line.encoded(), str(self.path))
        except OSError as error:
            self.close()
            nobody = error.errno in (errno.ENXIO, errno.EPIPE)
            why = "nobody reads it" if nobody else error.strerror
            raise dead(f"{self.path}: {why}", "start the program that reads it") from error

    def look(self) -> None:
        """Not whether it is read: opening it to see that would look like a station that comes and goes."""
        if not self.path.exists() or not stat.S_ISFIFO(self.path.lstat().st_mode):
            raise dead(f"{self.path} is no pipe", f"run: mkfifo {self.path}")

    def close(self) -> None:
        with suppress(OSError):
            os.close(self._file)
        self._file = -1


def put(pipe: int, data: bytes, where: str) -> None:
    """All of it, which is less than PIPE_BUF and so never goes in part. OSError when the reader is gone."""
    asked = select.poll()
    asked.register(pipe, select.POLLOUT)
    if not asked.poll(FULL_S * 1000):
        raise dead(f"{where} is full: its reader does not read", "end that program and start it again")
    try:
        os.write(pipe, data)
    except BlockingIOError as error:
        raise dead(f"{where} is full: its reader does not read", "end that program and start it again") from error
