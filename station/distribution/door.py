# SPDX-License-Identifier: GPL-3.0-or-later
"""Where connections come in, also those whose TLS handshake is not done: who connects and says nothing, or says it byte
by byte, has a place for SLOW_S, gives it up to whoever comes next when the house is full, and holds nobody up.
"""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final

MOST_CONNECTIONS: Final = 128
"""With those that are not through their handshake."""
SLOW_S: Final = 10.0
"""That a connection may be silent, or a handshake or a request may take to come."""
_BACKLOG = 64
_AFTER_TROUBLE_S = 0.5
"""Where a connection cannot be taken: this process may have too many files open."""

Protocol = Callable[[], asyncio.BaseProtocol]


class Door:
    """`made`: what a connection is given to, once it is through; `inside`: how many are."""

    def __init__(self, made: Protocol, inside: Callable[[], int], context: ssl.SSLContext | None) -> None:
        self._made, self._inside, self._context = made, inside, context
        self._coming: dict[asyncio.Task[None], None] = {}  # whose handshake is not done, the oldest first

    async def let_in(self, listening: Sequence[socket.socket]) -> None:
        """Whoever comes, until it is cancelled; the sockets are closed then."""
        try:
            async with asyncio.TaskGroup() as group:
                for one in listening:
                    group.create_task(self._at(one))
        finally:
            for task in list(self._coming):
                task.cancel()
            for one in listening:
                one.close()

    async def _at(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                peer, _ = await loop.sock_accept(listening)
            except OSError:
                await asyncio.sleep(_AFTER_TROUBLE_S)
                continue
            if not self._has_room():
                peer.close()
                continue
            task = loop.create_task(self._greet(peer))
            self._coming[task] = None
            task.add_done_callback(lambda done: self._coming.pop(done, None))
            await asyncio.sleep(0)  # who waits in a queue is taken at once: others have their turn between them

    def _has_room(self) -> bool:
        """When the house is full, the oldest that is not through makes room."""
        if len(self._coming) + self._inside() < MOST_CONNECTIONS:
            return True
        oldest = next(iter(self._coming), None)
        if oldest is None:
            return False
        del self._coming[oldest]
        oldest.cancel()
        return True

    async def _greet(self, peer: socket.socket) -> None:
        """A handshake that fails, or takes too long, ends the connection and nothing else."""
        limit = SLOW_S if self._context else None
        loop = asyncio.get_running_loop()
        with suppress(OSError):  # ssl.SSLError is one
            await loop.connect_accepted_socket(self._made, peer, ssl=self._context, ssl_handshake_timeout=limit)


async def listen_at(host: str, port: int) -> list[socket.socket]:
    """At each address of the host. OSError where that is not possible."""
    bound = await asyncio.get_running_loop().create_server(asyncio.Protocol, host, port, start_serving=False)
    try:
        made = [socket.socket(fileno=os.dup(one.fileno())) for one in bound.sockets]
    finally:
        bound.close()
    for one in made:
        one.settimeout(0)
        one.listen(_BACKLOG)
    return made
