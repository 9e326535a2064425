# SPDX-License-Identifier: GPL-3.0-or-later
"""Where connections come in, also those whose TLS handshake is not done. Who says nothing, or says it byte by byte, has
a place for SLOW_S, and gives it up before that to whoever comes next when the house is full.
"""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Final

MOST_CONNECTIONS: Final = 128
"""With those that are not through their handshake."""
SLOW_S: Final = 10.0
"""That a connection may be silent, or a handshake or a request may take to come."""
_BACKLOG = 64
_AFTER_TROUBLE_S = 0.5
"""Where a connection cannot be taken: this process may have too many files open."""
_ANSWERED = float("inf")

Protocol = Callable[[], asyncio.BaseProtocol]


@dataclass(slots=True, kw_only=True)
class _Guest:
    """`transport`: None until it is through its handshake, which is `greeting`. Monotonic seconds."""

    greeting: asyncio.Task[None]
    transport: asyncio.Transport | None = None
    silent_since: float
    is_known: bool = False

    @property
    def is_gone(self) -> bool:
        return self.greeting.done() if self.transport is None else self.transport.is_closing()

    def leave(self) -> None:
        if self.transport is None:
            self.greeting.cancel()
        else:
            self.transport.abort()


class Door:
    """Of one server, which says whom it answers and whom it knows."""

    def __init__(self) -> None:
        self._guests: dict[asyncio.BaseProtocol, _Guest] = {}  # the oldest first

    async def let_in(
        self, listening: Sequence[socket.socket], made: Protocol, context: ssl.SSLContext | None = None
    ) -> None:
        """Whoever comes, until it is cancelled; the sockets are closed then. `made`: what a connection is given to."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._look_around())
                for one in listening:
                    group.create_task(self._at(one, made, context))
        finally:
            for guest in self._guests.values():
                guest.greeting.cancel()
            for one in listening:
                one.close()

    @contextmanager
    def answering(self, protocol: asyncio.BaseProtocol) -> Iterator[None]:
        """Meanwhile it is not silent."""
        guest = self._guests.get(protocol)  # who has gone already may still be answered
        if guest is not None:
            guest.silent_since = _ANSWERED
        try:
            yield
        finally:
            if guest is not None:
                guest.silent_since = time.monotonic()

    def knows(self, protocol: asyncio.BaseProtocol) -> None:
        """It has shown who it is: it keeps its place whoever comes."""
        if guest := self._guests.get(protocol):
            guest.is_known = True

    async def _at(self, listening: socket.socket, made: Protocol, context: ssl.SSLContext | None) -> None:
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
            protocol = made()
            greeting = loop.create_task(self._greet(protocol, peer, context))
            self._guests[protocol] = _Guest(greeting=greeting, silent_since=time.monotonic())
            await asyncio.sleep(0)  # who waits in a queue is taken at once: others have their turn between them

    async def _greet(self, protocol: asyncio.BaseProtocol, peer: socket.socket, context: ssl.SSLContext | None) -> None:
        """A handshake that fails, or takes too long, ends the connection and nothing else."""
        limit = SLOW_S if context else None
        loop = asyncio.get_running_loop()
        with suppress(OSError):  # ssl.SSLError is one
            through, _ = await loop.connect_accepted_socket(
                lambda: protocol, peer, ssl=context, ssl_handshake_timeout=limit
            )
            self._guests[protocol].transport = through

    def _has_room(self) -> bool:
        """When the house is full, the oldest stranger makes room, first of those that say nothing."""
        self._forget_who_is_gone()
        if len(self._guests) < MOST_CONNECTIONS:
            return True
        strangers = [(protocol, guest) for protocol, guest in self._guests.items() if not guest.is_known]
        if not strangers:
            return False
        protocol, guest = min(strangers, key=lambda one: one[1].silent_since == _ANSWERED)
        del self._guests[protocol]
        guest.leave()
        return True

    async def _look_around(self) -> None:
        while True:
            await asyncio.sleep(SLOW_S / 4)
            self._forget_who_is_gone()
            for guest in self._guests.values():
                if guest.transport is not None and time.monotonic() - guest.silent_since > SLOW_S:
                    guest.transport.abort()

    def _forget_who_is_gone(self) -> None:
        self._guests = {protocol: guest for protocol, guest in self._guests.items() if not guest.is_gone}


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
