# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the host finds the board: a pseudo-terminal under a stable name, or a TCP port on loopback.

Neither has modem lines. A host that closes its end shows as `HostGone`, once.
"""

from __future__ import annotations

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
_CHUNK = 65536


class HostGone(Exception):
    """The host closed its end."""


class HostPort(Protocol):
    """One end of the cable. Used by the board's thread alone, except `open` and `close`, which happen without it."""

    def open(self) -> str:
        """Make the port appear; its address as pyserial takes it."""

    def close(self) -> None:
        """Make the port disappear; a host that has it open finds it gone."""

    def fileno(self) -> int:
        """To wait for readability on."""

    def read(self) -> bytes:
        """What has come; empty if nothing that concerns the board. HostGone when the host has closed."""

    def write(self, data: bytes) -> None:
        """HostGone when nobody is there."""

    def baud(self) -> int | None:
        """The rate the host has set its port to; None where the transport has none."""


class PtyPort:
    """`link`: a path of the caller's choice that always leads to the present pseudo-terminal."""

    def __init__(self, link: Path | None) -> None:
        self._link = link
        self._master = -1
        self._slave = -1
        self._name = ""

    def open(self) -> str:
        self._master, self._slave = pty.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self._name = os.ttyname(self._slave)
        if self._link is None:
            return self._name
        fresh = self._link.with_name(f".{self._link.name}.{os.getpid()}")
        fresh.symlink_to(self._name)
        fresh.replace(self._link)
        return str(self._link)

    def close(self) -> None:
        if self._link is not None and self._link.is_symlink() and str(self._link.readlink()) == self._name:
            self._link.unlink()
        self._let_go_of_slave()
        os.close(self._master)
        self._master = -1

    def fileno(self) -> int:
        return self._master

    def read(self) -> bytes:
        # Until the host's first byte our own slave keeps the line up; after that the host's closing must be seen.
        try:
            data = os.read(self._master, _CHUNK)
        except BlockingIOError:
            return b""
        except OSError:
            self._wait_for_next_host()
            raise HostGone from None
        self._let_go_of_slave()
        return data

    def write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            try:
                view = view[os.write(self._master, view) :]
            except BlockingIOError:
                if not select.select((), (self._master,), (), 5.0)[1]:
                    raise HostGone from None
            except OSError:
                raise HostGone from None

    def baud(self) -> int | None:
        buffer = fcntl.ioctl(self._master, _TCGETS2, bytes(_TERMIOS2.size))
        return int(_TERMIOS2.unpack(buffer)[-1])

    def _let_go_of_slave(self) -> None:
        if self._slave >= 0:
            os.close(self._slave)
            self._slave = -1

    def _wait_for_next_host(self) -> None:
        """Hold the line again, so that waiting costs nothing. A host that was quicker keeps its own settings."""
        self._slave = os.open(self._name, os.O_RDWR | os.O_NOCTTY)


class TcpPort:
    """One client at a time; a second one waits until the first is gone. `port` 0: the system chooses, and it stays."""

    def __init__(self, port: int = 0) -> None:
        self._port = port
        self._listener: socket.socket | None = None
        self._client: socket.socket | None = None

    def open(self) -> str:
        self._listener = socket.create_server(("127.0.0.1", self._port), backlog=1)
        self._port = self._listener.getsockname()[1]
        return f"socket://127.0.0.1:{self._port}"

    def close(self) -> None:
        for end in (self._client, self._listener):
            if end is not None:
                end.close()
        self._client = self._listener = None

    def fileno(self) -> int:
        end = self._client or self._listener
        return end.fileno() if end else -1

    def read(self) -> bytes:
        if self._client is None:
            assert self._listener is not None
            self._client, _ = self._listener.accept()
            self._client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return b""
        try:
            data = self._client.recv(_CHUNK)
        except OSError:
            data = b""
        if not data:
            self._hang_up()
            raise HostGone
        return data

    def write(self, data: bytes) -> None:
        if self._client is None:
            raise HostGone
        try:
            self._client.sendall(data)
        except OSError:
            raise HostGone from None

    def baud(self) -> int | None:
        return None

    def _hang_up(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None
