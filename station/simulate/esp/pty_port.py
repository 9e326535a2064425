# SPDX-License-Identifier: GPL-3.0-or-later
"""A pseudo-terminal under a name that stays. It has a rate but no modem lines. Linux only: termios2, inotify."""

from __future__ import annotations

import ctypes
import fcntl
import os
import select
import struct
import termios
from pathlib import Path

from station.simulate.esp.ports import CHUNK, HOST_READS_WITHIN_S, HostGone
from station.simulate.plug import lead, open_pty

_TCGETS2 = 0x802C542A
_TERMIOS2 = struct.Struct("4I20B2I")
_COUNT = struct.Struct("i")
_INOTIFY_EVENT = struct.Struct("iIII")
_IN_CLOSE = 0x18
_IN_OPEN = 0x20


class _Opens:
    """Who opens and closes a path, in order, from the kernel: polling would miss a host that comes back at once."""

    _libc = ctypes.CDLL(None, use_errno=True)

    def __init__(self, path: str) -> None:
        self.fd = self._libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        if self.fd < 0 or self._libc.inotify_add_watch(self.fd, path.encode(), _IN_CLOSE | _IN_OPEN) < 0:
            raise OSError(ctypes.get_errno(), "inotify", path)

    def news(self) -> list[bool]:
        """True for each opening, False for each closing since the last call."""
        try:
            events = os.read(self.fd, CHUNK)
        except BlockingIOError:
            return []
        return [bool(mask & _IN_OPEN) for _, mask, _, _ in _INOTIFY_EVENT.iter_unpack(events) if mask & 0xFF]

    def close(self) -> None:
        os.close(self.fd)


class PtyPort:
    """`link`: a path of the caller's choice that always leads to the present pseudo-terminal."""

    def __init__(self, link: Path | None) -> None:
        self._link = link
        self._master = -1
        self._slave = -1
        self._name = ""
        self._hosts: _Opens | None = None
        self._news: list[bool] = []

    def open(self) -> str:
        self._master, self._slave, self._name = open_pty()
        self._hosts = _Opens(self._name)
        self._news = []
        if self._link is None:
            return self._name
        lead(self._link, self._name)
        return str(self._link)

    def close(self) -> None:
        if self._link is not None and self._link.is_symlink() and str(self._link.readlink()) == self._name:
            self._link.unlink()
        assert self._hosts is not None
        self._hosts.close()
        os.close(self._slave)
        os.close(self._master)

    def filenos(self) -> tuple[int, ...]:
        assert self._hosts is not None
        return self._master, self._hosts.fd

    def read(self) -> bytes:
        """Bytes that wait when a host has closed are its last words, unless the next one is there already.

        They are counted before the kernel is asked who came and went, and no more are read than that: what a next host
        sends in between is left for when the one before has been told gone.
        """
        assert self._hosts is not None
        had_closed = False in self._news
        waiting = self._waiting()
        self._news += self._hosts.news()
        if False not in self._news:
            self._news = []
            return os.read(self._master, waiting) if waiting else b""
        later = self._news[self._news.index(False) + 1 :]
        if True in later or (had_closed and not waiting):
            self._news = later
            raise HostGone
        return os.read(self._master, waiting) if waiting else self.read()

    def _waiting(self) -> int:
        select.select((self._master,), (), (), 0)  # lets the kernel move what it has taken into the count
        return int(_COUNT.unpack(fcntl.ioctl(self._master, termios.FIONREAD, bytes(_COUNT.size)))[0])

    def write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            try:
                view = view[os.write(self._master, view) :]
            except BlockingIOError:
                if not select.select((), (self._master,), (), HOST_READS_WITHIN_S)[1]:
                    raise HostGone from None

    def baud(self) -> int | None:
        buffer = fcntl.ioctl(self._master, _TCGETS2, bytes(_TERMIOS2.size))
        return int(_TERMIOS2.unpack(buffer)[-1])
