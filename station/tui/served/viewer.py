# SPDX-License-Identifier: GPL-3.0-or-later
"""One browser: what is shown to it is queued and bounded, so that a slow one holds up nobody, and is dropped."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress

from aiohttp import web

from station.rate import Rate
from station.tui.served.messages import Size

MOST_QUEUED = 1 << 20  # bytes: some whole screens
SLOW_S = 10.0  # that one send may take


class Viewer:
    """`shown`: the size and language it wants."""

    def __init__(self, socket: web.WebSocketResponse, request: web.Request, size: Size, language: str) -> None:
        self.size, self.language = size, language
        self.messages = Rate(at_once=100, per_s=30)
        self._socket, self._request = socket, request
        self._queue: deque[bytes] = deque()
        self._queued = 0
        self._more = asyncio.Event()

    def show(self, data: bytes) -> None:
        """Never waits."""
        self._queue.append(data)
        self._queued += len(data)
        self._more.set()
        if self._queued > MOST_QUEUED:
            self.drop()

    def drop(self) -> None:
        """At once: it is not waited for to say good-bye."""
        transport = self._request.transport
        if transport is not None:
            transport.abort()

    async def pump(self) -> None:
        """Sends what is queued until the socket ends."""
        with suppress(ConnectionError, TimeoutError, asyncio.CancelledError, RuntimeError):
            while not self._socket.closed:
                await self._more.wait()
                self._more.clear()
                while self._queue:
                    data = self._queue.popleft()
                    self._queued -= len(data)
                    await asyncio.wait_for(self._socket.send_bytes(data), SLOW_S)
            return
        self.drop()

    async def close(self, code: int, why: str) -> None:
        with suppress(ConnectionError, TimeoutError, RuntimeError):
            await asyncio.wait_for(self._socket.close(code=code, message=why.encode()), 1.0)
