# SPDX-License-Identifier: GPL-3.0-or-later
"""A pseudo-terminal under a name that stays. It has a rate but no modem lines. Linux only: termios2, inotify."""

from __future__ import annotations

import ctypes
import fcntl
import os
import pty
import select
import struct
import tty
from pathlib import Path

from station.simulate.esp.ports import CHUNK, HOST_READS_WITHIN_S, HostGone

_TCGETS2 = 0x802C542A
_TERMIOS2 = struct.Struct("4I20B2I")
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
        self._host_has_closed = False

    def open(self) -> str:
        self._master, self._slave = pty.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self._name = os.ttyname(self._slave)
        self._hosts = _Opens(self._name)
        self._host_has_closed = False
        if self._link is None:
            return self._name
        fresh = self._link.with_name(f".{self._link.name}.{os.getpid()}")
        fresh.symlink_to(self._name)
        fresh.replace(self._link)
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
        """Bytes that wait when a host has closed are its last words, unless the next one is there already."""
        assert self._hosts is not None
        if self._host_has_closed:
            self._host_has_closed = False
            raise HostGone
        news = self._hosts.news()
        self._host_has_closed = False in news
        if self._host_has_closed and news[-1]:
            return self.read()
        try:
            return os.read(self._master, CHUNK)
        except BlockingIOError:
            return self.read() if self._host_has_closed else b""

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
