# SPDX-License-Identifier: GPL-3.0-or-later
"""One bound in seconds for a whole attempt: handshake, headers, interim answers and body.

A socket's own timeout bounds each read alone, and a server that drips a byte a second keeps within it for ever.
Promises: when the bound is reached the attempt's connections are shut down, which ends every read on them; what was
read until then looks like a whole answer to the library, so `passed` must be asked before it is believed.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from contextvars import ContextVar
from typing import Self

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

_current: ContextVar[CallDeadline | None] = ContextVar("deadline", default=None)


class CallDeadline:
    """The bound of the calls made inside its `with`, in that thread."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._lock = threading.Lock()
        self._watched: list[socket.socket] = []
        self._passed = False
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True

    @property
    def passed(self) -> bool:
        return self._passed

    def overdue(self) -> str:
        return f"the answer was not complete after {self.seconds:.0f} s"

    def __enter__(self) -> Self:
        self._token = _current.set(self)
        self._timer.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        _current.reset(self._token)
        self._timer.cancel()
        with self._lock:
            for one in self._watched:
                one.close()
            self._watched.clear()

    def watch(self, connection: socket.socket) -> None:
        """A handle of our own: TLS takes the first one over, and a closed one's number may be another file's."""
        handle = socket.socket(fileno=socket.dup(connection.fileno()))
        with self._lock:
            self._watched.append(handle)
            if self._passed:
                _shut(handle)

    def _end(self) -> None:
        with self._lock:
            self._passed = True
            for one in self._watched:
                _shut(one)


def _shut(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):  # the other side was first
        connection.shutdown(socket.SHUT_RDWR)


def _watch(connection: socket.socket | None) -> None:
    deadline = _current.get()
    if deadline is not None and connection is not None:
        deadline.watch(connection)


class _Plain(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        made = super()._new_conn()
        _watch(made)
        return made

    def getresponse(self) -> urllib3.HTTPResponse:  # type: ignore[override]  # as urllib3 itself does
        _watch(self.sock)  # it may be one that was kept from an earlier call
        return super().getresponse()


class _Tls(_Plain, HTTPSConnection):
    pass


class _PlainPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Plain


class _TlsPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _Tls


POOLS = {"http": _PlainPool, "https": _TlsPool}
"""For a pool manager: connections that keep to the deadline they are used under."""
