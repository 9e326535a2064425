# SPDX-License-Identifier: GPL-3.0-or-later
"""One file for all processes of a bench, rotated by whichever finds it full.

A line is one write at the file's end. Who writes holds the file's lock (flock) and has looked whether it is still the
one at its path: another process may have rotated it, or logrotate moved it away. Where a full disk took only a part of
a line, whichever writes next ends that one first.
"""

from __future__ import annotations

import errno
import fcntl
import io
import logging
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from logging.handlers import RotatingFileHandler
from pathlib import Path

from station.log.place import Place

_HOW = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class SharedFile(Place, RotatingFileHandler):
    """`path`, and beside it `path.1` (the newest) to `path.KEEP`, each `most_bytes` at most; all 0600. Opened by its
    first line."""

    def __init__(self, path: Path, *, most_bytes: int, keep: int) -> None:
        super().__init__(path, maxBytes=most_bytes, backupCount=keep, encoding="utf-8", delay=True)

    def _open(self) -> io.TextIOWrapper:
        number = os.open(self.baseFilename, _HOW, 0o600)
        if not stat.S_ISREG(os.fstat(number).st_mode):
            os.close(number)
            raise OSError(errno.EINVAL, "no plain file")
        return os.fdopen(number, "a", encoding="utf-8")

    def emit(self, record: logging.LogRecord) -> None:
        try:
            with self._alone():
                if self.shouldRollover(record):
                    self.doRollover()
                self._append(self._opened(), self.format(record).encode() + b"\n")
        except OSError:
            self.handleError(record)

    def _opened(self) -> io.TextIOWrapper:
        if self.stream is None:
            self.stream = self._open()
        return self.stream

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """What is locked stays so while it is renamed and another one takes its place: the lock has a descriptor of its
        own."""
        while True:
            held = os.dup(self._opened().fileno())
            try:
                fcntl.flock(held, fcntl.LOCK_EX)
                try:
                    if self._is_in_place(held):
                        yield
                        return
                finally:
                    fcntl.flock(held, fcntl.LOCK_UN)
            finally:
                os.close(held)
            self._opened().close()
            self.stream = None  # as the library has it before the first line

    def _is_in_place(self, number: int) -> bool:
        try:
            there = Path(self.baseFilename).stat()
        except FileNotFoundError:
            return False
        return os.path.samestat(there, os.fstat(number))

    @staticmethod
    def _append(file: io.TextIOWrapper, line: bytes) -> None:
        data = b"\n" + line if _is_cut(file.fileno()) else line
        if os.write(file.fileno(), data) != len(data):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _is_cut(file: int) -> bool:
    length = os.fstat(file).st_size
    return length > 0 and os.pread(file, 1, length - 1) != b"\n"
