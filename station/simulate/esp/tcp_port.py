# SPDX-License-Identifier: GPL-3.0-or-later
"""A TCP port on loopback, raw bytes as pyserial's `socket://` speaks them. It has neither rate nor modem lines."""

from __future__ import annotations

import select
import socket

from station.simulate.esp.ports import CHUNK, HOST_READS_WITHIN_S, HostGone


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
            data = self._client.recv(CHUNK)
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
                if not select.select((), (self._client,), (), HOST_READS_WITHIN_S)[1]:
                    raise HostGone from None
            except OSError:
                raise HostGone from None

    def baud(self) -> int | None:
        return None

    def _hang_up(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None
