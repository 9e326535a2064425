# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the host finds the board: a pseudo-terminal under a name that stays, or a TCP port on loopback. Linux only.

Neither has modem lines. A host that closes its end shows as `HostGone`, once, even if it is back at once.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import pty
import select
import socket
import struct
import tty
from pathlib import Path
from typing import Protocol

_TCGETS2 = 0x802C542A
_TERMIOS2 = struct.Struct("4I20B2I")
_INOTIFY_EVENT = struct.Struct("iIII")
_IN_CLOSE = 0x18
_IN_OPEN = 0x20
_CHUNK = 65536
_HOST_READS_WITHIN_S = 5.0


class HostGone(Exception):
    """The host closed its end."""


class HostPort(Protocol):
    """One end of the cable. Used by the board's thread alone, except `open` and `close`, which happen without it."""

    def open(self) -> str:
        """Make the port appear; its address as pyserial takes it."""

    def close(self) -> None:
        """Make the port disappear; a host that has it open finds it gone."""

    def filenos(self) -> tuple[int, ...]:
        """To wait for readability on."""

    def read(self) -> bytes:
        """What has come, without waiting; empty if nothing. HostGone when the host has closed."""

    def write(self, data: bytes) -> None:
        """HostGone when nobody takes it."""

    def baud(self) -> int | None:
        """The rate the host has set its port to; None where the transport has none."""


class Opens:
    """Who opens and closes a path, in order, from the kernel: polling would miss a host that comes back at once."""

    _libc = ctypes.CDLL(None, use_errno=True)

    def __init__(self, path: str) -> None:
        self.fd = self._libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        if self.fd < 0 or self._libc.inotify_add_watch(self.fd, path.encode(), _IN_CLOSE | _IN_OPEN) < 0:
            raise OSError(ctypes.get_errno(), "inotify", path)

    def news(self) -> list[bool]:
        """True for each opening, False for each closing since the last call."""
        try:
            events = os.read(self.fd, _CHUNK)
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
        self._hosts: Opens | None = None
        self._host_has_closed = False

    def open(self) -> str:
        self._master, self._slave = pty.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self._name = os.ttyname(self._slave)
        self._hosts = Opens(self._name)
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
            return os.read(self._master, _CHUNK)
        except BlockingIOError:
            return self.read() if self._host_has_closed else b""

    def write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            try:
                view = view[os.write(self._master, view) :]
            except BlockingIOError:
                if not select.select((), (self._master,), (), _HOST_READS_WITHIN_S)[1]:
                    raise HostGone from None

    def baud(self) -> int | None:
        buffer = fcntl.ioctl(self._master, _TCGETS2, bytes(_TERMIOS2.size))
        return int(_TERMIOS2.unpack(buffer)[-1])


class TcpPort:
    """One client at a time; a second one waits until the first is gone. `port` 0: the system chooses, and it stays."""

    def __init__(self, port: int = 0) -> None:
        self._port = port
        self._listener: socket.socket | None = None
        self._client: socket.socket | None = None

    def open(self) -> str:
        self._listener = socket.create_server(("127.0.0.1", self._port), backlog=1)
        self._listener.settimeout(0)
        self._port = self._listener.getsockname()[1]
        return f"socket://127.0.0.1:{self._port}"

    def close(self) -> None:
        for end in (self._client, self._listener):
            if end is not None:
                end.close()
        self._client = self._listener = None

    def filenos(self) -> tuple[int, ...]:
        end = self._client or self._listener
        return (end.fileno(),) if end else ()

    def read(self) -> bytes:
        try:
            if self._client is None:
                assert self._listener is not None
                self._client, _ = self._listener.accept()
                self._client.settimeout(0)
                self._client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            data = self._client.recv(_CHUNK)
        except BlockingIOError:
            return b""
        except OSError:
            data = b""
        if not data:
            self._hang_up()
            raise HostGone
        return data

    def write(self, data: bytes) -> None:
        if self._client is None:
            raise HostGone
        view = memoryview(data)
        while view:
            try:
                view = view[self._client.send(view) :]
            except BlockingIOError:
                if not select.select((), (self._client,), (), _HOST_READS_WITHIN_S)[1]:
                    raise HostGone from None
            except OSError:
                raise HostGone from None

    def baud(self) -> int | None:
        return None

    def _hang_up(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None
